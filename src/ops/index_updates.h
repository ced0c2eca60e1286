/*
 * GlobalSecondaryIndexUpdates of UpdateTable.
 *
 * Source: service model; the control plane measured on the service.
 */
#pragma once
#include "db/index/index_change.h"
#include "ops/operation.h"
#include "ops/schema.h"

struct index_update_input { /* one of them */
    const struct index_input *update;
    const struct index_input *create;
    const struct index_input *remove;
};
extern const struct structure index_update_structure;

/* What is asked for, before the table is looked at. */
struct index_updates {
    const struct decoded_list *list;        /* of struct index_update_input */
    const struct decoded_list *definitions; /* of attributes */
};

/*
 * Each element does one thing, to an index of its own.
 *   Errors: VALIDATION.
 */
error index_updates_check(struct arena *arena, const struct index_updates *updates) MUST_CHECK;

/* Whether one of them creates; whether one creates or deletes. */
bool index_updates_create(const struct index_updates *updates);
bool index_updates_move(const struct index_updates *updates);

/*
 * As actions on the table, which has the billing mode that is to be.
 *   Errors: VALIDATION.
 */
error index_updates_parse(struct arena *arena, const struct index_updates *updates,
                          const struct table *table, enum billing_mode billing_mode,
                          const struct index_action **actions) MUST_CHECK;

/* What the indexes of `table` ask of the account; what of it is above the quota of an index. */
void index_updates_request_quota(const struct index_updates *updates, const struct table *table,
                                 struct quota_change *change);
error index_updates_check_quota(struct request *request,
                                const struct index_updates *updates) MUST_CHECK;
