/*
 * Making exports: a walk over the archives of the table (db/backup/past.h) into the files of a bucket.
 */
#include "base/limits.h"
#include "base/log.h"
#include "db/backup/backup_private.h"
#include "db/backup/past.h"
#include "db/export/export_private.h"
#include "exchange/bucket.h"
#include <unistd.h>

static const int64_t KEPT_MS = INT64_C(90) * 24 * 60 * 60 * 1000;

/* ---- files ---- */

struct making {
    struct export_files *files;
    struct export_data *data; /* of the partition; NULL: none is begun */
};

static error end_data(struct making *making, struct arena *arena)
{
    struct export_data *data = making->data;
    making->data = NULL;
    return data ? export_data_end(data, arena) : NULL;
}

static error begin_partition(void *context, struct arena *arena)
{
    struct making *making = context;
    TRY(end_data(making, arena));
    return export_data_begin(making->files, arena, &making->data);
}

static error take_state(void *context, struct arena *arena, const struct past_state *state)
{
    struct making *making = context;
    struct export_record record = {.item = state->item,
                                   .old_item = state->old_item,
                                   .key = state->key,
                                   .time_ms = state->time_ms};
    return export_data_add(making->data, arena, &record);
}

static error walk_past(struct db *db, struct arena *arena, const struct chain *chain,
                       const struct export_labels *labels, struct making *making)
{
    struct past_walk walk = {
        .from_ms = labels->is_incremental ? labels->from_ms : 0,
        .until_ms = labels->is_incremental ? labels->to_ms - 1 : labels->time_ms,
        .with_old = labels->view == EXPORT_NEW_AND_OLD_IMAGES,
        .context = making,
        .begin_partition = begin_partition,
        .take = take_state,
    };
    TRY(past_walk(db, arena, chain, &walk));
    return end_data(making, arena);
}

static error write_files(struct db *db, struct arena *arena, int bucket, struct chain *chain,
                         struct export *export)
{
    struct making making = {.data = NULL};
    TRY(export_files_begin(arena, bucket, &export->labels, &making.files));
    error failure = walk_past(db, arena, chain, &export->labels, &making);
    if (failure) {
        if (making.data)
            export_data_abandon(making.data);
        export_files_abandon(making.files);
        return failure;
    }
    export->end_ms = db_now_ms(db);
    return export_files_finish(making.files, arena, export->end_ms, &export->counts);
}

struct table_restore export_moment(struct db *db, struct arena *arena,
                                   const struct export_labels *labels)
{
    struct table_restore moment = {
        .time_ms = labels->is_incremental ? labels->from_ms - 1 : labels->time_ms,
        .table_id = labels->table_id};
    struct backup base;
    if (labels->is_incremental && !chain_find_base(db, arena, &moment, &base))
        moment.time_ms = labels->from_ms;
    return moment;
}

static error make(struct db *db, struct arena *arena, struct export *export)
{
    const struct export_labels *labels = &export->labels;
    struct chain chain;
    int bucket = -1;
    TRY(bucket_open(arena, db->bucket_root, labels->bucket, &bucket));
    struct table_restore moment = export_moment(db, arena, labels);
    error failure = chain_find(db, arena, &moment, &chain);
    if (!failure && chain.is_waiting)
        failure = FAILURE(ERROR_BUSY, "the base is being made");
    if (!failure)
        failure = write_files(db, arena, bucket, &chain, export);
    close(bucket);
    return failure;
}

/* ---- the end ---- */

static slice failure_code(enum error_kind kind)
{
    switch (kind) {
    case ERROR_RESOURCE_NOT_FOUND:
        return SLICE("S3NoSuchBucket");
    case ERROR_ACCESS_DENIED:
        return SLICE("S3AccessDenied");
    default:
        return SLICE("InternalError");
    }
}

/* The row says how it ended; until it is written the export is in progress. */
static bool end_export(struct db *db, struct arena *arena, struct export *export, error failure)
{
    export->status = failure ? EXPORT_FAILED : EXPORT_COMPLETED;
    if (failure) {
        export->end_ms = db_now_ms(db);
        export->failure_code = failure_code(failure->kind);
        export->failure_message = failure->message;
        export->counts = (struct export_counts){0};
    }
    struct store_write write = export_row_write(arena, export);
    error unwritten = db_commit_rows(db, arena, &write, 1);
    if (unwritten) {
        log_write(LOG_WARN, "export_waits", "export=%.*s reason=%s", SLICE_ARGS(export->labels.arn),
                  LOG_VALUE(unwritten->message));
        return false;
    }
    exports_remove(db->exports, export->labels.id);
    if (failure)
        log_write(LOG_ERROR, "export_failed", "export=%.*s reason=%s",
                  SLICE_ARGS(export->labels.arn), LOG_VALUE(failure->message));
    else
        log_write(LOG_INFO, "export_made", "export=%.*s items=%lld", SLICE_ARGS(export->labels.arn),
                  (long long)export->counts.item_count);
    return true;
}

static error drop_old(struct export_walk *walk, struct arena *arena, slice key,
                      const struct export *export)
{
    struct db *db = walk->context;
    bool is_old = export->status != EXPORT_IN_PROGRESS &&
                  db_now_ms(db) - export->labels.start_ms > KEPT_MS;
    struct store_write write = db_delete(key);
    return is_old ? db_commit_rows(db, arena, &write, 1) : NULL;
}

/* As the service forgets them. */
static void forget_old(struct db *db)
{
    SCOPED_ARENA(arena);
    slice prefix = export_row_prefix(&arena, SLICE_NONE);
    struct export_walk walk = {.from = prefix,
                               .to = row_key_after_prefix(&arena, prefix),
                               .tier = STORE_ANY,
                               .page_rows = STORE_SCAN_ROWS_MAX,
                               .context = db,
                               .take = drop_old};
    error failure = export_walk_rows(db, &arena, &walk);
    if (failure)
        log_write(LOG_WARN, "exports_stay", "reason=%s", LOG_VALUE(failure->message));
}

/* ---- the turn ---- */

/* False: it stays in progress for now. */
static bool make_and_end(struct db *db, struct arena *arena, struct export *export)
{
    error failure = make(db, arena, export);
    bool waits = failure && (failure->kind == ERROR_BUSY || failure->kind == ERROR_CONFLICT);
    return !waits && end_export(db, arena, export, failure);
}

bool db_export(struct db *db)
{
    uint32_t ended = 0;
    if (!db_has_begun(db))
        return false;
    for (uint32_t waiting = 0; !archive_is_stopping(db->archive);) {
        SCOPED_ARENA(arena);
        struct export export;
        if (!exports_at(db->exports, &arena, waiting, &export))
            break;
        bool is_ended = make_and_end(db, &arena, &export);
        ended += is_ended;
        waiting += !is_ended;
    }
    if (ended > 0)
        forget_old(db);
    return false;
}
