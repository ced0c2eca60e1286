/*
 * TableDescription, as the control plane's replies show a table.
 *
 * Source: service model; the control plane measured on the service.
 */
#include "db/index/index_change.h"
#include "db/table/shown.h"
#include "ops/response.h"
#include "ops/stream_members.h"
#include <stdlib.h>

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

static int compare_attributes(const void *a, const void *b)
{
    return slice_compare(((const struct key_attribute *)a)->name,
                         ((const struct key_attribute *)b)->name);
}

/* The attributes of all keys, which may share some. */
struct attributes {
    struct key_attribute list[(1 + INDEXES_MAX) * 2 * KEY_PARTS_MAX];
    uint32_t count;
};

static void add_attributes(struct attributes *attributes, const struct key_parts *keys)
{
    for (uint32_t i = 0; i < keys->hash_count; i++)
        attributes->list[attributes->count++] = keys->hash[i];
    for (uint32_t i = 0; i < keys->range_count; i++)
        attributes->list[attributes->count++] = keys->range[i];
}

/* Sorted by name, whatever order they were sent in: the control plane measured on the service. */
static void write_definitions(struct json_writer *out, const struct table *table)
{
    struct attributes attributes = {.count = 0};
    struct key_parts table_keys = key_parts_of_schema(&table->keys);
    add_attributes(&attributes, &table_keys);
    for (uint32_t i = 0; i < table->index_count; i++)
        add_attributes(&attributes, &table->indexes[i].keys);
    qsort(attributes.list, attributes.count, sizeof *attributes.list, compare_attributes);
    json_write_name(out, SLICE("AttributeDefinitions"));
    json_write_array_begin(out);
    for (uint32_t i = 0; i < attributes.count; i++) {
        bool is_repeated =
            i > 0 && slice_equal(attributes.list[i - 1].name, attributes.list[i].name);
        if (!is_repeated)
            write_definition(out, &attributes.list[i]);
    }
    json_write_array_end(out);
}

static void write_keys(struct json_writer *out, const struct key_attribute *keys, uint32_t count,
                       slice key_type)
{
    for (uint32_t i = 0; i < count; i++) {
        json_write_object_begin(out);
        write_text(out, SLICE("AttributeName"), keys[i].name);
        write_text(out, SLICE("KeyType"), key_type);
        json_write_object_end(out);
    }
}

void response_key_schema(struct json_writer *out, const struct key_parts *keys)
{
    json_write_name(out, SLICE("KeySchema"));
    json_write_array_begin(out);
    write_keys(out, keys->hash, keys->hash_count, SLICE("HASH"));
    write_keys(out, keys->range, keys->range_count, SLICE("RANGE"));
    json_write_array_end(out);
}

static void write_time(struct json_writer *out, slice name, int64_t epoch_ms)
{
    json_write_name(out, name);
    json_write_timestamp(out, epoch_ms);
}

/* The times of the last changes are absent until there is one. */
static void write_throughput(struct json_writer *out, const struct table_units *units,
                             const struct table_history *history, int64_t now_ms)
{
    json_write_name(out, SLICE("ProvisionedThroughput"));
    json_write_object_begin(out);
    if (history->increased_ms != 0)
        write_time(out, SLICE("LastIncreaseDateTime"), history->increased_ms);
    if (history->decreased_ms != 0)
        write_time(out, SLICE("LastDecreaseDateTime"), history->decreased_ms);
    write_integer(out, SLICE("NumberOfDecreasesToday"), table_decreases_today(history, now_ms));
    write_integer(out, SLICE("ReadCapacityUnits"), units->read);
    write_integer(out, SLICE("WriteCapacityUnits"), units->write);
    json_write_object_end(out);
}

/*
 * Under its old name and its new one; absent on tables that were never on demand. The time of a
 * switch comes when it is through.
 */
static void write_billing_mode(struct json_writer *out, const struct table *table,
                               bool is_switching)
{
    static const struct {
        slice summary;
        slice mode;
    } names[] = {
        {SLICE("BillingModeSummary"), SLICE("BillingMode")},
        {SLICE("TableThroughputModeSummary"), SLICE("TableThroughputMode")},
    };
    if (table->history.on_demand_ms == 0)
        return;
    bool on_demand = table->settings.billing_mode == BILLING_PAY_PER_REQUEST;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        json_write_name(out, names[i].summary);
        json_write_object_begin(out);
        write_text(out, names[i].mode, on_demand ? SLICE("PAY_PER_REQUEST") : SLICE("PROVISIONED"));
        if (!(is_switching && on_demand))
            write_time(out, SLICE("LastUpdateToPayPerRequestDateTime"),
                       table->history.on_demand_ms);
        json_write_object_end(out);
    }
}

