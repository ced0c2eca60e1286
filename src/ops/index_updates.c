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

static error check_one(struct arena *arena, const struct index_update_input *update)
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
    if (update->update && update->update->capacity.warm && !units_are_any(update->update->capacity.warm))
        return fail(arena, ERROR_VALIDATION,
                    INVALID "WarmThroughput must have at least one of ReadUnitsPerSecond or "
                            "WriteUnitsPerSecond specified for index: %.*s",
                    SLICE_ARGS(update->update->name));
    return NULL;
}

error index_updates_check(struct arena *arena, const struct index_updates *updates)
{
    const struct index_update_input *list = updates->list->elements;
    for (uint32_t i = 0; i < updates->list->count; i++)
        TRY(check_one(arena, &list[i]));
    for (uint32_t i = 0; i < updates->list->count; i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (slice_equal(subject(&list[i])->name, subject(&list[j])->name))
                return fail(arena, ERROR_VALIDATION,
                            INVALID "Only one global secondary index update per index is allowed "
                                    "simultaneously. Index: %.*s",
                            SLICE_ARGS(subject(&list[i])->name));
        }
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

static slice describe_element(struct arena *arena, const struct key_attribute *attribute,
                              const char *role)
{
    return arena_format(arena, "Schema:[SchemaElement: key{%.*s:%.*s:%s}]",
                        SLICE_ARGS(attribute->name), SLICE_ARGS(value_type_name(attribute->type)),
                        role);
}

/* As an element of the keys, NONE when it is none of them. */
static slice find_element(struct arena *arena, const struct key_parts *keys, slice name,
                          enum value_type *type)
{
    for (uint32_t i = 0; i < keys->hash_count + keys->range_count; i++) {
        bool is_hash = i < keys->hash_count;
        const struct key_attribute *found =
            is_hash ? &keys->hash[i] : &keys->range[i - keys->hash_count];
        if (slice_equal(found->name, name)) {
            *type = found->type;
            return describe_element(arena, found, is_hash ? "HASH" : "RANGE");
        }
    }
    return SLICE_NONE;
}

/* An attribute that is a key already has its type. */
static error check_types(struct arena *arena, const struct table *table,
                         const struct key_attribute *attributes, uint32_t count, const char *role)
{
    struct key_parts table_keys = key_parts_of_schema(&table->keys);
    for (uint32_t i = 0; i < count; i++) {
        enum value_type type = attributes[i].type;
        slice known = find_element(arena, &table_keys, attributes[i].name, &type);
        for (uint32_t j = 0; j < table->index_count && known.size == 0; j++)
            known = find_element(arena, &table->indexes[j].keys, attributes[i].name, &type);
        if (type != attributes[i].type)
            return fail(arena, ERROR_VALIDATION,
                        INVALID "Attributes cannot be redefined. Please check that your attribute "
                                "has the same type as previously defined. Existing schema: %.*s "
                                "New schema: %.*s",
                        SLICE_ARGS(known),
                        SLICE_ARGS(describe_element(arena, &attributes[i], role)));
    }
    return NULL;
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
    TRY(check_types(arena, table, index->keys.hash, index->keys.hash_count, "HASH"));
    return check_types(arena, table, index->keys.range, index->keys.range_count, "RANGE");
}

static error check_update(struct arena *arena, const struct index_input *in,
                          enum billing_mode billing_mode)
{
    const struct capacity_input *capacity = &in->capacity;
    if (capacity->throughput || capacity->warm ||
        (capacity->on_demand && units_are_any(capacity->on_demand)))
        return NULL;
    if (billing_mode == BILLING_PAY_PER_REQUEST)
        return fail(arena, ERROR_VALIDATION,
                    INVALID "The only Updates for index: %.*s when TableThroughputMode is "
                            "PAY_PER_REQUEST can be to OnDemandThroughput, WarmThroughput",
                    SLICE_ARGS(in->name));
    return fail(arena, ERROR_VALIDATION,
                INVALID "At least one of ProvisionedThroughput, OnDemandThroughput or "
                        "WarmThroughput is required for index: %.*s",
                SLICE_ARGS(in->name));
}

static error parse_update(struct arena *arena, const struct index_input *in,
                          const struct table *table, enum billing_mode billing_mode,
                          struct index *index)
{
    enum { NO_CEILING = -1 };
    if (table_index(table, in->name)) /* one that is not there is refused by the db */
        TRY(check_update(arena, in, billing_mode));
    slice name = arena_format(arena, "index %.*s", SLICE_ARGS(in->name));
    if (in->capacity.throughput)
        TRY(throughput_check(arena, name, in->capacity.throughput));
    struct capacity capacity = capacity_parse(&in->capacity, NO_CEILING);
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
            TRY(parse_create(arena, updates, list[i].create, table, billing_mode, &action->index));
        } else if (list[i].update) {
            action->kind = INDEX_UPDATE;
            TRY(parse_update(arena, list[i].update, table, billing_mode, &action->index));
        } else {
            action->kind = INDEX_DELETE;
            action->index.name = list[i].remove->name;
        }
    }
    *parsed = actions;
    return NULL;
}

void index_updates_request_quota(const struct index_updates *updates, const struct table *table,
                                 struct quota_change *change)
{
    const struct index_update_input *list = updates->list->elements;
    for (uint32_t i = 0; i < updates->list->count; i++) {
        const struct index_input *in = subject(&list[i]);
        const struct index *index = table_index(table, in->name);
        if (index && in->capacity.throughput)
            quota_release(change, index->provisioned);
        quota_request(change, &in->capacity);
    }
}

error index_updates_check_quota(struct request *request, const struct index_updates *updates)
{
    const struct index_update_input *list = updates->list->elements;
    for (uint32_t i = 0; i < updates->list->count; i++)
        TRY(quota_check(request, subject(&list[i])->name, &subject(&list[i])->capacity));
    return NULL;
}
