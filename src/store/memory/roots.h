/*
 * Roots: what a store held after one group, and how readers get at the newest without a lock.
 *
 * A root is counted and never changes once published. A reader announces itself in the current
 * slot for the moment it takes to retain the root; a publisher fills the other slot, switches, and
 * waits out the readers of that moment before it lets the old root go.
 */
#pragma once
#include "store/memory/tree.h"
#include "store/store.h"
#include <stdatomic.h>

struct root {
    _Atomic uint32_t references;
    struct tree *trees[STORE_AREA_COUNT];
};

struct root *root_new(void);                     /* empty, one reference */
struct root *root_copy(const struct root *root); /* shares the trees until they are changed */
struct root *root_retain(struct root *root);
void root_release(void *root); /* for arena_defer too */

struct roots {
    _Atomic uint32_t current; /* the slot in use */
    struct {
        _Atomic uint32_t readers; /* now retaining `root` */
        struct root *root;
    } slots[2];
};

/* Takes over the caller's reference. */
void roots_init(struct roots *roots, struct root *first);
void roots_fini(struct roots *roots);
/* The newest root, one reference. Any thread; no lock. */
struct root *roots_acquire(struct roots *roots);
/* Takes over the caller's reference. One publisher at a time. */
void roots_publish(struct roots *roots, struct root *root);
