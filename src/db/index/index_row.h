/* Indexes as a value of a stored table description: a list of maps. */
#pragma once
#include "db/index/index.h"

slice stored_indexes_make(struct arena *arena, const struct table *table);

/* Into the table; text is borrowed from `value`. False when it is no list of indexes. */
bool stored_indexes_read(struct arena *arena, slice value, struct table *table);

/* Integers of descriptions: numbers without a fraction. */
slice stored_integer_make(struct arena *arena, int64_t integer);
bool stored_integer_read(slice value, int64_t *integer);
