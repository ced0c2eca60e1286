#include "db/db_private.h"
#include "db/partition/splitter.h"

#include "base/assert.h"
#include "base/bytes.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/task.h"
#include "db/backup/backup_row.h"
#include "db/expiry/expiry_sweep.h"
#include "db/export/export_row.h"
#include "db/format.h"
#include "db/import/import_private.h"
#include "db/index/index.h"
#include "db/stream/stream_change.h"
#include "db/stream/stream_row.h"
#include "db/table/table_row.h"
#include "store/queue.h"
#include <stdlib.h>

#define WRITES_REFUSED                                                                             \
    "Writes are refused: the disk reserve is reached or the data is read-only. Free space on the " \
    "disk of the data directory."

struct store_write db_put(slice key, slice value)
{
    return (struct store_write){.kind = STORE_PUT,
                                .key = key,
                                .value = value,
                                .key_stamp = STORE_NO_STAMP,
                                .value_stamp = STORE_NO_STAMP};
}

struct store_write db_delete(slice key)
{
    return (struct store_write){.kind = STORE_DELETE,
                                .key = key,
                                .key_stamp = STORE_NO_STAMP,
                                .value_stamp = STORE_NO_STAMP};
}

static error commit_rows(struct db *db, struct arena *arena, struct store_write *writes,
                         uint32_t write_count)
{
    struct store_change_set set = {
        .writes = writes, .write_count = write_count, .pending = store_pending_new()};
    enum store_answer answer = store_submit_and_wait(db->store, &set);
    store_pending_release(set.pending);
    if (answer == STORE_OK)
        return NULL;
    if (answer == STORE_BUSY)
        return FAILURE(ERROR_BUSY, "The commit queue is full.");
    return fail(arena, ERROR_INTERNAL_SERVER_ERROR, WRITES_REFUSED);
}

error db_commit_rows(struct db *db, struct arena *arena, struct store_write *writes,
                     uint32_t write_count)
{
    if (!db_has_begun(db))
        return fail(arena, ERROR_INTERNAL_SERVER_ERROR, WRITES_REFUSED);
    return commit_rows(db, arena, writes, write_count);
}

error db_read_meta(struct db *db, struct arena *arena, slice key, slice *value)
{
    struct store_row row;
    enum store_answer answer =
        store_get(db->store, STORE_SHARD_WHOLE, arena, &key, 1, STORE_ANY, &row);
    if (answer != STORE_OK) {
        slice problem = store_problem(db->store, arena);
        return fail(arena, ERROR_CORRUPT, "the data directory cannot be read: %.*s",
                    SLICE_ARGS(problem));
    }
    *value = row.found ? row.value : SLICE_NONE;
    return NULL;
}

/* Region and account are fixed when the directory is new and only compared afterwards. */
static error load_identity(struct db *db, struct arena *arena, slice key, const char *option,
                           slice wanted, slice *fixed)
{
    slice stored;
    TRY(db_read_meta(db, arena, key, &stored));
    if (stored.size > 0 && wanted.size > 0 && !slice_equal(stored, wanted))
        return fail(arena, ERROR_USAGE,
                    "this data directory was created with --%s %.*s, which cannot become %.*s",
                    option, SLICE_ARGS(stored), SLICE_ARGS(wanted));
    *fixed = arena_copy(&db->arena, stored.size > 0 ? stored : wanted);
    return NULL;
}

slice db_table_arn(const struct db *db, struct arena *arena, slice name)
{
    return arena_format(arena, "arn:aws:dynamodb:%.*s:%.*s:table/%.*s", SLICE_ARGS(db->region),
                        SLICE_ARGS(db->account), SLICE_ARGS(name));
}

/* Those under way go on where they were. */
static error load_build(struct db *db, struct arena *arena, const struct table *table,
                        const struct build *build)
{
    if (!build_is_under_way(build))
        return NULL;
    slice cursor;
    TRY(db_read_meta(db, arena, row_key_of_build(arena, build->number), &cursor));
    builds_add(db->builds, table->name, build->number, cursor);
    return NULL;
}

static error load_builds(struct db *db, struct arena *arena, const struct table *table)
{
    for (uint32_t i = 0; i < table->index_count; i++)
        TRY(load_build(db, arena, table, &table->indexes[i].build));
    return load_build(db, arena, table, &table->expiry.build);
}

/* Those in progress are made anew. */
static error load_export(struct db *db, struct arena *arena, slice value)
{
    struct export export;
    TRY(export_row_open(arena, value, &export));
    export_name(db, arena, &export);
    if (export.status == EXPORT_IN_PROGRESS)
        exports_add(db->exports, &export);
    return NULL;
}

