/*
 * ExecuteTransaction: up to 100 PartiQL statements, each on one item: all of them read, as one
 * moment shows them, or all of them write or check, all or nothing.
 *
 * They become the actions of TransactGetItems and TransactWriteItems (ops/transact.h).
 * Source: AWS API Reference, ExecuteTransaction; Developer Guide, PartiQL for DynamoDB; error texts
 * captured from the service.
 */
#include "base/limits.h"
#include "ops/statement.h"
#include "ops/transact.h"
#include "partiql/where_key.h"

/* ---- members ---- */

struct member_input {
    struct statement_input statement;
    enum failure_values failure_values;
};
static const struct field member_fields[] = {
    FIELD(struct member_input, statement.text, "Statement", FIELD_STRING, REQUIRED, .min = 1,
          .max = PARTIQL_STATEMENT_BYTES_MAX),
    FIELD(struct member_input, statement.parameters, "Parameters", FIELD_VALUE_LIST, OPTIONAL,
          .min = 1),
    FIELD(struct member_input, failure_values, "ReturnValuesOnConditionCheckFailure", FIELD_ENUM,
          OPTIONAL, .choices = &failure_values_choices),
};
static const struct structure member_structure =
    STRUCTURE(struct member_input, member_fields, .shape = SLICE("ParameterizedStatement"));

struct input {
    struct decoded_list statements; /* of struct member_input */
    slice token;
    enum capacity_detail capacity;
};
static const struct field fields[] = {
    FIELD(struct input, statements, "TransactStatements", FIELD_STRUCTURE_LIST, REQUIRED, .min = 1,
          .max = TRANSACTION_ACTIONS_MAX, .structure = &member_structure),
    FIELD(struct input, token, "ClientRequestToken", FIELD_STRING, OPTIONAL, .min = 1,
          .max = TOKEN_CHARACTERS_MAX),
    FIELD(struct input, capacity, "ReturnConsumedCapacity", FIELD_ENUM, OPTIONAL,
          .choices = &capacity_choices),
};
static const struct structure structure =
    STRUCTURE(struct input, fields, .layer = VALUE_LAYER_OLDER);

/* One statement on its way. */
struct member {
    const struct member_input *in;
    const struct statement *statement;
    struct table_name table_name;
    const struct table *table; /* NULL: there is none */
    slice key;                 /* SELECT */
    struct write_plan plan;    /* all others */
};

struct transaction {
    struct member *members;
    uint32_t count;
    bool reads;
    struct cancellation_reason *reasons;
};

/* ---- what refuses the request ---- */

static error fail_member(struct arena *arena, uint32_t index, error failed)
{
    if (!failed || failed->kind != ERROR_VALIDATION)
        return failed;
    return fail(arena, ERROR_VALIDATION, "Validation failed in TransactStatements[%u]: %.*s", index,
                SLICE_ARGS(failed->message));
}

static error parse_all(struct arena *arena, const struct input *in, struct transaction *transaction)
{
    const struct member_input *inputs = in->statements.elements;
    for (uint32_t i = 0; i < transaction->count; i++) {
        transaction->members[i].in = &inputs[i];
        TRY(statement_check_parameters(&inputs[i].statement));
    }
    bool reads = false, writes = false;
    for (uint32_t i = 0; i < transaction->count; i++) {
        struct member *member = &transaction->members[i];
        TRY(fail_member(arena, i,
                        statement_input_parse(arena, &inputs[i].statement, &member->statement)));
        reads |= statement_reads(member->statement);
        writes |= !statement_reads(member->statement);
    }
    if (reads && writes)
        return FAILURE(ERROR_VALIDATION, "ExecuteTransaction API does not support both read and "
                                         "write operations in the same request.");
    transaction->reads = reads;
    return NULL;
}

static error check_exists(struct arena *arena, const struct member *member)
{
    struct where_key found;
    where_key_find(arena, member->statement->where, &member->table->keys, false, &found);
    if (found.is_complete && found.rest)
        return NULL;
    return FAILURE(ERROR_VALIDATION,
                   "EXISTS() must contain a single item read with additional condition");
}

/* Whether the statement is one for transactions, on a table that is there. */
static error check_member(struct arena *arena, struct member *member)
{
    const struct statement *statement = member->statement;
    bool selects = statement_reads(statement) || statement->kind == STATEMENT_EXISTS;
    if (statement->returning != RETURNING_NOTHING)
        return FAILURE(ERROR_VALIDATION,
                       "RETURNING clause is not supported in ExecuteTransaction.");
    if (selects && statement->index.size > 0)
        return FAILURE(ERROR_VALIDATION, "Reads on indices are not supported within transactions.");
    if (statement->kind == STATEMENT_EXISTS)
        return check_exists(arena, member);
    if (statement_reads(statement))
        return statement_single_key(arena, statement, member->table, SLICE("ExecuteTransaction"),
                                    &member->key);
    return NULL;
}

/* ---- what cancels the transaction ---- */

static void give_reason(struct transaction *transaction, uint32_t index, slice code, error failed)
{
    transaction->reasons[index].code = code;
    transaction->reasons[index].message = failed->message;
}

