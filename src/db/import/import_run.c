/*
 * Imports in the background: the oldest one under way, a batch of items at each step.
 *
 * What it works with lives in one run, which is thrown away when something outside is in the way (a
 * full disk, the end of the server); the next one begins at the last place that is durable. Until
 * a batch is written its items count as not read.
 */
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "db/import/import_private.h"
#include "db/index/index.h"
#include "db/table/table_private.h"
#include "db/write_batch.h"
#include "exchange/bucket.h"
#include "exchange/objects.h"
#include "item/item_json.h"
#include "json/reader.h"
#include <stdlib.h>
#include <unistd.h>

enum {
    STEP_RECORDS = 1000,              /* of a step, which passes over what was read before */
    STEP_BYTES_MAX = 8 * 1024 * 1024, /* of what a step makes of them */
    ERRORS_LOGGED_MAX = 10000,        /* of one import, as the service does */
    FIRST_ERROR_BYTES_MAX = 2048,
    KEYS_MAX = (1 + INDEXES_MAX) * 2 * KEY_PARTS_MAX,
};
#define KEPT_MS (INT64_C(90) * 24 * 60 * 60 * 1000) /* what ListImports tells of. API Reference */

struct import_run {
    struct arena arena; /* as long as the run */
    struct import import;
    struct import_place place; /* how far it is; import.place: as stored */
    const struct table *table;
    struct item_reader_options options;
    int bucket;
    const slice *objects;
    uint32_t object_count;
    uint32_t object_index;      /* of the one that is read, or comes next */
    struct arena object_arena;  /* as long as the object */
    struct item_reader *reader; /* NULL: none is open */
    int64_t skip_count;         /* records of it that were read before */
    uint32_t errors_logged;
};

/* ---- a run ---- */

static void run_free(struct import_run *run)
{
    arena_fini(&run->object_arena);
    if (run->bucket >= 0)
        close(run->bucket);
    if (run->table)
        table_release(run->table);
    arena_fini(&run->arena);
    free(run);
}

/* The oldest one under way; and what has been over for long. */
struct pick {
    struct import_run *run;
    int64_t now_ms;
    struct arena *arena;
    struct store_write *drops;
    uint32_t drop_count;
    uint32_t drop_capacity;
    bool found;
};

static bool pick_import(void *context, const struct import *import)
{
    struct pick *pick = context;
    if (import->status == IMPORT_IN_PROGRESS) {
        pick->run->import = *import;
        pick->found = true;
    } else if (pick->now_ms - import->ended_ms > KEPT_MS &&
               pick->drop_count < pick->drop_capacity) {
        pick->drops[pick->drop_count++] = db_delete(import_row_key(pick->arena, import->id));
    }
    return true;
}

static error pick_oldest(struct db *db, struct import_run *run, bool *found)
{
    enum { DROPS_MAX = 64 };
    struct store_write drops[DROPS_MAX];
    struct pick pick = {.run = run,
                        .now_ms = db_now_ms(db),
                        .arena = &run->arena,
                        .drops = drops,
                        .drop_capacity = DROPS_MAX};
    TRY(import_visit(db, &run->arena, pick_import, &pick));
    if (pick.drop_count > 0)
        TRY(db_commit_rows(db, &run->arena, drops, pick.drop_count));
    run->place = run->import.place;
    *found = pick.found;
    return NULL;
}

static void add_keys(struct arena *arena, struct csv_key *keys, uint32_t *count,
                     const struct key_attribute *attributes, uint32_t attribute_count)
{
    for (uint32_t i = 0; i < attribute_count; i++)
        keys[(*count)++] = (struct csv_key){arena_copy(arena, attributes[i].name),
                                            value_type_name(attributes[i].type)};
}

static void make_options(struct import_run *run)
{
    const struct import *import = &run->import;
    struct csv_key *keys = arena_new_array(&run->arena, struct csv_key, KEYS_MAX);
    uint32_t count = 0;
    for (uint32_t i = 0; i <= run->table->index_count; i++) {
        const struct index *index = i > 0 ? &run->table->indexes[i - 1] : NULL;
        struct key_parts parts = index_key_parts(run->table, index);
        add_keys(&run->arena, keys, &count, parts.hash, parts.hash_count);
        add_keys(&run->arena, keys, &count, parts.range, parts.range_count);
    }
    run->options = (struct item_reader_options){
        .format = import->format,
        .compression = import->compression,
        .delimiter = import->delimiter.size > 0 ? import->delimiter.data[0] : ',',
        .header = import->header,
        .header_count = import->header_count,
        .keys = keys,
        .key_count = count,
    };
}

