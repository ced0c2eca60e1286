/*
 * Damage: a store of acknowledged rows, left as a kill leaves it, with one flipped byte or one
 * zeroed block in any file. It either serves every row, or says which file is damaged.
 */
#include "base/random.h"
#include "store/rocks/mark.h"
#include "tests/unit/store/rocks/directory.h"
#include <stdio.h>
#include <stdlib.h>

enum { ROW_COUNT = 120 };

static slice row_key(struct arena *arena, uint32_t row)
{
    return arena_format(arena, "row-%05u", row);
}

/* Different sizes, some larger than a block of a table, and not all alike. */
static slice row_value(struct arena *arena, uint32_t row)
{
    struct random random;
    random_init(&random, row);
    size_t size = row % 10 == 0 ? 9000 : 30 + row;
    char *bytes = arena_alloc_bytes(arena, size);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)(random_next(&random) & 0x7f);
    return slice_of(bytes, size);
}

static void put_rows(struct store *store, uint32_t from, uint32_t to)
{
    for (uint32_t row = from; row < to; row++) {
        SCOPED_ARENA(arena);
        slice key = row_key(&arena, row);
        CHECK(store_put(store, STORE_ROWS, key, row_value(&arena, row)) == STORE_OK);
    }
}

/*
 * Rows in table files, in logs of earlier lives and in the log of this one. Large rows in between
 * fill a write buffer, so that a table file is written.
 */
static void make_killed_store(struct directory *killed, bool with_tables)
{
    SCOPED_ARENA(arena);
    struct directory alive;
    directory_make(&alive);
    directory_make(killed);
    struct store *store = directory_open(&alive);
    put_rows(store, 0, ROW_COUNT / 3);
    if (with_tables) {
        char *filler = arena_alloc_bytes(&arena, 400 * 1024);
        memset(filler, 'f', 400 * 1024); /* compresses to nothing */
        for (uint32_t i = 0; i < 65; i++)
            CHECK(store_put(store, STORE_ROWS, arena_format(&arena, "filler-%03u", i),
                            slice_of(filler, 400 * 1024)) == STORE_OK);
    }
    store_close(store);
    store = directory_open(&alive);
    put_rows(store, ROW_COUNT / 3, ROW_COUNT);
    directory_copy(&alive, killed);
    store_close(store);
    directory_remove(&alive);
}

enum outcome { SERVED, REFUSED, LOST };

static bool names_a_file(struct arena *arena, slice message, const struct directory *directory)
{
    const char *text = arena_format(arena, "%.*s%c", SLICE_ARGS(message), 0).data;
    return strstr(text, directory->path) != NULL;
}

/* Every row is right, or the damage is told. */
static enum outcome check_rows(struct arena *arena, struct store *store,
                               const struct directory *directory)
{
    enum outcome outcome = SERVED;
    for (uint32_t row = 0; row < ROW_COUNT && outcome == SERVED; row++) {
        slice key = row_key(arena, row);
        struct store_row found = {0};
        enum store_answer answer =
            store_get(store, STORE_SHARD_WHOLE, arena, &key, 1, STORE_ANY, &found);
        if (answer == STORE_CORRUPT && names_a_file(arena, store_problem(store, arena), directory))
            outcome = REFUSED;
        else if (answer != STORE_OK || !found.found ||
                 !slice_equal(found.value, row_value(arena, row)))
            outcome = LOST;
    }
    return outcome;
}

static enum outcome open_and_check(const struct directory *directory)
{
    SCOPED_ARENA(arena);
    struct store_options options = directory_options(directory);
    struct store *store;
    error failed = store_open_rocks(&arena, &options, &store);
    if (failed)
        return names_a_file(&arena, failed->message, directory) ? REFUSED : LOST;
    enum outcome outcome = check_rows(&arena, store, directory);
    arena_fini(&arena);
    store_close(store);
    return outcome;
}

/* `size` 1: flip a bit of the byte at `at`; else zero the block of that size around it. */
static void damage(const struct directory *directory, const char *name, size_t at, size_t size,
                   uint8_t flip)
{
    SCOPED_ARENA(arena);
    slice whole = file_read(&arena, directory, name);
    char *bytes = arena_alloc_bytes(&arena, whole.size);
    memcpy(bytes, whole.data, whole.size);
    size_t from = at - at % size;
    size_t end = from + size < whole.size ? from + size : whole.size;
    for (size_t i = from; i < end; i++)
        bytes[i] = size == 1 ? (char)(bytes[i] ^ flip) : 0;
    file_write(directory, name, slice_of(bytes, whole.size));
}

