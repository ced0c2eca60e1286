/*
 * DeleteTable: the name is free and the data out of reach; the rows go in the background.
 *
 * Source: AWS API Reference, DeleteTable; the control plane measured on the service.
 */
#include "ops/operation.h"
#include "ops/response.h"
#include "ops/table_members.h"

static error run(struct request *request, const void *decoded)
{
    const struct table_name_input *in = decoded;
    const struct table *table;
    TRY(table_describe(request->session, in->table_name.name, &table));
    /* Counted before, because afterwards nothing says how long the counters stay. */
    struct table_state state = {.now_ms = db_now_ms(request->session->db),
                                .status = TABLE_DELETING,
                                .without_schema = true};
    TRY(response_count_table(request->session, table, &state));
    TRY(table_delete(request->session, in->table_name.name, &table));

    json_write_object_begin(request->out);
    response_table(request->out, SLICE("TableDescription"), table, &state);
    json_write_object_end(request->out);
    return NULL;
}

const struct operation operation_delete_table = {SLICE("DeleteTable"), &table_name_structure, run};
