/*
 * DescribeTimeToLive: whether items of a table expire, and by which attribute.
 *
 * Source: AWS API Reference, DescribeTimeToLive; the control plane measured on the service.
 */
#include "db/expiry/expiry.h"
#include "ops/decode.h"
#include "ops/operation.h"

struct input {
    struct table_name table_name;
};

static const struct field fields[] = {
    FIELD(struct input, table_name, "TableName", FIELD_TABLE_NAME, REQUIRED, .min = 1),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static const slice status_names[] = {
    [EXPIRY_DISABLED] = SLICE("DISABLED"),
    [EXPIRY_ENABLING] = SLICE("ENABLING"),
    [EXPIRY_ENABLED] = SLICE("ENABLED"),
    [EXPIRY_DISABLING] = SLICE("DISABLING"),
};

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct json_writer *out = request->out;
    const struct table *table;
    TRY(table_find_settled(request->session, in->table_name.name, &table));
    enum table_status state = table_status_at(table, db_now_ms(request->session->db));
    const char *name = state == TABLE_CREATING ? "CREATING" : "DELETING";
    if (state == TABLE_CREATING || state == TABLE_DELETING)
        return fail(request->arena, ERROR_VALIDATION,
                    "Cannot describe time to live while table is in %s state: Current table state "
                    "is %s",
                    name, name);
    enum expiry_status status = expiry_status_shown(request->session->db, table);
    json_write_object_begin(out);
    json_write_name(out, SLICE("TimeToLiveDescription"));
    json_write_object_begin(out);
    json_write_name(out, SLICE("TimeToLiveStatus"));
    json_write_string(out, status_names[status]);
    if (status != EXPIRY_DISABLED) {
        json_write_name(out, SLICE("AttributeName"));
        json_write_string(out, table->expiry.attribute);
    }
    json_write_object_end(out);
    json_write_object_end(out);
    return NULL;
}

const struct operation operation_describe_time_to_live = {SLICE("DescribeTimeToLive"), &structure,
                                                          run};
