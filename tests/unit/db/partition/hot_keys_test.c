/* What a partition says of its hot keys: shares, time, threads, texts. */
#include "db/partition/hot_keys.h"

#include "base/random.h"
#include "db/index/index.h"
#include "db/rows.h"
#include "item/value.h"
#include "tests/test.h"
#include <math.h>
#include <pthread.h>
#include <stdio.h>

enum { KEYS = 1000, ACCESSES = 300000, START_MS = 1000000 };

static const struct table games = {.keys = {.hash = {SLICE("Player"), VALUE_S},
                                            .range = {SLICE("Round"), VALUE_N},
                                            .has_range = true}};

static slice row_of(struct arena *arena, const struct table *table, slice hash_value,
                    slice range_value)
{
    const slice names[] = {table->keys.hash.name, table->keys.range.name};
    const slice values[] = {hash_value, range_value};
    slice key = item_make(arena, names, values, table->keys.has_range ? 2 : 1);
    return row_key_of_item(arena, &table->keys, 7, key);
}

static slice row_of_game(struct arena *arena, uint32_t player, int64_t round)
{
    struct number number = {.negative = false};
    char digits[24];
    int size = snprintf(digits, sizeof digits, "%lld", (long long)round);
    CHECK(number_parse(slice_of(digits, (size_t)size), &number) == NUMBER_OK);
    return row_of(arena, &games, value_make_string(arena, arena_format(arena, "p%u", player)),
                  value_make_number(arena, &number));
}

static void note(struct hot_keys_slot *slot, slice row_key, bool is_write, int64_t half_units,
                 int64_t now_ms)
{
    const struct hot_access access = {.table = &games,
                                      .row_key = row_key,
                                      .is_item = true,
                                      .is_write = is_write,
                                      .half_units = half_units};
    hot_keys_note(slot, &access, now_ms);
}

static slice text_of(struct arena *arena, const struct hot_key_list *list, uint32_t index)
{
    return index < list->count ? hot_key_text(arena, &games, NULL, &list->keys[index]) : SLICE_NONE;
}

TEST(a_quiet_partition_is_counted_exactly)
{
    SCOPED_ARENA(arena);
    struct hot_keys_slot slot = {.keys = NULL};
    struct hot_key_list list;
    hot_keys_read(&slot, &arena, START_MS, HOT_COLLECTIONS, &list);
    CHECK(list.count == 0 && list.weight == 0);
    for (unsigned i = 0; i < 5; i++)
        note(&slot, row_of_game(&arena, 1, i), true, 2, START_MS); /* a unit of writing each */
    for (unsigned i = 0; i < 10; i++)
        note(&slot, row_of_game(&arena, 2, 3), false, 1, START_MS);
    hot_keys_read(&slot, &arena, START_MS, HOT_COLLECTIONS, &list);
    CHECK(list.count == 2 && list.weight == 5 * 2 * 3 + 10);
    CHECK_SLICE(text_of(&arena, &list, 0), SLICE("p1"));
    CHECK(list.keys[0].share == 0.75 && list.keys[0].write_share == 0.75);
    CHECK_SLICE(text_of(&arena, &list, 1), SLICE("p2"));
    CHECK(list.keys[1].share == 0.25 && list.keys[1].write_share == 0);
    hot_keys_read(&slot, &arena, START_MS, HOT_ITEMS, &list);
    CHECK(list.count == 6);
    CHECK_SLICE(text_of(&arena, &list, 0), SLICE("p2 | 3"));
    CHECK(list.keys[0].share == 0.25);
    hot_keys_free(&slot);
}

