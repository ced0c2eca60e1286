/*
 * DescribeExport: how far an export is, and what came of it.
 *
 * Source: AWS API Reference, DescribeExport.
 */
#include "ops/child_arn.h"
#include "ops/export_members.h"

struct input {
    slice arn;
};

static const struct field fields[] = {
    FIELD(struct input, arn, "ExportArn", FIELD_STRING, REQUIRED, .min = EXPORT_ARN_BYTES_MIN,
          .max = EXPORT_ARN_BYTES_MAX),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static const struct child_words words = {
    .mark = SLICE("/export/"),
    .invalid = SLICE("Invalid Export ARN"),
    .not_found = ERROR_EXPORT_NOT_FOUND,
    .elsewhere = SLICE("Export not found: Invalid export arn"),
};

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct export export;
    TRY(child_arn_check(request, in->arn, &words));
    TRY(export_find(request->session, in->arn, &export));
    response_export(request->out, &export);
    return NULL;
}

const struct operation operation_describe_export = {SLICE("DescribeExport"), &structure, run};
