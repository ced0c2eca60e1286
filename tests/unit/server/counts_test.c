#include "server/counts.h"

#include "db/table/table.h"
#include "db/table/table_counters.h"
#include "tests/test.h"
#include "tests/unit/db/fixture.h"

static uint64_t count_of(const struct histogram_sum *histogram)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < HISTOGRAM_BUCKET_COUNT; i++)
        count += histogram->counts[i];
    return count;
}

TEST(calls_add_up_over_the_loops_by_operation_and_outcome)
{
    const struct operation *get = operation_find(SLICE("GetItem"));
    const struct operation *put = operation_find(SLICE("PutItem"));
    const struct times times = {.spent_us = {[PHASE_RUN] = 20, [PHASE_COMMIT] = 100}};
    error invalid = FAILURE(ERROR_VALIDATION, "no");
    struct counts *counts = counts_new(2);
    counts_call(counts, 0, get, &times, NULL, NULL);
    counts_call(counts, 1, get, &times, NULL, NULL);
    counts_call(counts, 1, put, &times, invalid, NULL);
    counts_refusal(counts, 0, put, invalid);
    counts_refusal(counts, 1, NULL, invalid);

    struct histogram_sum latency;
    counts_latency(counts, operation_index(get), &latency);
    CHECK(count_of(&latency) == 2 && latency.sum == 240);
    CHECK(latency.counts[histogram_bucket(120)] == 2);
    counts_latency(counts, operation_index(put), &latency);
    CHECK(count_of(&latency) == 0);
    CHECK(counts_failures(counts, operation_index(put), ERROR_VALIDATION) == 2);
    CHECK(counts_failures(counts, operation_index(get), ERROR_VALIDATION) == 0);
    CHECK(counts_failures(counts, operation_count(), ERROR_VALIDATION) == 1);
    CHECK(counts_phase_us(counts, PHASE_RUN) == 60);
    CHECK(counts_phase_us(counts, PHASE_COMMIT) == 300);
    CHECK(counts_phase_us(counts, PHASE_WORKER) == 0);
    counts_free(counts);
}

TEST(every_kind_of_failure_has_its_class)
{
    static const struct {
        enum error_kind kind;
        enum failure_class class;
    } rows[] = {
        {ERROR_VALIDATION, FAILURE_OF_USER},
        {ERROR_RESOURCE_NOT_FOUND, FAILURE_OF_USER},
        {ERROR_TRANSACTION_CANCELED, FAILURE_OF_USER},
        {ERROR_CONDITIONAL_CHECK_FAILED, FAILURE_OF_CONDITION},
        {ERROR_TRANSACTION_CONFLICT, FAILURE_OF_CONFLICT},
        {ERROR_THROTTLING, FAILURE_THROTTLED},
        {ERROR_PROVISIONED_THROUGHPUT_EXCEEDED, FAILURE_THROTTLED},
        {ERROR_REQUEST_LIMIT_EXCEEDED, FAILURE_THROTTLED},
        {ERROR_LIMIT_EXCEEDED, FAILURE_OF_USER},
        {ERROR_INTERNAL_SERVER_ERROR, FAILURE_OF_SYSTEM},
        {ERROR_SERVICE_UNAVAILABLE, FAILURE_OF_SYSTEM},
        {ERROR_CORRUPT, FAILURE_OF_SYSTEM},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK(failure_class(rows[i].kind) == rows[i].class);
}

TEST(operations_have_places_of_their_own)
{
    for (uint32_t i = 0; i < operation_count(); i++)
        CHECK(operation_index(operation_at(i)) == i);
    CHECK(operation_at(operation_count()) == NULL);
    for (uint32_t kind = 0; counts_table_call(kind).size > 0; kind++)
        CHECK(operation_find(counts_table_call(kind)) != NULL);
}

TEST(a_table_counts_what_succeeded_by_kind_and_failures_by_class)
{
    const struct times times = {.spent_us = {[PHASE_RUN] = 20}};
    const struct operation *put = operation_find(SLICE("PutItem"));
    static const enum error_kind failures[] = {ERROR_VALIDATION, ERROR_CONDITIONAL_CHECK_FAILED,
                                               ERROR_TRANSACTION_CONFLICT, ERROR_THROTTLING,
                                               ERROR_CORRUPT};
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct table *table = find_table(&caller);
    CHECK(caller.session.table == table);

    struct counts *counts = counts_new(1);
    counts_call(counts, 0, put, &times, NULL, table);
    counts_call(counts, 0, operation_find(SLICE("DescribeTable")), &times, NULL, table);
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
        counts_call(counts, 0, put, &times, &(struct failure){.kind = failures[i]}, table);
    const struct table_counters *counters = table_counters(table);
    uint64_t calls = 0;
    for (uint32_t kind = 0; kind < TABLE_CALL_KINDS_MAX; kind++)
        calls += counter_read(&counters->calls[kind].count);
    CHECK(calls == 1);
    CHECK(counter_read(&counters->conditions_failed) == 1);
    CHECK(counter_read(&counters->transaction_conflicts) == 1);
    CHECK(counter_read(&counters->throttled) == 1);
    CHECK(counter_read(&counters->system_errors) == 1);
    counts_free(counts);
    caller_close(&caller);
    fixture_close(&fixture);
}
