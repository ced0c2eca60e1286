/*
 * TransactWriteItems: up to 100 puts, updates, deletes and checks in several tables, all or none.
 *
 * Source: AWS API Reference, TransactWriteItems; error texts captured from the service.
 */
#include "base/assert.h"
#include "base/limits.h"
#include "expr/update.h"
#include "ops/transact.h"

/* ---- members ---- */

/* Put, Update, Delete and ConditionCheck alike: each uses what its fields name. */
struct action {
    struct item_input item; /* to be put, or the key */
    struct table_name table_name;
    slice update_expression;
    slice condition_expression;
    struct placeholders placeholders;
    enum failure_values failure_values;
};

#define ITEM(name) FIELD(struct action, item, name, FIELD_ITEM, REQUIRED)
#define TABLE_NAME                                                                                 \
    FIELD(struct action, table_name, "TableName", FIELD_TABLE_NAME, REQUIRED, .min = 1)
#define CONDITION(presence)                                                                        \
    FIELD(struct action, condition_expression, "ConditionExpression", FIELD_STRING, presence)
#define NAMES FIELD(struct action, placeholders, "ExpressionAttributeNames", FIELD_NAMES, OPTIONAL)
#define VALUES                                                                                     \
    FIELD(struct action, placeholders, "ExpressionAttributeValues", FIELD_VALUES, OPTIONAL)
#define FAILURE_VALUES                                                                             \
    FIELD(struct action, failure_values, "ReturnValuesOnConditionCheckFailure", FIELD_ENUM,        \
          OPTIONAL, .choices = &failure_values_choices)

static const struct field put_fields[] = {ITEM("Item"), TABLE_NAME, CONDITION(OPTIONAL),
                                          NAMES,        VALUES,     FAILURE_VALUES};
static const struct field update_fields[] = {
    ITEM("Key"),
    FIELD(struct action, update_expression, "UpdateExpression", FIELD_STRING, REQUIRED),
    TABLE_NAME,
    CONDITION(OPTIONAL),
    NAMES,
    VALUES,
    FAILURE_VALUES,
};
static const struct field delete_fields[] = {ITEM("Key"), TABLE_NAME, CONDITION(OPTIONAL),
                                             NAMES,       VALUES,     FAILURE_VALUES};
static const struct field check_fields[] = {ITEM("Key"), TABLE_NAME, CONDITION(REQUIRED),
                                            NAMES,       VALUES,     FAILURE_VALUES};

static const struct structure check_structure =
    STRUCTURE(struct action, check_fields, .shape = SLICE("ConditionCheck"));
static const struct structure put_structure =
    STRUCTURE(struct action, put_fields, .shape = SLICE("Put"));
static const struct structure delete_structure =
    STRUCTURE(struct action, delete_fields, .shape = SLICE("Delete"));
static const struct structure update_structure =
    STRUCTURE(struct action, update_fields, .shape = SLICE("Update"));

/* One of the four. */
struct write_item {
    const struct action *check;
    const struct action *put;
    const struct action *delete;
    const struct action *update;
};
static const struct field item_fields[] = {
    FIELD(struct write_item, check, "ConditionCheck", FIELD_STRUCTURE, OPTIONAL,
          .structure = &check_structure),
    FIELD(struct write_item, put, "Put", FIELD_STRUCTURE, OPTIONAL, .structure = &put_structure),
    FIELD(struct write_item, delete, "Delete", FIELD_STRUCTURE, OPTIONAL,
          .structure = &delete_structure),
    FIELD(struct write_item, update, "Update", FIELD_STRUCTURE, OPTIONAL,
          .structure = &update_structure),
};
static const struct structure item_structure =
    STRUCTURE(struct write_item, item_fields, .shape = SLICE("TransactWriteItem"));

struct input {
    enum capacity_detail capacity;
    enum collection_metrics collection_metrics;
    struct decoded_list items; /* of struct write_item */
    slice token;
};
static const struct field fields[] = {
    FIELD(struct input, token, "ClientRequestToken", FIELD_STRING, OPTIONAL, .min = 1,
          .max = TOKEN_CHARACTERS_MAX),
    FIELD(struct input, capacity, "ReturnConsumedCapacity", FIELD_ENUM, OPTIONAL,
          .choices = &capacity_choices),
    FIELD(struct input, collection_metrics, "ReturnItemCollectionMetrics", FIELD_ENUM, OPTIONAL,
          .choices = &collection_metrics_choices),
    FIELD(struct input, items, "TransactItems", FIELD_STRUCTURE_LIST, REQUIRED, .min = 1,
          .max = TRANSACTION_ACTIONS_MAX, .structure = &item_structure),
};
static const struct structure structure =
    STRUCTURE(struct input, fields, .layer = VALUE_LAYER_OLDER);

/* ---- before the tables are known ---- */

static error take_action(const struct write_item *item, enum write_kind *kind,
                         const struct action **action)
{
    const struct {
        enum write_kind kind;
        const struct action *action;
    } given[] = {
        {WRITE_CHECK, item->check},
        {WRITE_PUT, item->put},
        {WRITE_DELETE, item->delete},
        {WRITE_UPDATE, item->update},
    };
    *action = NULL;
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        if (!given[i].action)
            continue;
        if (*action)
            return FAILURE(ERROR_VALIDATION,
                           "TransactItems can only contain one of Check, Put, Update or Delete");
        *kind = given[i].kind;
        *action = given[i].action;
    }
    if (!*action)
        return FAILURE(ERROR_VALIDATION, "Invalid Request: TransactWriteRequest should contain "
                                         "Delete or Put or Update request");
    return NULL;
}

