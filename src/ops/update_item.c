/*
 * UpdateItem: change attributes of an item, or make it when there was none.
 *
 * Without UpdateExpression and AttributeUpdates it makes the item of the key alone. What takes
 * attributes away from a missing item makes none.
 * Source: AWS API Reference, UpdateItem; Developer Guide, expressions; error texts captured from
 * the service.
 */
#include "expr/parser.h"
#include "ops/conditional.h"
#include "ops/key_paths.h"
#include "ops/parameters.h"
#include "ops/response.h"

struct input {
    struct table_name table_name;
    struct item_input key;
    struct decoded_list attribute_updates;
    slice update_expression;
    enum capacity_detail capacity;
    enum collection_metrics collection_metrics;
    struct conditional conditional;
};

/* ---- AttributeUpdates ---- */

struct attribute_update {
    slice attribute; /* first: the key of the map */
    uint32_t action; /* enum legacy_action */
    const struct value_input *value;
};

/* In the order of enum legacy_action. */
static const slice action_names[] = {SLICE("ADD"), SLICE("PUT"), SLICE("DELETE")};
static const struct choices action_choices = CHOICES(action_names);

static const struct field attribute_update_fields[] = {
    FIELD(struct attribute_update, action, "Action", FIELD_ENUM, OPTIONAL,
          .choices = &action_choices),
    FIELD(struct attribute_update, value, "Value", FIELD_VALUE, OPTIONAL),
};
static const struct structure attribute_update_structure = STRUCTURE(
    struct attribute_update, attribute_update_fields, .shape = SLICE("AttributeValueUpdate"));

static error parse_attribute_updates(struct arena *arena, const struct decoded_list *list,
                                     const struct update **update)
{
    const struct attribute_update *given = list->elements;
    struct legacy_update *entries = arena_new_array(arena, struct legacy_update, list->count);
    for (uint32_t i = 0; i < list->count; i++)
        entries[i] = (struct legacy_update){
            .attribute = given[i].attribute, .action = given[i].action, .value = given[i].value};
    return legacy_updates_parse(arena, entries, list->count, update);
}

/* ---- the request ---- */

static const struct field fields[] = {
    FIELD(struct input, capacity, "ReturnConsumedCapacity", FIELD_ENUM, OPTIONAL,
          .choices = &capacity_choices),
    FIELD(struct input, table_name, "TableName", FIELD_TABLE_NAME, REQUIRED, .min = 1),
    FIELD(struct input, collection_metrics, "ReturnItemCollectionMetrics", FIELD_ENUM, OPTIONAL,
          .choices = &collection_metrics_choices),
    FIELD(struct input, conditional.return_values, "ReturnValues", FIELD_ENUM, OPTIONAL,
          .choices = &return_values_choices),
    FIELD(struct input, conditional.joined_by, "ConditionalOperator", FIELD_ENUM, OPTIONAL,
          .choices = &joined_by_choices),
    FIELD(struct input, key, "Key", FIELD_ITEM, REQUIRED),
    FIELD(struct input, attribute_updates, "AttributeUpdates", FIELD_STRUCTURE_MAP, OPTIONAL,
          .structure = &attribute_update_structure),
    FIELD(struct input, conditional.expected, "Expected", FIELD_STRUCTURE_MAP, OPTIONAL,
          .structure = &expected_structure),
    FIELD(struct input, conditional.failure_values, "ReturnValuesOnConditionCheckFailure",
          FIELD_ENUM, OPTIONAL, .choices = &failure_values_choices),
    FIELD(struct input, update_expression, "UpdateExpression", FIELD_STRING, OPTIONAL),
    FIELD(struct input, conditional.expression, "ConditionExpression", FIELD_STRING, OPTIONAL),
    FIELD(struct input, conditional.placeholders, "ExpressionAttributeNames", FIELD_NAMES,
          OPTIONAL),
    FIELD(struct input, conditional.placeholders, "ExpressionAttributeValues", FIELD_VALUES,
          OPTIONAL),
};
/* The table name alone: captured from the service. Its layer: ops/conditional.h. */
static const struct structure structure =
    STRUCTURE(struct input, fields, .layer = CONDITIONAL_LAYER, .table_name_alone = true);

static error check_mixed(struct arena *arena, const struct input *in)
{
    struct parameter older[] = {
        {SLICE("AttributeUpdates"), in->attribute_updates.present},
        {SLICE("Expected"), in->conditional.expected.present},
        {SLICE("ConditionalOperator"), in->conditional.joined_by != JOINED_UNSAID},
    };
    struct parameter expressions[] = {
        {SLICE("UpdateExpression"), is_given(in->update_expression)},
        {SLICE("ConditionExpression"), is_given(in->conditional.expression)},
    };
    return parameters_check_mixed(arena, older, 3, expressions, 2);
}

static error check_empty(struct arena *arena, slice parameter, slice expression)
{
    if (!is_given(expression) || expression.size > 0)
        return NULL;
    return expression_fail(arena, parameter, "The expression can not be empty;");
}