static void write_ceilings(struct json_writer *out, struct table_units max)
{
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

/* It rises until `warmed_ms`, and while its table is made. */
static void write_warm_throughput(struct json_writer *out, const struct table_units *units,
                                  int64_t warmed_ms, const struct table_state *state)
{
    bool is_updating = state->now_ms < warmed_ms || state->status == TABLE_CREATING;
    json_write_name(out, SLICE("WarmThroughput"));
    json_write_object_begin(out);
    write_integer(out, SLICE("ReadUnitsPerSecond"), units->read);
    write_integer(out, SLICE("WriteUnitsPerSecond"), units->write);
    write_text(out, SLICE("Status"), is_updating ? SLICE("UPDATING") : SLICE("ACTIVE"));
    json_write_object_end(out);
}

/* Absent until a class is chosen, which means STANDARD. */
static void write_class(struct json_writer *out, const struct table *table, int64_t now_ms)
{
    struct shown_class shown = shown_class(table, now_ms);
    if (shown.table_class == TABLE_CLASS_UNSAID)
        return;
    json_write_name(out, SLICE("TableClassSummary"));
    json_write_object_begin(out);
    write_text(out, SLICE("TableClass"), table_class_name(shown.table_class));
    if (shown.changed_ms != 0)
        write_time(out, SLICE("LastUpdateDateTime"), shown.changed_ms);
    json_write_object_end(out);
}

/* With the service's own key absent, or, on the way there or from there, without a key. */
static void write_encryption(struct json_writer *out, const struct table *table, int64_t now_ms)
{
    struct shown_encryption shown = shown_encryption(table, now_ms);
    bool has_key = shown.key_arn.size > 0;
    if (!has_key && !shown.is_updating)
        return;
    json_write_name(out, SLICE("SSEDescription"));
    json_write_object_begin(out);
    write_text(out, SLICE("Status"), shown.is_updating ? SLICE("UPDATING") : SLICE("ENABLED"));
    if (has_key) {
        write_text(out, SLICE("SSEType"), SLICE("KMS"));
        write_text(out, SLICE("KMSMasterKeyArn"), shown.key_arn);
    }
    json_write_object_end(out);
}

static const slice status_names[] = {
    [TABLE_CREATING] = SLICE("CREATING"),
    [TABLE_ACTIVE] = SLICE("ACTIVE"),
    [TABLE_UPDATING] = SLICE("UPDATING"),
    [TABLE_DELETING] = SLICE("DELETING"),
};

/* ---- indexes ---- */

static const slice projection_names[] = {
    [PROJECTION_ALL] = SLICE("ALL"),
    [PROJECTION_KEYS_ONLY] = SLICE("KEYS_ONLY"),
    [PROJECTION_INCLUDE] = SLICE("INCLUDE"),
};

static void write_projection(struct json_writer *out, const struct index *index)
{
    json_write_name(out, SLICE("Projection"));
    json_write_object_begin(out);
    write_text(out, SLICE("ProjectionType"), projection_names[index->projection]);
    if (index->projection == PROJECTION_INCLUDE) {
        json_write_name(out, SLICE("NonKeyAttributes"));
        json_write_array_begin(out);
        for (uint32_t i = 0; i < index->included_count; i++)
            json_write_string(out, index->included[i]);
        json_write_array_end(out);
    }
    json_write_object_end(out);
}

/* On demand it has no throughput of its own, whatever it was created with. */
static void write_index_capacity(struct json_writer *out, const struct table *table,
                                 const struct index *index, const struct table_state *state)
{
    struct table_settings settings = {.billing_mode = table->settings.billing_mode,
                                      .warm = shown_index_warm(index, state->now_ms)};
    if (settings.billing_mode == BILLING_PROVISIONED)
        settings.provisioned = shown_index_provisioned(index, state->now_ms);
    table_settings_warm_up(&settings);
    write_throughput(out, &settings.provisioned, &index->history, state->now_ms);
    write_ceilings(out, index->on_demand_max);
    if (state->with_warm_throughput)
        write_warm_throughput(out, &settings.warm, index->warmed_ms, state);
}

/* Backfilling is told only of an index that was added to a table, until it is ACTIVE. */
static void write_index_status(struct json_writer *out, const struct table *table,
                               const struct index *index, const struct table_state *state)
{
    if (table_is_being_restored(table))
        return; /* measured on the service */
    bool with_table = state->status == TABLE_CREATING || state->status == TABLE_DELETING;
    enum table_status status =
        with_table ? state->status : index_status_at(table, index, state->now_ms);
    write_text(out, SLICE("IndexStatus"), status_names[status]);
    if (status != TABLE_CREATING || !build_is_under_way(&index->build))
        return;
    json_write_name(out, SLICE("Backfilling"));
    json_write_bool(out, index_is_backfilling_at(index, state->now_ms));
}

static void write_index(struct json_writer *out, const struct table *table, uint32_t position,
                        const struct table_state *state)
{
    const struct index *index = &table->indexes[position];
    bool is_global = index->kind == INDEX_GLOBAL;
    json_write_object_begin(out);
    write_text(out, SLICE("IndexName"), index->name);
    response_key_schema(out, &index->keys);
    write_projection(out, index);
    if (is_global) {
        write_index_status(out, table, index, state);
        write_index_capacity(out, table, index, state);
    }
    write_integer(out, SLICE("IndexSizeBytes"), state->index_bytes[position]);
    write_integer(out, SLICE("ItemCount"), state->index_item_counts[position]);
    write_text(out, SLICE("IndexArn"),
               arena_format(out->buffer.arena, "%.*s/index/%.*s", SLICE_ARGS(table->arn),
                            SLICE_ARGS(index->name)));
    json_write_object_end(out);
}

static void write_indexes(struct json_writer *out, slice name, enum index_kind kind,
                          const struct table *table, const struct table_state *state)
{
    bool has_any = false;
    for (uint32_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].kind != kind)
            continue;
        if (!has_any) {
            json_write_name(out, name);
            json_write_array_begin(out);
        }
        has_any = true;
        write_index(out, table, i, state);
    }
    if (has_any)
        json_write_array_end(out);
}

