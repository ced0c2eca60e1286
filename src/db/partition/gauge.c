#include "db/partition/gauge.h"

#include "db/partition/partition.h"
#include "db/partition/usage.h"
#include "db/write.h"
#include "db/write_charge.h"

static void add(struct partition_gauge *gauge, int64_t bytes, int64_t items)
{
    if (bytes != 0)
        atomic_fetch_add_explicit(&gauge->bytes, bytes, memory_order_relaxed);
    if (items != 0)
        atomic_fetch_add_explicit(&gauge->items, items, memory_order_relaxed);
}

static void add_at(const struct table *table, const struct index *index, slice row_key,
                   int64_t bytes, int64_t items)
{
    if (row_key.size == 0 || (bytes == 0 && items == 0))
        return;
    const struct partition *partition = partition_of(table, index, row_key);
    size_t position = (size_t)(partition - partition_map_of(table, index).list);
    struct partition_gauge *gauge = &usage_of(table, index)->partitions[position]->gauge;
    add(gauge, bytes, items);
    atomic_fetch_add_explicit(&gauge->notes, 1, memory_order_relaxed);
}

static void note_entry(const struct table *table, slice row_key, const struct entry_change *entry)
{
    if (!entry->index || !entry->change->changed)
        return;
    int64_t old_bytes = (int64_t)entry->change->old_bytes;
    int64_t new_bytes = (int64_t)entry->change->new_bytes;
    if (entry->index->kind == INDEX_LOCAL) {
        add_at(table, NULL, row_key, new_bytes - old_bytes, 0);
        return;
    }
    add_at(table, entry->index, entry->old_key, -old_bytes, -(old_bytes > 0));
    add_at(table, entry->index, entry->new_key, new_bytes, new_bytes > 0);
}

void partition_gauge_note(const struct table *table, slice row_key,
                         const struct write_result *result, const struct entry_change *entries)
{
    add_at(table, NULL, row_key,
           (int64_t)item_charged_bytes(result->new_item) -
               (int64_t)item_charged_bytes(result->old_item),
           (int64_t)item_exists(result->new_item) - item_exists(result->old_item));
    for (uint32_t i = 0; entries && i < table->index_count; i++)
        note_entry(table, row_key, &entries[i]);
}

struct partition_gauge_mark partition_gauge_mark(const struct partition_gauge *gauge)
{
    return (struct partition_gauge_mark){atomic_load_explicit(&gauge->bytes, memory_order_relaxed),
                                        atomic_load_explicit(&gauge->items, memory_order_relaxed),
                                        atomic_load_explicit(&gauge->notes, memory_order_relaxed)};
}

bool partition_gauge_has_rested(const struct partition_gauge *gauge,
                               struct partition_gauge_mark since)
{
    return atomic_load_explicit(&gauge->notes, memory_order_relaxed) == since.notes;
}

void partition_gauge_learn(struct partition_gauge *gauge, struct partition_gauge_mark since,
                          int64_t bytes, int64_t items, bool is_exact)
{
    if (atomic_load_explicit(&gauge->is_exact, memory_order_relaxed))
        return;
    add(gauge, bytes - since.bytes, items - since.items);
    atomic_store_explicit(&gauge->is_known, true, memory_order_release);
    atomic_store_explicit(&gauge->is_exact, is_exact, memory_order_release);
}
