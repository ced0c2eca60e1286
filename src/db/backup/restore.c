#include "db/backup/restore.h"

#include "base/fault.h"
#include "base/limits.h"
#include "base/log.h"
#include "db/backup/backup_private.h"
#include "db/backup/chain.h"
#include "db/backup/recovery.h"
#include "db/write_batch.h"

enum { RESTORES_MAX = 50 }; /* at once. Source: the control plane measured on the service */

/* ---- writing images ---- */

struct restoring {
    const struct table *table;
    const struct archive_reader *reader;
    struct arena *arena; /* of a block */
    struct write_batch batch;
};

static bool stops(struct db *db)
{
    return archive_is_stopping(db->archive);
}

static error add_image(struct restoring *restoring, const struct archive_image *image)
{
    TRY(chain_check_image(restoring->reader, restoring->arena, &restoring->table->keys, image));
    struct write_plan plan = {.table = restoring->table,
                              .kind = image->is_gone ? WRITE_DELETE : WRITE_PUT};
    *(image->is_gone ? &plan.key : &plan.item) = image->item;
    return write_batch_add(&restoring->batch, &plan);
}

static error write_block(struct restoring *restoring, struct archive_reader *reader,
                         int64_t until_ms, bool *more)
{
    const struct archive_image *images;
    uint32_t count;
    TRY(archive_next(reader, restoring->arena, &images, &count));
    *more = count > 0;
    for (uint32_t i = 0; i < count; i++) {
        if (images[i].time_ms <= until_ms || fault_planted(FAULT_RESTORE_CUT))
            TRY(add_image(restoring, &images[i]));
    }
    return write_batch_flush(&restoring->batch);
}

error restore_archive(struct db *db, const struct table *table, slice directory, slice name,
                      int64_t until_ms, struct arena *arena)
{
    SCOPED_ARENA(of_reader);
    struct archive_reader *reader;
    slice head;
    error failure = archive_open(&of_reader, directory, name, &reader, &head);
    bool more = true;
    while (!failure && more) {
        SCOPED_ARENA(of_block);
        struct restoring restoring = {
            .table = table,
            .reader = reader,
            .arena = &of_block,
            .batch = {.db = db, .table = table, .arena = &of_block, .stops = stops}};
        failure = error_keep(arena, write_block(&restoring, reader, until_ms, &more));
    }
    return error_keep(arena, failure);
}

/* ---- a table that is being restored ---- */

static error restore_items(struct db *db, struct arena *arena, const struct table *table,
                           bool *is_done)
{
    struct chain chain;
    slice directory = archive_directory(db->archive);
    TRY(chain_find(db, arena, &table->restore, &chain));
    *is_done = !chain.is_waiting;
    for (uint32_t i = 0; *is_done && i < chain.count; i++) {
        const struct backup *backup = &chain.archives[i];
        error failure = restore_archive(db, table, directory, archive_file_name(arena, backup),
                                        table->restore.time_ms, arena);
        chain_pass_over_damaged(db, backup, failure);
        TRY(failure);
    }
    return NULL;
}

static error finish_locked(struct db *db, struct arena *arena, const struct table *table)
{
    struct table fields = *table;
    fields.active_ms = db_now_ms(db);
    TRY(table_replace_locked(db, arena, table, &fields, NULL, 0, NULL, &table));
    log_write(LOG_INFO, "table_restored", "table=%.*s", SLICE_ARGS(fields.name));
    return NULL;
}

/* It becomes ACTIVE, or, when its archives are damaged, goes. */
static error end_locked(struct db *db, struct arena *arena, const struct table *table, error failure)
{
    if (!failure)
        return finish_locked(db, arena, table);
    log_write(LOG_ERROR, "restore_failed", "table=%.*s reason=%s", SLICE_ARGS(table->name),
              LOG_VALUE(failure->message));
    return table_retire_locked(db, arena, table);
}

