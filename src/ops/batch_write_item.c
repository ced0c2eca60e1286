/*
 * BatchWriteItem: up to 25 puts and deletes in several tables.
 *
 * They take effect together, as one change set: more than the service promises. What does not fit
 * into the memory that is left, or is throttled, comes back as UnprocessedItems. When all of it is
 * throttled, the request is.
 * Source: AWS API Reference, BatchWriteItem; error texts captured from the service; Developer
 * Guide, quotas, item sizes and capacity.
 */
#include "base/budget.h"
#include "base/limits.h"
#include "db/index/index.h"
#include "db/write.h"
#include "ops/operation.h"
#include "ops/response_tables.h"

/* ---- members ---- */

struct put_request {
    struct item_input item;
};
static const struct field put_fields[] = {
    FIELD(struct put_request, item, "Item", FIELD_ITEM, REQUIRED),
};
static const struct structure put_structure =
    STRUCTURE(struct put_request, put_fields, .shape = SLICE("PutRequest"));

struct delete_request {
    struct item_input key;
};
static const struct field delete_fields[] = {
    FIELD(struct delete_request, key, "Key", FIELD_ITEM, REQUIRED),
};
static const struct structure delete_structure =
    STRUCTURE(struct delete_request, delete_fields, .shape = SLICE("DeleteRequest"));

struct write_request {
    const struct put_request *put;
    const struct delete_request *delete;
};
static const struct field write_fields[] = {
    FIELD(struct write_request, put, "PutRequest", FIELD_STRUCTURE, OPTIONAL,
          .structure = &put_structure),
    FIELD(struct write_request, delete, "DeleteRequest", FIELD_STRUCTURE, OPTIONAL,
          .structure = &delete_structure),
};
static const struct structure write_structure =
    STRUCTURE(struct write_request, write_fields, .shape = SLICE("WriteRequest"));

struct input {
    struct decoded_list tables; /* of struct table_list */
    enum capacity_detail capacity;
    enum collection_metrics collection_metrics;
};

static const struct field fields[] = {
    FIELD(struct input, capacity, "ReturnConsumedCapacity", FIELD_ENUM, OPTIONAL,
          .choices = &capacity_choices),
    FIELD(struct input, collection_metrics, "ReturnItemCollectionMetrics", FIELD_ENUM, OPTIONAL,
          .choices = &collection_metrics_choices),
    FIELD(struct input, tables, "RequestItems", FIELD_TABLE_LIST_MAP, REQUIRED, .min = 1,
          .max = BATCH_WRITE_REQUESTS_MAX, .yields = true, .structure = &write_structure),
};
/* Its layer: captured from the service, value by value. */
static const struct structure structure =
    STRUCTURE(struct input, fields, .layer = VALUE_LAYER_OLDER);

/* All requests, in order: parallel arrays. */
struct batch {
    struct write_plan plans[BATCH_WRITE_REQUESTS_MAX];
    const struct table_list *tables[BATCH_WRITE_REQUESTS_MAX]; /* where each stands */
    slice keys[BATCH_WRITE_REQUESTS_MAX];
    struct write_result results[BATCH_WRITE_REQUESTS_MAX];
    uint32_t count;
    uint32_t tried; /* the first ones: written, unless they are throttled */
};

/* ---- before the tables are known ---- */

static error check_counts(const struct input *in)
{
    const struct table_list *tables = in->tables.elements;
    uint64_t count = 0;
    if (in->tables.count == 0)
        return FAILURE(ERROR_VALIDATION,
                       "The requestItems parameter is required for BatchWriteItem");
    for (uint32_t i = 0; i < in->tables.count; i++)
        count += tables[i].list.count;
    if (count > BATCH_WRITE_REQUESTS_MAX)
        return FAILURE(ERROR_VALIDATION, "Too many items requested for the BatchWriteItem call");
    return NULL;
}

