/*
 * Members of a map, an item or a set on their way into canonical order. Private to item/.
 */
#pragma once
#include "base/arena.h"

struct member {
    uint64_t prefix; /* the first bytes of key, so that most comparisons end here */
    slice key;       /* name, or what a set is sorted by */
    slice bytes;     /* what is stored */
};

struct member member_make(slice key, slice bytes);

/* By key; members with equal keys keep their order. */
void members_sort(struct arena *arena, struct member *members, uint32_t count);

/* Sorted members: drop all but the last of equal keys. Returns how many are left. */
uint32_t members_unique(struct member *members, uint32_t count);
