#include "db/index/index_change.h"

#include "base/assert.h"
#include "base/limits.h"
#include "db/db_private.h"
#include "db/partition/partition.h"
#include "db/table/shown.h"
#include "db/table/table_private.h"
#include "db/table/throughput.h"
#include <inttypes.h>

#define INVALID "One or more parameter values were invalid: "
#define IN_USE "Attempt to change a resource which is still in use: "

/* ---- states ---- */

enum table_status index_status_at(const struct table *table, const struct index *index,
                                  int64_t now_ms)
{
    if (table->deleting_ms != 0 || index->deleting_ms != 0)
        return TABLE_DELETING;
    if (now_ms < table->active_ms || build_is_under_way(&index->build))
        return TABLE_CREATING;
    return now_ms < index->updated_ms ? TABLE_UPDATING : TABLE_ACTIVE;
}

bool index_is_backfilling_at(const struct index *index, int64_t now_ms)
{
    return build_is_under_way(&index->build) && now_ms >= index->allocated_ms;
}

bool index_is_leaving(const struct index *index)
{
    return index->deleting_ms != 0;
}

error index_check_built(struct arena *arena, const struct index *index)
{
    if (!build_is_under_way(&index->build))
        return NULL;
    return fail(arena, ERROR_VALIDATION,
                "Cannot read from backfilling global secondary index: %.*s",
                SLICE_ARGS(index->name));
}

const struct index *table_busy_index(const struct table *table, int64_t now_ms)
{
    for (uint32_t i = 0; i < table->index_count; i++) {
        if (index_status_at(table, &table->indexes[i], now_ms) != TABLE_ACTIVE)
            return &table->indexes[i];
    }
    return NULL;
}

const struct index *table_deleted_index(const struct table *table)
{
    for (uint32_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].deleting_ms != 0)
            return &table->indexes[i];
    }
    return NULL;
}

const struct index *table_allocated_index(const struct table *table, int64_t now_ms)
{
    for (uint32_t i = 0; i < table->index_count; i++) {
        const struct index *index = &table->indexes[i];
        if (build_is_under_way(&index->build) && !index_is_backfilling_at(index, now_ms))
            return index;
    }
    return table_deleted_index(table);
}

/* ---- a description's list of indexes, copied to be changed ---- */

static struct index *copy_indexes(struct arena *arena, struct table *table)
{
    struct index *indexes = arena_new_array(arena, struct index, table->index_count + 1);
    if (table->index_count > 0)
        memcpy(indexes, table->indexes, table->index_count * sizeof *indexes);
    table->indexes = indexes;
    return indexes;
}

void table_remove_index(struct arena *arena, struct table *table, slice name)
{
    const struct index *index = table_index(table, name);
    uint32_t position = (uint32_t)(index - table->indexes);
    struct index *indexes = copy_indexes(arena, table);
    table->index_count--;
    memmove(indexes + position, indexes + position + 1,
            (table->index_count - position) * sizeof *indexes);
}

/* ---- what must be so ---- */

static error check_alone(const struct table *table, const struct index_action *actions,
                         uint32_t count, int64_t now_ms)
{
    uint32_t moving = 0;
    for (uint32_t i = 0; i < count; i++)
        moving += actions[i].kind != INDEX_UPDATE;
    if (moving == 0)
        return NULL;
    for (uint32_t i = 0; i < table->index_count; i++) {
        enum table_status status = index_status_at(table, &table->indexes[i], now_ms);
        bool is_named = false; /* an index in the middle of something has words of its own */
        for (uint32_t j = 0; j < count; j++)
            is_named = is_named || slice_equal(actions[j].index.name, table->indexes[i].name);
        moving += !is_named && (status == TABLE_CREATING || status == TABLE_DELETING);
    }
    if (moving > 1)
        return FAILURE(ERROR_LIMIT_EXCEEDED,
                       "Subscriber limit exceeded: Only 1 online index can be created or deleted "
                       "simultaneously per table");
    return NULL;
}

static error check_global(struct arena *arena, const struct table *table,
                          const struct index_action *action, const struct index *index)
{
    slice name = action->index.name;
    if (!index)
        return fail(arena, ERROR_RESOURCE_NOT_FOUND,
                    "Requested resource not found: Index %.*s for table %.*s", SLICE_ARGS(name),
                    SLICE_ARGS(table->name));
    if (index->kind == INDEX_LOCAL)
        return fail(arena, ERROR_VALIDATION,
                    "Cannot %s an index that is not a GlobalSecondaryIndex: %.*s",
                    action->kind == INDEX_UPDATE ? "update" : "delete", SLICE_ARGS(name));
    return NULL;
}

