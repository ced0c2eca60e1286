/*
 * BatchGetItem: up to 100 items of several tables, each found by its full primary key.
 *
 * Missing items are left out of the reply. What does not fit into it, or into the memory that is
 * left, or is throttled, comes back as UnprocessedKeys in the form in which it was asked for. When
 * all of it is throttled, the request is.
 * Source: AWS API Reference, BatchGetItem; error texts captured from the service; Developer Guide,
 * quotas, item sizes and capacity.
 */
#include "base/budget.h"
#include "base/limits.h"
#include "db/capacity.h"
#include "db/read.h"
#include "ops/operation.h"
#include "ops/projected.h"
#include "ops/response.h"

/* ---- members ---- */

struct table_keys {
    struct table_name table_name; /* first: it is the entry's key */
    struct decoded_list keys;
    struct optional_boolean consistent_read;
    struct projected projected;
};

static const struct field table_fields[] = {
    /* The newer form here: asserted by the public conformance suite. */
    FIELD(struct table_keys, keys, "Keys", FIELD_ITEM_LIST, REQUIRED, .min = 1,
          .max = BATCH_GET_KEYS_MAX, .wording = WORDING_GENERIC),
    FIELD(struct table_keys, projected.attributes_to_get, "AttributesToGet", FIELD_STRING_LIST,
          OPTIONAL, .min = 1),
    FIELD(struct table_keys, consistent_read, "ConsistentRead", FIELD_BOOLEAN, OPTIONAL),
    FIELD(struct table_keys, projected.expression, "ProjectionExpression", FIELD_STRING, OPTIONAL),
    FIELD(struct table_keys, projected.placeholders, "ExpressionAttributeNames", FIELD_NAMES,
          OPTIONAL),
};
static const struct structure table_structure =
    STRUCTURE(struct table_keys, table_fields, .shape = SLICE("KeysAndAttributes"));

struct input {
    struct decoded_list tables;
    enum capacity_detail capacity;
};

static const struct field fields[] = {
    FIELD(struct input, tables, "RequestItems", FIELD_TABLE_MAP, REQUIRED,
          .structure = &table_structure),
    FIELD(struct input, capacity, "ReturnConsumedCapacity", FIELD_ENUM, OPTIONAL,
          .choices = &capacity_choices),
};
/* Its layer: captured from the service, value by value. */
static const struct structure structure =
    STRUCTURE(struct input, fields, .layer = VALUE_LAYER_CURRENT_BARE);

/* One table's part of the request on its way. */
struct reading {
    const struct table_keys *in;
    const struct projection *projection;
    const struct table *table;
    slice *keys;
    uint32_t done;     /* the first keys: their items are in the reply, or are throttled */
    bool *is_throttled; /* of each */
    uint32_t throttled_count;
    int64_t half_units;
};

/* ---- before the tables are known ---- */

static error check_counts(const struct input *in)
{
    const struct table_keys *tables = in->tables.elements;
    uint64_t key_count = 0;
    /* Now "Value at 'RequestItems' …" in most Regions; these are the public conformance suite's. */
    if (in->tables.count == 0)
        return FAILURE(ERROR_VALIDATION, "The requestItems parameter is required for BatchGetItem");
    for (uint32_t i = 0; i < in->tables.count; i++)
        key_count += tables[i].keys.count;
    if (key_count > BATCH_GET_KEYS_MAX)
        return FAILURE(ERROR_VALIDATION, "Too many items requested for the BatchGetItem call");
    return NULL;
}

static error check_mixed(struct arena *arena, const struct input *in)
{
    const struct table_keys *tables = in->tables.elements;
    const struct projected **projected =
        arena_new_array(arena, const struct projected *, in->tables.count);
    for (uint32_t i = 0; i < in->tables.count; i++)
        projected[i] = &tables[i].projected;
    return projected_check_mixed(arena, projected, in->tables.count);
}

