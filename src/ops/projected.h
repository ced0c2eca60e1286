/*
 * What a read by key returns of an item: ProjectionExpression with its names, or the older
 * AttributesToGet.
 */
#pragma once
#include "expr/projection.h"
#include "ops/decode.h"

struct projected {
    struct decoded_list attributes_to_get;
    slice expression;
    struct placeholders placeholders; /* names only */
};

/*
 * That not both kinds are used, in one of them or over several that one request holds.
 *   Errors: VALIDATION.
 */
error projected_check_mixed(struct arena *arena, const struct projected *const *projected,
                            uint32_t count) MUST_CHECK;

/*
 * That names come with an expression that may use them: of one item judged before its key.
 *   Errors: VALIDATION.
 */
error projected_check_unwanted(struct arena *arena,
                               const struct projected *projected) MUST_CHECK;

/*
 *   `projection` is NULL when the whole item returns.
 *   Errors: VALIDATION.
 */
error projected_parse(struct arena *arena, const struct projected *projected,
                      const struct projection **projection) MUST_CHECK;
