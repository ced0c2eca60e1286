#include "ops/child_arn.h"

#include "base/limits.h"
#include "ops/resource_arn.h"

/* Source: AWS General Reference, DynamoDB endpoints; the regions of the partition aws. */
static const slice regions[] = {
    SLICE("af-south-1"),     SLICE("ap-east-1"),      SLICE("ap-east-2"),
    SLICE("ap-northeast-1"), SLICE("ap-northeast-2"), SLICE("ap-northeast-3"),
    SLICE("ap-south-1"),     SLICE("ap-south-2"),     SLICE("ap-southeast-1"),
    SLICE("ap-southeast-2"), SLICE("ap-southeast-3"), SLICE("ap-southeast-4"),
    SLICE("ap-southeast-5"), SLICE("ap-southeast-6"), SLICE("ap-southeast-7"),
    SLICE("ca-central-1"),   SLICE("ca-west-1"),      SLICE("eu-central-1"),
    SLICE("eu-central-2"),   SLICE("eu-north-1"),     SLICE("eu-south-1"),
    SLICE("eu-south-2"),     SLICE("eu-west-1"),      SLICE("eu-west-2"),
    SLICE("eu-west-3"),      SLICE("il-central-1"),   SLICE("me-central-1"),
    SLICE("me-south-1"),     SLICE("mx-central-1"),   SLICE("sa-east-1"),
    SLICE("us-east-1"),      SLICE("us-east-2"),      SLICE("us-west-1"),
    SLICE("us-west-2"),
};

static bool is_region(const struct db *db, slice region)
{
    for (size_t i = 0; i < sizeof regions / sizeof *regions; i++) {
        if (slice_equal(region, regions[i]))
            return true;
    }
    return slice_equal(region, db_region(db));
}

/* The table of table/NAME/backup/ID, with the mark "/backup/"; empty: it names no child. */
static slice table_of_child(slice resource, slice mark)
{
    slice name, child;
    bool names_child = arn_split_table(resource, &name, &child) && child.size > mark.size &&
                       slice_begins_with(child, mark);
    return names_child ? name : SLICE_NONE;
}

static error denied(void)
{
    return FAILURE(ERROR_ACCESS_DENIED, "Access is denied");
}

error child_arn_of_backup(struct request *request, slice arn, slice *ours, bool *is_here)
{
    struct db *db = request->session->db;
    slice parts[ARN_PART_COUNT];
    arn_split(arn, parts);
    slice region = parts[ARN_REGION];
    *is_here = slice_equal(region, db_region(db));
    if (!slice_begins_with(arn, SLICE("arn:")) ||
        table_of_child(parts[ARN_RESOURCE], SLICE("/backup/")).size == 0)
        return FAILURE(ERROR_VALIDATION, "Invalid Backup ARN");
    if (!slice_equal(parts[ARN_ACCOUNT], db_account(db)) || region.size == 0)
        return denied();
    if (!slice_equal(parts[ARN_PARTITION], SLICE("aws")) ||
        !slice_equal(parts[ARN_SERVICE], SLICE("dynamodb")) || !is_region(db, region))
        return FAILURE(ERROR_VALIDATION, "Invalid Request: BackupArn is not valid");
    *ours = arena_format(request->arena, "arn:aws:dynamodb:%.*s:%.*s:%.*s",
                         SLICE_ARGS(db_region(db)), SLICE_ARGS(parts[ARN_ACCOUNT]),
                         SLICE_ARGS(parts[ARN_RESOURCE]));
    return NULL;
}

error child_arn_check(struct request *request, slice arn, const struct child_words *words)
{
    struct db *db = request->session->db;
    slice parts[ARN_PART_COUNT];
    arn_split(arn, parts);
    slice account = parts[ARN_ACCOUNT];
    if (slice_begins_with(arn, SLICE("arn:")) && account.size > 0 &&
        !slice_equal(account, db_account(db)))
        return denied();
    if (!slice_begins_with(arn, SLICE("arn:aws:dynamodb:")) ||
        table_of_child(parts[ARN_RESOURCE], words->mark).size < TABLE_NAME_BYTES_MIN)
        return fail(request->arena, ERROR_VALIDATION, "%.*s", SLICE_ARGS(words->invalid));
    if (!slice_equal(parts[ARN_REGION], db_region(db)))
        return fail(request->arena, words->not_found, "%.*s", SLICE_ARGS(words->elsewhere));
    return NULL;
}

error child_arn_of_source(struct request *request, slice member, slice arn,
                          struct source_arn *source)
{
    slice parts[ARN_PART_COUNT];
    arn_split(arn, parts);
    if (!slice_begins_with(arn, SLICE("arn:")) || parts[ARN_RESOURCE].size == 0)
        return fail(request->arena, ERROR_VALIDATION,
                    "One or more parameter values were invalid: %.*s is not a valid ARN",
                    SLICE_ARGS(member));
    *source = (struct source_arn){.account = parts[ARN_ACCOUNT],
                                  .region = parts[ARN_REGION],
                                  .resource = parts[ARN_RESOURCE]};
    slice name, child;
    if (slice_equal(parts[ARN_SERVICE], SLICE("dynamodb")) &&
        arn_split_table(source->resource, &name, &child) && child.size == 0)
        source->name = name;
    return NULL;
}
