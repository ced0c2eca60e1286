/*
 * Restoring: a new table with the items of a backup, or of another table at a moment.
 *
 * The table is created as CREATING, with what it comes from in its description, and gets its items
 * in the background by ordinary writes, which keep its indexes. A process that ends meanwhile leaves
 * a table that the next one begins anew: images that are written twice end as the same items. When
 * all are there the table becomes ACTIVE; when an archive is damaged it goes, with a line in the
 * log that names file and offset.
 */
#pragma once
#include "db/backup/backup.h"

/* What can be restored: how the table is to look, and where its items come from. */
struct restore_source {
    struct table table; /* text in the session's arena */
    struct table_restore restore;
};

/*
 * Workers only. A backup that is small enough is read through first.
 *   Errors: BACKUP_NOT_FOUND; BACKUP_IN_USE while it is being made; CORRUPT naming file and offset.
 */
error restore_from_backup(struct db_session *session, slice arn,
                          struct restore_source *source) MUST_CHECK;

/*
 * The table as it was at a moment, or at the latest one there is. Workers only.
 *   Errors: TABLE_NOT_FOUND; TABLE_IN_USE; POINT_IN_TIME_RECOVERY_UNAVAILABLE when it is off;
 *   INVALID_RESTORE_TIME; CORRUPT naming file and offset, or what is missing; STORAGE.
 */
error restore_to_time(struct db_session *session, slice table_name, bool latest, int64_t time_ms,
                      struct restore_source *source) MUST_CHECK;

/* The settings that a restored table keeps. */
struct table_settings restore_settings(const struct restore_source *source);

/* table_create has made the table: its items are to come. */
void restore_begun(struct db *db);

/* ---- for db/ ---- */

/*
 * Before a table is created. A backup feeds one restore at a time. db->control is held.
 *   Errors: BACKUP_NOT_FOUND; BACKUP_IN_USE; LIMIT_EXCEEDED.
 */
error restore_check_locked(struct db *db, struct arena *arena,
                           const struct table_restore *restore) MUST_CHECK;

/* Go on with a table that is being restored. */
void restore_run(struct db *db, const struct table *table);

/*
 * Write the images of an archive up to a time into a table, which is not used otherwise.
 *   Errors: CORRUPT naming file and offset; STORAGE; BUSY when the server stops.
 */
error restore_archive(struct db *db, const struct table *table, slice directory, slice name,
                      int64_t until_ms, struct arena *arena) MUST_CHECK;