struct parsed {
    const struct update *update;       /* NULL: nothing but the key */
    const struct condition *condition; /* NULL: none */
};

/* What is wrong with an UpdateExpression goes without envelope: tier3/error-messages/updateItem. */
static error parse_expressions(struct arena *arena, const struct input *in, struct parsed *parsed)
{
    slice condition = in->conditional.expression;
    struct placeholders placeholders = in->conditional.placeholders;
    if (!is_given(in->update_expression) && !is_given(condition))
        return placeholders_check_unwanted(arena, &placeholders, SLICE_NONE, CONDITIONAL_LAYER);
    TRY(response_in_layer(arena, CONDITIONAL_LAYER,
                          placeholders_check(arena, &placeholders, CONDITIONAL_LAYER)));
    TRY(check_empty(arena, SLICE("UpdateExpression"), in->update_expression));
    TRY(response_in_layer(arena, CONDITIONAL_LAYER,
                          check_empty(arena, SLICE("ConditionExpression"), condition)));
    if (is_given(in->update_expression))
        TRY(update_parse(arena, in->update_expression, &placeholders, &parsed->update));
    if (is_given(condition))
        TRY(response_in_layer(arena, CONDITIONAL_LAYER,
                              condition_parse(arena, SLICE("ConditionExpression"), condition,
                                              &placeholders, &parsed->condition)));
    return placeholders_check_used(arena, &placeholders);
}

static error parse_legacy(struct arena *arena, const struct input *in, struct parsed *parsed)
{
    if (in->key.invalid)
        return in->key.invalid;
    if (in->attribute_updates.present)
        TRY(parse_attribute_updates(arena, &in->attribute_updates, &parsed->update));
    return legacy_members_parse(arena, LEGACY_EXPECTED, &in->conditional.expected,
                                in->conditional.joined_by, &parsed->condition);
}

/* All that can be judged without the table; one kind of parameters leaves the other's results. */
static error parse(struct arena *arena, const struct input *in, struct parsed *parsed)
{
    *parsed = (struct parsed){NULL, NULL};
    TRY(check_mixed(arena, in)); /* bare: tier3/error-messages/updateItem */
    TRY(response_in_layer(arena, CONDITIONAL_LAYER, parse_legacy(arena, in, parsed)));
    return parse_expressions(arena, in, parsed);
}

static slice attributes_to_return(struct arena *arena, enum return_values return_values,
                                  const struct update *update, const struct write_result *result)
{
    switch (return_values) {
    case RETURN_VALUES_UNSAID:
    case RETURN_VALUES_NONE:
        return ITEM_ABSENT;
    case RETURN_VALUES_ALL_OLD:
        return result->old_item;
    case RETURN_VALUES_ALL_NEW:
        return result->new_item;
    case RETURN_VALUES_UPDATED_OLD:
        return update_touched(arena, update, result->old_item);
    case RETURN_VALUES_UPDATED_NEW:
        return update_touched(arena, update, result->new_item);
    }
    return ITEM_ABSENT;
}

static void reply(struct request *request, const struct input *in, const struct table *table,
                  const struct update *update, const struct write_result *result)
{
    slice attributes =
        attributes_to_return(request->arena, in->conditional.return_values, update, result);
    struct json_writer *out = request->out;
    json_write_object_begin(out);
    if (item_attribute_count(attributes) > 0)
        response_item(out, SLICE("Attributes"), attributes);
    struct consumed consumed = {.table_half_units = 0};
    consumed_add_write(&consumed, table, result);
    response_capacity(out, &in->table_name, in->capacity, &consumed);
    response_collection_metrics(out, in->collection_metrics, table, in->key.item,
                                result->collection_bytes);
    json_write_object_end(out);
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct arena *arena = request->arena;
    struct parsed parsed;
    TRY(parse(arena, in, &parsed));

    const struct table *table;
    TRY(table_find(request->session, in->table_name.name, &table));
    TRY(key_check(arena, &table->keys, in->key.item));
    TRY(update_check_keys(arena, parsed.update, &table->keys));
    const slice *entered;
    uint32_t entered_count = update_entered(arena, parsed.update, &entered);
    TRY(key_paths_check(arena, table, entered, entered_count));
    TRY(index_check_update(arena, table, parsed.update));
    TRY(update_check_charge(parsed.update));

    struct write_plan plan = {.table = table,
                              .kind = WRITE_UPDATE,
                              .key = in->key.item,
                              .update = parsed.update,
                              .condition = parsed.condition};
    struct write_result result;
    TRY(db_write(request->session, &plan, 1, &result));
    if (result.condition_failed)
        return response_condition_failed(arena, in->conditional.failure_values, result.old_item);
    reply(request, in, table, parsed.update, &result);
    return NULL;
}

const struct operation operation_update_item = {SLICE("UpdateItem"), &structure, run};
