/*
 * Query: the items of one partition key of a table or index, in the order of their sort keys.
 *
 * Source: AWS API Reference, Query; error texts captured from the service.
 */
#include "base/limits.h"
#include "ops/page.h"
#include "ops/parameters.h"

struct input {
    struct page_input page;
    slice key_condition_expression;
    struct optional_boolean scan_index_forward;
    struct decoded_list key_conditions;
};

static const struct field fields[] = {
    /* The newer form here: asserted by the public conformance suite. */
    FIELD(struct input, page.limit, "Limit", FIELD_INTEGER, OPTIONAL, .min = 1,
          .wording = WORDING_GENERIC),
    FIELD(struct input, page.start_key, "ExclusiveStartKey", FIELD_ITEM, OPTIONAL),
    FIELD(struct input, page.capacity, "ReturnConsumedCapacity", FIELD_ENUM, OPTIONAL,
          .choices = &capacity_choices),
    FIELD(struct input, page.attributes_to_get, "AttributesToGet", FIELD_STRING_LIST, OPTIONAL,
          .min = 1),
    FIELD(struct input, page.filter, "QueryFilter", FIELD_STRUCTURE_MAP, OPTIONAL,
          .structure = &condition_structure),
    FIELD(struct input, page.selection, "Select", FIELD_ENUM, OPTIONAL,
          .choices = &selection_choices),
    /* Bare here: captured from the service. */
    FIELD(struct input, page.joined_by, "ConditionalOperator", FIELD_ENUM, OPTIONAL,
          .choices = &joined_by_choices_of_query, .wording = WORDING_BARE),
    FIELD(struct input, key_conditions, "KeyConditions", FIELD_STRUCTURE_MAP, OPTIONAL,
          .structure = &condition_structure),
    FIELD(struct input, page.table_name, "TableName", FIELD_TABLE_NAME, REQUIRED, .min = 1),
    FIELD(struct input, page.index_name, "IndexName", FIELD_STRING, OPTIONAL, .is_name = true,
          .min = INDEX_NAME_BYTES_MIN, .max = INDEX_NAME_BYTES_MAX),
    FIELD(struct input, page.consistent_read, "ConsistentRead", FIELD_BOOLEAN, OPTIONAL),
    FIELD(struct input, scan_index_forward, "ScanIndexForward", FIELD_BOOLEAN, OPTIONAL),
    FIELD(struct input, key_condition_expression, "KeyConditionExpression", FIELD_STRING, OPTIONAL),
    FIELD(struct input, page.filter_expression, "FilterExpression", FIELD_STRING, OPTIONAL),
    FIELD(struct input, page.projection_expression, "ProjectionExpression", FIELD_STRING, OPTIONAL),
    FIELD(struct input, page.placeholders, "ExpressionAttributeNames", FIELD_NAMES, OPTIONAL),
    FIELD(struct input, page.placeholders, "ExpressionAttributeValues", FIELD_VALUES, OPTIONAL),
};
/* Its layer: captured from the service, value by value. */
static const struct structure structure =
    STRUCTURE(struct input, fields, .layer = VALUE_LAYER_CURRENT_BARE);

static error check_mixed(struct arena *arena, const struct input *in)
{
    const struct page_input *page = &in->page;
    bool has_key_expression = is_given(in->key_condition_expression);
    /* KeyConditions may stand beside the other expressions when it replaces none of them. */
    struct parameter older[] = {
        {SLICE("AttributesToGet"), page->attributes_to_get.present},
        {SLICE("QueryFilter"), page->filter.present},
        {SLICE("ConditionalOperator"), page->joined_by != JOINED_UNSAID},
        {SLICE("KeyConditions"), in->key_conditions.present && has_key_expression},
    };
    struct parameter expressions[] = {
        {SLICE("ProjectionExpression"), is_given(page->projection_expression)},
        {SLICE("FilterExpression"), is_given(page->filter_expression)},
        {SLICE("KeyConditionExpression"), has_key_expression},
    };
    return parameters_check_mixed(arena, older, 4, expressions, 3);
}

/* Everything that can be judged without the table. */
static error parse(struct arena *arena, const struct input *in,
                   struct page_expressions *expressions)
{
    TRY(check_mixed(arena, in));
    TRY(page_check_unwanted(arena, &in->page, in->key_condition_expression, structure.layer));
    TRY(page_parse_legacy(arena, &in->page, expressions));
    if (in->page.start_key.invalid)
        return in->page.start_key.invalid;
    if (!is_given(in->key_condition_expression) && !in->key_conditions.present)
        return FAILURE(ERROR_VALIDATION, "Either the KeyConditions or KeyConditionExpression "
                                         "parameter must be specified in the request.");
    TRY(page_check_selection(arena, &in->page, structure.layer));
    TRY(page_parse_expressions(arena, &in->page, in->key_condition_expression, structure.layer,
                               expressions));
    if (!in->key_conditions.present)
        return NULL;
    return legacy_members_parse_keys(arena, &in->key_conditions, &expressions->key_condition);
}