static error find_tables(struct request *request, struct transaction *transaction, bool *missing)
{
    *missing = false;
    for (uint32_t i = 0; i < transaction->count; i++) {
        struct member *member = &transaction->members[i];
        member->table_name = table_name_of(member->statement->table);
        error failed = table_find(request->session, member->table_name.name, &member->table);
        if (failed && failed->kind != ERROR_RESOURCE_NOT_FOUND)
            return failed;
        if (failed) {
            member->table = NULL;
            *missing = true;
            give_reason(transaction, i, SLICE("ResourceNotFound"), failed);
        } else {
            TRY(fail_member(request->arena, i, check_member(request->arena, member)));
        }
    }
    return NULL;
}

static error plan_member(struct arena *arena, struct member *member)
{
    if (statement_reads(member->statement))
        return key_check(arena, &member->table->keys, member->key);
    error no_key = FAILURE(ERROR_VALIDATION, "The provided key element does not match the schema");
    return statement_plan_write(arena, member->statement, member->table, no_key, &member->plan);
}

static error plan_all(struct request *request, struct transaction *transaction)
{
    bool missing;
    TRY(find_tables(request, transaction, &missing));
    bool canceled = missing;
    for (uint32_t i = 0; i < transaction->count && !missing; i++) {
        error failed = plan_member(request->arena, &transaction->members[i]);
        if (failed && failed->kind != ERROR_VALIDATION)
            return failed;
        if (failed) {
            canceled = true;
            give_reason(transaction, i, SLICE("ValidationError"), failed);
        }
    }
    return canceled ? transaction_canceled(request->arena, transaction->reasons, transaction->count)
                    : NULL;
}

/* ---- reading ---- */

static error run_reads(struct request *request, const struct input *in,
                       const struct transaction *transaction)
{
    struct arena *arena = request->arena;
    struct json_writer *out = request->out;
    uint32_t count = transaction->count;
    struct transact_get *gets = arena_new_array(arena, struct transact_get, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct member *member = &transaction->members[i];
        gets[i] = (struct transact_get){.table_name = &member->table_name, .key = member->key};
    }
    TRY(transact_get_run(request, gets, count));

    json_write_object_begin(out);
    json_write_name(out, SLICE("Responses"));
    json_write_array_begin(out);
    for (uint32_t i = 0; i < count; i++) {
        json_write_object_begin(out);
        response_item(out, SLICE("Item"),
                      statement_project(transaction->members[i].statement, gets[i].item, arena));
        json_write_object_end(out);
    }
    json_write_array_end(out);
    transact_get_capacity(request, gets, count, in->capacity);
    json_write_object_end(out);
    return NULL;
}

/* ---- writing ---- */

static size_t payload_bytes(const struct statement_input *in)
{
    const struct value_input *parameters = in->parameters.elements;
    size_t bytes = in->text.size;
    for (uint32_t i = 0; i < in->parameters.count; i++)
        bytes += value_charged_bytes(parameters[i].value);
    return bytes;
}

/* What the statements do; what of it is told does not count. */
static struct request_token token_of(const struct input *in)
{
    struct request_token token = {.kind = REQUEST_OF_STATEMENTS, .text = in->token};
    const struct member_input *inputs = in->statements.elements;
    for (uint32_t i = 0; i < in->statements.count; i++) {
        const struct statement_input *statement = &inputs[i].statement;
        const struct value_input *parameters = statement->parameters.elements;
        digest_add(&token.request, statement->text);
        for (uint32_t p = 0; p < statement->parameters.count; p++)
            digest_add(&token.request, parameters[p].value);
    }
    return token;
}

static error run_writes(struct request *request, const struct input *in,
                        const struct transaction *transaction)
{
    struct json_writer *out = request->out;
    struct transact_write write = {.count = transaction->count};
    write.actions = arena_new_array(request->arena, struct transact_action, write.count);
    for (uint32_t i = 0; i < write.count; i++) {
        const struct member *member = &transaction->members[i];
        write.actions[i] =
            (struct transact_action){.table_name = &member->table_name,
                                     .plan = member->plan,
                                     .payload_bytes = payload_bytes(&member->in->statement),
                                     .failure_values = member->in->failure_values,
                                     .inserts = member->statement->kind == STATEMENT_INSERT};
    }
    struct request_token token;
    if (is_given(in->token)) {
        token = token_of(in);
        write.token = &token;
    }
    TRY(transact_write_run(request, &write));

    json_write_object_begin(out);
    json_write_name(out, SLICE("Responses"));
    json_write_array_begin(out);
    json_write_array_end(out);
    transact_write_reply(request, &write, in->capacity, COLLECTION_METRICS_NONE);
    json_write_object_end(out);
    return NULL;
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct arena *arena = request->arena;
    struct transaction transaction = {.count = in->statements.count};
    transaction.members = arena_new_array(arena, struct member, transaction.count);
    transaction.reasons = arena_new_array(arena, struct cancellation_reason, transaction.count);
    TRY(parse_all(arena, in, &transaction));
    TRY(plan_all(request, &transaction));
    return transaction.reads ? run_reads(request, in, &transaction)
                             : run_writes(request, in, &transaction);
}

const struct operation operation_execute_transaction = {SLICE("ExecuteTransaction"), &structure,
                                                        run};
