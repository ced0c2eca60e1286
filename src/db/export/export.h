/*
 * Exports: a table as it was at a moment, or what changed in it between two, as files in a bucket
 * that other tools read (exchange/export_files.h).
 *
 * What has changed is sealed into archives when an export is asked for (db/backup/recovery.h), and
 * they stay until it has ended. It is made in the background from them (db/backup/past.h), so no
 * read of the table takes part. A row in the catalogue describes it; a process that ends meanwhile
 * leaves it in progress, and the next one makes it anew, file by file under the same names.
 */
#pragma once
#include "db/db.h"
#include "exchange/export_files.h"

/* Stored: append only. */
enum export_status { EXPORT_IN_PROGRESS = 1, EXPORT_COMPLETED, EXPORT_FAILED };
enum export_type { EXPORT_TYPE_UNSAID, EXPORT_TYPE_FULL, EXPORT_TYPE_INCREMENTAL };

enum {
    EXPORT_ID_BYTES = 14 + 1 + 8,
    EXPORT_LIST_LIMIT = 10, /* where none is asked for. Source: measured on the service */
    EXPORT_LIST_LIMIT_MAX = 25,
};

struct export {
    struct export_labels labels; /* the ARNs are not stored */
    slice table_name;
    slice token;
    slice bucket_owner; /* empty: not given */
    slice request;      /* digest of what was asked for, but for the token */
    enum export_type type;
    enum export_status status;
    int64_t end_ms; /* 0: not yet */
    slice failure_code;
    slice failure_message;
    struct export_counts counts; /* when completed */
};

/* What a client asks for; text that is not given has no data. */
struct export_request {
    slice table_name;
    slice token;
    slice bucket;
    slice bucket_owner;
    slice prefix;
    slice sse_algorithm;
    slice kms_key_id;
    enum export_format format; /* 0: not given */
    enum export_type type;
    enum export_view view; /* 0: not given */
    int64_t time_ms;       /* 0: not given, here and below */
    int64_t from_ms;
    int64_t to_ms;
};

/* ---- what operations do; results live in the session's arena ---- */

/*
 * Asked for when it returns, made soon afterwards; the one that was asked for with this token in the
 * same words in the last hours, if there is one. Workers only.
 *   Errors: EXPORT_CONFLICT, TABLE_NOT_FOUND, TABLE_IN_USE, CONTINUOUS_BACKUPS_UNAVAILABLE,
 *   POINT_IN_TIME_RECOVERY_UNAVAILABLE, INVALID_EXPORT_TIME, LIMIT_EXCEEDED; VALIDATION when the
 *   server has no directory of buckets, and when a prefix cannot be a path in one.
 */
error export_begin(struct db_session *session, const struct export_request *request,
                   struct export *export) MUST_CHECK;

/* Errors: EXPORT_NOT_FOUND. */
error export_find(struct db_session *session, slice arn, struct export *export) MUST_CHECK;

/*
 * At most `limit`, in the reverse order of their ARNs.
 *   `table_name`: empty: of all tables, also of those that are gone. `before_arn`: empty: from the start.
 *   Errors: VALIDATION when that is no ARN of an export.
 */
error export_list(struct db_session *session, slice table_name, slice before_arn, uint32_t limit,
                  const struct export **exports, uint32_t *count, bool *more) MUST_CHECK;

/* ---- background work ---- */

/* One turn: makes what was asked for. Any thread but a loop, one at a time. Never more to do. */
bool db_export(struct db *db);

/* ---- for db/ ---- */

/* Those in progress. Any thread. */
struct exports;
struct exports *exports_new(void);
void exports_free(struct exports *exports);
void exports_add(struct exports *exports, const struct export *export);
/* Whether archives of the table of this id are to stay for one. */
bool exports_read_table(struct exports *exports, slice table_id);
