/*
 * The memory engine as a place where tests inject faults, by number of group or change set.
 * All are off (0) until set. Not part of the server.
 */
#pragma once
#include "store/store.h"

struct memory_faults {
    uint64_t conflict_at_submit;   /* the n-th change set from now is dropped with CONFLICT */
    uint64_t unavailable_at_group; /* the n-th group from now is refused */
    bool is_full;     /* as a full disk: nothing is written until this is cleared */
    bool hold_groups; /* groups wait until this is cleared, then all that waits is one group;
                         clear it before closing the store */
};

/* Takes effect for what is formed after the call. */
void memory_store_set_faults(struct store *store, const struct memory_faults *faults);

/* Remember every group from now on, for memory_store_crash_copy. */
void memory_store_keep_history(struct store *store);

/* A new store holding the groups up to `commit_number` only: a crash that kept a prefix. */
error memory_store_crash_copy(struct arena *arena, struct store *store, uint64_t commit_number,
                              struct store **copy) MUST_CHECK;
