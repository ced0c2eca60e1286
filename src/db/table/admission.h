/*
 * What a table that is busy takes. Admission goes by what is asked for and by what the table is
 * busy with, not by its status: most of what takes no time is always admitted.
 *
 * The service goes wrong in two cases, and this does not follow: it takes the way back from a
 * switch to provisioned units that is under way, and forgets it; and encryption ends the waiting
 * for a change of class early, after which another such change is forgotten.
 * Source: the control plane measured on the service; tests/api/busy_tables.test.mjs.
 */
#pragma once
#include "db/table/table_update.h"

/*
 * Whether UpdateTable may do this now.
 *   Errors: RESOURCE_IN_USE in the words for what is asked for beside what is under way.
 */
error admission_check(struct arena *arena, const struct table *table,
                      const struct table_change *change, int64_t now_ms) MUST_CHECK;

/* Whether DeleteTable may, as far as the table itself is concerned. Errors: RESOURCE_IN_USE. */
error admission_check_deletion(struct arena *arena, const struct table *table,
                               int64_t now_ms) MUST_CHECK;
