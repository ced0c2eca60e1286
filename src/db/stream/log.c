#include "db/stream/log.h"

#include "base/assert.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "db/db_private.h"

/* A record's key: 03, space, partition, commit number, index. */
enum {
    KEY_PARTITION_OFFSET = 1 + 4,
    KEY_STAMP_OFFSET = KEY_PARTITION_OFFSET + 4,
    KEY_BYTES = KEY_STAMP_OFFSET + LOG_POSITION_BYTES,
};

/* A record's value: kind, stamp, actor, size of the old item, old item, new item. */
enum record_kind { RECORD_CHANGE = 1 }; /* stored: append only */
enum {
    VALUE_STAMP_OFFSET = 1,
    VALUE_TIME_OFFSET = VALUE_STAMP_OFFSET + LOG_POSITION_BYTES,
    VALUE_ACTOR_OFFSET = VALUE_STAMP_OFFSET + STORE_STAMP_BYTES,
    VALUE_OLD_SIZE_OFFSET,
    VALUE_ITEMS_OFFSET = VALUE_OLD_SIZE_OFFSET + 4,
};
_Static_assert(KEY_BYTES == 19 && VALUE_ITEMS_OFFSET == 24, "records are frozen on disk");

void log_position_put(char to[LOG_POSITION_BYTES], struct log_position position)
{
    bytes_put_u64(to, position.commit);
    bytes_put_u16(to + 8, position.index);
}

struct log_position log_position_get(const char from[LOG_POSITION_BYTES])
{
    return (struct log_position){bytes_get_u64(from), bytes_get_u16(from + 8)};
}

struct log_position log_position_after(struct log_position position)
{
    if (position.index == UINT16_MAX)
        return (struct log_position){position.commit + 1, 0};
    return (struct log_position){position.commit, (uint16_t)(position.index + 1)};
}

bool log_is_wanted(const struct table *table)
{
    return table->stream.view != STREAM_VIEW_NONE || table->recovery.since_ms != 0 ||
           table->recovery.backs_up;
}

slice log_key(struct arena *arena, uint32_t space, uint32_t partition, struct log_position position)
{
    char *key = arena_alloc_bytes(arena, KEY_BYTES);
    key[0] = AREA_LOG;
    bytes_put_u32(key + 1, space);
    bytes_put_u32(key + KEY_PARTITION_OFFSET, partition);
    log_position_put(key + KEY_STAMP_OFFSET, position);
    return slice_of(key, KEY_BYTES);
}

static slice record_value(struct arena *arena, const struct log_change *change)
{
    size_t size = VALUE_ITEMS_OFFSET + change->old_item.size + change->new_item.size;
    char *value = arena_alloc_bytes(arena, size);
    value[0] = RECORD_CHANGE;
    memset(value + VALUE_STAMP_OFFSET, 0, STORE_STAMP_BYTES);
    value[VALUE_ACTOR_OFFSET] = (char)change->actor;
    bytes_put_u32(value + VALUE_OLD_SIZE_OFFSET, (uint32_t)change->old_item.size);
    char *items = value + VALUE_ITEMS_OFFSET;
    if (change->old_item.size > 0)
        memcpy(items, change->old_item.data, change->old_item.size);
    if (change->new_item.size > 0)
        memcpy(items + change->old_item.size, change->new_item.data, change->new_item.size);
    return slice_of(value, size);
}

/*
 * A planted fault: the place in the log is taken while deciding, when others may still overtake; in
 * no order within a commit, as writers would who count for themselves.
 */
static void stamp_early(struct db_session *session, struct store_write *write)
{
    enum { SCATTER = 40503 };
    char *key = (char *)write->key.data;
    char *value = (char *)write->value.data;
    struct log_position position = {store_commit_number(session->db->store) + 1,
                                    (uint16_t)(db_next_version(session->db).counter * SCATTER)};
    log_position_put(key + KEY_STAMP_OFFSET, position);
    log_position_put(value + VALUE_STAMP_OFFSET, position);
    bytes_put_u64(value + VALUE_TIME_OFFSET, (uint64_t)db_now_ms(session->db));
    write->key_stamp = STORE_NO_STAMP;
    write->value_stamp = STORE_NO_STAMP;
}

struct store_write log_write_of(struct db_session *session, const struct table *table,
                                slice row_key, const struct log_change *change)
{
    assert_that(table->log_space != 0);
    uint32_t partition = partition_of(table, NULL, row_key)->number;
    struct log_position unstamped = {0, 0};
    struct store_write write =
        db_put(log_key(session->arena, table->log_space, partition, unstamped),
               record_value(session->arena, change));
    write.area = STORE_LOG;
    write.key_stamp = KEY_STAMP_OFFSET;
    write.value_stamp = VALUE_STAMP_OFFSET;
    if (fault_planted(FAULT_LOG_STAMP))
        stamp_early(session, &write);
    return write;
}

bool log_record_open(const struct store_entry *row, struct log_record *record)
{
    slice value = row->value;
    if (row->key.size != KEY_BYTES || value.size <= VALUE_ITEMS_OFFSET ||
        value.data[0] != RECORD_CHANGE ||
        (uint8_t)value.data[VALUE_ACTOR_OFFSET] > LOG_BY_TIME_TO_LIVE)
        return false;
    size_t old_size = bytes_get_u32(value.data + VALUE_OLD_SIZE_OFFSET);
    slice items = slice_from(value, VALUE_ITEMS_OFFSET);
    if (old_size > items.size)
        return false;
    *record = (struct log_record){
        .position = log_position_get(row->key.data + KEY_STAMP_OFFSET),
        .time_ms = (int64_t)bytes_get_u64(value.data + VALUE_TIME_OFFSET),
        .change = {.old_item = slice_first(items, old_size),
                   .new_item = slice_from(items, old_size),
                   .actor = (enum log_actor)value.data[VALUE_ACTOR_OFFSET]},
    };
    return log_position_compare(log_position_get(value.data + VALUE_STAMP_OFFSET),
                                record->position) == 0;
}

const uint32_t *log_parts(struct db *db, struct arena *arena, const struct table *table,
                          uint32_t *count)
{
    const struct table *current = catalogue_find(db->catalogue, table->name);
    bool is_it = current && slice_equal(current->id, table->id);
    const uint32_t *parts = partition_log_parts(arena, is_it ? current : table, count);
    if (current)
        table_release(current);
    return parts;
}

slice log_key_of_low_water(struct arena *arena, uint32_t space, uint32_t partition)
{
    enum { NAME_BYTES = 3, SIZE = 1 + NAME_BYTES + 4 + 4 };
    char *key = arena_alloc_bytes(arena, SIZE);
    key[0] = AREA_META;
    memcpy(key + 1, "log", NAME_BYTES);
    bytes_put_u32(key + 1 + NAME_BYTES, space);
    bytes_put_u32(key + 1 + NAME_BYTES + 4, partition);
    return slice_of(key, SIZE);
}

error log_low_water(struct db_session *session, uint32_t space, uint32_t partition,
                    struct log_position *position)
{
    slice key = log_key_of_low_water(session->arena, space, partition);
    struct store_row row;
    TRY(db_error_of(session, store_get(session->db->store, STORE_SHARD_WHOLE, session->arena, &key,
                                       1, session->tier, &row)));
    *position = (struct log_position){0, 0};
    if (row.found && row.value.size != LOG_POSITION_BYTES)
        return FAILURE(ERROR_CORRUPT,
                       "A low-water mark of a log is damaged. Stop the server and run check.");
    if (row.found)
        *position = log_position_get(row.value.data);
    return NULL;
}
