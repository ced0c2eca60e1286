/*
 * TableDescription, as the control plane's replies show a table.
 *
 * Source: service model; control plane sheet sections 2 and 3.
 */
#include "ops/response.h"

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

static void write_time(struct json_writer *out, slice name, int64_t epoch_ms)
{
    json_write_name(out, name);
    json_write_timestamp(out, epoch_ms);
}

/* The times of the last changes are absent until there is one. */
static void write_throughput(struct json_writer *out, const struct table *table, int64_t now_ms)
{
    const struct table_history *history = &table->history;
    json_write_name(out, SLICE("ProvisionedThroughput"));
    json_write_object_begin(out);
    if (history->increased_ms != 0)
        write_time(out, SLICE("LastIncreaseDateTime"), history->increased_ms);
    if (history->decreased_ms != 0)
        write_time(out, SLICE("LastDecreaseDateTime"), history->decreased_ms);
    write_integer(out, SLICE("NumberOfDecreasesToday"), table_decreases_today(history, now_ms));
    write_integer(out, SLICE("ReadCapacityUnits"), table->settings.provisioned.read);
    write_integer(out, SLICE("WriteCapacityUnits"), table->settings.provisioned.write);
    json_write_object_end(out);
}

/* Absent on tables that were never on demand. */
static void write_billing_mode(struct json_writer *out, const struct table *table)
{
    if (table->history.on_demand_ms == 0)
        return;
    bool on_demand = table->settings.billing_mode == BILLING_PAY_PER_REQUEST;
    json_write_name(out, SLICE("BillingModeSummary"));
    json_write_object_begin(out);
    write_text(out, SLICE("BillingMode"),
               on_demand ? SLICE("PAY_PER_REQUEST") : SLICE("PROVISIONED"));
    write_time(out, SLICE("LastUpdateToPayPerRequestDateTime"), table->history.on_demand_ms);
    json_write_object_end(out);
}

static void write_ceilings(struct json_writer *out, const struct table *table)
{
    struct table_units max = table->settings.on_demand_max;
    if (max.read == 0 && max.write == 0)
        return;
    json_write_name(out, SLICE("OnDemandThroughput"));
    json_write_object_begin(out);
    if (max.read != 0)
        write_integer(out, SLICE("MaxReadRequestUnits"), max.read);
    if (max.write != 0)
        write_integer(out, SLICE("MaxWriteRequestUnits"), max.write);
    json_write_object_end(out);
}

static void write_warm_throughput(struct json_writer *out, const struct table *table,
                                  int64_t now_ms)
{
    json_write_name(out, SLICE("WarmThroughput"));
    json_write_object_begin(out);
    write_integer(out, SLICE("ReadUnitsPerSecond"), table->settings.warm.read);
    write_integer(out, SLICE("WriteUnitsPerSecond"), table->settings.warm.write);
    write_text(out, SLICE("Status"),
               now_ms < table->warmed_ms ? SLICE("UPDATING") : SLICE("ACTIVE"));
    json_write_object_end(out);
}

/* Absent until a class is chosen, which means STANDARD. */
static void write_class(struct json_writer *out, const struct table *table)
{
    if (table->settings.table_class == TABLE_CLASS_UNSAID)
        return;
    json_write_name(out, SLICE("TableClassSummary"));
    json_write_object_begin(out);
    write_text(out, SLICE("TableClass"),
               table->settings.table_class == TABLE_CLASS_STANDARD
                   ? SLICE("STANDARD")
                   : SLICE("STANDARD_INFREQUENT_ACCESS"));
    if (table->history.class_changed_ms != 0)
        write_time(out, SLICE("LastUpdateDateTime"), table->history.class_changed_ms);
    json_write_object_end(out);
}

/* Absent with the service's own key. */
static void write_encryption(struct json_writer *out, const struct table *table, int64_t now_ms)
{
    if (table->settings.encryption_key_arn.size == 0)
        return;
    json_write_name(out, SLICE("SSEDescription"));
    json_write_object_begin(out);
    write_text(out, SLICE("Status"),
               now_ms < table->encrypted_ms ? SLICE("UPDATING") : SLICE("ENABLED"));
    write_text(out, SLICE("SSEType"), SLICE("KMS"));
    write_text(out, SLICE("KMSMasterKeyArn"), table->settings.encryption_key_arn);
    json_write_object_end(out);
}

static const slice status_names[] = {
    [TABLE_CREATING] = SLICE("CREATING"),
    [TABLE_ACTIVE] = SLICE("ACTIVE"),
    [TABLE_UPDATING] = SLICE("UPDATING"),
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
    write_time(out, SLICE("CreationDateTime"), table->created_ms);
    write_throughput(out, table, state->now_ms);
    write_integer(out, SLICE("TableSizeBytes"), state->bytes);
    write_integer(out, SLICE("ItemCount"), state->item_count);
    write_text(out, SLICE("TableArn"), table->arn);
    write_text(out, SLICE("TableId"), table->id);
    write_billing_mode(out, table);
    write_ceilings(out, table);
    write_class(out, table);
    write_encryption(out, table, state->now_ms);
    json_write_name(out, SLICE("DeletionProtectionEnabled"));
    json_write_bool(out, table->settings.deletion_protected);
    if (state->with_warm_throughput)
        write_warm_throughput(out, table, state->now_ms);
    json_write_object_end(out);
}