/* The first object that is not read whole. */
static void find_place(struct import_run *run)
{
    while (run->object_index < run->object_count &&
           slice_compare(run->objects[run->object_index], run->place.object) < 0)
        run->object_index++;
    bool is_in_object = run->object_index < run->object_count &&
                        slice_equal(run->objects[run->object_index], run->place.object);
    run->skip_count = is_in_object ? run->place.record_count : 0;
}

/* Its description as it is now: partitions may have been split. NULL: the table is gone. */
static void find_table(struct db *db, struct import_run *run)
{
    const struct table *table = catalogue_find(db->catalogue, run->import.table_name);
    if (run->table)
        table_release(run->table);
    run->table = table;
    if (!table || slice_equal(table->id, run->import.table_id))
        return;
    table_release(table);
    run->table = NULL;
}

/* ---- places, and the end ---- */

static error save(struct db *db, struct import_run *run)
{
    SCOPED_ARENA(arena);
    struct import fields = run->import;
    fields.place = run->place;
    struct store_write write = import_row_write(&arena, &fields);
    TRY(db_commit_rows(db, &run->arena, &write, 1));
    run->import.place = run->place;
    return NULL;
}

static void log_end(const struct import *import)
{
    long long imported = import->place.imported_count;
    long long errors = import->place.error_count;
    if (import->status == IMPORT_COMPLETED)
        log_write(LOG_INFO, "table_imported", "table=%.*s import=%.*s items=%lld",
                  SLICE_ARGS(import->table_name), SLICE_ARGS(import->id), imported);
    else
        log_write(LOG_WARN, "import_failed",
                  "table=%.*s import=%.*s items=%lld errors=%lld reason=%s",
                  SLICE_ARGS(import->table_name), SLICE_ARGS(import->id), imported, errors,
                  LOG_VALUE(import->failure_code));
}

/* All files are read: the table becomes ACTIVE with what they held, in one change set with this. */
static error finish_locked(struct db *db, struct import_run *run)
{
    struct arena *arena = &run->arena;
    struct import fields = run->import;
    const struct table *newer;
    find_table(db, run);
    if (!run->table)
        return FAILURE(ERROR_CONFLICT, "its table is gone");
    struct table ready = *run->table;
    fields.place = run->place;
    fields.place.object = SLICE_NONE;
    fields.ended_ms = db_now_ms(db);
    fields.status = run->place.error_count == 0 ? IMPORT_COMPLETED : IMPORT_FAILED;
    if (fields.status == IMPORT_FAILED) {
        fields.failure_code = SLICE("ItemValidationError");
        fields.failure_message = arena_format(
            arena,
            "Some of the items failed validation checks: %lld errors, of which the log of "
            "the server has the files and lines. The first one: %.*s",
            (long long)run->place.error_count, SLICE_ARGS(run->place.first_error));
    }
    ready.active_ms = fields.ended_ms;
    struct store_write write = import_row_write(arena, &fields);
    TRY(table_replace_locked(db, arena, run->table, &ready, &write, 1, NULL, &newer));
    log_end(&fields);
    return NULL;
}

/* There is nothing to be read: the table goes, and then the import has failed. */
static error give_up_locked(struct db *db, struct import_run *run, slice code, slice message)
{
    struct import fields = run->import;
    if (run->table)
        TRY(table_retire_locked(db, &run->arena, run->table));
    fields.status = IMPORT_FAILED;
    fields.ended_ms = db_now_ms(db);
    fields.failure_code = code;
    fields.failure_message = message;
    struct store_write write = import_row_write(&run->arena, &fields);
    TRY(db_commit_rows(db, &run->arena, &write, 1));
    log_end(&fields);
    return NULL;
}

static error give_up(struct db *db, struct import_run *run, slice code, slice message)
{
    pthread_mutex_lock(&db->control);
    error failure = give_up_locked(db, run, code, message);
    pthread_mutex_unlock(&db->control);
    return failure;
}

/* ---- beginning a run ---- */

/* Which failure of the bucket is told under which code. */
static slice code_of(error failure)
{
    switch (failure->kind) {
    case ERROR_RESOURCE_NOT_FOUND:
        return SLICE("S3NoSuchBucket");
    case ERROR_ACCESS_DENIED:
        return SLICE("S3AccessDenied");
    case ERROR_LIMIT_EXCEEDED:
        return SLICE("ImportLimitExceeded");
    default:
        return SLICE("S3Unreadable");
    }
}