/* Each unit of a busy partition has the same chance, so the shares come out. */
TEST(the_shares_of_a_busy_partition_are_within_the_bound)
{
    static const struct {
        double share; /* of the accesses, of the first key */
        int64_t half_units;
        bool is_write;
    } cases[] = {
        {0.5, 1, false}, {0.1, 2, false}, {0.05, 800, true}, {0.3, 7, true}, {0, 1, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SCOPED_ARENA(arena);
        slice *rows = arena_new_array(&arena, slice, KEYS);
        for (uint32_t key = 0; key < KEYS; key++)
            rows[key] = row_of_game(&arena, key, 0);
        struct hot_keys_slot slot = {.keys = NULL};
        struct random random;
        random_init(&random, test_seed());
        for (unsigned access = 0; access < ACCESSES; access++) {
            bool is_hot = (double)random_below(&random, 1000000) < cases[i].share * 1000000;
            uint32_t key = is_hot ? 0 : 1 + (uint32_t)random_below(&random, KEYS - 1);
            note(&slot, rows[key], cases[i].is_write, cases[i].half_units, START_MS);
        }
        struct hot_key_list list;
        hot_keys_read(&slot, &arena, START_MS, HOT_COLLECTIONS, &list);
        double first = list.count > 0 ? list.keys[0].share : 1;
        double sampling =
            4 * sqrt((cases[i].share + 0.001) * (1 - cases[i].share) / HOT_KEYS_SAMPLES);
        CHECK(first <= cases[i].share + 0.001 + sampling);
        CHECK(first >= cases[i].share - 1.0 / SKETCH_ENTRIES - sampling);
        if (cases[i].share > 0)
            CHECK_SLICE(text_of(&arena, &list, 0), SLICE("p0"));
        hot_keys_free(&slot);
    }
}

TEST(a_pattern_in_step_with_the_sample_hides_nothing)
{
    SCOPED_ARENA(arena);
    struct hot_keys_slot slot = {.keys = NULL};
    slice rows[64];
    for (uint32_t key = 0; key < 64; key++)
        rows[key] = row_of_game(&arena, key, 0);
    for (unsigned access = 0; access < ACCESSES; access++)
        note(&slot, rows[access % 64], false, 1, START_MS);
    struct hot_key_list list;
    hot_keys_read(&slot, &arena, START_MS, HOT_COLLECTIONS, &list);
    CHECK(list.count > 0 && list.keys[0].share < 0.06);
    hot_keys_free(&slot);
}

TEST(yesterdays_heat_goes)
{
    static const struct {
        int64_t passed_ms;
        uint32_t count;
        double share; /* of p1, which has nine tenths at first and is then left alone */
    } cases[] = {
        {0, 2, 0.9},
        {HOT_KEYS_HALF_LIFE_MS - 1, 2, 0.9},
        {10 * HOT_KEYS_HALF_LIFE_MS, 1, 1},
        {INT64_C(86400000), 0, 0},
        {-INT64_C(86400000), 2, 0.9}, /* a clock that was set back */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SCOPED_ARENA(arena);
        struct hot_keys_slot slot = {.keys = NULL};
        struct hot_key_list list;
        for (unsigned access = 0; access < 2000; access++)
            note(&slot, row_of_game(&arena, access % 10 > 0, 0), false, 1, START_MS);
        hot_keys_read(&slot, &arena, START_MS + cases[i].passed_ms, HOT_COLLECTIONS, &list);
        CHECK(list.count == cases[i].count);
        CHECK(list.count == 0 ? list.weight == 0 : list.keys[0].share == cases[i].share);
        hot_keys_free(&slot);
    }
}

struct crowd {
    struct hot_keys_slot slot;
    slice hot;
    slice others[KEYS];
    _Atomic unsigned seed;
};

static void *crowd_in(void *context)
{
    struct crowd *crowd = context;
    struct random random;
    random_init(&random, test_seed() + atomic_fetch_add(&crowd->seed, 1));
    for (unsigned i = 0; i < ACCESSES / 4; i++)
        note(&crowd->slot, i % 4 == 0 ? crowd->hot : crowd->others[random_below(&random, KEYS)],
             true, 2, START_MS + i);
    return NULL;
}

TEST(many_threads_count_into_one_sketch_while_it_is_read)
{
    enum { THREADS = 4 };
    SCOPED_ARENA(arena);
    struct crowd *crowd = arena_new(&arena, struct crowd);
    crowd->hot = row_of_game(&arena, 5000, 0);
    for (uint32_t key = 0; key < KEYS; key++)
        crowd->others[key] = row_of_game(&arena, key, 0);
    pthread_t threads[THREADS];
    for (unsigned i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, crowd_in, crowd) == 0);
    struct hot_key_list list;
    for (unsigned i = 0; i < 100; i++)
        hot_keys_read(&crowd->slot, &arena, START_MS, HOT_ITEMS, &list);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    hot_keys_read(&crowd->slot, &arena, START_MS + ACCESSES / 4, HOT_COLLECTIONS, &list);
    CHECK_SLICE(text_of(&arena, &list, 0), SLICE("p5000"));
    CHECK(list.keys[0].share > 0.15 && list.keys[0].share < 0.35);
    hot_keys_free(&crowd->slot);
}

