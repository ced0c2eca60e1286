#include "db/locks.h"

#include "base/assert.h"
#include "base/fault.h"
#include "base/memory.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <xxhash.h>

enum { STRIPE_COUNT = 1024 }; /* a power of two */

/* A cache line each, so that neighbours do not slow each other. */
struct stripe {
    _Alignas(64) pthread_mutex_t mutex;
    struct overlay_entry *entries; /* guarded by mutex; one per key */
    uint64_t added_count;          /* guarded by mutex: entries so far */
};

struct locks {
    struct stripe stripes[STRIPE_COUNT];
};

struct locks *locks_new(void)
{
    struct locks *locks = aligned_alloc(64, sizeof *locks);
    if (!locks)
        memory_exhausted(sizeof *locks);
    for (unsigned i = 0; i < STRIPE_COUNT; i++) {
        pthread_mutex_init(&locks->stripes[i].mutex, NULL);
        locks->stripes[i].entries = NULL;
        locks->stripes[i].added_count = 0;
    }
    return locks;
}

void locks_free(struct locks *locks)
{
    for (unsigned i = 0; i < STRIPE_COUNT; i++) {
        assert_that(locks->stripes[i].entries == NULL);
        pthread_mutex_destroy(&locks->stripes[i].mutex);
    }
    free(locks);
}

static uint32_t stripe_number_of(slice key)
{
    return (uint32_t)XXH3_64bits(key.data, key.size) & (STRIPE_COUNT - 1);
}

static struct stripe *stripe_of(struct locks *locks, slice key)
{
    return &locks->stripes[stripe_number_of(key)];
}

static int by_address(const void *a, const void *b)
{
    const struct stripe *const *left = a;
    const struct stripe *const *right = b;
    return (*left > *right) - (*left < *right);
}

/* A planted fault: the stripe of the first key comes first, wherever it belongs. */
static void disorder(struct locks *locks, const slice *keys, struct lock_set *set)
{
    for (uint32_t i = 1; i < set->count; i++) {
        if (set->stripes[i] == stripe_of(locks, keys[0])) {
            set->stripes[i] = set->stripes[0];
            set->stripes[0] = stripe_of(locks, keys[0]);
        }
    }
}

void locks_acquire(struct locks *locks, struct arena *arena, const slice *keys, uint32_t key_count,
                   struct lock_set *set)
{
    set->stripes = arena_new_array(arena, struct stripe *, key_count);
    set->count = 0;
    for (uint32_t i = 0; i < key_count; i++)
        set->stripes[i] = stripe_of(locks, keys[i]);
    if (key_count > 1)
        qsort(set->stripes, key_count, sizeof set->stripes[0], by_address);
    for (uint32_t i = 0; i < key_count; i++) {
        if (set->count == 0 || set->stripes[set->count - 1] != set->stripes[i])
            set->stripes[set->count++] = set->stripes[i];
    }
    if (fault_planted(FAULT_LOCK_ORDER))
        disorder(locks, keys, set);
    for (uint32_t i = 0; i < set->count; i++) {
        pthread_mutex_lock(&set->stripes[i]->mutex);
        if (i == 0 && set->count > 1 && fault_planted(FAULT_LOCK_ORDER))
            fault_dawdle(); /* another takes the lock that comes next here */
    }
}

void locks_release(struct lock_set *set)
{
    for (uint32_t i = set->count; i > 0; i--)
        pthread_mutex_unlock(&set->stripes[i - 1]->mutex);
    set->count = 0;
}

static struct overlay_entry **find(struct stripe *stripe, slice key)
{
    struct overlay_entry **link = &stripe->entries;
    while (*link && !slice_equal((*link)->key, key))
        link = &(*link)->next;
    return link;
}

const struct overlay_entry *overlay_find_locked(struct locks *locks, slice key)
{
    struct overlay_entry *entry = *find(stripe_of(locks, key), key);
    if (!entry || fault_planted(FAULT_OVERLAY))
        return NULL;
    /* Settled, but not taken out yet: the store has the truth. */
    if (atomic_load_explicit(&entry->pending->state, memory_order_acquire) != STORE_PENDING_QUEUED)
        return NULL;
    return entry;
}

struct overlay_moment {
    uint64_t added_counts[STRIPE_COUNT]; /* MOVING: something was pending */
};
#define MOVING UINT64_MAX

struct overlay_moment *overlay_moment_take(struct arena *arena, struct locks *locks)
{
    struct overlay_moment *moment = arena_alloc(arena, sizeof *moment);
    for (uint32_t i = 0; i < STRIPE_COUNT; i++) {
        struct stripe *stripe = &locks->stripes[i];
        pthread_mutex_lock(&stripe->mutex);
        moment->added_counts[i] = stripe->entries ? MOVING : stripe->added_count;
        pthread_mutex_unlock(&stripe->mutex);
    }
    return moment;
}

bool overlay_moved_since_locked(struct locks *locks, const struct overlay_moment *moment,
                                slice key)
{
    uint32_t number = stripe_number_of(key);
    return moment->added_counts[number] != locks->stripes[number].added_count;
}

void overlay_add_locked(struct locks *locks, struct overlay_entry *entry)
{
    struct stripe *stripe = stripe_of(locks, entry->key);
    struct overlay_entry **link = find(stripe, entry->key);
    stripe->added_count++;
    struct overlay_entry *older = *link;
    entry->next = older ? older->next : NULL;
    entry->linked = true;
    *link = entry;
    if (older)
        older->linked = false;
}

void overlay_remove(struct locks *locks, struct overlay_entry *entry)
{
    struct stripe *stripe = stripe_of(locks, entry->key);
    pthread_mutex_lock(&stripe->mutex);
    if (entry->linked) {
        struct overlay_entry **link = find(stripe, entry->key);
        assert_that(*link == entry);
        *link = entry->next;
        entry->linked = false;
    }
    pthread_mutex_unlock(&stripe->mutex);
}