static error is_in_use(struct arena *arena, const struct table *table, slice name,
                       const char *what)
{
    return fail(arena, ERROR_RESOURCE_IN_USE, IN_USE "%s Table: %.*s Index: %.*s", what,
                SLICE_ARGS(table->name), SLICE_ARGS(name));
}

/* Two blanks behind some of them: the service has them there. */
#define RETRY_DELETION                                                                             \
    "Index creation is in resource allocation phase. Retry deletion during backfilling phase or "  \
    "when the index is active."
static const char *const allocation_refusals[] = {
    [INDEX_CREATE] = "Index is being created. ",
    [INDEX_UPDATE] = "Index is being created but is not backfilling yet. ",
    [INDEX_DELETE] = RETRY_DELETION,
};

static error check_idle(struct arena *arena, const struct table *table, const struct index *index,
                        enum index_action_kind kind, int64_t now_ms)
{
    switch (index_status_at(table, index, now_ms)) {
    case TABLE_CREATING:
        if (!index_is_backfilling_at(index, now_ms))
            return is_in_use(arena, table, index->name, allocation_refusals[kind]);
        return kind == INDEX_DELETE
                   ? NULL
                   : is_in_use(arena, table, index->name, "Index is being created. ");
    case TABLE_DELETING:
        return is_in_use(arena, table, index->name, "Index is being deleted.");
    case TABLE_UPDATING:
        return is_in_use(arena, table, index->name, "Index is being updated.");
    case TABLE_ACTIVE:
        return NULL;
    }
    unreachable("every status is idle or not");
}

/* ---- creating ---- */

static uint32_t included_count(const struct table *table)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < table->index_count; i++)
        count += table->indexes[i].included_count;
    return count;
}

static error check_room(struct arena *arena, const struct table *table, const struct index *wanted)
{
    uint32_t global_count = 0;
    for (uint32_t i = 0; i < table->index_count; i++)
        global_count += table->indexes[i].kind == INDEX_GLOBAL;
    if (global_count >= GLOBAL_INDEXES_MAX)
        return fail(arena, ERROR_LIMIT_EXCEEDED,
                    "Subscriber limit exceeded: Number of global secondary indexes exceeds "
                    "per-table limit of %d",
                    GLOBAL_INDEXES_MAX);
    if (included_count(table) + wanted->included_count > INCLUDED_ATTRIBUTES_TABLE_MAX)
        return fail(arena, ERROR_VALIDATION,
                    INVALID "Number of NonKeyAttributes over all indexes exceeds the per-table "
                            "limit of %d",
                    INCLUDED_ATTRIBUTES_TABLE_MAX);
    return NULL;
}

static error create(struct db_session *session, struct table *table, const struct index *wanted,
                    uint32_t *next_space)
{
    struct db *db = session->db;
    int64_t now_ms = db_now_ms(db);
    const struct index *existing = table_index(table, wanted->name);
    if (existing) {
        TRY(check_idle(session->arena, table, existing, INDEX_CREATE, now_ms));
        return FAILURE(ERROR_VALIDATION, "Attempting to create an index which already exists");
    }
    TRY(check_room(session->arena, table, wanted));
    struct index *index = &copy_indexes(session->arena, table)[table->index_count++];
    *index = *wanted;
    index->kind = INDEX_GLOBAL;
    index->space = (*next_space)++;
    index->number = 0;
    index->allocated_ms = now_ms + db->transition_delay_ms;
    table->version_floor = catalogue_version_far(db->catalogue);
    index->build = (struct build){.number = index->space,
                                  .since = {db->incarnation, table->version_floor}};
    partition_indexes(session->arena, table, db->partition_count);
    return NULL;
}

/* ---- throughput ---- */

static error will_not_change(struct arena *arena, const struct index *index,
                             struct table_units wanted)
{
    return fail(arena, ERROR_VALIDATION,
                "The provisioned throughput for the index %.*s will not change. The requested "
                "value equals the current value. Current ReadCapacityUnits provisioned for index "
                "%.*s: %" PRId64 ". Requested ReadCapacityUnits: %" PRId64
                ". Current WriteCapacityUnits provisioned for index %.*s: %" PRId64
                ". Requested WriteCapacityUnits: %" PRId64
                ". Refer to the Amazon DynamoDB Developer Guide for current limits and how to "
                "request higher limits.",
                SLICE_ARGS(index->name), SLICE_ARGS(index->name), index->provisioned.read,
                wanted.read, SLICE_ARGS(index->name), index->provisioned.write, wanted.write);
}

