/*
 * Records and streams go when their day is over. The housekeeper's; one thread at a time.
 */
#pragma once
#include "db/drops.h"

/*
 * Trim what is due, a bounded piece of it: records older than the retention, low-water marks with
 * them; streams that were sealed so long ago. Returns the number of steps done.
 */
unsigned log_trim_due(struct db *db);

/* Whether a stream, but the one with this label, has a part in the log. */
bool log_has_stream(struct db *db, uint32_t space, int64_t but_label_ms);

/* What to drop of a log whose table is gone: its records, then their marks. In the arena. */
enum { LOG_RANGES = 2 };
void log_ranges(struct arena *arena, uint32_t space, struct drop_range ranges[LOG_RANGES]);
