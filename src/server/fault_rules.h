/*
 * Rules of rehearsed faults: which requests are to go wrong, and how.
 *
 * A document names up to FAULT_RULES_MAX rules:
 *
 *   {"Faults": [{"Fault": "TransactionConflict", "Operation": "TransactWriteItems",
 *                "Table": "Orders", "Skip": 2, "Count": 3}]}
 *
 *   Fault         TransactionConflict, ProvisionedThroughputExceeded, Throttling,
 *                 InternalServerError, Latency or PartialBatch
 *   Operation     the only operation that meets the fault; without it all that can
 *   Table         the only table; without it all, and requests that name none
 *   Skip          so many matching requests pass first; 0 unless told
 *   Count         so many meet the fault then; 1 unless told
 *   Milliseconds  Latency alone, which needs it: how long the request waits before it runs
 *   Processed     PartialBatch alone: items that are processed; 1 unless told
 *   Applied       InternalServerError alone: true lets the request take effect, and answers 500
 *
 * A request meets the first rule that matches it and is not spent; each rule counts for itself, in
 * the order in which requests arrive.
 */
#pragma once
#include "json/writer.h"
#include "ops/operation.h"

enum { FAULT_RULES_MAX = 64, FAULT_TABLE_BYTES_MAX = 255, FAULT_TABLES_MAX = 100 };

enum fault_kind {
    REHEARSE_CONFLICT,
    REHEARSE_THROUGHPUT,
    REHEARSE_THROTTLING,
    REHEARSE_INTERNAL,
    REHEARSE_LATENCY,
    REHEARSE_PARTIAL_BATCH,
    REHEARSE_COUNT
};

struct fault_rule {
    enum fault_kind kind;
    const struct operation *operation; /* NULL: all that can meet the fault */
    char table[FAULT_TABLE_BYTES_MAX];
    uint8_t table_size; /* 0: any */
    uint32_t skip;
    uint32_t count;
    uint32_t delay_ms;
    uint32_t processed;
    bool applied;
    uint32_t matched; /* requests that matched while it was not spent */
};

struct fault_rules {
    struct fault_rule rules[FAULT_RULES_MAX];
    uint32_t count;
};

/* What rules ask of a request. Names of tables are borrowed from its body, or its arena. */
struct fault_target {
    const struct operation *operation;
    slice tables[FAULT_TABLES_MAX]; /* of a transaction one for each action, in order */
    uint32_t table_count;
};

/*   Errors: USAGE with a sentence: what in the document is no rule. */
error fault_rules_parse(struct arena *arena, slice document, struct fault_rules *rules) MUST_CHECK;

/* The document again, with the requests that each rule has let pass and has met: Skipped, Met. */
void fault_rules_write(struct json_writer *out, const struct fault_rules *rules);

/* The body passed json_check; what is no request of the operation names no tables. */
void fault_target_read(struct arena *arena, const struct operation *operation, slice body,
                       struct fault_target *target);

/* Count the request; the rule that it meets, or NULL. */
const struct fault_rule *fault_rules_take(struct fault_rules *rules,
                                          const struct fault_target *target);

/* Whether an action, or a request's only one, is on the rule's table. */
bool fault_rule_has_table(const struct fault_rule *rule, slice table);

/* A conflict with a transaction is told among the reasons of its cancellation. */
bool fault_operation_is_transaction(const struct operation *operation);

/* Reads or writes items: it has throughput of a table to exceed. */
bool fault_operation_is_data(const struct operation *operation);
