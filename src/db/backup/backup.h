/*
 * Backups: a table's items as they were at one moment, in a file of their own (db/backup/archive_file.h).
 *
 * A backup is asked for in a commit, and that commit is its cut: what was committed before is in,
 * what came after is not. The file is made in the background (db/backup/backup_make.c), by a scan that
 * reads the items as they are and then takes back what the change log says has changed since the
 * cut; so no snapshot is held and no write waits. Until the file is whole, a row in the catalogue
 * stands for it and a new process begins anew; from then on the file is the backup.
 *
 * Point-in-time recovery (db/backup/recovery.h) keeps bases, which are made in the same way, and segments
 * of the change log in the same directory.
 */
#pragma once
#include "db/stream/log.h"

/* Stored: append only. */
enum backup_type { BACKUP_USER = 1, BACKUP_SYSTEM, BACKUP_BASE, BACKUP_SEGMENT };

struct backup {
    enum backup_type type;
    slice id;   /* "1732271000123-1a2b3c4d": when, in epoch milliseconds, and 8 hex digits */
    slice arn;  /* not stored */
    slice name; /* as the client calls it; of bases and segments empty */
    slice table_name;
    slice table_id;
    slice table_row;     /* its stored description at the cut; of a segment empty */
    int64_t created_ms;  /* time of the cut */
    int64_t expires_ms;  /* 0: never */
    int64_t item_count;  /* as counted when it was asked for */
    int64_t item_bytes;
    struct log_position at; /* changes before are in; of a segment: its first possible record */
    struct log_position to; /* of a segment: behind its last possible one */
    int64_t to_ms;          /* and its records are all those of commits before this time */
    bool is_available;      /* not stored: the file is there */
    bool has_row;           /* not stored: so is, still, the row in the catalogue */
};

enum { BACKUP_NAME_BYTES_MIN = 3, BACKUP_NAME_BYTES_MAX = 255, BACKUP_ID_BYTES = 22 };

/* ---- what operations do; results live in the session's arena; workers only ---- */

/*
 * Asked for when it returns, made soon afterwards.
 *   Errors: TABLE_NOT_FOUND, TABLE_IN_USE, CONTINUOUS_BACKUPS_UNAVAILABLE; VALIDATION when the
 *   server has no directory for backups.
 */
error backup_create(struct db_session *session, slice table_name, slice name,
                    struct backup *backup) MUST_CHECK;

/* Its ARN is as given. Errors: BACKUP_NOT_FOUND "Backup not found: ARN". */
error backup_find(struct db_session *session, slice arn, struct backup *backup) MUST_CHECK;

/* Errors: BACKUP_NOT_FOUND, BACKUP_IN_USE, VALIDATION for a system backup. */
error backup_delete(struct db_session *session, slice arn, struct backup *backup) MUST_CHECK;

struct backup_filter {
    slice table_name;  /* empty: all */
    int64_t from_ms;
    int64_t to_ms; /* not included */
    bool with_user;
    bool with_system;
    slice after_id; /* empty: from the start */
};
/* At most `limit`, oldest first. */
void backup_list(struct db_session *session, const struct backup_filter *filter, uint32_t limit,
                 const struct backup **backups, uint32_t *count, bool *more);

/* The table as it was; text is borrowed from the backup. Errors: CORRUPT. */
error backup_table(struct db_session *session, const struct backup *backup,
                   struct table *table) MUST_CHECK;

/* The id in the ARN of a backup of this server; empty: it is none. */
slice backup_id_of_arn(const struct db *db, slice arn);

/* Give the backups of a table that are being made a moment to be there: small ones take no longer. */
void backup_await(struct db *db, slice table_name);

/* ---- background work ---- */

/*
 * One turn of all that has to do with archives: backups, bases, segments, restores. Any thread but
 * a loop, one at a time. Whether there is more to do at once.
 */
bool db_archive(struct db *db);
/* The turn under way ends soon, and further ones do nothing. */
void db_archive_stop(struct db *db);
