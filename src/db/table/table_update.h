/*
 * Changes of a table that leave its items as they are: throughput, ceilings, class, encryption,
 * protection, global indexes. Durable when they return; workers only (WOULD_BLOCK on a loop).
 */
#pragma once
#include "db/index/index_change.h"
#include "db/stream/stream_change.h"

/*
 * What UpdateTable asks for, checked as far as it can be without the table. Zero and empty mean:
 * leave it as it is.
 */
struct table_change {
    const struct table *seen; /* the description that it was judged against; NULL: none */
    bool changes_billing_mode;
    enum billing_mode billing_mode;
    struct table_units provisioned;
    struct table_units on_demand_max; /* -1: remove the ceiling */
    struct table_units warm;
    enum table_class table_class;
    bool changes_encryption;
    slice encryption_key_arn; /* empty: the service's own key */
    bool names_key_arn;       /* it was given; else the table is encrypted anew, with the same too */
    enum stream_wish stream;
    enum stream_view stream_view; /* STREAM_ENABLE */
    bool changes_protection;
    bool deletion_protected;
    const struct index_action *index_actions; /* for different indexes (db/index/index_change.h) */
    uint32_t index_action_count;
};

/* Whether the reply calls the table UPDATING; the others take effect at once. */
bool table_change_takes_time(const struct table_change *change);

struct table_changed {
    const struct table *before;
    const struct table *after; /* an index that goes is still there, as DELETING */
};

/*
 * All of the change or nothing. Replies show some settings as they were, so both come back.
 *   Errors: CONFLICT when the table is not as it was seen; RESOURCE_NOT_FOUND as table_describe;
 *   RESOURCE_IN_USE where it is too busy (db/table/admission.h);
 *   VALIDATION when the change does not fit the table; LIMIT_EXCEEDED for too many changes.
 *   Source: the control plane measured on the service.
 */
error table_update(struct db_session *session, slice name, const struct table_change *change,
                   struct table_changed *changed) MUST_CHECK;
