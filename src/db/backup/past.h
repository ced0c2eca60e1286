/*
 * A table as it was: of every item its last state up to a moment, and, where that is asked for, its
 * state before an earlier one.
 *
 * Archives hold states of items in the order in which they came to be. A walk sorts them into parts
 * by partition and key, in a file, and then settles one part after the other; memory holds where
 * the states of one part lie, some 64 bytes for each of its items, whatever the table's size.
 */
#pragma once
#include "db/backup/chain.h"
#include "db/table/table.h"

struct past_state {
    slice key;       /* the item's key alone */
    slice item;      /* ITEM_ABSENT: it is gone */
    slice old_item;  /* before from_ms; ITEM_ABSENT: it was not there, or nothing was asked */
    int64_t time_ms; /* of the change that made it so; 0: it was so in the base */
};

struct past_walk {
    int64_t from_ms;  /* only what changed from then on; 0: everything */
    int64_t until_ms; /* changes of this time are in */
    bool with_old;
    uint64_t part_bytes; /* of archives, for each part; 0: as many as are quick */
    void *context;
    /* Every partition in order, also one of which nothing follows. */
    error (*begin_partition)(void *context, struct arena *arena);
    error (*take)(void *context, struct arena *arena, const struct past_state *state);
};

/*
 * What the walk's functions fail with ends it. Items that were not there before and are not
 * afterwards are left out. Partitions are those at the cut of the chain's first archive.
 *   Errors: CORRUPT naming file and offset; STORAGE; BUSY when the server stops.
 */
error past_walk(struct db *db, struct arena *arena, const struct chain *chain,
                const struct past_walk *walk) MUST_CHECK;
