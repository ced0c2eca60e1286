/* The stored form of an import: one byte of format, then a stored item. */
#pragma once
#include "db/import/import.h"

/* 01 04 id: stands in the catalogue. */
slice import_row_key(struct arena *arena, slice id);
bool import_row_is_key(slice key);

struct store_write import_row_write(struct arena *arena, const struct import *import);

/* Everything but the ARN. Text is borrowed from `value`. Errors: CORRUPT. */
error import_row_open(struct arena *arena, slice value, struct import *import) MUST_CHECK;
