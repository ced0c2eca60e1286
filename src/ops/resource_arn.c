#include "ops/resource_arn.h"

#define INVALID "One or more parameter values were invalid: "

void arn_split(slice arn, slice parts[ARN_PART_COUNT])
{
    for (uint32_t i = 0; i < ARN_PART_COUNT; i++) {
        const char *colon =
            i < ARN_RESOURCE && arn.size > 0 ? memchr(arn.data, ':', arn.size) : NULL;
        size_t size = colon ? (size_t)(colon - arn.data) : arn.size;
        parts[i] = slice_first(arn, size);
        arn = slice_from(arn, colon ? size + 1 : size);
    }
}

bool arn_split_table(slice resource, slice *name, slice *child)
{
    slice prefix = SLICE("table/");
    if (!slice_begins_with(resource, prefix) || resource.size == prefix.size)
        return false;
    slice rest = slice_from(resource, prefix.size);
    const char *slash = memchr(rest.data, '/', rest.size);
    size_t name_size = slash ? (size_t)(slash - rest.data) : rest.size;
    *name = slice_first(rest, name_size);
    *child = slice_from(rest, name_size);
    return true;
}

error resource_arn_parse(struct request *request, slice arn, slice *table_name)
{
    struct arena *arena = request->arena;
    struct db *db = request->session->db;
    slice parts[ARN_PART_COUNT];
    arn_split(arn, parts);
    if (!slice_begins_with(arn, SLICE("arn:")))
        return fail(arena, ERROR_VALIDATION, INVALID "ARNs must start with 'arn:': %.*s",
                    SLICE_ARGS(arn));
    if (!slice_equal(parts[ARN_SERVICE], SLICE("dynamodb")))
        return fail(arena, ERROR_VALIDATION,
                    INVALID "Provided Arn is not a DynamoDB resource arn: %.*s", SLICE_ARGS(arn));
    slice name, child;
    bool is_table = arn_split_table(parts[ARN_RESOURCE], &name, &child);
    if (is_table && slice_begins_with(child, SLICE("/backup/")))
        return fail(arena, ERROR_VALIDATION,
                    INVALID "Provided Arn is not a DynamoDB resource arn: %.*s", SLICE_ARGS(arn));
    /* An index has an ARN, but nothing of its own to tag. */
    if (!is_table || slice_begins_with(child, SLICE("/index/")))
        return fail(arena, ERROR_VALIDATION,
                    INVALID "Invalid resource arn provided, only table or stream is accepted. "
                            "Provided resource arn: %.*s",
                    SLICE_ARGS(arn));
    if (!slice_equal(parts[ARN_REGION], db_region(db)))
        return fail(arena, ERROR_VALIDATION,
                    "Invalid TableArn: Invalid ResourceArn provided as input %.*s",
                    SLICE_ARGS(arn));
    if (!slice_equal(parts[ARN_ACCOUNT], db_account(db)))
        return FAILURE(ERROR_ACCESS_DENIED, "Access is denied");
    *table_name = slice_of(name.data, name.size + child.size);
    return NULL;
}

error resource_arn_failure(struct arena *arena, slice arn, error failure)
{
    if (!failure || failure->kind != ERROR_RESOURCE_NOT_FOUND)
        return failure;
    return fail(arena, ERROR_RESOURCE_NOT_FOUND,
                "Requested resource not found: ResourceArn: %.*s not found", SLICE_ARGS(arn));
}