static error open_objects(struct db *db, struct import_run *run)
{
    TRY(bucket_open(&run->arena, db->bucket_root, run->import.bucket, &run->bucket));
    /* All buckets are this account's; one that is thought to be another's is not read. */
    if (run->import.bucket_owner.size > 0 && !slice_equal(run->import.bucket_owner, db_account(db)))
        return FAILURE(ERROR_ACCESS_DENIED, "Access Denied");
    return objects_list(&run->arena, run->bucket, run->import.prefix, &run->objects,
                        &run->object_count);
}

/* `is_over`: it has failed at once. */
static error run_begin(struct db *db, struct import_run *run, bool *is_over)
{
    *is_over = true;
    find_table(db, run);
    error failure = open_objects(db, run);
    if (failure)
        return give_up(db, run, code_of(failure), failure->message);
    if (!run->table) /* the process ended when it was about to say that there is no bucket */
        return give_up(db, run, SLICE("S3NoSuchBucket"),
                       SLICE("The specified bucket does not exist"));
    make_options(run);
    find_place(run);
    *is_over = false;
    return NULL;
}

static error run_new(struct db *db, struct import_run **begun)
{
    struct import_run *run = memory_alloc_zeroed(sizeof *run);
    bool found = false;
    bool is_over = true;
    *begun = NULL;
    run->bucket = -1;
    arena_init(&run->arena, NULL);
    arena_init(&run->object_arena, NULL);
    error failure = pick_oldest(db, run, &found);
    if (!failure && found)
        failure = run_begin(db, run, &is_over);
    if (failure)
        log_write(LOG_WARN, "import_waits", "reason=%s", LOG_VALUE(failure->message));
    if (found)
        import_wake(db);
    if (is_over)
        run_free(run);
    else
        *begun = run;
    return failure ? FAILURE(ERROR_BUSY, "the import waits") : NULL;
}

/* ---- errors ---- */

/* As much of UTF-8 as fits. */
static slice cut(slice text, size_t size)
{
    if (text.size <= size)
        return text;
    while (size > 0 && ((unsigned char)text.data[size] & 0xC0) == 0x80)
        size--;
    return slice_first(text, size);
}

/* `logged`: what the log may say, which has no values of items; `told`: what the client is told. */
static void count_error(struct import_run *run, const char *logged, slice told)
{
    struct import_place *place = &run->place;
    slice object = run->objects[run->object_index];
    if (place->error_count++ == 0)
        place->first_error = arena_copy(&run->arena, cut(told, FIRST_ERROR_BYTES_MAX));
    if (run->errors_logged++ < ERRORS_LOGGED_MAX)
        log_write(LOG_WARN, "import_error", "table=%.*s import=%.*s object=%s line=%llu reason=%s",
                  SLICE_ARGS(run->import.table_name), SLICE_ARGS(run->import.id), LOG_VALUE(object),
                  (unsigned long long)(run->reader ? item_reader_line(run->reader) : 0),
                  LOG_VALUE(slice_of_string(logged)));
}

/* ---- items ---- */

enum fate {
    FATE_ITEM,
    FATE_REFUSED, /* an error of its own */
    FATE_NO_ITEM, /* ends its object */
};

static enum fate read_item(struct import_run *run, struct arena *arena, slice json, slice *item,
                           const char **logged, slice *told)
{
    struct json_reader reader;
    struct item_input input = {.present = false};
    json_reader_init(&reader, arena, json);
    error failure = item_read_json(&reader, arena, VALUE_LAYER_CURRENT, &input);
    enum fate fate = failure ? FATE_NO_ITEM : FATE_REFUSED;
    *logged = failure ? "its attributes are not values" : "it has a value that no item may have";
    if (!failure)
        failure = input.invalid;
    if (!failure) {
        *logged = "its keys do not fit the table or an index";
        *item = input.item;
        failure = key_check_item(arena, &run->table->keys, input.item);
    }
    if (!failure)
        failure = index_check_item(arena, run->table, input.item);
    if (!failure && item_charged_bytes(input.item) > ITEM_BYTES_MAX) {
        *logged = "it is larger than an item may be";
        failure = FAILURE(ERROR_VALIDATION, "Item size has exceeded the maximum allowed size");
    }
    if (!failure)
        return FATE_ITEM;
    *told = arena_format(
        arena, "%.*s: line %llu: %.*s", SLICE_ARGS(run->objects[run->object_index]),
        (unsigned long long)item_reader_line(run->reader), SLICE_ARGS(failure->message));
    return fate;
}

