/*
 * What PutItem and DeleteItem share: the condition under which they write, what they return, and
 * what a condition that does not hold answers.
 */
#pragma once
#include "db/write.h"
#include "ops/legacy_members.h"
#include "ops/members.h"
#include "ops/operation.h"

struct conditional {
    slice expression;
    struct placeholders placeholders;
    struct decoded_list expected;
    enum joined_by joined_by;
    enum return_values return_values;
    enum failure_values failure_values;
};

/*
 * Check and parse all that can be judged without the table.
 *   Errors: VALIDATION, in the envelope that these operations use.
 *   Source: errors sheet sections 6 (layers) and 9.
 */
error conditional_parse(struct arena *arena, const struct conditional *conditional,
                        const struct condition **condition) MUST_CHECK;

struct conditional_reply {
    const struct table_name *table_name;
    enum capacity_detail capacity;
};

/* Write, then the reply: the old item if asked for, and the capacity. */
error conditional_write(struct request *request, const struct conditional *conditional,
                        const struct write_plan *plan,
                        const struct conditional_reply *reply) MUST_CHECK;