static error set_provisioned(struct arena *arena, const struct table *table, struct index *index,
                             struct table_units wanted, bool switched, int64_t now_ms)
{
    if (wanted.read == 0)
        return NULL;
    if (table->settings.billing_mode == BILLING_PAY_PER_REQUEST)
        return fail(arena, ERROR_VALIDATION,
                    INVALID "The only Updates for index: %.*s when TableThroughputMode is "
                            "PAY_PER_REQUEST can be to OnDemandThroughput, WarmThroughput",
                    SLICE_ARGS(index->name));
    if (switched) {
        index->provisioned = wanted;
        return NULL;
    }
    bool changed;
    TRY(throughput_change(arena, &index->provisioned, &index->history, wanted, now_ms, &changed));
    return changed ? NULL : will_not_change(arena, index, wanted);
}

static error set_warm(struct arena *arena, const struct table *table, struct index *index,
                      struct table_units wanted, int64_t now_ms, int64_t ready_ms)
{
    struct table_units shown = shown_index_warm(index, now_ms);
    struct table_settings settings = {.billing_mode = table->settings.billing_mode,
                                      .provisioned = index->provisioned,
                                      .warm = index->warm};
    table_settings_warm_up(&settings);
    index->warm = settings.warm;
    slice subject = arena_format(arena, "index %.*s", SLICE_ARGS(index->name));
    TRY(warm_change(arena, subject, &index->warm, wanted, ready_ms, &index->warmed_ms));
    index->history.warm_before = shown;
    return NULL;
}

static error update(struct db_session *session, const struct table *table, struct index *index,
                    const struct index *wanted, bool switched)
{
    struct arena *arena = session->arena;
    int64_t now_ms = db_now_ms(session->db);
    int64_t ready_ms = now_ms + session->db->transition_delay_ms;
    uint32_t count_before = partition_count_of_index(table, index);
    const struct table_units provisioned_before = index->provisioned;
    TRY(set_provisioned(arena, table, index, wanted->provisioned, switched, now_ms));
    slice subject = arena_format(arena, "index : %.*s", SLICE_ARGS(index->name));
    TRY(ceilings_change(arena, subject, table->settings.billing_mode, &index->on_demand_max,
                        wanted->on_demand_max));
    TRY(set_warm(arena, table, index, wanted->warm, now_ms, ready_ms));
    index->history.provisioned_before = switched ? index->provisioned : provisioned_before;
    partition_want(&index->partitions_wanted, index->partitions, count_before,
                   partition_count_of_index(table, index));
    if (wanted->provisioned.read != 0 || wanted->on_demand_max.read != 0 ||
        wanted->on_demand_max.write != 0)
        index->updated_ms = ready_ms;
    return NULL;
}

/* ---- all of them ---- */

static error apply_one(struct db_session *session, struct table *table,
                       const struct index_action *action, bool switched, uint32_t *next_space)
{
    struct arena *arena = session->arena;
    int64_t now_ms = db_now_ms(session->db);
    if (action->kind == INDEX_CREATE)
        return create(session, table, &action->index, next_space);
    const struct index *found = table_index(table, action->index.name);
    TRY(check_global(arena, table, action, found));
    TRY(check_idle(arena, table, found, action->kind, now_ms));
    uint32_t position = (uint32_t)(found - table->indexes);
    struct index *index = &copy_indexes(arena, table)[position];
    if (action->kind == INDEX_UPDATE)
        return update(session, table, index, &action->index, switched);
    index->deleting_ms = now_ms;
    return NULL;
}

/* A switch takes the throughput of global indexes with it; provisioned ones need it anew. */
static void reset_throughput(struct arena *arena, struct table *table)
{
    struct index *indexes = copy_indexes(arena, table);
    for (uint32_t i = 0; i < table->index_count; i++) {
        indexes[i].provisioned = (struct table_units){0};
        indexes[i].on_demand_max = (struct table_units){0};
    }
}

static error check_provisioned(struct arena *arena, const struct table *table)
{
    for (uint32_t i = 0; i < table->index_count; i++) {
        const struct index *index = &table->indexes[i];
        if (index->kind == INDEX_GLOBAL && index->provisioned.read == 0)
            return fail(arena, ERROR_VALIDATION,
                        INVALID "ProvisionedThroughput must be specified for index: %.*s",
                        SLICE_ARGS(index->name));
    }
    return NULL;
}

error index_actions_apply(struct db_session *session, struct table *table,
                          const struct index_action *actions, uint32_t count, bool switched,
                          uint32_t *next_space)
{
    TRY(check_alone(table, actions, count, db_now_ms(session->db)));
    if (switched)
        reset_throughput(session->arena, table);
    for (uint32_t i = 0; i < count; i++)
        TRY(apply_one(session, table, &actions[i], switched, next_space));
    bool is_provisioned = table->settings.billing_mode == BILLING_PROVISIONED;
    return switched && is_provisioned ? check_provisioned(session->arena, table) : NULL;
}
