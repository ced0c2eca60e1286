/* More keys than stripes, so that every stripe holds several. */
#include "db/locks.h"

#include "base/random.h"
#include "tests/test.h"
#include <stdatomic.h>

enum { KEYS = 4000 };

struct overlay {
    struct arena arena;
    struct locks *locks;
    struct store_pending *pending;
};

static void overlay_open(struct overlay *overlay)
{
    arena_init(&overlay->arena, NULL);
    overlay->locks = locks_new();
    overlay->pending = store_pending_new();
}

static void overlay_close(struct overlay *overlay)
{
    store_pending_release(overlay->pending);
    locks_free(overlay->locks); /* asserts that nothing is left */
    arena_fini(&overlay->arena);
}

static slice key_at(struct overlay *overlay, unsigned number)
{
    return arena_format(&overlay->arena, "key %u", number);
}

static void add(struct overlay *overlay, struct overlay_entry *entry, slice key)
{
    *entry = (struct overlay_entry){.key = key, .item = key, .pending = overlay->pending};
    struct lock_set set;
    locks_acquire(overlay->locks, &overlay->arena, &key, 1, &set);
    overlay_add_locked(overlay->locks, entry);
    locks_release(&set);
}

static const struct overlay_entry *find(struct overlay *overlay, slice key)
{
    struct lock_set set;
    locks_acquire(overlay->locks, &overlay->arena, &key, 1, &set);
    const struct overlay_entry *found = overlay_find_locked(overlay->locks, key);
    locks_release(&set);
    return found;
}

TEST(every_pending_row_is_found_until_it_is_taken_out)
{
    struct overlay overlay;
    overlay_open(&overlay);
    struct overlay_entry *entries = arena_new_array(&overlay.arena, struct overlay_entry, KEYS);
    unsigned order[KEYS];
    struct random random;
    random_init(&random, test_seed());

    for (unsigned i = 0; i < KEYS; i++) {
        add(&overlay, &entries[i], key_at(&overlay, i));
        order[i] = i;
    }
    for (unsigned i = 0; i < KEYS; i++)
        CHECK(find(&overlay, key_at(&overlay, i)) == &entries[i]);
    CHECK(find(&overlay, SLICE("another")) == NULL);

    for (unsigned i = KEYS; i > 0; i--) {
        unsigned other = (unsigned)random_below(&random, i);
        unsigned taken = order[other];
        order[other] = order[i - 1];
        overlay_remove(overlay.locks, &entries[taken]);
        CHECK(find(&overlay, entries[taken].key) == NULL);
        if (i > 1)
            CHECK(find(&overlay, entries[order[0]].key) == &entries[order[0]]);
    }
    overlay_close(&overlay);
}

TEST(a_newer_row_replaces_the_pending_one_of_its_key)
{
    struct overlay overlay;
    overlay_open(&overlay);
    struct overlay_entry older, newer;

    add(&overlay, &older, SLICE("key"));
    add(&overlay, &newer, SLICE("key"));
    CHECK(find(&overlay, SLICE("key")) == &newer);
    overlay_remove(overlay.locks, &older); /* replaced already: nothing to do */
    CHECK(find(&overlay, SLICE("key")) == &newer);
    overlay_remove(overlay.locks, &newer);

    CHECK(find(&overlay, SLICE("key")) == NULL);
    overlay_close(&overlay);
}

TEST(a_settled_row_is_the_stores_to_tell)
{
    struct overlay overlay;
    overlay_open(&overlay);
    struct overlay_entry entry;
    add(&overlay, &entry, SLICE("key"));

    atomic_store(&overlay.pending->state, STORE_PENDING_DURABLE);

    CHECK(find(&overlay, SLICE("key")) == NULL);
    overlay_remove(overlay.locks, &entry);
    overlay_close(&overlay);
}

TEST(keys_of_one_stripe_take_it_once)
{
    struct overlay overlay;
    overlay_open(&overlay);
    slice keys[KEYS];
    for (unsigned i = 0; i < KEYS; i++)
        keys[i] = key_at(&overlay, i / 2); /* each twice */
    struct lock_set set;

    locks_acquire(overlay.locks, &overlay.arena, keys, KEYS, &set); /* hangs if one comes twice */

    CHECK(set.count > 0 && set.count < KEYS / 2);
    locks_release(&set);
    overlay_close(&overlay);
}

static bool has_moved(struct overlay *overlay, const struct overlay_moment *moment, slice key)
{
    struct lock_set set;
    locks_acquire(overlay->locks, &overlay->arena, &key, 1, &set);
    bool moved = overlay_moved_since_locked(overlay->locks, moment, key);
    locks_release(&set);
    return moved;
}

TEST(a_key_has_moved_since_a_moment_when_a_write_of_it_was_added_or_was_pending)
{
    struct overlay overlay;
    overlay_open(&overlay);
    slice before = key_at(&overlay, 0);
    slice pending = key_at(&overlay, 1);
    slice after = key_at(&overlay, 2);
    slice never = key_at(&overlay, 3);
    struct overlay_entry entries[3];
    add(&overlay, &entries[0], before);
    overlay_remove(overlay.locks, &entries[0]);
    add(&overlay, &entries[1], pending);
    struct overlay_moment *moment = overlay_moment_take(&overlay.arena, overlay.locks);
    add(&overlay, &entries[2], after);
    for (unsigned settled = 0; settled < 2; settled++) {
        CHECK(!has_moved(&overlay, moment, before));
        CHECK(has_moved(&overlay, moment, pending));
        CHECK(has_moved(&overlay, moment, after));
        CHECK(!has_moved(&overlay, moment, never));
        if (settled == 0) {
            overlay_remove(overlay.locks, &entries[1]);
            overlay_remove(overlay.locks, &entries[2]);
        }
    }
    overlay_close(&overlay);
}
