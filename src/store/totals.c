#include "store/totals.h"

#include "base/assert.h"
#include "base/memory.h"
#include <stdlib.h>
#include <xxhash.h>

enum { BUCKET_COUNT = 16384, TOTALS_MAX = 100000 };

struct total {
    struct total *next;
    int64_t total;
    size_t key_size;
    char key[];
};

void totals_init(struct totals *totals)
{
    *totals =
        (struct totals){.buckets = memory_alloc_zeroed(BUCKET_COUNT * sizeof(struct total *))};
}

void totals_fini(struct totals *totals)
{
    totals_clear(totals);
    free(totals->buckets);
}

/* The link that leads to the key's total, or the empty one at its bucket's end. */
static struct total **find(const struct totals *totals, slice key)
{
    struct total **link = &totals->buckets[XXH3_64bits(key.data, key.size) % BUCKET_COUNT];
    while (*link && !slice_equal(slice_of((*link)->key, (*link)->key_size), key))
        link = &(*link)->next;
    return link;
}

bool totals_find(const struct totals *totals, slice key, int64_t *total)
{
    const struct total *found = *find(totals, key);
    if (found)
        *total = found->total;
    return found != NULL;
}

void totals_set(struct totals *totals, slice key, int64_t total)
{
    struct total **link = find(totals, key);
    if (!*link) {
        struct total *added = memory_alloc(sizeof *added + key.size);
        *added = (struct total){.key_size = key.size};
        memcpy(added->key, key.data, key.size);
        *link = added;
        totals->count++;
    }
    (*link)->total = total;
}

void totals_forget(struct totals *totals, slice key)
{
    if (totals->count == 0)
        return;
    struct total **link = find(totals, key);
    struct total *gone = *link;
    if (!gone)
        return;
    *link = gone->next;
    free(gone);
    totals->count--;
}

void totals_clear(struct totals *totals)
{
    for (uint32_t bucket = 0; bucket < BUCKET_COUNT && totals->count > 0; bucket++) {
        while (totals->buckets[bucket]) {
            struct total *gone = totals->buckets[bucket];
            totals->buckets[bucket] = gone->next;
            free(gone);
            totals->count--;
        }
    }
}

void totals_trim(struct totals *totals)
{
    if (totals->count > TOTALS_MAX)
        totals_clear(totals);
}
