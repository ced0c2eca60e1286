/*
 * Key locks and the overlay of pending rows.
 *
 * A stripe is a mutex and the pending rows whose keys fall on it. Writers hold the stripes of
 * their keys from reading to submit, so that queue order is decision order, and never across a
 * sync or a network wait. Between submit and sync the new row stands in the overlay, visible to
 * writers only. An entry is part of the request that wrote it: it is taken out (overlay_remove)
 * before that request's memory goes, and whoever reads it copies what it needs under the lock.
 */
#pragma once
#include "base/arena.h"
#include "db/rows.h"
#include "store/store.h"

struct locks;
struct stripe;

struct locks *locks_new(void);
void locks_free(struct locks *locks);

/* The stripes of some keys, in order, each once. */
struct lock_set {
    struct stripe **stripes;
    uint32_t count;
};

void locks_acquire(struct locks *locks, struct arena *arena, const slice *keys,
                   uint32_t key_count, struct lock_set *set);
void locks_release(struct lock_set *set);

struct overlay_entry {
    struct overlay_entry *next;
    slice key;                     /* row key */
    slice item;                    /* stored item; ITEM_ABSENT: deleted */
    struct row_version version;    /* of the row; of an item that was deleted, of its deletion */
    struct store_pending *pending; /* of the change set that carries it */
    bool linked;
};

/* The newest pending row of the key, or NULL: look in the store. Its stripe is held. */
const struct overlay_entry *overlay_find_locked(struct locks *locks, slice key);

/*
 * A moment, to be taken before a range of rows is read. Later, with its stripe held, a key's row in
 * the store is known to be as it was read unless its stripe has moved since: a write of it was
 * pending then, or has been added since. Takes all stripes, one after the other; in the arena.
 */
struct overlay_moment;
struct overlay_moment *overlay_moment_take(struct arena *arena, struct locks *locks);
bool overlay_moved_since_locked(struct locks *locks, const struct overlay_moment *moment,
                                slice key);

/* Becomes the newest of its key. Its stripe is held; the entry is the caller's memory. */
void overlay_add_locked(struct locks *locks, struct overlay_entry *entry);

/* Takes the entry out if a newer one has not replaced it. Takes the stripe itself. */
void overlay_remove(struct locks *locks, struct overlay_entry *entry);
