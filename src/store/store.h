/*
 * The storage interface: ordered maps of byte keys to byte values, changed by change sets.
 *
 * Engines know bytes, not DynamoDB. A store holds shards, each an ordered map; reads take (shard,
 * epoch). submit takes a change set and completes later, once, through the change set's sink.
 * Change sets take effect in the order they were submitted, in groups: one group is one batch and
 * one sync. Within a group they behave as if applied one by one. Stored values are never empty.
 *
 * One commit queue (store/queue.h) serves every engine; an engine offers struct store_engine.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include <pthread.h>

struct store;

enum store_answer {
    STORE_OK,          /* read: done. change set: durable as the sync mode promises */
    STORE_CONFLICT,    /* a guard did not hold, or a change set it depends on was dropped: run again */
    STORE_STALE,       /* the shard was split or retired: look it up again and run again */
    STORE_WOULD_BLOCK, /* STORE_CACHED only: not in memory; read with STORE_ANY on a worker */
    STORE_BUSY,        /* the queue is full; nothing was taken */
    STORE_UNAVAILABLE, /* writes are refused: disk reserve reached, or opened read-only */
    STORE_UNKNOWN,     /* outcome of a change set unknown (network engines) */
    STORE_CORRUPT,     /* stored bytes are damaged; store_problem says which file */
};

struct store_shard {
    uint64_t id;
    uint64_t epoch;
};
#define STORE_SHARD_WHOLE ((struct store_shard){0, 0}) /* engines whose batches span everything */

enum store_area { STORE_ROWS, STORE_LOG, STORE_AREA_COUNT };

enum store_tier {
    STORE_CACHED, /* memory only: may answer STORE_WOULD_BLOCK */
    STORE_ANY,    /* may wait for the disk: never on a loop */
};

/* ---- reading ---- */

struct store_row {
    bool found;
    slice value; /* lives in the arena, or is pinned by it */
};

/* Several keys, one consistent view. rows[i] answers keys[i]. */
enum store_answer store_get(struct store *store, struct store_shard shard, struct arena *arena,
                            const slice *keys, uint32_t key_count, enum store_tier tier,
                            struct store_row *rows) MUST_CHECK;

struct store_view;

struct store_scan {
    struct store_shard shard;
    const struct store_view *view; /* NULL: as the rows stand now */
    enum store_area area;
    slice from; /* included */
    slice to;   /* excluded; both bounds are required */
    bool backward; /* from the end of the range */
    enum store_tier tier;
    bool background;        /* do not displace what is cached */
    uint32_t row_count_max; /* > 0 */
    size_t bytes_max;       /* of keys and values: stop after the row that reaches it */
};

struct store_entry {
    slice key;
    slice value;
};

struct store_page {
    const struct store_entry *entries; /* in the arena */
    uint32_t count;
    bool more; /* exact: there are further rows in the range */
};

enum store_answer store_scan(struct store *store, struct arena *arena,
                             const struct store_scan *scan, struct store_page *page) MUST_CHECK;

/* ---- views ---- */

/*
 * A view: every row as it stood when the view was opened. It keeps the space of what has been
 * replaced since, so it is for moments, and there are few. Only what store_drop_piece drops may go
 * from it. Engines with store_caps.snapshots; any thread; nothing waits for the disk. Counted:
 * opening gives one reference, and all are released before the store is closed.
 */
struct store_view *store_view_open(struct store *store);
struct store_view *store_view_retain(struct store_view *view);
void store_view_release(void *view); /* for arena_defer too */

/* As store_get, in the view. */
enum store_answer store_view_get(const struct store_view *view, struct store_shard shard,
                                 struct arena *arena, const slice *keys, uint32_t key_count,
                                 enum store_tier tier, struct store_row *rows) MUST_CHECK;

/* ---- writing ---- */

enum store_guard_kind { STORE_GUARD_ABSENT, STORE_GUARD_EXISTS, STORE_GUARD_EQUALS };

struct store_guard {
    enum store_guard_kind kind;
    slice key;      /* in STORE_ROWS */
    slice expected; /* EQUALS: the stored value begins with these bytes */
};

enum store_write_kind {
    STORE_PUT,
    STORE_DELETE,
    STORE_ADD, /* the row holds a big-endian int64, absent is 0; `addend` is added */
};

/*
 * A stamp says when a change took effect: commit number (8 bytes), index within the commit (2),
 * commit time in epoch milliseconds (8), all big-endian. It grows with commit order; time never
 * goes back. The queue writes it into a change set's own bytes when it forms the group, so a
 * stamped key or value must be memory the submitter may write. Each stamped write of a group has
 * an index of its own; one write's key and value carry the same.
 */
enum { STORE_STAMP_BYTES = 18, STORE_STAMP_KEY_BYTES = 10, STORE_NO_STAMP = -1 };

struct store_write {
    enum store_write_kind kind;
    enum store_area area;
    slice key;
    slice value;        /* PUT; not empty */
    int64_t addend;     /* ADD */
    int32_t key_stamp;   /* offset in key where commit number and index go, or STORE_NO_STAMP */
    int32_t value_stamp; /* offset in value where the whole stamp goes, or STORE_NO_STAMP */
};

/*
 * What stands between submit and sync, for those who read it early. Counted references: the
 * submitter's overlay and every dependent change set hold one.
 */
enum store_pending_state { STORE_PENDING_QUEUED, STORE_PENDING_DURABLE, STORE_PENDING_DROPPED };
struct store_pending {
    _Atomic uint32_t references;
    _Atomic uint32_t state; /* enum store_pending_state, set before the sink is told */
};
struct store_pending *store_pending_new(void); /* one reference */
void store_pending_retain(struct store_pending *pending);
void store_pending_release(struct store_pending *pending);

