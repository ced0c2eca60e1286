#include "db/drops.h"

#include "base/clock.h"
#include "base/memory.h"
#include "db/db_private.h"
#include <stdlib.h>

enum {
    TURN_ROWS = 16 * 1024,
    TURN_US = 50 * 1000, /* rows may be large, and the disk slow */
    PIECE_ROWS = 256,    /* deleted at once, so that the commit queue hardly waits */
};

struct drops {
    uint32_t turn_rows;
    uint32_t rows_left; /* of this turn */
    uint64_t until_us;  /* no further piece in this turn */
    bool are_left;

    struct arena arena;   /* of `first` */
    slice first;          /* what names the drop under way; empty: there is none */
    uint32_t range_index; /* the range that it has come to */
    struct arena at_arena;
    slice at; /* and the place in it; empty: its beginning */
};

struct drops *drops_new(uint32_t turn_rows)
{
    struct drops *drops = memory_alloc_zeroed(sizeof *drops);
    drops->turn_rows = turn_rows > 0 ? turn_rows : TURN_ROWS;
    arena_init(&drops->arena, NULL);
    arena_init(&drops->at_arena, NULL);
    return drops;
}

void drops_free(struct drops *drops)
{
    arena_fini(&drops->at_arena);
    arena_fini(&drops->arena);
    free(drops);
}

void drops_begin_turn(struct drops *drops)
{
    drops->rows_left = drops->turn_rows;
    drops->until_us = clock_monotonic_us() + TURN_US;
    drops->are_left = false;
}

bool drops_are_left(const struct drops *drops)
{
    return drops->are_left;
}

static void begin(struct drops *drops, slice first)
{
    arena_reset(&drops->arena);
    drops->first = arena_copy(&drops->arena, first);
    drops->range_index = 0;
    drops->at = SLICE_NONE;
}

/* A piece counts as many rows as it may have, so that small drops have an end as well. */
static error drop_piece(struct db *db, const struct drop_range *range)
{
    struct drops *drops = db->drops;
    SCOPED_ARENA(arena);
    struct store_drop drop = {.shard = STORE_SHARD_WHOLE,
                              .area = range->area,
                              .from = range->from,
                              .to = range->to,
                              .at = drops->at,
                              .row_count_max =
                                  drops->rows_left < PIECE_ROWS ? drops->rows_left : PIECE_ROWS};
    slice end;
    if (store_drop_piece(db->store, &arena, &drop, &end) != STORE_OK)
        return FAILURE(ERROR_STORAGE, "the rows could not be dropped");
    arena_reset(&drops->at_arena);
    drops->at = arena_copy(&drops->at_arena, end);
    if (end.size == 0)
        drops->range_index++;
    drops->rows_left -= drop.row_count_max;
    if (clock_monotonic_us() >= drops->until_us)
        drops->rows_left = 0;
    return NULL;
}

error drops_go_on(struct db *db, const struct drop_range *ranges, uint32_t range_count, bool *done)
{
    struct drops *drops = db->drops;
    *done = false;
    if (drops->rows_left > 0 && !slice_equal(drops->first, ranges[0].from))
        begin(drops, ranges[0].from);
    while (drops->rows_left > 0 && !*done) {
        TRY(drop_piece(db, &ranges[drops->range_index]));
        *done = drops->range_index == range_count;
    }
    if (*done)
        begin(drops, SLICE_NONE);
    else
        drops->are_left = true;
    return NULL;
}
