/*
 * TransactGetItems: up to 100 items of several tables, all as they are at one moment.
 *
 * Source: AWS API Reference, TransactGetItems; error texts captured from the service.
 */
#include "base/limits.h"
#include "ops/projected.h"
#include "ops/transact.h"

struct get {
    struct item_input key;
    struct table_name table_name;
    struct projected projected; /* never AttributesToGet */
};
static const struct field get_fields[] = {
    FIELD(struct get, key, "Key", FIELD_ITEM, REQUIRED),
    FIELD(struct get, table_name, "TableName", FIELD_TABLE_NAME, REQUIRED, .min = 1),
    FIELD(struct get, projected.expression, "ProjectionExpression", FIELD_STRING, OPTIONAL),
    FIELD(struct get, projected.placeholders, "ExpressionAttributeNames", FIELD_NAMES, OPTIONAL),
};
static const struct structure get_structure =
    STRUCTURE(struct get, get_fields, .shape = SLICE("Get"));

struct get_item {
    const struct get *get;
};
static const struct field item_fields[] = {
    FIELD(struct get_item, get, "Get", FIELD_STRUCTURE, REQUIRED, .structure = &get_structure),
};
static const struct structure item_structure =
    STRUCTURE(struct get_item, item_fields, .shape = SLICE("TransactGetItem"));

struct input {
    struct decoded_list items; /* of struct get_item */
    enum capacity_detail capacity;
};
static const struct field fields[] = {
    FIELD(struct input, capacity, "ReturnConsumedCapacity", FIELD_ENUM, OPTIONAL,
          .choices = &capacity_choices),
    FIELD(struct input, items, "TransactItems", FIELD_STRUCTURE_LIST, REQUIRED, .min = 1,
          .max = TRANSACTION_ACTIONS_MAX, .structure = &item_structure),
};
static const struct structure structure =
    STRUCTURE(struct input, fields, .layer = VALUE_LAYER_OLDER);

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    const struct get_item *items = in->items.elements;
    uint32_t count = in->items.count;
    struct transact_get *gets = arena_new_array(request->arena, struct transact_get, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct get *get = items[i].get;
        gets[i].table_name = &get->table_name;
        if (get->key.invalid)
            return get->key.invalid;
        gets[i].key = get->key.item;
        /* Names without an expression pass here, unlike in GetItem. */
        if (is_given(get->projected.expression))
            TRY(projected_parse(request->arena, &get->projected, &gets[i].projection));
    }
    TRY(transact_get_run(request, gets, count));

    json_write_object_begin(request->out);
    transact_get_reply(request, gets, count, in->capacity);
    json_write_object_end(request->out);
    return NULL;
}

const struct operation operation_transact_get_items = {SLICE("TransactGetItems"), &structure, run};
