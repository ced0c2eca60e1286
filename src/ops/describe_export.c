/*
 * DescribeExport: how far an export is, and what came of it.
 *
 * Source: AWS API Reference, DescribeExport.
 */
#include "ops/export_members.h"

struct input {
    slice arn;
};

static const struct field fields[] = {
    FIELD(struct input, arn, "ExportArn", FIELD_STRING, REQUIRED, .min = EXPORT_ARN_BYTES_MIN,
          .max = EXPORT_ARN_BYTES_MAX),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct export export;
    TRY(export_find(request->session, in->arn, &export));
    response_export(request->out, &export);
    return NULL;
}

const struct operation operation_describe_export = {SLICE("DescribeExport"), &structure, run};
