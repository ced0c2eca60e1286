/* What the files of db/export/ share. */
#pragma once
#include "db/db_private.h"
#include "db/export/export_row.h"

enum { EXPORTS_MAX = 300 }; /* in progress. Source: Developer Guide, "Quotas" */

/* With its text. */
void export_copy(struct arena *arena, const struct export *from, struct export *to);

/* Those in progress, oldest first, each as it was when it was added; false: no more of them. */
bool exports_at(struct exports *exports, struct arena *arena, uint32_t index,
                struct export *export);
uint32_t exports_count(struct exports *exports);
void exports_remove(struct exports *exports, slice id);

/*
 * From where archives are needed: what stands before the time from which changes count is needed
 * too, unless recovery began with it.
 */
struct table_restore export_moment(struct db *db, struct arena *arena,
                                   const struct export_labels *labels);

/*
 * Every row of exports in the order of their keys, or backwards, from `from` to `to` (excluded).
 * What `take` makes lives in a page's arena. It ends the walk by setting `is_done`.
 */
struct export_walk {
    slice from;
    slice to;
    bool backward;
    enum store_tier tier;
    uint32_t page_rows; /* read at a time */
    bool is_done;
    void *context;
    error (*take)(struct export_walk *walk, struct arena *arena, slice key,
                  const struct export *export);
};
error export_walk_rows(struct db *db, struct arena *arena, struct export_walk *walk) MUST_CHECK;
