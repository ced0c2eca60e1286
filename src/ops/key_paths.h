/*
 * Keys are scalars, of the table and of its indexes: no path of an expression may lead into one.
 * Source: error texts captured from the service.
 */
#pragma once
#include "db/table/table.h"

/*
 *   `entered`: the attributes into which an expression's paths lead, in any order.
 *   Errors: VALIDATION.
 */
error key_paths_check(struct arena *arena, const struct table *table, const slice *entered,
                      uint32_t count) MUST_CHECK;
