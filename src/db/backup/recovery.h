/*
 * Point-in-time recovery: a table as it was at any moment of the last days.
 *
 * While it is on, every change of the table is recorded (db/stream/log.h). Kept in the archive are bases,
 * which are backups that nobody asked for, and segments: the records of a span of commits, sealed
 * into a file before they are trimmed from the log. A base and the segments behind it make the
 * table of every moment from the base's cut on (db/backup/restore.h).
 */
#pragma once
#include "db/backup/backup.h"

enum {
    RECOVERY_DAYS_MAX = 35,
    RECOVERY_LAG_MS = 5 * 60 * 1000,   /* the latest moment lies so far back, as the service's does */
    RECOVERY_SEAL_MS = 15 * 60 * 1000, /* how often changes are put into segments */
};

struct recovery_state {
    bool is_on;
    int64_t days;
    int64_t earliest_ms;
    int64_t latest_ms;
    int64_t horizon_ms; /* what lies before may go at any time */
};

/*
 *   Errors: TABLE_NOT_FOUND.
 */
error recovery_describe(struct db_session *session, slice table_name,
                        struct recovery_state *state) MUST_CHECK;

/*
 * On, with so many days (0: as many as it has, or RECOVERY_DAYS_MAX), or off. Durable when it
 * returns; workers only.
 *   Errors: TABLE_NOT_FOUND, CONTINUOUS_BACKUPS_UNAVAILABLE, VALIDATION.
 */
error recovery_switch(struct db_session *session, slice table_name, bool on, int64_t days,
                      struct recovery_state *state) MUST_CHECK;

/* As errors name a moment: "2026-10-08T23:16:33Z". */
slice recovery_time_text(struct arena *arena, int64_t epoch_ms);

/* ---- for db/ ---- */

/*
 * The table of a request about backups; one that is being restored is not there yet.
 *   Errors: TABLE_NOT_FOUND "Table not found: NAME".
 */
error recovery_find_table(struct db_session *session, slice name,
                          const struct table **table) MUST_CHECK;
/* Errors: CONTINUOUS_BACKUPS_UNAVAILABLE while CREATING, TABLE_NOT_FOUND while DELETING. */
error recovery_check_state(struct db_session *session, const struct table *table) MUST_CHECK;

/* A new description that needs the change log, which it gets where it has none. control is held. */
error recovery_replace_locked(struct db *db, struct arena *arena, const struct table *table,
                              struct table *fields, const struct table **newer) MUST_CHECK;

/* The backup that a table with recovery leaves when it goes; false: none. control is held. */
bool recovery_last_backup(struct db *db, struct arena *arena, const struct table *table,
                          struct backup *backup);

/* Whether rows of a dead space are still to be read by a backup. */
bool recovery_holds_space(struct db *db, uint32_t space);

/* Records from here on must stay in the log: no archive has them yet. */
struct log_position recovery_log_floor(struct db *db, slice table_id);

/*
 * Put all changes committed until now into a segment. Any worker; waits for others that do.
 *   Errors: STORAGE.
 */
error recovery_seal(struct db *db, const struct table *table) MUST_CHECK;

/*
 * What is due for one table with recovery: its first or next base, segments.
 *   `tells`: of archives that are lost, in the log.
 */
void recovery_keep(struct db *db, const struct table *table, bool seals, bool tells);

/* Archives that nobody can need any more go. */
void recovery_prune(struct db *db);
