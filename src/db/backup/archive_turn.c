/*
 * The turns of the archive: what was asked for is made, tables are restored, segments sealed, and
 * what nobody needs any more goes. What fails is tried again when the next turn is due.
 */
#include "base/log.h"
#include "db/backup/backup_private.h"
#include "db/backup/recovery.h"
#include "db/backup/restore.h"

enum { PASS_MS = 60 * 1000 };

void db_archive_stop(struct db *db)
{
    archive_stop(db->archive);
}

/* ---- archives that have a row in the catalogue ---- */

static void drop_row(struct db *db, const struct backup *backup)
{
    SCOPED_ARENA(arena);
    struct backup without = *backup;
    without.has_row = false;
    error failure = backup_drop_row(db, &arena, backup->id);
    if (failure)
        log_write(LOG_WARN, "backup_row_stays", "reason=%s", LOG_VALUE(failure->message));
    else
        (void)backup_put_if_known(db, &arena, &without);
}

static void make_all(struct db *db)
{
    struct backup backup;
    SCOPED_ARENA(cursor);
    slice after = SLICE_NONE;
    while (!archive_is_stopping(db->archive) &&
           archive_after(db->archive, &cursor, after, &backup)) {
        after = backup.id;
        if (!backup.is_available)
            backup_make(db, &backup);
        if (backup.has_row && archive_find(db->archive, &cursor, backup.id, &backup) &&
            backup.is_available)
            drop_row(db, &backup);
    }
}

/* ---- tables ---- */

/* No backup of it is being made any more: its changes need not be recorded for one. */
static void end_recording(struct db *db, const struct table *table)
{
    SCOPED_ARENA(arena);
    pthread_mutex_lock(&db->control);
    const struct table *current = catalogue_find(db->catalogue, table->name);
    error failure = NULL;
    if (current == table && !archive_makes_backup(db->archive, table->id)) {
        struct table fields = *table;
        fields.recovery.backs_up = false;
        failure = table_replace_locked(db, &arena, table, &fields, NULL, 0, NULL, &table);
    }
    pthread_mutex_unlock(&db->control);
    if (current)
        table_release(current);
    if (failure)
        log_write(LOG_WARN, "recording_stays", "reason=%s", LOG_VALUE(failure->message));
}

static void look_after(struct db *db, const struct table *table, bool seals, bool tells)
{
    if (table_is_being_restored(table))
        restore_run(db, table);
    if (table->deleting_ms != 0)
        return;
    if (table->recovery.backs_up)
        end_recording(db, table);
    else if (table->recovery.since_ms != 0)
        recovery_keep(db, table, seals, tells);
}

static void look_after_tables(struct db *db, bool seals, bool tells)
{
    SCOPED_ARENA(arena);
    const struct table *table;
    slice after = SLICE_NONE;
    while (!archive_is_stopping(db->archive) &&
           catalogue_list(db->catalogue, after, &table, 1) == 1) {
        after = arena_copy(&arena, table->name);
        look_after(db, table, seals, tells);
        table_release(table);
    }
}

/* ---- the turn ---- */

/* What nobody needs goes. Whether something has gone that should not have. */
static bool prune(struct db *db, bool looks)
{
    pthread_mutex_lock(&db->control);
    uint32_t missing = looks ? archive_forget_missing(db->archive) : 0;
    recovery_prune(db);
    pthread_mutex_unlock(&db->control);
    return missing > 0;
}

bool db_archive(struct db *db)
{
    if (!db_has_begun(db) || !store_is_writable(db->store) || archive_is_stopping(db->archive))
        return false;
    int64_t now_ms = db_now_ms(db);
    bool is_due = now_ms >= db->archive_due_ms || now_ms < db->archive_due_ms - PASS_MS;
    if (!atomic_exchange(&db->archive_has_work, false) && !is_due)
        return false;
    bool seals = now_ms - db->sealed_ms >= RECOVERY_SEAL_MS || now_ms < db->sealed_ms;
    bool is_first = db->archive_due_ms == 0;
    bool tells = prune(db, is_due) || is_first;
    make_all(db);
    db->archive_due_ms = now_ms + PASS_MS;
    look_after_tables(db, seals, tells);
    if (seals)
        db->sealed_ms = now_ms;
    return atomic_load(&db->archive_has_work);
}
