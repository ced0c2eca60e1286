/* When a partition is hot, and where it is split then. */
#include "db/partition/split_heat.h"

#include "base/bytes.h"
#include "base/limits.h"
#include "tests/test.h"

enum { LOOKS_MAX = 12 };

TEST(a_partition_is_hot_after_a_minute_of_nearly_all_that_it_takes)
{
    static const struct {
        int64_t reads; /* units a second */
        int64_t writes;
        bool wanted;
    } cases[] = {
        {2700, 0, true},  {2690, 0, false}, {0, 900, true},    {0, 890, false},
        {1500, 400, true}, {1500, 390, false}, {6000, 5000, true}, {0, 0, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct partition_heat heat = {0};
        int64_t now_ms = 1700000000000;
        bool hot = partition_heat_look(&heat, 0, 0, now_ms);
        unsigned looks = 0;
        for (; !hot && looks < LOOKS_MAX; looks++) {
            now_ms += HEAT_LOOK_MS;
            hot = partition_heat_look(&heat, heat.read_half_units + cases[i].reads * 2 * 10,
                                      heat.write_half_units + cases[i].writes * 2 * 10, now_ms);
        }
        CHECK(hot == cases[i].wanted);
        CHECK(!hot || looks == HEAT_SUSTAINED_MS / HEAT_LOOK_MS);
    }
}

TEST(a_pause_begins_the_minute_anew)
{
    struct partition_heat heat = {0};
    int64_t now_ms = 1700000000000;
    partition_heat_look(&heat, 0, 0, now_ms);
    for (unsigned look = 1; look <= 3 * LOOKS_MAX; look++) {
        int64_t writes = look % 5 == 0 ? 0 : 2000 * 2 * 10;
        now_ms += HEAT_LOOK_MS;
        CHECK(!partition_heat_look(&heat, 0, heat.write_half_units + writes, now_ms));
    }
}

TEST(looks_that_come_early_or_with_a_clock_set_back_say_nothing)
{
    struct partition_heat heat = {0};
    CHECK(!partition_heat_look(&heat, 0, 0, 1000000));
    CHECK(!partition_heat_look(&heat, INT32_MAX, INT32_MAX, 1000000 + HEAT_LOOK_MS - 1));
    CHECK(heat.seen_ms == 1000000);
    CHECK(!partition_heat_look(&heat, INT32_MAX, INT32_MAX, 1000));
    CHECK(heat.seen_ms == 1000 && heat.hot_since_ms == 0);
}

/* Keys by their hash and what follows it. */
struct key_seen {
    uint64_t hash;
    const char *rest;
    double share;
};

static void list_of(struct arena *arena, const struct key_seen *keys, struct hot_key_list *list)
{
    list->count = 0;
    for (; keys[list->count].share > 0; list->count++) {
        const struct key_seen *key = &keys[list->count];
        size_t rest = strlen(key->rest);
        char *place = arena_alloc_bytes(arena, 8 + rest);
        bytes_put_u64(place, key->hash);
        memcpy(place + 8, key->rest, rest);
        list->keys[list->count] =
            (struct hot_key){.place = slice_of(place, 8 + rest), .share = key->share};
    }
}

#define HASH(high) ((uint64_t)(high) << 56)

TEST(heat_is_halved_where_the_keys_that_were_seen_allow_it)
{
    static const struct {
        const char *name;
        struct key_seen collections[4];
        struct key_seen items[4];
        bool divides_collections;
        uint64_t wanted_hash; /* 0: it is not split */
        const char *wanted_rest;
    } cases[] = {
        {"nothing seen: the middle", {{0}}, {{0}}, false, HASH(0x80) - 1, ""},
        {"two keys: between them",
         {{HASH(0x10), "a", .5}, {HASH(0x20), "b", .5}},
         {{0}},
         false,
         HASH(0x10) + 1,
         ""},
        {"one key has a third, the rest is even",
         {{HASH(0xf0), "a", .34}},
         {{0}},
         false,
         HASH(0xf0),
         ""},
        {"one collection is all, and stays together",
         {{HASH(0x10), "a", 1}},
         {{HASH(0x10), "a1", .5}, {HASH(0x10), "a2", .5}},
         false,
         0,
         ""},
        {"one collection is all, and is divided",
         {{HASH(0x10), "a", 1}},
         {{HASH(0x10), "a2", .4}, {HASH(0x10), "a3", .25}, {HASH(0x10), "a1", .35}},
         true,
         HASH(0x10),
         "a2"},
        {"one item is nearly all",
         {{HASH(0x10), "a", 1}},
         {{HASH(0x10), "a2", .9}, {HASH(0x10), "a3", .1}},
         true,
         0,
         ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SCOPED_ARENA(arena);
        struct hot_key_list *lists = arena_new_array(&arena, struct hot_key_list, 2);
        list_of(&arena, cases[i].collections, &lists[0]);
        list_of(&arena, cases[i].items, &lists[1]);
        struct heat_seen seen = {.collections = &lists[0],
                                 .items = &lists[1],
                                 .divides_collections = cases[i].divides_collections};
        slice at;
        bool found = heat_split_point(&arena, &seen, &at);
        CHECK(found == (cases[i].wanted_hash != 0));
        if (!found || at.size < 8)
            continue;
        CHECK(bytes_get_u64(at.data) == cases[i].wanted_hash);
        CHECK_SLICE(slice_from(at, 8), slice_of_string(cases[i].wanted_rest));
    }
}

TEST(a_place_outside_the_partition_is_never_chosen)
{
    SCOPED_ARENA(arena);
    struct hot_key_list *lists = arena_new_array(&arena, struct hot_key_list, 2);
    const struct key_seen keys[] = {{HASH(0x40), "a", .5}, {HASH(0x40), "b", .5}, {0}};
    list_of(&arena, keys, &lists[0]);
    char from[8], to[8];
    bytes_put_u64(from, HASH(0x40));
    bytes_put_u64(to, HASH(0x40) + 1);
    struct heat_seen seen = {.from = slice_of(from, 8),
                             .to = slice_of(to, 8),
                             .collections = &lists[0],
                             .items = &lists[1]};
    slice at;
    CHECK(!heat_split_point(&arena, &seen, &at));
}

TEST(a_place_is_taken_when_it_still_halves_what_is_asked_for_two_minutes_after_it_was_planned)
{
    static const struct {
        const char *name;
        struct key_seen planned[5]; /* items of one collection */
        struct key_seen later[5];
        bool wanted;
    } cases[] = {
        {"the same items",
         {{HASH(0x10), "k1", .3}, {HASH(0x10), "k3", .3}, {HASH(0x10), "k5", .3}},
         {{HASH(0x10), "k1", .3}, {HASH(0x10), "k3", .3}, {HASH(0x10), "k5", .3}},
         true},
        {"others on both sides",
         {{HASH(0x10), "k1", .1}, {HASH(0x10), "k3", .4}, {HASH(0x10), "k5", .5}},
         {{HASH(0x10), "k2", .1}, {HASH(0x10), "k6", .2}, {HASH(0x10), "k0", .1}},
         true},
        {"sort keys that ascend",
         {{HASH(0x10), "k1", .1}, {HASH(0x10), "k2", .1}, {HASH(0x10), "k3", .1}},
         {{HASH(0x10), "k4", .1}, {HASH(0x10), "k5", .1}, {HASH(0x10), "k6", .1}},
         false},
        {"sort keys that descend",
         {{HASH(0x10), "k7", .1}, {HASH(0x10), "k8", .1}, {HASH(0x10), "k9", .1}},
         {{HASH(0x10), "k4", .1}, {HASH(0x10), "k5", .1}, {HASH(0x10), "k6", .1}},
         false},
        {"one item has become nearly all",
         {{HASH(0x10), "k1", .5}, {HASH(0x10), "k2", .5}},
         {{HASH(0x10), "k1", .1}, {HASH(0x10), "k2", .9}},
         false},
        {"nothing was seen any more",
         {{HASH(0x10), "k1", .5}, {HASH(0x10), "k2", .5}},
         {{0}},
         false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SCOPED_ARENA(arena);
        struct hot_key_list *lists = arena_new_array(&arena, struct hot_key_list, 2);
        list_of(&arena, (struct key_seen[]){{HASH(0x10), "k", 1}, {0}}, &lists[0]);
        list_of(&arena, cases[i].planned, &lists[1]);
        const struct heat_seen seen = {
            .collections = &lists[0], .items = &lists[1], .divides_collections = true};
        struct partition_heat heat = {.hot_since_ms = 1};
        int64_t now_ms = 1700000000000;
        slice planned, at;
        CHECK(heat_split_point(&arena, &seen, &planned));
        CHECK(!partition_heat_is_ripe(&heat, &arena, &seen, now_ms, &at));
        now_ms += HEAT_PLANNED_MS - 1;
        CHECK(!partition_heat_is_ripe(&heat, &arena, &seen, now_ms, &at));
        CHECK(heat.hot_since_ms != 0 && heat.planned_ms != 0);
        list_of(&arena, cases[i].later, &lists[1]);
        bool ripe = partition_heat_is_ripe(&heat, &arena, &seen, now_ms + 1, &at);
        CHECK(ripe == cases[i].wanted);
        CHECK(!ripe || slice_equal(at, planned));
        CHECK(heat.hot_since_ms == 0 && heat.planned_ms == 0);
    }
}

TEST(a_place_between_collections_is_planned_and_taken_like_one_inside)
{
    SCOPED_ARENA(arena);
    struct hot_key_list *lists = arena_new_array(&arena, struct hot_key_list, 2);
    const struct key_seen keys[] = {{HASH(0x10), "a", .5}, {HASH(0x20), "b", .5}, {0}};
    list_of(&arena, keys, &lists[0]);
    const struct heat_seen seen = {.collections = &lists[0], .items = &lists[1]};
    struct partition_heat heat = {.hot_since_ms = 1};
    slice at;
    CHECK(!partition_heat_is_ripe(&heat, &arena, &seen, 1, &at));
    CHECK(partition_heat_is_ripe(&heat, &arena, &seen, 1 + HEAT_PLANNED_MS, &at));
    CHECK(at.size == 8 && bytes_get_u64(at.data) == HASH(0x10) + 1);
}

TEST(a_plan_ends_with_the_heat_and_there_is_none_where_no_place_helps)
{
    SCOPED_ARENA(arena);
    struct hot_key_list *lists = arena_new_array(&arena, struct hot_key_list, 2);
    struct heat_seen seen = {.collections = &lists[0], .items = &lists[1]};
    struct partition_heat heat = {.hot_since_ms = 1, .seen_ms = 1000};
    slice at;
    CHECK(!partition_heat_is_ripe(&heat, &arena, &seen, 1000, &at) && heat.planned_ms == 1000);
    CHECK(!partition_heat_look(&heat, 0, 0, 1000 + HEAT_LOOK_MS));
    CHECK(heat.planned_ms == 0 && heat.hot_since_ms == 0);
    heat.hot_since_ms = 1;
    list_of(&arena, (struct key_seen[]){{HASH(0x10), "a", 1}, {0}}, &lists[0]);
    CHECK(!partition_heat_is_ripe(&heat, &arena, &seen, 1, &at));
    CHECK(heat.planned_ms == 0 && heat.hot_since_ms == 0);
}