static error load_row(struct db *db, struct arena *arena, const struct store_entry *entry)
{
    if (entry->key.size == 6 && entry->key.data[1] == 0) {
        catalogue_add_dead_space(db->catalogue, bytes_get_u32(entry->key.data + 2));
        return NULL;
    }
    if (stream_row_is_key(entry->key))
        return stream_load(db, arena, entry->value);
    if (backup_row_is_key(entry->key)) {
        struct backup backup;
        TRY(backup_row_open(arena, entry->value, &backup));
        archive_put(db->archive, &backup);
        return NULL;
    }
    if (export_row_is_key(entry->key))
        return load_export(db, arena, entry->value);
    if (import_row_is_key(entry->key)) {
        struct import import;
        return import_row_open(arena, entry->value, &import);
    }
    struct table table;
    TRY(table_row_open(arena, entry->value, &table));
    table.arn = db_table_arn(db, arena, table.name);
    catalogue_put(db->catalogue, table_new(&table, NULL));
    if (table.expiry.is_leaving)
        atomic_store(&db->expiry_leaves, true);
    return load_builds(db, arena, &table);
}

static error load_catalogue(struct db *db, struct arena *arena)
{
    static const char first[] = {AREA_CATALOGUE};
    static const char after[] = {AREA_CATALOGUE + 1};
    struct store_scan scan = {.shard = STORE_SHARD_WHOLE,
                              .area = STORE_ROWS,
                              .from = {first, sizeof first},
                              .to = {after, sizeof after},
                              .tier = STORE_ANY,
                              .row_count_max = STORE_SCAN_ROWS_MAX,
                              .bytes_max = STORE_SCAN_BYTES_MAX};
    struct store_page page;
    do {
        if (store_scan(db->store, arena, &scan, &page) != STORE_OK)
            return fail(arena, ERROR_CORRUPT, "the catalogue cannot be read: %.*s",
                        SLICE_ARGS(store_problem(db->store, arena)));
        for (uint32_t i = 0; i < page.count; i++)
            TRY(load_row(db, arena, &page.entries[i]));
        if (page.count > 0)
            scan.from = row_key_successor(arena, page.entries[page.count - 1].key);
    } while (page.more);
    return NULL;
}

static error load_meta(struct db *db, struct arena *arena, const struct db_options *options)
{
    TRY(load_identity(db, arena, META_REGION_KEY, "region", options->region, &db->region));
    TRY(load_identity(db, arena, META_ACCOUNT_KEY, "account", options->account, &db->account));
    slice stored;
    TRY(db_read_meta(db, arena, META_NEXT_SPACE_KEY, &stored));
    db->next_space = stored.size == 4 ? bytes_get_u32(stored.data) : 1;
    TRY(db_read_meta(db, arena, META_INCARNATION_KEY, &stored));
    db->incarnation = 1 + (stored.size == 8 ? bytes_get_u64(stored.data) : 0);
    return NULL;
}

bool db_has_begun(struct db *db)
{
    return atomic_load_explicit(&db->has_begun, memory_order_acquire);
}

/* A writer's incarnation is used once: versions of rows are never repeated. */
error db_begin(struct db *db, struct arena *arena)
{
    char incarnation[8];
    bytes_put_u64(incarnation, db->incarnation);
    struct store_write writes[FORMAT_WRITES_MAX + 3];
    uint32_t count = 0;
    writes[count++] = db_put(META_REGION_KEY, db->region);
    writes[count++] = db_put(META_ACCOUNT_KEY, db->account);
    writes[count++] = db_put(META_INCARNATION_KEY, slice_of(incarnation, sizeof incarnation));
    uint32_t format;
    TRY(format_upgrade(db, arena, writes, &count, &format));
    TRY(commit_rows(db, arena, writes, count));
    if (format != STORE_FORMAT)
        log_write(LOG_INFO, "format_upgraded", "from=%u to=%d", format, STORE_FORMAT);
    atomic_store_explicit(&db->has_begun, true, memory_order_release);
    return NULL;
}

static error load(struct db *db, struct arena *arena, const struct db_options *options)
{
    TRY(archive_open_directory(arena, options->backup_directory, &db->archive));
    TRY(load_meta(db, arena, options));
    TRY(load_catalogue(db, arena));
    if (store_is_writable(db->store))
        return db_begin(db, arena);
    log_write(LOG_WARN, "writes_refused", "reason=\"the store is read-only for now\"");
    return NULL;
}

