/* Imports: what comes of files, and that each item of them counts once whenever a process ends. */
#include "base/log.h"
#include "db/import/import_private.h"
#include "tests/unit/db/fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES = 3, LINES = 150, SAVE_RECORDS = 40 };

static const char *root_path(void)
{
    static char path[] = "/tmp/stator-import-XXXXXX";
    static bool is_made;
    if (!is_made)
        CHECK(mkdtemp(path) != NULL);
    is_made = true;
    return path;
}

static void write_file(const char *bucket, const char *name, slice content)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", root_path(), bucket);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/%s/%s", root_path(), bucket, name);
    FILE *file = fopen(path, "w");
    CHECK(file != NULL);
    CHECK(fwrite(content.data, 1, content.size, file) == content.size);
    fclose(file);
}

/* Files whose items differ but for the last of each, and one line in each that its table refuses.
 */
static void write_files(const char *bucket)
{
    SCOPED_ARENA(arena);
    for (unsigned file = 0; file < FILES; file++) {
        char name[16];
        struct buffer content;
        buffer_init(&content, &arena);
        for (unsigned line = 0; line < LINES; line++) {
            const char *format =
                line == LINES / 2 ? "{\"Item\":{\"other\":{\"S\":\"%u-%u\"}}}\n"
                : line == LINES - 1
                    ? "{\"Item\":{\"pk\":{\"S\":\"same\"},\"n\":{\"N\":\"%u%u\"}}}\n"
                    : "{\"Item\":{\"pk\":{\"S\":\"%u-%u\"}}}\n";
            char text[128];
            snprintf(text, sizeof text, format, file, line);
            buffer_append(&content, slice_of_string(text));
        }
        snprintf(name, sizeof name, "%u", file);
        write_file(bucket, name, buffer_slice(&content));
    }
}

static void open_fixture(struct fixture *fixture)
{
    fixture_open(fixture);
    fixture->db->bucket_root = slice_of_string(root_path());
    fixture->db->import_save_records = SAVE_RECORDS;
}

/* The same directory, seen by a new process. */
static void restart(struct fixture *fixture)
{
    fixture_reopen(fixture);
    fixture->db->bucket_root = slice_of_string(root_path());
    fixture->db->import_save_records = SAVE_RECORDS;
}

static error begin(struct fixture *fixture, const char *bucket, const char *token,
                   const char *table_name, slice *arn)
{
    struct caller caller;
    caller_open(&caller, fixture);
    struct table_definition definition = {
        .name = slice_of_string(table_name),
        .keys = {.hash = {SLICE("pk"), VALUE_S}},
        .settings = {.billing_mode = BILLING_PAY_PER_REQUEST},
    };
    struct import import = {.table_name = definition.name,
                            .client_token = slice_of_string(token),
                            .bucket = slice_of_string(bucket),
                            .parameters = SLICE("{}")};
    error failure = import_begin(&caller.session, &definition, &import);
    if (!failure)
        *arn = arena_copy(&fixture->arena, import.arn);
    caller_close(&caller);
    return failure;
}

static struct import describe(struct fixture *fixture, slice arn)
{
    struct caller caller;
    struct import import = {.status = IMPORT_IN_PROGRESS};
    caller_open(&caller, fixture);
    CHECK_OK(import_find(&caller.session, arn, &import));
    import.failure_code = arena_copy(&fixture->arena, import.failure_code);
    caller_close(&caller);
    return import;
}

static int64_t count_items(struct fixture *fixture)
{
    struct caller caller;
    int64_t items = -1, bytes;
    const struct table *table;
    caller_open(&caller, fixture);
    if (!table_find(&caller.session, SLICE("Imported"), &table))
        CHECK_OK(table_counts(&caller.session, table, &items, &bytes));
    caller_close(&caller);
    return items;
}

/* Of all steps; false when the import was over before. */
static bool run_steps(struct fixture *fixture, unsigned steps)
{
    for (unsigned i = 0; i < steps; i++) {
        if (!db_import(fixture->db))
            return false;
    }
    return true;
}

static void check_ended(struct fixture *fixture, slice arn)
{
    struct import import = describe(fixture, arn);
    CHECK(import.status == IMPORT_FAILED);
    CHECK_SLICE(import.failure_code, SLICE("ItemValidationError"));
    CHECK(import.place.error_count == FILES);
    CHECK(import.place.imported_count == FILES * (LINES - 1));
    CHECK(count_items(fixture) == FILES * (LINES - 2) + 1);
    CHECK(check(fixture).problems == 0);
}

