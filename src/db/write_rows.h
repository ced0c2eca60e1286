/*
 * The rows of a write: what turns the old items into the new ones, once all of them are decided.
 * Part of the write path (db/write.c), with the keys locked.
 */
#pragma once
#include "db/collection.h"
#include "db/db_private.h"
#include "db/item_writes.h"
#include "db/write.h"

/* The writes of one request on their way: parallel arrays, one element a plan. */
struct writing {
    struct db_session *session;
    const struct write_plan *plans;
    struct write_result *results;
    uint32_t count;
    const struct request_token *token; /* NULL: none */
    bool repeated;                     /* the token was used for the same before */
    bool separate;                     /* each plan for itself: db_write_each */
    bool leaves_throttled; /* plans that are throttled are left out, the others are done */
    bool is_transaction;
    struct collections collections;
    slice *
        keys; /* row keys; behind them those of the collections, and the token's, if there is one */
    uint32_t key_count;
    struct row_version *old_versions; /* of the rows that were there */
    const struct entry_change **entries; /* of their tables' indexes; NULL: none */
    bool *is_written;                 /* a row of it is in the change set */
    struct store_pending **seen;      /* pending change sets whose rows were read; each retained */
    uint32_t seen_count;
    struct lock_set locks;
};

/* How many writes the plans can need, those of their collections too. */
uint32_t write_rows_max(const struct writing *writing);

/*
 * Adds the rows of all plans that were decided, and what the overlay gets of them; charges them.
 *   Errors: as throttle_refusal, in the results of the plans too; the limits of collections.
 */
error write_rows_add_locked(struct writing *writing, struct writes *to,
                            struct overlay_entry *entries, uint32_t *entry_count) MUST_CHECK;

/* How large the item collections of the plans are. */
error write_read_collections_locked(struct writing *writing) MUST_CHECK;

/* An answer for the client, rather than a reason to run again or a damaged store. */
bool write_is_decided(error refusal);

/* What is pending under the key, which is depended on; NULL: the store has the truth. */
const struct overlay_entry *write_see_pending_locked(struct writing *writing, slice key);
