/*
 * What a build reads: the rows of items in order, some way ahead of the page that is made of them,
 * with the moment from which on a row may have become another.
 */
#pragma once
#include "db/locks.h"
#include "store/store.h"

struct build_reader {
    struct store *store;
    struct locks *locks;
    struct arena *arena;           /* the caller's: outlives the reader */
    slice from;                    /* what was not read yet begins here */
    slice end;                     /* of the items */
    struct arena ahead_arena;      /* of the rows that were read */
    struct overlay_moment *moment; /* before that */
    struct store_page ahead;
    uint32_t taken_count; /* of them */
};

/* The rows of a page; they stand until the next ones are taken. */
struct build_rows {
    const struct store_entry *entries;
    uint32_t count;
    slice end; /* what comes next begins here; in the arena that was given */
};

void build_reader_init(struct build_reader *reader, struct arena *arena, struct store *store,
                       struct locks *locks, slice from, slice end);
void build_reader_fini(struct build_reader *reader);

bool build_reader_is_at_end(const struct build_reader *reader);

/*
 * Takes the next rows, `count_max` at most and of about a page's bytes; none at the end. Where
 * none are at hand, reads `ahead_max` rows first.
 *   Errors: CORRUPT.
 */
error build_reader_take(struct build_reader *reader, struct arena *arena, uint32_t count_max,
                        uint32_t ahead_max, struct build_rows *rows) MUST_CHECK;
