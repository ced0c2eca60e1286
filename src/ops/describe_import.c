/*
 * DescribeImport: how far an import is, or how it ended.
 *
 * Source: AWS API Reference, DescribeImport.
 */
#include "ops/import_members.h"

struct input {
    slice arn;
};

static const struct field fields[] = {
    FIELD(struct input, arn, "ImportArn", FIELD_STRING, REQUIRED, .min = IMPORT_ARN_BYTES_MIN,
          .max = IMPORT_ARN_BYTES_MAX),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct import import;
    TRY(import_find(request->session, in->arn, &import));
    response_import(request->out, &import);
    return NULL;
}

const struct operation operation_describe_import = {SLICE("DescribeImport"), &structure, run};
