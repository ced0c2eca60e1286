/* A table "T" whose items expire by their attribute e, at a moment that stands still. */
#pragma once
#include "db/expiry/expiry.h"
#include "tests/unit/db/fixture.h"
#include <inttypes.h>

/* Epoch seconds at which the tests begin. */
#define EXPIRY_NOW INT64_C(1800000000)
/* Longer than it takes until time to live may be switched again. */
enum { SWITCH_PAUSE_MS = 31 * 60 * 1000 };

void open_at_now(struct fixture *fixture);
void set_second(struct fixture *fixture, int64_t second);

error switch_expiry(struct fixture *fixture, bool enable, const char *attribute);
/* Switched on for e, and built. */
void enable_expiry(struct fixture *fixture);
enum expiry_status status(struct fixture *fixture);
enum expiry_status status_shown(struct fixture *fixture); /* to clients */

/* One whole sweep. */
void sweep(struct fixture *fixture);

/* `value` of e as it stands in JSON with ' for ", or NULL for none. */
void put_expiring(struct fixture *fixture, const char *pk, const char *value);
void put_at(struct fixture *fixture, const char *pk, int64_t second);

bool is_there(struct fixture *fixture, const char *pk);
int64_t item_count(struct fixture *fixture);
uint32_t expiry_row_count(struct fixture *fixture);

/* Behind the back of everything. */
void write_row(struct fixture *fixture, struct store_write write);