static error take_keys(struct arena *arena, struct reading *reading)
{
    const struct item_input *inputs = reading->in->keys.elements;
    uint32_t count = reading->in->keys.count;
    reading->keys = arena_new_array(arena, slice, count);
    reading->is_throttled = arena_new_array(arena, bool, count);
    for (uint32_t i = 0; i < count; i++) {
        if (inputs[i].invalid)
            return inputs[i].invalid;
        reading->keys[i] = inputs[i].item;
    }
    return NULL;
}

static error check_distinct(const struct reading *reading)
{
    for (uint32_t i = 0; i < reading->in->keys.count; i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (slice_equal(reading->keys[i], reading->keys[j]))
                return FAILURE(ERROR_VALIDATION, "Provided list of item keys contains duplicates");
        }
    }
    return NULL;
}

static error prepare(struct arena *arena, const struct input *in, struct reading *readings)
{
    const struct table_keys *tables = in->tables.elements;
    TRY(check_counts(in));
    TRY(check_mixed(arena, in));
    for (uint32_t i = 0; i < in->tables.count; i++) {
        readings[i].in = &tables[i];
        TRY(take_keys(arena, &readings[i]));
        TRY(projected_parse(arena, &tables[i].projected, &readings[i].projection));
        TRY(check_distinct(&readings[i]));
    }
    return NULL;
}

/* ---- reading ---- */

/* So many items of the largest size fill a reply. */
enum { KEYS_PER_READ = BATCH_GET_BYTES_MAX / ITEM_BYTES_MAX };

/* What has been returned so far. */
struct reply {
    size_t bytes;
    uint32_t items; /* those that were not found too */
    bool is_full;
    error refusal; /* the first one for throughput; NULL: none was */
};

static bool has_room(const struct request *request, const struct reply *reply, slice item)
{
    if (request->batch_items_max > 0 && reply->items == request->batch_items_max)
        return false;
    if (reply->bytes == 0)
        return true;
    const struct budget *budget = request->arena->budget;
    return reply->bytes + item_charged_bytes(item) <= BATCH_GET_BYTES_MAX &&
           !(budget && budget_is_spent(budget));
}

static void return_item(struct request *request, struct reading *reading, struct reply *reply,
                        slice item)
{
    size_t bytes = item_charged_bytes(item);
    reply->bytes += bytes;
    reply->items++;
    reading->half_units += capacity_of_read(bytes, reading->in->consistent_read.value);
    if (item_exists(item))
        item_write_json(request->out,
                        projection_apply(reading->projection, item, request->arena));
}

static void note_throttled(struct reading *reading, struct reply *reply, error refusal)
{
    reading->is_throttled[reading->done] = true;
    reading->throttled_count++;
    reply->refusal = reply->refusal ? reply->refusal : refusal;
}

/* The next keys of the table and what they find, until the reply is full. */
static error read_some(struct request *request, struct reading *reading, struct reply *reply)
{
    slice items[KEYS_PER_READ], row_keys[KEYS_PER_READ];
    uint32_t left = reading->in->keys.count - reading->done;
    uint32_t count = left < KEYS_PER_READ ? left : KEYS_PER_READ;
    db_read_consistently(request->session, reading->in->consistent_read.value);
    TRY(db_read_uncharged(request->session, reading->table, reading->keys + reading->done, count,
                          row_keys, items));
    for (uint32_t i = 0; i < count && !reply->is_full; i++) {
        if (!has_room(request, reply, items[i])) {
            reply->is_full = true;
            break;
        }
        error refusal = db_charge_item(request->session, reading->table, row_keys[i], items[i]);
        if (refusal)
            note_throttled(reading, reply, refusal);
        else
            return_item(request, reading, reply, items[i]);
        reading->done++;
    }
    return NULL;
}

