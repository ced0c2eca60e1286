#include "db/index/index.h"

#include "db/db_private.h"
#include "db/index/index_entry.h"

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

/* Whose words a refusal has: Put's, or an update's, which also knows what it was asked to set. */
struct wording {
    error (*mistyped)(struct arena *arena, const struct index *index,
                      const struct key_attribute *attribute, slice value,
                      const struct update *update);
    error (*empty)(struct arena *arena, const struct index *index,
                   const struct key_attribute *attribute, slice value);
};

static const char *type_word(slice value)
{
    return value_type_of(value) == VALUE_S ? "string" : "binary";
}

static error put_mistyped(struct arena *arena, const struct index *index,
                          const struct key_attribute *attribute, slice value,
                          const struct update *update)
{
    (void)update;
    slice expected = value_type_name(attribute->type);
    slice actual = value_type_name(value_type_of(value));
    return fail(arena, ERROR_VALIDATION,
                "One or more parameter values were invalid: Type mismatch for Index Key %.*s "
                "Expected: %.*s Actual: %.*s IndexName: %.*s",
                SLICE_ARGS(attribute->name), SLICE_ARGS(expected), SLICE_ARGS(actual),
                SLICE_ARGS(index->name));
}

/* A value that stands in the request is worded as Put's; one that comes of the item is not. */
static error update_mistyped(struct arena *arena, const struct index *index,
                             const struct key_attribute *attribute, slice value,
                             const struct update *update)
{
    slice given;
    if (update_given_value(update, attribute->name, &given))
        return put_mistyped(arena, index, attribute, value, update);
    return FAILURE(ERROR_VALIDATION, "The update expression attempted to update the secondary "
                                     "index key to unsupported type");
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
                "One or more parameter values are not valid. The update expression attempted to "
                "update a secondary index key to a value that is not supported. The AttributeValue "
                "for a key attribute cannot contain an empty %s value.",
                type_word(value));
}

/* Source of the texts: captured from the service. */
static const struct wording wording_of_put = {put_mistyped, put_empty};
static const struct wording wording_of_update = {update_mistyped, update_empty};

/* An item, or what an update makes of one: attributes that are as in the old item pass. */
struct judged {
    const struct wording *wording;
    const struct update *update;
    slice old_item;
    slice item;
};

/* One part of an index's key. */
static error check_part(struct arena *arena, const struct judged *judged, const struct index *index,
                        bool is_range)
{
    const struct key_attribute *attributes = is_range ? index->keys.range : index->keys.hash;
    uint32_t count = is_range ? index->keys.range_count : index->keys.hash_count;
    slice values[KEY_PARTS_MAX];
    uint32_t found_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct key_attribute *attribute = &attributes[i];
        slice *value = &values[found_count];
        slice old_value;
        if (!item_attribute(judged->item, attribute->name, value))
            continue;
        if (item_attribute(judged->old_item, attribute->name, &old_value) &&
            value_equal(old_value, *value))
            continue;
        if (value_type_of(*value) != attribute->type)
            return judged->wording->mistyped(arena, index, attribute, *value, judged->update);
        if (key_value_is_empty(*value))
            return judged->wording->empty(arena, index, attribute, *value);
        found_count++;
    }
    return key_values_excess(values, found_count, is_range);
}

static error check_index(struct arena *arena, const struct judged *judged,
                         const struct index *index)
{
    TRY(check_part(arena, judged, index, false));
    return check_part(arena, judged, index, true);
}

/* Of several indexes that refuse it the first by name is told, as on the service. */
static error check_item(struct arena *arena, const struct table *table, const struct judged *judged)
{
    error first = NULL;
    slice name = SLICE_NONE;
    for (uint32_t i = 0; i < table->index_count; i++) {
        const struct index *index = &table->indexes[i];
        error refusal = check_index(arena, judged, index);
        if (refusal && (!first || slice_compare(index->name, name) < 0)) {
            first = refusal;
            name = index->name;
        }
    }
    return first;
}

error index_check_item(struct arena *arena, const struct table *table, slice item)
{
    struct judged judged = {.wording = &wording_of_put, .old_item = ITEM_ABSENT, .item = item};
    return check_item(arena, table, &judged);
}

error index_check_updated_item(struct arena *arena, const struct table *table,
                               const struct update *update, slice old_item, slice new_item)
{
    struct judged judged = {.wording = &wording_of_update,
                            .update = update,
                            .old_item = old_item,
                            .item = new_item};
    return check_item(arena, table, &judged);
}

static error check_given(struct arena *arena, const struct index *index,
                         const struct key_attribute *attributes, uint32_t count,
                         const struct update *update)
{
    for (uint32_t i = 0; i < count; i++) {
        slice given;
        if (update_given_value(update, attributes[i].name, &given) &&
            value_type_of(given) == attributes[i].type && key_value_is_empty(given))
            return update_empty(arena, index, &attributes[i], given);
    }
    return NULL;
}

error index_check_update(struct arena *arena, const struct table *table,
                         const struct update *update)
{
    for (uint32_t i = 0; i < table->index_count; i++) {
        const struct index *index = &table->indexes[i];
        TRY(check_given(arena, index, index->keys.hash, index->keys.hash_count, update));
        TRY(check_given(arena, index, index->keys.range, index->keys.range_count, update));
    }
    return NULL;
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
