/* Switching time to live on and off. */
#include "base/assert.h"
#include "base/log.h"
#include "db/expiry/expiry.h"
#include "db/table/table_private.h"

enum { SWITCH_PAUSE_MS = 31 * 60 * 1000 }; /* as measured; documented is up to an hour */

static error check_state(struct arena *arena, const struct table *table, int64_t now_ms)
{
    switch (table_status_at(table, now_ms)) {
    case TABLE_CREATING:
        return fail(arena, ERROR_RESOURCE_IN_USE,
                    "Attempt to change a resource which is still in use: Table %.*s is being "
                    "created",
                    SLICE_ARGS(table->name));
    case TABLE_DELETING:
        return table_check_there(arena, table, now_ms);
    case TABLE_UPDATING:
    case TABLE_ACTIVE:
        return NULL;
    }
    unreachable("every status lets it be switched or not");
}

/* What is wrong with the wish comes before how soon it comes. */
static error check_switch(struct arena *arena, const struct table *table, bool enable,
                          slice attribute, int64_t now_ms)
{
    const struct table_expiry *expiry = &table->expiry;
    bool is_on = expiry_is_kept(table);
    if (is_on && !slice_equal(expiry->attribute, attribute))
        return fail(arena, ERROR_VALIDATION,
                    "TimeToLive is active on a different AttributeName: current AttributeName is "
                    "%.*s",
                    SLICE_ARGS(expiry->attribute));
    if (is_on && enable)
        return FAILURE(ERROR_VALIDATION, "TimeToLive is already enabled");
    if (!is_on && !enable)
        return FAILURE(ERROR_VALIDATION, "TimeToLive is already disabled");
    if ((expiry->changed_ms != 0 && now_ms < expiry->changed_ms + SWITCH_PAUSE_MS) ||
        expiry->is_leaving)
        return FAILURE(ERROR_VALIDATION,
                       "Time to live has been modified multiple times within a fixed interval");
    return NULL;
}

static error switch_locked(struct db_session *session, slice name, bool enable, slice attribute)
{
    struct db *db = session->db;
    struct arena *arena = session->arena;
    const struct table *table;
    TRY(table_find_settled(session, name, &table));
    int64_t now_ms = db_now_ms(db);
    TRY(check_state(arena, table, now_ms));
    TRY(check_switch(arena, table, enable, attribute, now_ms));
    struct table fields = *table;
    fields.expiry.changed_ms = now_ms;
    struct store_write no_cursor = db_delete(row_key_of_build(arena, table->space));
    if (enable) {
        fields.expiry.attribute = attribute;
        fields.version_floor = catalogue_version_far(db->catalogue);
        fields.expiry.build = (struct build){.number = table->space,
                                             .since = {db->incarnation, fields.version_floor}};
        atomic_store(&table_gate(table)->expiry_mark, 0);
    } else {
        fields.expiry.is_leaving = true;
        fields.expiry.build = (struct build){0};
    }
    TRY(table_replace_locked(db, arena, table, &fields, &no_cursor, 1, NULL, &table));
    if (!enable)
        atomic_store(&db->expiry_leaves, true);
    if (enable)
        log_write(LOG_INFO, "expiry_enabled", "table=%.*s attribute=%s", SLICE_ARGS(name),
                  LOG_VALUE(attribute));
    else
        log_write(LOG_INFO, "expiry_disabled", "table=%.*s attribute=%s", SLICE_ARGS(name),
                  LOG_VALUE(attribute));
    return NULL;
}

error table_switch_expiry(struct db_session *session, slice name, bool enable, slice attribute)
{
    if (session->tier == STORE_CACHED)
        return db_error_of(session, STORE_WOULD_BLOCK);
    pthread_mutex_lock(&session->db->control);
    error failure = switch_locked(session, name, enable, attribute);
    pthread_mutex_unlock(&session->db->control);
    return failure;
}

/* ---- the end of the rows ---- */

/*
 * What was submitted under the description before, which kept rows, is durable after the empty
 * change set; and it cannot be switched on again before what says that they are going is gone.
 */
static error drop_rows(struct db *db, struct arena *arena, const struct table *table, bool *done)
{
    TRY(db_commit_rows(db, arena, NULL, 0));
    slice from = row_key_begin_expiry(arena, table->space, 0);
    slice to = row_key_after_prefix(arena, slice_first(from, from.size - sizeof(uint64_t)));
    return drops_go_on(db, &(struct drop_range){STORE_ROWS, from, to}, 1, done);
}

static error finish_locked(struct db *db, struct arena *arena, const struct table *dropped)
{
    const struct table *table = catalogue_find(db->catalogue, dropped->name);
    if (!table)
        return NULL;
    error failure = NULL;
    if (table->space == dropped->space) {
        struct table fields = *table;
        const struct table *newer;
        fields.expiry = (struct table_expiry){.changed_ms = table->expiry.changed_ms};
        failure = table_replace_locked(db, arena, table, &fields, NULL, 0, NULL, &newer);
    }
    table_release(table);
    return failure;
}

static error retire(struct db *db, struct arena *arena, const struct table *table, bool *done)
{
    TRY(drop_rows(db, arena, table, done));
    if (!*done)
        return NULL;
    pthread_mutex_lock(&db->control);
    error failure = finish_locked(db, arena, table);
    pthread_mutex_unlock(&db->control);
    return failure;
}

/* The first table after `after` whose rows are to go, with a reference; NULL: none. */
static const struct table *find_leaving(struct db *db, struct arena *arena, slice *after)
{
    const struct table *table;
    while (catalogue_list(db->catalogue, *after, &table, 1) == 1) {
        *after = arena_copy(arena, table->name);
        if (table->expiry.is_leaving && table->deleting_ms == 0)
            return table;
        table_release(table);
    }
    return NULL;
}

void expiry_retire_due(struct db *db)
{
    if (!atomic_exchange(&db->expiry_leaves, false))
        return;
    SCOPED_ARENA(arena);
    slice after = SLICE_NONE;
    const struct table *table;
    while ((table = find_leaving(db, &arena, &after))) {
        bool is_due = db_now_ms(db) >= table->expiry.changed_ms + db->transition_delay_ms;
        bool done = false;
        error failure = is_due ? retire(db, &arena, table, &done) : NULL;
        table_release(table);
        if (!done || failure)
            atomic_store(&db->expiry_leaves, true); /* the next time */
        if (failure)
            log_write(LOG_WARN, "expiry_not_dropped", "table=%.*s reason=%s", SLICE_ARGS(after),
                      LOG_VALUE(failure->message));
    }
}
