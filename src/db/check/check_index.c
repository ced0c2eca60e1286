/*
 * Indexes against items, both ways: every entry that an item implies is there and the same, and
 * every entry that is there is implied. Each row is looked up by its key, so memory does not grow.
 */
#include "db/check/check_private.h"
#include "db/db_private.h"

slice check_read_item(struct check *check, struct arena *arena, slice key, bool *is_there)
{
    *is_there = true;
    struct store_row row;
    slice item;
    enum store_answer answer =
        store_get(check->store, STORE_SHARD_WHOLE, arena, &key, 1, STORE_ANY, &row);
    if (answer != STORE_OK) {
        check_problem(check, "row %.*s cannot be read", SLICE_ARGS(check_hex(arena, key)));
        return ITEM_ABSENT;
    }
    *is_there = row.found;
    return row.found && row_value_open(row.value, &item) ? item : ITEM_ABSENT;
}

bool check_is_covered(struct check *check, const struct build *build,
                      const struct store_entry *row)
{
    if (!build_is_under_way(build) ||
        row_version_is_above(row_value_version(row->value), build->since))
        return true;
    const struct space *space = check_find_space(check, build->number);
    return slice_compare(row->key, space->cursor) < 0;
}

/* The entry as it came with its item: under the same version and stamp. */
static struct store_write entry_write(struct arena *arena, const struct store_entry *row,
                                      const struct index_entry *entry)
{
    struct buffer value;
    buffer_init(&value, arena);
    buffer_append(&value, slice_first(row->value, ROW_HEADER_BYTES));
    buffer_append(&value, entry->item);
    return db_put(entry->key, buffer_slice(&value));
}

void check_entries_of_item(struct check *check, const struct table *table,
                           const struct store_entry *row, slice item)
{
    for (uint32_t i = 0; i < table->index_count; i++) {
        const struct index *index = &table->indexes[i];
        if (index->deleting_ms != 0)
            continue;
        SCOPED_ARENA(arena);
        struct index_entry entry = index_entry_of(&arena, table, index, item);
        if (!item_exists(entry.item))
            continue;
        bool is_there;
        slice found = check_read_item(check, &arena, entry.key, &is_there);
        if (!check_is_covered(check, &index->build, row)) {
            struct store_write write = db_delete(entry.key);
            if (is_there)
                check_mendable(check, CHECK_MEND_STALE, &write, 1,
                               "index %.*s of table %.*s has the entry of row %.*s, to which its "
                               "build has not come",
                               SLICE_ARGS(index->name), SLICE_ARGS(table->name),
                               SLICE_ARGS(check_hex(&arena, row->key)));
            continue;
        }
        if (slice_equal(found, entry.item))
            continue;
        struct store_write write = entry_write(&arena, row, &entry);
        check_mendable(check, CHECK_MEND_LACKING, &write, 1, "index %.*s of table %.*s %s row %.*s%s",
                       SLICE_ARGS(index->name), SLICE_ARGS(table->name),
                       is_there ? "has another entry than" : "lacks the entry of",
                       SLICE_ARGS(check_hex(&arena, row->key)), is_there ? " implies" : "");
    }
}

/* An entry by itself: it has a header, decodes, and its key is the row's. */
static bool is_well_formed(struct check *check, struct arena *arena, const struct table *table,
                           const struct index *index, const struct store_entry *row, slice *entry)
{
    const char *problem = NULL;
    if (!row_value_open(row->value, entry))
        problem = "has no header";
    else if (item_check(*entry) || key_check_item(arena, &table->keys, *entry))
        problem = "holds no entry";
    else if (!slice_equal(index_entry_of(arena, table, index, *entry).key, row->key))
        problem = "holds an entry with another key";
    if (!problem)
        return true;
    struct store_write write = db_delete(row->key);
    check_mendable(check, CHECK_MEND_STALE, &write, 1, "row %.*s of index %.*s of table %.*s %s",
                   SLICE_ARGS(check_hex(arena, row->key)), SLICE_ARGS(index->name),
                   SLICE_ARGS(table->name), problem);
    return false;
}

void check_entry(struct check *check, struct arena *page_arena, const struct table *table,
                 const struct index *index, struct tally *tally, const struct store_entry *row)
{
    slice entry;
    if (!is_well_formed(check, page_arena, table, index, row, &entry))
        return;
    check_stamp(check, page_arena, row);
    tally->row_count++;
    tally->bytes += (int64_t)item_charged_bytes(entry);
    SCOPED_ARENA(arena);
    bool is_there;
    slice item =
        check_read_item(check, &arena, row_key_of_item(&arena, &table->keys, table->space, entry),
                        &is_there);
    bool readable = !item_check(item) && !key_check_item(&arena, &table->keys, item);
    if (readable && slice_equal(index_entry_of(&arena, table, index, item).key, row->key))
        return;
    /* The item may be there and damaged: then its entries are what is left of it. */
    struct store_write write = db_delete(row->key);
    check_mendable(check, CHECK_MEND_STALE, &write, readable || !is_there ? 1 : 0,
                   "row %.*s of index %.*s of table %.*s is the entry of no item",
                   SLICE_ARGS(check_hex(&arena, row->key)), SLICE_ARGS(index->name),
                   SLICE_ARGS(table->name));
}