static error check_no_key(struct arena *arena, const struct input *in,
                          const struct condition *filter, const struct key_attribute *keys,
                          uint32_t count)
{
    const char *parameter = in->page.filter.present ? "QueryFilter" : "Filter Expression";
    for (uint32_t i = 0; i < count; i++) {
        if (condition_names_attribute(filter, keys[i].name))
            return fail(arena, ERROR_VALIDATION,
                        "%s can only contain non-primary key attributes: Primary key attribute: "
                        "%.*s",
                        parameter, SLICE_ARGS(keys[i].name));
    }
    return NULL;
}

/* It may name no key of what is queried, and nothing that is not in it. */
static error check_filter(struct arena *arena, const struct input *in, const struct read_plan *plan,
                          const struct key_parts *keys, const struct condition *filter)
{
    TRY(check_no_key(arena, in, filter, keys->hash, keys->hash_count));
    TRY(check_no_key(arena, in, filter, keys->range, keys->range_count));
    if (!plan->index)
        return NULL;
    const slice *names;
    uint32_t count = condition_attributes(arena, filter, &names);
    slice unprojected = page_unprojected(arena, plan->table, plan->index, names, count);
    if (unprojected.size > 0)
        return fail(arena, ERROR_VALIDATION,
                    "One or more parameter values were invalid: Secondary index %.*s does not "
                    "project one or more filter attributes: [%.*s]",
                    SLICE_ARGS(plan->index->name), SLICE_ARGS(unprojected));
    return NULL;
}

/* Whether the condition on the sort key holds, in whichever partition. */
static bool range_has(struct arena *arena, const struct read_plan *plan,
                      const struct key_parts *keys, const struct key_condition *condition,
                      slice start_key)
{
    struct key_condition there = *condition;
    for (uint32_t i = 0; i < keys->hash_count; i++)
        item_attribute(start_key, keys->hash[i].name, &there.hash_values[i]);
    struct row_range range = row_range_of_condition(arena, plan->table, plan->index, &there);
    return row_range_has(arena, plan->table, plan->index, range, start_key);
}

/* Whether at most one row can match, so that the query ends with its first page. */
static bool finds_one(const struct read_plan *plan, const struct key_condition *condition)
{
    return !plan->index && (!plan->table->keys.has_range || condition->range_operator == RANGE_EQ);
}

/*
 * That the page before, which ended with this key, was one of the same query. A key that the
 * condition on the sort key takes, but of another partition, gets the words of a query that finds
 * one item: captured from the service.
 */
static error check_restart(struct arena *arena, const struct read_plan *plan,
                           const struct key_parts *keys, const struct key_condition *condition,
                           slice start_key)
{
    const struct table *table = plan->table;
    const struct index *index = plan->index;
    if (!range_has(arena, plan, keys, condition, start_key))
        return FAILURE(ERROR_VALIDATION,
                       "The provided starting key does not match the range key predicate");
    struct key_condition partition = *condition;
    partition.equal_count = 0;
    partition.range_operator = RANGE_ANY;
    struct row_range range = row_range_of_condition(arena, table, index, &partition);
    bool is_outside = !row_range_has(arena, table, index, range, start_key);
    if (is_outside && condition->range_operator == RANGE_ANY)
        return FAILURE(ERROR_VALIDATION, "The provided starting key is outside query boundaries "
                                         "based on provided conditions");
    if (is_outside || finds_one(plan, condition))
        return FAILURE(ERROR_VALIDATION,
                       "The query can return at most one row and cannot be restarted");
    return NULL;
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct arena *arena = request->arena;
    struct page_expressions expressions = {0};
    TRY(parse(arena, in, &expressions));

    struct read_plan plan = {
        .backward = in->scan_index_forward.present && !in->scan_index_forward.value,
    };
    TRY(table_find(request->session, in->page.table_name.name, &plan.table));
    TRY(page_find_index(arena, &in->page, &plan));
    slice start_key = in->page.start_key.item;
    if (in->page.start_key.present)
        TRY(page_check_start_partition(&plan, start_key));
    struct key_parts keys = index_key_parts(plan.table, plan.index);
    struct key_condition condition;
    TRY(key_condition_resolve(arena, expressions.key_condition, &keys, &condition));

    plan.range = row_range_of_condition(arena, plan.table, plan.index, &condition);
    if (in->page.start_key.present) {
        TRY(page_check_start_key(arena, &plan, start_key));
        TRY(check_restart(arena, &plan, &keys, &condition, start_key));
        plan.range =
            row_range_after(arena, plan.table, plan.index, plan.range, start_key, plan.backward);
    }
    TRY(check_filter(arena, in, &plan, &keys, expressions.filter));
    TRY(page_check_projected(arena, &in->page, &expressions, &plan));
    TRY(page_check_paths(arena, plan.table, &expressions));
    struct page_input page = in->page;
    /* Nor does the limit end it with a key that no request may begin behind. */
    if (finds_one(&plan, &condition))
        page.limit.present = false;
    return page_reply(request, &page, &plan, &expressions);
}

const struct operation operation_query = {SLICE("Query"), &structure, run};
