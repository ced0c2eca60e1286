/*
 * ExecuteStatement: one PartiQL statement, run as the operation that it stands for.
 *
 * Source: AWS API Reference, ExecuteStatement; Developer Guide, PartiQL for DynamoDB; error texts
 * captured from the service.
 */
#include "base/limits.h"
#include "ops/response.h"
#include "ops/statement.h"
#include "ops/statement_token.h"

struct input {
    struct statement_input statement;
    struct optional_boolean consistent_read;
    slice next_token;
    enum capacity_detail capacity;
    struct optional_integer limit;
    enum failure_values failure_values;
};

static const struct field fields[] = {
    FIELD(struct input, statement.text, "Statement", FIELD_STRING, REQUIRED, .min = 1,
          .max = PARTIQL_STATEMENT_BYTES_MAX),
    FIELD(struct input, statement.parameters, "Parameters", FIELD_VALUE_LIST, OPTIONAL, .min = 1),
    FIELD(struct input, consistent_read, "ConsistentRead", FIELD_BOOLEAN, OPTIONAL),
    FIELD(struct input, next_token, "NextToken", FIELD_STRING, OPTIONAL, .min = 1,
          .max = PARTIQL_NEXT_TOKEN_BYTES_MAX),
    FIELD(struct input, capacity, "ReturnConsumedCapacity", FIELD_ENUM, OPTIONAL,
          .choices = &capacity_choices),
    FIELD(struct input, limit, "Limit", FIELD_INTEGER, OPTIONAL, .min = 1),
    FIELD(struct input, failure_values, "ReturnValuesOnConditionCheckFailure", FIELD_ENUM, OPTIONAL,
          .choices = &failure_values_choices),
};
static const struct structure structure =
    STRUCTURE(struct input, fields, .layer = VALUE_LAYER_OLDER);

static error run_select(struct request *request, const struct input *in,
                        const struct statement *statement, const struct table *table)
{
    struct arena *arena = request->arena;
    bool consistent_read = in->consistent_read.value;
    struct select_plan plan;
    TRY(select_plan_make(arena, statement, table, consistent_read, &plan));
    if (is_given(in->next_token)) {
        slice key;
        TRY(statement_token_open(arena, in->next_token, &in->statement, table, &key));
        if (!select_plan_skip(arena, &plan, key))
            return FAILURE(ERROR_VALIDATION, "NextToken does not match request");
    }
    struct select_page page;
    struct consumed consumed = {.table_half_units = 0};
    uint32_t limit = in->limit.present ? (uint32_t)in->limit.value : 0;
    TRY(select_read(request->session, &plan, limit, consistent_read, &page, &consumed));

    struct json_writer *out = request->out;
    struct table_name table_name = table_name_of(statement->table);
    json_write_object_begin(out);
    response_items(out, page.items, page.count, NULL, arena);
    if (item_exists(page.last_key)) {
        json_write_name(out, SLICE("NextToken"));
        json_write_string(out, statement_token_make(arena, &in->statement, table, page.last_key));
    }
    response_item(out, SLICE("LastEvaluatedKey"), page.last_key);
    response_capacity(out, &table_name, in->capacity, &consumed);
    json_write_object_end(out);
    return NULL;
}

static error run_write(struct request *request, const struct input *in,
                       const struct statement *statement, const struct table *table)
{
    struct arena *arena = request->arena;
    struct write_plan plan;
    struct write_result result;
    TRY(statement_plan_write(arena, statement, table, statement_without_key(), &plan));
    TRY(db_write(request->session, &plan, 1, &result));
    if (result.condition_failed)
        return statement_condition_failed(arena, statement, in->failure_values, result.old_item);

    struct json_writer *out = request->out;
    struct table_name table_name = table_name_of(statement->table);
    slice returned = statement_returned(arena, statement, &result);
    struct consumed consumed = {.table_half_units = 0};
    consumed_add_write(&consumed, table, &result);
    json_write_object_begin(out);
    response_items(out, &returned, item_exists(returned) ? 1 : 0, NULL, arena);
    response_capacity(out, &table_name, in->capacity, &consumed);
    json_write_object_end(out);
    return NULL;
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    const struct statement *statement;
    TRY(statement_check_parameters(&in->statement));
    TRY(statement_input_parse(request->arena, &in->statement, &statement));
    if (statement->kind == STATEMENT_EXISTS)
        return FAILURE(ERROR_VALIDATION,
                       "EXISTS can only be used in ExecuteTransaction write requests.");
    const struct table *table;
    TRY(table_find(request->session, table_name_of(statement->table).name, &table));
    if (statement_reads(statement))
        return run_select(request, in, statement, table);
    return run_write(request, in, statement, table);
}

const struct operation operation_execute_statement = {SLICE("ExecuteStatement"), &structure, run};
