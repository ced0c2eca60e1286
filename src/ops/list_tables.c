/*
 * ListTables: names in byte order, paged.
 *
 * Source: AWS API Reference, ListTables.
 */
#include "base/limits.h"
#include "ops/operation.h"
#include "ops/response.h"

struct input {
    slice exclusive_start_table_name;
    struct optional_integer limit;
};

static const struct field fields[] = {
    FIELD(struct input, exclusive_start_table_name, "ExclusiveStartTableName", FIELD_STRING,
          OPTIONAL, .is_name = true, .min = TABLE_NAME_BYTES_MIN, .max = TABLE_NAME_BYTES_MAX),
    FIELD(struct input, limit, "Limit", FIELD_INTEGER, OPTIONAL, .min = 1,
          .max = LIST_TABLES_LIMIT_MAX),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    uint32_t limit = in->limit.present ? (uint32_t)in->limit.value : LIST_TABLES_LIMIT_MAX;
    const slice *names;
    uint32_t count;
    bool more;
    TRY(table_names(request->session, in->exclusive_start_table_name, limit, &names, &count,
                    &more));

    struct json_writer *out = request->out;
    json_write_object_begin(out);
    json_write_name(out, SLICE("TableNames"));
    json_write_array_begin(out);
    for (uint32_t i = 0; i < count; i++)
        json_write_string(out, names[i]);
    json_write_array_end(out);
    if (more && count > 0) {
        json_write_name(out, SLICE("LastEvaluatedTableName"));
        json_write_string(out, names[count - 1]);
    }
    json_write_object_end(out);
    return NULL;
}

const struct operation operation_list_tables = {SLICE("ListTables"), &structure, run};