/* It is CREATING for as long as other tables are. */
static bool is_early(struct db *db, const struct table *table)
{
    int64_t due_ms = table->created_ms + db->transition_delay_ms;
    if (db_now_ms(db) >= due_ms)
        return false;
    if (due_ms < db->archive_due_ms)
        db->archive_due_ms = due_ms; /* of the turn that this is part of */
    return true;
}

void restore_run(struct db *db, const struct table *table)
{
    SCOPED_ARENA(arena);
    if (is_early(db, table))
        return;
    bool is_done = false;
    error failure = restore_items(db, &arena, table, &is_done);
    bool is_damaged = failure && (failure->kind == ERROR_CORRUPT || failure->kind == ERROR_STORAGE);
    if (is_done || is_damaged) {
        if (failure && !is_damaged)
            return; /* the next turn begins anew */
        pthread_mutex_lock(&db->control);
        failure = end_locked(db, &arena, table, failure);
        pthread_mutex_unlock(&db->control);
    }
    if (failure && !archive_is_stopping(db->archive))
        log_write(LOG_WARN, "restore_waits", "table=%.*s reason=%s", SLICE_ARGS(table->name),
                  LOG_VALUE(failure->message));
}

/* ---- who needs what ---- */

typedef bool restore_test(const struct db *db, const struct table_restore *restore,
                          const void *what);

static uint32_t count_restores(struct db *db, restore_test *test, const void *what)
{
    SCOPED_ARENA(arena);
    const struct table *table;
    slice after = SLICE_NONE;
    uint32_t count = 0;
    while (catalogue_list(db->catalogue, after, &table, 1) == 1) {
        after = arena_copy(&arena, table->name);
        count += table_is_being_restored(table) && test(db, &table->restore, what);
        table_release(table);
    }
    return count;
}

static bool is_any(const struct db *db, const struct table_restore *restore, const void *what)
{
    (void)db;
    (void)restore;
    (void)what;
    return true;
}

static bool is_from_backup(const struct db *db, const struct table_restore *restore,
                           const void *what)
{
    const struct backup *backup = what;
    return restore->backup_arn.size > 0 &&
           slice_equal(backup_id_of_arn(db, restore->backup_arn), backup->id);
}

static bool is_from_table(const struct db *db, const struct table_restore *restore,
                          const void *what)
{
    (void)db;
    return restore->backup_arn.size == 0 && slice_equal(restore->table_id, *(const slice *)what);
}

bool restore_needs_locked(struct db *db, const struct backup *backup)
{
    return count_restores(db, is_from_backup, backup) > 0;
}

bool restore_reads_table_locked(struct db *db, slice table_id)
{
    return count_restores(db, is_from_table, &table_id) > 0;
}

/* Of a table whose archives do not reach back to the moment. */
static error too_old(struct db *db, struct arena *arena, const struct table_restore *restore)
{
    struct table_restore any = *restore;
    struct backup base;
    any.time_ms = INT64_MAX;
    if (chain_find_base(db, arena, &any, &base))
        return FAILURE(ERROR_INVALID_RESTORE_TIME,
                       "The restore time lies before EarliestRestorableDateTime by now");
    return FAILURE(ERROR_POINT_IN_TIME_RECOVERY_UNAVAILABLE,
                   "Point in time recovery is not enabled for the source table");
}

error restore_check_locked(struct db *db, struct arena *arena, const struct table_restore *restore)
{
    struct backup backup;
    slice id = backup_id_of_arn(db, restore->backup_arn);
    if (restore->backup_arn.size > 0 && !archive_find(db->archive, arena, id, &backup))
        return fail(arena, ERROR_BACKUP_NOT_FOUND, "Backup not found: %.*s",
                    SLICE_ARGS(restore->backup_arn));
    if (restore->backup_arn.size > 0 && restore_needs_locked(db, &backup))
        return fail(arena, ERROR_BACKUP_IN_USE,
                    "Backup is being used to restore another table: %.*s",
                    SLICE_ARGS(restore->backup_arn));
    if (restore->backup_arn.size == 0 && !chain_find_base(db, arena, restore, &backup))
        return too_old(db, arena, restore);
    if (count_restores(db, is_any, NULL) >= RESTORES_MAX)
        return FAILURE(ERROR_LIMIT_EXCEEDED, "Subscriber limit exceeded: Only 50 restore "
                                             "operations can be done simultaneously");
    return NULL;
}

