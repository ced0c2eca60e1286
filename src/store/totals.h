/*
 * The totals of counters (rows changed by ADD) as they were last written, so that a counter costs
 * the engine one read at first use and one row a group. Holds durable totals only: a group that
 * is refused leaves nothing to take back. The queue's thread alone uses it.
 */
#pragma once
#include "base/slice.h"

struct total;

struct totals {
    struct total **buckets;
    uint32_t count;
};

void totals_init(struct totals *totals);
void totals_fini(struct totals *totals);

bool totals_find(const struct totals *totals, slice key, int64_t *total);
void totals_set(struct totals *totals, slice key, int64_t total); /* copies the key */
void totals_forget(struct totals *totals, slice key);
void totals_clear(struct totals *totals);

/* Forget everything when there are too many; they are read again from the engine. */
void totals_trim(struct totals *totals);
