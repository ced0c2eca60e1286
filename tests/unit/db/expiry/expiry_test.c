/* Time to live: which items expire and when, the rows that find them, switching on and off. */
#include "db/expiry/expiry.h"

#include "base/log.h"
#include "db/index/backfill.h"
#include "db/check/check.h"
#include "db/expiry/expiry_sweep.h"
#include "tests/unit/db/index/index_fixture.h"
#include <inttypes.h>
#include <stdio.h>

/* Epoch seconds and milliseconds at which the tests begin. */
static const int64_t NOW = INT64_C(1800000000);
static const int64_t PAUSE_MS = 31 * 60 * 1000;

static void open_at_now(struct fixture *fixture)
{
    fixture_open(fixture);
    clock_set_ms(&fixture->clock, NOW * 1000);
}

static error switch_expiry(struct fixture *fixture, bool enable, const char *attribute)
{
    struct caller caller;
    caller_open(&caller, fixture);
    error failure =
        table_switch_expiry(&caller.session, SLICE("T"), enable, slice_of_string(attribute));
    if (failure)
        failure = fail(&fixture->arena, failure->kind, "%.*s", SLICE_ARGS(failure->message));
    caller_close(&caller);
    return failure;
}

static void build(struct fixture *fixture)
{
    while (db_backfill(fixture->db))
        continue;
}

static void enable(struct fixture *fixture)
{
    CHECK_OK(switch_expiry(fixture, true, "e"));
    build(fixture);
}

/* One whole sweep. */
static void sweep(struct fixture *fixture)
{
    while (db_expire(fixture->db))
        continue;
}

static void set_second(struct fixture *fixture, int64_t second)
{
    clock_set_ms(&fixture->clock, second * 1000);
}

static enum expiry_status look(struct fixture *fixture, bool as_shown)
{
    struct caller caller;
    caller_open(&caller, fixture);
    const struct table *table = find_table(&caller);
    enum expiry_status found =
        as_shown ? expiry_status_shown(fixture->db, table) : expiry_status_of(table);
    caller_close(&caller);
    return found;
}

static enum expiry_status status(struct fixture *fixture)
{
    return look(fixture, false);
}

/* `value` as it stands in JSON with ' for ", or NULL for none. */
static void put_expiring(struct fixture *fixture, const char *pk, const char *value)
{
    char json[256];
    snprintf(json, sizeof json, value ? "{'pk':{'S':'%s'},'e':%s}" : "{'pk':{'S':'%s'}}", pk,
             value);
    CHECK_OK(put(fixture, json));
}

static void put_at(struct fixture *fixture, const char *pk, int64_t second)
{
    char value[64];
    snprintf(value, sizeof value, "{'N':'%" PRId64 "'}", second);
    put_expiring(fixture, pk, value);
}

static bool is_there(struct fixture *fixture, const char *pk)
{
    struct caller caller;
    caller_open(&caller, fixture);
    slice item;
    slice key =
        item_of(&caller.arena, arena_format(&caller.arena, "{'pk':{'S':'%s'}}%c", pk, 0).data);
    CHECK_OK(db_read_item(&caller.session, find_table(&caller), key, &item));
    bool there = item_exists(item);
    caller_close(&caller);
    return there;
}

static int64_t item_count(struct fixture *fixture)
{
    struct caller caller;
    caller_open(&caller, fixture);
    int64_t count = -1;
    int64_t bytes;
    CHECK_OK(table_counts(&caller.session, find_table(&caller), &count, &bytes));
    caller_close(&caller);
    return count;
}

static void remember_problem(void *context, slice sentence)
{
    struct fixture *fixture = context;
    (void)fixture;
    printf("    check: %.*s\n", SLICE_ARGS(sentence));
}

static struct check_report check(struct fixture *fixture)
{
    struct check_report report = {.problems = UINT64_MAX};
    CHECK_OK(db_check(&fixture->arena, fixture->store, remember_problem, fixture, &report));
    return report;
}

