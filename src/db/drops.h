/*
 * Drops: rows that nobody reads any more go piece by piece, so many in a turn of the housekeeper,
 * so that whoever waits for it waits for a moment and not for a hundred million rows. How far a
 * drop has come this process alone knows; another one begins again and finds less. All of it is
 * the housekeeper's.
 */
#pragma once
#include "db/db.h"

struct drops;

/* turn_rows: of a turn; 0: as many as are quick. */
struct drops *drops_new(uint32_t turn_rows);
void drops_free(struct drops *drops);

void drops_begin_turn(struct drops *drops);
/* Whether something was not done, for it would have been more than a turn has. */
bool drops_are_left(const struct drops *drops);

struct drop_range {
    enum store_area area;
    slice from; /* included; that of the first range names the drop */
    slice to;   /* excluded */
};

/*
 * The ranges, one after the other, as far as the turn goes; `done`: they are empty. Otherwise it is
 * called again in the next turn, with the same ranges. Of several drops the one that is asked for
 * first goes on, and the others begin behind it.
 *   Errors: STORAGE.
 */
error drops_go_on(struct db *db, const struct drop_range *ranges, uint32_t range_count,
                  bool *done) MUST_CHECK;
