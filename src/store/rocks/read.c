#include "store/rocks/rocks_private.h"

#include "base/memory.h"
#include <stdlib.h>
#include <sys/stat.h>

/* ---- what RocksDB answered ---- */

static void remember_problem(struct rocks *rocks, const char *text)
{
    pthread_mutex_lock(&rocks->problem_mutex);
    size_t size = strnlen(text, PROBLEM_BYTES_MAX - 1);
    memcpy(rocks->problem, text, size);
    rocks->problem[size] = 0;
    pthread_mutex_unlock(&rocks->problem_mutex);
}

slice rocks_problem(struct store *store, struct arena *arena)
{
    struct rocks *rocks = rocks_of(store);
    pthread_mutex_lock(&rocks->problem_mutex);
    slice copy = arena_copy(arena, slice_of_string(rocks->problem));
    pthread_mutex_unlock(&rocks->problem_mutex);
    return copy;
}

/* Takes the text. The C interface has no codes: a status is known by how its text begins. */
static enum store_answer answer_of(struct rocks *rocks, char *problem)
{
    static const char incomplete[] = "Result incomplete";
    if (!problem)
        return STORE_OK;
    enum store_answer answer = STORE_WOULD_BLOCK;
    if (strncmp(problem, incomplete, sizeof incomplete - 1) != 0) {
        remember_problem(rocks, problem);
        answer = STORE_CORRUPT;
    }
    rocksdb_free(problem);
    return answer;
}

/* ---- get ---- */

/* Smaller values are copied: a pin costs more than that, and holds back a block of the cache. */
enum { COPIED_BYTES_MAX = 4096 };

static void release_value(void *value)
{
    rocksdb_pinnableslice_destroy(value);
}

/* `value` is NULL when there is no such row. */
static struct store_row row_of(struct arena *arena, rocksdb_pinnableslice_t *value)
{
    if (!value)
        return (struct store_row){.found = false};
    size_t size;
    const char *data = rocksdb_pinnableslice_value(value, &size);
    struct store_row row = {.found = true, .value = {data, size}};
    if (size <= COPIED_BYTES_MAX) {
        row.value = arena_copy(arena, row.value);
        release_value(value);
    } else {
        arena_defer(arena, release_value, value);
    }
    return row;
}

static enum store_answer get_one(struct rocks *rocks, struct arena *arena,
                                 const rocksdb_readoptions_t *options, slice key,
                                 struct store_row *row)
{
    char *problem = NULL;
    rocksdb_pinnableslice_t *value = rocksdb_get_pinned_cf(
        rocks->db, options, rocks->areas[STORE_ROWS], key.data, key.size, &problem);
    enum store_answer answer = answer_of(rocks, problem);
    if (answer == STORE_OK)
        *row = row_of(arena, value);
    return answer;
}

static enum store_answer get_each(struct rocks *rocks, struct arena *arena,
                                  const rocksdb_readoptions_t *options, const slice *keys,
                                  uint32_t key_count, struct store_row *rows)
{
    enum store_answer answer = STORE_OK;
    for (uint32_t i = 0; i < key_count && answer == STORE_OK; i++)
        answer = get_one(rocks, arena, options, keys[i], &rows[i]);
    return answer;
}

/*
 * One view for all keys: a snapshot. RocksDB's batched multi-get would do without one, but in
 * version 7.8 it reads from the disk although told not to, which a loop must never do
 * (rocks_test.c: a_read_in_memory_only_says_that_it_would_block).
 */
static enum store_answer get_many(struct rocks *rocks, struct arena *arena, const slice *keys,
                                  uint32_t key_count, enum store_tier tier, struct store_row *rows)
{
    const rocksdb_snapshot_t *snapshot = rocksdb_create_snapshot(rocks->db);
    rocksdb_readoptions_t *options = rocks_read_options_make(tier, false);
    rocksdb_readoptions_set_snapshot(options, snapshot);
    enum store_answer answer = get_each(rocks, arena, options, keys, key_count, rows);
    rocksdb_readoptions_destroy(options);
    rocksdb_release_snapshot(rocks->db, snapshot);
    return answer;
}

