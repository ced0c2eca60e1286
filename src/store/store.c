#include "store/store.h"

#include "base/assert.h"
#include "base/memory.h"
#include "base/task.h"
#include "store/engine.h"
#include "store/queue.h"
#include <pthread.h>
#include <stdlib.h>

/* ---- reading ---- */

enum store_answer store_get(struct store *store, struct store_shard shard, struct arena *arena,
                            const slice *keys, uint32_t key_count, enum store_tier tier,
                            struct store_row *rows)
{
    return store->engine->get(store, shard, arena, keys, key_count, tier, rows);
}

enum store_answer store_scan(struct store *store, struct arena *arena,
                             const struct store_scan *scan, struct store_page *page)
{
    assert_that(scan->row_count_max > 0);
    return store->engine->scan(store, arena, scan, page);
}

/* ---- views ---- */

struct store_view *store_view_open(struct store *store)
{
    assert_that(store->engine->caps.snapshots);
    struct store_view *view = store->engine->view_open(store);
    view->store = store;
    atomic_init(&view->references, 1);
    return view;
}

struct store_view *store_view_retain(struct store_view *view)
{
    atomic_fetch_add_explicit(&view->references, 1, memory_order_relaxed);
    return view;
}

void store_view_release(void *object)
{
    struct store_view *view = object;
    uint32_t before = atomic_fetch_sub_explicit(&view->references, 1, memory_order_acq_rel);
    assert_that(before > 0);
    if (before == 1)
        view->store->engine->view_close(view);
}

enum store_answer store_view_get(const struct store_view *view, struct store_shard shard,
                                 struct arena *arena, const slice *keys, uint32_t key_count,
                                 enum store_tier tier, struct store_row *rows)
{
    return view->store->engine->view_get(view, shard, arena, keys, key_count, tier, rows);
}

/* ---- pending ---- */

struct store_pending *store_pending_new(void)
{
    struct store_pending *pending = memory_alloc(sizeof *pending);
    atomic_init(&pending->references, 1);
    atomic_init(&pending->state, STORE_PENDING_QUEUED);
    return pending;
}

void store_pending_retain(struct store_pending *pending)
{
    atomic_fetch_add_explicit(&pending->references, 1, memory_order_relaxed);
}

void store_pending_release(struct store_pending *pending)
{
    uint32_t before = atomic_fetch_sub_explicit(&pending->references, 1, memory_order_acq_rel);
    assert_that(before > 0);
    if (before == 1)
        free(pending);
}

/* ---- writing ---- */

enum store_answer store_submit(struct store *store, struct store_change_set *change_set)
{
    if (!store->queue)
        return STORE_UNAVAILABLE;
    return commit_queue_submit(store->queue, change_set);
}

void store_end_turn(struct store *store)
{
    if (store->queue)
        commit_queue_end_turn(store->queue);
}

static void wake_waiter(struct store_sink *sink, struct store_change_set *first)
{
    (void)first;
    struct store_waiter *waiter = OBJECT_OF(sink, struct store_waiter, sink);
    pthread_mutex_lock(&waiter->mutex);
    waiter->done = true;
    pthread_cond_signal(&waiter->delivered); /* before the unlock: then the waiter is gone */
    pthread_mutex_unlock(&waiter->mutex);
}

void store_waiter_init(struct store_waiter *waiter)
{
    *waiter = (struct store_waiter){.sink = {.deliver = wake_waiter},
                                    .mutex = PTHREAD_MUTEX_INITIALIZER,
                                    .delivered = PTHREAD_COND_INITIALIZER};
}

enum store_answer store_waiter_wait(struct store_waiter *waiter,
                                    const struct store_change_set *change_set)
{
    pthread_mutex_lock(&waiter->mutex);
    while (!waiter->done)
        pthread_cond_wait(&waiter->delivered, &waiter->mutex);
    pthread_mutex_unlock(&waiter->mutex);
    return change_set->answer;
}

void store_waiter_fini(struct store_waiter *waiter)
{
    pthread_cond_destroy(&waiter->delivered);
    pthread_mutex_destroy(&waiter->mutex);
}

enum store_answer store_submit_and_wait(struct store *store, struct store_change_set *change_set)
{
    struct store_waiter waiter;
    store_waiter_init(&waiter);
    change_set->sink = &waiter.sink;
    enum store_answer answer = store_submit(store, change_set);
    if (answer == STORE_OK)
        answer = store_waiter_wait(&waiter, change_set);
    store_waiter_fini(&waiter);
    return answer;
}

enum store_answer store_drop_piece(struct store *store, struct arena *arena,
                                   const struct store_drop *drop, slice *end)
{
    assert_that(drop->row_count_max > 0);
    *end = SLICE_NONE;
    if (!store->queue)
        return STORE_UNAVAILABLE;
    if (slice_compare(drop->from, drop->to) >= 0)
        return STORE_OK;
    enum store_answer answer = store->engine->drop_piece(store, arena, drop, end);
    if (answer != STORE_OK || end->size == 0) /* not for each piece: they are read again then */
        commit_queue_forget_totals(store->queue);
    return answer;
}

enum store_answer store_drop_range(struct store *store, struct store_shard shard,
                                   enum store_area area, slice from, slice to)
{
    enum { ROWS_A_PIECE = 256 };
    struct store_drop drop = {
        .shard = shard, .area = area, .from = from, .to = to, .row_count_max = ROWS_A_PIECE};
    SCOPED_ARENA(last_end);
    enum store_answer answer;
    do {
        SCOPED_ARENA(arena);
        slice end;
        answer = store_drop_piece(store, &arena, &drop, &end);
        arena_reset(&last_end);
        drop.at = arena_copy(&last_end, end);
    } while (answer == STORE_OK && drop.at.size > 0);
    return answer;
}

/* ---- the store itself ---- */

struct store_caps store_caps(const struct store *store)
{
    return store->engine->caps;
}

void store_close(struct store *store)
{
    if (store->queue)
        commit_queue_close(store->queue);
    store->engine->close(store);
}

void store_sync(struct store *store)
{
    if (store->engine->sync)
        store->engine->sync(store);
}

bool store_is_writable(const struct store *store)
{
    return store->queue && store->engine->is_writable(store);
}

bool store_is_to_be_reopened(const struct store *store)
{
    return store->engine->is_to_be_reopened && store->engine->is_to_be_reopened(store);
}

uint64_t store_commit_number(const struct store *store)
{
    if (store->queue)
        return commit_queue_number(store->queue);
    /* Read-only: asking the engine changes nothing a caller could see. */
    SCOPED_ARENA(arena);
    uint64_t number;
    uint64_t time_ms;
    error damaged = commit_row_read(&arena, (struct store *)(uintptr_t)store, &number, &time_ms);
    return damaged ? 0 : number;
}

void store_measure(struct store *store, struct store_figures *figures)
{
    *figures = (struct store_figures){.is_writable = store_is_writable(store),
                                      .commit_number = store_commit_number(store)};
    if (store->queue)
        commit_queue_measure(store->queue, figures);
    if (store->engine->measure)
        store->engine->measure(store, figures);
}

slice store_problem(struct store *store, struct arena *arena)
{
    return store->engine->problem(store, arena);
}

error store_verify(struct store *store, struct arena *arena)
{
    return store->engine->verify(store, arena);
}
