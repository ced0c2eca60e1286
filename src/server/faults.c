#include "server/faults.h"

#include "base/assert.h"
#include "base/clock.h"
#include "base/memory.h"
#include "db/partition/throttle.h"
#include "ops/transact.h"
#include "server/fault_rules.h"
#include <pthread.h>
#include <stdlib.h>

/* A request that waits. In its exchange's arena. */
struct delayed {
    struct task task;
    struct faults *faults;
    struct http_exchange *exchange;
    const struct operation *operation;
    struct reply_form form;
    int64_t due_ms;
    struct delayed *next;
};

struct faults {
    struct calls *calls;
    const struct clock *clock;
    pthread_mutex_t mutex; /* guards all below */
    struct fault_rules rules;
    struct delayed *delayed; /* in the order in which they came */
    struct delayed **end;    /* of that list */
    bool is_ending;
};

struct faults *faults_open(struct calls *calls, const struct clock *clock)
{
    struct faults *faults = memory_alloc_zeroed(sizeof *faults);
    faults->calls = calls;
    faults->clock = clock;
    faults->end = &faults->delayed;
    pthread_mutex_init(&faults->mutex, NULL);
    return faults;
}

void faults_close(struct faults *faults)
{
    assert_that(!faults->delayed);
    pthread_mutex_destroy(&faults->mutex);
    free(faults);
}

/* ---- waiting ---- */

/* Time of day may jump; only a manual clock, which tests move, is asked for it. */
static int64_t now_ms(const struct faults *faults)
{
    return faults->clock->manual ? clock_now_ms(faults->clock)
                                 : (int64_t)(clock_monotonic_us() / 1000);
}

static void run_delayed(struct task *task)
{
    struct delayed *delayed = OBJECT_OF(task, struct delayed, task);
    call_start(delayed->faults->calls, delayed->exchange, delayed->operation, &delayed->form,
               NULL);
}

/* With the mutex. */
static void release_until(struct faults *faults, int64_t until_ms)
{
    struct delayed **link = &faults->delayed;
    while (*link) {
        struct delayed *delayed = *link;
        if (delayed->due_ms > until_ms) {
            link = &delayed->next;
            continue;
        }
        *link = delayed->next;
        delayed->task.run = run_delayed;
        loop_post(delayed->exchange->loop, &delayed->task);
    }
    faults->end = link;
}

void faults_release(struct faults *faults)
{
    pthread_mutex_lock(&faults->mutex);
    if (faults->delayed)
        release_until(faults, now_ms(faults));
    pthread_mutex_unlock(&faults->mutex);
}

void faults_end_delays(struct faults *faults)
{
    pthread_mutex_lock(&faults->mutex);
    faults->is_ending = true;
    release_until(faults, INT64_MAX);
    pthread_mutex_unlock(&faults->mutex);
}

/* False: the server is ending, and nothing waits any more. */
static bool delay(struct faults *faults, struct delayed *delayed, uint32_t delay_ms)
{
    pthread_mutex_lock(&faults->mutex);
    bool waits = !faults->is_ending;
    if (waits) {
        delayed->due_ms = now_ms(faults) + delay_ms;
        *faults->end = delayed;
        faults->end = &delayed->next;
    }
    pthread_mutex_unlock(&faults->mutex);
    return waits;
}

/* ---- answers ---- */

#define CONFLICT_TEXT "Transaction is ongoing for the item"

/* The reason stands at the first action on the rule's table. */
static error cancellation(struct arena *arena, const struct fault_rule *rule,
                          const struct fault_target *target)
{
    struct cancellation_reason *reasons =
        arena_new_array(arena, struct cancellation_reason, target->table_count);
    uint32_t first = 0;
    while (first < target->table_count && !fault_rule_has_table(rule, target->tables[first]))
        first++;
    if (first < target->table_count) {
        reasons[first].code = SLICE("TransactionConflict");
        reasons[first].message = SLICE(CONFLICT_TEXT);
    }
    return transaction_canceled(arena, reasons, target->table_count);
}