TEST(so_many_partitions_have_hot_keys_and_no_more)
{
    SCOPED_ARENA(arena);
    slice row = row_of_game(&arena, 1, 1);
    struct hot_keys_slot *slots =
        arena_new_array(&arena, struct hot_keys_slot, 2 * HOT_KEYS_PARTITIONS_MAX);
    uint32_t have = 0;
    for (unsigned i = 0; i < 2 * HOT_KEYS_PARTITIONS_MAX; i++) {
        struct hot_key_list list;
        note(&slots[i], row, false, 1, START_MS);
        hot_keys_read(&slots[i], &arena, START_MS, HOT_COLLECTIONS, &list);
        have += list.count;
    }
    CHECK(have > 0 && have <= HOT_KEYS_PARTITIONS_MAX);
    for (unsigned i = 0; i < 2 * HOT_KEYS_PARTITIONS_MAX; i++)
        hot_keys_free(&slots[i]);
    note(&slots[0], row, false, 1, START_MS);
    CHECK(atomic_load(&slots[0].keys) != NULL);
    hot_keys_free(&slots[0]);
}

TEST(a_key_is_told_in_words)
{
    static const struct table of_binary = {.keys = {.hash = {SLICE("b"), VALUE_B}}};
    static const struct table of_text = {.keys = {.hash = {SLICE("s"), VALUE_S}}};
    SCOPED_ARENA(arena);
    char *letters = arena_alloc_bytes(&arena, 300);
    memset(letters, 'a', 300);
    memcpy(letters + SKETCH_KEY_BYTES_MAX - 8 - 1, "\xe2\x82\xac", 3); /* one byte of it is kept */
    const struct {
        const struct table *table;
        slice value;
        slice wanted;
    } cases[] = {
        {&of_binary, value_make_binary(&arena, slice_of("\x00\xff", 2)), SLICE("00ff")},
        {&of_text, value_make_string(&arena, slice_of("a\0b", 3)), {"a\0b", 3}},
        {&of_text, value_make_string(&arena, slice_of(letters, 300)),
         arena_format(&arena, "%.*s\xe2\x80\xa6", SKETCH_KEY_BYTES_MAX - 9, letters)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hot_keys_slot slot = {.keys = NULL};
        struct hot_key_list list;
        slice row = row_of(&arena, cases[i].table, cases[i].value, SLICE_NONE);
        const struct hot_access access = {
            .table = cases[i].table, .row_key = row, .is_item = true, .half_units = 1};
        hot_keys_note(&slot, &access, START_MS);
        hot_keys_read(&slot, &arena, START_MS, HOT_ITEMS, &list);
        CHECK(list.count == 1);
        CHECK_SLICE(hot_key_text(&arena, cases[i].table, NULL, &list.keys[0]), cases[i].wanted);
        hot_keys_free(&slot);
    }
}
