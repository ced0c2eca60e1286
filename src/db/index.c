#include "db/index.h"

#include "db/db_private.h"
#include "db/index_entry.h"

const struct index *table_index(const struct table *table, slice name)
{
    for (uint32_t i = 0; i < table->index_count; i++) {
        if (slice_equal(table->indexes[i].name, name))
            return &table->indexes[i];
    }
    return NULL;
}

bool table_has_local_indexes(const struct table *table)
{
    for (uint32_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].kind == INDEX_LOCAL)
            return true;
    }
    return false;
}

struct key_parts index_key_parts(const struct table *table, const struct index *index)
{
    return index ? index->keys : key_parts_of_schema(&table->keys);
}

static bool has_name(const struct key_attribute *attributes, uint32_t count, slice name)
{
    for (uint32_t i = 0; i < count; i++) {
        if (slice_equal(attributes[i].name, name))
            return true;
    }
    return false;
}

bool index_has_key(const struct table *table, const struct index *index, slice attribute)
{
    if (!index)
        return slice_equal(table->keys.hash.name, attribute) ||
               (table->keys.has_range && slice_equal(table->keys.range.name, attribute));
    return has_name(index->keys.hash, index->keys.hash_count, attribute) ||
           has_name(index->keys.range, index->keys.range_count, attribute);
}

bool index_projects(const struct table *table, const struct index *index, slice attribute)
{
    if (!index || index->projection == PROJECTION_ALL)
        return true;
    for (uint32_t i = 0; i < index->included_count; i++) {
        if (slice_equal(index->included[i], attribute))
            return true;
    }
    return index_has_key(table, index, attribute) || index_has_key(table, NULL, attribute);
}

/* ---- index keys in items ---- */

/* How Put or UpdateItem words an empty value, the one refusal that each has in its own words. */
typedef error refuse_empty(struct arena *arena, const struct index *index,
                           const struct key_attribute *attribute, slice value);

static const char *type_word(slice value)
{
    return value_type_of(value) == VALUE_S ? "string" : "binary";
}

static error fail_mistyped(struct arena *arena, const struct index *index,
                           const struct key_attribute *attribute, slice value)
{
    slice expected = value_type_name(attribute->type);
    slice actual = value_type_name(value_type_of(value));
    return fail(arena, ERROR_VALIDATION,
                "One or more parameter values were invalid: Type mismatch for Index Key %.*s "
                "Expected: %.*s Actual: %.*s IndexName: %.*s",
                SLICE_ARGS(attribute->name), SLICE_ARGS(expected), SLICE_ARGS(actual),
                SLICE_ARGS(index->name));
}

static error put_empty(struct arena *arena, const struct index *index,
                       const struct key_attribute *attribute, slice value)
{
    return fail(arena, ERROR_VALIDATION,
                "One or more parameter values are not valid. A value specified for a secondary "
                "index key is not supported. The AttributeValue for a key attribute cannot contain "
                "an empty %s value. IndexName: %.*s, IndexKey: %.*s",
                type_word(value), SLICE_ARGS(index->name), SLICE_ARGS(attribute->name));
}

static error update_empty(struct arena *arena, const struct index *index,
                          const struct key_attribute *attribute, slice value)
{
    (void)index, (void)attribute;
    return fail(arena, ERROR_VALIDATION,
                "The update expression attempted to update a secondary index key to a value that "
                "is not supported. The AttributeValue for a key attribute cannot contain an empty "
                "%s value.",
                type_word(value));
}

/* One part of an index's key in an item; attributes that are as in the old item pass. */
static error check_part(struct arena *arena, refuse_empty *fail_empty, const struct index *index,
                        bool is_range, slice old_item, slice item)
{
    const struct key_attribute *attributes = is_range ? index->keys.range : index->keys.hash;
    uint32_t count = is_range ? index->keys.range_count : index->keys.hash_count;
    slice values[KEY_PARTS_MAX];
    uint32_t found_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        slice *value = &values[found_count];
        slice old_value;
        if (!item_attribute(item, attributes[i].name, value))
            continue;
        if (item_attribute(old_item, attributes[i].name, &old_value) &&
            value_equal(old_value, *value))
            continue;
        if (value_type_of(*value) != attributes[i].type)
            return fail_mistyped(arena, index, &attributes[i], *value);
        if (key_value_is_empty(*value))
            return fail_empty(arena, index, &attributes[i], *value);
        found_count++;
    }
    return key_values_excess(values, found_count, is_range);
}

static error check_item(struct arena *arena, refuse_empty *fail_empty, const struct table *table,
                        slice old_item, slice item)
{
    for (uint32_t i = 0; i < table->index_count; i++) {
        TRY(check_part(arena, fail_empty, &table->indexes[i], false, old_item, item));
        TRY(check_part(arena, fail_empty, &table->indexes[i], true, old_item, item));
    }
    return NULL;
}

error index_check_item(struct arena *arena, const struct table *table, slice item)
{
    return check_item(arena, put_empty, table, ITEM_ABSENT, item);
}

error index_check_updated_item(struct arena *arena, const struct table *table, slice old_item,
                               slice new_item)
{
    return check_item(arena, update_empty, table, old_item, new_item);
}

/* ---- start keys ---- */

error index_check_key(struct arena *arena, const struct table *table, const struct index *index,
                      slice key)
{
    static const struct failure mismatch = {
        .kind = ERROR_VALIDATION,
        .message = SLICE("The provided key element does not match the schema")};
    if (!index)
        return key_check(arena, &table->keys, key);
    struct key_attribute attributes[ENTRY_ATTRIBUTES_MAX];
    uint32_t count = index_entry_attributes(table, index, attributes);
    if (item_attribute_count(key) != count)
        return &mismatch;
    for (uint32_t i = 0; i < count; i++) {
        slice value;
        if (!item_attribute(key, attributes[i].name, &value) ||
            value_type_of(value) != attributes[i].type)
            return &mismatch;
    }
    TRY(key_check_item(arena, &table->keys, key));
    return index_check_item(arena, table, key);
}

error table_index_counts(struct db_session *session, const struct table *table,
                         const struct index *index, int64_t *item_count, int64_t *bytes)
{
    return db_read_counters(session, index_place(table, index), item_count, bytes);
}