static error read_all(struct request *request, struct reading *readings, uint32_t count)
{
    struct json_writer *out = request->out;
    struct reply reply = {0};
    json_write_name(out, SLICE("Responses"));
    json_write_object_begin(out);
    for (uint32_t i = 0; i < count && !reply.is_full; i++) {
        struct reading *reading = &readings[i];
        json_write_name(out, reading->in->table_name.given);
        json_write_array_begin(out);
        while (reading->done < reading->in->keys.count && !reply.is_full)
            TRY(read_some(request, reading, &reply));
        json_write_array_end(out);
    }
    json_write_object_end(out);
    return reply.items > 0 ? NULL : reply.refusal;
}

/* ---- the rest of the reply ---- */

static void write_projected(struct json_writer *out, const struct projected *projected)
{
    const slice *names = projected->attributes_to_get.elements;
    if (projected->attributes_to_get.present) {
        json_write_name(out, SLICE("AttributesToGet"));
        json_write_array_begin(out);
        for (uint32_t i = 0; i < projected->attributes_to_get.count; i++)
            json_write_string(out, names[i]);
        json_write_array_end(out);
    }
    if (is_given(projected->expression)) {
        json_write_name(out, SLICE("ProjectionExpression"));
        json_write_string(out, projected->expression);
    }
    if (projected->placeholders.names_present) {
        json_write_name(out, SLICE("ExpressionAttributeNames"));
        json_write_object_begin(out);
        for (uint32_t i = 0; i < projected->placeholders.name_count; i++) {
            json_write_name(out, projected->placeholders.names[i].placeholder);
            json_write_string(out, projected->placeholders.names[i].name);
        }
        json_write_object_end(out);
    }
}

static void write_unprocessed(struct json_writer *out, const struct reading *readings,
                              uint32_t count)
{
    json_write_name(out, SLICE("UnprocessedKeys"));
    json_write_object_begin(out);
    for (uint32_t i = 0; i < count; i++) {
        const struct table_keys *in = readings[i].in;
        if (readings[i].done == in->keys.count && readings[i].throttled_count == 0)
            continue;
        json_write_name(out, in->table_name.given);
        json_write_object_begin(out);
        json_write_name(out, SLICE("Keys"));
        json_write_array_begin(out);
        for (uint32_t k = 0; k < in->keys.count; k++) {
            if (k >= readings[i].done || readings[i].is_throttled[k])
                item_write_json(out, readings[i].keys[k]);
        }
        json_write_array_end(out);
        if (in->consistent_read.present) {
            json_write_name(out, SLICE("ConsistentRead"));
            json_write_bool(out, in->consistent_read.value);
        }
        write_projected(out, &in->projected);
        json_write_object_end(out);
    }
    json_write_object_end(out);
}

static void write_capacity(struct json_writer *out, enum capacity_detail detail,
                           const struct reading *readings, uint32_t count)
{
    if (!response_wants_capacity(detail))
        return;
    json_write_name(out, SLICE("ConsumedCapacity"));
    json_write_array_begin(out);
    for (uint32_t i = 0; i < count; i++) {
        struct consumed consumed = {.table_half_units = readings[i].half_units};
        if (readings[i].done > readings[i].throttled_count)
            response_capacity_of_table(out, &readings[i].in->table_name, detail, &consumed);
    }
    json_write_array_end(out);
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct arena *arena = request->arena;
    uint32_t count = in->tables.count;
    struct reading *readings = arena_new_array(arena, struct reading, count);
    TRY(prepare(arena, in, readings));
    for (uint32_t i = 0; i < count; i++)
        TRY(table_find(request->session, readings[i].in->table_name.name, &readings[i].table));
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < readings[i].in->keys.count; k++)
            TRY(key_check(arena, &readings[i].table->keys, readings[i].keys[k]));
    }

    json_write_object_begin(request->out);
    TRY(read_all(request, readings, count));
    write_unprocessed(request->out, readings, count);
    write_capacity(request->out, in->capacity, readings, count);
    json_write_object_end(request->out);
    return NULL;
}

const struct operation operation_batch_get_item = {SLICE("BatchGetItem"), &structure, run};
