#include "db/index/index_entry.h"

#include "base/assert.h"

static uint32_t add_attribute(struct key_attribute *attributes, uint32_t count,
                              struct key_attribute attribute)
{
    for (uint32_t i = 0; i < count; i++) {
        if (slice_equal(attributes[i].name, attribute.name))
            return count;
    }
    attributes[count] = attribute;
    return count + 1;
}

uint32_t index_entry_attributes(const struct table *table, const struct index *index,
                                struct key_attribute attributes[ENTRY_ATTRIBUTES_MAX])
{
    uint32_t count = add_attribute(attributes, 0, table->keys.hash);
    if (table->keys.has_range)
        count = add_attribute(attributes, count, table->keys.range);
    if (!index)
        return count;
    for (uint32_t i = 0; i < index->keys.hash_count; i++)
        count = add_attribute(attributes, count, index->keys.hash[i]);
    for (uint32_t i = 0; i < index->keys.range_count; i++)
        count = add_attribute(attributes, count, index->keys.range[i]);
    return count;
}

struct row_place index_place(const struct table *table, const struct index *index)
{
    if (!index)
        return (struct row_place){.space = table->space};
    return (struct row_place){.space = index->space, .local_number = index->number};
}

/* The values of key attributes; false when one is missing or no key of its type. */
static bool find_values(slice item, const struct key_attribute *attributes, uint32_t count,
                        slice *values)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!item_attribute(item, attributes[i].name, &values[i]) ||
            value_type_of(values[i]) != attributes[i].type)
            return false;
    }
    return true;
}

/* Not keys that no write may give an index: empty, or larger than the service takes. */
static bool are_storable(const slice *values, uint32_t count, bool is_range)
{
    for (uint32_t i = 0; i < count; i++) {
        if (key_value_is_empty(values[i]))
            return false;
    }
    return !key_values_excess(values, count, is_range);
}

static void append_table_key(struct buffer *to, const struct table *table, slice item)
{
    slice values[2];
    const struct key_attribute attributes[2] = {table->keys.hash, table->keys.range};
    uint32_t count = table->keys.has_range ? 2 : 1;
    bool found = find_values(item, attributes, count, values);
    assert_that(found);
    for (uint32_t i = 0; i < count; i++)
        key_part_encode(to, values[i]);
}

/* The row key, or the empty slice when the item is not in the index. */
static slice make_key(struct arena *arena, const struct table *table, const struct index *index,
                      slice item)
{
    slice hash[KEY_PARTS_MAX];
    slice range[KEY_PARTS_MAX];
    const struct key_parts *keys = &index->keys;
    if (!find_values(item, keys->hash, keys->hash_count, hash) ||
        !find_values(item, keys->range, keys->range_count, range) ||
        !are_storable(hash, keys->hash_count, false) ||
        !are_storable(range, keys->range_count, true))
        return SLICE_NONE;
    struct buffer key;
    buffer_init(&key, arena);
    row_key_begin_partition(&key, index_place(table, index), hash, keys->hash_count);
    for (uint32_t i = 0; i < keys->range_count; i++)
        key_part_encode(&key, range[i]);
    append_table_key(&key, table, item);
    return buffer_slice(&key);
}

static slice project(struct arena *arena, const struct table *table, const struct index *index,
                     slice item)
{
    if (index->projection == PROJECTION_ALL)
        return item;
    uint32_t attribute_count = item_attribute_count(item);
    slice *names = arena_new_array(arena, slice, attribute_count);
    slice *values = arena_new_array(arena, slice, attribute_count);
    uint32_t count = 0;
    struct item_cursor cursor;
    item_cursor_init(&cursor, item);
    while (item_cursor_next(&cursor, &names[count], &values[count])) {
        if (index_projects(table, index, names[count]) && ++count == attribute_count)
            return item;
    }
    return item_make(arena, names, values, count);
}

struct index_entry index_entry_of(struct arena *arena, const struct table *table,
                                  const struct index *index, slice item)
{
    if (!item_exists(item))
        return (struct index_entry){.item = ITEM_ABSENT};
    if (!index)
        return (struct index_entry){row_key_of_item(arena, &table->keys, table->space, item), item};
    slice key = make_key(arena, table, index, item);
    if (key.size == 0)
        return (struct index_entry){.item = ITEM_ABSENT};
    return (struct index_entry){key, project(arena, table, index, item)};
}

slice index_row_key(struct arena *arena, const struct table *table, const struct index *index,
                    slice entry)
{
    if (!index)
        return row_key_of_item(arena, &table->keys, table->space, entry);
    slice key = make_key(arena, table, index, entry);
    assert_that(key.size > 0);
    return key;
}

slice index_key_of_entry(struct arena *arena, const struct table *table, const struct index *index,
                         slice entry)
{
    struct key_attribute attributes[ENTRY_ATTRIBUTES_MAX];
    slice names[ENTRY_ATTRIBUTES_MAX];
    slice values[ENTRY_ATTRIBUTES_MAX];
    uint32_t count = index_entry_attributes(table, index, attributes);
    bool found = find_values(entry, attributes, count, values);
    assert_that(found);
    for (uint32_t i = 0; i < count; i++)
        names[i] = attributes[i].name;
    return item_make(arena, names, values, count);
}
