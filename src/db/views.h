/*
 * Views of the past, for testing applications: with --eventual-ms a read that does not ask for
 * consistency answers from what there was that long ago.
 *
 * A read at time t gets the newest view taken at or before t - lag_ms. Views are at most a tenth of
 * the lag apart, so what it gets is never younger than the lag, and older by a tenth at most. Time
 * is the clock's: with a manual one nothing ages until it is moved. What was there when the
 * database was opened counts as having been there for long.
 *
 * A ring of at most VIEWS_MAX is kept; what is older than any read may get is let go, so that no
 * view holds the space of what was deleted for longer than the lag. Any thread.
 */
#pragma once
#include "base/clock.h"
#include "store/store.h"

struct views;

/* Twice what the machine's clock needs: a manual one may be moved in the most awkward steps. */
enum { VIEWS_MAX = 24 };

struct views *views_new(struct store *store, const struct clock *clock, int64_t lag_ms);
void views_free(struct views *views);

/* How often views_keep wants to be called by the machine's clock. */
uint32_t views_period_ms(const struct views *views);

/*
 * Take a view if the next call, at the time next_ms, would be too late for one. With a manual
 * clock: call it before the clock is moved to next_ms.
 */
void views_keep(struct views *views, int64_t next_ms);

/* Let go of the views that no read gets any more. */
void views_prune(struct views *views);

/* What a read gets now, with a reference. */
struct store_view *views_find(struct views *views);

/* How many are kept. */
uint32_t views_count(struct views *views);