/* ---- the stream ---- */

static void write_specification(struct json_writer *out, slice name,
                                const struct table_stream *stream)
{
    if (stream->view == STREAM_VIEW_NONE)
        return;
    json_write_name(out, name);
    json_write_object_begin(out);
    json_write_name(out, SLICE("StreamEnabled"));
    json_write_bool(out, true);
    write_text(out, SLICE("StreamViewType"), stream_view_name(stream->view));
    json_write_object_end(out);
}

/* The name of the latest one stays when it has been disabled. */
static void write_stream(struct json_writer *out, const struct table *table)
{
    const struct table_stream *stream = &table->stream;
    write_specification(out, SLICE("StreamSpecification"), stream);
    if (stream->label_ms == 0)
        return;
    slice label = stream_label(out->buffer.arena, stream->label_ms);
    write_text(out, SLICE("LatestStreamLabel"), label);
    write_text(out, SLICE("LatestStreamArn"),
               arena_format(out->buffer.arena, "%.*s/stream/%.*s", SLICE_ARGS(table->arn),
                            SLICE_ARGS(label)));
}

/* ---- where its items come from ---- */

/* Nothing tells later that a table was restored: measured on the service. */
static void write_restore(struct json_writer *out, const struct table *table)
{
    const struct table_restore *restore = &table->restore;
    if (!table_is_being_restored(table))
        return;
    json_write_name(out, SLICE("RestoreSummary"));
    json_write_object_begin(out);
    if (restore->backup_arn.size > 0)
        write_text(out, SLICE("SourceBackupArn"), restore->backup_arn);
    write_text(out, SLICE("SourceTableArn"), restore->table_arn);
    write_time(out, SLICE("RestoreDateTime"), restore->time_ms);
    json_write_name(out, SLICE("RestoreInProgress"));
    json_write_bool(out, true);
    json_write_object_end(out);
}

static void write_units(struct json_writer *out, const struct table_units *units)
{
    json_write_name(out, SLICE("ProvisionedThroughput"));
    json_write_object_begin(out);
    write_integer(out, SLICE("ReadCapacityUnits"), units->read);
    write_integer(out, SLICE("WriteCapacityUnits"), units->write);
    json_write_object_end(out);
}

/* ---- what an import tells ---- */

static void write_wanted_index(struct json_writer *out, const struct index *index)
{
    json_write_object_begin(out);
    write_text(out, SLICE("IndexName"), index->name);
    response_key_schema(out, &index->keys);
    write_projection(out, index);
    if (index->provisioned.read != 0)
        write_units(out, &index->provisioned);
    write_ceilings(out, index->on_demand_max);
    json_write_object_end(out);
}

static void write_wanted_encryption(struct json_writer *out, slice key_arn)
{
    if (key_arn.size == 0)
        return;
    json_write_name(out, SLICE("SSESpecification"));
    json_write_object_begin(out);
    json_write_name(out, SLICE("Enabled"));
    json_write_bool(out, true);
    write_text(out, SLICE("SSEType"), SLICE("KMS"));
    write_text(out, SLICE("KMSMasterKeyId"), key_arn);
    json_write_object_end(out);
}

