/*
 * Key conditions of Query: the condition grammar, restricted to an equality on every attribute of
 * the partition key, equalities on the first attributes of the sort key and at most one other
 * comparison on the last of those used. KeyConditions (legacy) becomes the same struct.
 * Source: Developer Guide, expressions, error texts captured from the service.
 */
#pragma once
#include "expr/placeholders.h"
#include "item/key.h"

enum range_operator {
    RANGE_ANY, /* no condition on the sort key, or no further one */
    RANGE_EQ,
    RANGE_LT,
    RANGE_LE,
    RANGE_GT,
    RANGE_GE,
    RANGE_BETWEEN, /* both bounds included */
    RANGE_BEGINS_WITH,
};

struct key_condition {
    slice hash_values[KEY_PARTS_MAX]; /* in the order of the schema */
    uint32_t hash_count;
    slice equal_values[KEY_PARTS_MAX]; /* of sort attributes before the last one compared */
    uint32_t equal_count;              /* 0 unless the sort key has several */
    enum range_operator range_operator; /* on the sort attribute after these */
    slice range_value;       /* the lower bound of BETWEEN */
    slice range_value_upper; /* BETWEEN only */
};

/* What the text says, before a table is known: clauses on attribute names. */
struct key_condition_clauses;
struct condition;

/* As a condition: what it may not be as a key condition is judged after the other expressions. */
error key_condition_parse(struct arena *arena, slice text, struct placeholders *placeholders,
                          const struct condition **condition) MUST_CHECK;
error key_condition_restrict(struct arena *arena, const struct condition *condition,
                             const struct key_condition_clauses **clauses) MUST_CHECK;

/* Against the keys of the table or index queried: names, types, sizes. */
error key_condition_resolve(struct arena *arena, const struct key_condition_clauses *clauses,
                            const struct key_parts *keys,
                            struct key_condition *condition) MUST_CHECK;
