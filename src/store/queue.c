#include "store/queue.h"

#include "base/assert.h"
#include "base/budget.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/memory.h"
#include "store/engine.h"
#include "store/group.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

/* A group beyond this is not faster, only later: values are at most 400 KB. */
enum { GROUP_BYTES_MAX = 4 * 1024 * 1024 };

/* So many that are gathered make a group of their own: a long turn need not end first. */
enum { GATHERED_MAX = 64 };

struct line { /* change sets in order */
    struct store_change_set *first;
    struct store_change_set *last;
};

struct commit_queue {
    struct store *store;
    const struct clock *clock;
    struct budget *budget;
    enum store_sync sync;
    uint64_t sync_interval_us;
    pthread_t thread;

    /* Guarded by `mutex`. */
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    struct line submitted;
    uint32_t gathered_count; /* of them, those that may wait for the end of a turn */
    bool due;                /* the thread is to take them */
    bool sleeping;           /* the thread must be woken */
    bool closing;

    /* The thread's own. */
    struct line waiting; /* taken, not yet in a group */
    struct totals totals;
    uint64_t time_ms;     /* of the last commit */
    uint64_t sync_due_us; /* 0: nothing was written since the last sync */

    _Atomic bool gathering; /* something is submitted and not due; for a look without the mutex */
    _Atomic uint64_t number; /* of the last commit; the thread alone writes it */
    _Atomic bool totals_are_stale;
    _Atomic uint32_t depth;

    /* Counted by the thread alone. */
    _Atomic uint64_t group_count;
    _Atomic uint64_t row_count;
    _Atomic uint64_t change_set_count;
    _Atomic uint64_t dropped_count;
    struct histogram group_change_sets;
    struct histogram write_us;
};

/* ---- submitting ---- */

static size_t bytes_of(const struct store_change_set *change_set)
{
    size_t bytes = sizeof *change_set + change_set->write_count * sizeof(struct store_write);
    for (uint32_t i = 0; i < change_set->write_count; i++)
        bytes += change_set->writes[i].key.size + change_set->writes[i].value.size;
    return bytes;
}

static void append(struct line *line, struct line more)
{
    if (!more.first)
        return;
    if (line->last)
        line->last->next = more.first;
    else
        line->first = more.first;
    line->last = more.last;
}

/* The thread is to take what is submitted; true when it must be woken for that. */
static bool make_due_locked(struct commit_queue *queue)
{
    queue->due = true;
    atomic_store_explicit(&queue->gathering, false, memory_order_relaxed);
    bool must_wake = queue->sleeping;
    queue->sleeping = false;
    return must_wake;
}

enum store_answer commit_queue_submit(struct commit_queue *queue,
                                      struct store_change_set *change_set)
{
    assert_that(change_set->sink);
    if (queue->budget && budget_is_spent(queue->budget) && atomic_load(&queue->depth) > 0)
        return STORE_BUSY;
    budget_take(queue->budget, bytes_of(change_set));
    atomic_fetch_add(&queue->depth, 1);
    change_set->next = NULL;
    pthread_mutex_lock(&queue->mutex);
    assert_that(!queue->closing);
    append(&queue->submitted, (struct line){change_set, change_set});
    bool must_wake = false;
    if (!change_set->sink->gathers || ++queue->gathered_count >= GATHERED_MAX)
        must_wake = make_due_locked(queue);
    else if (!queue->due)
        atomic_store_explicit(&queue->gathering, true, memory_order_relaxed);
    pthread_mutex_unlock(&queue->mutex);
    if (must_wake)
        pthread_cond_signal(&queue->wake);
    return STORE_OK;
}

void commit_queue_end_turn(struct commit_queue *queue)
{
    /* What the calling thread has submitted it sees; of others it need not know. */
    if (!atomic_load_explicit(&queue->gathering, memory_order_relaxed))
        return;
    pthread_mutex_lock(&queue->mutex);
    bool must_wake = queue->submitted.first && make_due_locked(queue);
    pthread_mutex_unlock(&queue->mutex);
    if (must_wake)
        pthread_cond_signal(&queue->wake);
}

/* ---- the thread: take, form, write, settle, deliver ---- */

static void take_submitted(struct commit_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    struct line submitted = queue->submitted;
    queue->submitted = (struct line){0};
    queue->gathered_count = 0;
    queue->due = false;
    atomic_store_explicit(&queue->gathering, false, memory_order_relaxed);
    pthread_mutex_unlock(&queue->mutex);
    append(&queue->waiting, submitted);
}

