/* The end of an index: it leaves the description, and its rows the store. */
#include "base/log.h"
#include "db/index/index_change.h"
#include "db/table/table_private.h"

/*
 * The description without the index and the tombstone of its space come in one change set. No
 * entry can come behind it: the description that is replaced has the index as DELETING, and no
 * write adds to such a one.
 */
error index_retire_deleted_locked(struct db *db, struct arena *arena, const struct table *table)
{
    const struct index *index = table_deleted_index(table);
    if (!index)
        return NULL;
    struct table fields = *table;
    table_remove_index(arena, &fields, index->name);
    struct store_write tombstone = table_bury(arena, table, index->space);
    TRY(table_replace_locked(db, arena, table, &fields, &tombstone, 1, NULL, &table));
    catalogue_add_dead_space(db->catalogue, index->space);
    log_write(LOG_INFO, "index_deleted", "table=%.*s index=%.*s", SLICE_ARGS(table->name),
              SLICE_ARGS(index->name));
    return NULL;
}

void builds_add_new(struct db *db, const struct table *older, const struct table *newer)
{
    for (uint32_t i = 0; i < newer->index_count; i++) {
        const struct index *index = &newer->indexes[i];
        if (build_is_under_way(&index->build) && !table_index(older, index->name))
            builds_add(db->builds, newer->name, index->build.number, SLICE_NONE);
    }
    if (build_is_under_way(&newer->expiry.build) && !build_is_under_way(&older->expiry.build))
        builds_add(db->builds, newer->name, newer->expiry.build.number, SLICE_NONE);
}
