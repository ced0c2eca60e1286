/*
 * Quotas of throughput: what a table, an index and the account may have, as DescribeLimits says.
 * Judged after all else that can be wrong with a request.
 *
 * Source: the control plane measured on the service.
 */
#pragma once
#include "ops/table_members.h"

/*
 * Of one table or global index.
 *   `index_name`: empty for the table.
 *   Errors: LIMIT_EXCEEDED.
 */
error quota_check(struct request *request, slice index_name,
                  const struct capacity_input *in) MUST_CHECK;

/* Provisioned units that the account gets back, and those that are asked for instead. */
struct quota_change {
    struct table_units released;
    struct table_units requested;
};
void quota_release(struct quota_change *change, struct table_units units);
void quota_request(struct quota_change *change, const struct capacity_input *in);

/* Of the account, all tables and global indexes together. Errors: LIMIT_EXCEEDED. */
error quota_check_account(struct request *request, const struct quota_change *change) MUST_CHECK;
