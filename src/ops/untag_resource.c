/*
 * UntagResource: remove tags of a table by their keys; keys that are not there do not matter. The
 * answer has no body.
 *
 * Source: AWS API Reference, UntagResource; the control plane measured on the service.
 */
#include "base/limits.h"
#include "db/table/tagging.h"
#include "ops/resource_arn.h"
#include "ops/tags.h"

struct input {
    slice arn;
    struct decoded_list keys;
};

static const struct field fields[] = {
    FIELD(struct input, arn, "ResourceArn", FIELD_STRING, REQUIRED, .min = 1,
          .max = RESOURCE_ARN_CHARACTERS_MAX),
    FIELD(struct input, keys, "TagKeys", FIELD_STRING_LIST, REQUIRED),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    slice table_name;
    TRY(resource_arn_parse(request, in->arn, &table_name));
    if (in->keys.count == 0)
        return FAILURE(ERROR_VALIDATION, "Atleast one Tag Key needs to be provided as Input.");
    TRY(tag_keys_check(request->arena, &in->keys));
    error failure = table_untag(request->session, table_name, in->keys.elements, in->keys.count);
    return resource_arn_failure(request->arena, in->arn, failure);
}

const struct operation operation_untag_resource = {SLICE("UntagResource"), &structure, run};
