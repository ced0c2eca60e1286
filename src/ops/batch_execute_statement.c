/*
 * BatchExecuteStatement: up to 25 PartiQL statements, each on one item: all of them read or all of
 * them write.
 *
 * What is wrong with one statement is told in its place and leaves the others alone. Those that
 * write take effect together, as one change set: more than the service promises.
 * Source: AWS API Reference, BatchExecuteStatement; Developer Guide, PartiQL for DynamoDB; error
 * texts captured from the service.
 */
#include "base/limits.h"
#include "db/capacity.h"
#include "db/partition/throttle.h"
#include "ops/response_tables.h"
#include "ops/statement.h"

/* ---- members ---- */

struct member_input {
    struct statement_input statement;
    struct optional_boolean consistent_read;
    enum failure_values failure_values; /* taken, and without effect: as on the service */
};
static const struct field member_fields[] = {
    FIELD(struct member_input, statement.text, "Statement", FIELD_STRING, REQUIRED, .min = 1,
          .max = PARTIQL_STATEMENT_BYTES_MAX),
    FIELD(struct member_input, statement.parameters, "Parameters", FIELD_VALUE_LIST, OPTIONAL,
          .min = 1),
    FIELD(struct member_input, consistent_read, "ConsistentRead", FIELD_BOOLEAN, OPTIONAL),
    FIELD(struct member_input, failure_values, "ReturnValuesOnConditionCheckFailure", FIELD_ENUM,
          OPTIONAL, .choices = &failure_values_choices),
};
static const struct structure member_structure =
    STRUCTURE(struct member_input, member_fields, .shape = SLICE("BatchStatementRequest"));

struct input {
    struct decoded_list statements; /* of struct member_input */
    enum capacity_detail capacity;
};
static const struct field fields[] = {
    FIELD(struct input, statements, "Statements", FIELD_STRUCTURE_LIST, REQUIRED, .min = 1,
          .max = PARTIQL_BATCH_MAX, .structure = &member_structure),
    FIELD(struct input, capacity, "ReturnConsumedCapacity", FIELD_ENUM, OPTIONAL,
          .choices = &capacity_choices),
};
static const struct structure structure =
    STRUCTURE(struct input, fields, .layer = VALUE_LAYER_OLDER);

/* One statement on its way. */
struct member {
    const struct member_input *in;
    const struct statement *statement; /* NULL: it could not be read */
    struct table_name table_name;
    const struct table *table;
    slice key;
    bool was_run; /* it reached its item: its table is named */
    error failed; /* NULL: not so far */
    slice item;   /* to be returned; ITEM_ABSENT: none */
    struct write_plan plan;
    struct write_result result;
    int64_t half_units; /* of a read */
};

struct batch {
    struct member members[PARTIQL_BATCH_MAX];
    uint32_t count;
    bool reads;
};

/* ---- before anything is run ---- */

/* What a client is told of one statement, as the service calls it; empty: it is not for clients. */
static slice error_code(enum error_kind kind)
{
    static const struct {
        enum error_kind kind;
        slice code;
    } codes[] = {
        {ERROR_VALIDATION, SLICE("ValidationError")},
        {ERROR_RESOURCE_NOT_FOUND, SLICE("ResourceNotFound")},
        {ERROR_CONDITIONAL_CHECK_FAILED, SLICE("ConditionalCheckFailed")},
        {ERROR_DUPLICATE_ITEM, SLICE("DuplicateItem")},
        {ERROR_ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED, SLICE("ItemCollectionSizeLimitExceeded")},
        {ERROR_PROVISIONED_THROUGHPUT_EXCEEDED, SLICE("ProvisionedThroughputExceeded")},
        {ERROR_THROTTLING, SLICE("ThrottlingError")},
        {ERROR_REQUEST_LIMIT_EXCEEDED, SLICE("RequestLimitExceeded")},
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (codes[i].kind == kind)
            return codes[i].code;
    }
    return SLICE_NONE;
}

/* The failure of one member stays with it; any other is the request's. */
static error keep_failure(struct member *member, error failed)
{
    if (!failed || error_code(failed->kind).size == 0)
        return failed;
    member->failed = failed;
    return NULL;
}

static error parse(struct arena *arena, struct member *member)
{
    TRY(statement_check_parameters(&member->in->statement));
    TRY(statement_input_parse(arena, &member->in->statement, &member->statement));
    if (member->statement->kind == STATEMENT_EXISTS)
        return FAILURE(ERROR_VALIDATION,
                       "EXISTS can only be used in ExecuteTransaction write requests.");
    return NULL;
}

static error check_kinds(struct batch *batch)
{
    bool reads = false, writes = false;
    for (uint32_t i = 0; i < batch->count; i++) {
        const struct member *member = &batch->members[i];
        if (member->failed)
            continue;
        reads |= statement_reads(member->statement);
        writes |= !statement_reads(member->statement);
    }
    if (reads && writes)
        return FAILURE(ERROR_VALIDATION,
                       "Read and write requests together in the same batch is not supported.");
    batch->reads = reads;
    return NULL;
}

static error plan(struct request *request, struct member *member)
{
    struct arena *arena = request->arena;
    member->table_name = table_name_of(member->statement->table);
    TRY(table_find(request->session, member->table_name.name, &member->table));
    if (statement_reads(member->statement)) {
        TRY(statement_single_key(arena, member->statement, member->table,
                                 SLICE("BatchExecuteStatement"), &member->key));
        return key_check(arena, &member->table->keys, member->key);
    }
    TRY(statement_plan_write(arena, member->statement, member->table, statement_without_key(),
                             &member->plan));
    member->key = member->plan.kind == WRITE_PUT
                      ? key_of_item(arena, &member->table->keys, member->plan.item)
                      : member->plan.key;
    return NULL;
}