/* Split off what goes into the next group; one change set always does. */
static struct store_change_set *take_group(struct line *waiting, uint32_t *row_count, size_t *bytes)
{
    struct store_change_set *first = waiting->first;
    struct store_change_set *last = NULL;
    uint32_t place_count = 0; /* an empty change set takes a place too */
    *row_count = 0;
    *bytes = 0;
    for (struct store_change_set *next = first; next; next = next->next) {
        uint32_t places = next->write_count > 0 ? next->write_count : 1;
        size_t next_bytes = bytes_of(next);
        if (last &&
            (place_count + places > COMMIT_GROUP_ROWS_MAX || *bytes + next_bytes > GROUP_BYTES_MAX))
            break;
        place_count += places;
        *row_count += next->write_count;
        *bytes += next_bytes;
        last = next;
    }
    assert_that(last);
    waiting->first = last->next;
    if (!waiting->first)
        waiting->last = NULL;
    last->next = NULL;
    return first;
}

static void note_unsynced(struct commit_queue *queue)
{
    if (queue->sync != STORE_SYNC_ALWAYS && queue->sync_due_us == 0)
        queue->sync_due_us = clock_monotonic_us() + queue->sync_interval_us;
}

/* An idle queue owes the disk what was written without a sync. */
static void sync_owed(struct commit_queue *queue)
{
    struct store *store = queue->store;
    queue->sync_due_us = 0;
    if (store->engine->write_group(store, NULL, 0) != STORE_OK)
        note_unsynced(queue);
}

static void write(struct commit_queue *queue, const struct group *group,
                  struct store_change_set *first)
{
    if (group->write_count == 0)
        return;
    struct store *store = queue->store;
    uint64_t begun_us = clock_monotonic_us();
    enum store_answer answer = store->engine->write_group(store, group->writes, group->write_count);
    if (answer == STORE_OK) {
        histogram_record(&queue->write_us, clock_monotonic_us() - begun_us);
        group_keep_totals(group);
        queue->time_ms = group->time_ms;
        note_unsynced(queue);
        atomic_store_explicit(&queue->number, group->number, memory_order_release);
        counter_add(&queue->group_count, 1);
        counter_add(&queue->row_count, group->write_count - 1);
        return;
    }
    for (struct store_change_set *change_set = first; change_set; change_set = change_set->next)
        change_set->answer = answer;
}

/* After this the pendings say what became of the group. */
static void settle(struct commit_queue *queue, struct store_change_set *first, size_t bytes)
{
    uint32_t count = 0;
    uint32_t dropped_count = 0;
    for (struct store_change_set *change_set = first; change_set; change_set = change_set->next) {
        bool done = change_set->answer == STORE_OK;
        count++;
        dropped_count += !done;
        if (change_set->pending)
            atomic_store_explicit(&change_set->pending->state,
                                  done ? STORE_PENDING_DURABLE : STORE_PENDING_DROPPED,
                                  memory_order_release);
    }
    histogram_record(&queue->group_change_sets, count);
    counter_add(&queue->change_set_count, count);
    counter_add(&queue->dropped_count, dropped_count);
    budget_give(queue->budget, bytes);
    atomic_fetch_sub(&queue->depth, count);
}

/* One call per sink: a pass takes what is the first one's and leaves the rest in order. */
static void deliver(struct store_change_set *first)
{
    while (first) {
        struct store_sink *sink = first->sink;
        struct line own = {0};
        struct line others = {0};
        while (first) {
            struct store_change_set *next = first->next;
            first->next = NULL;
            append(first->sink == sink ? &own : &others, (struct line){first, first});
            first = next;
        }
        sink->deliver(sink, own.first);
        first = others.first;
    }
}

static void commit_group(struct commit_queue *queue)
{
    if (atomic_exchange(&queue->totals_are_stale, false))
        totals_clear(&queue->totals);
    totals_trim(&queue->totals);

    SCOPED_ARENA(arena);
    uint32_t row_count;
    size_t bytes;
    struct store_change_set *first = take_group(&queue->waiting, &row_count, &bytes);
    uint64_t now_ms = (uint64_t)clock_now_ms(queue->clock);
    struct group group = {
        .store = queue->store,
        .arena = &arena,
        .totals = &queue->totals,
        .number = atomic_load_explicit(&queue->number, memory_order_relaxed) + 1,
        .time_ms = now_ms > queue->time_ms ? now_ms : queue->time_ms,
        .row_count_max = row_count,
    };
    group_form(&group, first);
    write(queue, &group, first);
    settle(queue, first, bytes);
    deliver(first);
}

enum work { WORK_GROUP, WORK_SYNC, WORK_NONE };

