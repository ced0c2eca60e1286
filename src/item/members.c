#include "item/members.h"

#include "base/bytes.h"

enum { RUN_COUNT = 16 }; /* insertion sort is quicker up to here */

struct member member_make(slice key, slice bytes)
{
    char first[sizeof(uint64_t)] = {0};
    size_t size = key.size < sizeof first ? key.size : sizeof first;
    if (size > 0)
        memcpy(first, key.data, size);
    return (struct member){bytes_get_u64(first), key, bytes};
}

static inline bool sorts_after(const struct member *a, const struct member *b)
{
    if (a->prefix != b->prefix)
        return a->prefix > b->prefix;
    return slice_compare(a->key, b->key) > 0;
}

static void sort_run(struct member *members, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct member member = members[i];
        uint32_t place = i;
        for (; place > 0 && sorts_after(&members[place - 1], &member); place--)
            members[place] = members[place - 1];
        members[place] = member;
    }
}

static void merge(const struct member *from, uint32_t middle, uint32_t count, struct member *to)
{
    uint32_t left = 0;
    uint32_t right = middle;
    for (uint32_t i = 0; i < count; i++) {
        bool take_right =
            left == middle || (right < count && sorts_after(&from[left], &from[right]));
        to[i] = from[take_right ? right++ : left++];
    }
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

void members_sort(struct arena *arena, struct member *members, uint32_t count)
{
    for (uint32_t i = 0; i < count; i += RUN_COUNT)
        sort_run(members + i, smaller(RUN_COUNT, count - i));
    if (count <= RUN_COUNT)
        return;
    struct member *from = members;
    struct member *to = arena_alloc(arena, count * sizeof *to);
    for (uint32_t width = RUN_COUNT; width < count; width *= 2) {
        for (uint32_t i = 0; i < count; i += smaller(2 * width, count - i))
            merge(from + i, smaller(width, count - i), smaller(2 * width, count - i), to + i);
        struct member *merged = to;
        to = from;
        from = merged;
    }
    if (from != members)
        memcpy(members, from, count * sizeof *members);
}

uint32_t members_unique(struct member *members, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++)
        if (i + 1 == count || !slice_equal(members[i].key, members[i + 1].key))
            members[kept++] = members[i];
    return kept;
}