static error check_distinct(const struct batch *batch)
{
    for (uint32_t i = 0; i < batch->count; i++) {
        const struct member *one = &batch->members[i];
        for (uint32_t j = 0; j < i && !one->failed; j++) {
            const struct member *other = &batch->members[j];
            if (!other->failed && one->table->space == other->table->space &&
                slice_equal(one->key, other->key))
                return FAILURE(ERROR_VALIDATION, "Provided list of item keys contains duplicates");
        }
    }
    return NULL;
}

static error prepare(struct request *request, const struct input *in, struct batch *batch)
{
    const struct member_input *inputs = in->statements.elements;
    batch->count = in->statements.count;
    for (uint32_t i = 0; i < batch->count; i++) {
        struct member *member = &batch->members[i];
        member->in = &inputs[i];
        TRY(keep_failure(member, parse(request->arena, member)));
    }
    TRY(check_kinds(batch));
    for (uint32_t i = 0; i < batch->count; i++) {
        struct member *member = &batch->members[i];
        if (!member->failed)
            TRY(keep_failure(member, plan(request, member)));
    }
    return check_distinct(batch);
}

/* ---- running ---- */

static error read_all(struct request *request, struct batch *batch)
{
    for (uint32_t i = 0; i < batch->count; i++) {
        struct member *member = &batch->members[i];
        if (member->failed)
            continue;
        bool consistent_read = member->in->consistent_read.value;
        slice item;
        db_read_consistently(request->session, consistent_read);
        TRY(keep_failure(member,
                         db_read_item(request->session, member->table, member->key, &item)));
        member->was_run = true;
        if (member->failed)
            continue;
        member->item = statement_project(member->statement, item, request->arena);
        member->half_units = capacity_of_read(item_charged_bytes(item), consistent_read);
    }
    return NULL;
}

static error outcome(struct arena *arena, const struct member *member)
{
    if (member->result.condition_failed)
        return statement_condition_failed(arena, member->statement, FAILURE_VALUES_NONE,
                                          member->result.old_item);
    return member->result.refusal;
}

static error write_all(struct request *request, struct batch *batch)
{
    struct write_plan plans[PARTIQL_BATCH_MAX];
    struct write_result results[PARTIQL_BATCH_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < batch->count; i++) {
        if (!batch->members[i].failed)
            plans[count++] = batch->members[i].plan;
    }
    if (count == 0)
        return NULL;
    TRY(db_write_each(request->session, plans, count, results));
    count = 0;
    for (uint32_t i = 0; i < batch->count; i++) {
        struct member *member = &batch->members[i];
        if (member->failed)
            continue;
        member->was_run = true;
        member->result = results[count++];
        member->failed = outcome(request->arena, member);
        if (!member->failed)
            member->item = statement_returned(request->arena, member->statement, &member->result);
    }
    return NULL;
}

/* ---- the reply ---- */

static void write_member(struct json_writer *out, const struct member *member)
{
    json_write_object_begin(out);
    if (member->failed) {
        json_write_name(out, SLICE("Error"));
        json_write_object_begin(out);
        json_write_name(out, SLICE("Code"));
        json_write_string(out, error_code(member->failed->kind));
        json_write_name(out, SLICE("Message"));
        json_write_string(out, member->failed->message);
        json_write_object_end(out);
    }
    if (member->was_run) {
        json_write_name(out, SLICE("TableName"));
        json_write_string(out, member->table_name.given);
    }
    response_item(out, SLICE("Item"), member->item);
    json_write_object_end(out);
}

/* What was tried and not throttled is charged too, to tables where something else succeeded: as on the service. */
static void add_failed_writes(struct consumed_tables *consumed, const struct batch *batch)
{
    for (uint32_t i = 0; i < batch->count; i++) {
        const struct member *member = &batch->members[i];
        if (!member->failed || !member->was_run || throttle_is_refusal(member->failed))
            continue;
        for (uint32_t t = 0; t < consumed->count; t++) {
            if (consumed->tables[t].table->space == member->table->space)
                consumed->tables[t].consumed.failed_half_units +=
                    capacity_of_write(item_charged_bytes(member->result.old_item),
                                      item_charged_bytes(member->plan.item));
        }
    }
}

static void write_capacity(struct request *request, enum capacity_detail detail,
                           const struct batch *batch)
{
    struct consumed_tables consumed;
    consumed_tables_init(&consumed, request->arena, batch->count);
    for (uint32_t i = 0; i < batch->count; i++) {
        const struct member *member = &batch->members[i];
        if (member->failed)
            continue;
        struct consumed *of_table =
            consumed_of_table(&consumed, &member->table_name, member->table);
        if (batch->reads)
            of_table->table_half_units += member->half_units;
        else
            consumed_add_write(of_table, member->table, &member->result);
    }
    add_failed_writes(&consumed, batch);
    if (consumed.count > 0)
        response_capacity_of_tables(request->out, detail, &consumed);
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct json_writer *out = request->out;
    struct batch *batch = arena_new(request->arena, struct batch);
    TRY(prepare(request, in, batch));
    TRY(batch->reads ? read_all(request, batch) : write_all(request, batch));

    json_write_object_begin(out);
    json_write_name(out, SLICE("Responses"));
    json_write_array_begin(out);
    for (uint32_t i = 0; i < batch->count; i++)
        write_member(out, &batch->members[i]);
    json_write_array_end(out);
    if (response_wants_capacity(in->capacity))
        write_capacity(request, in->capacity, batch);
    json_write_object_end(out);
    return NULL;
}

const struct operation operation_batch_execute_statement = {SLICE("BatchExecuteStatement"),
                                                            &structure, run};
