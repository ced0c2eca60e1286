/*
 * The change log: one record for each change of an item, written in the item's own change set when
 * something needs it, in area LOG of the store.
 *
 * A record stands in the part of its item's partition, at the stamp that the queue fills in when
 * it forms the group: records sort as they were committed, and nobody sees one before it is
 * durable. A write that changes nothing has none.
 */
#pragma once
#include "db/partition/partition.h"

/* A place in a log: before the record with this stamp. */
struct log_position {
    uint64_t commit;
    uint16_t index;
};

enum { LOG_POSITION_BYTES = STORE_STAMP_KEY_BYTES };

static inline int log_position_compare(struct log_position a, struct log_position b)
{
    if (a.commit != b.commit)
        return a.commit < b.commit ? -1 : 1;
    return (a.index > b.index) - (a.index < b.index);
}

void log_position_put(char to[LOG_POSITION_BYTES], struct log_position position);
struct log_position log_position_get(const char from[LOG_POSITION_BYTES]);
/* The place behind the record that stands here. */
struct log_position log_position_after(struct log_position position);

/* Who changed the item. Stored: append only. */
enum log_actor { LOG_BY_CLIENT, LOG_BY_TIME_TO_LIVE };

struct log_change {
    slice old_item; /* ITEM_ABSENT: it was not there */
    slice new_item; /* ITEM_ABSENT: it is gone */
    enum log_actor actor;
};

/* Whether changes of the table are to be recorded. */
bool log_is_wanted(const struct table *table);

/* The write that records the change; both items differ. */
struct store_write log_write_of(struct db_session *session, const struct table *table,
                                slice row_key, const struct log_change *change);

struct log_record {
    struct log_position position;
    int64_t time_ms; /* of the commit */
    struct log_change change;
};

/* The records of a partition, in both bounds. */
struct log_range {
    uint32_t space;
    uint32_t partition;
    struct log_position from; /* included */
    struct log_position to;   /* excluded */
};

/* Beyond every record. */
#define LOG_END ((struct log_position){UINT64_MAX, UINT16_MAX})

slice log_key(struct arena *arena, uint32_t space, uint32_t partition,
              struct log_position position);

/* A stored record; text is borrowed. False when the bytes are none. */
bool log_record_open(const struct store_entry *row, struct log_record *record);

/*
 * The numbers of all partitions that may have records in the table's log, by the description that
 * the table has now, or, if it is gone, by this one. Ascending: a parent before its children.
 */
const uint32_t *log_parts(struct db *db, struct arena *arena, const struct table *table,
                          uint32_t *count);

/* The key of the row that holds the low-water mark: all records before it are gone. */
slice log_key_of_low_water(struct arena *arena, uint32_t space, uint32_t partition);

/* Zeros: nothing has been trimmed. */
error log_low_water(struct db_session *session, uint32_t space, uint32_t partition,
                    struct log_position *position) MUST_CHECK;
