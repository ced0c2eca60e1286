#include "db/table/table.h"

#include "tests/unit/db/fixture.h"
#include <stdio.h>

static void delete_table(struct fixture *fixture)
{
    struct caller caller;
    caller_open(&caller, fixture);
    const struct table *table;
    CHECK_OK(table_delete(&caller.session, SLICE("T"), &table));
    CHECK(table_status_at(table, db_now_ms(fixture->db)) == TABLE_DELETING);
    caller_close(&caller);
}

TEST(a_deleted_table_takes_its_rows_with_it)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    CHECK_OK(put(&fixture, "{'pk':{'S':'a'}}"));
    delete_table(&fixture);
    create_table(&fixture, false);
    CHECK_OK(put(&fixture, "{'pk':{'S':'b'}}"));
    CHECK(check(&fixture).dead_rows == 1);

    housekeep(&fixture);

    struct check_report report = check(&fixture);
    CHECK(report.dead_rows == 0);
    CHECK(report.items == 1);
    CHECK(report.tables == 1);
    CHECK(report.problems == 0);
    fixture_close(&fixture);
}

TEST(a_reopened_database_knows_its_tables)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, true);
    CHECK_OK(put(&fixture, "{'pk':{'S':'a'},'sk':{'N':'-1.5'}}"));
    db_close(fixture.db);
    struct db_options options = {.store = fixture.store, .clock = &fixture.clock};
    CHECK_OK(db_open(&fixture.arena, &options, &fixture.db));
    CHECK_SLICE(db_region(fixture.db), SLICE("us-east-1"));

    struct caller caller;
    caller_open(&caller, &fixture);
    const struct table *table = find_table(&caller);
    CHECK_SLICE(table->keys.range.name, SLICE("sk"));
    CHECK(table->keys.range.type == VALUE_N);
    CHECK_SLICE(table->arn, SLICE("arn:aws:dynamodb:us-east-1:000000000000:table/T"));
    CHECK(table->id.size == 36);
    slice item;
    CHECK_OK(db_read_item(&caller.session, table,
                          item_of(&caller.arena, "{'pk':{'S':'a'},'sk':{'N':'-1.5'}}"), &item));
    CHECK(item_exists(item));
    caller_close(&caller);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

TEST(a_data_directory_keeps_its_region)
{
    struct fixture fixture;
    fixture_open(&fixture);
    struct db_options options = {
        .store = fixture.store, .clock = &fixture.clock, .region = SLICE("eu-west-1")};
    struct db *other;
    CHECK_FAILS(db_open(&fixture.arena, &options, &other), ERROR_USAGE,
                SLICE("this data directory was created with --region us-east-1, which cannot "
                      "become eu-west-1"));
    fixture_close(&fixture);
}

TEST(tables_change_state_when_the_clock_says_so)
{
    struct fixture fixture;
    fixture_open(&fixture);
    db_close(fixture.db);
    struct db_options options = {
        .store = fixture.store, .clock = &fixture.clock, .transition_delay_ms = 1000};
    CHECK_OK(db_open(&fixture.arena, &options, &fixture.db));
    create_table(&fixture, false);
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct table *table;
    int64_t now_ms = clock_now_ms(&fixture.clock);

    CHECK_FAILS(table_find(&caller.session, SLICE("T"), &table), ERROR_RESOURCE_NOT_FOUND,
                SLICE("Requested resource not found"));
    CHECK_FAILS(table_delete(&caller.session, SLICE("T"), &table), ERROR_RESOURCE_IN_USE,
                SLICE("Attempt to change a resource which is still in use: Table is being "
                      "created: T"));
    clock_set_ms(&fixture.clock, now_ms + 1000);
    CHECK_OK(table_find(&caller.session, SLICE("T"), &table));
    CHECK_OK(table_delete(&caller.session, SLICE("T"), &table));
    CHECK_OK(table_describe(&caller.session, SLICE("T"), &table));
    CHECK(table_status_at(table, db_now_ms(fixture.db)) == TABLE_DELETING);
    clock_set_ms(&fixture.clock, now_ms + 2000);
    CHECK_FAILS(table_describe(&caller.session, SLICE("T"), &table), ERROR_RESOURCE_NOT_FOUND,
                SLICE("Requested resource not found: Table: T not found"));
    CHECK(check(&fixture).tables == 1);
    housekeep(&fixture); /* retired, then dropped */
    caller_close(&caller);
    struct check_report report = check(&fixture);
    CHECK(report.problems == 0 && report.tables == 0 && report.dead_rows == 0);
    fixture_close(&fixture);
}

TEST(names_come_in_pages_and_in_order)
{
    static const slice all[] = {
        {"alpha", 5}, {"alpha.b", 7}, {"beta", 4}, {"gamma", 5}, {"omega", 5}};
    struct fixture fixture;
    fixture_open(&fixture);
    struct caller caller;
    caller_open(&caller, &fixture);
    for (int i = 4; i >= 0; i--) {
        struct table_definition definition = {.name = all[i],
                                              .keys = {.hash = {SLICE("pk"), VALUE_B}}};
        const struct table *table;
        CHECK_OK(table_create(&caller.session, &definition, &table));
    }
    const slice *names;
    uint32_t count;
    bool more;
    CHECK_OK(table_names(&caller.session, SLICE_NONE, 2, &names, &count, &more));
    CHECK(count == 2 && more);
    CHECK_SLICE(names[1], all[1]);
    CHECK_OK(table_names(&caller.session, names[1], 3, &names, &count, &more));
    CHECK(count == 3 && !more);
    CHECK_SLICE(names[0], all[2]);
    CHECK_SLICE(names[2], all[4]);
    CHECK_OK(table_names(&caller.session, SLICE("zzz"), 3, &names, &count, &more));
    CHECK(count == 0 && !more);
    caller_close(&caller);
    fixture_close(&fixture);
}
