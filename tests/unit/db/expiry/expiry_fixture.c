#include "tests/unit/db/expiry/expiry_fixture.h"

#include "db/expiry/expiry_sweep.h"
#include <stdio.h>

void open_at_now(struct fixture *fixture)
{
    fixture_open(fixture);
    clock_set_ms(&fixture->clock, EXPIRY_NOW * 1000);
}

error switch_expiry(struct fixture *fixture, bool enable, const char *attribute)
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

void enable_expiry(struct fixture *fixture)
{
    CHECK_OK(switch_expiry(fixture, true, "e"));
    build_all(fixture);
}

void sweep(struct fixture *fixture)
{
    while (db_expire(fixture->db))
        continue;
}

void set_second(struct fixture *fixture, int64_t second)
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

enum expiry_status status(struct fixture *fixture)
{
    return look(fixture, false);
}

enum expiry_status status_shown(struct fixture *fixture)
{
    return look(fixture, true);
}

void put_expiring(struct fixture *fixture, const char *pk, const char *value)
{
    char json[256];
    snprintf(json, sizeof json, value ? "{'pk':{'S':'%s'},'e':%s}" : "{'pk':{'S':'%s'}}", pk,
             value);
    CHECK_OK(put(fixture, json));
}

void put_at(struct fixture *fixture, const char *pk, int64_t second)
{
    char value[64];
    snprintf(value, sizeof value, "{'N':'%" PRId64 "'}", second);
    put_expiring(fixture, pk, value);
}

bool is_there(struct fixture *fixture, const char *pk)
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

int64_t item_count(struct fixture *fixture)
{
    struct caller caller;
    caller_open(&caller, fixture);
    int64_t count = -1;
    int64_t bytes;
    CHECK_OK(table_counts(&caller.session, find_table(&caller), &count, &bytes));
    caller_close(&caller);
    return count;
}

uint32_t expiry_row_count(struct fixture *fixture)
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

void write_row(struct fixture *fixture, struct store_write write)
{
    SCOPED_ARENA(arena);
    CHECK_OK(db_commit_rows(fixture->db, &arena, &write, 1));
}
