/*
 * Which keys of a table or index a SELECT's condition leaves: one read for each alternative that
 * fixes the partition key. Reads are ranges to look in; whether an item counts is still for the
 * whole condition to say.
 *
 * Alternatives are those of OR and of IN where they speak of keys: `pk IN ['a', 'b'] AND sk > '1'`
 * is two. Source: Developer Guide, PartiQL for DynamoDB; error texts captured from the service.
 */
#pragma once
#include "expr/condition.h"
#include "expr/key_condition.h"

struct key_read {
    slice hash_value;
    const struct key_condition *conditions; /* on the sort key; all hold */
    uint32_t condition_count;               /* 0: it contradicts itself and finds nothing */
    bool may_overlap; /* it rules out sort keys one by one: others may read the same range */
    const struct condition *condition; /* all that this alternative says */
};

struct key_reads {
    bool is_keyed; /* every alternative fixes the partition key; else the rest is empty */
    const struct key_read *reads;
    uint32_t count;
};

/*
 *   `where` may be NULL. `keys`: one attribute for each part.
 *   Errors: VALIDATION for values that cannot be keys, and for too many reads.
 */
error key_reads_find(struct arena *arena, const struct condition *where,
                     const struct key_parts *keys, struct key_reads *reads) MUST_CHECK;
