#include "db/table/insights.h"

#include "db/db_private.h"
#include "db/index/index_change.h"
#include "db/table/table_private.h"

static bool is_known(int64_t mode)
{
    return mode >= INSIGHTS_OFF && mode <= INSIGHTS_OF_THROTTLED;
}

bool table_insights_settle(struct table_insights *insights)
{
    if (insights->mode != INSIGHTS_OFF && insights->since_ms == 0)
        insights->since_ms = insights->changed_ms;
    return is_known(insights->mode) && is_known(insights->mode_before);
}

/* Rules outlive a change of mode: their names stay. */
static struct table_insights switched(struct table_insights before, enum insights_mode mode,
                                      int64_t now_ms)
{
    if (mode == INSIGHTS_OFF)
        return (struct table_insights){.mode_before = before.mode, .changed_ms = now_ms};
    bool was_on = before.mode != INSIGHTS_OFF;
    int64_t since_ms = was_on ? before.since_ms : now_ms;
    return (struct table_insights){.mode = mode, .since_ms = since_ms, .changed_ms = now_ms};
}

struct insights_state insights_state_of(struct db *db, const struct table *table,
                                        const struct index *index)
{
    struct table_insights insights = index ? index->insights : table->insights;
    bool is_over = db_now_ms(db) >= insights.changed_ms + db->transition_delay_ms;
    enum insights_status on = is_over ? INSIGHTS_ENABLED : INSIGHTS_ENABLING;
    enum insights_status off = is_over ? INSIGHTS_DISABLED : INSIGHTS_DISABLING;
    return (struct insights_state){table, index, insights,
                                   insights.mode == INSIGHTS_OFF ? off : on};
}

/* One that is created is not there until it is backfilling. */
static bool is_there(const struct index *index, int64_t now_ms)
{
    return index && index->kind == INDEX_GLOBAL &&
           (!build_is_under_way(&index->build) || index_is_backfilling_at(index, now_ms));
}

error insights_describe(struct db_session *session, slice table_name, slice index_name,
                        struct insights_state *state)
{
    const struct table *table;
    const struct index *index = NULL;
    TRY(table_find_settled(session, table_name, &table));
    if (index_name.size > 0) {
        index = table_index(table, index_name);
        if (!is_there(index, db_now_ms(session->db)))
            return fail(session->arena, ERROR_RESOURCE_NOT_FOUND,
                        "Requested resource not found: Index: %.*s not found for table: %.*s",
                        SLICE_ARGS(index_name), SLICE_ARGS(table->name));
    }
    *state = insights_state_of(session->db, table, index);
    return NULL;
}

static const struct index *indexes_with(struct arena *arena, const struct table *table,
                                        const struct index *changed, struct table_insights insights)
{
    struct index *indexes = arena_new_array(arena, struct index, table->index_count);
    memcpy(indexes, table->indexes, table->index_count * sizeof *indexes);
    indexes[changed - table->indexes].insights = insights;
    return indexes;
}

static error switch_locked(struct db_session *session, slice table_name, slice index_name,
                           enum insights_mode mode, struct insights_state *state)
{
    struct db *db = session->db;
    TRY(insights_describe(session, table_name, index_name, state));
    const struct table *table = state->table;
    enum table_status status = table_status_at(table, db_now_ms(db));
    if (status == TABLE_CREATING || (status == TABLE_DELETING && mode != INSIGHTS_OFF))
        return FAILURE(ERROR_VALIDATION, "Table or Index is not in a valid state to update Key "
                                         "Access Insights: TableStatus must be ACTIVE to enable "
                                         "ContributorInsights.");
    if (state->index && index_is_backfilling_at(state->index, db_now_ms(db)))
        return FAILURE(ERROR_VALIDATION, "Table or Index is not in a valid state to update Key "
                                         "Access Insights: IndexStatus must be ACTIVE to enable "
                                         "ContributorInsights.");
    if ((int64_t)mode == state->insights.mode)
        return NULL;
    struct table_insights insights = switched(state->insights, mode, db_now_ms(db));
    struct table fields = *table;
    if (state->index)
        fields.indexes = indexes_with(session->arena, table, state->index, insights);
    else
        fields.insights = insights;
    const struct table *newer;
    TRY(table_replace_locked(db, session->arena, table, &fields, NULL, 0, NULL, &newer));
    state->insights = insights;
    state->status = mode == INSIGHTS_OFF ? INSIGHTS_DISABLING : INSIGHTS_ENABLING;
    return NULL;
}

error insights_switch(struct db_session *session, slice table_name, slice index_name,
                      enum insights_mode mode, struct insights_state *state)
{
    if (session->tier == STORE_CACHED)
        return db_error_of(session, STORE_WOULD_BLOCK);
    pthread_mutex_lock(&session->db->control);
    error failure = switch_locked(session, table_name, index_name, mode, state);
    pthread_mutex_unlock(&session->db->control);
    return failure;
}
