#include "ops/growing_list.h"

#include <stdlib.h>

void *growing_list_append(struct arena *arena, struct growing_list *list, size_t element_size)
{
    uint32_t count = list->count;
    if ((count & (count - 1)) == 0) {
        void *elements = arena_alloc_array(arena, element_size, count == 0 ? 1 : 2 * (size_t)count);
        if (count > 0)
            memcpy(elements, list->elements, count * element_size);
        list->elements = elements;
    }
    list->count++;
    return (char *)list->elements + count * element_size;
}

/* ---- maps ---- */

struct entries {
    char *first;
    size_t size; /* bytes of one */
};

static char *entry_at(const struct entries *entries, uint32_t index)
{
    return entries->first + index * entries->size;
}

static slice key_at(const struct entries *entries, uint32_t index)
{
    slice key;
    memcpy(&key, entry_at(entries, index), sizeof key);
    return key;
}

/* Most maps are small, and none of their keys comes twice: they need not be sorted. */
static bool may_repeat(const struct entries *entries, uint32_t count)
{
    enum { COMPARED_COUNT_MAX = 8 };
    if (count > COMPARED_COUNT_MAX)
        return true;
    for (uint32_t i = 1; i < count; i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (slice_equal(key_at(entries, i), key_at(entries, j)))
                return true;
        }
    }
    return false;
}

static int compare(const void *a, const void *b, void *entries)
{
    uint32_t one = *(const uint32_t *)a;
    uint32_t other = *(const uint32_t *)b;
    int order = slice_compare(key_at(entries, one), key_at(entries, other));
    return order != 0 ? order : (one > other) - (one < other);
}

void growing_list_keep_last(struct arena *arena, struct growing_list *list, size_t entry_size)
{
    struct entries entries = {list->elements, entry_size};
    if (!may_repeat(&entries, list->count))
        return;
    uint32_t *sorted = arena_new_array(arena, uint32_t, list->count);
    bool *is_gone = arena_new_array(arena, bool, list->count);
    for (uint32_t i = 0; i < list->count; i++)
        sorted[i] = i;
    qsort_r(sorted, list->count, sizeof *sorted, compare, &entries);
    for (uint32_t i = 1, first = sorted[0]; i < list->count; i++) {
        is_gone[sorted[i]] = slice_equal(key_at(&entries, sorted[i]), key_at(&entries, first));
        if (is_gone[sorted[i]])
            memcpy(entry_at(&entries, first), entry_at(&entries, sorted[i]), entry_size);
        else
            first = sorted[i];
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        if (!is_gone[i] && count++ < i)
            memcpy(entry_at(&entries, count - 1), entry_at(&entries, i), entry_size);
    }
    list->count = count;
}
