/*
 * The engine on RocksDB: one database, two column families (STORE_ROWS in "default", STORE_LOG in
 * "log"), written by the commit queue's thread alone.
 *
 * rocks.c opens and closes, options.c holds every setting, recovery.c proves the journals before
 * RocksDB reads them, read.c and write.c serve.
 */
#pragma once
#include "store/engine.h"
#include "store/rocks/mark.h"
#include "store/rocks/row_cache.h"
#include <pthread.h>
#include <rocksdb/c.h>
#include <stdatomic.h>

enum { PROBLEM_BYTES_MAX = 512 };

/* The log being written, as the file system sees it. */
struct log_tail {
    int file; /* -1: not open */
    struct log_position end;
};

struct disk {
    uint64_t margin_bytes; /* the operator's */
    _Atomic uint64_t checked_us;
    _Atomic uint64_t written_bytes; /* since then */
    _Atomic bool has_room;
};

struct rocks {
    struct store store; /* first: the queue and the callers see only this */
    char *directory;
    bool read_only;
    bool lacks_room;        /* therefore it is: the disk was full */
    uint64_t log_bytes;     /* of the logs when it was opened */
    enum store_sync sync;
    uint64_t sync_interval_us;

    rocksdb_t *db;
    rocksdb_column_family_handle_t *areas[STORE_AREA_COUNT];
    rocksdb_readoptions_t *point_reads[2]; /* by enum store_tier */
    struct row_cache *row_cache;
    rocksdb_writeoptions_t *write_synced;
    rocksdb_writeoptions_t *write_unsynced;

    struct disk disk;

    /* Guarded by write_mutex: the queue's thread, and rarely a worker that drops a range. */
    pthread_mutex_t write_mutex;
    rocksdb_writebatch_t *batch;
    struct log_tail tail;
    struct mark mark;
    uint64_t synced_us; /* when the last sync ended */
    bool owes_sync;

    /* Guarded by problem_mutex. */
    pthread_mutex_t problem_mutex;
    char problem[PROBLEM_BYTES_MAX];
};

static inline struct rocks *rocks_of(struct store *store)
{
    return (struct rocks *)(void *)store;
}

/*
 * RocksDB counts its comparisons for each thread, which costs a tenth of an insert, and nobody
 * reads them. On entry to what compares many keys.
 */
static inline void rocks_count_nothing(void)
{
    static _Thread_local bool is_told;
    if (is_told)
        return;
    rocksdb_set_perf_level(rocksdb_disable);
    is_told = true;
}

/* ---- options.c ---- */

enum {
    WRITE_BUFFER_BYTES = 24 * 1024 * 1024,
    LOGS_BYTES_MAX = 40 * 1024 * 1024, /* replayed at start: about 4 us a row */
};

/* Errors: STORAGE when this RocksDB lacks what we rely on. */
error rocks_options_make(struct arena *arena, size_t cache_bytes, bool keep_logs,
                         rocksdb_options_t **options) MUST_CHECK;
rocksdb_readoptions_t *rocks_read_options_make(enum store_tier tier, bool background);

/* ---- read.c ---- */

enum store_answer rocks_get(struct store *store, struct store_shard shard, struct arena *arena,
                            const slice *keys, uint32_t key_count, enum store_tier tier,
                            struct store_row *rows) MUST_CHECK;
enum store_answer rocks_scan(struct store *store, struct arena *arena,
                             const struct store_scan *scan, struct store_page *page) MUST_CHECK;
struct store_view *rocks_view_open(struct store *store);
void rocks_view_close(struct store_view *view);
enum store_answer rocks_view_get(const struct store_view *view, struct store_shard shard,
                                 struct arena *arena, const slice *keys, uint32_t key_count,
                                 enum store_tier tier, struct store_row *rows) MUST_CHECK;
error rocks_verify(struct store *store, struct arena *arena) MUST_CHECK;
slice rocks_problem(struct store *store, struct arena *arena);

/* ---- write.c ---- */

enum store_answer rocks_write_group(struct store *store, const struct store_final_write *writes,
                                    uint32_t write_count) MUST_CHECK;
void rocks_sync(struct store *store);
enum store_answer rocks_drop_piece(struct store *store, struct arena *arena,
                                   const struct store_drop *drop, slice *end) MUST_CHECK;

/*
 * The mark through the life of a store: opening, before RocksDB writes anything; writing, once it
 * is open; closed, when RocksDB is gone and everything is on disk.
 */
void rocks_mark_opening(struct rocks *rocks);
void rocks_writing_begin(struct rocks *rocks);
void rocks_writing_end(struct rocks *rocks);
void rocks_mark_closed(struct rocks *rocks);

/* ---- figures.c ---- */

void rocks_measure(struct store *store, struct store_figures *figures);

/* ---- disk.c ---- */

bool rocks_is_writable(const struct store *store);
bool rocks_is_to_be_reopened(const struct store *store);
bool disk_has_room(struct rocks *rocks);
void disk_measure(const struct rocks *rocks, uint64_t *free_bytes, uint64_t *needed_bytes);
/* Room to open a store whose logs hold `log_bytes`; the free bytes there are. */
bool disk_has_room_to_open(const char *directory, uint64_t log_bytes, uint64_t *free_bytes);
