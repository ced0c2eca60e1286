/* Deciding what is split and where: by size, by throughput, by heat. */
#include "db/partition/splitter.h"

#include "db/db_private.h"
#include "db/partition/usage.h"
#include "tests/unit/db/partition/split_fixture.h"

/* A table "T" with keys pk (S) and, if wanted, sk (S), a global index "G" by g, a local one by l. */
static void create(struct fixture *fixture, bool with_range, bool with_local)
{
    struct caller caller;
    caller_open(&caller, fixture);
    const struct index indexes[] = {
        {.name = SLICE("G"),
         .kind = INDEX_GLOBAL,
         .keys = {.hash = {{SLICE("g"), VALUE_S}}, .hash_count = 1},
         .provisioned = {1, 1}},
        {.name = SLICE("L"),
         .kind = INDEX_LOCAL,
         .keys = {.hash = {{SLICE("pk"), VALUE_S}},
                  .range = {{SLICE("l"), VALUE_S}},
                  .hash_count = 1,
                  .range_count = 1}}};
    struct table_definition definition = {
        .name = SLICE("T"),
        .keys = {.hash = {SLICE("pk"), VALUE_S},
                 .range = {SLICE("sk"), VALUE_S},
                 .has_range = with_range},
        .settings = {.billing_mode = BILLING_PROVISIONED, .provisioned = {1, 1}},
        .indexes = indexes,
        .index_count = with_local ? 2 : 1,
        .stream_view = STREAM_VIEW_NEW_IMAGE,
    };
    const struct table *table;
    CHECK_OK(table_create(&caller.session, &definition, &table));
    caller_close(&caller);
}

static void put_item(struct fixture *fixture, unsigned pk, unsigned sk)
{
    SCOPED_ARENA(arena);
    slice json = arena_format(&arena,
                              "{'pk':{'S':'p%u'},'sk':{'S':'s%04u'},'g':{'S':'g%u'},"
                              "'l':{'S':'l%u'},'x':{'S':'0123456789012345678901234567'}}%c",
                              pk, sk, sk % 5, sk, 0);
    CHECK_OK(put(fixture, json.data));
}

static void split_all(struct fixture *fixture)
{
    for (unsigned turns = 0; db_split(fixture->db); turns++)
        CHECK(turns < 10000);
}

/* Whether sizes are known, add up to what the counters of the table say, and none is above. */
static void check_sizes(struct fixture *fixture, int64_t bytes_max)
{
    struct caller caller;
    caller_open(&caller, fixture);
    const struct table *table = find_table(&caller);
    for (uint32_t which = 0; which < 2; which++) {
        const struct index *index = which == 0 ? NULL : table_index(table, SLICE("G"));
        const struct usage_view *view = usage_of(table, index);
        int64_t bytes = 0;
        int64_t items = 0;
        int64_t wanted_bytes, wanted_items;
        CHECK(view->partition_count == partition_map_of(table, index).count);
        for (uint32_t i = 0; i < view->partition_count; i++) {
            const struct partition_gauge *gauge = &view->partitions[i]->gauge;
            CHECK(gauge->is_known && gauge->bytes <= bytes_max);
            bytes += gauge->bytes;
            items += gauge->items;
        }
        CHECK_OK(index ? table_index_counts(&caller.session, table, index, &wanted_items,
                                            &wanted_bytes)
                       : table_counts(&caller.session, table, &wanted_items, &wanted_bytes));
        CHECK(items == wanted_items && bytes == wanted_bytes);
    }
    caller_close(&caller);
}

static uint32_t partition_count(struct fixture *fixture, slice index_name)
{
    struct caller caller;
    caller_open(&caller, fixture);
    const struct table *table = find_table(&caller);
    const struct index *index = index_name.size > 0 ? table_index(table, index_name) : NULL;
    uint32_t count = partition_map_of(table, index).count;
    caller_close(&caller);
    return count;
}

TEST(a_partition_that_has_grown_is_split_until_none_is_too_large)
{
    struct fixture fixture;
    fixture_open(&fixture);
    fixture.db->partition_bytes_max = 1000;
    create(&fixture, true, false);
    split_all(&fixture);
    check_sizes(&fixture, 0);
    CHECK(partition_count(&fixture, SLICE_NONE) == 1);
    for (unsigned i = 0; i < 300; i++)
        put_item(&fixture, i % 40, i);
    split_all(&fixture);
    check_sizes(&fixture, 1000);
    uint32_t count = partition_count(&fixture, SLICE_NONE);
    CHECK(count >= 300 * 50 / 1000 && count < 64);
    CHECK(partition_count(&fixture, SLICE("G")) >= 15);
    split_all(&fixture);
    CHECK(partition_count(&fixture, SLICE_NONE) == count);
    CHECK(check(&fixture).problems == 0);
    fixture_reopen(&fixture);
    fixture.db->partition_bytes_max = 1000;
    split_all(&fixture); /* finds how large they are */
    check_sizes(&fixture, 1000);
    CHECK(partition_count(&fixture, SLICE_NONE) == count);
    fixture_close(&fixture);
}

