#include "ops/response.h"

static void write_units(struct json_writer *out, int64_t half_units)
{
    json_write_name(out, SLICE("CapacityUnits"));
    json_write_halves(out, half_units);
}

bool response_wants_capacity(enum capacity_detail detail)
{
    return detail == CAPACITY_INDEXES || detail == CAPACITY_TOTAL;
}

void response_capacity_of_table(struct json_writer *out, const struct table_name *table_name,
                                enum capacity_detail detail, int64_t half_units)
{
    json_write_object_begin(out);
    json_write_name(out, SLICE("TableName"));
    json_write_string(out, table_name->given);
    write_units(out, half_units);
    if (detail == CAPACITY_INDEXES) {
        json_write_name(out, SLICE("Table"));
        json_write_object_begin(out);
        write_units(out, half_units);
        json_write_object_end(out);
    }
    json_write_object_end(out);
}

void response_capacity(struct json_writer *out, const struct table_name *table_name,
                       enum capacity_detail detail, int64_t half_units)
{
    if (!response_wants_capacity(detail))
        return;
    json_write_name(out, SLICE("ConsumedCapacity"));
    response_capacity_of_table(out, table_name, detail, half_units);
}

void response_item(struct json_writer *out, slice name, slice item)
{
    if (!item_exists(item))
        return;
    json_write_name(out, name);
    item_write_json(out, item);
}

void response_items(struct json_writer *out, const slice *items, uint32_t count,
                    const struct projection *projection, struct arena *arena)
{
    json_write_name(out, SLICE("Items"));
    json_write_array_begin(out);
    for (uint32_t i = 0; i < count; i++)
        item_write_json(out, projection_apply(projection, items[i], arena));
    json_write_array_end(out);
}

/* ---- tables ---- */

static void write_text(struct json_writer *out, slice name, slice text)
{
    json_write_name(out, name);
    json_write_string(out, text);
}

static void write_integer(struct json_writer *out, slice name, int64_t value)
{
    json_write_name(out, name);
    json_write_integer(out, value);
}

static void write_definition(struct json_writer *out, const struct key_attribute *attribute)
{
    json_write_object_begin(out);
    write_text(out, SLICE("AttributeName"), attribute->name);
    write_text(out, SLICE("AttributeType"), value_type_name(attribute->type));
    json_write_object_end(out);
}

/* Sorted by name, whatever order they were sent in: control plane sheet section 3. */
static void write_definitions(struct json_writer *out, const struct key_schema *keys)
{
    json_write_name(out, SLICE("AttributeDefinitions"));
    json_write_array_begin(out);
    bool range_first = keys->has_range && slice_compare(keys->range.name, keys->hash.name) < 0;
    if (range_first)
        write_definition(out, &keys->range);
    write_definition(out, &keys->hash);
    if (keys->has_range && !range_first)
        write_definition(out, &keys->range);
    json_write_array_end(out);
}

static void write_key(struct json_writer *out, slice name, slice key_type)
{
    json_write_object_begin(out);
    write_text(out, SLICE("AttributeName"), name);
    write_text(out, SLICE("KeyType"), key_type);
    json_write_object_end(out);
}

static void write_key_schema(struct json_writer *out, const struct key_schema *keys)
{
    json_write_name(out, SLICE("KeySchema"));
    json_write_array_begin(out);
    write_key(out, keys->hash.name, SLICE("HASH"));
    if (keys->has_range)
        write_key(out, keys->range.name, SLICE("RANGE"));
    json_write_array_end(out);
}

static void write_throughput(struct json_writer *out, const struct table *table)
{
    json_write_name(out, SLICE("ProvisionedThroughput"));
    json_write_object_begin(out);
    write_integer(out, SLICE("NumberOfDecreasesToday"), 0);
    write_integer(out, SLICE("ReadCapacityUnits"), table->read_units);
    write_integer(out, SLICE("WriteCapacityUnits"), table->write_units);
    json_write_object_end(out);
}

/* Absent on tables that were never on demand. */
static void write_billing_mode(struct json_writer *out, const struct table *table)
{
    if (table->billing_mode != BILLING_PAY_PER_REQUEST)
        return;
    json_write_name(out, SLICE("BillingModeSummary"));
    json_write_object_begin(out);
    write_text(out, SLICE("BillingMode"), SLICE("PAY_PER_REQUEST"));
    json_write_name(out, SLICE("LastUpdateToPayPerRequestDateTime"));
    json_write_timestamp(out, table->created_ms);
    json_write_object_end(out);
}

/* What a fresh table takes at once; control plane sheet section 3. */
enum { WARM_READ_UNITS_ON_DEMAND = 12000, WARM_WRITE_UNITS_ON_DEMAND = 4000 };

static void write_warm_throughput(struct json_writer *out, const struct table *table)
{
    bool on_demand = table->billing_mode == BILLING_PAY_PER_REQUEST;
    json_write_name(out, SLICE("WarmThroughput"));
    json_write_object_begin(out);
    write_integer(out, SLICE("ReadUnitsPerSecond"),
                  on_demand ? WARM_READ_UNITS_ON_DEMAND : table->read_units);
    write_integer(out, SLICE("WriteUnitsPerSecond"),
                  on_demand ? WARM_WRITE_UNITS_ON_DEMAND : table->write_units);
    write_text(out, SLICE("Status"), SLICE("ACTIVE"));
    json_write_object_end(out);
}

static const slice status_names[] = {
    [TABLE_CREATING] = SLICE("CREATING"),
    [TABLE_ACTIVE] = SLICE("ACTIVE"),
    [TABLE_DELETING] = SLICE("DELETING"),
};

void response_table(struct json_writer *out, slice name, const struct table *table,
                    const struct table_state *state)
{
    json_write_name(out, name);
    json_write_object_begin(out);
    write_definitions(out, &table->keys);
    write_text(out, SLICE("TableName"), table->name);
    write_key_schema(out, &table->keys);
    write_text(out, SLICE("TableStatus"), status_names[state->status]);
    json_write_name(out, SLICE("CreationDateTime"));
    json_write_timestamp(out, table->created_ms);
    write_throughput(out, table);
    write_integer(out, SLICE("TableSizeBytes"), state->bytes);
    write_integer(out, SLICE("ItemCount"), state->item_count);
    write_text(out, SLICE("TableArn"), table->arn);
    write_text(out, SLICE("TableId"), table->id);
    write_billing_mode(out, table);
    json_write_name(out, SLICE("DeletionProtectionEnabled"));
    json_write_bool(out, false);
    if (state->with_warm_throughput)
        write_warm_throughput(out, table);
    json_write_object_end(out);
}

/* ---- errors ---- */

error response_enveloped(struct arena *arena, error invalid)
{
    slice envelope = SLICE("1 validation error detected: ");
    bool is_bare = invalid && invalid->kind == ERROR_VALIDATION &&
                   !slice_begins_with(invalid->message, envelope);
    if (!is_bare)
        return invalid;
    return fail(arena, ERROR_VALIDATION, "%.*s%.*s", SLICE_ARGS(envelope),
                SLICE_ARGS(invalid->message));
}

error response_condition_failed(struct arena *arena, enum failure_values values, slice old_item)
{
    struct failure *failure = arena_new(arena, struct failure);
    failure->kind = ERROR_CONDITIONAL_CHECK_FAILED;
    failure->message = SLICE("The conditional request failed");
    if (values == FAILURE_VALUES_ALL_OLD && item_exists(old_item)) {
        struct json_writer members;
        json_writer_init(&members, arena);
        response_item(&members, SLICE("Item"), old_item);
        failure->members = json_writer_text(&members);
    }
    return failure;
}
