/*
 * Imports: a new table with the items of files that lie in a bucket (exchange/objects.h).
 *
 * An import is a row in the catalogue, made in one change set with its table, which is CREATING
 * until all files are read. They are read in the background (db/import/import_run.c), one import at
 * a time, by ordinary writes, which keep the indexes. How far it is stands in the row, and is never
 * ahead of what is durable: a process that ends meanwhile leaves an import that the next one goes
 * on with, and items that are written twice end as the same items.
 *
 * What cannot form an item ends its file; an item that the table does not take is passed over; each
 * is counted, and makes the import FAILED in the end, with its table there and all other items in
 * it.
 *
 * Source: Developer Guide, import from Amazon S3; AWS API Reference; imports measured on the
 * service.
 */
#pragma once
#include "db/table/table.h"
#include "exchange/item_reader.h"

/* Stored: append only. */
enum import_status { IMPORT_IN_PROGRESS = 1, IMPORT_COMPLETED, IMPORT_FAILED };

enum { IMPORT_ID_BYTES = 23 };

/* How far it is: what was read of the files before `object`, and of that one. */
struct import_place {
    slice object;            /* key of the object; empty: of the first one */
    int64_t record_count;    /* items and errors of it */
    int64_t processed_bytes; /* plain bytes of the files before it */
    int64_t imported_count;  /* of all */
    int64_t error_count;
    slice first_error; /* empty: none yet */
};

struct import {
    slice id;  /* "01732271000123-1a2b3c4d": when, in epoch milliseconds, and 8 hex digits */
    slice arn; /* not stored */
    slice table_name;
    slice table_id;
    slice client_token;
    slice bucket;
    slice bucket_owner; /* empty: not said */
    slice prefix;       /* empty: all objects */
    bool has_prefix;
    enum exchange_format format;
    enum compression compression;
    slice delimiter;     /* CSV; empty: not said */
    const slice *header; /* CSV; NULL: the files say it */
    uint32_t header_count;
    slice parameters; /* TableCreationParameters as JSON */
    enum import_status status;
    int64_t started_ms;
    int64_t ended_ms; /* 0: not yet */
    struct import_place place;
    slice failure_code; /* FAILED */
    slice failure_message;
};

/* ---- what operations do; results live in the session's arena; workers only ---- */

/*
 * Begun when it returns. A client token that was used before gives the import that it began.
 *   `import`: what is asked for; out: all of it.
 *   Errors: those of table_create; IMPORT_CONFLICT; LIMIT_EXCEEDED; VALIDATION when the server has
 *   no directory of buckets.
 */
error import_begin(struct db_session *session, const struct table_definition *definition,
                   struct import *import) MUST_CHECK;

/* Errors: IMPORT_NOT_FOUND. */
error import_find(struct db_session *session, slice arn, struct import *import) MUST_CHECK;

/*
 * At most `limit` behind the id, the newest first. `table_arn` empty: of all tables. An end may be
 * told of a moment before the table is ACTIVE; import_find never does that.
 */
error import_list(struct db_session *session, slice table_arn, slice after_id, uint32_t limit,
                  const struct import **imports, uint32_t *count, bool *more) MUST_CHECK;

/* ---- background work ---- */

/*
 * One step of the import under way. Any thread but a loop, one at a time. Whether there is more to
 * do at once.
 */
bool db_import(struct db *db);
/* The step under way ends soon, and further ones do nothing. */
void db_import_stop(struct db *db);
