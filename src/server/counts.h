/*
 * What requests came to: how long those took that succeeded, what the others failed with, where
 * their time went. Per operation, and of the table that a request found first per kind of call.
 *
 * Each loop counts for itself, without locks or locked instructions; tables are counted with
 * relaxed atomics. A page adds up what the loops have counted while they go on.
 */
#pragma once
#include "base/error.h"
#include "base/histogram.h"
#include "ops/operation.h"
#include "server/times.h"

struct counts;

struct counts *counts_new(unsigned loop_count);
void counts_free(struct counts *counts);

/* A call has ended, on its loop. `failure` NULL: it succeeded. `table` NULL: it found none. */
void counts_call(struct counts *counts, unsigned loop_index, const struct operation *operation,
                 const struct times *times, error failure, const struct table *table);

/* A request was refused before it ran, on its loop. `operation` NULL: it names none. */
void counts_refusal(struct counts *counts, unsigned loop_index, const struct operation *operation,
                    error failure);

/* ---- reading: any thread ---- */

/* `operation_index` as of operation_at; operation_count() stands for none. Microseconds. */
void counts_latency(const struct counts *counts, uint32_t operation_index,
                    struct histogram_sum *sum);
uint64_t counts_failures(const struct counts *counts, uint32_t operation_index,
                         enum error_kind kind);
uint64_t counts_phase_us(const struct counts *counts, enum phase phase);

/* What a failure counts as, as the service's metrics tell them apart. */
enum failure_class {
    FAILURE_OF_USER,
    FAILURE_OF_SYSTEM,
    FAILURE_THROTTLED,
    FAILURE_OF_CONDITION,
    FAILURE_OF_CONFLICT,
};
enum failure_class failure_class(enum error_kind kind);

/* The kinds of calls that a table counts apart, at most TABLE_CALL_KINDS_MAX: the operations that
 * read or write items. Empty: there are no more. */
slice counts_table_call(uint32_t kind);
