/*
 * What the write path charges (db/partition/charge.h): an item with its table, each entry of an
 * index that it changes with that index.
 *   Errors: as throttle_refusal; then nothing was noted by the call but by those before it.
 */
#pragma once
#include "db/partition/charge.h"
#include "db/write.h"

/* For the item itself, also where its condition failed. In a transaction it costs twice as much. */
error charge_write(struct db_session *session, const struct write_plan *plan,
                   const struct write_result *result, slice row_key,
                   bool is_transaction) MUST_CHECK;

/* A transaction that was done before reads instead. */
error charge_repeated(struct db_session *session, const struct write_plan *plan,
                      const struct write_result *result, slice row_key) MUST_CHECK;

struct entry_change {
    const struct index *index;
    slice old_key; /* row keys of the entry; each may be absent */
    slice new_key;
    const struct index_change *change;
};

/* Those of local indexes lie in the partition of their item, `row_key`. */
error charge_entry(struct db_session *session, const struct write_plan *plan,
                   const struct entry_change *entry, slice row_key) MUST_CHECK;
