/*
 * The rows that turn one state of an item into another: its own, its entries in the indexes, and
 * the counters that follow both. Whoever changes items fills its change set with these.
 */
#pragma once
#include "db/db_private.h"
#include "db/index/index_entry.h"

/* A row goes or comes, and two counters with it; the row of an index may go and come elsewhere. */
enum { WRITES_PER_ITEM_MAX = 3, WRITES_PER_RECORD_MAX = 2, WRITES_PER_INDEX_MAX = 4 };

/* A change set's writes as they grow; whoever makes the array sees to its size. */
struct writes {
    struct store_write *writes;
    uint32_t count;
};

/* A row with a header; its stamp is filled in when it is committed. */
void writes_add_row(struct writes *to, struct arena *arena, struct row_version version, slice key,
                    slice item);

/* What is counted at a place changes by so much; 0 costs nothing. */
void writes_add_counts(struct writes *to, struct arena *arena, struct row_place place,
                       int64_t items, int64_t bytes);

/* The item's own row, and its table's counters. ITEM_ABSENT: there was none, there is none. */
void writes_add_item(struct writes *to, struct arena *arena, const struct table *table,
                     struct row_version version, slice key, slice old_item, slice new_item);

/*
 * From one entry to another, each of which may be absent. Only what differs: an entry that stays
 * as it is costs nothing.
 */
struct index_change;
void writes_add_entry(struct writes *to, struct arena *arena, struct row_place place,
                      struct row_version version, const struct index_entry *before,
                      const struct index_entry *after, struct index_change *change);