static uint32_t expiry_row_count(struct fixture *fixture)
{
    struct caller caller;
    caller_open(&caller, fixture);
    uint32_t space = find_table(&caller)->space;
    struct store_scan scan = {.from = row_key_begin_expiry(&caller.arena, space, 0),
                              .to = row_key_begin_expiry(&caller.arena, space, UINT64_MAX),
                              .tier = STORE_ANY,
                              .row_count_max = 1000,
                              .bytes_max = SIZE_MAX};
    struct store_page page = {.count = 0};
    CHECK(store_scan(fixture->store, &caller.arena, &scan, &page) == STORE_OK);
    caller_close(&caller);
    return page.count;
}

static void write_row(struct fixture *fixture, struct store_write write)
{
    SCOPED_ARENA(arena);
    CHECK_OK(db_commit_rows(fixture->db, &arena, &write, 1));
}

/* ---- which items expire ---- */

static const struct {
    const char *value; /* at second NOW of the sweep, %s stands for a second relative to it */
    int64_t offset;
    bool expires;
} values[] = {
    {"{'N':'%" PRId64 "'}", -2, true},
    {"{'N':'%" PRId64 "'}", -1, true},
    {"{'N':'%" PRId64 ".999'}", -1, true},
    {"{'N':'%" PRId64 "'}", 0, false},
    {"{'N':'%" PRId64 ".5'}", 0, false},
    {"{'N':'%" PRId64 "'}", 1, false},
    {"{'N':'%" PRId64 "000'}", -1, false}, /* milliseconds by mistake */
    {"{'N':'%" PRId64 "'}", -5 * 31556952 + 1, true},
    {"{'N':'%" PRId64 "'}", -5 * 31556952, false}, /* too old to be meant */
    {"{'N':'%" PRId64 "'}", -6 * 31556952, false},
    {"{'S':'%" PRId64 "'}", -1, false},
    {"{'NS':['%" PRId64 "']}", -1, false},
    {"{'L':[{'N':'%" PRId64 "'}]}", -1, false},
    {"{'M':{'e':{'N':'%" PRId64 "'}}}", -1, false},
    {"{'N':'-%" PRId64 "'}", 0, false},
    {"{'N':'%" PRId64 "e60'}", -1, false},
};
enum { VALUE_COUNT = sizeof values / sizeof values[0] };

TEST(an_item_expires_behind_the_second_of_its_number_and_for_five_years)
{
    struct fixture fixture;
    open_at_now(&fixture);
    create_table(&fixture, false);
    for (int before = 0; before < 2; before++) { /* written before it is switched on, or after */
        for (uint32_t i = 0; i < VALUE_COUNT; i++) {
            char pk[16];
            char value[128];
            snprintf(pk, sizeof pk, "%u-%d", i, before);
            snprintf(value, sizeof value, values[i].value, NOW + values[i].offset);
            put_expiring(&fixture, pk, value);
        }
        put_expiring(&fixture, before ? "none-1" : "none-0", NULL);
        if (before == 0)
            enable(&fixture);
    }
    CHECK(check(&fixture).problems == 0);

    sweep(&fixture);

    for (int before = 0; before < 2; before++) {
        for (uint32_t i = 0; i < VALUE_COUNT; i++) {
            char pk[16];
            snprintf(pk, sizeof pk, "%u-%d", i, before);
            CHECK(is_there(&fixture, pk) == !values[i].expires);
        }
        CHECK(is_there(&fixture, before ? "none-1" : "none-0"));
    }
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

TEST(expired_items_are_there_until_the_sweep_and_the_sweep_has_its_time)
{
    struct fixture fixture;
    open_at_now(&fixture);
    create_table(&fixture, false);
    enable(&fixture);
    fixture.db->expiry_sweep_ms = 20000;
    put_at(&fixture, "a", NOW + 5);
    sweep(&fixture);
    set_second(&fixture, NOW + 19);
    sweep(&fixture);
    CHECK(is_there(&fixture, "a"));

    set_second(&fixture, NOW + 20);
    sweep(&fixture);

    CHECK(!is_there(&fixture, "a"));
    set_second(&fixture, NOW); /* a clock that was set back */
    put_at(&fixture, "b", NOW - 1);
    sweep(&fixture);
    CHECK(!is_there(&fixture, "b"));
    fixture_close(&fixture);
}

/* ---- the rows ---- */

TEST(expiry_rows_follow_their_items)
{
    struct fixture fixture;
    open_at_now(&fixture);
    create_table(&fixture, false);
    enable(&fixture);
    static const struct {
        const char *value;
        uint32_t row_count;
    } steps[] = {
        {NULL, 0},
        {"{'N':'1800000100'}", 1},
        {"{'N':'1800000100.5'}", 1},
        {"{'N':'1800000200'}", 1},
        {"{'S':'1800000200'}", 0},
        {"{'N':'1800000300'}", 1},
        {NULL, 0},
        {"{'N':'0'}", 1},
    };
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        put_expiring(&fixture, "a", steps[i].value);
        CHECK(expiry_row_count(&fixture) == steps[i].row_count);
        CHECK(check(&fixture).problems == 0);
    }
    struct caller caller;
    caller_open(&caller, &fixture);
    struct write_plan plan = {.table = find_table(&caller),
                              .kind = WRITE_DELETE,
                              .key = item_of(&caller.arena, "{'pk':{'S':'a'}}")};
    struct write_result result;
    CHECK_OK(db_write(&caller.session, &plan, 1, &result));
    CHECK_OK(caller_settle(&caller));
    caller_close(&caller);
    CHECK(expiry_row_count(&fixture) == 0);
    fixture_close(&fixture);
}

