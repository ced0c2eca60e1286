/* A list that is read element by element; and a map, whose entries each begin with their key. */
#pragma once
#include "base/arena.h"

struct growing_list {
    void *elements;
    uint32_t count;
};

/* Room for one more element of that size; the list doubles inside the arena. */
void *growing_list_append(struct arena *arena, struct growing_list *list, size_t element_size);

/*
 * Of entries with one key the last stands, in the place of the first, as for all members of JSON
 * objects. `entry_size`: of a struct whose first member is the key, a slice.
 */
void growing_list_keep_last(struct arena *arena, struct growing_list *list, size_t entry_size);
