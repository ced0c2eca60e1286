/*
 * Changes of a table's global indexes: one is added and filled in the background, one goes, or
 * throughput changes. Part of a change of the table (db/table/table_update.h).
 */
#pragma once
#include "db/index/index.h"

enum index_action_kind { INDEX_CREATE, INDEX_UPDATE, INDEX_DELETE };

struct index_action {
    enum index_action_kind kind;
    struct index index; /* CREATE: all but its place. UPDATE: the name, and units, where 0 leaves
                           them and a ceiling of -1 removes it. DELETE: the name */
};

/* Its own status; while the table is CREATING or DELETING, the table's. */
enum table_status index_status_at(const struct table *table, const struct index *index,
                                  int64_t now_ms);

/* Of an index that is CREATING: whether items are being added, and no more room for them made. */
bool index_is_backfilling_at(const struct index *index, int64_t now_ms);

/* Whether the index is DELETING: reads find none of its name. */
bool index_is_leaving(const struct index *index);

/*
 * Whether the index can be read.
 *   Errors: VALIDATION while its entries are not all there.
 */
error index_check_built(struct arena *arena, const struct index *index) MUST_CHECK;

/*
 * The first index that is not ACTIVE; that keeps the table UPDATING, because it is CREATING and
 * not yet backfilling, or DELETING; that is DELETING. NULL: none.
 */
const struct index *table_busy_index(const struct table *table, int64_t now_ms);
const struct index *table_allocated_index(const struct table *table, int64_t now_ms);
const struct index *table_deleted_index(const struct table *table);

/*
 * Apply actions, for different indexes, to a copy of a description whose billing mode is as it is
 * to be. `next_space` is where a new index lies; it grows when there is one. `switched`: the
 * billing mode has just changed, so that every index gets new throughput.
 *   Errors: RESOURCE_NOT_FOUND, RESOURCE_IN_USE, LIMIT_EXCEEDED, VALIDATION.
 *   Source: the control plane measured on the service.
 */
error index_actions_apply(struct db_session *session, struct table *table,
                          const struct index_action *actions, uint32_t count, bool switched,
                          uint32_t *next_space) MUST_CHECK;

/* The index leaves the list of a copy of a description; the others keep their order. */
void table_remove_index(struct arena *arena, struct table *table, slice name);
