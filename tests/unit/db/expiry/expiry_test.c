/* Time to live: which items expire and when, and the rows that find them. */
#include "tests/unit/db/expiry/expiry_fixture.h"
#include "tests/unit/db/index/index_fixture.h"
#include <stdio.h>

/* ---- which items expire ---- */

static const struct {
    const char *value; /* at the second of the sweep, %s stands for a second relative to it */
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
            snprintf(value, sizeof value, values[i].value, EXPIRY_NOW + values[i].offset);
            put_expiring(&fixture, pk, value);
        }
        put_expiring(&fixture, before ? "none-1" : "none-0", NULL);
        if (before == 0)
            enable_expiry(&fixture);
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
    enable_expiry(&fixture);
    fixture.db->expiry_sweep_ms = 20000;
    put_at(&fixture, "a", EXPIRY_NOW + 5);
    sweep(&fixture);
    set_second(&fixture, EXPIRY_NOW + 19);
    sweep(&fixture);
    CHECK(is_there(&fixture, "a"));

    set_second(&fixture, EXPIRY_NOW + 20);
    sweep(&fixture);

    CHECK(!is_there(&fixture, "a"));
    set_second(&fixture, EXPIRY_NOW); /* a clock that was set back */
    put_at(&fixture, "b", EXPIRY_NOW - 1);
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
    enable_expiry(&fixture);
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
    enable_expiry(&fixture);
    for (int i = 0; i < 5; i++) {
        char json[256];
        snprintf(json, sizeof json,
                 "{'pk':{'S':'p'},'sk':{'N':'%d'},'a':{'S':'x'},'b':{'N':'1'},'c':{'B':'AA=='},"
                 "'d':{'S':'y'},'e':{'N':'%" PRId64 "'}}",
                 i, EXPIRY_NOW - 3 + i);
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
    enable_expiry(&fixture);
    put_at(&fixture, "a", EXPIRY_NOW + 100);
    struct caller caller;
    caller_open(&caller, &fixture);
    const struct table *table = find_table(&caller);
    slice item_key = row_key_of_item(&caller.arena, &table->keys, table->space,
                                     item_of(&caller.arena, "{'pk':{'S':'a'}}"));
    slice other_key = row_key_of_item(&caller.arena, &table->keys, table->space,
                                      item_of(&caller.arena, "{'pk':{'S':'b'}}"));
    slice good = row_key_of_expiry(&caller.arena, item_key, (uint64_t)EXPIRY_NOW + 100);
    CHECK(check(&fixture).problems == 0);

    write_row(&fixture, db_delete(good));
    CHECK(check(&fixture).problems == 1);
    write_row(&fixture, db_put(good, SLICE("x")));
    CHECK(check(&fixture).problems == 1);
    write_row(&fixture, db_put(good, ROW_EXPIRY_VALUE));
    CHECK(check(&fixture).problems == 0);

    static const int64_t wrong[] = {99, 101};
    for (int i = 0; i < 2; i++) {
        slice key = row_key_of_expiry(&caller.arena, item_key, (uint64_t)(EXPIRY_NOW + wrong[i]));
        write_row(&fixture, db_put(key, ROW_EXPIRY_VALUE));
        CHECK(check(&fixture).problems == 1);
        write_row(&fixture, db_delete(key));
    }
    slice of_nothing = row_key_of_expiry(&caller.arena, other_key, (uint64_t)EXPIRY_NOW + 100);
    write_row(&fixture, db_put(of_nothing, ROW_EXPIRY_VALUE));
    CHECK(check(&fixture).problems == 1);
    caller_close(&caller);
    fixture_close(&fixture);
}