static error parse_expressions(struct arena *arena, const struct action *action,
                               struct write_plan *plan)
{
    struct placeholders placeholders = action->placeholders;
    bool updates = is_given(action->update_expression);
    bool has_condition = is_given(action->condition_expression);
    TRY(placeholders_check(arena, &placeholders, VALUE_LAYER_OLDER));
    /* Placeholders without any expression pass here, unlike in operations on one item. */
    if (!updates && !has_condition)
        return NULL;
    if (updates)
        TRY(update_parse(arena, action->update_expression, &placeholders, &plan->update));
    if (has_condition)
        TRY(condition_parse(arena, SLICE("ConditionExpression"), action->condition_expression,
                            &placeholders, &plan->condition));
    return placeholders_check_used(arena, &placeholders);
}

static size_t payload_bytes(const struct action *action)
{
    const struct placeholders *placeholders = &action->placeholders;
    size_t bytes = item_charged_bytes(action->item.item) + action->update_expression.size +
                   action->condition_expression.size;
    for (uint32_t i = 0; i < placeholders->name_count; i++)
        bytes += placeholders->names[i].placeholder.size + placeholders->names[i].name.size;
    for (uint32_t i = 0; i < placeholders->value_count; i++)
        bytes += placeholders->values[i].placeholder.size +
                 value_charged_bytes(placeholders->values[i].input.value);
    return bytes;
}

static error plan_action(struct arena *arena, const struct write_item *item,
                         struct transact_action *planned)
{
    const struct action *action;
    struct write_plan *plan = &planned->plan;
    TRY(take_action(item, &plan->kind, &action));
    /* An item comes before its expressions, a key behind them: captured from the service. */
    if (plan->kind == WRITE_PUT && action->item.invalid)
        return action->item.invalid;
    TRY(parse_expressions(arena, action, plan));
    if (action->item.invalid)
        return action->item.invalid;
    if (plan->kind == WRITE_PUT)
        plan->item = action->item.item;
    else
        plan->key = action->item.item;
    if (item_charged_bytes(plan->item) > ITEM_BYTES_MAX)
        return FAILURE(ERROR_VALIDATION, "Item size has exceeded the maximum allowed size");
    planned->table_name = &action->table_name;
    planned->failure_values = action->failure_values;
    planned->payload_bytes = payload_bytes(action);
    return NULL;
}

/* ---- what a token stands for ---- */

/* The order in which a request spells its members does not count. */
static void add_placeholders(struct digest *request, const struct placeholders *placeholders)
{
    struct digest all = {0};
    for (uint32_t i = 0; i < placeholders->name_count; i++) {
        struct digest one = digest_of(placeholders->names[i].placeholder);
        digest_add(&one, placeholders->names[i].name);
        digest_add_unordered(&all, one);
    }
    for (uint32_t i = 0; i < placeholders->value_count; i++) {
        struct digest one = digest_of(placeholders->values[i].placeholder);
        digest_add(&one, placeholders->values[i].input.value);
        digest_add_unordered(&all, one);
    }
    digest_add(request, slice_of(&all, sizeof all));
}

static void add_action(struct digest *request, const struct write_item *item)
{
    enum write_kind kind;
    const struct action *action;
    error never = take_action(item, &kind, &action);
    assert_that(!never);
    uint8_t choices[] = {(uint8_t)kind, (uint8_t)action->failure_values};
    digest_add(request, slice_of(choices, sizeof choices));
    digest_add(request, action->table_name.name);
    digest_add(request, action->item.item);
    digest_add(request, action->update_expression);
    digest_add(request, action->condition_expression);
    add_placeholders(request, &action->placeholders);
}

/* Of the decoded request, so that two spellings of one request are the same. */
static struct request_token token_of(const struct input *in)
{
    struct request_token token = {.kind = REQUEST_OF_ACTIONS, .text = in->token};
    const struct write_item *items = in->items.elements;
    uint8_t choices[] = {(uint8_t)in->capacity, (uint8_t)in->collection_metrics};
    digest_add(&token.request, slice_of(choices, sizeof choices));
    for (uint32_t i = 0; i < in->items.count; i++)
        add_action(&token.request, &items[i]);
    return token;
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    const struct write_item *items = in->items.elements;
    struct transact_write write = {.count = in->items.count};
    write.actions = arena_new_array(request->arena, struct transact_action, write.count);
    for (uint32_t i = 0; i < write.count; i++)
        TRY(plan_action(request->arena, &items[i], &write.actions[i]));
    struct request_token token;
    if (is_given(in->token)) {
        token = token_of(in);
        write.token = &token;
    }
    TRY(transact_write_run(request, &write));

    json_write_object_begin(request->out);
    transact_write_reply(request, &write, in->capacity, in->collection_metrics);
    json_write_object_end(request->out);
    return NULL;
}

const struct operation operation_transact_write_items = {SLICE("TransactWriteItems"), &structure,
                                                         run};
