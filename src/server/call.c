#include "server/call.h"

#include "base/assert.h"
#include "base/budget.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "db/partition/charge.h"
#include "server/counts.h"
#include "server/reply.h"
#include "server/times.h"
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { RUNS_MAX = 1000 }; /* a call that is dropped this often meets a bug, not a rival */

/* Of one loop: where the completions of its change sets come, and how many calls it has begun. */
struct loop_sink {
    struct store_sink sink;
    struct calls *calls;
    _Atomic uint64_t begun_count; /* the loop alone writes it */
};

struct calls {
    struct calls_options options;
    struct loop_sink *sinks; /* one per loop */
    pthread_mutex_t mutex;   /* guards the rest */
    struct call *parked;
    unsigned parked_count;
    bool is_telling; /* the queue's thread is in deliver */
    pthread_cond_t told;
};

/* Where a run takes place: on its loop; on a worker, if it reads little; else on a reader. */
enum place { ON_LOOP, ON_WORKER, ON_READER };

struct call {
    struct calls *calls;
    struct http_exchange *exchange;
    const struct operation *operation;
    struct reply_form form;
    struct call_changes changes;
    struct arena retry_arena; /* of runs after the first, which uses the exchange's */
    struct db_session session;
    struct json_writer out;
    error failure;
    unsigned runs;
    struct times times;
    uint64_t begun_count_seen; /* on all loops, when a reader last looked up */
    enum place place;
    bool has_run;
    bool is_settled;
    struct task run_task;     /* to a worker, back from it, or out of parking */
    struct task settled_task; /* on the loop: the change set is settled */
    struct call *next_parked;
};

static void run_on_loop(struct call *call);

static void reply(struct call *call)
{
    if (!call->failure)
        call->failure = call->changes.answer;
    const struct slow_request told = {
        .form = &call->form,
        .status = call->failure ? error_wire_of(call->failure->kind)->status : 200,
        .runs = call->runs,
        .body = call->exchange->request.body,
    };
    times_end(&call->times, call->calls->options.slow_request_us, call->exchange->arena, &told);
    charges_settle(&call->session, call->failure);
    counts_call(call->calls->options.counts, loop_index(call->exchange->loop), call->operation,
                &call->times, call->failure, call->session.table);
    if (call->failure)
        reply_error(call->exchange, &call->form, call->failure);
    else
        reply_json(call->exchange, &call->form, json_writer_text(&call->out));
}

/* The reply's bytes may lie in the retry arena, which then goes with the exchange's. */
static void release_retry_arena(void *object)
{
    arena_fini(object);
}

static struct arena *fresh_arena(struct call *call)
{
    if (call->runs == 0)
        return call->exchange->arena;
    if (call->runs == 1) {
        arena_init(&call->retry_arena, call->calls->options.budget);
        arena_defer(call->exchange->arena, release_retry_arena, &call->retry_arena);
    } else {
        arena_reset(&call->retry_arena);
    }
    return &call->retry_arena;
}

static void count_one_more(struct loop_sink *sink)
{
    uint64_t count = atomic_load_explicit(&sink->begun_count, memory_order_relaxed);
    atomic_store_explicit(&sink->begun_count, count + 1, memory_order_relaxed);
}

uint64_t calls_begun_count(const struct calls *calls)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < calls->options.loop_count; i++)
        count += atomic_load_explicit(&calls->sinks[i].begun_count, memory_order_relaxed);
    return count;
}

/*
 * On a reader, within a long read. The system gives a thread the core for milliseconds, during
 * which a loop that shares the core answers nobody: so where loops have had requests meanwhile,
 * leave the core for a moment. Sleeping does that on any system; yielding does it on some.
 */
static void let_loops_run(struct db_session *session)
{
    struct call *call = session->owner;
    uint64_t begun_count = calls_begun_count(call->calls);
    if (begun_count == call->begun_count_seen)
        return;
    call->begun_count_seen = begun_count;
    const struct timespec moment = {.tv_nsec = 20000};
    nanosleep(&moment, NULL);
}

static void run(struct call *call)
{
    if (call->runs > 0)
        charges_take_back(&call->session, 0);
    enum store_tier tier = call->place == ON_LOOP ? STORE_CACHED : STORE_ANY;
    struct arena *arena = fresh_arena(call);
    if (call->runs > 0)
        times_enter(&call->times, PHASE_RUN);
    call->runs++;
    call->is_settled = false;
    struct loop_sink *sink = &call->calls->sinks[loop_index(call->exchange->loop)];
    db_session_init(&call->session, call->calls->options.db, arena, tier, &sink->sink, call);
    if (call->place == ON_WORKER)
        call->session.rows_left = WORKER_READ_ROWS_MAX;
    if (call->place == ON_READER)
        call->session.between_steps = let_loops_run;
    json_writer_init(&call->out, arena);
    struct request request = {.session = &call->session,
                              .arena = arena,
                              .out = &call->out,
                              .host = http_header(&call->exchange->request, SLICE("Host")),
                              .batch_items_max = call->changes.batch_items_max};
    call->failure = operation_run(call->operation, &request, call->exchange->request.body);
    if (call->session.submitted)
        times_enter(&call->times, PHASE_COMMIT);
}

static void park(struct call *call)
{
    times_enter(&call->times, PHASE_ROOM);
    pthread_mutex_lock(&call->calls->mutex);
    call->next_parked = call->calls->parked;
    call->calls->parked = call;
    call->calls->parked_count++;
    pthread_mutex_unlock(&call->calls->mutex);
}

