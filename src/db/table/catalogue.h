/*
 * The catalogue: every live table's description by name, in memory.
 *
 * Descriptions are immutable and counted. Each incarnation of a table has a gate: a write holds it
 * shared from checking that its description is still the current one until submit; whoever
 * replaces the description holds it exclusively for the moment of the swap.
 *
 * A description becomes durable before writers see it (catalogue_put). Where its change set must
 * lie between the writes under the older one and those under the newer, it is submitted in the
 * moment of the swap (catalogue_put_submitted); until it is durable whoever writes depends on it.
 */
#pragma once
#include "db/table/table.h"
#include "db/table/table_counters.h"
#include <pthread.h>

struct table_gate {
    pthread_rwlock_t lock;
    const struct table *current; /* guarded by lock; NULL: the table is gone */
    struct store_pending *unsettled; /* of `current`, which is not durable yet; guarded by lock */
    _Atomic uint32_t references; /* one per description */
    struct usage *usage;         /* what the table is asked for (db/partition/usage.h) */
    _Atomic uint64_t expiry_mark; /* low-water mark of the sweep (db/expiry/expiry.h) */
    struct table_counters counters;
};

struct catalogue;

struct catalogue *catalogue_new(void);
void catalogue_free(struct catalogue *catalogue);

/* A description of its own memory, with one reference. gate NULL: a new incarnation. */
const struct table *table_new(const struct table *fields, struct table_gate *gate);
void table_retain(const struct table *table);
struct table_gate *table_gate(const struct table *table);

/* With a reference for the caller, or NULL. */
const struct table *catalogue_find(struct catalogue *catalogue, slice name);

/* Counts the versions of rows (db/rows.h), for all tables. */
uint64_t catalogue_next_version(struct catalogue *catalogue);

/*
 * Put or replace the description of its name; takes over the caller's reference. Versions that
 * writes were given under the description before are at most `version_floor` if it was chosen far
 * enough above (catalogue_version_far), and those given from now on are above it.
 */
void catalogue_put(struct catalogue *catalogue, const struct table *table);
/*
 * Put a description, which replaces one, and submit the change set that stores it; the set has a
 * pending. Its answer is waited for with the set's sink, and then settled: `older`, whose reference
 * the caller holds, takes the place again unless it is NULL.
 *   Returns the store's answer to the submission: but for STORE_OK nothing has happened.
 */
enum store_answer catalogue_put_submitted(struct catalogue *catalogue, const struct table *table,
                                          struct store *store,
                                          struct store_change_set *change_set) MUST_CHECK;
void catalogue_settle(struct catalogue *catalogue, const struct table *table,
                      const struct table *older);

/* Until every write of items that has the table's gate now has let go of it. */
void catalogue_let_through(const struct table *table);

/* Let no write through that saw the description, and forget it. */
void catalogue_remove(struct catalogue *catalogue, slice name);
/* A version that no write can reach while a description is being replaced. */
uint64_t catalogue_version_far(struct catalogue *catalogue);
uint32_t catalogue_count(struct catalogue *catalogue);

/* Up to `limit` tables with names after `after`, in order, each with a reference. */
uint32_t catalogue_list(struct catalogue *catalogue, slice after, const struct table **tables,
                        uint32_t limit);

/* Spaces of deleted tables whose rows are still there. */
void catalogue_add_dead_space(struct catalogue *catalogue, uint32_t space);
bool catalogue_dead_space(struct catalogue *catalogue, uint32_t position, uint32_t *space);
void catalogue_remove_dead_space(struct catalogue *catalogue, uint32_t space);
