/*
 * The stored description of a table: one byte of format, then a stored item, so that a field
 * added later is one more attribute.
 */
#pragma once
#include "db/table/table.h"

enum { TABLE_ROW_FORMAT = 1 };

slice table_row_make(struct arena *arena, const struct table *table);

/*
 * Everything but the ARN, which depends on region and account. Text is borrowed from `value`.
 *   Errors: CORRUPT.
 */
error table_row_open(struct arena *arena, slice value, struct table *table) MUST_CHECK;