TEST(one_large_collection_is_split_by_its_sort_key)
{
    struct fixture fixture;
    fixture_open(&fixture);
    fixture.db->partition_bytes_max = 2000;
    create(&fixture, true, false);
    for (unsigned i = 0; i < 200; i++)
        put_item(&fixture, 7, (i * 37) % 200);
    split_all(&fixture);
    check_sizes(&fixture, 2000);
    struct caller caller;
    caller_open(&caller, &fixture);
    struct partition_map map = map_of_table(&caller);
    CHECK(map.count >= 6);
    CHECK(map.list[2].from.size > 8 && map.list[2].from.size < 20);
    caller_close(&caller);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

TEST(a_collection_with_a_local_index_stays_together_however_large)
{
    struct fixture fixture;
    fixture_open(&fixture);
    fixture.db->partition_bytes_max = 1500;
    create(&fixture, true, true);
    for (unsigned i = 0; i < 100; i++)
        put_item(&fixture, i % 4, i);
    split_all(&fixture);
    struct caller caller;
    caller_open(&caller, &fixture);
    struct partition_map map = map_of_table(&caller);
    CHECK(map.count == 4);
    for (uint32_t i = 1; i < map.count; i++)
        CHECK(map.list[i].from.size == 8);
    caller_close(&caller);
    split_all(&fixture);
    CHECK(partition_count(&fixture, SLICE_NONE) == 4);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

TEST(a_single_item_is_not_split)
{
    struct fixture fixture;
    fixture_open(&fixture);
    fixture.db->partition_bytes_max = 10;
    create(&fixture, false, false);
    put_item(&fixture, 1, 1);
    split_all(&fixture);
    CHECK(partition_count(&fixture, SLICE_NONE) == 1);
    put_item(&fixture, 2, 1);
    split_all(&fixture);
    CHECK(partition_count(&fixture, SLICE_NONE) == 2);
    fixture_close(&fixture);
}

TEST(raised_throughput_makes_as_many_partitions_as_it_needs_also_after_a_new_start)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create(&fixture, false, false);
    struct caller caller;
    caller_open(&caller, &fixture);
    struct index_action action = {.kind = INDEX_UPDATE,
                                  .index = {.name = SLICE("G"), .provisioned = {9000, 1}}};
    struct table_change change = {.provisioned = {2000, 3000},
                                  .index_actions = &action,
                                  .index_action_count = 1};
    struct table_changed changed;
    CHECK_OK(table_update(&caller.session, SLICE("T"), &change, &changed));
    caller_close(&caller);
    CHECK(partition_count(&fixture, SLICE_NONE) == 1);
    fixture_reopen(&fixture);
    split_all(&fixture);
    CHECK(partition_count(&fixture, SLICE_NONE) == 4 && partition_count(&fixture, SLICE("G")) == 4);
    caller_open(&caller, &fixture);
    struct partition_map map = map_of_table(&caller);
    for (uint32_t i = 1; i < 4; i++) /* even quarters of the hashes */
        CHECK_SLICE(map.list[i].from, place_at(&caller.arena, (uint16_t)(i << 14)));
    caller_close(&caller);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

/*
 * Ten seconds of a thousand writes a second to one collection, as requests would count them; the
 * sort keys have the numbers from `first` on, each times `stride`.
 */
static void heat_up(struct fixture *fixture, unsigned first, unsigned stride)
{
    enum { SAMPLES = 100, UNITS_A_SAMPLE = 100, SORT_KEYS = 99991 };
    struct caller caller;
    caller_open(&caller, fixture);
    const struct table *table = find_table(&caller);
    for (unsigned i = 0; i < SAMPLES; i++) {
        slice json = arena_format(&caller.arena, "{'pk':{'S':'p'},'sk':{'S':'%05u'}}%c",
                                  (first + i) * stride % SORT_KEYS, 0);
        slice row_key = row_key_of_item(&caller.arena, &table->keys, table->space,
                                        item_of(&caller.arena, json.data));
        uint32_t position = partition_position(table->partitions,
                                               partition_of(table, NULL, row_key)->number);
        struct usage_partition *usage = usage_of(table, NULL)->partitions[position];
        const struct hot_access access = {.table = table,
                                          .row_key = row_key,
                                          .is_item = true,
                                          .is_write = true,
                                          .half_units = 2 * UNITS_A_SAMPLE};
        hot_keys_note(&usage->hot_keys, &access, db_now_ms(fixture->db));
        usage->counters.half_units[USAGE_WRITE] += access.half_units;
    }
    caller_close(&caller);
}

TEST(a_hot_collection_is_split_once_unless_its_sort_keys_ascend)
{
    static const struct {
        unsigned stride; /* far from 1: all over the place */
        uint32_t wanted;
    } cases[] = {{7919, 2}, {1, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture fixture;
        fixture_open(&fixture);
        create(&fixture, true, false);
        enum { LOOKS = 60 }; /* ten minutes */
        for (unsigned look = 0; look < LOOKS; look++) {
            split_all(&fixture);
            heat_up(&fixture, look * 100, cases[i].stride);
            clock_set_ms(&fixture.clock, clock_now_ms(&fixture.clock) + HEAT_LOOK_MS);
        }
        CHECK(partition_count(&fixture, SLICE_NONE) == cases[i].wanted);
        fixture_close(&fixture);
    }
}

/* ---- how large they are, while there are writes ---- */

enum { MANY_ITEMS = 9000 }; /* several pieces of a slow scan */

static void create_plain(struct fixture *fixture, slice name)
{
    struct caller caller;
    struct table_definition definition = {
        .name = name,
        .keys = {.hash = {SLICE("pk"), VALUE_S}},
        .settings = {.billing_mode = BILLING_PROVISIONED, .provisioned = {1, 1}}};
    const struct table *table;
    caller_open(&caller, fixture);
    CHECK_OK(table_create(&caller.session, &definition, &table));
    caller_close(&caller);
}

/* The gauge of the only partition of a table. */
static const struct partition_gauge *gauge_of(struct fixture *fixture, slice name)
{
    struct caller caller;
    const struct table *table;
    caller_open(&caller, fixture);
    CHECK_OK(table_find(&caller.session, name, &table));
    CHECK(table->partitions.count == 1);
    const struct partition_gauge *gauge = &usage_of(table, NULL)->partitions[0]->gauge;
    caller_close(&caller);
    return gauge; /* of the table, which stays */
}

static void turn_until_exact(struct fixture *fixture, const struct partition_gauge *gauge)
{
    for (unsigned turns = 0; !gauge->is_exact; turns++) {
        CHECK(turns < 10000);
        db_split(fixture->db);
    }
}

static void put_numbered(struct fixture *fixture, unsigned number)
{
    SCOPED_ARENA(arena);
    CHECK_OK(put(fixture, arena_format(&arena, "{'pk':{'S':'%05u'}}%c", number, 0).data));
}

TEST(a_small_table_is_known_at_once_beside_one_that_takes_long)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_plain(&fixture, SLICE("T"));
    create_plain(&fixture, SLICE("Z"));
    for (unsigned i = 0; i < MANY_ITEMS; i++)
        put_numbered(&fixture, i);
    const struct partition_gauge *large = gauge_of(&fixture, SLICE("T"));
    const struct partition_gauge *small = gauge_of(&fixture, SLICE("Z"));
    db_split(fixture.db);
    CHECK(small->is_exact && !large->is_known);
    turn_until_exact(&fixture, large);
    CHECK(large->items == MANY_ITEMS && large->bytes == MANY_ITEMS * (2 + 5));
    fixture_close(&fixture);
}

TEST(a_size_that_writes_disturbed_is_near_and_becomes_exact_when_they_rest)
{
    struct fixture fixture;
    fixture_open(&fixture);
    create_plain(&fixture, SLICE("T"));
    for (unsigned i = 0; i < MANY_ITEMS; i++)
        put_numbered(&fixture, i);
    const struct partition_gauge *gauge = gauge_of(&fixture, SLICE("T"));
    unsigned written = MANY_ITEMS;
    unsigned turns = 0;
    for (; !gauge->is_known; turns++) {
        CHECK(turns < 100);
        db_split(fixture.db);
        if (!gauge->is_known)
            put_numbered(&fixture, written++);
    }
    CHECK(turns > 2 && !gauge->is_exact);
    CHECK(gauge->items >= MANY_ITEMS && gauge->items <= written + turns);
    turn_until_exact(&fixture, gauge);
    CHECK(gauge->items == written && gauge->bytes == (int64_t)written * (2 + 5));
    put_numbered(&fixture, written++);
    CHECK(gauge->is_exact && gauge->items == written);
    fixture_close(&fixture);
}

TEST(children_of_a_split_for_size_are_exact_as_their_parent_was)
{
    struct fixture fixture;
    fixture_open(&fixture);
    fixture.db->partition_bytes_max = 1000;
    create(&fixture, true, false);
    for (unsigned i = 0; i < 100; i++)
        put_item(&fixture, i, i);
    split_all(&fixture);
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct usage_view *view = usage_of(find_table(&caller), NULL);
    CHECK(view->partition_count > 4);
    for (uint32_t i = 0; i < view->partition_count; i++)
        CHECK(view->partitions[i]->gauge.is_exact);
    caller_close(&caller);
    fixture_close(&fixture);
}
