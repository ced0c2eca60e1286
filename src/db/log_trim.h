/*
 * Records and streams go when their day is over. The housekeeper's; one thread at a time.
 */
#pragma once
#include "db/db.h"

/*
 * Trim what is due, a bounded piece of it: records older than the retention, low-water marks with
 * them; streams that were sealed so long ago. Returns the number of steps done.
 */
unsigned log_trim_due(struct db *db);
