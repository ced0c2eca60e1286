/*
 * The one write path: lock the key, read what is there, decide, fill the change set, submit.
 *
 * When db_write returns NULL the reply may be written, but must wait until session->submitted
 * (if any) is settled. A failed condition is a result, not an error, and may have to wait too.
 */
#pragma once
#include "db/table.h"
#include "expr/condition.h"

enum write_kind { WRITE_PUT, WRITE_DELETE };

struct write_plan {
    const struct table *table;
    enum write_kind kind;
    slice key;  /* WRITE_DELETE: checked by key_check */
    slice item; /* WRITE_PUT: checked by key_check_item and for size */
    const struct condition *condition; /* NULL: none */
};

struct write_result {
    bool condition_failed; /* nothing was changed */
    slice old_item;        /* before; ITEM_ABSENT when there was none */
    slice new_item;        /* after; ITEM_ABSENT when deleted */
};

error db_write(struct db_session *session, const struct write_plan *plan,
               struct write_result *result) MUST_CHECK;
