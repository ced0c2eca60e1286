/*
 * ResourceArn: how the operations on tags name a table. Unlike TableName it is read to the letter.
 */
#pragma once
#include "ops/decode.h"
#include "ops/operation.h"

enum { ARN_PARTITION = 1, ARN_SERVICE, ARN_REGION, ARN_ACCOUNT, ARN_RESOURCE, ARN_PART_COUNT };

/* arn:partition:service:region:account:resource; missing parts are empty. */
void arn_split(slice arn, slice parts[ARN_PART_COUNT]);

/*
 * The resource of an ARN in two: "table/NAME/kind/ID" is NAME and "/kind/ID", either may be empty.
 * False: it names no table.
 */
bool arn_split_table(slice resource, slice *name, slice *child);

/*
 * The name in the ARN of a table.
 *   Errors: VALIDATION, ACCESS_DENIED.
 *   Source: the control plane measured on the service.
 */
error resource_arn_parse(struct request *request, slice arn, slice *table_name) MUST_CHECK;

/* In place of `failure` when it says that the table is not there: the ARN is not found. */
error resource_arn_failure(struct arena *arena, slice arn, error failure) MUST_CHECK;
