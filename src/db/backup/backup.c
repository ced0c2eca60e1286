#include "db/backup/backup.h"

#include "base/assert.h"
#include "base/bytes.h"
#include "base/log.h"
#include "db/backup/backup_private.h"
#include "db/backup/recovery.h"

struct db_session archive_session(struct db *db, struct arena *arena)
{
    struct db_session session;
    db_session_init(&session, db, arena, STORE_ANY, NULL, NULL);
    return session;
}

error archive_check_directory(const struct db *db)
{
    if (archive_directory(db->archive).size > 0)
        return NULL;
    return FAILURE(ERROR_VALIDATION, "This server keeps its data in memory and has no directory "
                                     "for backups. Start it with --backup-dir.");
}

void archive_wake(struct db *db)
{
    atomic_store(&db->archive_has_work, true);
}

/* ---- names ---- */

/* The service's ids begin with 14 digits of milliseconds: one more than the stored ones have. */
slice backup_arn_of(const struct db *db, struct arena *arena, const struct backup *backup)
{
    slice table_arn = db_table_arn(db, arena, backup->table_name);
    return arena_format(arena, "%.*s/backup/0%.*s", SLICE_ARGS(table_arn), SLICE_ARGS(backup->id));
}

static bool ends_with(slice text, slice end)
{
    return text.size > end.size && slice_equal(slice_from(text, text.size - end.size), end);
}

/* An earlier release left the first digit out. */
slice backup_id_of_arn(const struct db *db, slice arn)
{
    SCOPED_ARENA(arena);
    if (arn.size <= BACKUP_ID_BYTES)
        return SLICE_NONE;
    slice id = slice_from(arn, arn.size - BACKUP_ID_BYTES);
    slice before = slice_first(arn, arn.size - BACKUP_ID_BYTES);
    bool fits = slice_begins_with(arn, db_table_arn(db, &arena, SLICE(""))) &&
                (ends_with(before, SLICE("/backup/0")) || ends_with(before, SLICE("/backup/")));
    return fits ? id : SLICE_NONE;
}

/* The backup that a client can name; its ARN names its table too. */
static bool find_by_arn(struct db_session *session, slice arn, struct backup *backup)
{
    slice id = backup_id_of_arn(session->db, arn);
    if (id.size == 0 || !archive_find(session->db->archive, session->arena, id, backup) ||
        backup->type > BACKUP_SYSTEM)
        return false;
    slice begin = arena_format(session->arena, "%.*s/backup/",
                               SLICE_ARGS(db_table_arn(session->db, session->arena,
                                                       backup->table_name)));
    backup->arn = arn;
    return slice_begins_with(arn, begin);
}

error backup_find(struct db_session *session, slice arn, struct backup *backup)
{
    if (find_by_arn(session, arn, backup))
        return NULL;
    return fail(session->arena, ERROR_BACKUP_NOT_FOUND, "Backup not found: %.*s", SLICE_ARGS(arn));
}

error backup_table(struct db_session *session, const struct backup *backup, struct table *table)
{
    TRY(table_row_open(session->arena, backup->table_row, table));
    table->arn = db_table_arn(session->db, session->arena, table->name);
    return NULL;
}

/* ---- asking for one ---- */

struct backup backup_fields_locked(struct db *db, struct arena *arena, const struct table *table,
                                   enum backup_type type, int64_t now_ms)
{
    return (struct backup){
        .type = type,
        .id = arena_format(arena, "%013lld-%08x", (long long)now_ms,
                           (unsigned)random_below(&db->random, UINT64_C(1) << 32)),
        .table_name = table->name,
        .table_id = table->id,
    };
}

error backup_begin_locked(struct db *db, struct arena *arena, const struct table *table,
                          enum backup_type type, slice name, struct backup *backup)
{
    struct db_session session = archive_session(db, arena);
    struct backup fields = backup_fields_locked(db, arena, table, type, db_now_ms(db));
    fields.name = name;
    fields.table_row = table_row_make(arena, table);
    TRY(table_counts(&session, table, &fields.item_count, &fields.item_bytes));
    struct store_write write = backup_row_write(arena, &fields);
    TRY(db_commit_rows(db, arena, &write, 1));
    backup_row_committed(db, arena, &write);
    archive_wake(db);
    if (!archive_find(db->archive, arena, fields.id, backup))
        return FAILURE(ERROR_INTERNAL_SERVER_ERROR, "The backup is gone already.");
    backup->arn = backup_arn_of(db, arena, backup);
    return NULL;
}

/* Every write from now on is recorded, until no backup of the table is being made any more. */
static error record_changes_locked(struct db *db, struct arena *arena, const struct table *table,
                                   const struct table **newer)
{
    struct table fields = *table;
    fields.recovery.backs_up = true;
    *newer = table;
    return table->recovery.backs_up ? NULL
                                    : recovery_replace_locked(db, arena, table, &fields, newer);
}

slice recovery_time_text(struct arena *arena, int64_t epoch_ms)
{
    int64_t part_ms = (epoch_ms % 1000 + 1000) % 1000;
    slice label = stream_label(arena, epoch_ms - part_ms);
    return arena_format(arena, "%.*sZ", SLICE_ARGS(slice_first(label, label.size - 4))); /* .000 */
}

