/*
 * ListExports: the exports of the last 90 days, of all tables, also of those that are gone, or of
 * one that is there, in the reverse order of their ARNs.
 *
 * Source: AWS API Reference, ListExports; the control plane measured on the service.
 */
#include "ops/export_members.h"

struct input {
    struct table_name table_arn;
    struct optional_integer limit;
    slice next_token; /* the ARN of the last one of the page before */
};

static const struct field fields[] = {
    FIELD(struct input, table_arn, "TableArn", FIELD_TABLE_NAME, OPTIONAL, .min = 1),
    FIELD(struct input, limit, "MaxResults", FIELD_INTEGER, OPTIONAL, .min = 1,
          .max = EXPORT_LIST_LIMIT_MAX),
    FIELD(struct input, next_token, "NextToken", FIELD_STRING, OPTIONAL),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    const struct export *exports;
    struct json_writer *out = request->out;
    uint32_t limit = in->limit.present ? (uint32_t)in->limit.value : EXPORT_LIST_LIMIT;
    uint32_t count;
    bool more;
    TRY(export_list(request->session, in->table_arn.name, in->next_token, limit, &exports, &count,
                    &more));
    json_write_object_begin(out);
    json_write_name(out, SLICE("ExportSummaries"));
    json_write_array_begin(out);
    for (uint32_t i = 0; i < count; i++)
        response_export_summary(out, &exports[i]);
    json_write_array_end(out);
    if (more) {
        json_write_name(out, SLICE("NextToken"));
        json_write_string(out, exports[count - 1].labels.arn);
    }
    json_write_object_end(out);
    return NULL;
}

const struct operation operation_list_exports = {SLICE("ListExports"), &structure, run};
