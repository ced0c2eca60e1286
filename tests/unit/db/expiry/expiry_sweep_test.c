/* The sweep: what it finds, what it spares, and what it tries again. */
#include "db/expiry/expiry_sweep.h"

#include "base/log.h"
#include "tests/unit/db/expiry/expiry_fixture.h"
#include <stdio.h>

TEST(an_item_renewed_behind_the_back_of_the_sweep_survives)
{
    struct fixture fixture;
    open_at_now(&fixture);
    create_table(&fixture, false);
    enable_expiry(&fixture);
    static const char *const renewed[] = {"a", "c"};
    put_at(&fixture, "a", EXPIRY_NOW + 100);
    put_at(&fixture, "b", EXPIRY_NOW - 1);
    put_expiring(&fixture, "c", NULL);
    for (int i = 0; i < 2; i++) { /* as the sweep has read them just before */
        struct caller caller;
        caller_open(&caller, &fixture);
        const struct table *table = find_table(&caller);
        const char *json = arena_format(&caller.arena, "{'pk':{'S':'%s'}}%c", renewed[i], 0).data;
        slice key = row_key_of_item(&caller.arena, &table->keys, table->space,
                                    item_of(&caller.arena, json));
        write_row(&fixture, db_put(row_key_of_expiry(&caller.arena, key, (uint64_t)EXPIRY_NOW - 5),
                                   ROW_EXPIRY_VALUE));
        caller_close(&caller);
    }

    sweep(&fixture);

    CHECK(is_there(&fixture, "a") && !is_there(&fixture, "b") && is_there(&fixture, "c"));
    fixture_close(&fixture);
}

TEST(what_comes_behind_the_sweep_is_found_by_the_next_one)
{
    struct fixture fixture;
    open_at_now(&fixture);
    create_table(&fixture, false);
    enable_expiry(&fixture);
    put_at(&fixture, "a", EXPIRY_NOW - 10);
    sweep(&fixture);
    put_at(&fixture, "b", EXPIRY_NOW - 1000);
    put_at(&fixture, "c", EXPIRY_NOW);

    sweep(&fixture);
    CHECK(!is_there(&fixture, "a") && !is_there(&fixture, "b") && is_there(&fixture, "c"));

    set_second(&fixture, EXPIRY_NOW + 1);
    sweep(&fixture);
    CHECK(item_count(&fixture) == 0);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

TEST(a_sweep_goes_on_in_turns_and_through_all_tables)
{
    enum { ITEMS = 3000 };
    struct fixture fixture;
    open_at_now(&fixture);
    create_table(&fixture, false);
    struct caller caller;
    caller_open(&caller, &fixture);
    struct table_definition definition = {.keys = {.hash = {SLICE("pk"), VALUE_S}}};
    const struct table *table;
    static const slice names[] = {SLICE("A"), SLICE("Z")};
    for (int i = 0; i < 2; i++) {
        definition.name = names[i];
        CHECK_OK(table_create(&caller.session, &definition, &table));
        CHECK_OK(table_switch_expiry(&caller.session, names[i], true, SLICE("e")));
        CHECK_OK(table_find(&caller.session, names[i], &table));
        struct write_plan plan = {.table = table, .kind = WRITE_PUT};
        plan.item = item_of(&caller.arena, "{'pk':{'S':'a'},'e':{'N':'1799999999'}}");
        struct write_result result;
        CHECK_OK(db_write(&caller.session, &plan, 1, &result));
        CHECK_OK(caller_settle(&caller));
    }
    enable_expiry(&fixture);
    for (uint32_t i = 0; i < ITEMS; i++) {
        char pk[16];
        snprintf(pk, sizeof pk, "%u", i);
        put_at(&fixture, pk, EXPIRY_NOW - 1 - i % 100);
    }

    uint32_t turns = 0;
    while (db_expire(fixture.db))
        turns++;

    CHECK(turns >= 3);
    CHECK(item_count(&fixture) == 0);
    struct check_report report = check(&fixture);
    CHECK(report.problems == 0 && report.items == 0);
    caller_close(&caller);
    fixture_close(&fixture);
}

TEST(a_new_process_sweeps_what_is_left)
{
    struct fixture fixture;
    open_at_now(&fixture);
    create_table(&fixture, false);
    put_at(&fixture, "a", EXPIRY_NOW - 1);
    CHECK_OK(switch_expiry(&fixture, true, "e"));
    fixture_reopen(&fixture); /* before its rows are built */
    CHECK(status(&fixture) == EXPIRY_ENABLING);
    put_at(&fixture, "b", EXPIRY_NOW - 1);
    CHECK(check(&fixture).problems == 0);
    build_all(&fixture);
    fixture_reopen(&fixture);

    sweep(&fixture);

    CHECK(status(&fixture) == EXPIRY_ENABLED);
    CHECK(item_count(&fixture) == 0);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

TEST(what_expired_before_the_rows_were_built_goes_as_soon_as_they_are)
{
    struct fixture fixture;
    open_at_now(&fixture);
    create_table(&fixture, false);
    put_at(&fixture, "a", EXPIRY_NOW - 1);
    CHECK_OK(switch_expiry(&fixture, true, "e"));
    sweep(&fixture);
    CHECK(is_there(&fixture, "a"));
    build_all(&fixture);

    sweep(&fixture); /* at the same second */

    CHECK(!is_there(&fixture, "a"));
    fixture_close(&fixture);
}

TEST(a_page_that_is_not_taken_is_tried_again)
{
    struct fixture fixture;
    open_at_now(&fixture);
    create_table(&fixture, false);
    enable_expiry(&fixture);
    put_at(&fixture, "a", EXPIRY_NOW - 1);
    log_set_level(LOG_ERROR);
    static const struct memory_faults faults[] = {
        {.unavailable_at_group = 2}, /* behind the empty change set that comes first */
        {.conflict_at_submit = 2},
        {.conflict_at_submit = 1},
        {.is_full = true},
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        put_at(&fixture, "a", EXPIRY_NOW - 1);
        memory_store_set_faults(fixture.store, &faults[i]);
        sweep(&fixture);
        memory_store_set_faults(fixture.store, &(struct memory_faults){.is_full = false});
        sweep(&fixture);
        CHECK(!is_there(&fixture, "a"));
        CHECK(check(&fixture).problems == 0);
    }
    fixture_close(&fixture);
}
