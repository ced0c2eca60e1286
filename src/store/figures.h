/*
 * What a store is at, in figures, for those who watch it. Counts are since it was opened. Each is
 * right, not all of them at one moment; what an engine does not have is 0.
 */
#pragma once
#include "base/histogram.h"
#include "store/store.h"

enum { STORE_LEVELS_MAX = 7 };

/* Of one area on disk. */
struct store_area_figures {
    uint64_t level_files[STORE_LEVELS_MAX];
    uint64_t table_bytes;              /* in table files, those that wait for deletion included */
    uint64_t live_table_bytes;         /* of them, in those that are read */
    uint64_t write_buffer_bytes;       /* written and not yet in a table file */
    uint64_t write_buffers_waiting;    /* full ones, to be flushed */
    uint64_t pending_compaction_bytes; /* to be rewritten before it comes to rest */
    uint64_t table_reader_bytes;       /* memory of open tables, beside the block cache */
};

struct store_figures {
    uint64_t is_writable; /* 0 or 1 */
    uint64_t commit_number;

    /* The commit queue. */
    uint64_t groups;      /* written */
    uint64_t rows;        /* written, without the commit row */
    uint64_t change_sets; /* delivered, dropped ones included */
    uint64_t dropped;     /* delivered with another answer than STORE_OK */
    uint64_t depth;       /* change sets submitted and not yet delivered */
    struct histogram_sum group_change_sets; /* of each group */
    struct histogram_sum write_us;          /* that the engine took for a group, its sync included */

    /* Caches of the engine. */
    uint64_t row_cache_bytes;
    uint64_t row_cache_hits;
    uint64_t row_cache_misses;
    uint64_t block_cache_bytes;
    uint64_t block_cache_bytes_max;
    uint64_t block_cache_pinned_bytes;

    /* Its background work. */
    uint64_t compactions_running;
    uint64_t flushes_running;
    uint64_t writes_are_stopped; /* 0 or 1: they wait for compaction */
    uint64_t delayed_bytes_a_second; /* what writes are slowed to; 0: they are not */
    uint64_t snapshots;

    uint64_t disk_free_bytes;
    uint64_t disk_needed_bytes; /* writes are refused below it */
    struct store_area_figures areas[STORE_AREA_COUNT];
};

/* It waits for locks of the engine: not on a loop. */
void store_measure(struct store *store, struct store_figures *figures);