/* Not always the same places: STATOR_DAMAGES makes it more than a few. */
static uint32_t damages_per_kind(void)
{
    const char *wanted = getenv("STATOR_DAMAGES");
    return wanted ? (uint32_t)strtoul(wanted, NULL, 10) : 4;
}

static void damage_files(const char *prefix, const char *suffix, bool with_tables)
{
    SCOPED_ARENA(arena);
    struct random random;
    random_init(&random, test_seed());
    struct directory killed;
    make_killed_store(&killed, with_tables);
    struct directory damaged;
    directory_make(&damaged);
    const char **names;
    uint32_t count = directory_files(&arena, &killed, prefix, suffix, &names);
    CHECK(count > 0);

    static const size_t sizes[] = {1, 512, 4096};
    for (uint32_t i = 0; i < 3 * damages_per_kind(); i++) {
        const char *name = names[random_below(&random, count)];
        size_t size = file_read(&arena, &killed, name).size;
        if (size == 0)
            continue;
        /* The beginnings and ends matter most: half of the damage goes there. */
        size_t at = (size_t)random_below(&random, size);
        if (random_below(&random, 2) == 0)
            at = size - 1 - (size_t)random_below(&random, size < 200 ? size : 200);
        directory_copy(&killed, &damaged);
        damage(&damaged, name, at, sizes[i % 3], (uint8_t)(1 << random_below(&random, 8)));
        enum outcome outcome = open_and_check(&damaged);
        if (outcome == LOST)
            printf("    lost: %s, byte %zu, size %zu\n", name, at, sizes[i % 3]);
        CHECK(outcome != LOST);
    }
    directory_remove(&damaged);
    directory_remove(&killed);
}

TEST(a_damaged_log_loses_no_row_silently)
{
    damage_files("", ".log", false);
}

TEST(a_damaged_table_loses_no_row_silently)
{
    damage_files("", ".sst", true);
}

TEST(a_damaged_manifest_loses_no_row_silently)
{
    damage_files("MANIFEST", "", true);
}

TEST(damage_in_any_file_loses_no_row_silently)
{
    damage_files("", "", true);
}

/* ---- the single rules ---- */

static const char *newest_log(struct arena *arena, const struct directory *directory)
{
    const char **names;
    uint32_t count = directory_files(arena, directory, "", ".log", &names);
    CHECK(count > 0);
    return names[count - 1];
}

static void shorten(const struct directory *directory, const char *name, size_t size)
{
    SCOPED_ARENA(arena);
    file_write(directory, name, slice_first(file_read(&arena, directory, name), size));
}

static void append_bytes(const struct directory *directory, const char *name, slice more)
{
    SCOPED_ARENA(arena);
    slice whole = file_read(&arena, directory, name);
    char *bytes = arena_alloc_bytes(&arena, whole.size + more.size);
    memcpy(bytes, whole.data, whole.size);
    memcpy(bytes + whole.size, more.data, more.size);
    file_write(directory, name, slice_of(bytes, whole.size + more.size));
}

/* What was never acknowledged may stand at the end in any form. */
TEST(what_follows_the_acknowledged_end_is_cut_and_the_store_goes_on)
{
    static const char zeros[5000];
    const slice tails[] = {SLICE("\x01"), SLICE("garbage of a write in flight"),
                           slice_of(zeros, sizeof zeros)};
    struct directory killed;
    make_killed_store(&killed, false);
    struct directory torn;
    directory_make(&torn);

    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        SCOPED_ARENA(arena);
        directory_copy(&killed, &torn);
        append_bytes(&torn, newest_log(&arena, &torn), tails[i]);
        CHECK(open_and_check(&torn) == SERVED);
        CHECK(open_and_check(&torn) == SERVED);
    }
    directory_remove(&torn);
    directory_remove(&killed);
}

/* Where the last fragment of a journal begins. */
static size_t last_fragment(slice journal)
{
    enum { BLOCK_BYTES = 32768, HEADER_BYTES = 7 };
    size_t last = 0;
    for (size_t at = 0; at + HEADER_BYTES <= journal.size;) {
        const uint8_t *header = (const uint8_t *)journal.data + at;
        last = at;
        at += HEADER_BYTES + (header[4] | (size_t)header[5] << 8);
        if (BLOCK_BYTES - at % BLOCK_BYTES < HEADER_BYTES)
            at += BLOCK_BYTES - at % BLOCK_BYTES;
    }
    return last;
}

