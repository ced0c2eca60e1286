/*
 * PutItem: put a whole item in the place of whatever had its key.
 *
 * Source: AWS API Reference, PutItem; error texts captured from the service.
 */
#include "base/limits.h"
#include "db/index/index.h"
#include "ops/conditional.h"

struct input {
    struct table_name table_name;
    struct item_input item;
    enum capacity_detail capacity;
    enum collection_metrics collection_metrics;
    struct conditional conditional;
};

static const struct field fields[] = {
    FIELD(struct input, capacity, "ReturnConsumedCapacity", FIELD_ENUM, OPTIONAL,
          .choices = &capacity_choices),
    FIELD(struct input, table_name, "TableName", FIELD_TABLE_NAME, REQUIRED, .min = 1),
    FIELD(struct input, item, "Item", FIELD_ITEM, REQUIRED,
          .layer = VALUE_LAYER_OLDER_SETS /* tier3/error-messages/putItem */),
    FIELD(struct input, conditional.joined_by, "ConditionalOperator", FIELD_ENUM, OPTIONAL,
          .choices = &joined_by_choices),
    FIELD(struct input, conditional.expected, "Expected", FIELD_STRUCTURE_MAP, OPTIONAL,
          .structure = &expected_structure),
    FIELD(struct input, conditional.return_values, "ReturnValues", FIELD_ENUM, OPTIONAL,
          .choices = &return_values_choices),
    FIELD(struct input, collection_metrics, "ReturnItemCollectionMetrics", FIELD_ENUM, OPTIONAL,
          .choices = &collection_metrics_choices),
    FIELD(struct input, conditional.failure_values, "ReturnValuesOnConditionCheckFailure",
          FIELD_ENUM, OPTIONAL, .choices = &failure_values_choices),
    FIELD(struct input, conditional.expression, "ConditionExpression", FIELD_STRING, OPTIONAL),
    FIELD(struct input, conditional.placeholders, "ExpressionAttributeNames", FIELD_NAMES,
          OPTIONAL),
    FIELD(struct input, conditional.placeholders, "ExpressionAttributeValues", FIELD_VALUES,
          OPTIONAL),
};
/* The table name alone: captured from the service. Its layer: ops/conditional.h. */
static const struct structure structure =
    STRUCTURE(struct input, fields, .layer = CONDITIONAL_LAYER, .table_name_alone = true);

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct arena *arena = request->arena;
    if (in->item.invalid)
        return in->item.invalid;
    const struct condition *condition;
    struct conditional conditional = in->conditional;
    if (!conditional.placeholders.names_present)
        conditional.unwanted_layer = VALUE_LAYER_OLDER; /* tier3/error-messages/putItem */
    TRY(conditional_parse(arena, &conditional, &condition));
    if (item_charged_bytes(in->item.item) > ITEM_BYTES_MAX)
        return FAILURE(ERROR_VALIDATION, "Item size has exceeded the maximum allowed size");

    const struct table *table;
    TRY(table_find(request->session, in->table_name.name, &table));
    TRY(key_check_item(arena, &table->keys, in->item.item));
    TRY(index_check_item(arena, table, in->item.item));

    struct write_plan plan = {
        .table = table, .kind = WRITE_PUT, .item = in->item.item, .condition = condition};
    struct conditional_reply reply = {&in->table_name, in->capacity, in->collection_metrics};
    return conditional_write(request, &in->conditional, &plan, &reply);
}

const struct operation operation_put_item = {SLICE("PutItem"), &structure, run};