TEST(a_process_that_ends_after_any_step_leaves_an_import_that_counts_every_item_once)
{
    bool was_cut = true;
    write_files("cut");
    for (unsigned steps = 0; was_cut; steps++) {
        struct fixture fixture;
        slice arn = SLICE_NONE;
        open_fixture(&fixture);
        log_set_level(LOG_ERROR);
        CHECK_OK(begin(&fixture, "cut", "token", "Imported", &arn));
        CHECK(count_items(&fixture) == -1); /* CREATING */
        was_cut = run_steps(&fixture, steps);
        restart(&fixture);
        log_set_level(LOG_ERROR);
        CHECK(was_cut || count_items(&fixture) >= 0);
        while (db_import(fixture.db))
            continue;
        check_ended(&fixture, arn);
        fixture_close(&fixture);
        log_set_level(LOG_WARN);
    }
}

TEST(a_process_that_ends_again_and_again_gets_on_as_far_as_was_saved)
{
    struct fixture fixture;
    slice arn = SLICE_NONE;
    unsigned restarts = 0;
    write_files("again");
    open_fixture(&fixture);
    CHECK_OK(begin(&fixture, "again", "token", "Imported", &arn));
    for (bool more = true; more; restarts++) {
        enum { STEPS = 4 }; /* begins, opens a file, reads and saves */
        log_set_level(LOG_ERROR);
        more = run_steps(&fixture, STEPS) && restarts < 100;
        restart(&fixture);
    }
    CHECK(restarts > 3 && restarts < 100);
    check_ended(&fixture, arn);
    fixture_close(&fixture);
    log_set_level(LOG_WARN);
}

TEST(of_items_with_one_key_the_last_one_remains)
{
    struct fixture fixture;
    struct caller caller;
    slice arn;
    write_file("twice", "a",
               SLICE("{\"Item\":{\"pk\":{\"S\":\"a\"},\"n\":{\"N\":\"1\"}}}\n"
                     "{\"Item\":{\"pk\":{\"S\":\"a\"},\"n\":{\"N\":\"2\"}}}\n"));
    open_fixture(&fixture);
    CHECK_OK(begin(&fixture, "twice", "token", "Imported", &arn));
    while (db_import(fixture.db))
        continue;
    CHECK(describe(&fixture, arn).status == IMPORT_COMPLETED);
    caller_open(&caller, &fixture);
    slice item = ITEM_ABSENT;
    const struct table *table;
    CHECK_OK(table_find(&caller.session, SLICE("Imported"), &table));
    CHECK_OK(
        db_read_item(&caller.session, table, item_of(&caller.arena, "{'pk': {'S': 'a'}}"), &item));
    CHECK_SLICE(item, item_of(&caller.arena, "{'pk': {'S': 'a'}, 'n': {'N': '2'}}"));
    caller_close(&caller);
    fixture_close(&fixture);
}

TEST(a_file_that_became_shorter_while_no_process_read_it_is_an_error)
{
    struct fixture fixture;
    slice arn;
    write_files("short");
    open_fixture(&fixture);
    log_set_level(LOG_ERROR);
    CHECK_OK(begin(&fixture, "short", "token", "Imported", &arn));
    CHECK(run_steps(&fixture, 3));
    restart(&fixture);
    log_set_level(LOG_ERROR);
    struct import_place before = describe(&fixture, arn).place;
    CHECK(before.record_count > 1);
    write_file("short", "0", SLICE("{\"Item\":{\"pk\":{\"S\":\"a\"}}}\n"));
    while (db_import(fixture.db))
        continue;
    /* The file that is shorter, and in each of the others the line that is no item of the table. */
    CHECK(describe(&fixture, arn).place.error_count == before.error_count + FILES);
    CHECK(describe(&fixture, arn).status == IMPORT_FAILED);
    fixture_close(&fixture);
    log_set_level(LOG_WARN);
}

TEST(without_its_bucket_an_import_fails_and_its_table_goes_in_whichever_process)
{
    for (unsigned restarted = 0; restarted < 2; restarted++) {
        struct fixture fixture;
        slice arn;
        open_fixture(&fixture);
        log_set_level(LOG_ERROR);
        CHECK_OK(begin(&fixture, "nowhere", "token", "Imported", &arn));
        if (restarted)
            restart(&fixture);
        while (db_import(fixture.db))
            continue;
        struct import import = describe(&fixture, arn);
        CHECK_SLICE(import.failure_code, SLICE("S3NoSuchBucket"));
        CHECK(count_items(&fixture) == -1);
        CHECK(check(&fixture).problems == 0);
        fixture_close(&fixture);
        log_set_level(LOG_WARN);
    }
}