TEST(items_take_their_index_entries_and_their_counts_with_them)
{
    struct fixture fixture;
    open_at_now(&fixture);
    create_indexed_table(&fixture);
    enable(&fixture);
    for (int i = 0; i < 5; i++) {
        char json[256];
        snprintf(json, sizeof json,
                 "{'pk':{'S':'p'},'sk':{'N':'%d'},'a':{'S':'x'},'b':{'N':'1'},'c':{'B':'AA=='},"
                 "'d':{'S':'y'},'e':{'N':'%" PRId64 "'}}",
                 i, NOW - 3 + i);
        CHECK_OK(put(&fixture, json));
    }

    sweep(&fixture);

    CHECK(item_count(&fixture) == 2);
    CHECK(check(&fixture).problems == 0);
    fixture_close(&fixture);
}

TEST(check_finds_a_missing_expiry_row_and_one_of_no_item)
{
    struct fixture fixture;
    open_at_now(&fixture);
    create_table(&fixture, false);
    enable(&fixture);
    put_at(&fixture, "a", NOW + 100);
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct table *table = find_table(&caller);
    slice item_key = row_key_of_item(&caller.arena, &table->keys, table->space,
                                     item_of(&caller.arena, "{'pk':{'S':'a'}}"));
    slice other_key = row_key_of_item(&caller.arena, &table->keys, table->space,
                                      item_of(&caller.arena, "{'pk':{'S':'b'}}"));
    slice good = row_key_of_expiry(&caller.arena, item_key, (uint64_t)NOW + 100);
    CHECK(check(&fixture).problems == 0);

    write_row(&fixture, db_delete(good));
    CHECK(check(&fixture).problems == 1);
    write_row(&fixture, db_put(good, SLICE("x")));
    CHECK(check(&fixture).problems == 1);
    write_row(&fixture, db_put(good, ROW_EXPIRY_VALUE));
    CHECK(check(&fixture).problems == 0);

    static const int64_t wrong[] = {99, 101};
    for (int i = 0; i < 2; i++) {
        slice key = row_key_of_expiry(&caller.arena, item_key, (uint64_t)(NOW + wrong[i]));
        write_row(&fixture, db_put(key, ROW_EXPIRY_VALUE));
        CHECK(check(&fixture).problems == 1);
        write_row(&fixture, db_delete(key));
    }
    slice of_nothing = row_key_of_expiry(&caller.arena, other_key, (uint64_t)NOW + 100);
    write_row(&fixture, db_put(of_nothing, ROW_EXPIRY_VALUE));
    CHECK(check(&fixture).problems == 1);
    caller_close(&caller);
    fixture_close(&fixture);
}

