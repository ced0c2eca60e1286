/*
 * Expressions and the older parameters they replaced: a request uses one kind or the other.
 */
#pragma once
#include "base/error.h"

struct arena;

struct parameter {
    slice name;
    bool given;
};

/*
 *   Errors: VALIDATION when some of both are given.
 *   Source: error texts captured from the service.
 */
error parameters_check_mixed(struct arena *arena, const struct parameter *older,
                             uint32_t older_count, const struct parameter *expressions,
                             uint32_t expression_count) MUST_CHECK;
