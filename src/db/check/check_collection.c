/*
 * Sizes of item collections against the rows: each row that counts one says what its rows have, and
 * all of them together what the table has, so that none is lacking.
 */
#include "db/check/check_private.h"
#include "db/collection.h"
#include "store/queue.h"

/* Directories of older formats have no such rows. */
static bool are_counted(const struct check *check, const struct table *table)
{
    enum { FIRST_FORMAT_THAT_COUNTS = 2 };
    return check->format >= FIRST_FORMAT_THAT_COUNTS && table_has_local_indexes(table);
}

void check_collection(struct check *check, struct arena *arena, struct space *space,
                      const struct store_entry *row)
{
    int64_t counted;
    int64_t bytes;
    if (!are_counted(check, space->table)) {
        check_problem(check, "row %.*s of table %.*s counts an item collection, but it has none",
                      SLICE_ARGS(check_hex(arena, row->key)), SLICE_ARGS(space->table->name));
        return;
    }
    if (!collection_value_open(row->value, &counted))
        counted = -1;
    if (collection_measure(check->store, space->table, row->key, &bytes) != STORE_OK) {
        check_problem(check, "row %.*s: its item collection cannot be read",
                      SLICE_ARGS(check_hex(arena, row->key)));
        return;
    }
    space->collection_bytes += bytes;
    if (counted == bytes && bytes > 0)
        return;
    space->miscounted = true;
    check_problem(check, "row %.*s of table %.*s says %lld bytes, but its item collection has %lld",
                  SLICE_ARGS(check_hex(arena, row->key)), SLICE_ARGS(space->table->name),
                  (long long)counted, (long long)bytes);
}

void check_collections_of_space(struct check *check, struct space *space)
{
    if (space->index || !are_counted(check, space->table))
        return;
    int64_t bytes = 0;
    for (uint8_t number = 0; number <= LOCAL_INDEXES_MAX; number++)
        bytes += space->tallies[number].bytes;
    if (bytes != space->collection_bytes)
        check_problem(check,
                      "table %.*s has %lld bytes in item collections, but rows that count %lld",
                      SLICE_ARGS(space->table->name), (long long)bytes,
                      (long long)space->collection_bytes);
    bool wrong = space->miscounted || bytes != space->collection_bytes;
    if (!wrong || check->mode != CHECK_MEND_COUNTS || check->failure)
        return;
    check->failure = collections_count_anew(check->arena, check->store, space->table);
    check_repaired(check, "table %.*s: its item collections are counted anew",
                   SLICE_ARGS(space->table->name));
}
