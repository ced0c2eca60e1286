/*
 * What an engine offers to the store: reading, and writing one formed group.
 *
 * The queue's thread alone calls write_group; reads come from any thread at the same time and see
 * whole groups. An engine embeds struct store as its first member.
 */
#pragma once
#include "store/figures.h"
#include "store/queue.h"
#include "store/store.h"
#include <stdatomic.h>

/* A row as it is to stand after the group: stamps filled, ADDs folded, later writes win. */
struct store_final_write {
    enum store_area area;
    slice key;
    slice value; /* size 0: delete */
};

/* Embedded by the engine's own, as its first member. */
struct store_view {
    struct store *store;
    _Atomic uint32_t references;
};

struct store_engine {
    const char *name;
    struct store_caps caps;
    enum store_answer (*get)(struct store *, struct store_shard, struct arena *, const slice *keys,
                             uint32_t key_count, enum store_tier, struct store_row *rows);
    enum store_answer (*scan)(struct store *, struct arena *, const struct store_scan *,
                              struct store_page *);
    /* With caps.snapshots: the engine fills its own part, store.c the embedded one. */
    struct store_view *(*view_open)(struct store *);
    void (*view_close)(struct store_view *); /* the last reference has gone */
    enum store_answer (*view_get)(const struct store_view *, struct store_shard, struct arena *,
                                  const slice *keys, uint32_t key_count, enum store_tier,
                                  struct store_row *rows);
    /*
     * Apply one group atomically, durable as the sync mode says before it returns. May be empty
     * (then only a sync is owed, if anything was written since the last one).
     * STORE_OK, or STORE_UNAVAILABLE when it refuses before touching anything (disk reserve).
     * An error from the disk ends the process: nothing may be acknowledged after it.
     */
    enum store_answer (*write_group)(struct store *, const struct store_final_write *writes,
                                     uint32_t write_count);
    /* One piece of a range that is not empty; `*end` is empty already. */
    enum store_answer (*drop_piece)(struct store *, struct arena *, const struct store_drop *,
                                    slice *end);
    void (*sync)(struct store *); /* all that was written; NULL: nothing outlives the process */
    bool (*is_writable)(const struct store *);
    bool (*is_to_be_reopened)(const struct store *); /* NULL: never */
    slice (*problem)(struct store *, struct arena *);
    error (*verify)(struct store *, struct arena *);
    void (*measure)(struct store *, struct store_figures *); /* its part; NULL: it has none */
    void (*close)(struct store *); /* the queue has been closed already */

    /* Where tests inject faults; NULL in engines that serve. Called on the queue's thread. */
    void (*before_group)(struct store *); /* may wait: nothing is taken from the queue meanwhile */
    bool (*drops)(struct store *, const struct store_change_set *); /* true: drop it, CONFLICT */
};

struct store {
    const struct store_engine *engine;
    struct commit_queue *queue; /* NULL when opened read-only */
};