/* What the request is answered; NULL when its fault is none of an answer. */
static error answer_of(struct arena *arena, const struct fault_rule *rule,
                       const struct fault_target *target)
{
    switch (rule->kind) {
    case REHEARSE_CONFLICT:
        if (fault_operation_is_transaction(target->operation))
            return cancellation(arena, rule, target);
        return FAILURE(ERROR_TRANSACTION_CONFLICT, CONFLICT_TEXT);
    case REHEARSE_THROUGHPUT:
        return FAILURE(ERROR_PROVISIONED_THROUGHPUT_EXCEEDED,
                       THROTTLED_TABLE);
    case REHEARSE_THROTTLING:
        if (!fault_operation_is_data(target->operation))
            return FAILURE(ERROR_THROTTLING, "Rate exceeded");
        return FAILURE(ERROR_THROTTLING, THROTTLED_TABLE_ON_DEMAND);
    case REHEARSE_INTERNAL:
        return FAILURE(ERROR_INTERNAL_SERVER_ERROR, "A rehearsed fault of /_stator/faults");
    default:
        return NULL;
    }
}

void faults_start(struct faults *faults, struct http_exchange *exchange,
                  const struct operation *operation, const struct reply_form *form)
{
    struct fault_target *target = arena_new(exchange->arena, struct fault_target);
    fault_target_read(exchange->arena, operation, exchange->request.body, target);
    pthread_mutex_lock(&faults->mutex);
    const struct fault_rule *met = fault_rules_take(&faults->rules, target);
    struct fault_rule rule = met ? *met : (struct fault_rule){.kind = REHEARSE_COUNT};
    pthread_mutex_unlock(&faults->mutex);

    error answer = answer_of(exchange->arena, &rule, target);
    struct call_changes changes = {.answer = answer};
    if (rule.kind == REHEARSE_PARTIAL_BATCH)
        changes.batch_items_max = rule.processed;
    if (rule.kind == REHEARSE_LATENCY) {
        struct delayed *delayed = arena_new(exchange->arena, struct delayed);
        *delayed = (struct delayed){
            .faults = faults, .exchange = exchange, .operation = operation, .form = *form};
        if (delay(faults, delayed, rule.delay_ms))
            return;
    }
    if (answer && !rule.applied)
        call_refuse(faults->calls, exchange, operation, form, answer);
    else
        call_start(faults->calls, exchange, operation, form, &changes);
}

/* ---- the page ---- */

static void show(struct faults *faults, struct http_exchange *exchange, struct reply_form *form)
{
    struct json_writer out;
    json_writer_init(&out, exchange->arena);
    pthread_mutex_lock(&faults->mutex);
    fault_rules_write(&out, &faults->rules);
    pthread_mutex_unlock(&faults->mutex);
    form->content_type = SLICE("application/json");
    reply_plain(exchange, form, 200, json_writer_text(&out));
}

static void replace(struct faults *faults, const struct fault_rules *rules)
{
    pthread_mutex_lock(&faults->mutex);
    faults->rules = *rules;
    pthread_mutex_unlock(&faults->mutex);
}

void faults_answer(struct faults *faults, struct http_exchange *exchange, struct reply_form *form)
{
    const struct http_request *request = &exchange->request;
    struct fault_rules *rules = arena_new(exchange->arena, struct fault_rules);
    if (slice_equal(request->method, SLICE("PUT"))) {
        error failure = fault_rules_parse(exchange->arena, request->body, rules);
        if (failure) {
            reply_plain(exchange, form, 400,
                        arena_format(exchange->arena, "%.*s\n", SLICE_ARGS(failure->message)));
            return;
        }
        replace(faults, rules);
    } else if (slice_equal(request->method, SLICE("DELETE"))) {
        replace(faults, rules);
    } else if (!slice_equal(request->method, SLICE("GET"))) {
        reply_plain(exchange, form, 405, SLICE("Faults take GET, PUT and DELETE.\n"));
        return;
    }
    show(faults, exchange, form);
}
