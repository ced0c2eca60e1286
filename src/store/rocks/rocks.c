/* Opening and closing. The order is the point: lock, prove, cut, open, mark, serve. */
#include "store/rocks/rocks_private.h"

#include "base/assert.h"
#include "base/bytes.h"
#include "base/log.h"
#include "base/memory.h"
#include "store/rocks/recovery.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const area_names[STORE_AREA_COUNT] = {
    [STORE_ROWS] = "default",
    [STORE_LOG] = "log",
};

/* ---- the directory ---- */

static error sync_directory(struct arena *arena, const char *path)
{
    int file = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = file >= 0 && fsync(file) == 0;
    int number = errno;
    if (file >= 0)
        close(file);
    return done ? NULL
                : fail(arena, ERROR_STORAGE, "The directory %s cannot be synced: %s", path,
                       strerror(number));
}

static error make_directory(struct arena *arena, const char *path)
{
    if (mkdir(path, 0755) != 0)
        return errno == EEXIST ? NULL
                               : fail(arena, ERROR_STORAGE, "The directory %s cannot be made: %s",
                                      path, strerror(errno));
    return sync_directory(arena, arena_format(arena, "%s/..%c", path, 0).data);
}

static error require_store(struct arena *arena, const char *path)
{
    if (access(arena_format(arena, "%s/ACKNOWLEDGED%c", path, 0).data, F_OK) == 0 ||
        access(arena_format(arena, "%s/CURRENT%c", path, 0).data, F_OK) == 0)
        return NULL;
    return fail(arena, ERROR_STORAGE, "There is no store in the directory %s", path);
}

/* ---- the database ---- */

/* What RocksDB says names a file where it concerns one. */
static error open_failed(struct arena *arena, const char *directory, char *problem)
{
    bool is_damage = strncmp(problem, "Corruption", 10) == 0 || strstr(problem, "No such file");
    error failed = fail(arena, is_damage ? ERROR_CORRUPT : ERROR_STORAGE,
                        "The store in %s cannot be opened: %s. Keep this directory, and restore a "
                        "backup if a file is damaged or missing",
                        directory, problem);
    rocksdb_free(problem);
    return failed;
}

static error open_database(struct arena *arena, struct rocks *rocks, size_t cache_bytes,
                           const struct recovery_plan *plan)
{
    enum { LOGS_KEPT_MAX = 16 }; /* each start adds one */
    rocksdb_options_t *options;
    TRY(rocks_options_make(arena, cache_bytes, plan->log_count < LOGS_KEPT_MAX, &options));
    rocksdb_options_set_create_if_missing(options, plan->is_new);
    const rocksdb_options_t *area_options[STORE_AREA_COUNT] = {options, options};
    char *problem = NULL;
    if (rocks->read_only) {
        enum { RECOVERY_STOPS_AT_DAMAGE = 2 }; /* the torn end is not cut but passed over */
        if (plan->cuts)
            rocksdb_options_set_wal_recovery_mode(options, RECOVERY_STOPS_AT_DAMAGE);
        rocks->db = rocksdb_open_for_read_only_column_families(
            options, rocks->directory, STORE_AREA_COUNT, area_names, area_options, rocks->areas,
            false, &problem);
    } else {
        rocks->db = rocksdb_open_column_families(options, rocks->directory, STORE_AREA_COUNT,
                                                 area_names, area_options, rocks->areas, &problem);
    }
    rocksdb_options_destroy(options);
    if (problem)
        return open_failed(arena, rocks->directory, problem);
    for (enum store_tier tier = STORE_CACHED; tier <= STORE_ANY; tier++)
        rocks->point_reads[tier] = rocks_read_options_make(tier, false);
    return NULL;
}

static void close_database(struct rocks *rocks)
{
    for (enum store_tier tier = STORE_CACHED; tier <= STORE_ANY; tier++)
        rocksdb_readoptions_destroy(rocks->point_reads[tier]);
    for (enum store_area area = 0; area < STORE_AREA_COUNT; area++)
        rocksdb_column_family_handle_destroy(rocks->areas[area]);
    rocksdb_close(rocks->db);
}

/* ---- the format row ---- */