void response_creation_parameters(struct json_writer *out,
                                  const struct table_definition *definition)
{
    const struct table_settings *settings = &definition->settings;
    struct key_parts keys = key_parts_of_schema(&definition->keys);
    struct table table = {.keys = definition->keys,
                          .indexes = definition->indexes,
                          .index_count = definition->index_count};
    bool on_demand = settings->billing_mode == BILLING_PAY_PER_REQUEST;
    json_write_object_begin(out);
    write_text(out, SLICE("TableName"), definition->name);
    write_definitions(out, &table);
    response_key_schema(out, &keys);
    write_text(out, SLICE("BillingMode"),
               on_demand ? SLICE("PAY_PER_REQUEST") : SLICE("PROVISIONED"));
    if (!on_demand)
        write_units(out, &settings->provisioned);
    write_ceilings(out, settings->on_demand_max);
    write_wanted_encryption(out, settings->encryption_key_arn);
    if (definition->index_count > 0) {
        json_write_name(out, SLICE("GlobalSecondaryIndexes"));
        json_write_array_begin(out);
        for (uint32_t i = 0; i < definition->index_count; i++)
            write_wanted_index(out, &definition->indexes[i]);
        json_write_array_end(out);
    }
    json_write_object_end(out);
}

/* ---- what a backup tells ---- */

void response_units(struct json_writer *out, const struct table_settings *settings)
{
    write_units(out, &settings->provisioned);
    write_ceilings(out, settings->on_demand_max);
}

void response_stream_specification(struct json_writer *out, const struct table *table)
{
    write_specification(out, SLICE("StreamDescription"), &table->stream);
    write_encryption(out, table, INT64_MAX);
}

static void write_index_info(struct json_writer *out, const struct table *table,
                             const struct index *index)
{
    json_write_object_begin(out);
    write_text(out, SLICE("IndexName"), index->name);
    response_key_schema(out, &index->keys);
    write_projection(out, index);
    if (index->kind == INDEX_GLOBAL) {
        struct table_settings settings = {.billing_mode = table->settings.billing_mode,
                                          .provisioned = index->provisioned,
                                          .on_demand_max = index->on_demand_max};
        response_units(out, &settings);
    }
    json_write_object_end(out);
}

static void write_index_infos(struct json_writer *out, slice name, enum index_kind kind,
                              const struct table *table)
{
    bool has_any = false;
    for (uint32_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].kind != kind)
            continue;
        if (!has_any) {
            json_write_name(out, name);
            json_write_array_begin(out);
        }
        has_any = true;
        write_index_info(out, table, &table->indexes[i]);
    }
    if (has_any)
        json_write_array_end(out);
}

void response_index_infos(struct json_writer *out, const struct table *table)
{
    write_index_infos(out, SLICE("LocalSecondaryIndexes"), INDEX_LOCAL, table);
    write_index_infos(out, SLICE("GlobalSecondaryIndexes"), INDEX_GLOBAL, table);
}

/* ---- the whole ---- */

error response_count_table(struct db_session *session, const struct table *table,
                           struct table_state *state)
{
    for (uint32_t i = 0; i < table->index_count; i++)
        TRY(table_index_counts(session, table, &table->indexes[i], &state->index_item_counts[i],
                               &state->index_bytes[i]));
    return table_counts(session, table, &state->item_count, &state->bytes);
}

void response_table(struct json_writer *out, slice name, const struct table *table,
                    const struct table_state *state)
{
    json_write_name(out, name);
    json_write_object_begin(out);
    bool with_schema = !state->without_schema;
    struct key_parts keys = key_parts_of_schema(&table->keys);
    if (with_schema)
        write_definitions(out, table);
    write_text(out, SLICE("TableName"), table->name);
    if (with_schema)
        response_key_schema(out, &keys);
    write_text(out, SLICE("TableStatus"), status_names[state->status]);
    if (with_schema)
        write_time(out, SLICE("CreationDateTime"), table->created_ms);
    struct table_units provisioned = shown_provisioned(table, state->now_ms);
    struct table_units warm = shown_warm(table, state->now_ms);
    write_throughput(out, &provisioned, &table->history, state->now_ms);
    write_integer(out, SLICE("TableSizeBytes"), state->bytes);
    write_integer(out, SLICE("ItemCount"), state->item_count);
    write_text(out, SLICE("TableArn"), table->arn);
    write_text(out, SLICE("TableId"), table->id);
    write_billing_mode(out, table, state->switches_billing);
    if (with_schema) {
        write_indexes(out, SLICE("LocalSecondaryIndexes"), INDEX_LOCAL, table, state);
        write_indexes(out, SLICE("GlobalSecondaryIndexes"), INDEX_GLOBAL, table, state);
    }
    write_stream(out, table);
    write_restore(out, table);
    write_ceilings(out, table->settings.on_demand_max);
    write_class(out, table, state->now_ms);
    write_encryption(out, table, state->now_ms);
    json_write_name(out, SLICE("DeletionProtectionEnabled"));
    json_write_bool(out, table->settings.deletion_protected);
    if (state->with_warm_throughput)
        write_warm_throughput(out, &warm, table->warmed_ms, state);
    json_write_object_end(out);
}