static bool sleep_until_due(struct commit_queue *queue)
{
    if (queue->sync != STORE_SYNC_INTERVAL || queue->sync_due_us == 0) {
        pthread_cond_wait(&queue->wake, &queue->mutex);
        return true;
    }
    if (clock_monotonic_us() >= queue->sync_due_us)
        return false;
    struct timespec due = {.tv_sec = (time_t)(queue->sync_due_us / 1000000),
                           .tv_nsec = (long)(queue->sync_due_us % 1000000) * 1000};
    pthread_cond_timedwait(&queue->wake, &queue->mutex, &due);
    return true;
}

static enum work wait_for_work(struct commit_queue *queue)
{
    if (queue->waiting.first)
        return WORK_GROUP;
    enum work work = WORK_GROUP;
    pthread_mutex_lock(&queue->mutex);
    while (!queue->due) {
        if (queue->closing) {
            work = queue->submitted.first ? WORK_GROUP : WORK_NONE;
            break;
        }
        queue->sleeping = true;
        if (!sleep_until_due(queue)) {
            work = WORK_SYNC;
            break;
        }
    }
    queue->sleeping = false;
    pthread_mutex_unlock(&queue->mutex);
    return work;
}

static void *run(void *argument)
{
    struct commit_queue *queue = argument;
    struct store *store = queue->store;
    enum work work;
    while ((work = wait_for_work(queue)) != WORK_NONE) {
        if (work == WORK_SYNC) {
            sync_owed(queue);
            continue;
        }
        if (store->engine->before_group)
            store->engine->before_group(store);
        take_submitted(queue);
        commit_group(queue);
    }
    if (queue->sync_due_us != 0)
        sync_owed(queue);
    return NULL;
}

/* ---- opening and closing ---- */

error commit_row_read(struct arena *arena, struct store *store, uint64_t *number, uint64_t *time_ms)
{
    *number = 0;
    *time_ms = 0;
    struct store_row row = {0};
    slice key = STORE_COMMIT_KEY;
    if (store->engine->get(store, STORE_SHARD_WHOLE, arena, &key, 1, STORE_ANY, &row) != STORE_OK)
        return fail(arena, ERROR_CORRUPT, "The store's commit row cannot be read");
    if (!row.found)
        return NULL;
    if (row.value.size != STORE_COMMIT_VALUE_BYTES)
        return fail(arena, ERROR_CORRUPT, "The store's commit row is damaged");
    *number = bytes_get_u64(row.value.data);
    *time_ms = bytes_get_u64(row.value.data + 8);
    return NULL;
}

static void free_queue(struct commit_queue *queue)
{
    totals_fini(&queue->totals);
    pthread_cond_destroy(&queue->wake);
    pthread_mutex_destroy(&queue->mutex);
    free(queue);
}

error commit_queue_open(struct arena *arena, struct store *store,
                        const struct store_options *options, struct commit_queue **result)
{
    assert_that(options->clock);
    struct commit_queue *queue = memory_alloc_zeroed(sizeof *queue);
    queue->store = store;
    queue->clock = options->clock;
    queue->budget = options->queue_budget;
    queue->sync = options->sync;
    queue->sync_interval_us = (uint64_t)options->sync_interval_ms * 1000;
    totals_init(&queue->totals);
    pthread_mutex_init(&queue->mutex, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC); /* the clock of sync_due_us */
    pthread_cond_init(&queue->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);

    uint64_t number;
    error failed = commit_row_read(arena, store, &number, &queue->time_ms);
    atomic_init(&queue->number, number);
    if (!failed && pthread_create(&queue->thread, NULL, run, queue) != 0)
        failed = fail(arena, ERROR_STORAGE, "The commit thread cannot be started");
    if (failed) {
        free_queue(queue);
        return failed;
    }
    *result = queue;
    return NULL;
}

void commit_queue_close(struct commit_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->closing = true;
    pthread_mutex_unlock(&queue->mutex);
    pthread_cond_signal(&queue->wake);
    pthread_join(queue->thread, NULL);
    free_queue(queue);
}

uint64_t commit_queue_number(const struct commit_queue *queue)
{
    return atomic_load_explicit(&queue->number, memory_order_acquire);
}

void commit_queue_forget_totals(struct commit_queue *queue)
{
    atomic_store(&queue->totals_are_stale, true);
}

void commit_queue_measure(const struct commit_queue *queue, struct store_figures *figures)
{
    figures->groups = counter_read(&queue->group_count);
    figures->rows = counter_read(&queue->row_count);
    figures->change_sets = counter_read(&queue->change_set_count);
    figures->dropped = counter_read(&queue->dropped_count);
    figures->depth = atomic_load(&queue->depth);
    histogram_add_to(&queue->group_change_sets, &figures->group_change_sets);
    histogram_add_to(&queue->write_us, &figures->write_us);
}