static error is_empty(struct arena *arena, struct rocks *rocks, bool *empty)
{
    *empty = true;
    for (enum store_area area = 0; area < STORE_AREA_COUNT; area++) {
        struct store_page page;
        struct store_scan everything = {
            .area = area,
            .from = SLICE(""),
            .to = SLICE("\xff\xff"), /* areas begin with small bytes */
            .tier = STORE_ANY,
            .row_count_max = 1,
            .bytes_max = 1,
        };
        if (rocks_scan(&rocks->store, arena, &everything, &page) != STORE_OK)
            return fail(arena, ERROR_CORRUPT, "The store in %s cannot be read: %s",
                        rocks->directory, rocks->problem);
        *empty = *empty && page.count == 0;
    }
    return NULL;
}

static error write_format(struct arena *arena, struct rocks *rocks)
{
    char format[4];
    bytes_put_u32(format, STORE_FORMAT);
    slice key = STORE_FORMAT_KEY;
    rocksdb_writeoptions_t *synced = rocksdb_writeoptions_create();
    rocksdb_writeoptions_set_sync(synced, 1);
    char *problem = NULL;
    rocksdb_put(rocks->db, synced, key.data, key.size, format, sizeof format, &problem);
    rocksdb_writeoptions_destroy(synced);
    return problem ? open_failed(arena, rocks->directory, problem) : NULL;
}

static error check_format(struct arena *arena, struct rocks *rocks)
{
    slice key = STORE_FORMAT_KEY;
    struct store_row row;
    if (rocks_get(&rocks->store, STORE_SHARD_WHOLE, arena, &key, 1, STORE_ANY, &row) != STORE_OK)
        return fail(arena, ERROR_CORRUPT, "The store in %s cannot be read: %s", rocks->directory,
                    rocks->problem);
    if (!row.found) {
        bool empty;
        TRY(is_empty(arena, rocks, &empty));
        if (!empty)
            return fail(arena, ERROR_CORRUPT,
                        "The directory %s holds rows but no format number: it was not written by "
                        "Stator",
                        rocks->directory);
        return rocks->read_only ? NULL : write_format(arena, rocks);
    }
    uint32_t format = row.value.size == 4 ? bytes_get_u32(row.value.data) : 0;
    if (format == 0)
        return fail(arena, ERROR_CORRUPT, "The format number of the store in %s is damaged",
                    rocks->directory);
    if (format > STORE_FORMAT)
        return fail(arena, ERROR_STORAGE,
                    "The directory %s was written by a newer Stator (format %" PRIu32
                    ", this one reads up to %d)",
                    rocks->directory, format, STORE_FORMAT);
    return NULL;
}

/* ---- the engine ---- */

static void rocks_close(struct store *store);

static const struct store_engine engine = {
    .name = "rocks",
    .caps = {.batch_spans_shards = true, .snapshots = true, .exclusive = true},
    .get = rocks_get,
    .scan = rocks_scan,
    .view_open = rocks_view_open,
    .view_close = rocks_view_close,
    .view_get = rocks_view_get,
    .write_group = rocks_write_group,
    .drop_piece = rocks_drop_piece,
    .sync = rocks_sync,
    .is_writable = rocks_is_writable,
    .is_to_be_reopened = rocks_is_to_be_reopened,
    .problem = rocks_problem,
    .verify = rocks_verify,
    .measure = rocks_measure,
    .close = rocks_close,
};

static void rocks_free(struct rocks *rocks)
{
    row_cache_free(rocks->row_cache);
    pthread_mutex_destroy(&rocks->write_mutex);
    pthread_mutex_destroy(&rocks->problem_mutex);
    free(rocks->directory);
    free(rocks);
}

static void rocks_close(struct store *store)
{
    struct rocks *rocks = rocks_of(store);
    if (!rocks->read_only)
        rocks_writing_end(rocks);
    close_database(rocks);
    if (!rocks->read_only)
        rocks_mark_closed(rocks);
    mark_close(&rocks->mark);
    rocks_free(rocks);
}

/* Of the memory for caches. Point reads are what applications wait for; a tool that walks all rows
 * has none. */
