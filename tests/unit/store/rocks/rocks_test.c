/* Opening, closing, reopening; what the contract suite does not ask of every engine. */
#include "store/figures.h"
#include "store/queue.h"
#include "tests/unit/store/rocks/directory.h"

#include "base/bytes.h"
#include "store/rocks/mark.h"
#include <stdio.h>

/* Opens or not, and closes. The failure lives in `arena`. */
static error try_open(struct arena *arena, const struct store_options *options)
{
    struct store *store;
    error failed = store_open_rocks(arena, options, &store);
    if (!failed)
        store_close(store);
    return failed;
}

static slice text(struct arena *arena, const char *format, const char *path)
{
    char message[400];
    snprintf(message, sizeof message, format, path);
    return arena_copy(arena, slice_of_string(message));
}

static struct store_options options_of(const struct directory *directory, enum store_sync sync,
                                       uint32_t interval_ms)
{
    struct store_options options = directory_options(directory);
    options.sync = sync;
    options.sync_interval_ms = interval_ms;
    return options;
}

TEST(rows_of_both_areas_are_there_after_reopening_in_every_sync_mode)
{
    for (enum store_sync sync = STORE_SYNC_ALWAYS; sync <= STORE_SYNC_NEVER; sync++) {
        SCOPED_ARENA(arena);
        struct directory directory;
        directory_make(&directory);
        struct store_options options = options_of(&directory, sync, 1);
        for (int i = 0; i < 3; i++) {
            struct store *store = NULL;
            CHECK_OK(store_open_rocks(&arena, &options, &store));
            slice key = arena_format(&arena, "k%d", i);
            CHECK(store_put(store, STORE_ROWS, key, SLICE("row")) == STORE_OK);
            CHECK(store_put(store, STORE_LOG, key, SLICE("record")) == STORE_OK);
            CHECK(store_commit_number(store) == 2 * (uint64_t)i + 2);
            store_close(store);
        }

        struct store *store = directory_open(&directory);
        CHECK_SLICE(store_value(&arena, store, SLICE("k0")), SLICE("row"));
        struct store_scan scan = {.area = STORE_LOG,
                                  .from = SLICE("k"),
                                  .to = SLICE("l"),
                                  .tier = STORE_ANY,
                                  .row_count_max = 10,
                                  .bytes_max = 1000};
        struct store_page page;
        CHECK(store_scan(store, &arena, &scan, &page) == STORE_OK);
        CHECK(page.count == 3 && !page.more);
        CHECK_OK(store_verify(store, &arena));
        store_close(store);
        directory_remove(&directory);
    }
}

/* The mark as a kill leaves it now. */
static struct mark mark_after_a_kill(struct arena *arena, const struct directory *alive)
{
    struct directory killed;
    directory_make(&killed);
    directory_copy(alive, &killed);
    struct mark mark;
    CHECK_OK(mark_open(arena, killed.path, &mark));
    mark_close(&mark);
    directory_remove(&killed);
    return mark;
}

TEST(what_was_written_before_a_sync_is_on_disk_in_every_sync_mode)
{
    for (enum store_sync sync = STORE_SYNC_ALWAYS; sync <= STORE_SYNC_NEVER; sync++) {
        SCOPED_ARENA(arena);
        struct directory directory;
        directory_make(&directory);
        struct store_options options = options_of(&directory, sync, 3600 * 1000);
        struct store *store = NULL;
        CHECK_OK(store_open_rocks(&arena, &options, &store));
        CHECK(store_put(store, STORE_ROWS, SLICE("before"), SLICE("row")) == STORE_OK);
        struct mark before = mark_after_a_kill(&arena, &directory);

        store_sync(store);

        struct mark after = mark_after_a_kill(&arena, &directory);
        CHECK(log_position_is_before(before.synced, before.acknowledged) ==
              (sync != STORE_SYNC_ALWAYS));
        CHECK(!log_position_is_before(after.synced, before.acknowledged));
        store_close(store);
        directory_remove(&directory);
    }
}

/* Of these sizes some are pinned and some are copied. */
TEST(values_outlive_the_row_they_were_read_from)
{
    SCOPED_ARENA(outer);
    struct directory directory;
    directory_make(&directory);
    struct store *store = directory_open(&directory);
    static const size_t sizes[] = {1, 4096, 4097, 400 * 1024};
    {
        SCOPED_ARENA(arena);
        for (size_t i = 0; i < 4; i++) {
            char *bytes = arena_alloc_bytes(&arena, sizes[i]);
            memset(bytes, 'v', sizes[i]);
            slice key = slice_of(&sizes[i], sizeof sizes[i]);
            slice value = slice_of(bytes, sizes[i]);
            CHECK(store_put(store, STORE_ROWS, key, value) == STORE_OK);
            slice read = store_value(&arena, store, key);
            CHECK(store_put(store, STORE_ROWS, key, SLICE("replaced")) == STORE_OK);
            CHECK_SLICE(read, value);
        }
    }
    store_close(store);
    directory_remove(&directory);
}

