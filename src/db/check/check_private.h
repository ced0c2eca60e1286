/* What the files of db/check share: what it knows while it walks the rows. */
#pragma once
#include "base/limits.h"
#include "db/check/check.h"
#include "db/index/index_entry.h"

/* Rows of a table or index: as counted, and as the counters say. */
struct tally {
    int64_t row_count;
    int64_t bytes;
    int64_t stored_row_count;
    int64_t stored_bytes;
};

struct space {
    uint32_t number;
    bool dead; /* a tombstone: its rows wait to be dropped */
    const struct table *table;
    const struct index *index; /* the global index whose space it is; NULL: it is the table's */
    slice cursor;              /* of the build that is under way for the index, or for expiry rows */
    int64_t collection_bytes; /* of its item collections, as the rows that count them say */
    bool miscounted;          /* one of those rows says something else than its rows */
    struct tally tallies[1 + LOCAL_INDEXES_MAX]; /* by the number of the local index; 0: its own */
};

/* Beside telling what is wrong, at most one thing is mended a walk (db/check/check_repair.c). */
enum check_mode { CHECK_TELL, CHECK_MEND_STALE, CHECK_MEND_LACKING, CHECK_MEND_COUNTS };

enum { CHECK_SENTENCES_MAX = 100, MENDING_WRITES_MAX = 256 };

/* What is to be written soon, in an arena of its own. */
struct mending {
    struct arena arena;
    struct store_write writes[MENDING_WRITES_MAX];
    uint32_t count;
    size_t bytes;
};

struct check {
    struct store *store;
    struct arena *arena; /* of spaces; the whole check */
    void (*say)(void *context, slice sentence);
    void *context;
    struct check_report *report;
    struct check_logs *logs; /* check_log.c */
    struct space *spaces; /* sorted by number once the catalogue is read */
    uint32_t space_count;
    uint32_t space_capacity;
    uint32_t next_space;
    uint64_t commit_number;
    uint64_t incarnation;
    uint32_t format;
    enum check_mode mode;
    struct mending mending; /* but for CHECK_TELL */
    error failure;          /* of mending; nothing is written any more */
};

/* ---- check_log.c: the change log ---- */

void check_logs_open(struct check *check);
void check_stream_row(struct check *check, struct arena *arena, const struct store_entry *row);
/* A row of area LOG; those of streams were met before, and items are met after. */
void check_log_record(struct check *check, struct arena *arena, const struct store_entry *row);
void check_logged_item(struct check *check, struct arena *arena, const struct table *table,
                       const struct store_entry *row, slice item);
void check_logs_end(struct check *check);
/* Whether a row of area META is the low-water mark of a log that is known. */
bool check_is_low_water(struct check *check, const struct store_entry *row);

/* The low-water mark of a part of a log; zeros: there is none. */
struct log_position check_low_water(struct check *check, struct arena *arena, uint32_t space,
                                    uint32_t partition);

/* ---- check_archive.c: the directory of backups, once all rows have been walked ---- */

error check_archives(struct check *check, slice directory) MUST_CHECK;

/* ---- check.c ---- */

/* The table that is alive and has this log; NULL: none. */
const struct table *check_table_of_log(const struct check *check, uint32_t log_space);

/* The whole check, or what the mode mends. Errors: as db_check. */
error check_walk(struct check *check) MUST_CHECK;

/* Silent while mending: what is left is told by the last walk. */
void check_problem(struct check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* NULL: nothing has the space. Once the catalogue is read. */
struct space *check_find_space(struct check *check, uint32_t number);

/* A problem that the writes mend, in the walk that does. No writes: nothing mends it. */
void check_mendable(struct check *check, enum check_mode mode, const struct store_write *writes,
                    uint32_t write_count, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void check_repaired(struct check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A row's key as an operator can quote it. */
slice check_hex(struct arena *arena, slice bytes);

/* Version and stamp of a row that has a header. */
void check_stamp(struct check *check, struct arena *arena, const struct store_entry *row);

/* The item of a row by its key; ITEM_ABSENT when there is none that can be read. */
slice check_read_item(struct check *check, struct arena *arena, slice key, bool *is_there);

/* Whether what the item of a row implies is there; of what is being built, by how far it is. */
bool check_is_covered(struct check *check, const struct build *build,
                      const struct store_entry *row);

/* That each index holds what the item of this row implies, or nothing where it is being built. */
void check_entries_of_item(struct check *check, const struct table *table,
                           const struct store_entry *row, slice item);

/* That a row of an index is what some item implies; counts it. */
void check_entry(struct check *check, struct arena *arena, const struct table *table,
                 const struct index *index, struct tally *tally, const struct store_entry *row);

/* That the item of this row has its expiry row, and the other way round. */
void check_expiry_of_item(struct check *check, const struct table *table,
                          const struct store_entry *row, slice item);
void check_expiry_row(struct check *check, const struct table *table,
                      const struct store_entry *row);

/* That the row which counts an item collection counts it right. */
void check_collection(struct check *check, struct arena *arena, struct space *space,
                      const struct store_entry *row);

/* Once the rows of the space have been walked: that every collection is counted. */
void check_collections_of_space(struct check *check, struct space *space);