static bool is_settled(struct call *call)
{
    if (!call->session.submitted)
        return true;
    if (!call->is_settled)
        return false;
    error failure = db_session_settle(&call->session);
    if (failure)
        call->failure = failure;
    return true;
}

static void after_run(struct call *call);

static void after_worker(struct task *task)
{
    struct call *call = OBJECT_OF(task, struct call, run_task);
    call->has_run = true;
    after_run(call);
}

static void run_on_worker(struct task *task)
{
    struct call *call = OBJECT_OF(task, struct call, run_task);
    run(call);
    task->run = after_worker;
    loop_post(call->exchange->loop, task);
}

static void hand_to_worker(struct call *call)
{
    times_enter(&call->times, PHASE_WORKER);
    call->has_run = false;
    call->run_task.run = run_on_worker;
    const struct calls_options *options = &call->calls->options;
    bool reads_much = call->place == ON_WORKER || call->session.rows_left == 0;
    call->place = reads_much ? ON_READER : ON_WORKER;
    workers_run(reads_much ? options->readers : options->workers, &call->run_task);
}

/* On the loop, when a run has ended and whenever its change set is settled. */
static void after_run(struct call *call)
{
    if (!is_settled(call))
        return;
    enum error_kind kind = call->failure ? call->failure->kind : ERROR_KIND_COUNT;
    if (kind == ERROR_WOULD_BLOCK)
        hand_to_worker(call);
    else if (kind == ERROR_BUSY)
        park(call);
    else if (kind == ERROR_CONFLICT && call->runs < RUNS_MAX)
        run_on_loop(call);
    else
        reply(call);
}

static void run_on_loop(struct call *call)
{
    call->place = ON_LOOP;
    run(call);
    call->has_run = true;
    after_run(call);
}

static void on_settled(struct task *task)
{
    struct call *call = OBJECT_OF(task, struct call, settled_task);
    call->is_settled = true;
    if (call->has_run)
        after_run(call);
}

static void on_parked(struct task *task)
{
    run_on_loop(OBJECT_OF(task, struct call, run_task));
}

void calls_wake_parked(struct calls *calls)
{
    pthread_mutex_lock(&calls->mutex);
    struct call *call = calls->parked;
    calls->parked = NULL;
    calls->parked_count = 0;
    pthread_mutex_unlock(&calls->mutex);
    while (call) {
        struct call *next = call->next_parked;
        call->run_task.run = on_parked;
        loop_post(call->exchange->loop, &call->run_task);
        call = next;
    }
}

unsigned calls_parked(struct calls *calls)
{
    pthread_mutex_lock(&calls->mutex);
    unsigned count = calls->parked_count;
    pthread_mutex_unlock(&calls->mutex);
    return count;
}

static void set_telling(struct calls *calls, bool is_telling)
{
    pthread_mutex_lock(&calls->mutex);
    calls->is_telling = is_telling;
    pthread_cond_signal(&calls->told);
    pthread_mutex_unlock(&calls->mutex);
}

/* On the commit queue's thread. Once the last call is posted, it may be answered and the server be
   at its end before this is: calls_free waits for it. */
static void deliver(struct store_sink *sink, struct store_change_set *first)
{
    struct calls *calls = OBJECT_OF(sink, struct loop_sink, sink)->calls;
    set_telling(calls, true);
    while (first) {
        struct store_change_set *next = first->next; /* the call may go once it is posted */
        struct call *call = first->owner;
        call->settled_task.run = on_settled;
        loop_post(call->exchange->loop, &call->settled_task);
        first = next;
    }
    calls_wake_parked(calls);
    set_telling(calls, false);
}

void calls_end_turn(struct calls *calls)
{
    store_end_turn(calls->options.store);
}

struct calls *calls_new(const struct calls_options *options)
{
    struct calls *calls = memory_alloc_zeroed(sizeof *calls);
    calls->options = *options;
    pthread_mutex_init(&calls->mutex, NULL);
    pthread_cond_init(&calls->told, NULL);
    calls->sinks = memory_alloc_zeroed(options->loop_count * sizeof calls->sinks[0]);
    for (unsigned i = 0; i < options->loop_count; i++)
        calls->sinks[i] =
            (struct loop_sink){.sink = {.deliver = deliver, .gathers = true}, .calls = calls};
    return calls;
}

void calls_free(struct calls *calls)
{
    pthread_mutex_lock(&calls->mutex);
    while (calls->is_telling)
        pthread_cond_wait(&calls->told, &calls->mutex);
    assert_that(!calls->parked);
    pthread_mutex_unlock(&calls->mutex);
    pthread_cond_destroy(&calls->told);
    pthread_mutex_destroy(&calls->mutex);
    free(calls->sinks);
    free(calls);
}

void call_start(struct calls *calls, struct http_exchange *exchange,
                const struct operation *operation, const struct reply_form *form,
                const struct call_changes *changes)
{
    struct call *call = arena_new(exchange->arena, struct call);
    call->calls = calls;
    call->exchange = exchange;
    call->operation = operation;
    call->form = *form;
    if (changes)
        call->changes = *changes;
    count_one_more(&calls->sinks[loop_index(exchange->loop)]);
    times_begin(&call->times, exchange->started_us);
    run_on_loop(call);
}

void call_refuse(struct calls *calls, struct http_exchange *exchange,
                 const struct operation *operation, const struct reply_form *form, error failure)
{
    counts_refusal(calls->options.counts, loop_index(exchange->loop), operation, failure);
    reply_error(exchange, form, failure);
}
