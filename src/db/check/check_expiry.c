/* Expiry rows against items, both ways. Each row is looked up by its key. */
#include "db/check/check_private.h"
#include "db/db_private.h"
#include "db/expiry/expiry.h"

void check_expiry_of_item(struct check *check, const struct table *table,
                          const struct store_entry *row, slice item)
{
    uint64_t second;
    if (!expiry_is_kept(table) || !expiry_second(table, item, &second) ||
        !check_is_covered(check, &table->expiry.build, row))
        return;
    SCOPED_ARENA(arena);
    struct store_row found;
    slice key = row_key_of_expiry(&arena, row->key, second);
    if (store_get(check->store, STORE_SHARD_WHOLE, &arena, &key, 1, STORE_ANY, &found) !=
        STORE_OK) {
        check_problem(check, "row %.*s cannot be read", SLICE_ARGS(check_hex(&arena, key)));
        return;
    }
    if (found.found)
        return;
    struct store_write write = db_put(key, ROW_EXPIRY_VALUE);
    check_mendable(check, CHECK_MEND_LACKING, &write, 1,
                   "row %.*s of table %.*s lacks its expiry row",
                   SLICE_ARGS(check_hex(&arena, row->key)), SLICE_ARGS(table->name));
}

/*
 * Whether the item to which the row belongs is there and expires then. `is_damaged`: it is there,
 * but nothing can be said of it.
 */
static bool is_implied(struct check *check, struct arena *arena, const struct table *table,
                       const struct store_entry *row, bool *is_damaged)
{
    uint64_t second;
    uint64_t implied;
    slice item_key;
    *is_damaged = false;
    if (!row_key_open_expiry(arena, row->key, &second, &item_key))
        return false;
    bool is_there;
    slice item = check_read_item(check, arena, item_key, &is_there);
    *is_damaged = is_there && item_check(item);
    return item_exists(item) && !item_check(item) && expiry_second(table, item, &implied) &&
           implied == second;
}

void check_expiry_row(struct check *check, const struct table *table, const struct store_entry *row)
{
    SCOPED_ARENA(arena);
    const char *problem = NULL;
    bool is_damaged = false;
    struct store_write write = db_delete(row->key);
    if (table->expiry.is_leaving)
        check->report->dead_rows++;
    else if (!expiry_is_kept(table))
        problem = "belongs to no time to live";
    else if (!is_implied(check, &arena, table, row, &is_damaged))
        problem = "is the expiry row of no item";
    else if (!slice_equal(row->value, ROW_EXPIRY_VALUE)) {
        problem = "has another value than expiry rows have";
        write = db_put(row->key, ROW_EXPIRY_VALUE);
    }
    if (problem)
        check_mendable(check, CHECK_MEND_STALE, &write, is_damaged ? 0 : 1,
                       "row %.*s of table %.*s %s", SLICE_ARGS(check_hex(&arena, row->key)),
                       SLICE_ARGS(table->name), problem);
}
