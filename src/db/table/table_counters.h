/*
 * What is counted of a table, from its creation or the start of the process on: it belongs to one
 * incarnation of a name, whatever becomes of its description. Any thread counts and reads.
 */
#pragma once
#include "base/counter.h"

struct table;

enum { TABLE_CALL_KINDS_MAX = 16 };

struct table_counters {
    _Atomic uint64_t expired_items; /* deleted by time to live */

    /* Of whoever serves requests (server/counts.h). */
    _Atomic uint64_t conditions_failed;
    _Atomic uint64_t transaction_conflicts;
    _Atomic uint64_t throttled;
    _Atomic uint64_t system_errors;
    struct {
        _Atomic uint64_t count;
        _Atomic uint64_t us;
    } calls[TABLE_CALL_KINDS_MAX]; /* that succeeded, and how long they took */
};

/* Lives as long as the table is held. */
struct table_counters *table_counters(const struct table *table);
