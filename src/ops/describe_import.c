/*
 * DescribeImport: how far an import is, or how it ended.
 *
 * Source: AWS API Reference, DescribeImport.
 */
#include "ops/child_arn.h"
#include "ops/import_members.h"

struct input {
    slice arn;
};

static const struct field fields[] = {
    FIELD(struct input, arn, "ImportArn", FIELD_STRING, REQUIRED, .min = IMPORT_ARN_BYTES_MIN,
          .max = IMPORT_ARN_BYTES_MAX),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static const struct child_words words = {
    .mark = SLICE("/import/"),
    .invalid = SLICE("Invalid Import ARN"),
    .not_found = ERROR_IMPORT_NOT_FOUND,
    .elsewhere = SLICE("Import not found: Invalid import arn"),
};

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct import import;
    TRY(child_arn_check(request, in->arn, &words));
    TRY(import_find(request->session, in->arn, &import));
    response_import(request->out, &import);
    return NULL;
}

const struct operation operation_describe_import = {SLICE("DescribeImport"), &structure, run};
