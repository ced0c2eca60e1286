/*
 * Items in their stored form: attributes sorted by name, found without decoding the rest, with
 * the charged size up front. An item is a slice; the empty slice is the item that is not there.
 */
#pragma once
#include "item/value.h"

#define ITEM_ABSENT SLICE_NONE

static inline bool item_exists(slice item)
{
    return item.size > 0;
}

bool item_attribute(slice item, slice name, slice *value); /* false for ITEM_ABSENT */
uint32_t item_attribute_count(slice item);

/* Names and values together, as the 400 KB limit and capacity count; 0 for ITEM_ABSENT. */
size_t item_charged_bytes(slice item);

struct item_cursor {
    const char *next;
    uint32_t left;
};
void item_cursor_init(struct item_cursor *cursor, slice item);
bool item_cursor_next(struct item_cursor *cursor, slice *name, slice *value);

/* Names must differ; they need not be sorted. */
slice item_make(struct arena *arena, const slice *names, const slice *values, uint32_t count);

/*
 * Whether bytes from outside (a disk) are an item: complete, canonical, size right.
 *   Errors: CORRUPT with what is wrong.
 */
error item_check(slice bytes) MUST_CHECK;
