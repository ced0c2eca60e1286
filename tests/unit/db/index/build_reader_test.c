/* What a build reads: every row once, in order, in pages of their sizes. */
#include "db/index/build_reader.h"

#include "db/db_private.h"
#include "tests/unit/db/fixture.h"

enum { ROWS = 25, BIG_BYTES = 60 * 1024 };

struct reading {
    struct fixture fixture;
    struct build_reader reader;
};

static slice row_key(struct arena *arena, uint32_t number)
{
    return arena_format(arena, "row %02u", number);
}

static void open_reading(struct reading *reading, uint32_t row_count, size_t value_bytes)
{
    struct fixture *fixture = &reading->fixture;
    fixture_open(fixture);
    struct store_write writes[ROWS];
    for (uint32_t i = 0; i < row_count; i++) {
        char *value = arena_alloc_zeroed(&fixture->arena, value_bytes);
        writes[i] = db_put(row_key(&fixture->arena, i), slice_of(value, value_bytes));
    }
    CHECK_OK(db_commit_rows(fixture->db, &fixture->arena, writes, row_count));
    build_reader_init(&reading->reader, &fixture->arena, fixture->store, fixture->db->locks,
                      SLICE("row"), SLICE("rox"));
}

static void close_reading(struct reading *reading)
{
    build_reader_fini(&reading->reader);
    fixture_close(&reading->fixture);
}

static struct build_rows take(struct reading *reading, uint32_t count_max, uint32_t ahead_max)
{
    struct build_rows rows;
    CHECK_OK(build_reader_take(&reading->reader, &reading->fixture.arena, count_max, ahead_max,
                               &rows));
    return rows;
}

TEST(a_build_reads_every_row_once_whatever_the_sizes_of_pages_and_of_what_is_read_ahead)
{
    static const struct {
        uint32_t rows;
        uint32_t count_max;
        uint32_t ahead_max;
    } cases[] = {{0, 4, 8}, {1, 1, 1}, {ROWS, 1, 1}, {ROWS, 4, 8}, {ROWS, 5, 25},
                 {ROWS, 4, 9}, {ROWS, 100, 800}, {ROWS, 8, 4}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct reading reading;
        open_reading(&reading, cases[i].rows, 8);
        struct arena *arena = &reading.fixture.arena;
        uint32_t count = 0;
        slice end = SLICE("row");
        while (!build_reader_is_at_end(&reading.reader)) {
            struct build_rows rows = take(&reading, cases[i].count_max, cases[i].ahead_max);
            CHECK(rows.count <= cases[i].count_max);
            for (uint32_t row = 0; row < rows.count; row++) {
                CHECK(slice_compare(end, rows.entries[row].key) <= 0);
                CHECK(slice_compare(rows.entries[row].key, rows.end) < 0);
                CHECK_SLICE(rows.entries[row].key, row_key(arena, count++));
            }
            end = rows.end;
        }
        CHECK(count == cases[i].rows);
        CHECK_SLICE(end, SLICE("rox"));
        close_reading(&reading);
    }
}

TEST(a_page_of_large_rows_ends_early)
{
    struct reading reading;
    open_reading(&reading, 5, BIG_BYTES);
    struct build_rows rows = take(&reading, 100, 800);
    CHECK(rows.count == 3); /* the one that reaches a page's bytes is in it */
    CHECK_SLICE(take(&reading, 100, 800).entries[0].key, SLICE("row 03"));
    close_reading(&reading);
}

/* A row of a page was read when the first one of those read with it was. */
TEST(a_row_that_was_written_since_it_was_read_ahead_has_moved)
{
    struct reading reading;
    open_reading(&reading, 8, 8);
    struct fixture *fixture = &reading.fixture;
    take(&reading, 4, 8);
    slice key = row_key(&fixture->arena, 6);
    struct overlay_entry entry = {.key = key, .item = key, .pending = store_pending_new()};
    struct lock_set set;
    locks_acquire(fixture->db->locks, &fixture->arena, &key, 1, &set);
    overlay_add_locked(fixture->db->locks, &entry);
    locks_release(&set);
    overlay_remove(fixture->db->locks, &entry);
    store_pending_release(entry.pending);
    struct build_rows rows = take(&reading, 4, 8);
    locks_acquire(fixture->db->locks, &fixture->arena, &key, 1, &set);
    for (uint32_t i = 0; i < rows.count; i++) {
        bool moved = overlay_moved_since_locked(fixture->db->locks, reading.reader.moment,
                                                rows.entries[i].key);
        CHECK(moved == slice_equal(rows.entries[i].key, key));
    }
    locks_release(&set);
    close_reading(&reading);
}
