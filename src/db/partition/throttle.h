/*
 * Throttled requests in the service's words.
 * Source: service model (TransactionCanceledException, ThrottlingReason); Developer Guide, DynamoDB
 * throttling resolution guide.
 */
#pragma once
#include "db/partition/allowance.h"

#define THROTTLED_TABLE                                                                            \
    "The level of configured provisioned throughput for the table was exceeded. Consider "         \
    "increasing your provisioning level with the UpdateTable API."
#define THROTTLED_TABLE_ON_DEMAND                                                                  \
    "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically "   \
    "scaling your table or index so please try again shortly. If exceptions persist, check if "    \
    "you have a hot key: "                                                                         \
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"                            \
    "bp-partition-key-design.html"

/*
 * PROVISIONED_THROUGHPUT_EXCEEDED, THROTTLING or REQUEST_LIMIT_EXCEEDED, with the reason and the
 * resource. `index`: a global one, or NULL.
 */
error throttle_refusal(struct arena *arena, const struct table *table, const struct index *index,
                       enum usage_kind kind, enum usage_limit limit);

/* Whether it is one of these kinds, of whatever cause. */
bool throttle_is_refusal(error failure);
