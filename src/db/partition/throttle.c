#include "db/partition/throttle.h"

#include "base/arena.h"
#include "db/index/index.h"

#define THROTTLED_INDEX                                                                            \
    "The level of configured provisioned throughput for one or more global secondary indexes of "  \
    "the table was exceeded. Consider increasing your provisioning level for the "                 \
    "under-provisioned global secondary indexes with the UpdateTable API."
#define THROTTLED_INDEX_ON_DEMAND                                                                  \
    "Throughput exceeds the current capacity for one or more global secondary indexes. DynamoDB "  \
    "is automatically scaling your index so please try again shortly."
#define THROTTLED_ACCOUNT                                                                          \
    "Throughput exceeds the current throughput limit for your account. Please contact AWS "        \
    "Support at https://aws.amazon.com/support request a limit increase"

static const char *const limit_words[USAGE_LIMIT_COUNT] = {
    [USAGE_PROVISIONED] = "ProvisionedThroughputExceeded",
    [USAGE_ACCOUNT] = "AccountLimitExceeded",
    [USAGE_KEY_RANGE] = "KeyRangeThroughputExceeded",
    [USAGE_ON_DEMAND_MAX] = "MaxOnDemandThroughputExceeded",
};

/* One exception spells the member with a small letter. */
static slice reasons_member(struct arena *arena, const char *member, const struct table *table,
                            const struct index *index, enum usage_kind kind, enum usage_limit limit)
{
    return arena_format(arena, "\"%s\":[{\"reason\":\"%s%s%s\",\"resource\":\"%.*s%s%.*s\"}]",
                        member, index ? "Index" : "Table", kind == USAGE_READ ? "Read" : "Write",
                        limit_words[limit], SLICE_ARGS(table->arn), index ? "/index/" : "",
                        SLICE_ARGS(index ? index->name : SLICE_NONE));
}

error throttle_refusal(struct arena *arena, const struct table *table, const struct index *index,
                       enum usage_kind kind, enum usage_limit limit)
{
    bool on_demand = table->settings.billing_mode == BILLING_PAY_PER_REQUEST;
    struct failure *failure = arena_new(arena, struct failure);
    const char *member = "ThrottlingReasons";
    if (limit == USAGE_ACCOUNT) {
        failure->kind = ERROR_REQUEST_LIMIT_EXCEEDED;
        failure->message = SLICE(THROTTLED_ACCOUNT);
    } else if (on_demand) {
        failure->kind = ERROR_THROTTLING;
        failure->message =
            index ? SLICE(THROTTLED_INDEX_ON_DEMAND) : SLICE(THROTTLED_TABLE_ON_DEMAND);
        member = "throttlingReasons";
    } else {
        failure->kind = ERROR_PROVISIONED_THROUGHPUT_EXCEEDED;
        failure->message = index ? SLICE(THROTTLED_INDEX) : SLICE(THROTTLED_TABLE);
    }
    failure->members = reasons_member(arena, member, table, index, kind, limit);
    return failure;
}

bool throttle_is_refusal(error failure)
{
    return failure &&
           (failure->kind == ERROR_PROVISIONED_THROUGHPUT_EXCEEDED ||
            failure->kind == ERROR_THROTTLING || failure->kind == ERROR_REQUEST_LIMIT_EXCEEDED);
}