static size_t row_cache_share(const struct store_options *options)
{
    return options->read_only ? 0 : options->cache_bytes / 4 * 3;
}

static struct rocks *rocks_new(const struct store_options *options)
{
    struct rocks *rocks = memory_alloc_zeroed(sizeof *rocks);
    rocks->store.engine = &engine;
    rocks->directory = memory_alloc_zeroed(options->directory.size + 1);
    memcpy(rocks->directory, options->directory.data, options->directory.size);
    rocks->read_only = options->read_only;
    rocks->sync = options->sync;
    rocks->sync_interval_us = (uint64_t)options->sync_interval_ms * 1000;
    rocks->disk.margin_bytes = options->disk_reserve_bytes;
    atomic_init(&rocks->disk.has_room, true);
    rocks->tail.file = -1;
    rocks->row_cache = row_cache_new(row_cache_share(options));
    pthread_mutex_init(&rocks->write_mutex, NULL);
    pthread_mutex_init(&rocks->problem_mutex, NULL);
    return rocks;
}

/* Bring the files to rest, and decide whether to write. */
static error prepare(struct arena *arena, struct rocks *rocks, const struct recovery_plan *plan)
{
    if (rocks->read_only && plan->is_new)
        return fail(arena, ERROR_STORAGE, "There is no store in the directory %s",
                    rocks->directory);
    if (rocks->read_only)
        return NULL;
    TRY(recovery_apply(arena, rocks->directory, plan));
    uint64_t free_bytes;
    if (disk_has_room_to_open(rocks->directory, plan->log_bytes, &free_bytes)) {
        rocks->mark.known = rocks->mark.known || plan->is_new; /* then there is nothing to hold */
        rocks_mark_opening(rocks);
        return sync_directory(arena, rocks->directory);
    }
    /* Too little room to write is no reason not to read. */
    if (plan->is_new)
        return fail(arena, ERROR_STORAGE,
                    "The disk of %s has only %" PRIu64 " bytes free: too few for a new store",
                    rocks->directory, free_bytes);
    rocks->read_only = true;
    rocks->lacks_room = true;
    rocks->log_bytes = plan->log_bytes;
    log_write(LOG_WARN, "opened_read_only",
              "directory=%s free_bytes=%" PRIu64
              " reason=\"the disk is full: free some space; reads go on\"",
              LOG_VALUE(slice_of_string(rocks->directory)), free_bytes);
    return NULL;
}

static error open_proven(struct arena *arena, struct rocks *rocks,
                         const struct store_options *options, const struct recovery_plan *plan)
{
    TRY(open_database(arena, rocks, options->cache_bytes - row_cache_share(options), plan));
    error failed = check_format(arena, rocks);
    if (failed) {
        close_database(rocks);
        return failed;
    }
    if (!rocks->read_only)
        rocks_writing_begin(rocks);
    return NULL;
}

static error open_locked(struct arena *arena, struct rocks *rocks,
                         const struct store_options *options)
{
    struct recovery_plan plan;
    TRY(recovery_inspect(arena, rocks->directory, &rocks->mark, &plan));
    TRY(prepare(arena, rocks, &plan));
    TRY(open_proven(arena, rocks, options, &plan));
    if (rocks->read_only)
        return NULL;
    error failed = sync_directory(arena, rocks->directory);
    if (!failed)
        failed = commit_queue_open(arena, &rocks->store, options, &rocks->store.queue);
    if (failed) {
        rocks_writing_end(rocks);
        close_database(rocks);
    }
    return failed;
}

error store_open_rocks(struct arena *arena, const struct store_options *options,
                       struct store **store)
{
    struct rocks *rocks = rocks_new(options);
    error failed = rocks->read_only ? require_store(arena, rocks->directory)
                                    : make_directory(arena, rocks->directory);
    if (!failed)
        failed = mark_open(arena, rocks->directory, &rocks->mark);
    if (!failed) {
        failed = open_locked(arena, rocks, options);
        if (failed)
            mark_close(&rocks->mark);
    }
    if (failed) {
        rocks_free(rocks);
        return failed;
    }
    *store = &rocks->store;
    return NULL;
}
