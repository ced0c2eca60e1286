/*
 * DescribeTable: one table, with its exact count and size.
 *
 * Source: AWS API Reference, DescribeTable; the control plane measured on the service.
 */
#include "ops/operation.h"
#include "ops/response.h"

struct input {
    struct table_name table_name;
};

static const struct field fields[] = {
    FIELD(struct input, table_name, "TableName", FIELD_TABLE_NAME, REQUIRED_FIRST, .min = 1),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    const struct table *table;
    TRY(table_describe(request->session, in->table_name.name, &table));

    int64_t now_ms = db_now_ms(request->session->db);
    struct table_state state = {
        .now_ms = now_ms,
        .status = table_status_at(table, now_ms),
        .with_warm_throughput = true,
    };
    TRY(response_count_table(request->session, table, &state));

    json_write_object_begin(request->out);
    response_table(request->out, SLICE("Table"), table, &state);
    json_write_object_end(request->out);
    return NULL;
}

const struct operation operation_describe_table = {SLICE("DescribeTable"), &structure, run};
