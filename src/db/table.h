/*
 * Tables: descriptions and the catalogue that finds them by name.
 *
 * A description is immutable, shared and counted; a change makes a new one that replaces it whole
 * (under the table's gate, see db/catalogue.c). What table_find returns is held until the
 * session's arena ends.
 */
#pragma once
#include "db/db.h"
#include "item/key.h"

enum billing_mode { BILLING_PROVISIONED, BILLING_PAY_PER_REQUEST }; /* stored: append only */
enum table_status { TABLE_CREATING, TABLE_ACTIVE, TABLE_DELETING };

struct table {
    slice name;
    slice arn;
    slice id;       /* a UUID, new for every incarnation of a name */
    uint32_t space; /* of its rows; never reused */
    struct key_schema keys;
    enum billing_mode billing_mode;
    int64_t read_units; /* PROVISIONED only, else 0 */
    int64_t write_units;
    int64_t created_ms;
    int64_t active_ms;   /* CREATING before, ACTIVE from then on */
    int64_t deleting_ms; /* 0, or when DeleteTable was called */
};

enum table_status table_status_at(const struct table *table, int64_t now_ms);

/* What CreateTable asks for, already validated. */
struct table_definition {
    slice name;
    struct key_schema keys;
    enum billing_mode billing_mode;
    int64_t read_units;
    int64_t write_units;
};

/*
 * The table of a data-plane request: it must be ACTIVE.
 *   Errors: RESOURCE_NOT_FOUND "Requested resource not found".
 */
error table_find(struct db_session *session, slice name, const struct table **table) MUST_CHECK;

/*
 * The table of a control-plane request, in any state.
 *   Errors: RESOURCE_NOT_FOUND "Requested resource not found: Table: NAME not found".
 */
error table_describe(struct db_session *session, slice name,
                     const struct table **table) MUST_CHECK;

/* Names in byte order after `after` (empty: from the start), at most `limit`. */
error table_names(struct db_session *session, slice after, uint32_t limit, const slice **names,
                  uint32_t *count, bool *more) MUST_CHECK;

/* Exact, as of the last durable change. */
error table_counts(struct db_session *session, const struct table *table, int64_t *item_count,
                   int64_t *bytes) MUST_CHECK;

/*
 * Durable when they return; workers only (WOULD_BLOCK on a loop).
 *   Errors: RESOURCE_IN_USE "Table already exists: NAME"; LIMIT_EXCEEDED.
 */
error table_create(struct db_session *session, const struct table_definition *definition,
                   const struct table **table) MUST_CHECK;

/*
 * The name is free and the data unreachable when it returns (after the transition delay); the
 * rows go in the background. `table` is the description as it was, with deleting_ms set.
 *   Errors: RESOURCE_NOT_FOUND as table_describe; RESOURCE_IN_USE while CREATING or DELETING.
 */
error table_delete(struct db_session *session, slice name,
                   const struct table **table) MUST_CHECK;
