/* Time to live is switched on, off, and to another attribute. */
#include "tests/unit/db/expiry/expiry_fixture.h"

#define TOO_SOON "Time to live has been modified multiple times within a fixed interval"

TEST(it_is_switched_once_in_half_an_hour_and_for_one_attribute)
{
    struct fixture fixture;
    open_at_now(&fixture);
    CHECK_FAILS(switch_expiry(&fixture, true, "e"), ERROR_RESOURCE_NOT_FOUND,
                SLICE("Requested resource not found: Table: T not found"));
    create_table(&fixture, false);
    CHECK(status(&fixture) == EXPIRY_DISABLED);
    CHECK_FAILS(switch_expiry(&fixture, false, "e"), ERROR_VALIDATION,
                SLICE("TimeToLive is already disabled"));

    CHECK_OK(switch_expiry(&fixture, true, "e"));
    CHECK(status(&fixture) == EXPIRY_ENABLING);
    CHECK(status_shown(&fixture) == EXPIRY_ENABLED);
    build_all(&fixture);
    CHECK(status(&fixture) == EXPIRY_ENABLED);

    slice other = SLICE("TimeToLive is active on a different AttributeName: current AttributeName "
                        "is e");
    CHECK_FAILS(switch_expiry(&fixture, true, "e"), ERROR_VALIDATION,
                SLICE("TimeToLive is already enabled"));
    CHECK_FAILS(switch_expiry(&fixture, true, "f"), ERROR_VALIDATION, other);
    CHECK_FAILS(switch_expiry(&fixture, false, "f"), ERROR_VALIDATION, other);
    CHECK_FAILS(switch_expiry(&fixture, false, "e"), ERROR_VALIDATION, SLICE(TOO_SOON));
    clock_set_ms(&fixture.clock, EXPIRY_NOW * 1000 + SWITCH_PAUSE_MS - 1);
    fixture_reopen(&fixture);
    CHECK_FAILS(switch_expiry(&fixture, false, "e"), ERROR_VALIDATION, SLICE(TOO_SOON));
    clock_set_ms(&fixture.clock, EXPIRY_NOW * 1000 + SWITCH_PAUSE_MS);
    CHECK_OK(switch_expiry(&fixture, false, "e"));
    CHECK(status(&fixture) == EXPIRY_DISABLING);
    CHECK(status_shown(&fixture) == EXPIRY_DISABLED);
    CHECK_FAILS(switch_expiry(&fixture, true, "e"), ERROR_VALIDATION, SLICE(TOO_SOON));
    CHECK_FAILS(switch_expiry(&fixture, false, "e"), ERROR_VALIDATION,
                SLICE("TimeToLive is already disabled"));

    housekeep(&fixture);

    CHECK(status(&fixture) == EXPIRY_DISABLED);
    CHECK_FAILS(switch_expiry(&fixture, true, "f"), ERROR_VALIDATION, SLICE(TOO_SOON));
    clock_set_ms(&fixture.clock, EXPIRY_NOW * 1000 + 2 * SWITCH_PAUSE_MS);
    CHECK_OK(switch_expiry(&fixture, true, "f"));
    fixture_close(&fixture);
}

TEST(when_it_is_switched_off_the_rows_go_and_the_items_stay)
{
    for (int round = 0; round < 2; round++) { /* with and without a new process in between */
        struct fixture fixture;
        open_at_now(&fixture);
        create_table(&fixture, false);
        put_at(&fixture, "a", EXPIRY_NOW - 1);
        CHECK_OK(switch_expiry(&fixture, true, "e")); /* its rows are not all built */
        put_at(&fixture, "b", EXPIRY_NOW - 1);
        clock_set_ms(&fixture.clock, EXPIRY_NOW * 1000 + SWITCH_PAUSE_MS);
        CHECK_OK(switch_expiry(&fixture, false, "e"));
        put_at(&fixture, "b", EXPIRY_NOW - 2);
        struct check_report report = check(&fixture);
        CHECK(report.problems == 0 && report.dead_rows == 1);
        if (round == 1)
            fixture_reopen(&fixture);

        housekeep(&fixture);
        build_all(&fixture);
        sweep(&fixture);

        CHECK(expiry_row_count(&fixture) == 0);
        CHECK(item_count(&fixture) == 2);
        report = check(&fixture);
        CHECK(report.problems == 0 && report.dead_rows == 0);
        fixture_close(&fixture);
    }
}

TEST(another_attribute_after_another_switch_finds_all_items)
{
    struct fixture fixture;
    open_at_now(&fixture);
    create_table(&fixture, false);
    enable_expiry(&fixture);
    CHECK_OK(put(&fixture, "{'pk':{'S':'a'},'e':{'N':'1800009999'},'f':{'N':'1799999999'}}"));
    sweep(&fixture);
    clock_set_ms(&fixture.clock, EXPIRY_NOW * 1000 + SWITCH_PAUSE_MS);
    CHECK_OK(switch_expiry(&fixture, false, "e"));
    housekeep(&fixture);
    clock_set_ms(&fixture.clock, EXPIRY_NOW * 1000 + 2 * SWITCH_PAUSE_MS);
    CHECK_OK(switch_expiry(&fixture, true, "f"));
    build_all(&fixture);

    sweep(&fixture);

    CHECK(item_count(&fixture) == 0);
    fixture_close(&fixture);
}

TEST(a_table_deleted_while_its_rows_are_built_leaves_nothing)
{
    struct fixture fixture;
    open_at_now(&fixture);
    create_table(&fixture, false);
    put_at(&fixture, "a", EXPIRY_NOW - 1);
    CHECK_OK(switch_expiry(&fixture, true, "e"));
    put_at(&fixture, "b", EXPIRY_NOW - 1);
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct table *table;
    CHECK_OK(table_delete(&caller.session, SLICE("T"), &table));
    caller_close(&caller);

    build_all(&fixture);
    sweep(&fixture);
    housekeep(&fixture);

    struct check_report report = check(&fixture);
    CHECK(report.problems == 0 && report.dead_rows == 0 && report.tables == 0);
    fixture_close(&fixture);
}