static enum store_answer get_through_cache(struct rocks *rocks, struct arena *arena, slice key,
                                           enum store_tier tier, struct store_row *row)
{
    struct row_cache_ticket ticket;
    row->found = row_cache_get(rocks->row_cache, arena, key, &row->value, &ticket);
    if (row->found)
        return STORE_OK;
    enum store_answer answer = get_one(rocks, arena, rocks->point_reads[tier], key, row);
    if (answer == STORE_OK && row->found)
        row_cache_fill(rocks->row_cache, key, row->value, ticket);
    return answer;
}

enum store_answer rocks_get(struct store *store, struct store_shard shard, struct arena *arena,
                            const slice *keys, uint32_t key_count, enum store_tier tier,
                            struct store_row *rows)
{
    (void)shard;
    struct rocks *rocks = rocks_of(store);
    rocks_count_nothing();
    if (key_count == 1)
        return get_through_cache(rocks, arena, keys[0], tier, rows);
    return get_many(rocks, arena, keys, key_count, tier, rows);
}

/* ---- views ---- */

struct rocks_view {
    struct store_view view;
    const rocksdb_snapshot_t *snapshot;
    rocksdb_readoptions_t *point_reads[2]; /* by enum store_tier */
};

static const struct rocks_view *rocks_view_of(const struct store_view *view)
{
    return (const struct rocks_view *)(const void *)view;
}

struct store_view *rocks_view_open(struct store *store)
{
    struct rocks_view *view = memory_alloc_zeroed(sizeof *view);
    view->snapshot = rocksdb_create_snapshot(rocks_of(store)->db);
    for (enum store_tier tier = STORE_CACHED; tier <= STORE_ANY; tier++) {
        view->point_reads[tier] = rocks_read_options_make(tier, false);
        rocksdb_readoptions_set_snapshot(view->point_reads[tier], view->snapshot);
    }
    return &view->view;
}

void rocks_view_close(struct store_view *view)
{
    const struct rocks_view *closed = rocks_view_of(view);
    for (enum store_tier tier = STORE_CACHED; tier <= STORE_ANY; tier++)
        rocksdb_readoptions_destroy(closed->point_reads[tier]);
    rocksdb_release_snapshot(rocks_of(view->store)->db, closed->snapshot);
    free(view);
}

/* The row cache knows rows only as they stand now: it is passed by, and nothing comes into it. */
enum store_answer rocks_view_get(const struct store_view *view, struct store_shard shard,
                                 struct arena *arena, const slice *keys, uint32_t key_count,
                                 enum store_tier tier, struct store_row *rows)
{
    (void)shard;
    return get_each(rocks_of(view->store), arena, rocks_view_of(view)->point_reads[tier], keys,
                    key_count, rows);
}

/* ---- scan ---- */

enum {
    CACHED_SKIPS_MAX = 4096, /* deleted rows a loop steps over before a worker takes the scan */
    ENTRIES_AT_FIRST = 32,
};

static rocksdb_readoptions_t *scan_options_make(const struct store_scan *scan)
{
    rocksdb_readoptions_t *options = rocks_read_options_make(scan->tier, scan->background);
    rocksdb_readoptions_set_iterate_lower_bound(options, scan->from.data, scan->from.size);
    rocksdb_readoptions_set_iterate_upper_bound(options, scan->to.data, scan->to.size);
    if (scan->view)
        rocksdb_readoptions_set_snapshot(options, rocks_view_of(scan->view)->snapshot);
    if (scan->tier == STORE_CACHED)
        rocksdb_readoptions_set_max_skippable_internal_keys(options, CACHED_SKIPS_MAX);
    return options;
}

struct entries {
    struct store_entry *rows;
    uint32_t count;
    uint32_t capacity;
    size_t bytes;
};

static void append_current(struct arena *arena, struct entries *entries,
                           const rocksdb_iterator_t *iterator)
{
    if (entries->count == entries->capacity) {
        uint32_t capacity = entries->capacity ? 2 * entries->capacity : ENTRIES_AT_FIRST;
        struct store_entry *rows = arena_new_array(arena, struct store_entry, capacity);
        if (entries->count > 0)
            memcpy(rows, entries->rows, entries->count * sizeof *rows);
        entries->rows = rows;
        entries->capacity = capacity;
    }
    slice key;
    slice value;
    key.data = rocksdb_iter_key(iterator, &key.size);
    value.data = rocksdb_iter_value(iterator, &value.size);
    char *copy = arena_alloc_bytes(arena, key.size + value.size);
    memcpy(copy, key.data, key.size);
    memcpy(copy + key.size, value.data, value.size);
    entries->rows[entries->count++] = (struct store_entry){
        .key = {copy, key.size},
        .value = {copy + key.size, value.size},
    };
    entries->bytes += key.size + value.size;
}

