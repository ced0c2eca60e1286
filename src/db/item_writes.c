#include "db/item_writes.h"

#include "base/fault.h"
#include "db/write.h"

void writes_add_row(struct writes *to, struct arena *arena, struct row_version version, slice key,
                    slice item)
{
    struct store_write *put = &to->writes[to->count++];
    *put = db_put(key, row_value_make(arena, version, item));
    put->value_stamp = ROW_STAMP_OFFSET;
}

static void add(struct writes *to, slice key, int64_t addend)
{
    to->writes[to->count++] = (struct store_write){.kind = STORE_ADD,
                                                   .key = key,
                                                   .addend = addend,
                                                   .key_stamp = STORE_NO_STAMP,
                                                   .value_stamp = STORE_NO_STAMP};
}

void writes_add_counts(struct writes *to, struct arena *arena, struct row_place place,
                       int64_t items, int64_t bytes)
{
    if (items != 0)
        add(to, row_key_of_counter(arena, place, COUNTER_ITEMS), items);
    if (bytes != 0)
        add(to, row_key_of_counter(arena, place, COUNTER_BYTES), bytes);
}

static void count_change(struct writes *to, struct arena *arena, struct row_place place,
                         slice old_item, slice new_item)
{
    writes_add_counts(to, arena, place, (int64_t)item_exists(new_item) - item_exists(old_item),
                      (int64_t)item_charged_bytes(new_item) -
                          (int64_t)item_charged_bytes(old_item));
}

void writes_add_item(struct writes *to, struct arena *arena, const struct table *table,
                     struct row_version version, slice key, slice old_item, slice new_item)
{
    if (item_exists(new_item))
        writes_add_row(to, arena, version, key, new_item);
    else if (item_exists(old_item))
        to->writes[to->count++] = db_delete(key);
    count_change(to, arena, (struct row_place){.space = table->space}, old_item, new_item);
}

void writes_add_entry(struct writes *to, struct arena *arena, struct row_place place,
                      struct row_version version, const struct index_entry *before,
                      const struct index_entry *after, struct index_change *change)
{
    bool existed = item_exists(before->item);
    bool exists = item_exists(after->item);
    bool same_key = slice_equal(before->key, after->key);
    change->old_bytes = item_charged_bytes(before->item);
    change->new_bytes = item_charged_bytes(after->item);
    change->changed = !same_key || !slice_equal(before->item, after->item);
    change->moved = existed && exists && !same_key;
    if (!change->changed)
        return;
    if (existed && !same_key && !fault_planted(FAULT_STALE_INDEX_ROW))
        to->writes[to->count++] = db_delete(before->key);
    if (exists && !fault_planted(FAULT_INDEX_ROW))
        writes_add_row(to, arena, version, after->key, after->item);
    count_change(to, arena, place, before->item, after->item);
}
