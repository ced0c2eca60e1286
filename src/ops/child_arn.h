/*
 * ARNs of what is made of tables, backups, exports and imports, and of the tables that it is made
 * of. Each kind is read in its own way: the control plane measured on the service.
 */
#pragma once
#include "ops/operation.h"

/*
 * The ARN of a backup.
 *   `ours`: the same with this server's region, by which it is found: the region is not looked at.
 *   `is_here`: whether it is this server's region already.
 *   Errors: VALIDATION, ACCESS_DENIED.
 */
error child_arn_of_backup(struct request *request, slice arn, slice *ours,
                          bool *is_here) MUST_CHECK;

/* What is said of ARNs of exports, or of imports. */
struct child_words {
    slice mark; /* "/export/" */
    slice invalid;
    enum error_kind not_found;
    slice elsewhere; /* of another region's */
};

/*
 * Errors: ACCESS_DENIED for another account's, whatever else the ARN says, VALIDATION, and that it
 * is not found, for another region's.
 */
error child_arn_check(struct request *request, slice arn,
                      const struct child_words *words) MUST_CHECK;

/* The table that is exported, or restored from. */
struct source_arn {
    slice account;
    slice region;
    slice resource; /* "table/NAME" */
    slice name;     /* empty: it is no ARN of a table */
};

/* Errors: VALIDATION for what is no ARN; `member` is named. */
error child_arn_of_source(struct request *request, slice member, slice arn,
                          struct source_arn *source) MUST_CHECK;
