/* A directory of an older format becomes one of this release's when it is opened, or stays whole. */
#include "base/bytes.h"
#include "base/log.h"
#include "db/check/check.h"
#include "db/db_private.h"
#include "store/queue.h"
#include "tests/unit/db/fixture.h"

/* As the release with this format left it: the same rows, and its number. */
static void write_format(struct fixture *fixture, uint32_t format)
{
    SCOPED_ARENA(arena);
    char number[4];
    bytes_put_u32(number, format);
    struct store_write write = db_put(STORE_FORMAT_KEY, slice_of(number, sizeof number));
    CHECK_OK(db_commit_rows(fixture->db, &arena, &write, 1));
}

/* 0: there is no number. */
static uint32_t stored_format(struct fixture *fixture)
{
    SCOPED_ARENA(arena);
    slice value;
    CHECK_OK(db_read_meta(fixture->db, &arena, STORE_FORMAT_KEY, &value));
    return value.size == 4 ? bytes_get_u32(value.data) : 0;
}

TEST(a_directory_of_each_older_format_is_brought_to_this_one_with_its_items)
{
    for (uint32_t format = 1; format < STORE_FORMAT; format++) {
        struct fixture fixture;
        fixture_open_with_table(&fixture, false);
        CHECK_OK(put(&fixture, "{'pk': {'S': 'a'}}"));
        write_format(&fixture, format);

        fixture_reopen(&fixture);

        CHECK(stored_format(&fixture) == STORE_FORMAT);
        struct caller caller;
        int64_t item_count = 0;
        int64_t bytes;
        caller_open(&caller, &fixture);
        CHECK_OK(table_counts(&caller.session, find_table(&caller), &item_count, &bytes));
        CHECK(item_count == 1);
        caller_close(&caller);
        fixture_close(&fixture);
    }
}

TEST(a_directory_of_this_format_keeps_its_number)
{
    struct fixture fixture;
    fixture_open(&fixture);
    write_format(&fixture, STORE_FORMAT);

    fixture_reopen(&fixture);

    CHECK(stored_format(&fixture) == STORE_FORMAT);
    fixture_close(&fixture);
}

TEST(the_upgrade_is_one_change_set_with_the_mark_of_the_process)
{
    struct fixture fixture;
    fixture_open(&fixture);
    write_format(&fixture, 1);
    uint64_t before = store_commit_number(fixture.store);

    fixture_reopen(&fixture);

    CHECK(store_commit_number(fixture.store) == before + 1);
    CHECK(stored_format(&fixture) == STORE_FORMAT);
    fixture_close(&fixture);
}

TEST(a_start_on_a_full_disk_reads_and_writes_once_there_is_room)
{
    struct fixture fixture;
    fixture_open_with_table(&fixture, false);
    write_format(&fixture, 1);
    log_set_level(LOG_ERROR);
    memory_store_set_faults(fixture.store, &(struct memory_faults){.is_full = true});
    uint64_t before = store_commit_number(fixture.store);

    fixture_reopen(&fixture);

    CHECK_KIND(put(&fixture, "{'pk': {'S': 'a'}}"), ERROR_INTERNAL_SERVER_ERROR);
    CHECK(db_housekeep(fixture.db) == 0);
    memory_store_set_faults(fixture.store, &(struct memory_faults){.is_full = false});
    CHECK(put(&fixture, "{'pk': {'S': 'a'}}") != NULL); /* not before the process left its mark */
    CHECK(store_commit_number(fixture.store) == before);

    db_housekeep(fixture.db);

    CHECK(stored_format(&fixture) == STORE_FORMAT);
    CHECK_OK(put(&fixture, "{'pk': {'S': 'a'}}"));
    struct check_report report = check(&fixture);
    CHECK(report.problems == 0 && report.items == 1);
    fixture_close(&fixture);
}

TEST(a_start_that_is_refused_upgrades_nothing)
{
    struct fixture fixture;
    fixture_open(&fixture);
    write_format(&fixture, 1);
    struct db_options elsewhere = {
        .store = fixture.store, .clock = &fixture.clock, .region = SLICE("eu-west-1")};
    struct db *db;

    CHECK_KIND(db_open(&fixture.arena, &elsewhere, &db), ERROR_USAGE);
    CHECK(stored_format(&fixture) == 1);
    fixture_close(&fixture);
}
