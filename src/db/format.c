#include "db/format.h"

#include "base/bytes.h"
#include "db/collection.h"
#include "db/db_private.h"
#include "db/index/index.h"
#include "store/queue.h"

/*
 * Rows that count item collections, before the number says that they are there: should the process
 * end in between, the next one counts again, from nothing.
 */
static error count_collections(struct db *db, struct arena *arena, struct store_write *writes,
                               uint32_t *write_count)
{
    enum { BATCH = 64 };
    const struct table *tables[BATCH];
    error failure = NULL;
    slice after = SLICE_NONE;
    uint32_t count;
    (void)writes;
    (void)write_count;
    do {
        count = catalogue_list(db->catalogue, after, tables, BATCH);
        if (count > 0)
            after = arena_copy(arena, tables[count - 1]->name);
        for (uint32_t i = 0; i < count; i++) {
            if (!failure && table_has_local_indexes(tables[i]))
                failure = collections_count_anew(arena, db->store, tables[i]);
            table_release(tables[i]);
        }
    } while (count == BATCH && !failure);
    return failure;
}

/*
 * What makes a directory of one format one of the next, by what the next has that it lacks. A step
 * without a function only permits more: the rows that are there stay as they are.
 */
static const struct step {
    uint32_t from;
    error (*rewrite)(struct db *db, struct arena *arena, struct store_write *writes,
                     uint32_t *count);
} steps[] = {
    {1, count_collections}, /* 2: sizes of item collections, rows of time to live, attributes of
                               descriptions that 1 would drop */
    {2, NULL},              /* 3: rows of exports and imports */
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