/* One record. `ends`: it was the last of its object. */
static error take_record(struct import_run *run, struct write_batch *batch, bool *ends)
{
    struct arena *arena = batch->arena;
    slice json, item, told;
    const char *logged;
    error failure = item_reader_next(run->reader, arena, &json);
    *ends = failure || json.size == 0;
    if (*ends && !failure && run->skip_count > 0)
        failure = fail(arena, ERROR_CORRUPT, "%.*s: it was longer when it was read before",
                       SLICE_ARGS(run->objects[run->object_index]));
    if (*ends && !failure)
        return NULL;
    bool was_read = !failure && run->skip_count > 0;
    run->skip_count -= was_read;
    if (was_read)
        return NULL;
    run->place.record_count++;
    if (failure) {
        count_error(run,
                    failure->kind == ERROR_CORRUPT ? "it cannot be read on from here"
                                                   : "it cannot be read",
                    failure->message);
        return NULL;
    }
    enum fate fate = read_item(run, arena, json, &item, &logged, &told);
    if (fate != FATE_ITEM) {
        count_error(run, logged, told);
        *ends = fate == FATE_NO_ITEM;
        return NULL;
    }
    run->place.imported_count++;
    struct write_plan plan = {.table = run->table, .kind = WRITE_PUT, .item = item};
    return write_batch_add(batch, &plan);
}

/* ---- objects ---- */

static void end_object(struct import_run *run)
{
    if (run->reader)
        run->place.processed_bytes += (int64_t)item_reader_bytes(run->reader);
    run->reader = NULL;
    arena_fini(&run->object_arena);
    arena_init(&run->object_arena, NULL);
    run->skip_count = 0;
    run->place.record_count = 0;
    /* The first key that is behind it: no key has a zero byte. */
    run->place.object =
        arena_format(&run->arena, "%.*s%c", SLICE_ARGS(run->objects[run->object_index]), 0);
    run->object_index++;
}

/* One that cannot be opened is an error, and the others go on. */
static void open_object(struct import_run *run, struct arena *arena)
{
    int descriptor;
    slice key = run->objects[run->object_index];
    error failure = objects_open(arena, run->bucket, key, &descriptor);
    run->place.object = key;
    if (!failure) {
        run->reader = item_reader_open(&run->object_arena, descriptor, key, &run->options);
        return;
    }
    count_error(run, "it cannot be opened", failure->message);
    end_object(run);
}

static error read_some(struct import_run *run, struct write_batch *batch)
{
    bool ends = false;
    for (uint32_t i = 0; i < STEP_RECORDS && !ends && !write_batch_is_full(batch) &&
                         arena_bytes(batch->arena) < STEP_BYTES_MAX;
         i++)
        TRY(take_record(run, batch, &ends));
    TRY(write_batch_flush(batch));
    if (ends)
        end_object(run);
    return NULL;
}

static bool is_worth_saving(const struct db *db, const struct import_run *run)
{
    const struct import_place *now = &run->place;
    const struct import_place *then = &run->import.place;
    return now->imported_count + now->error_count - then->imported_count - then->error_count >=
           db->import_save_records;
}

static error finish(struct db *db, struct import_run *run)
{
    pthread_mutex_lock(&db->control);
    error failure = finish_locked(db, run);
    pthread_mutex_unlock(&db->control);
    return failure;
}

/* `is_over`: the import has ended. */
static error run_step(struct db *db, struct import_run *run, bool *is_over)
{
    SCOPED_ARENA(arena);
    *is_over = run->object_index == run->object_count;
    if (*is_over)
        return finish(db, run);
    find_table(db, run);
    if (!run->table)
        return FAILURE(ERROR_CONFLICT, "its table is gone");
    struct write_batch batch = {
        .db = db, .table = run->table, .arena = &arena, .stops = import_stops};
    if (!run->reader)
        open_object(run, &arena);
    else
        TRY(read_some(run, &batch));
    return is_worth_saving(db, run) ? save(db, run) : NULL;
}

bool db_import(struct db *db)
{
    error failure = NULL;
    bool is_over = false;
    if (import_stops(db) || !db_has_begun(db) || !store_is_writable(db->store))
        return false;
    if (!db->import_run && atomic_exchange(&db->imports_have_work, false))
        failure = run_new(db, &db->import_run);
    if (failure)
        import_wake(db);
    if (!db->import_run || failure)
        return false;
    failure = run_step(db, db->import_run, &is_over);
    if (failure && !import_stops(db))
        log_write(LOG_WARN, "import_waits", "table=%.*s reason=%s",
                  SLICE_ARGS(db->import_run->import.table_name), LOG_VALUE(failure->message));
    if (failure || is_over) {
        db_import_abandon(db);
        import_wake(db);
    }
    return !failure;
}

void db_import_abandon(struct db *db)
{
    if (db->import_run)
        run_free(db->import_run);
    db->import_run = NULL;
}