static enum store_answer scan_with(struct rocks *rocks, struct arena *arena,
                                   const struct store_scan *scan, rocksdb_iterator_t *iterator,
                                   struct store_page *page)
{
    struct entries entries = {0};
    bool full = false;
    if (scan->backward)
        rocksdb_iter_seek_to_last(iterator);
    else
        rocksdb_iter_seek_to_first(iterator);
    while (rocksdb_iter_valid(iterator) && !full) {
        append_current(arena, &entries, iterator);
        full = entries.count == scan->row_count_max || entries.bytes >= scan->bytes_max;
        if (scan->backward)
            rocksdb_iter_prev(iterator);
        else
            rocksdb_iter_next(iterator);
    }
    char *problem = NULL;
    rocksdb_iter_get_error(iterator, &problem);
    enum store_answer answer = answer_of(rocks, problem);
    *page = (struct store_page){
        .entries = entries.rows,
        .count = entries.count,
        .more = rocksdb_iter_valid(iterator),
    };
    if (answer == STORE_WOULD_BLOCK && full) {
        /* The page is whole; only what comes after it is not in memory. */
        page->more = true;
        return STORE_OK;
    }
    return answer;
}

enum store_answer rocks_scan(struct store *store, struct arena *arena,
                             const struct store_scan *scan, struct store_page *page)
{
    struct rocks *rocks = rocks_of(store);
    rocks_count_nothing();
    *page = (struct store_page){0};
    if (slice_compare(scan->from, scan->to) >= 0)
        return STORE_OK;
    rocksdb_readoptions_t *options = scan_options_make(scan);
    rocksdb_iterator_t *iterator =
        rocksdb_create_iterator_cf(rocks->db, options, rocks->areas[scan->area]);
    enum store_answer answer = scan_with(rocks, arena, scan, iterator, page);
    rocksdb_iter_destroy(iterator);
    rocksdb_readoptions_destroy(options);
    return answer;
}

/* ---- verify ---- */

enum { VERIFY_READAHEAD_BYTES = 1024 * 1024 };

static error verify_sizes(struct rocks *rocks, struct arena *arena)
{
    error failed = NULL;
    const rocksdb_livefiles_t *files = rocksdb_livefiles(rocks->db);
    for (int i = 0; i < rocksdb_livefiles_count(files) && !failed; i++) {
        const char *name = rocksdb_livefiles_name(files, i); /* begins with a slash */
        const char *path = arena_format(arena, "%s%s%c", rocks->directory, name, 0).data;
        struct stat found;
        if (stat(path, &found) != 0)
            failed = fail(arena, ERROR_CORRUPT, "%s is missing", path);
        else if ((size_t)found.st_size != rocksdb_livefiles_size(files, i))
            failed = fail(arena, ERROR_CORRUPT, "%s has %zu bytes instead of %zu", path,
                          (size_t)found.st_size, rocksdb_livefiles_size(files, i));
    }
    rocksdb_livefiles_destroy(files);
    return failed;
}

/* Reading every row reads every block of data and of index, and checks its checksum. */
static error verify_area(struct rocks *rocks, struct arena *arena, enum store_area area)
{
    rocksdb_readoptions_t *options = rocks_read_options_make(STORE_ANY, true);
    rocksdb_readoptions_set_readahead_size(options, VERIFY_READAHEAD_BYTES);
    rocksdb_iterator_t *iterator =
        rocksdb_create_iterator_cf(rocks->db, options, rocks->areas[area]);
    for (rocksdb_iter_seek_to_first(iterator); rocksdb_iter_valid(iterator);)
        rocksdb_iter_next(iterator);
    char *problem = NULL;
    rocksdb_iter_get_error(iterator, &problem);
    rocksdb_iter_destroy(iterator);
    rocksdb_readoptions_destroy(options);
    if (answer_of(rocks, problem) == STORE_OK)
        return NULL;
    return fail(arena, ERROR_CORRUPT, "%s", rocks->problem);
}

error rocks_verify(struct store *store, struct arena *arena)
{
    struct rocks *rocks = rocks_of(store);
    TRY(verify_sizes(rocks, arena));
    for (enum store_area area = 0; area < STORE_AREA_COUNT; area++)
        TRY(verify_area(rocks, arena, area));
    return NULL;
}