TEST(a_token_lives_for_eight_hours_after_the_end_and_a_row_for_ninety_days)
{
    static const int64_t hour_ms = 60 * 60 * 1000;
    struct fixture fixture;
    slice first, again;
    open_fixture(&fixture);
    log_set_level(LOG_ERROR);
    CHECK_OK(begin(&fixture, "nowhere", "token", "Imported", &first));
    while (db_import(fixture.db))
        continue;
    CHECK_OK(begin(&fixture, "nowhere", "token", "Imported", &again));
    CHECK_SLICE(again, first);
    CHECK_FAILS(begin(&fixture, "nowhere", "token", "other", &again), ERROR_IMPORT_CONFLICT,
                SLICE("Import conflict: Duplicate request detected with conflicting parameters"));
    clock_set_ms(&fixture.clock, clock_now_ms(&fixture.clock) + 8 * hour_ms);
    CHECK_OK(begin(&fixture, "nowhere", "token", "other", &again));
    CHECK(!slice_equal(again, first));
    while (db_import(fixture.db))
        continue;
    clock_set_ms(&fixture.clock, clock_now_ms(&fixture.clock) + 91 * 24 * hour_ms);
    import_wake(fixture.db);
    while (db_import(fixture.db))
        continue;
    struct caller caller;
    struct import import;
    caller_open(&caller, &fixture);
    CHECK_KIND(import_find(&caller.session, first, &import), ERROR_IMPORT_NOT_FOUND);
    caller_close(&caller);
    fixture_close(&fixture);
    log_set_level(LOG_WARN);
}

TEST(fifty_imports_may_be_under_way_and_no_more)
{
    struct fixture fixture;
    slice arn;
    open_fixture(&fixture);
    for (unsigned i = 0; i <= 50; i++) {
        char name[16];
        snprintf(name, sizeof name, "table%u", i);
        error failure = begin(&fixture, "nowhere", name, name, &arn);
        CHECK(i < 50 ? !failure : failure && failure->kind == ERROR_LIMIT_EXCEEDED);
    }
    fixture_close(&fixture);
}

/* ---- rows ---- */

static struct import example(void)
{
    static const slice header[] = {SLICE("pk"), SLICE("a")};
    return (struct import){
        .id = SLICE("01732271000123-1a2b3c4d"),
        .table_name = SLICE("Table"),
        .table_id = SLICE("id"),
        .client_token = SLICE("token"),
        .bucket = SLICE("bucket"),
        .bucket_owner = SLICE("000000000000"),
        .prefix = SLICE("in/"),
        .has_prefix = true,
        .format = EXCHANGE_CSV,
        .compression = COMPRESSION_ZSTD,
        .delimiter = SLICE(";"),
        .header = header,
        .header_count = 2,
        .parameters = SLICE("{}"),
        .status = IMPORT_FAILED,
        .started_ms = 1,
        .ended_ms = 2,
        .place = {SLICE("in/1\0"), 3, 4, 5, 6, SLICE("first")},
        .failure_code = SLICE("code"),
        .failure_message = SLICE("message"),
    };
}

TEST(an_import_is_read_as_it_was_written)
{
    SCOPED_ARENA(arena);
    struct import written = example();
    struct import read;
    struct store_write write = import_row_write(&arena, &written);
    CHECK(import_row_is_key(write.key));
    CHECK_OK(import_row_open(&arena, write.value, &read));
    struct store_write again = import_row_write(&arena, &read);
    CHECK_SLICE(again.value, write.value);
    CHECK_SLICE(again.key, write.key);
    CHECK(read.header_count == 2 && slice_equal(read.header[1], SLICE("a")));
    CHECK(read.place.error_count == 6 && read.format == EXCHANGE_CSV && read.has_prefix);
    CHECK_SLICE(read.place.object, SLICE("in/1\0"));
}

TEST(a_damaged_row_of_an_import_is_told)
{
    SCOPED_ARENA(arena);
    struct import import = example();
    slice value = import_row_write(&arena, &import).value;
    for (size_t size = 0; size < value.size; size++) {
        CHECK_KIND(import_row_open(&arena, slice_first(value, size), &import), ERROR_CORRUPT);
    }
}
