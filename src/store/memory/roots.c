#include "store/memory/roots.h"

#include "base/assert.h"
#include "base/memory.h"
#include <sched.h>
#include <stdlib.h>

static struct root *allocate(void)
{
    struct root *root = memory_alloc_zeroed(sizeof *root);
    atomic_init(&root->references, 1);
    return root;
}

struct root *root_new(void)
{
    struct root *root = allocate();
    for (uint32_t area = 0; area < STORE_AREA_COUNT; area++)
        root->trees[area] = tree_new();
    return root;
}

struct root *root_copy(const struct root *root)
{
    struct root *copy = allocate();
    for (uint32_t area = 0; area < STORE_AREA_COUNT; area++) {
        tree_retain(root->trees[area]);
        copy->trees[area] = root->trees[area];
    }
    return copy;
}

struct root *root_retain(struct root *root)
{
    atomic_fetch_add_explicit(&root->references, 1, memory_order_relaxed);
    return root;
}

void root_release(void *object)
{
    struct root *root = object;
    if (atomic_fetch_sub_explicit(&root->references, 1, memory_order_acq_rel) != 1)
        return;
    for (uint32_t area = 0; area < STORE_AREA_COUNT; area++)
        tree_release(root->trees[area]);
    free(root);
}

void roots_init(struct roots *roots, struct root *first)
{
    *roots = (struct roots){0};
    roots->slots[0].root = first;
}

void roots_fini(struct roots *roots)
{
    root_release(roots->slots[atomic_load(&roots->current)].root);
}

/*
 * Sequentially consistent on purpose: the reader writes `readers` and then reads `current`, the
 * publisher writes `current` and then reads `readers`; one of them must see the other.
 */
struct root *roots_acquire(struct roots *roots)
{
    for (;;) {
        uint32_t slot = atomic_load(&roots->current);
        atomic_fetch_add(&roots->slots[slot].readers, 1);
        struct root *root = NULL;
        if (atomic_load(&roots->current) == slot)
            root = root_retain(roots->slots[slot].root);
        atomic_fetch_sub(&roots->slots[slot].readers, 1);
        if (root)
            return root;
    }
}

void roots_publish(struct roots *roots, struct root *root)
{
    uint32_t old = atomic_load(&roots->current);
    roots->slots[1 - old].root = root;
    atomic_store(&roots->current, 1 - old);
    while (atomic_load(&roots->slots[old].readers) > 0)
        sched_yield();
    root_release(roots->slots[old].root);
}
