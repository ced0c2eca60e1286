/*
 * The one write path: lock the keys, read what is there, decide, fill the change set, submit.
 *
 * When db_write returns, with or without an error, the reply must wait until session->submitted
 * (if any) is settled: what was decided may rest on rows that are not durable yet. A failed
 * condition is a result, not an error.
 */
#pragma once
#include "db/capacity.h"
#include "db/stream/log.h"
#include "db/request_token.h"
#include "expr/condition.h"
#include "expr/update.h"

/* CHECK writes nothing: its condition decides whether the others do. */
enum write_kind { WRITE_PUT, WRITE_DELETE, WRITE_UPDATE, WRITE_CHECK };

struct write_plan {
    const struct table *table;
    enum write_kind kind;
    slice key;                   /* all but PUT: checked by key_check */
    slice item;                  /* PUT: checked by key_check_item, index_check_item and for size */
    const struct update *update; /* UPDATE; NULL: only the key */
    const struct condition *condition; /* NULL: none */
    enum log_actor actor;              /* on whose behalf; the change log names it */
};

struct write_result {
    bool condition_failed;
    error refusal;  /* why the item after cannot be; of several plans only the first is told,
                     unless each is for itself */
    slice old_item; /* before; ITEM_ABSENT when there was none */
    slice new_item; /* after; ITEM_ABSENT when deleted */
    const struct index_change *index_changes; /* of the table's indexes, in their order; NULL: it
                                                 has none, or nothing was to be changed */
    int64_t collection_bytes; /* of its item collection afterwards; 0: the table has none */
};

/*
 * All plans or none: one change set. Their keys differ. When a condition fails nothing is
 * changed; every failed one is marked in its result.
 *   Errors: VALIDATION from an update that does not fit the item or an index: the first refusal
 *   of the results. ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED, which is the refusal of one of them.
 *   THROTTLING when several plans write more than the session's memory holds. Those of throttle_refusal.
 */
error db_write(struct db_session *session, const struct write_plan *plans, uint32_t plan_count,
               struct write_result *results) MUST_CHECK;

/*
 * The same for a transaction, once for a token: when it was written with the token before, or is being written,
 * nothing is decided or changed, `repeated` becomes true, and the results hold the items as they
 * are, old and new alike. `token` NULL: db_write.
 *   Errors: also IDEMPOTENT_PARAMETER_MISMATCH.
 */
error db_write_once(struct db_session *session, const struct write_plan *plans, uint32_t plan_count,
                    const struct request_token *token, struct write_result *results,
                    bool *repeated) MUST_CHECK;

/*
 * db_write, but plans that are throttled are left out: the refusal of each stands in its result, and
 * the others are written all or none.
 */
error db_write_some(struct db_session *session, const struct write_plan *plans, uint32_t plan_count,
                    struct write_result *results) MUST_CHECK;

/*
 * Each plan for itself: those whose condition fails or whose item cannot be are marked in their
 * results and change nothing, all others are written, in one change set. Their keys differ.
 */
error db_write_each(struct db_session *session, const struct write_plan *plans, uint32_t plan_count,
                    struct write_result *results) MUST_CHECK;
