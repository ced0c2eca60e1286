/*
 * Backfill: carries builds (db/index/build.h) through, from any thread but a loop, one at a time.
 *
 * A build walks the items of its table by key. Of each page it locks the items whose rows are
 * missing, makes sure that they are as it read them, and submits their rows, the counters and the
 * new cursor as one change set; few such are on their way at a time, and clients are given way to
 * (db/pace.h). When the last page is durable the build leaves the description.
 *
 * To build another kind of row: put a `struct build` into the description, as db/index/index_change.c
 * does for an index (its number is a space that is taken for it; `since` is the version floor that
 * goes with the same description), let every write from then on keep the rows and ask
 * build_covers whether those of the old item are there, and add the kind to `struct target` in
 * db/index/backfill.c: how it is found, what rows an item implies, what leaves the description at the
 * end. db/db.c and db/table/table_private.h make builds known by builds_add.
 */
#pragma once
#include "db/db.h"

/* Goes on for a short while. Whether there is more to do at once. */
bool db_backfill(struct db *db);
