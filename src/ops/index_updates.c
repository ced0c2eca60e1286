#include "ops/index_updates.h"

#define INVALID "One or more parameter values were invalid: "

static const struct field fields[] = {
    FIELD(struct index_update_input, update, "Update", FIELD_STRUCTURE, OPTIONAL,
          .structure = &update_index_structure),
    FIELD(struct index_update_input, create, "Create", FIELD_STRUCTURE, OPTIONAL,
          .structure = &create_index_structure),
    FIELD(struct index_update_input, remove, "Delete", FIELD_STRUCTURE, OPTIONAL,
          .structure = &delete_index_structure),
};
const struct structure index_update_structure =
    STRUCTURE(struct index_update_input, fields, .shape = SLICE("GlobalSecondaryIndexUpdate"));

/* ---- without the table ---- */

static const struct index_input *subject(const struct index_update_input *update)
{
    if (update->create)
        return update->create;
    return update->update ? update->update : update->remove;
}

static error check_one(const struct index_update_input *update)
{
    int count = (update->update != NULL) + (update->create != NULL) + (update->remove != NULL);
    if (count == 0)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "One of GlobalSecondaryIndexUpdate.Update, "
                               "GlobalSecondaryIndexUpdate.Create, "
                               "GlobalSecondaryIndexUpdate.Delete must not be null");
    if (count > 1)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "Only one global secondary index action is allowed per "
                               "GlobalSecondaryIndexUpdate object");
    return NULL;
}

static error check_update(struct arena *arena, const struct index_input *in)
{
    if (!in || in->capacity.throughput || in->capacity.on_demand || in->capacity.warm)
        return NULL;
    return fail(arena, ERROR_VALIDATION,
                INVALID "At least one of ProvisionedThroughput, OnDemandThroughput or "
                        "WarmThroughput is required for index: %.*s",
                SLICE_ARGS(in->name));
}

error index_updates_check(struct arena *arena, const struct index_updates *updates)
{
    const struct index_update_input *list = updates->list->elements;
    for (uint32_t i = 0; i < updates->list->count; i++)
        TRY(check_one(&list[i]));
    for (uint32_t i = 0; i < updates->list->count; i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (slice_equal(subject(&list[i])->name, subject(&list[j])->name))
                return fail(arena, ERROR_VALIDATION,
                            INVALID "Only one global secondary index update per index is allowed "
                                    "simultaneously. Index: %.*s",
                            SLICE_ARGS(subject(&list[i])->name));
        }
        TRY(check_update(arena, list[i].update));
    }
    return NULL;
}

bool index_updates_create(const struct index_updates *updates)
{
    const struct index_update_input *list = updates->list->elements;
    bool creates = false;
    for (uint32_t i = 0; i < updates->list->count; i++)
        creates = creates || list[i].create;
    return creates;
}

bool index_updates_move(const struct index_updates *updates)
{
    const struct index_update_input *list = updates->list->elements;
    bool moves = false;
    for (uint32_t i = 0; i < updates->list->count; i++)
        moves = moves || list[i].create || list[i].remove;
    return moves;
}

/* ---- with the table ---- */

static const struct key_attribute *find_attribute(const struct key_parts *keys, slice name)
{
    for (uint32_t i = 0; i < keys->hash_count; i++) {
        if (slice_equal(keys->hash[i].name, name))
            return &keys->hash[i];
    }
    for (uint32_t i = 0; i < keys->range_count; i++) {
        if (slice_equal(keys->range[i].name, name))
            return &keys->range[i];
    }
    return NULL;
}

/* An attribute that is a key already keeps its type, whatever the request defines it as. */
static void keep_types(const struct table *table, struct key_attribute *attributes, uint32_t count)
{
    struct key_parts table_keys = key_parts_of_schema(&table->keys);
    for (uint32_t i = 0; i < count; i++) {
        const struct key_attribute *known = find_attribute(&table_keys, attributes[i].name);
        for (uint32_t j = 0; j < table->index_count && !known; j++)
            known = find_attribute(&table->indexes[j].keys, attributes[i].name);
        if (known)
            attributes[i].type = known->type;
    }
}

static error parse_create(struct arena *arena, const struct index_updates *updates,
                          const struct index_input *in, const struct table *table,
                          enum billing_mode billing_mode, struct index *index)
{
    *index = (struct index){.name = in->name};
    if (table_index(table, in->name))
        return NULL; /* refused by the db, whatever the rest of it is */
    if (billing_mode == BILLING_PROVISIONED && !in->capacity.throughput)
        return fail(arena, ERROR_VALIDATION,
                    INVALID "Both ReadCapacityUnits and WriteCapacityUnits must be specified for "
                            "index: %.*s",
                    SLICE_ARGS(in->name));
    TRY(schema_parse_index(arena, updates->definitions, in, billing_mode, index));
    keep_types(table, index->keys.hash, index->keys.hash_count);
    keep_types(table, index->keys.range, index->keys.range_count);
    return NULL;
}

static error parse_update(struct arena *arena, const struct index_input *in, struct index *index)
{
    enum { NO_CEILING = -1 };
    struct capacity capacity;
    slice name = arena_format(arena, "index %.*s", SLICE_ARGS(in->name));
    if (in->capacity.throughput)
        TRY(throughput_check(arena, name, in->capacity.throughput));
    TRY(capacity_parse(arena, &in->capacity, NO_CEILING, &capacity));
    *index = (struct index){.name = in->name,
                            .provisioned = capacity.provisioned,
                            .on_demand_max = capacity.on_demand_max,
                            .warm = capacity.warm};
    return NULL;
}

error index_updates_parse(struct arena *arena, const struct index_updates *updates,
                          const struct table *table, enum billing_mode billing_mode,
                          const struct index_action **parsed)
{
    const struct index_update_input *list = updates->list->elements;
    uint32_t count = updates->list->count;
    struct index_action *actions = arena_new_array(arena, struct index_action, count);
    for (uint32_t i = 0; i < count; i++) {
        struct index_action *action = &actions[i];
        if (list[i].create) {
            action->kind = INDEX_CREATE;
            TRY(parse_create(arena, updates, list[i].create, table, billing_mode,
                             &action->index));
        } else if (list[i].update) {
            action->kind = INDEX_UPDATE;
            TRY(parse_update(arena, list[i].update, &action->index));
        } else {
            action->kind = INDEX_DELETE;
            action->index.name = list[i].remove->name;
        }
    }
    *parsed = actions;
    return NULL;
}

error index_updates_check_quota(struct request *request, const struct index_updates *updates)
{
    const struct index_update_input *list = updates->list->elements;
    for (uint32_t i = 0; i < updates->list->count; i++)
        TRY(throughput_check_quota(request, subject(&list[i])->capacity.throughput));
    return NULL;
}
