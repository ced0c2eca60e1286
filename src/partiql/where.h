/*
 * Conditions of statements: the same trees that expressions become (expr/tree.h), so that one
 * evaluator serves both. Private to partiql/.
 */
#pragma once
#include "expr/condition.h"
#include "partiql/cursor.h"

/*
 * Behind WHERE.
 *   Errors: VALIDATION, also for operands that no item could make right.
 */
error where_parse(struct cursor *cursor, const struct condition **condition) MUST_CHECK;

/*
 * An expression where a statement should be; `kind` is what the language calls such a one.
 *   Errors: VALIDATION when it is none.
 */
error where_parse_alone(struct cursor *cursor, slice *kind) MUST_CHECK;