/* The two ways in which damage looks like the end of a journal to RocksDB. */
TEST(a_last_record_that_is_zeroed_or_seems_too_long_is_refused)
{
    SCOPED_ARENA(arena);
    struct directory killed;
    make_killed_store(&killed, false);
    struct directory damaged;
    directory_make(&damaged);
    const char **manifests;
    CHECK(directory_files(&arena, &killed, "MANIFEST", "", &manifests) == 1);
    const char *const names[] = {newest_log(&arena, &killed), manifests[0]};

    for (int i = 0; i < 2; i++) {
        slice whole = file_read(&arena, &killed, names[i]);
        size_t last = last_fragment(whole);
        directory_copy(&killed, &damaged);
        damage(&damaged, names[i], last + 5, 1, 0x20); /* the size, by 8 KB */
        CHECK(open_and_check(&damaged) == REFUSED);

        char *zeroed = arena_alloc_bytes(&arena, whole.size);
        memcpy(zeroed, whole.data, whole.size);
        memset(zeroed + last, 0, whole.size - last);
        file_write(&damaged, names[i], slice_of(zeroed, whole.size));
        CHECK(open_and_check(&damaged) == REFUSED);
    }
    directory_remove(&damaged);
    directory_remove(&killed);
}

TEST(a_log_cut_before_its_acknowledged_end_is_refused)
{
    SCOPED_ARENA(arena);
    struct directory killed;
    make_killed_store(&killed, false);
    struct directory cut;
    directory_make(&cut);
    const char *log = newest_log(&arena, &killed);
    size_t size = file_read(&arena, &killed, log).size;
    const size_t kept[] = {0, size / 2, size - 100, size - 1};

    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        directory_copy(&killed, &cut);
        shorten(&cut, log, kept[i]);
        CHECK(open_and_check(&cut) == REFUSED);
    }
    directory_remove(&cut);
    directory_remove(&killed);
}

/* The mark is lost, as by damage; then the log must look torn to be cut. */
TEST(without_the_mark_only_a_torn_end_is_cut)
{
    SCOPED_ARENA(arena);
    struct directory killed;
    make_killed_store(&killed, false);
    file_write(&killed, "ACKNOWLEDGED", SLICE_NONE);
    struct directory torn;
    directory_make(&torn);
    const char *log = newest_log(&arena, &killed);
    slice whole = file_read(&arena, &killed, log);

    /* The first bytes of the last record once more: one that was cut off. */
    directory_copy(&killed, &torn);
    append_bytes(&torn, log, slice_first(whole, 30));
    CHECK(open_and_check(&torn) == SERVED);
    directory_copy(&killed, &torn);
    append_bytes(&torn, log, SLICE("\0\0\0\0\0\0\0\0\0\0"));
    CHECK(open_and_check(&torn) == REFUSED);
    directory_remove(&torn);
    directory_remove(&killed);
}

/* A mark of another boot with other bytes at the log's end, as a power cut leaves them. */
static void pretend_power_cut(const struct directory *directory, bool synced_always)
{
    SCOPED_ARENA(arena);
    struct mark mark;
    CHECK_OK(mark_open(&arena, directory->path, &mark));
    CHECK(mark.known && mark.same_boot);
    memset(mark.boot_id, 'x', sizeof mark.boot_id);
    mark.synced_always = synced_always;
    if (!synced_always)
        mark.synced.bytes /= 2;
    CHECK(mark_write(&mark));
    mark_close(&mark);
}

