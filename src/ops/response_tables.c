#include "ops/response_tables.h"

void consumed_tables_init(struct consumed_tables *consumed, struct arena *arena,
                          uint32_t table_count_max)
{
    consumed->tables = arena_new_array(arena, struct consumed_table, table_count_max);
    consumed->count = 0;
}

struct consumed *consumed_of_table(struct consumed_tables *consumed,
                                   const struct table_name *table_name, const struct table *table)
{
    for (uint32_t i = 0; i < consumed->count; i++) {
        if (consumed->tables[i].table->space == table->space)
            return &consumed->tables[i].consumed;
    }
    struct consumed_table *added = &consumed->tables[consumed->count++];
    added->table_name = table_name;
    added->table = table;
    return &added->consumed;
}

void response_capacity_of_tables(struct json_writer *out, enum capacity_detail detail,
                                 const struct consumed_tables *consumed)
{
    json_write_name(out, SLICE("ConsumedCapacity"));
    json_write_array_begin(out);
    for (uint32_t i = 0; i < consumed->count; i++)
        response_capacity_of_table(out, consumed->tables[i].table_name, detail,
                                   &consumed->tables[i].consumed);
    json_write_array_end(out);
}

/* ---- ItemCollectionMetrics ---- */

static bool same_table(const struct collection_item *a, const struct collection_item *b)
{
    return a->table->space == b->table->space;
}

static slice collection_of(const struct collection_item *item)
{
    slice hash_value = SLICE_NONE;
    item_attribute(item->item, item->table->keys.hash.name, &hash_value);
    return hash_value;
}

/* Whether an earlier one is of the same table, and if wanted of the same collection. */
static bool repeats(const struct collection_item *items, uint32_t index, bool of_collection)
{
    for (uint32_t i = 0; i < index; i++) {
        if (same_table(&items[i], &items[index]) &&
            (!of_collection || slice_equal(collection_of(&items[i]), collection_of(&items[index]))))
            return true;
    }
    return false;
}

static void write_table(struct json_writer *out, const struct collection_item *items,
                        uint32_t first, uint32_t count)
{
    json_write_name(out, items[first].table_name->given);
    json_write_array_begin(out);
    for (uint32_t i = first; i < count; i++) {
        if (same_table(&items[i], &items[first]) && !repeats(items, i, true))
            response_collection(out, items[i].table, items[i].item, items[i].bytes);
    }
    json_write_array_end(out);
}

void response_collections(struct json_writer *out, enum collection_metrics metrics,
                          const struct collection_item *items, uint32_t count)
{
    bool has_any = false;
    for (uint32_t i = 0; i < count; i++) {
        if (!response_wants_collection(metrics, items[i].table) || repeats(items, i, false))
            continue;
        if (!has_any) {
            json_write_name(out, SLICE("ItemCollectionMetrics"));
            json_write_object_begin(out);
        }
        has_any = true;
        write_table(out, items, i, count);
    }
    if (has_any)
        json_write_object_end(out);
}
