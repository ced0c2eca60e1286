/*
 * The sweep: every so often all tables with time to live are gone through, and what has expired is
 * deleted as a client would delete it, under the condition that it is still expired, so that an
 * item renewed in between survives.
 */
#pragma once
#include <stdbool.h>

struct db;
struct expiry_sweep;

struct expiry_sweep *expiry_sweep_new(void);
void expiry_sweep_free(struct expiry_sweep *sweep);

/*
 * Goes on with the sweep that is under way, or begins one when it is time, for a short while. From
 * any thread but a loop, one at a time. Whether there is more to do at once.
 */
bool db_expire(struct db *db);