static error no_table(struct arena *arena, slice name)
{
    return fail(arena, ERROR_TABLE_NOT_FOUND, "Table not found: %.*s", SLICE_ARGS(name));
}

error recovery_find_table(struct db_session *session, slice name, const struct table **table)
{
    error failure = table_find_settled(session, name, table);
    return failure && failure->kind == ERROR_RESOURCE_NOT_FOUND ? no_table(session->arena, name)
                                                                : failure;
}

/* Who keeps backups forgets a table as soon as it goes: measured on the service. */
error recovery_check_state(struct db_session *session, const struct table *table)
{
    switch (table_status_at(table, db_now_ms(session->db))) {
    case TABLE_CREATING:
        return fail(session->arena, ERROR_CONTINUOUS_BACKUPS_UNAVAILABLE,
                    "Backups are being enabled for the table: %.*s. Please retry later",
                    SLICE_ARGS(table->name));
    case TABLE_DELETING:
        return no_table(session->arena, table->name);
    case TABLE_UPDATING:
    case TABLE_ACTIVE:
        return NULL;
    }
    unreachable("every status takes backups or not");
}

static error create_locked(struct db_session *session, slice table_name, slice name,
                           struct backup *backup)
{
    struct db *db = session->db;
    const struct table *table;
    TRY(recovery_find_table(session, table_name, &table));
    TRY(recovery_check_state(session, table));
    TRY(archive_check_directory(db));
    TRY(record_changes_locked(db, session->arena, table, &table));
    TRY(backup_begin_locked(db, session->arena, table, BACKUP_USER, name, backup));
    log_write(LOG_INFO, "backup_begun", "backup=%.*s", SLICE_ARGS(backup->arn));
    return NULL;
}

error backup_create(struct db_session *session, slice table_name, slice name, struct backup *backup)
{
    if (session->tier == STORE_CACHED)
        return db_error_of(session, STORE_WOULD_BLOCK);
    pthread_mutex_lock(&session->db->control);
    error failure = create_locked(session, table_name, name, backup);
    pthread_mutex_unlock(&session->db->control);
    return failure;
}

void backup_await(struct db *db, slice table_name)
{
    const struct table *table = catalogue_find(db->catalogue, table_name);
    if (!table)
        return;
    archive_await_backup(db->archive, table->id);
    table_release(table);
}

/* ---- the others ---- */

static error delete_locked(struct db_session *session, slice arn, struct backup *backup)
{
    struct db *db = session->db;
    struct arena *arena = session->arena;
    TRY(backup_find(session, arn, backup));
    if (backup->type == BACKUP_SYSTEM)
        return fail(arena, ERROR_VALIDATION,
                    "Invalid Request: User is not allowed to delete the system backup with arn "
                    "%.*s. It will automatically expire on %.*s",
                    SLICE_ARGS(arn), SLICE_ARGS(recovery_time_text(arena, backup->expires_ms)));
    if (!backup->is_available)
        return fail(arena, ERROR_BACKUP_IN_USE, "Backup is being created: %.*s", SLICE_ARGS(arn));
    if (restore_needs_locked(db, backup))
        return fail(arena, ERROR_BACKUP_IN_USE, "Backup is being used to restore table: %.*s",
                    SLICE_ARGS(arn));
    TRY(archive_remove(arena, archive_directory(db->archive), archive_file_name(arena, backup)));
    archive_forget(db->archive, backup->id);
    log_write(LOG_INFO, "backup_deleted", "backup=%.*s", SLICE_ARGS(arn));
    return NULL;
}

error backup_delete(struct db_session *session, slice arn, struct backup *backup)
{
    if (session->tier == STORE_CACHED)
        return db_error_of(session, STORE_WOULD_BLOCK);
    pthread_mutex_lock(&session->db->control);
    error failure = delete_locked(session, arn, backup);
    pthread_mutex_unlock(&session->db->control);
    return failure;
}

static bool passes(const struct backup_filter *filter, const struct backup *backup)
{
    bool of_type = (backup->type == BACKUP_USER && filter->with_user) ||
                   (backup->type == BACKUP_SYSTEM && filter->with_system);
    bool of_table = filter->table_name.size == 0 ||
                    slice_equal(filter->table_name, backup->table_name);
    return of_type && of_table && backup->created_ms >= filter->from_ms &&
           backup->created_ms < filter->to_ms;
}

void backup_list(struct db_session *session, const struct backup_filter *filter, uint32_t limit,
                 const struct backup **backups, uint32_t *count, bool *more)
{
    struct db *db = session->db;
    struct backup *listed = arena_new_array(session->arena, struct backup, limit);
    struct backup backup;
    slice after = filter->after_id;
    *count = 0;
    *more = false;
    while (!*more && archive_after(db->archive, session->arena, after, &backup)) {
        after = backup.id;
        if (!passes(filter, &backup))
            continue;
        backup.arn = backup_arn_of(db, session->arena, &backup);
        if (*count == limit)
            *more = true;
        else
            listed[(*count)++] = backup;
    }
    *backups = listed;
}
