/*
 * Background work of the database: retire tables whose time has come, seal closed streams, trim the
 * change log, keep what tables have grown to, drop dead spaces.
 */
#include "base/limits.h"
#include "base/log.h"
#include "db/backup/recovery.h"
#include "db/db_private.h"
#include "db/expiry/expiry.h"
#include "db/partition/growth.h"
#include "db/request_token.h"
#include "db/stream/log_trim.h"
#include "db/stream/stream_change.h"
#include "db/table/table_private.h"

/* The rows, then what names them: a crash in between only drops them again. */
static error drop_space(struct db *db, struct arena *arena, uint32_t space, bool *done)
{
    slice from = row_key_begin_space(arena, space);
    struct drop_range ranges[1 + LOG_RANGES] = {
        {STORE_ROWS, from, row_key_after_prefix(arena, from)}};
    log_ranges(arena, space, &ranges[1]); /* of nothing, unless it is a log */
    TRY(drops_go_on(db, ranges, 1 + LOG_RANGES, done));
    if (!*done)
        return NULL;
    struct store_write writes[2 + 2 * (1 + LOCAL_INDEXES_MAX)];
    uint32_t count = 0;
    writes[count++] = db_delete(row_key_of_tombstone(arena, space));
    writes[count++] = db_delete(row_key_of_build(arena, space));
    for (uint8_t number = 0; number <= LOCAL_INDEXES_MAX; number++) {
        struct row_place place = {space, number};
        writes[count++] = db_delete(row_key_of_counter(arena, place, COUNTER_ITEMS));
        writes[count++] = db_delete(row_key_of_counter(arena, place, COUNTER_BYTES));
    }
    TRY(db_commit_rows(db, arena, writes, count));
    catalogue_remove_dead_space(db->catalogue, space);
    return NULL;
}

/* The start found no room to write, and now there is: from here on writes are taken. */
static void begin_late(struct db *db)
{
    SCOPED_ARENA(arena);
    error failure = db_begin(db, &arena);
    if (failure)
        log_write(LOG_WARN, "begin_failed", "reason=%s", LOG_VALUE(failure->message));
}

/* What a process that ended in between has left open. */
static unsigned seal_streams(struct db *db)
{
    SCOPED_ARENA(arena);
    pthread_mutex_lock(&db->control);
    unsigned sealed = 0;
    error failure = stream_seal_closed(db, &arena, &sealed);
    pthread_mutex_unlock(&db->control);
    if (failure)
        log_write(LOG_WARN, "seal_failed", "reason=%s", LOG_VALUE(failure->message));
    return sealed;
}

/* As many as the turn can; the next one goes on where it stopped. */
static unsigned drop_dead_spaces(struct db *db)
{
    unsigned dropped = 0;
    uint32_t space;
    uint32_t position = 0;
    while (store_is_writable(db->store) && catalogue_dead_space(db->catalogue, position, &space)) {
        SCOPED_ARENA(arena);
        if (recovery_holds_space(db, space)) {
            position++;
            continue;
        }
        bool done;
        error failure = drop_space(db, &arena, space, &done);
        if (failure)
            log_write(LOG_WARN, "drop_failed", "space=%u reason=%s", space,
                      LOG_VALUE(failure->message));
        if (failure || !done)
            break;
        log_write(LOG_INFO, "space_dropped", "space=%u", space);
        dropped++;
    }
    return dropped;
}

unsigned db_housekeep(struct db *db)
{
    drops_begin_turn(db->drops);
    if (db->views)
        views_prune(db->views);
    if (!db_has_begun(db) && store_is_writable(db->store))
        begin_late(db);
    if (!db_has_begun(db))
        return 0;
    unsigned steps = table_retire_due(db) + request_token_trim(db);
    expiry_retire_due(db);
    if (store_is_writable(db->store))
        steps += seal_streams(db) + log_trim_due(db) + growth_keep_due(db);
    steps += drop_dead_spaces(db);
    return db_has_rows_to_drop(db) ? steps + 1 : steps;
}

bool db_has_rows_to_drop(const struct db *db)
{
    return drops_are_left(db->drops);
}