error db_open(struct arena *arena, const struct db_options *options, struct db **opened)
{
    struct db *db = memory_alloc_zeroed(sizeof *db);
    arena_init(&db->arena, NULL);
    db->store = options->store;
    db->clock = options->clock;
    db->transition_delay_ms = options->transition_delay_ms;
    db->partition_count = options->partition_count;
    db->partition_bytes_max = options->partition_bytes_max > 0
                                  ? options->partition_bytes_max
                                  : PARTITION_GIGABYTES_MAX * GIGABYTE;
    db->splitter = splitter_new();
    db->throughput = options->throughput;
    db->collection_bytes_max =
        options->collection_bytes_max > 0 ? options->collection_bytes_max : COLLECTION_BYTES_MAX;
    db->locks = locks_new();
    db->catalogue = catalogue_new();
    db->drops = drops_new(options->drop_rows);
    db->builds = builds_new();
    db->backfill_page_rows =
        options->backfill_page_rows > 0 ? options->backfill_page_rows : BACKFILL_PAGE_ROWS;
    db->expiry_sweep_ms = options->expiry_sweep_ms;
    db->expiry_sweep = expiry_sweep_new();
    db->streams = streams_new();
    db->exports = exports_new();
    db->bucket_root = arena_copy(&db->arena, options->bucket_root);
    atomic_init(&db->archive_has_work, true);
    db->import_save_records =
        options->import_save_records > 0 ? options->import_save_records : IMPORT_SAVE_RECORDS;
    atomic_init(&db->imports_have_work, true);
    atomic_init(&db->imports_stop, false);
    pthread_mutex_init(&db->control, NULL);
    random_init(&db->random, random_seed());
    SCOPED_ARENA(scratch);
    error failure = load(db, &scratch, options);
    if (failure) {
        failure = fail(arena, failure->kind, "%.*s", SLICE_ARGS(failure->message));
        db_close(db);
        return failure;
    }
    if (options->eventual_ms > 0)
        db->views = views_new(db->store, db->clock, options->eventual_ms);
    *opened = db;
    return NULL;
}

void db_close(struct db *db)
{
    db_import_abandon(db);
    if (db->views)
        views_free(db->views);
    if (db->archive)
        archive_close(db->archive);
    exports_free(db->exports);
    streams_free(db->streams);
    splitter_free(db->splitter);
    catalogue_free(db->catalogue);
    builds_free(db->builds);
    drops_free(db->drops);
    expiry_sweep_free(db->expiry_sweep);
    locks_free(db->locks);
    pthread_mutex_destroy(&db->control);
    arena_fini(&db->arena);
    free(db);
}

slice db_region(const struct db *db)
{
    return db->region;
}

slice db_account(const struct db *db)
{
    return db->account;
}

void db_hear_clients(struct db *db, struct db_clients clients)
{
    db->clients = clients;
}

bool db_gives_way(struct db *db, struct pace *pace)
{
    const struct db_clients *clients = &db->clients;
    uint64_t request_count = clients->request_count ? clients->request_count(clients->context) : 0;
    return pace_look(pace, clock_monotonic_us(), request_count);
}

int64_t db_now_ms(const struct db *db)
{
    return clock_now_ms(db->clock);
}

uint32_t db_view_period_ms(const struct db *db)
{
    return db->views ? views_period_ms(db->views) : 0;
}

void db_keep_view(struct db *db, int64_t next_ms)
{
    if (db->views)
        views_keep(db->views, next_ms);
}

struct row_version db_next_version(struct db *db)
{
    return (struct row_version){db->incarnation, catalogue_next_version(db->catalogue)};
}

void db_session_init(struct db_session *session, struct db *db, struct arena *arena,
                     enum store_tier tier, struct store_sink *sink, void *owner)
{
    *session = (struct db_session){.db = db,
                                   .arena = arena,
                                   .tier = tier,
                                   .sink = sink,
                                   .owner = owner,
                                   .rows_left =
                                       tier == STORE_CACHED ? LOOP_READ_ROWS_MAX : UINT32_MAX};
}

error db_error_of(struct db_session *session, enum store_answer answer)
{
    switch (answer) {
    case STORE_OK:
        return NULL;
    case STORE_WOULD_BLOCK:
        return FAILURE(ERROR_WOULD_BLOCK, "The rows are not in memory.");
    case STORE_BUSY:
        return FAILURE(ERROR_BUSY, "The commit queue is full.");
    case STORE_CONFLICT:
    case STORE_STALE:
        return FAILURE(ERROR_CONFLICT, "The rows have changed meanwhile.");
    case STORE_UNAVAILABLE:
        return FAILURE(ERROR_INTERNAL_SERVER_ERROR, WRITES_REFUSED);
    case STORE_UNKNOWN:
        return FAILURE(ERROR_INTERNAL_SERVER_ERROR, "The outcome of the write is unknown.");
    case STORE_CORRUPT:
        break;
    }
    return fail(session->arena, ERROR_CORRUPT, "The stored data is damaged: %.*s",
                SLICE_ARGS(store_problem(session->db->store, session->arena)));
}

error db_session_settle(struct db_session *session)
{
    assert_that(session->submitted);
    struct change *change = OBJECT_OF(session->submitted, struct change, set);
    session->submitted = NULL;
    for (uint32_t i = 0; i < change->entry_count; i++)
        overlay_remove(session->db->locks, &change->entries[i]);
    for (uint32_t i = 0; i < change->set.dependency_count; i++)
        store_pending_release(change->set.dependencies[i]);
    store_pending_release(change->set.pending);
    return db_error_of(session, change->set.answer);
}