struct store_change_set;

/* Where completions go: one call per sink and group, on the queue's thread, oldest first. */
struct store_sink {
    void (*deliver)(struct store_sink *sink, struct store_change_set *first);
    bool gathers; /* its change sets may wait in the queue for store_end_turn */
};

struct store_change_set {
    /* Filled by the submitter; all of it stays untouched by others until delivery. */
    struct store_shard shard;
    const struct store_guard *guards;
    uint32_t guard_count;
    struct store_write *writes;
    uint32_t write_count; /* 0 is legal: the change set only waits for its dependencies */
    struct store_pending *const *dependencies; /* change sets it read before they were durable */
    uint32_t dependency_count;
    struct store_pending *pending; /* its own, or NULL; the submitter holds the reference */
    struct store_sink *sink;
    void *owner; /* the submitter's */

    /* Filled by the store. */
    enum store_answer answer;
    uint32_t guard_failed; /* STORE_CONFLICT: which guard, or guard_count for a dependency */
    struct store_change_set *next;
};

/*
 * Queue a change set. Any thread, never waits for the disk.
 *   STORE_OK: taken; it will be delivered to its sink exactly once.
 *   STORE_BUSY, STORE_UNAVAILABLE: not taken.
 */
enum store_answer store_submit(struct store *store,
                               struct store_change_set *change_set) MUST_CHECK;

/*
 * A submitter that has many requests at hand has submitted for all of them: what was gathered is
 * taken now, as one group, and not one by one as it came. Owed by whoever submits for a sink that
 * gathers, before it waits. Any thread; next to nothing when nothing was gathered.
 */
void store_end_turn(struct store *store);

/* One who waits for one change set: its sink, on the waiter's own memory. */
struct store_waiter {
    struct store_sink sink;
    pthread_mutex_t mutex;
    pthread_cond_t delivered;
    bool done; /* guarded by mutex */
};
void store_waiter_init(struct store_waiter *waiter);
/* Of a change set that was taken: its answer. Workers and tools only. */
enum store_answer store_waiter_wait(struct store_waiter *waiter,
                                    const struct store_change_set *change_set) MUST_CHECK;
void store_waiter_fini(struct store_waiter *waiter);

/* Submit and wait: workers and tools only. */
enum store_answer store_submit_and_wait(struct store *store,
                                        struct store_change_set *change_set) MUST_CHECK;

/*
 * Rows of a range go for good, outside the queue: space of a dead table. What has gone is durable
 * before any change set submitted later; counters in the range start at zero once all of it has.
 * Piece by piece, so that whoever drops much can do other things in between. Worker threads only.
 */
struct store_drop {
    struct store_shard shard;
    enum store_area area;
    slice from;             /* included */
    slice to;               /* excluded */
    slice at;               /* where the piece before ended; empty: this is the first */
    uint32_t row_count_max; /* of this piece; > 0 */
};

/* `*end`, in the arena: where the piece ended; empty: all of the range has gone. */
enum store_answer store_drop_piece(struct store *store, struct arena *arena,
                                   const struct store_drop *drop, slice *end) MUST_CHECK;

/* All pieces, however long that takes. */
enum store_answer store_drop_range(struct store *store, struct store_shard shard,
                                   enum store_area area, slice from, slice to) MUST_CHECK;

/* ---- the store itself ---- */

struct store_caps {
    bool batch_spans_shards; /* the whole store is one atomic domain */
    bool snapshots;
    bool exclusive; /* one process writes: key locks decide, guards are not needed */
};
struct store_caps store_caps(const struct store *store);

enum store_sync { STORE_SYNC_ALWAYS, STORE_SYNC_INTERVAL, STORE_SYNC_NEVER };

struct clock;
struct budget;

struct store_options {
    slice directory; /* rocks */
    const struct clock *clock;
    struct budget *queue_budget; /* bytes of queued change sets; when spent, submit is BUSY.
                                    NULL: no bound */
    enum store_sync sync;
    uint32_t sync_interval_ms;
    size_t cache_bytes;
    uint64_t disk_reserve_bytes;
    bool read_only; /* for check */
};

/*
 *   Errors: STORAGE, CORRUPT, with a sentence an operator can act on: which file, what to do.
 *   The failure lives in `arena`.
 */
error store_open_memory(struct arena *arena, const struct store_options *options,
                        struct store **store) MUST_CHECK;
error store_open_rocks(struct arena *arena, const struct store_options *options,
                       struct store **store) MUST_CHECK;

/* Finish the queue, sync, release. No call may be under way. */
void store_close(struct store *store);

/*
 * All that was answered so far is on disk when this returns, whatever the sync mode. For those who
 * are about to write elsewhere what the store must not forget. May wait for the disk; any thread.
 */
void store_sync(struct store *store);

/* Whether change sets are taken now: false below the disk reserve or when opened read-only. */
bool store_is_writable(const struct store *store);

/*
 * Whether it takes no writes because the disk was full when it was opened, and would take them if it
 * were opened anew. Any thread.
 */
bool store_is_to_be_reopened(const struct store *store);

/* Highest commit number that is durable; 0 for an empty store. */
uint64_t store_commit_number(const struct store *store);

/* The last damage a read or write met, with the file's name, in `arena`; empty: none. */
slice store_problem(struct store *store, struct arena *arena);

/*
 * Read every block of every file with its checksum.
 *   Errors: CORRUPT naming the file. For stator check.
 */
error store_verify(struct store *store, struct arena *arena) MUST_CHECK;
