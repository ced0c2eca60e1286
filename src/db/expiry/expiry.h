/*
 * Time to live: a table may name an attribute whose numbers say, in epoch seconds, when their items
 * expire. Expired items stay visible until the sweep (db/expiry/expiry_sweep.c) deletes them.
 *
 * For each item with such a number stands an expiry row (db/rows.h), sorted by the second, which
 * comes and goes in the item's own change set; so the sweep reads what has expired and nothing
 * else. Items that were there when it was switched on get theirs from a build (db/index/backfill.h).
 */
#pragma once
#include "db/item_writes.h"

/* Values that lie further back are taken for a mistake. Source: Developer Guide, "Time to Live". */
static const int64_t EXPIRY_AGE_SECONDS_MAX = INT64_C(5) * 31556952;

enum expiry_status { EXPIRY_DISABLED, EXPIRY_ENABLING, EXPIRY_ENABLED, EXPIRY_DISABLING };
enum expiry_status expiry_status_of(const struct table *table);

/*
 * What a client is shown: DISABLED or ENABLED once the transition delay is over, although rows are
 * still being built or dropped, which no reply depends on. The service was never seen in between.
 */
enum expiry_status expiry_status_shown(const struct db *db, const struct table *table);

/* Whether writes keep expiry rows. */
static inline bool expiry_is_kept(const struct table *table)
{
    return table->expiry.attribute.size > 0 && !table->expiry.is_leaving;
}

/* The second of the item's expiry row, its value rounded down; false: it has none. */
bool expiry_second(const struct table *table, slice item, uint64_t *second);

/*
 * The rows that turn one state of an item into another, at most EXPIRY_WRITES_MAX, of a table that
 * keeps them. While they are being built the older row may not be there yet: to delete it then
 * does nothing.
 */
enum { EXPIRY_WRITES_MAX = 2 };
void expiry_add_writes(struct writes *to, struct arena *arena, const struct table *table,
                       slice item_key, slice old_item, slice new_item);

/*
 * After the item was submitted, so that the sweep comes back to its second. The mark of a table is
 * the second before which no expiry row is left; who takes it first and then waits for an empty
 * change set finds every row for which it was not lowered since.
 */
void expiry_note_submitted(const struct table *table, slice item);
uint64_t expiry_take_mark(const struct table *table, uint64_t until_second);
void expiry_lower_mark(const struct table *table, uint64_t second);

/*
 * UpdateTimeToLive, durable when it returns; workers only (WOULD_BLOCK on a loop).
 *   Errors: RESOURCE_NOT_FOUND as table_describe; RESOURCE_IN_USE while CREATING or DELETING;
 *   VALIDATION when it is so already, for another attribute, or too soon after the last switch.
 *   Source: the control plane measured on the service.
 */
error table_switch_expiry(struct db_session *session, slice name, bool enable,
                          slice attribute) MUST_CHECK;

/* Background work: drop the rows of tables that no longer expire items. One at a time. */
void expiry_retire_due(struct db *db);
