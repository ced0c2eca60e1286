/*
 * SET and REMOVE of UPDATE statements: the same update that expressions become. Private to
 * partiql/.
 */
#pragma once
#include "expr/update.h"
#include "partiql/cursor.h"

/* Whether one begins at the current token. */
bool change_at(const struct cursor *cursor);

/*
 * All of them, one after the other.
 *   Errors: VALIDATION, also for operands that no item could make right.
 */
error change_parse(struct cursor *cursor, const struct update **update) MUST_CHECK;