TEST(after_a_power_cut_a_tail_of_zeros_is_cut_but_never_what_was_synced)
{
    SCOPED_ARENA(arena);
    struct directory killed;
    make_killed_store(&killed, false);
    const char *log = newest_log(&arena, &killed);
    size_t size = file_read(&arena, &killed, log).size;
    pretend_power_cut(&killed, true);
    struct directory cut;
    directory_make(&cut);

    directory_copy(&killed, &cut);
    append_bytes(&cut, log, SLICE("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
    CHECK(open_and_check(&cut) == SERVED);
    directory_copy(&killed, &cut);
    shorten(&cut, log, size - 1);
    CHECK(open_and_check(&cut) == REFUSED);
    directory_remove(&cut);
    directory_remove(&killed);
}

TEST(after_a_power_cut_rows_that_were_never_synced_may_be_gone)
{
    SCOPED_ARENA(arena);
    struct directory killed;
    make_killed_store(&killed, false);
    const char *log = newest_log(&arena, &killed);
    size_t size = file_read(&arena, &killed, log).size;
    pretend_power_cut(&killed, false);
    damage(&killed, log, size * 3 / 4, 1, 1);
    struct store_options options = directory_options(&killed);
    struct store *store;

    CHECK_OK(store_open_rocks(&arena, &options, &store));

    CHECK(store_value(&arena, store, row_key(&arena, ROW_COUNT / 3)).size > 0);
    CHECK(store_value(&arena, store, row_key(&arena, ROW_COUNT - 1)).size == 0);
    store_close(store);
    directory_remove(&killed);
}

/* RocksDB itself takes both for a journal's end without a word. */
TEST(a_manifest_is_cut_where_torn_and_with_holes_only_after_a_power_cut)
{
    SCOPED_ARENA(arena);
    struct directory killed;
    make_killed_store(&killed, false);
    struct directory torn;
    directory_make(&torn);
    const char **names;
    CHECK(directory_files(&arena, &killed, "MANIFEST", "", &names) == 1);
    slice whole = file_read(&arena, &killed, names[0]);
    const slice beginning = slice_first(whole, 20);
    const slice holes = SLICE("\1\2\3\4\5\0\1holes\0\0\0\0");

    directory_copy(&killed, &torn);
    append_bytes(&torn, names[0], beginning);
    CHECK(open_and_check(&torn) == SERVED);
    directory_copy(&killed, &torn);
    append_bytes(&torn, names[0], holes);
    CHECK(open_and_check(&torn) == REFUSED);
    pretend_power_cut(&torn, true);
    CHECK(open_and_check(&torn) == SERVED);
    directory_remove(&torn);
    directory_remove(&killed);
}

TEST(after_an_orderly_close_nothing_may_be_torn)
{
    static const char *const suffixes[] = {".log", ""};
    static const char *const prefixes[] = {"", "MANIFEST"};
    struct directory closed;
    make_killed_store(&closed, false);
    CHECK(open_and_check(&closed) == SERVED);
    struct directory torn;
    directory_make(&torn);

    for (int i = 0; i < 2; i++) {
        SCOPED_ARENA(arena);
        directory_copy(&closed, &torn);
        const char **names;
        uint32_t count = directory_files(&arena, &torn, prefixes[i], suffixes[i], &names);
        CHECK(count > 0);
        append_bytes(&torn, names[count - 1], SLICE("\1"));
        CHECK(open_and_check(&torn) == REFUSED);
    }
    directory_remove(&torn);
    directory_remove(&closed);
}

/* It shows what the next start would serve, and changes nothing. */
TEST(a_torn_log_is_read_without_being_cut_when_opened_read_only)
{
    SCOPED_ARENA(arena);
    struct directory killed;
    make_killed_store(&killed, false);
    const char *log = newest_log(&arena, &killed);
    append_bytes(&killed, log, SLICE("in flight"));
    size_t size = file_read(&arena, &killed, log).size;
    struct store_options options = directory_options(&killed);
    options.read_only = true;
    struct store *store;

    CHECK_OK(store_open_rocks(&arena, &options, &store));

    CHECK(check_rows(&arena, store, &killed) == SERVED);
    store_close(store);
    CHECK(file_read(&arena, &killed, log).size == size);
    directory_remove(&killed);
}

TEST(a_missing_file_is_refused_by_name)
{
    static const struct {
        const char *prefix;
        const char *suffix;
        bool oldest;
        bool with_tables; /* then the oldest log may no longer be needed */
    } files[] = {{"CURRENT", "", false, false},
                 {"MANIFEST", "", false, false},
                 {"", ".sst", false, true},
                 {"", ".log", true, false},
                 {"", ".log", false, false}};
    struct directory missing;
    directory_make(&missing);

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        SCOPED_ARENA(arena);
        struct directory killed;
        make_killed_store(&killed, files[i].with_tables);
        directory_copy(&killed, &missing);
        const char **names;
        uint32_t count =
            directory_files(&arena, &missing, files[i].prefix, files[i].suffix, &names);
        CHECK(count > 0);
        const char *name = names[files[i].oldest ? 0 : count - 1];
        remove(arena_format(&arena, "%s/%s%c", missing.path, name, 0).data);
        enum outcome outcome = open_and_check(&missing);
        if (outcome != REFUSED)
            printf("    served without %s\n", name);
        CHECK(outcome == REFUSED);
        directory_remove(&killed);
    }
    directory_remove(&missing);
}

/* A copy of a store, and the names of its tables. */
static const char **copy_with_tables(struct arena *arena, const struct directory *store,
                                     struct directory *copy)
{
    const char **names;
    directory_make(copy);
    directory_copy(store, copy);
    CHECK(directory_files(arena, copy, "", ".sst", &names) > 0);
    return names;
}

/* Properties stand before the metaindex, whose first entry has the filter's name after three sizes.
 */
static size_t properties_end(slice table)
{
    slice name = SLICE("fullfilter.");
    enum { ENTRY_SIZES = 3, TRAILER_BYTES = 5 };
    for (size_t at = table.size - name.size; at > 0; at--) {
        if (slice_equal(slice_first(slice_from(table, at), name.size), name))
            return at - ENTRY_SIZES - TRAILER_BYTES;
    }
    return 0;
}

TEST(damaged_properties_of_a_table_are_refused_by_name)
{
    static const struct {
        size_t before_end;
        size_t size;
        uint8_t flip;
    } damages[] = {
        {1, 1, 0x80}, /* an index by hash, which RocksDB would read next */
        {1, 1, 0x01},
        {100, 1, 0x20},
        {100, 64, 0}, /* keys that are not sorted, of which RocksDB tells without the name */
        {300, 128, 0},
    };
    struct directory killed;
    make_killed_store(&killed, true);
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        SCOPED_ARENA(arena);
        struct directory damaged;
        const char **names = copy_with_tables(&arena, &killed, &damaged);
        size_t end = properties_end(file_read(&arena, &damaged, names[0]));
        CHECK(end > damages[i].before_end);
        damage(&damaged, names[0], end - damages[i].before_end, damages[i].size, damages[i].flip);

        struct store_options options = directory_options(&damaged);
        struct store *store;
        error failed = store_open_rocks(&arena, &options, &store);

        slice wanted =
            arena_format(&arena, "%s/%s is damaged: its properties", damaged.path, names[0]);
        CHECK(failed && failed->kind == ERROR_CORRUPT &&
              memmem(failed->message.data, failed->message.size, wanted.data, wanted.size));
        directory_remove(&damaged);
    }
    directory_remove(&killed);
}

