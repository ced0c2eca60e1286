/*
 * DescribeTable: one table, with its exact count and size.
 *
 * Source: AWS API Reference, DescribeTable; the control plane measured on the service.
 */
#include "ops/operation.h"
#include "ops/response.h"
#include "ops/table_members.h"

static error run(struct request *request, const void *decoded)
{
    const struct table_name_input *in = decoded;
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

const struct operation operation_describe_table = {SLICE("DescribeTable"), &table_name_structure,
                                                   run};