/* ---- the sweep ---- */

TEST(an_item_renewed_behind_the_back_of_the_sweep_survives)
{
    struct fixture fixture;
    open_at_now(&fixture);
    create_table(&fixture, false);
    enable(&fixture);
    static const char *const renewed[] = {"a", "c"};
    put_at(&fixture, "a", NOW + 100);
    put_at(&fixture, "b", NOW - 1);
    put_expiring(&fixture, "c", NULL);
    for (int i = 0; i < 2; i++) { /* as the sweep has read them just before */
        struct caller caller;
        caller_open(&caller, &fixture);
        const struct table *table = find_table(&caller);
        const char *json = arena_format(&caller.arena, "{'pk':{'S':'%s'}}%c", renewed[i], 0).data;
        slice key = row_key_of_item(&caller.arena, &table->keys, table->space,
                                    item_of(&caller.arena, json));
        write_row(&fixture, db_put(row_key_of_expiry(&caller.arena, key, (uint64_t)NOW - 5),
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
    enable(&fixture);
    put_at(&fixture, "a", NOW - 10);
    sweep(&fixture);
    put_at(&fixture, "b", NOW - 1000);
    put_at(&fixture, "c", NOW);

    sweep(&fixture);
    CHECK(!is_there(&fixture, "a") && !is_there(&fixture, "b") && is_there(&fixture, "c"));

    set_second(&fixture, NOW + 1);
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
    enable(&fixture);
    for (uint32_t i = 0; i < ITEMS; i++) {
        char pk[16];
        snprintf(pk, sizeof pk, "%u", i);
        put_at(&fixture, pk, NOW - 1 - i % 100);
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
    put_at(&fixture, "a", NOW - 1);
    CHECK_OK(switch_expiry(&fixture, true, "e"));
    fixture_reopen(&fixture); /* before its rows are built */
    CHECK(status(&fixture) == EXPIRY_ENABLING);
    put_at(&fixture, "b", NOW - 1);
    CHECK(check(&fixture).problems == 0);
    build(&fixture);
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
    put_at(&fixture, "a", NOW - 1);
    CHECK_OK(switch_expiry(&fixture, true, "e"));
    sweep(&fixture);
    CHECK(is_there(&fixture, "a"));
    build(&fixture);

    sweep(&fixture); /* at the same second */

    CHECK(!is_there(&fixture, "a"));
    fixture_close(&fixture);
}

TEST(a_page_that_is_not_taken_is_tried_again)
{
    struct fixture fixture;
    open_at_now(&fixture);
    create_table(&fixture, false);
    enable(&fixture);
    put_at(&fixture, "a", NOW - 1);
    log_set_level(LOG_ERROR);
    static const struct memory_faults faults[] = {
        {.unavailable_at_group = 2}, /* behind the empty change set that comes first */
        {.conflict_at_submit = 2},
        {.conflict_at_submit = 1},
        {.is_full = true},
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        put_at(&fixture, "a", NOW - 1);
        memory_store_set_faults(fixture.store, &faults[i]);
        sweep(&fixture);
        memory_store_set_faults(fixture.store, &(struct memory_faults){.is_full = false});
        sweep(&fixture);
        CHECK(!is_there(&fixture, "a"));
        CHECK(check(&fixture).problems == 0);
    }
    fixture_close(&fixture);
}

/* ---- switching ---- */

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
    CHECK(look(&fixture, true) == EXPIRY_ENABLED);
    build(&fixture);
    CHECK(status(&fixture) == EXPIRY_ENABLED);

    slice other = SLICE("TimeToLive is active on a different AttributeName: current AttributeName "
                        "is e");
    CHECK_FAILS(switch_expiry(&fixture, true, "e"), ERROR_VALIDATION,
                SLICE("TimeToLive is already enabled"));
    CHECK_FAILS(switch_expiry(&fixture, true, "f"), ERROR_VALIDATION, other);
    CHECK_FAILS(switch_expiry(&fixture, false, "f"), ERROR_VALIDATION, other);
    CHECK_FAILS(switch_expiry(&fixture, false, "e"), ERROR_VALIDATION, SLICE(TOO_SOON));
    clock_set_ms(&fixture.clock, NOW * 1000 + PAUSE_MS - 1);
    fixture_reopen(&fixture);
    CHECK_FAILS(switch_expiry(&fixture, false, "e"), ERROR_VALIDATION, SLICE(TOO_SOON));
    clock_set_ms(&fixture.clock, NOW * 1000 + PAUSE_MS);
    CHECK_OK(switch_expiry(&fixture, false, "e"));
    CHECK(status(&fixture) == EXPIRY_DISABLING);
    CHECK(look(&fixture, true) == EXPIRY_DISABLED);
    CHECK_FAILS(switch_expiry(&fixture, true, "e"), ERROR_VALIDATION, SLICE(TOO_SOON));
    CHECK_FAILS(switch_expiry(&fixture, false, "e"), ERROR_VALIDATION,
                SLICE("TimeToLive is already disabled"));

    db_housekeep(fixture.db);

    CHECK(status(&fixture) == EXPIRY_DISABLED);
    CHECK_FAILS(switch_expiry(&fixture, true, "f"), ERROR_VALIDATION, SLICE(TOO_SOON));
    clock_set_ms(&fixture.clock, NOW * 1000 + 2 * PAUSE_MS);
    CHECK_OK(switch_expiry(&fixture, true, "f"));
    fixture_close(&fixture);
}

TEST(when_it_is_switched_off_the_rows_go_and_the_items_stay)
{
    for (int round = 0; round < 2; round++) { /* with and without a new process in between */
        struct fixture fixture;
        open_at_now(&fixture);
        create_table(&fixture, false);
        put_at(&fixture, "a", NOW - 1);
        CHECK_OK(switch_expiry(&fixture, true, "e")); /* its rows are not all built */
        put_at(&fixture, "b", NOW - 1);
        clock_set_ms(&fixture.clock, NOW * 1000 + PAUSE_MS);
        CHECK_OK(switch_expiry(&fixture, false, "e"));
        put_at(&fixture, "b", NOW - 2);
        struct check_report report = check(&fixture);
        CHECK(report.problems == 0 && report.dead_rows == 1);
        if (round == 1)
            fixture_reopen(&fixture);

        db_housekeep(fixture.db);
        build(&fixture);
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
    enable(&fixture);
    CHECK_OK(put(&fixture, "{'pk':{'S':'a'},'e':{'N':'1800009999'},'f':{'N':'1799999999'}}"));
    sweep(&fixture);
    clock_set_ms(&fixture.clock, NOW * 1000 + PAUSE_MS);
    CHECK_OK(switch_expiry(&fixture, false, "e"));
    db_housekeep(fixture.db);
    clock_set_ms(&fixture.clock, NOW * 1000 + 2 * PAUSE_MS);
    CHECK_OK(switch_expiry(&fixture, true, "f"));
    build(&fixture);

    sweep(&fixture);

    CHECK(item_count(&fixture) == 0);
    fixture_close(&fixture);
}

TEST(a_table_deleted_while_its_rows_are_built_leaves_nothing)
{
    struct fixture fixture;
    open_at_now(&fixture);
    create_table(&fixture, false);
    put_at(&fixture, "a", NOW - 1);
    CHECK_OK(switch_expiry(&fixture, true, "e"));
    put_at(&fixture, "b", NOW - 1);
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct table *table;
    CHECK_OK(table_delete(&caller.session, SLICE("T"), &table));
    caller_close(&caller);

    build(&fixture);
    sweep(&fixture);
    db_housekeep(fixture.db);

    struct check_report report = check(&fixture);
    CHECK(report.problems == 0 && report.dead_rows == 0 && report.tables == 0);
    fixture_close(&fixture);
}
