#include "server/counts.h"

#include "base/assert.h"
#include "base/memory.h"
#include "db/table/table_counters.h"
#include <stdlib.h>

/* Of one operation; the one behind the last is none. */
struct operation_counts {
    struct histogram latency_us;
    _Atomic uint64_t failures[ERROR_KIND_COUNT];
};

struct loop_counts {
    _Atomic uint64_t phase_us[PHASE_COUNT];
    struct operation_counts operations[]; /* operation_count() and one for none */
};

struct counts {
    unsigned loop_count;
    uint8_t *table_calls; /* by operation: its kind of call, or TABLE_CALL_KINDS_MAX */
    struct loop_counts *loops[];
};

/* In the order of their counters. */
static const slice table_calls[TABLE_CALL_KINDS_MAX + 1] = {
    SLICE("GetItem"),
    SLICE("PutItem"),
    SLICE("UpdateItem"),
    SLICE("DeleteItem"),
    SLICE("Query"),
    SLICE("Scan"),
    SLICE("BatchGetItem"),
    SLICE("BatchWriteItem"),
    SLICE("TransactGetItems"),
    SLICE("TransactWriteItems"),
    SLICE("ExecuteStatement"),
    SLICE("BatchExecuteStatement"),
    SLICE("ExecuteTransaction"),
};

slice counts_table_call(uint32_t kind)
{
    assert_that(kind <= TABLE_CALL_KINDS_MAX);
    return table_calls[kind];
}

struct counts *counts_new(unsigned loop_count)
{
    uint32_t operations = operation_count();
    struct counts *counts =
        memory_alloc_zeroed(sizeof *counts + loop_count * sizeof counts->loops[0]);
    counts->loop_count = loop_count;
    /* Each loop's of its own, so that no two write to one cache line. */
    for (unsigned i = 0; i < loop_count; i++)
        counts->loops[i] = memory_alloc_zeroed(
            sizeof *counts->loops[i] + (operations + 1) * sizeof counts->loops[i]->operations[0]);
    counts->table_calls = memory_alloc(operations);
    memset(counts->table_calls, TABLE_CALL_KINDS_MAX, operations);
    for (uint8_t kind = 0; table_calls[kind].size > 0; kind++)
        counts->table_calls[operation_index(operation_find(table_calls[kind]))] = kind;
    return counts;
}

void counts_free(struct counts *counts)
{
    for (unsigned i = 0; i < counts->loop_count; i++)
        free(counts->loops[i]);
    free(counts->table_calls);
    free(counts);
}

/* ---- counting ---- */

enum failure_class failure_class(enum error_kind kind)
{
    switch (kind) {
    case ERROR_CONDITIONAL_CHECK_FAILED:
        return FAILURE_OF_CONDITION;
    case ERROR_TRANSACTION_CONFLICT:
        return FAILURE_OF_CONFLICT;
    case ERROR_PROVISIONED_THROUGHPUT_EXCEEDED:
    case ERROR_REQUEST_LIMIT_EXCEEDED:
    case ERROR_THROTTLING:
        return FAILURE_THROTTLED;
    default:
        return error_wire_of(kind)->status >= 500 ? FAILURE_OF_SYSTEM : FAILURE_OF_USER;
    }
}

static void count_table_failure(struct table_counters *counters, enum error_kind kind)
{
    switch (failure_class(kind)) {
    case FAILURE_OF_USER: /* the service counts these for no table either */
        return;
    case FAILURE_OF_SYSTEM:
        counter_add_shared(&counters->system_errors, 1);
        return;
    case FAILURE_THROTTLED:
        counter_add_shared(&counters->throttled, 1);
        return;
    case FAILURE_OF_CONDITION:
        counter_add_shared(&counters->conditions_failed, 1);
        return;
    case FAILURE_OF_CONFLICT:
        counter_add_shared(&counters->transaction_conflicts, 1);
        return;
    }
}

void counts_call(struct counts *counts, unsigned loop_index, const struct operation *operation,
                 const struct times *times, error failure, const struct table *table)
{
    struct loop_counts *loop = counts->loops[loop_index];
    uint32_t index = operation_index(operation);
    uint64_t total_us = 0;
    for (enum phase phase = 0; phase < PHASE_COUNT; phase++) {
        counter_add(&loop->phase_us[phase], times->spent_us[phase]);
        total_us += times->spent_us[phase];
    }
    if (failure)
        counter_add(&loop->operations[index].failures[failure->kind], 1);
    else
        histogram_record(&loop->operations[index].latency_us, total_us);
    if (!table)
        return;
    struct table_counters *counters = table_counters(table);
    uint8_t kind = counts->table_calls[index];
    if (failure) {
        count_table_failure(counters, failure->kind);
    } else if (kind < TABLE_CALL_KINDS_MAX) {
        counter_add_shared(&counters->calls[kind].count, 1);
        counter_add_shared(&counters->calls[kind].us, total_us);
    }
}

void counts_refusal(struct counts *counts, unsigned loop_index, const struct operation *operation,
                    error failure)
{
    uint32_t index = operation ? operation_index(operation) : operation_count();
    counter_add(&counts->loops[loop_index]->operations[index].failures[failure->kind], 1);
}

/* ---- reading ---- */

void counts_latency(const struct counts *counts, uint32_t operation_index,
                    struct histogram_sum *sum)
{
    *sum = (struct histogram_sum){0};
    for (unsigned i = 0; i < counts->loop_count; i++)
        histogram_add_to(&counts->loops[i]->operations[operation_index].latency_us, sum);
}

uint64_t counts_failures(const struct counts *counts, uint32_t operation_index,
                         enum error_kind kind)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < counts->loop_count; i++)
        sum += counter_read(&counts->loops[i]->operations[operation_index].failures[kind]);
    return sum;
}

uint64_t counts_phase_us(const struct counts *counts, enum phase phase)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < counts->loop_count; i++)
        sum += counter_read(&counts->loops[i]->phase_us[phase]);
    return sum;
}
