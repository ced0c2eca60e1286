/* What the files of db/ that make, keep and read archives share. */
#pragma once
#include "db/backup/archive_file.h"
#include "db/backup/backup_row.h"
#include "db/table/table_private.h"
#include "db/table/table_row.h"

/* A session for work that waits and submits nothing. */
struct db_session archive_session(struct db *db, struct arena *arena);

/* VALIDATION when the server has no directory for backups. */
error archive_check_directory(const struct db *db) MUST_CHECK;

slice backup_arn_of(const struct db *db, struct arena *arena, const struct backup *backup);

/* A new id of now, and what else is the same for every archive of a table. db->control is held. */
struct backup backup_fields_locked(struct db *db, struct arena *arena, const struct table *table,
                                   enum backup_type type, int64_t now_ms);

/*
 * Ask for a backup or base of a table that records its changes. db->control is held.
 *   `name`: empty for a base.
 */
error backup_begin_locked(struct db *db, struct arena *arena, const struct table *table,
                          enum backup_type type, slice name, struct backup *backup) MUST_CHECK;

/* Make the file, and the backup available; or tell why not and forget it. */
void backup_make(struct db *db, const struct backup *backup);

/* As it is now; false: nobody wants it any more, because recovery was switched off meanwhile. */
bool backup_put_if_known(struct db *db, struct arena *arena, const struct backup *backup);

/* The row in the catalogue goes, and what the archive knows. */
error backup_drop_row(struct db *db, struct arena *arena, slice id) MUST_CHECK;

/* There is work for the next turn. */
void archive_wake(struct db *db);

/* ---- restore.c ---- */

/* Whether a table that is being restored needs this archive. db->control is held. */
bool restore_needs_locked(struct db *db, const struct backup *backup);
/* Whether the table of this id is being read by one. db->control is held. */
bool restore_reads_table_locked(struct db *db, slice table_id);
