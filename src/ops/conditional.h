/*
 * What PutItem and DeleteItem share: the condition under which they write, what they return, and
 * what a condition that does not hold answers.
 */
#pragma once
#include "db/write.h"
#include "ops/legacy_members.h"
#include "ops/members.h"
#include "ops/operation.h"

/*
 * How Put, Update and DeleteItem word what is wrong with values and expressions: in the current
 * layer, as the service was measured in October 2026, but for what the public conformance suite
 * asserts in the older one: each such place names the suite's file.
 */
#define CONDITIONAL_LAYER VALUE_LAYER_CURRENT

struct conditional {
    slice expression;
    enum value_layer unwanted_layer; /* words names and values given without an expression */
    struct placeholders placeholders;
    struct decoded_list expected;
    enum joined_by joined_by;
    enum return_values return_values;
    enum failure_values failure_values;
};

/*
 * Check and parse all that can be judged without the table.
 *   Errors: VALIDATION.
 */
error conditional_parse(struct arena *arena, const struct conditional *conditional,
                        const struct condition **condition) MUST_CHECK;

struct conditional_reply {
    const struct table_name *table_name;
    enum capacity_detail capacity;
    enum collection_metrics collection_metrics;
};

/* Write, then the reply: the old item, capacity and collection metrics that were asked for. */
error conditional_write(struct request *request, const struct conditional *conditional,
                        const struct write_plan *plan,
                        const struct conditional_reply *reply) MUST_CHECK;