/* ---- what can be restored ---- */

error restore_from_backup(struct db_session *session, slice arn, struct restore_source *source)
{
    struct backup backup;
    if (session->tier == STORE_CACHED)
        return db_error_of(session, STORE_WOULD_BLOCK);
    TRY(backup_find(session, arn, &backup));
    if (!backup.is_available)
        return fail(session->arena, ERROR_BACKUP_IN_USE, "Backup is being created: %.*s",
                    SLICE_ARGS(arn));
    TRY(archive_prove(session->arena, archive_directory(session->db->archive),
                      archive_file_name(session->arena, &backup), ARCHIVE_AWAITED_BYTES_MAX));
    TRY(backup_table(session, &backup, &source->table));
    source->restore = (struct table_restore){.time_ms = backup.created_ms,
                                             .backup_arn = arn,
                                             .table_arn = source->table.arn,
                                             .table_id = backup.table_id};
    return NULL;
}

static error check_time(struct db_session *session, const struct recovery_state *state,
                        int64_t time_ms)
{
    if (time_ms >= state->earliest_ms && time_ms <= state->latest_ms)
        return NULL;
    return fail(session->arena, ERROR_INVALID_RESTORE_TIME,
                "RestoreDateTime '%.*s' must be within EarliestRestorableDateTime '%.*s' and "
                "LatestRestorableDateTime '%.*s'",
                SLICE_ARGS(recovery_time_text(session->arena, time_ms)),
                SLICE_ARGS(recovery_time_text(session->arena, state->earliest_ms)),
                SLICE_ARGS(recovery_time_text(session->arena, state->latest_ms)));
}

/* Errors: POINT_IN_TIME_RECOVERY_UNAVAILABLE when it is off. */
static error find_reach(struct db_session *session, slice table_name, struct recovery_state *state)
{
    TRY(recovery_describe(session, table_name, state));
    if (state->is_on)
        return NULL;
    return fail(session->arena, ERROR_POINT_IN_TIME_RECOVERY_UNAVAILABLE,
                "Point in time recovery is not enabled for table '%.*s'", SLICE_ARGS(table_name));
}

static error prove(struct db_session *session, const struct table_restore *restore)
{
    struct chain chain;
    TRY(chain_find(session->db, session->arena, restore, &chain));
    return chain_prove(session->db, session->arena, &chain);
}

error restore_to_time(struct db_session *session, slice table_name, bool latest, int64_t time_ms,
                      struct restore_source *source)
{
    struct recovery_state state;
    const struct table *table;
    if (session->tier == STORE_CACHED)
        return db_error_of(session, STORE_WOULD_BLOCK);
    TRY(recovery_find_table(session, table_name, &table));
    TRY(recovery_check_state(session, table));
    TRY(find_reach(session, table_name, &state));
    if (latest)
        time_ms = state.latest_ms;
    TRY(check_time(session, &state, time_ms));
    TRY(recovery_seal(session->db, table));
    source->table = *table;
    source->restore = (struct table_restore){
        .time_ms = time_ms, .table_arn = table->arn, .table_id = table->id};
    error failure = prove(session, &source->restore);
    if (!failure)
        return NULL;
    /* What has become too old meanwhile may have gone; what is lost otherwise is an error. */
    TRY(find_reach(session, table_name, &state));
    return time_ms < state.horizon_ms ? check_time(session, &state, time_ms) : failure;
}

struct table_settings restore_settings(const struct restore_source *source)
{
    const struct table_settings *settings = &source->table.settings;
    return (struct table_settings){.billing_mode = settings->billing_mode,
                                   .provisioned = settings->provisioned,
                                   .on_demand_max = settings->on_demand_max,
                                   .encryption_key_arn = settings->encryption_key_arn};
}

void restore_begun(struct db *db)
{
    archive_wake(db);
}
