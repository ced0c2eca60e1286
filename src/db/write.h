/*
 * The one write path: lock the keys, read what is there, decide, fill the change set, submit.
 *
 * When db_write returns, with or without an error, the reply must wait until session->submitted
 * (if any) is settled: what was decided may rest on rows that are not durable yet. A failed
 * condition is a result, not an error.
 */
#pragma once
#include "db/table.h"
#include "expr/condition.h"
#include "expr/update.h"

enum write_kind { WRITE_PUT, WRITE_DELETE, WRITE_UPDATE };

struct write_plan {
    const struct table *table;
    enum write_kind kind;
    slice key;  /* DELETE, UPDATE: checked by key_check */
    slice item; /* PUT: checked by key_check_item, index_check_item and for size */
    const struct update *update;       /* UPDATE; NULL: only the key */
    const struct condition *condition; /* NULL: none */
};

/* What a write did to one index: what its capacity depends on. */
struct index_change {
    size_t old_bytes; /* charged size of the entry before; 0: there was none */
    size_t new_bytes; /* after */
    bool changed;     /* the entry came, went, or differs */
    bool moved;       /* it was there before and after, under another index key */
};

struct write_result {
    bool condition_failed;
    slice old_item; /* before; ITEM_ABSENT when there was none */
    slice new_item; /* after; ITEM_ABSENT when deleted */
    const struct index_change *index_changes; /* of the table's indexes, in their order; NULL: it
                                                 has none, or a condition failed */
};

/*
 * All plans or none: one change set. Their keys differ. When a condition fails nothing is
 * changed; every failed one is marked in its result.
 *   Errors: VALIDATION from an update that does not fit the item or an index.
 */
error db_write(struct db_session *session, const struct write_plan *plans, uint32_t plan_count,
               struct write_result *results) MUST_CHECK;