/* A store that is open, and what happens to its table meanwhile. */
TEST(verify_tells_of_tables_that_are_gone_or_of_another_size_or_damaged)
{
    static const char *const wanted[] = {"is missing", "bytes instead of", "orruption"};
    struct directory killed;
    make_killed_store(&killed, true);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        SCOPED_ARENA(arena);
        struct directory damaged;
        const char **names = copy_with_tables(&arena, &killed, &damaged);
        size_t middle = file_read(&arena, &damaged, names[0]).size / 2;
        if (i == 2)
            damage(&damaged, names[0], middle, 1, 1);
        struct store *store = directory_open(&damaged);
        if (i == 1)
            shorten(&damaged, names[0], middle);
        if (i == 0)
            remove(arena_format(&arena, "%s/%s%c", damaged.path, names[0], 0).data);
        error failed = store_verify(store, &arena);
        CHECK(failed && failed->kind == ERROR_CORRUPT &&
              memmem(failed->message.data, failed->message.size, wanted[i], strlen(wanted[i])) &&
              names_a_file(&arena, failed->message, &damaged));
        arena_fini(&arena);
        store_close(store);
        directory_remove(&damaged);
    }
    directory_remove(&killed);
}

TEST(files_that_hold_no_rows_may_be_damaged_or_missing)
{
    static const char *const prefixes[] = {"OPTIONS", "LOG", "IDENTITY", "LOCK"};
    struct directory killed;
    make_killed_store(&killed, false);
    struct directory damaged;
    directory_make(&damaged);

    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        SCOPED_ARENA(arena);
        directory_copy(&killed, &damaged);
        const char **names;
        CHECK(directory_files(&arena, &damaged, prefixes[i], "", &names) > 0);
        file_write(&damaged, names[0], SLICE("\0\xff\0 not what it was"));
        CHECK(open_and_check(&damaged) == SERVED);
        remove(arena_format(&arena, "%s/%s%c", damaged.path, names[0], 0).data);
        CHECK(open_and_check(&damaged) == SERVED);
    }
    directory_remove(&damaged);
    directory_remove(&killed);
}

TEST(a_first_start_that_was_cut_short_is_begun_again)
{
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make(&directory);
    file_write(&directory, "MANIFEST-000001", SLICE("half"));
    file_write(&directory, "IDENTITY", SLICE_NONE);

    struct store *store = directory_open(&directory);

    CHECK(store_put(store, STORE_ROWS, SLICE("k"), SLICE("v")) == STORE_OK);
    store_close(store);
    directory_remove(&directory);
}