static error plan_write(const struct write_request *request, struct write_plan *plan)
{
    if ((request->put != NULL) == (request->delete != NULL))
        return FAILURE(ERROR_VALIDATION,
                       "Supplied AttributeValue has more than one datatypes set, must contain "
                       "exactly one of the supported datatypes");
    const struct item_input *item = request->put ? &request->put->item : &request->delete->key;
    if (item->invalid)
        return item->invalid;
    if (request->delete) {
        *plan = (struct write_plan){.kind = WRITE_DELETE, .key = item->item};
        return NULL;
    }
    if (item_charged_bytes(item->item) > ITEM_BYTES_MAX)
        return FAILURE(ERROR_VALIDATION, "Item size has exceeded the maximum allowed size");
    *plan = (struct write_plan){.kind = WRITE_PUT, .item = item->item};
    return NULL;
}

static error plan_writes(const struct input *in, struct batch *batch)
{
    const struct table_list *tables = in->tables.elements;
    for (uint32_t i = 0; i < in->tables.count; i++) {
        const struct write_request *requests = tables[i].list.elements;
        for (uint32_t k = 0; k < tables[i].list.count; k++) {
            batch->tables[batch->count] = &tables[i];
            TRY(plan_write(&requests[k], &batch->plans[batch->count++]));
        }
    }
    return NULL;
}

/* ---- with the tables ---- */

static error find_tables(struct request *request, struct batch *batch)
{
    for (uint32_t i = 0; i < batch->count; i++) {
        if (i > 0 && batch->tables[i] == batch->tables[i - 1])
            batch->plans[i].table = batch->plans[i - 1].table;
        else
            TRY(table_find(request->session, batch->tables[i]->table_name.name,
                           &batch->plans[i].table));
    }
    return NULL;
}

static bool has_key_attribute(slice item, const struct key_attribute *attribute)
{
    slice value;
    return item_attribute(item, attribute->name, &value) && value_type_of(value) == attribute->type;
}

/* Here an item without its key, or with one of another type, is told what a bad key is told. */
static error check_key(struct arena *arena, const struct write_plan *plan, slice *key)
{
    const struct key_schema *schema = &plan->table->keys;
    if (plan->kind == WRITE_DELETE) {
        *key = plan->key;
        return key_check(arena, schema, plan->key);
    }
    if (!has_key_attribute(plan->item, &schema->hash) ||
        (schema->has_range && !has_key_attribute(plan->item, &schema->range)))
        return FAILURE(ERROR_VALIDATION, "The provided key element does not match the schema");
    *key = key_of_item(arena, schema, plan->item);
    TRY(key_check_item(arena, schema, plan->item));
    return index_check_item(arena, plan->table, plan->item);
}

static error check_keys(struct arena *arena, struct batch *batch)
{
    for (uint32_t i = 0; i < batch->count; i++) {
        TRY(check_key(arena, &batch->plans[i], &batch->keys[i]));
        for (uint32_t j = 0; j < i; j++) {
            if (batch->plans[i].table->space == batch->plans[j].table->space &&
                slice_equal(batch->keys[i], batch->keys[j]))
                return FAILURE(ERROR_VALIDATION, "Provided list of item keys contains duplicates");
        }
    }
    return NULL;
}

/*
 * How many to write, the first one always: each needs its rows, that of the item and one in every
 * index, and a copy of what stands there. Rows of indexes do not make a change set larger than a
 * body can make it without them.
 */
static uint32_t count_fitting(const struct batch *batch, const struct request *request)
{
    const struct budget *budget = request->arena->budget;
    uint32_t most = request->batch_items_max > 0 ? request->batch_items_max : batch->count;
    size_t left = budget ? budget_left_bytes(budget) : SIZE_MAX;
    size_t rows_bytes = 0;
    uint32_t count = 0;
    while (count < batch->count && count < most) {
        const struct write_plan *plan = &batch->plans[count];
        size_t row_bytes = plan->item.size * (1 + plan->table->index_count);
        size_t needed = row_bytes + ITEM_BYTES_MAX;
        rows_bytes += row_bytes;
        if (count > 0 && (needed > left || rows_bytes > BODY_BYTES_MAX))
            break;
        left -= needed < left ? needed : left;
        count++;
    }
    return count;
}

