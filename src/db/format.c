#include "db/format.h"

#include "base/bytes.h"
#include "db/db_private.h"
#include "store/queue.h"

/*
 * What makes a directory of one format one of the next, by what the next has that it lacks. A step
 * without a function only permits more: the rows that are there stay as they are.
 */
static const struct step {
    uint32_t from;
    error (*rewrite)(struct db *db, struct arena *arena, struct store_write *writes,
                     uint32_t *count);
} steps[] = {
    {1, NULL}, /* 2: rows of time to live, and attributes of descriptions that 1 would drop */
};

enum { STEP_COUNT = sizeof steps / sizeof steps[0] };
_Static_assert(STEP_COUNT == STORE_FORMAT - 1, "every older format has its step");

error format_upgrade(struct db *db, struct arena *arena, struct store_write *writes,
                     uint32_t *count, uint32_t *format)
{
    slice key = STORE_FORMAT_KEY;
    slice stored;
    TRY(db_read_meta(db, arena, key, &stored));
    *format = stored.size == 4 ? bytes_get_u32(stored.data) : STORE_FORMAT;
    if (*format == STORE_FORMAT)
        return NULL;
    for (uint32_t i = 0; i < STEP_COUNT; i++) {
        if (steps[i].from >= *format && steps[i].rewrite)
            TRY(steps[i].rewrite(db, arena, writes, count));
    }
    char *number = arena_alloc_bytes(arena, 4);
    bytes_put_u32(number, STORE_FORMAT);
    writes[(*count)++] = db_put(key, slice_of(number, 4));
    return NULL;
}
