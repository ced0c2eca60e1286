#include "ops/conditional.h"

#include "ops/parameters.h"
#include "ops/response.h"

static error check_mixed(struct arena *arena, const struct conditional *conditional)
{
    struct parameter older[] = {
        {SLICE("Expected"), conditional->expected.present},
        {SLICE("ConditionalOperator"), conditional->joined_by != JOINED_UNSAID},
    };
    struct parameter expression = {SLICE("ConditionExpression"), is_given(conditional->expression)};
    return parameters_check_mixed(arena, older, 2, &expression, 1);
}

static error parse_expression(struct arena *arena, const struct conditional *conditional,
                              const struct condition **condition)
{
    struct placeholders placeholders = conditional->placeholders;
    TRY(placeholders_check(arena, &placeholders, CONDITIONAL_LAYER));
    TRY(condition_parse(arena, SLICE("ConditionExpression"), conditional->expression,
                        &placeholders, condition));
    return placeholders_check_used(arena, &placeholders);
}

static error parse(struct arena *arena, const struct conditional *conditional,
                   const struct condition **condition)
{
    bool has_expression = is_given(conditional->expression);
    *condition = NULL;
    if (has_expression)
        TRY(parse_expression(arena, conditional, condition));
    if (conditional->return_values != RETURN_VALUES_UNSAID &&
        conditional->return_values != RETURN_VALUES_ALL_OLD &&
        conditional->return_values != RETURN_VALUES_NONE)
        return FAILURE(ERROR_VALIDATION, "ReturnValues can only be ALL_OLD or NONE");
    if (has_expression)
        return NULL;
    return legacy_members_parse(arena, LEGACY_EXPECTED, &conditional->expected,
                                conditional->joined_by, condition);
}

error conditional_parse(struct arena *arena, const struct conditional *conditional,
                        const struct condition **condition)
{
    TRY(check_mixed(arena, conditional)); /* bare: tier3/error-messages/putItem, updateItem */
    if (!is_given(conditional->expression))
        TRY(placeholders_check_unwanted(arena, &conditional->placeholders,
                                        SLICE("ConditionExpression is null"),
                                        conditional->unwanted_layer));
    return response_in_layer(arena, CONDITIONAL_LAYER, parse(arena, conditional, condition));
}

error conditional_write(struct request *request, const struct conditional *conditional,
                        const struct write_plan *plan, const struct conditional_reply *reply)
{
    struct write_result result;
    TRY(db_write(request->session, plan, 1, &result));
    if (result.condition_failed)
        return response_condition_failed(request->arena, conditional->failure_values,
                                         result.old_item);

    struct json_writer *out = request->out;
    json_write_object_begin(out);
    if (conditional->return_values == RETURN_VALUES_ALL_OLD)
        response_item(out, SLICE("Attributes"), result.old_item);
    struct consumed consumed = {.table_half_units = 0};
    consumed_add_write(&consumed, plan->table, &result);
    response_capacity(out, reply->table_name, reply->capacity, &consumed);
    response_collection_metrics(out, reply->collection_metrics, plan->table,
                                plan->kind == WRITE_PUT ? plan->item : plan->key,
                                result.collection_bytes);
    json_write_object_end(out);
    return NULL;
}
