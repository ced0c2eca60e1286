/* The sketch against exact counts, whatever is added and in whatever order. */
#include "db/partition/sketch.h"

#include "base/random.h"
#include "tests/test.h"
#include <stdio.h>
#include <stdlib.h>

enum { KEYS = 5000, ADDITIONS = 200000 };

struct load {
    struct sketch sketch;
    int64_t exact[KEYS];
    struct random random;
};

static void add(struct load *load, uint32_t key, int64_t weight)
{
    char name[16];
    int size = snprintf(name, sizeof name, "key%u", key);
    sketch_add(&load->sketch, key * 0x9E3779B97F4A7C15u, slice_of(name, (size_t)size), weight,
               key % 2 == 0);
    load->exact[key] += weight;
}

static uint32_t key_of(const struct sketch *sketch, uint32_t entry)
{
    char name[16] = {0};
    memcpy(name, sketch->keys[entry].bytes, sketch->keys[entry].size);
    return (uint32_t)atoi(name + 3);
}

static bool holds(const struct sketch *sketch, uint32_t key)
{
    for (uint32_t i = 0; i < sketch->count; i++) {
        if (key_of(sketch, i) == key)
            return true;
    }
    return false;
}

/* The bound that the header states. */
static void check_bound(const struct load *load)
{
    int64_t total = 0;
    for (uint32_t key = 0; key < KEYS; key++) {
        total += load->exact[key];
        if (load->exact[key] > load->sketch.total / SKETCH_ENTRIES)
            CHECK(holds(&load->sketch, key));
    }
    CHECK(load->sketch.total == total);
    CHECK(load->sketch.count <= SKETCH_ENTRIES);
    for (uint32_t i = 0; i < load->sketch.count; i++) {
        int64_t exact = load->exact[key_of(&load->sketch, i)];
        CHECK(load->sketch.weights[i] >= exact);
        CHECK(load->sketch.weights[i] - load->sketch.errors[i] <= exact);
        CHECK(load->sketch.marked[i] <= exact);
        CHECK(load->sketch.errors[i] <= total / SKETCH_ENTRIES);
    }
}

static void add_uniform(struct load *load)
{
    for (unsigned i = 0; i < ADDITIONS; i++)
        add(load, (uint32_t)random_below(&load->random, KEYS), 1);
}

/* A tenth of all for the first key, a twentieth for the second, and so on. */
static void add_skewed(struct load *load)
{
    for (unsigned i = 0; i < ADDITIONS; i++) {
        uint32_t key = (uint32_t)random_below(&load->random, KEYS);
        for (uint32_t hot = 0; hot < 4; hot++) {
            if (random_below(&load->random, 10u << hot) == 0)
                key = hot;
        }
        add(load, key, 1 + (int64_t)random_below(&load->random, 8));
    }
}

/* Between two additions of the one that is looked for come as many others as push it out. */
static void add_pushing_out(struct load *load)
{
    for (unsigned i = 0; i < ADDITIONS; i++)
        add(load, i % (SKETCH_ENTRIES - 1) == 0 ? 0 : 1 + i % (KEYS - 1), 1);
}

static void add_in_order(struct load *load)
{
    for (uint32_t key = 0; key < KEYS; key++) {
        for (unsigned i = 0; i < ADDITIONS / KEYS; i++)
            add(load, key, 1);
    }
}

/* The heavy one comes last, all at once. */
static void add_late(struct load *load)
{
    add_uniform(load);
    add(load, 7, ADDITIONS);
}

TEST(what_is_heavy_is_found_and_no_weight_is_certain_that_was_not_added)
{
    static void (*const loads[])(struct load *) = {add_uniform, add_skewed, add_pushing_out,
                                                   add_in_order, add_late};
    for (size_t i = 0; i < sizeof loads / sizeof *loads; i++) {
        SCOPED_ARENA(arena);
        struct load *load = arena_new(&arena, struct load);
        random_init(&load->random, test_seed());
        loads[i](load);
        check_bound(load);
    }
}

TEST(of_an_even_load_nothing_is_certain_to_be_heavy)
{
    SCOPED_ARENA(arena);
    struct load *load = arena_new(&arena, struct load);
    random_init(&load->random, test_seed());
    add_uniform(load);
    for (uint32_t i = 0; i < load->sketch.count; i++)
        CHECK(load->sketch.weights[i] - load->sketch.errors[i] < load->sketch.total / 500);
}

TEST(halving_forgets_what_weighs_nothing_and_never_overstates)
{
    struct sketch sketch = {.count = 0};
    sketch_add(&sketch, 1, SLICE("a"), 1000, true);
    sketch_add(&sketch, 2, SLICE("b"), 3, false);
    sketch.errors[0] = 5;
    sketch_halve(&sketch, 0);
    CHECK(sketch.total == 1003 && sketch.count == 2);
    sketch_halve(&sketch, 1);
    CHECK(sketch.weights[0] == 500 && sketch.errors[0] == 3 && sketch.marked[0] == 500);
    CHECK(sketch.weights[1] == 1 && sketch.total == 501);
    sketch_halve(&sketch, 1);
    CHECK(sketch.count == 1 && sketch.hashes[0] == 1 && sketch.errors[0] == 2);
    sketch_halve(&sketch, UINT64_MAX);
    CHECK(sketch.count == 0 && sketch.total == 0);
}

TEST(a_long_key_is_cut_and_says_so)
{
    static const char bytes[SKETCH_KEY_BYTES_MAX + 1];
    struct sketch sketch = {.count = 0};
    sketch_add(&sketch, 1, slice_of(bytes, SKETCH_KEY_BYTES_MAX), 1, false);
    sketch_add(&sketch, 2, slice_of(bytes, SKETCH_KEY_BYTES_MAX + 1), 1, false);
    sketch_add(&sketch, 3, SLICE_NONE, 1, false);
    CHECK(sketch.keys[0].size == SKETCH_KEY_BYTES_MAX && !sketch.keys[0].is_cut);
    CHECK(sketch.keys[1].size == SKETCH_KEY_BYTES_MAX && sketch.keys[1].is_cut);
    CHECK(sketch.keys[2].size == 0 && !sketch.keys[2].is_cut);
}