TEST(a_second_opening_of_the_directory_is_refused)
{
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make(&directory);
    struct store *store = directory_open(&directory);
    struct store_options options = directory_options(&directory);
    slice refusal = text(&arena, "The directory %s is in use by another process", directory.path);

    CHECK_FAILS(try_open(&arena, &options), ERROR_STORAGE, refusal);
    options.read_only = true;
    CHECK_FAILS(try_open(&arena, &options), ERROR_STORAGE, refusal);

    store_close(store);
    CHECK_OK(try_open(&arena, &options));
    directory_remove(&directory);
}

TEST(a_store_opened_read_only_serves_and_takes_nothing)
{
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make_with_row(&directory);
    struct store_options options = directory_options(&directory);
    options.read_only = true;
    struct store *store = NULL;

    CHECK_OK(store_open_rocks(&arena, &options, &store));

    CHECK_SLICE(store_value(&arena, store, SLICE("k")), SLICE("v"));
    CHECK(!store_is_writable(store));
    CHECK(store_put(store, STORE_ROWS, SLICE("k"), SLICE("w")) == STORE_UNAVAILABLE);
    CHECK(store_commit_number(store) == 1);
    CHECK_OK(store_verify(store, &arena));
    store_close(store);
    directory_remove(&directory);
}

TEST(reading_a_directory_without_a_store_is_refused_and_makes_nothing)
{
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make(&directory);
    struct store_options options = directory_options(&directory);
    options.read_only = true;

    CHECK_FAILS(try_open(&arena, &options), ERROR_STORAGE,
                text(&arena, "There is no store in the directory %s", directory.path));

    const char **names;
    CHECK(directory_files(&arena, &directory, "", "", &names) == 0);
    directory_remove(&directory);
}

TEST(a_missing_directory_is_made_and_a_missing_parent_is_named)
{
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make(&directory);
    struct directory child = directory;
    strcat(child.path, "/c");
    struct directory grandchild = directory;
    strcat(grandchild.path, "/n/o");
    struct store_options options = directory_options(&child);
    CHECK_OK(try_open(&arena, &options));

    options = directory_options(&grandchild);
    CHECK_FAILS(try_open(&arena, &options), ERROR_STORAGE,
                text(&arena, "The directory %s cannot be made: No such file or directory",
                     grandchild.path));

    directory_remove(&child);
    directory_remove(&directory);
}

TEST(many_starts_do_not_gather_logs)
{
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make(&directory);
    for (int i = 0; i < 40; i++) {
        struct store *store = directory_open(&directory);
        CHECK(store_put(store, STORE_ROWS, arena_format(&arena, "k%d", i), SLICE("v")) == STORE_OK);
        store_close(store);
    }

    const char **names;
    CHECK(directory_files(&arena, &directory, "", ".log", &names) < 20);

    struct store *store = directory_open(&directory);
    for (int i = 0; i < 40; i++)
        CHECK_SLICE(store_value(&arena, store, arena_format(&arena, "k%d", i)), SLICE("v"));
    store_close(store);
    directory_remove(&directory);
}

TEST(a_newer_format_is_refused_with_a_sentence)
{
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make(&directory);
    struct store *store = directory_open(&directory);
    char format[4];
    bytes_put_u32(format, 9);
    slice newer = slice_of(format, sizeof format);
    CHECK(store_put(store, STORE_ROWS, STORE_FORMAT_KEY, newer) == STORE_OK);
    store_close(store);
    struct store_options options = directory_options(&directory);

    CHECK_FAILS(try_open(&arena, &options), ERROR_STORAGE,
                text(&arena,
                     "The directory %s was written by a newer Stator (format 9, this one reads up "
                     "to 3)",
                     directory.path));
    directory_remove(&directory);
}

TEST(a_damaged_format_number_is_refused)
{
    static const slice damaged[] = {SLICE("\0\0\0\0"), SLICE("1")};
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make(&directory);
    struct store_options options = directory_options(&directory);
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        struct directory copy;
        directory_make(&copy);
        struct store *store = directory_open(&copy);
        CHECK(store_put(store, STORE_ROWS, STORE_FORMAT_KEY, damaged[i]) == STORE_OK);
        store_close(store);
        options = directory_options(&copy);
        CHECK_FAILS(try_open(&arena, &options), ERROR_CORRUPT,
                    text(&arena, "The format number of the store in %s is damaged", copy.path));
        directory_remove(&copy);
    }
    directory_remove(&directory);
}