/* ---- the reply ---- */

static void write_request(struct json_writer *out, const struct write_plan *plan)
{
    bool is_put = plan->kind == WRITE_PUT;
    json_write_object_begin(out);
    json_write_name(out, is_put ? SLICE("PutRequest") : SLICE("DeleteRequest"));
    json_write_object_begin(out);
    json_write_name(out, is_put ? SLICE("Item") : SLICE("Key"));
    item_write_json(out, is_put ? plan->item : plan->key);
    json_write_object_end(out);
    json_write_object_end(out);
}

static bool is_written(const struct batch *batch, uint32_t index)
{
    return index < batch->tried && !batch->results[index].refusal;
}

/* Room first: growing into it would take as much memory again. */
static void reserve_room(struct json_writer *out, const struct batch *batch)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < batch->count; i++)
        bytes += is_written(batch, i) ? 0 : batch->plans[i].item.size;
    buffer_reserve(&out->buffer, bytes);
}

static void write_unprocessed(struct json_writer *out, const struct batch *batch)
{
    reserve_room(out, batch);
    json_write_name(out, SLICE("UnprocessedItems"));
    json_write_object_begin(out);
    const struct table_list *table = NULL; /* requests of one stand next to each other */
    for (uint32_t i = 0; i < batch->count; i++) {
        if (is_written(batch, i))
            continue;
        if (table != batch->tables[i]) {
            if (table)
                json_write_array_end(out);
            table = batch->tables[i];
            json_write_name(out, table->table_name.given);
            json_write_array_begin(out);
        }
        write_request(out, &batch->plans[i]);
    }
    if (table)
        json_write_array_end(out);
    json_write_object_end(out);
}

static void write_capacity(struct request *request, enum capacity_detail detail,
                           const struct batch *batch)
{
    if (!response_wants_capacity(detail))
        return;
    struct consumed_tables consumed;
    consumed_tables_init(&consumed, request->arena, batch->tried);
    for (uint32_t i = 0; i < batch->tried; i++) {
        const struct table *table = batch->plans[i].table;
        if (is_written(batch, i))
            consumed_add_write(consumed_of_table(&consumed, &batch->tables[i]->table_name, table),
                           table, &batch->results[i]);
    }
    response_capacity_of_tables(request->out, detail, &consumed);
}

static void write_collections(struct json_writer *out, enum collection_metrics metrics,
                              const struct batch *batch)
{
    struct collection_item items[BATCH_WRITE_REQUESTS_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < batch->tried; i++) {
        if (is_written(batch, i))
            items[count++] =
                (struct collection_item){&batch->tables[i]->table_name, batch->plans[i].table,
                                         batch->keys[i], batch->results[i].collection_bytes};
    }
    response_collections(out, metrics, items, count);
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct batch *batch = arena_new(request->arena, struct batch);
    TRY(check_counts(in));
    TRY(plan_writes(in, batch));
    TRY(find_tables(request, batch));
    TRY(check_keys(request->arena, batch));
    batch->tried = count_fitting(batch, request);
    TRY(db_write_some(request->session, batch->plans, batch->tried, batch->results));
    uint32_t throttled_count = 0;
    for (uint32_t i = 0; i < batch->tried; i++)
        throttled_count += batch->results[i].refusal != NULL;
    if (throttled_count == batch->tried)
        return batch->results[0].refusal;

    json_write_object_begin(request->out);
    write_unprocessed(request->out, batch);
    write_collections(request->out, in->collection_metrics, batch);
    write_capacity(request, in->capacity, batch);
    json_write_object_end(request->out);
    return NULL;
}

const struct operation operation_batch_write_item = {SLICE("BatchWriteItem"), &structure, run};
