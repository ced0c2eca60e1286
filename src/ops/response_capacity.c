/*
 * ConsumedCapacity and ItemCollectionMetrics: what replies say of the work behind them.
 * Source: Developer Guide, quotas, item sizes and capacity.
 */
#include "db/capacity.h"
#include "ops/response.h"

/* ---- ConsumedCapacity ---- */

void consumed_add_write(struct consumed *consumed, const struct table *table,
                        const struct write_result *result)
{
    consumed->table = table;
    consumed->table_half_units += capacity_of_write(item_charged_bytes(result->old_item),
                                                    item_charged_bytes(result->new_item));
    for (uint32_t i = 0; i < table->index_count && result->index_changes; i++)
        consumed->index_half_units[i] += capacity_of_change(&result->index_changes[i]);
}

void consumed_add_transact_write(struct consumed *consumed, const struct table *table,
                                 const struct write_result *result)
{
    int64_t before = consumed->table_half_units;
    consumed_add_write(consumed, table, result);
    consumed->table_half_units += consumed->table_half_units - before;
    consumed->kind = CONSUMED_BY_WRITING;
}

void consumed_add_transact_read(struct consumed *consumed, slice item)
{
    consumed->table_half_units += 2 * capacity_of_read(item_charged_bytes(item), true);
    consumed->kind = CONSUMED_BY_READING;
}

/* Whole items that were fetched are the table's part, each rounded alone. */
void consumed_add_read(struct consumed *consumed, const struct read_plan *plan,
                       const struct read_page *read, bool consistent_read)
{
    int64_t half_units = capacity_of_read(read->scanned_bytes, consistent_read);
    consumed->table = plan->table;
    if (!plan->index) {
        consumed->table_half_units += half_units;
        return;
    }
    consumed->index_half_units[plan->index - plan->table->indexes] += half_units;
    consumed->table_half_units += (int64_t)read->fetched_units * (consistent_read ? 2 : 1);
}

static uint32_t index_count(const struct consumed *consumed)
{
    return consumed->table ? consumed->table->index_count : 0;
}

static void write_units(struct json_writer *out, enum consumed_kind kind, int64_t half_units)
{
    json_write_name(out, SLICE("CapacityUnits"));
    json_write_halves(out, half_units);
    if (kind == CONSUMED_UNSAID)
        return;
    json_write_name(out, kind == CONSUMED_BY_READING ? SLICE("ReadCapacityUnits")
                                                     : SLICE("WriteCapacityUnits"));
    json_write_halves(out, half_units);
}

static void write_part(struct json_writer *out, slice name, enum consumed_kind kind,
                       int64_t half_units)
{
    json_write_name(out, name);
    json_write_object_begin(out);
    write_units(out, kind, half_units);
    json_write_object_end(out);
}

/* Those of one kind that the request touched. */
static void write_indexes(struct json_writer *out, slice name, enum index_kind kind,
                          const struct consumed *consumed)
{
    bool has_any = false;
    for (uint32_t i = 0; i < index_count(consumed); i++) {
        const struct index *index = &consumed->table->indexes[i];
        if (index->kind != kind || consumed->index_half_units[i] == 0)
            continue;
        if (!has_any) {
            json_write_name(out, name);
            json_write_object_begin(out);
        }
        has_any = true;
        write_part(out, index->name, consumed->kind, consumed->index_half_units[i]);
    }
    if (has_any)
        json_write_object_end(out);
}

bool response_wants_capacity(enum capacity_detail detail)
{
    return detail == CAPACITY_INDEXES || detail == CAPACITY_TOTAL;
}

void response_capacity_of_table(struct json_writer *out, const struct table_name *table_name,
                                enum capacity_detail detail, const struct consumed *consumed)
{
    int64_t half_units = consumed->table_half_units + consumed->failed_half_units;
    for (uint32_t i = 0; i < index_count(consumed); i++)
        half_units += consumed->index_half_units[i];
    json_write_object_begin(out);
    json_write_name(out, SLICE("TableName"));
    json_write_string(out, table_name->given);
    write_units(out, consumed->kind, half_units);
    if (detail == CAPACITY_INDEXES) {
        write_part(out, SLICE("Table"), consumed->kind, consumed->table_half_units);
        write_indexes(out, SLICE("LocalSecondaryIndexes"), INDEX_LOCAL, consumed);
        write_indexes(out, SLICE("GlobalSecondaryIndexes"), INDEX_GLOBAL, consumed);
    }
    json_write_object_end(out);
}

void response_capacity(struct json_writer *out, const struct table_name *table_name,
                       enum capacity_detail detail, const struct consumed *consumed)
{
    if (!response_wants_capacity(detail))
        return;
    json_write_name(out, SLICE("ConsumedCapacity"));
    response_capacity_of_table(out, table_name, detail, consumed);
}

/* ---- ItemCollectionMetrics ---- */

bool response_wants_collection(enum collection_metrics metrics, const struct table *table)
{
    return metrics == COLLECTION_METRICS_SIZE && table_has_local_indexes(table);
}

/* The whole gigabytes between which the size lies, as the service says it. */
void response_collection(struct json_writer *out, const struct table *table, slice item,
                         int64_t bytes)
{
    int64_t gigabytes = bytes / GIGABYTE;
    slice hash_value = SLICE_NONE;
    item_attribute(item, table->keys.hash.name, &hash_value);
    json_write_object_begin(out);
    json_write_name(out, SLICE("ItemCollectionKey"));
    json_write_object_begin(out);
    json_write_name(out, table->keys.hash.name);
    value_write_json(out, hash_value);
    json_write_object_end(out);
    json_write_name(out, SLICE("SizeEstimateRangeGB"));
    json_write_array_begin(out);
    json_write_halves(out, 2 * gigabytes);
    json_write_halves(out, 2 * (gigabytes + 1));
    json_write_array_end(out);
    json_write_object_end(out);
}

void response_collection_metrics(struct json_writer *out, enum collection_metrics metrics,
                                 const struct table *table, slice item, int64_t bytes)
{
    if (!response_wants_collection(metrics, table))
        return;
    json_write_name(out, SLICE("ItemCollectionMetrics"));
    response_collection(out, table, item, bytes);
}