TEST(what_the_engine_is_at_is_measured)
{
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make(&directory);
    struct store *store = directory_open(&directory);
    slice value = slice_of(arena_alloc_zeroed(&arena, 400 * 1024), 400 * 1024);
    struct store_figures figures = {.depth = 0};
    for (int i = 0; i < 80; i++) /* as much as a write buffer holds */
        CHECK(store_put(store, STORE_ROWS, arena_format(&arena, "k%d", i), value) == STORE_OK);
    store_close(store);
    store = directory_open(&directory);
    CHECK(store_put(store, STORE_ROWS, SLICE("k"), SLICE("v")) == STORE_OK);
    CHECK(store_value(&arena, store, SLICE("k1")).size == value.size);

    store_measure(store, &figures);

    const struct store_area_figures *rows = &figures.areas[STORE_ROWS];
    uint64_t files = 0;
    for (int level = 0; level < STORE_LEVELS_MAX; level++)
        files += rows->level_files[level];
    CHECK(files > 0 && rows->table_bytes > 1024 * 1024);
    CHECK(rows->live_table_bytes == rows->table_bytes && rows->write_buffer_bytes > 0);
    CHECK(figures.areas[STORE_LOG].table_bytes == 0);
    CHECK(figures.block_cache_bytes > 0 &&
          figures.block_cache_bytes <= figures.block_cache_bytes_max);
    CHECK(figures.disk_free_bytes > 0 && !figures.writes_are_stopped);
    CHECK(figures.row_cache_hits + figures.row_cache_misses > 0);
    arena_fini(&arena); /* with the row that it holds of the store */
    store_close(store);
    directory_remove(&directory);
}

TEST(rows_without_a_format_number_are_refused)
{
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make(&directory);
    struct store *store = directory_open(&directory);
    struct store_write write = {.kind = STORE_DELETE,
                                .key = STORE_FORMAT_KEY,
                                .key_stamp = STORE_NO_STAMP,
                                .value_stamp = STORE_NO_STAMP};
    struct store_change_set change_set = {.writes = &write, .write_count = 1};
    CHECK(store_submit_and_wait(store, &change_set) == STORE_OK);
    store_close(store);
    struct store_options options = directory_options(&directory);

    CHECK_FAILS(try_open(&arena, &options), ERROR_CORRUPT,
                text(&arena,
                     "The directory %s holds rows but no format number: it was not written by "
                     "Stator",
                     directory.path));
    directory_remove(&directory);
}

TEST(a_read_in_memory_only_says_that_it_would_block)
{
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make(&directory);
    struct store *store = directory_open(&directory);
    /* More than a write buffer holds, so that there is a table file. */
    enum { VALUE_BYTES = 200 * 1024 };
    char *value = arena_alloc_bytes(&arena, VALUE_BYTES);
    memset(value, 'v', VALUE_BYTES);
    for (uint64_t i = 0; i < 135; i++)
        CHECK(store_put(store, STORE_ROWS, slice_of(&i, sizeof i), slice_of(value, VALUE_BYTES)) ==
              STORE_OK);
    store_close(store);
    store = directory_open(&directory);
    uint64_t first = 0;
    slice key = slice_of(&first, sizeof first);
    struct store_scan scan = {.from = key,
                              .to = SLICE("\xff"),
                              .tier = STORE_CACHED,
                              .row_count_max = 3,
                              .bytes_max = 1 << 20};
    struct store_page page;
    struct store_row row;

    CHECK(store_get(store, STORE_SHARD_WHOLE, &arena, &key, 1, STORE_CACHED, &row) ==
          STORE_WOULD_BLOCK);
    slice keys[] = {key, SLICE("absent")};
    struct store_row rows[2];
    CHECK(store_get(store, STORE_SHARD_WHOLE, &arena, keys, 2, STORE_CACHED, rows) ==
          STORE_WOULD_BLOCK);
    CHECK(store_scan(store, &arena, &scan, &page) == STORE_WOULD_BLOCK);
    scan.tier = STORE_ANY;
    CHECK(store_scan(store, &arena, &scan, &page) == STORE_OK);
    CHECK(page.count == 3 && page.more);
    /* Now it is cached. */
    CHECK(store_get(store, STORE_SHARD_WHOLE, &arena, &key, 1, STORE_CACHED, &row) == STORE_OK);
    CHECK(row.found && row.value.size == VALUE_BYTES);
    scan.tier = STORE_CACHED;
    CHECK(store_scan(store, &arena, &scan, &page) == STORE_OK);
    CHECK(page.count == 3 && page.more);

    arena_fini(&arena);
    store_close(store);
    directory_remove(&directory);
}

TEST(a_range_dropped_is_gone_after_a_kill_and_its_neighbours_are_not)
{
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make(&directory);
    struct directory killed;
    directory_make(&killed);
    struct store *store = directory_open(&directory);
    static const char *const keys[] = {"a", "b1", "b2", "c"};
    for (int i = 0; i < 4; i++)
        CHECK(store_put(store, STORE_ROWS, slice_of_string(keys[i]), SLICE("v")) == STORE_OK);

    CHECK(store_drop_range(store, STORE_SHARD_WHOLE, STORE_ROWS, SLICE("b"), SLICE("c")) ==
          STORE_OK);

    directory_copy(&directory, &killed);
    store_close(store);
    store = directory_open(&killed);
    CHECK_SLICE(store_value(&arena, store, SLICE("a")), SLICE("v"));
    CHECK_SLICE(store_value(&arena, store, SLICE("b1")), SLICE_NONE);
    CHECK_SLICE(store_value(&arena, store, SLICE("b2")), SLICE_NONE);
    CHECK_SLICE(store_value(&arena, store, SLICE("c")), SLICE("v"));
    store_close(store);
    directory_remove(&killed);
    directory_remove(&directory);
}
