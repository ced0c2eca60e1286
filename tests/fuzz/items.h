/* What the languages are tried on: a few items of one table. */
#pragma once
#include "item/item_json.h"
#include "item/key.h"

enum { FUZZ_ITEM_COUNT = 2 };

/* pk (S) and sk (N). */
extern const struct key_schema fuzz_schema;

slice fuzz_item(struct arena *arena, uint32_t index, enum value_layer layer);
struct value_input fuzz_value(struct arena *arena, const char *json, enum value_layer layer);

/* It is an item in every respect (tests/fuzz/walk.h). */
void fuzz_check_item(struct arena *arena, slice item);
