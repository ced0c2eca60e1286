/*
 * GetItem: one item, found by its full primary key.
 *
 * A missing item is a success whose reply has no Item. Rows that are read are durable, so every
 * read is strongly consistent here, unless --eventual-ms lets those without ConsistentRead lag
 * behind; else ConsistentRead only decides what is charged.
 * Source: AWS API Reference, GetItem; error texts captured from the service.
 */
#include "db/capacity.h"
#include "db/read.h"
#include "ops/key_paths.h"
#include "ops/operation.h"
#include "ops/projected.h"
#include "ops/response.h"

struct input {
    struct table_name table_name;
    struct item_input key;
    struct optional_boolean consistent_read;
    struct projected projected;
    enum capacity_detail capacity;
};

static const struct field fields[] = {
    FIELD(struct input, capacity, "ReturnConsumedCapacity", FIELD_ENUM, OPTIONAL,
          .choices = &capacity_choices),
    FIELD(struct input, projected.attributes_to_get, "AttributesToGet", FIELD_STRING_LIST, OPTIONAL,
          .min = 1),
    FIELD(struct input, table_name, "TableName", FIELD_TABLE_NAME, REQUIRED, .min = 1),
    FIELD(struct input, key, "Key", FIELD_ITEM, REQUIRED),
    FIELD(struct input, consistent_read, "ConsistentRead", FIELD_BOOLEAN, OPTIONAL),
    FIELD(struct input, projected.expression, "ProjectionExpression", FIELD_STRING, OPTIONAL),
    FIELD(struct input, projected.placeholders, "ExpressionAttributeNames", FIELD_NAMES, OPTIONAL),
};
/* Its layer: captured from the service, value by value. */
static const struct structure structure =
    STRUCTURE(struct input, fields, .layer = VALUE_LAYER_CURRENT_BARE);

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct arena *arena = request->arena;
    const struct projected *projected = &in->projected;
    TRY(projected_check_mixed(arena, &projected, 1));
    TRY(projected_check_unwanted(arena, projected));
    if (in->key.invalid)
        return in->key.invalid;
    const struct projection *projection;
    TRY(projected_parse(arena, projected, &projection));

    const struct table *table;
    TRY(table_find(request->session, in->table_name.name, &table));
    TRY(key_check(arena, &table->keys, in->key.item));
    const slice *entered;
    uint32_t entered_count = projection_entered(arena, projection, &entered);
    TRY(key_paths_check(arena, table, entered, entered_count));
    slice item;
    db_read_consistently(request->session, in->consistent_read.value);
    TRY(db_read_item(request->session, table, in->key.item, &item));

    struct json_writer *out = request->out;
    json_write_object_begin(out);
    if (item_exists(item))
        response_item(out, SLICE("Item"), projection_apply(projection, item, arena));
    /* For all that was read, whatever of it is returned, and for a miss too. */
    struct consumed consumed = {
        .table_half_units = capacity_of_read(item_charged_bytes(item), in->consistent_read.value)};
    response_capacity(out, &in->table_name, in->capacity, &consumed);
    json_write_object_end(out);
    return NULL;
}

const struct operation operation_get_item = {SLICE("GetItem"), &structure, run};
