/*
 * TagResource: set tags of a table, by its ARN. All or nothing; the answer has no body.
 *
 * Source: AWS API Reference, TagResource; the control plane measured on the service.
 */
#include "base/limits.h"
#include "db/table/tagging.h"
#include "ops/resource_arn.h"
#include "ops/tags.h"

struct input {
    slice arn;
    struct decoded_list tags;
};

static const struct field fields[] = {
    FIELD(struct input, arn, "ResourceArn", FIELD_STRING, REQUIRED, .min = 1,
          .max = RESOURCE_ARN_CHARACTERS_MAX),
    FIELD(struct input, tags, "Tags", FIELD_STRUCTURE_LIST, REQUIRED, .structure = &tag_structure),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    slice table_name;
    TRY(resource_arn_parse(request, in->arn, &table_name));
    if (in->tags.count == 0)
        return FAILURE(ERROR_VALIDATION, "Atleast one Tag needs to be provided as Input.");
    TRY(tags_check(request->arena, &in->tags));
    error failure = table_tag(request->session, table_name, in->tags.elements, in->tags.count);
    return resource_arn_failure(request->arena, in->arn, failure);
}

const struct operation operation_tag_resource = {SLICE("TagResource"), &structure, run};
