/*
 * The stored description of an export: one byte of format, then a stored item. Keys sort as ARNs do.
 */
#pragma once
#include "db/export/export.h"

/* 01 03 table name, '/', id. */
slice export_row_key(struct arena *arena, slice table_name, slice id);
/* Of all exports, or of one table's: what their keys begin with. */
slice export_row_prefix(struct arena *arena, slice table_name);
bool export_row_is_key(slice key);

struct store_write export_row_write(struct arena *arena, const struct export *export);

/* Everything but the ARNs. Text is borrowed from `value`. Errors: CORRUPT. */
error export_row_open(struct arena *arena, slice value, struct export *export) MUST_CHECK;

/* Complete what a row does not hold: the ARNs. */
void export_name(const struct db *db, struct arena *arena, struct export *export);
