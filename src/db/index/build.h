/*
 * Builds: rows that items imply are added to a table that has items already, page by page in the
 * background (db/index/backfill.h), while every write keeps those of the items it touches.
 *
 * A build stands in the description of its table until it is done. A write must know whether the
 * row that the old item implies is there: it is when the old item was written knowing of the
 * build, which its version tells, or when the build has come past its key, which the build's
 * cursor tells. The cursor is a row that changes in the change set of each page, so it is right
 * after a crash; pages on their way to the disk are known here, and who relies on one depends on
 * its change set.
 */
#pragma once
#include "db/rows.h"
#include "store/store.h"

struct db;

/* As of a description. */
struct build {
    uint32_t number; /* names its cursor row: a space, of its own or its index's; 0: none, or done */
    struct row_version since; /* rows of versions above this one were written knowing of it */
};

/* Whether a build is under way for which what was there before may not have its rows yet. */
static inline bool build_is_under_way(const struct build *build)
{
    return build->number != 0;
}

/*
 * Whether the rows that an item implies are there. The stripe of the item's key is held. When they
 * are in a change set that is not durable yet, `pending` is that one, retained; else NULL.
 */
bool build_covers(struct db *db, const struct build *build, slice item_key,
                  struct row_version item_version, struct store_pending **pending);

/* 00 'build' number: the row key up to which the items' rows are there; absent: none are. */
slice row_key_of_build(struct arena *arena, uint32_t number);

/* ---- for who runs builds: db/index/backfill.c, db/table/table.c ---- */

struct builds;
struct builds *builds_new(void);
void builds_free(struct builds *builds);

/*
 * A build that is under way, from the first description with it or from its stored cursor. One of
 * the same number that was given up, and whose last pages may be on their way, makes room.
 */
void builds_add(struct builds *builds, slice table_name, uint32_t number, slice cursor);
void builds_remove(struct builds *builds, uint32_t number);

/* Any one: its number, its table's name in `arena`; false: none is under way. */
bool builds_next(struct builds *builds, struct arena *arena, uint32_t after, uint32_t *number,
                 slice *table_name);

/*
 * Whether all that was submitted before the build's description came is durable, so that reading
 * finds every item that could lack its rows. It is once it was said to be.
 */
bool builds_is_settled(struct builds *builds, uint32_t number);
void builds_settle(struct builds *builds, uint32_t number);

/* How far it is, in `arena`; empty: nowhere yet. */
slice builds_cursor(struct builds *builds, struct arena *arena, uint32_t number);

/*
 * How many percent of the items it has come past: those are sorted by hash, so its place among the
 * hashes tells. 100 for a build that is done.
 */
unsigned build_percent(struct db *db, const struct build *build);

/*
 * The rows up to `cursor` are in a change set that was submitted; then what became of the oldest
 * such one. The stripes of the page's items are held by who submits. At most BUILD_PAGES_MAX.
 */
enum { BUILD_PAGES_MAX = 4 };
void builds_page_submitted(struct builds *builds, uint32_t number, slice cursor,
                           struct store_pending *pending);
void builds_page_settled(struct builds *builds, uint32_t number);
