/*
 * Entries: the row that an item implies in an index.
 *
 * Its key is the index's key attributes, then the table's, so that items with equal index keys
 * differ; its item is what the index projects. `index` NULL is the table, whose entry is the item.
 */
#pragma once
#include "db/index/index.h"
#include "db/rows.h"

/* Table's key and index's: the attributes that every entry holds, each once. */
enum { ENTRY_ATTRIBUTES_MAX = 2 + 2 * KEY_PARTS_MAX };
uint32_t index_entry_attributes(const struct table *table, const struct index *index,
                                struct key_attribute attributes[ENTRY_ATTRIBUTES_MAX]);

struct row_place index_place(const struct table *table, const struct index *index);

struct index_entry {
    slice key;  /* row key; empty: the item is not in the index */
    slice item; /* projected; of ALL the item itself; ITEM_ABSENT: not in the index */
};

/* What the item, or none, implies. Keys of other types than the index's keep it out. */
struct index_entry index_entry_of(struct arena *arena, const struct table *table,
                                  const struct index *index, slice item);

/* The row key for an entry, or a start key that passed index_check_key. */
slice index_row_key(struct arena *arena, const struct table *table, const struct index *index,
                    slice entry);

/* An entry's key attributes as an item of their own: LastEvaluatedKey. */
slice index_key_of_entry(struct arena *arena, const struct table *table,
                         const struct index *index, slice entry);
