/* Rows that are to go, in turns of the housekeeper. */
#include "db/drops.h"

#include "db/db_private.h"
#include "db/table/table_update.h"
#include "tests/unit/db/fixture.h"

static void put_items(struct fixture *fixture, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        SCOPED_ARENA(arena);
        CHECK_OK(put(fixture, arena_format(&arena, "{'pk':{'S':'k%u'}}%c", i, 0).data));
    }
}

static void delete_table(struct fixture *fixture)
{
    struct caller caller;
    caller_open(&caller, fixture);
    const struct table *table;
    CHECK_OK(table_delete(&caller.session, SLICE("T"), &table));
    caller_close(&caller);
}

TEST(a_turn_drops_so_many_rows_and_the_next_one_goes_on)
{
    enum { ITEMS = 9 };
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    put_items(&fixture, ITEMS);
    delete_table(&fixture);
    uint64_t left = check(&fixture).dead_rows;
    CHECK(left == ITEMS);

    while (left > 0) {
        CHECK(db_housekeep(fixture.db) > 0);
        uint64_t after = check(&fixture).dead_rows;
        CHECK(after < left && left - after <= DROP_TEST_ROWS);
        CHECK(after == 0 || db_has_rows_to_drop(fixture.db));
        left = after;
    }

    housekeep(&fixture);
    CHECK(!db_has_rows_to_drop(fixture.db));
    struct check_report report = check(&fixture);
    CHECK(report.problems == 0 && report.tables == 0);
    fixture_close(&fixture);
}

TEST(another_process_goes_on_with_a_drop)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    put_items(&fixture, 7);
    delete_table(&fixture);
    CHECK(db_housekeep(fixture.db) > 0);
    CHECK(check(&fixture).dead_rows == 7 - DROP_TEST_ROWS);

    fixture_reopen(&fixture);
    housekeep(&fixture);

    struct check_report report = check(&fixture);
    CHECK(report.problems == 0 && report.dead_rows == 0 && report.tables == 0);
    fixture_close(&fixture);
}

/* Each has its own, so that a row tells by its key of which drop it is. */
static struct drop_range range_of(const char *first, const char *last)
{
    return (struct drop_range){STORE_LOG, slice_of_string(first), slice_of_string(last)};
}

static void put_rows(struct fixture *fixture, char name, uint32_t count)
{
    SCOPED_ARENA(arena);
    struct store_write *writes = arena_new_array(&arena, struct store_write, count);
    for (uint32_t i = 0; i < count; i++) {
        writes[i] = db_put(arena_format(&arena, "%c%u", name, i), SLICE("v"));
        writes[i].area = STORE_LOG;
    }
    CHECK_OK(db_commit_rows(fixture->db, &arena, writes, count));
}

static uint32_t count_rows(struct fixture *fixture, const struct drop_range *range)
{
    SCOPED_ARENA(arena);
    struct store_scan scan = {.shard = STORE_SHARD_WHOLE,
                              .area = range->area,
                              .from = range->from,
                              .to = range->to,
                              .tier = STORE_ANY,
                              .row_count_max = 100,
                              .bytes_max = SIZE_MAX};
    struct store_page page;
    CHECK(store_scan(fixture->store, &arena, &scan, &page) == STORE_OK);
    return page.count;
}

TEST(a_drop_that_comes_before_another_is_done_first_and_the_other_after_all)
{
    struct fixture fixture;
    fixture_open(&fixture);
    const struct drop_range first = range_of("a", "b");
    const struct drop_range second = range_of("b", "c");
    put_rows(&fixture, 'a', 5);
    put_rows(&fixture, 'b', 5);
    bool first_done = false;
    bool second_done = false;

    drops_begin_turn(fixture.db->drops);
    CHECK_OK(drops_go_on(fixture.db, &second, 1, &second_done));
    CHECK(!second_done && count_rows(&fixture, &second) == 3);
    while (!first_done || !second_done) {
        drops_begin_turn(fixture.db->drops);
        if (!first_done)
            CHECK_OK(drops_go_on(fixture.db, &first, 1, &first_done));
        CHECK_OK(drops_go_on(fixture.db, &second, 1, &second_done));
        CHECK(first_done || count_rows(&fixture, &second) == 3);
        CHECK(drops_are_left(fixture.db->drops) == (!first_done || !second_done));
    }

    CHECK(count_rows(&fixture, &first) == 0 && count_rows(&fixture, &second) == 0);
    fixture_close(&fixture);
}

TEST(a_drop_of_several_ranges_empties_each_and_a_second_one_begins_anew)
{
    struct fixture fixture;
    fixture_open(&fixture);
    const struct drop_range ranges[] = {range_of("a", "b"), range_of("c", "d"), range_of("e", "f")};
    for (int round = 0; round < 2; round++) {
        put_rows(&fixture, 'a', 3);
        put_rows(&fixture, 'b', 1); /* of no drop */
        put_rows(&fixture, 'e', 4);
        for (bool done = false; !done;) {
            drops_begin_turn(fixture.db->drops);
            CHECK_OK(drops_go_on(fixture.db, ranges, 3, &done));
        }
        for (int i = 0; i < 3; i++)
            CHECK(count_rows(&fixture, &ranges[i]) == 0);
        const struct drop_range kept = range_of("b", "c");
        CHECK(count_rows(&fixture, &kept) == 1);
    }
    fixture_close(&fixture);
}

TEST(tables_are_retired_some_in_a_turn)
{
    enum { TABLES = 40 };
    struct fixture fixture;
    fixture_open(&fixture);
    db_close(fixture.db);
    struct db_options options = {
        .store = fixture.store, .clock = &fixture.clock, .transition_delay_ms = 1000};
    CHECK_OK(db_open(&fixture.arena, &options, &fixture.db));
    struct caller caller;
    caller_open(&caller, &fixture);
    slice names[TABLES];
    const struct table *table;
    for (unsigned i = 0; i < TABLES; i++) {
        names[i] = arena_format(&fixture.arena, "Table%u", i);
        struct table_definition definition = {
            .name = names[i],
            .keys = {.hash = {SLICE("pk"), VALUE_S}},
            .settings = {.billing_mode = BILLING_PAY_PER_REQUEST},
        };
        CHECK_OK(table_create(&caller.session, &definition, &table));
    }
    int64_t created_ms = clock_now_ms(&fixture.clock);
    clock_set_ms(&fixture.clock, created_ms + 1000);
    for (unsigned i = 0; i < TABLES; i++)
        CHECK_OK(table_delete(&caller.session, names[i], &table));
    caller_close(&caller);
    clock_set_ms(&fixture.clock, created_ms + 2000);

    CHECK(db_housekeep(fixture.db) > 0);
    CHECK(catalogue_count(fixture.db->catalogue) > 0);
    housekeep(&fixture);
    CHECK(catalogue_count(fixture.db->catalogue) == 0);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}
