#include "db/index/index_row.h"

#include "base/assert.h"
#include "base/limits.h"
#include "db/partition/partition.h"

/* Every integer of an index, once; one that is 0 is left out. */
static const struct {
    slice name;
    size_t offset;
} integers[] = {
#define INTEGER(text, member)                                                                        \
    {                                                                                              \
        {text, sizeof(text) - 1}, offsetof(struct index, member)                                   \
    }
    INTEGER("ReadCapacityUnits", provisioned.read),
    INTEGER("WriteCapacityUnits", provisioned.write),
    INTEGER("MaxReadRequestUnits", on_demand_max.read),
    INTEGER("MaxWriteRequestUnits", on_demand_max.write),
    INTEGER("WarmReadUnits", warm.read),
    INTEGER("WarmWriteUnits", warm.write),
    INTEGER("PartitionsWanted", partitions_wanted),
    INTEGER("IncreasedMs", history.increased_ms),
    INTEGER("DecreasedMs", history.decreased_ms),
    INTEGER("DecreaseCount", history.decrease_count),
    INTEGER("ReadUnitsBefore", history.provisioned_before.read),
    INTEGER("WriteUnitsBefore", history.provisioned_before.write),
    INTEGER("WarmReadUnitsBefore", history.warm_before.read),
    INTEGER("WarmWriteUnitsBefore", history.warm_before.write),
    INTEGER("SinceIncarnation", build.since.incarnation),
    INTEGER("SinceCounter", build.since.counter),
    INTEGER("InsightsMode", insights.mode),
    INTEGER("InsightsModeBefore", insights.mode_before),
    INTEGER("InsightsSinceMs", insights.since_ms),
    INTEGER("InsightsChangedMs", insights.changed_ms),
    INTEGER("AllocatedMs", allocated_ms),
    INTEGER("UpdatedMs", updated_ms),
    INTEGER("WarmedMs", warmed_ms),
    INTEGER("DeletingMs", deleting_ms),
#undef INTEGER
};
enum { INTEGER_COUNT = sizeof integers / sizeof integers[0] };

/* The other members, which are always there. */
static const slice members[] = {
    SLICE("IndexName"),  SLICE("Kind"),     SLICE("Hash"),  SLICE("Range"),
    SLICE("Projection"), SLICE("Included"), SLICE("Space"), SLICE("Number"),
};
enum {
    MEMBER_COUNT = sizeof members / sizeof members[0],
    MEMBERS_MAX = MEMBER_COUNT + INTEGER_COUNT + 1, /* and the partitions of a global one */
};

/* Names and types in turns. */
static slice attributes_value(struct arena *arena, const struct key_attribute *attributes,
                              uint32_t count)
{
    slice values[2 * KEY_PARTS_MAX];
    for (uint32_t i = 0; i < count; i++) {
        values[2 * i] = value_make_string(arena, attributes[i].name);
        values[2 * i + 1] = value_make_string(arena, value_type_name(attributes[i].type));
    }
    return value_make_list(arena, values, 2 * count);
}

static slice names_value(struct arena *arena, const slice *names, uint32_t count)
{
    slice *values = arena_new_array(arena, slice, count);
    for (uint32_t i = 0; i < count; i++)
        values[i] = value_make_string(arena, names[i]);
    return value_make_list(arena, values, count);
}

static slice index_value(struct arena *arena, const struct index *index)
{
    slice names[MEMBERS_MAX];
    slice values[MEMBERS_MAX] = {
        value_make_string(arena, index->name),
        stored_integer_make(arena, index->kind),
        attributes_value(arena, index->keys.hash, index->keys.hash_count),
        attributes_value(arena, index->keys.range, index->keys.range_count),
        stored_integer_make(arena, index->projection),
        names_value(arena, index->included, index->included_count),
        stored_integer_make(arena, index->space),
        stored_integer_make(arena, index->number),
    };
    memcpy(names, members, sizeof members);
    uint32_t count = MEMBER_COUNT;
    for (uint32_t i = 0; i < INTEGER_COUNT; i++) {
        int64_t integer = *(const int64_t *)((const char *)index + integers[i].offset);
        if (integer == 0)
            continue;
        names[count] = integers[i].name;
        values[count++] = stored_integer_make(arena, integer);
    }
    if (index->partitions.count > 0) {
        names[count] = SLICE("Partitions");
        values[count++] = stored_partitions_make(arena, index->partitions);
    }
    return value_make_map(arena, names, values, count);
}

slice stored_indexes_make(struct arena *arena, const struct table *table)
{
    slice *values = arena_new_array(arena, slice, table->index_count);
    for (uint32_t i = 0; i < table->index_count; i++)
        values[i] = index_value(arena, &table->indexes[i]);
    return value_make_list(arena, values, table->index_count);
}

static bool read_text(slice value, slice *text)
{
    if (value_type_of(value) != VALUE_S)
        return false;
    *text = value_content(value);
    return true;
}

static bool read_attributes(slice map, slice name, struct key_attribute *attributes,
                            uint32_t *count)
{
    slice list;
    if (!value_member(map, name, &list) || value_type_of(list) != VALUE_L ||
        value_count(list) > 2 * KEY_PARTS_MAX || value_count(list) % 2 != 0)
        return false;
    struct value_cursor cursor;
    slice value;
    slice type;
    value_cursor_init(&cursor, NULL, list);
    for (*count = 0; value_cursor_next(&cursor, NULL, &value); ++*count) {
        struct key_attribute *attribute = &attributes[*count];
        if (!read_text(value, &attribute->name) || !value_cursor_next(&cursor, NULL, &value) ||
            !read_text(value, &type) || !value_type_parse(type, &attribute->type) ||
            !value_type_is_scalar_key(attribute->type))
            return false;
    }
    return true;
}

static bool read_included(struct arena *arena, slice map, struct index *index)
{
    slice list;
    if (!value_member(map, SLICE("Included"), &list) || value_type_of(list) != VALUE_L)
        return false;
    slice *names = arena_new_array(arena, slice, value_count(list));
    struct value_cursor cursor;
    slice value;
    value_cursor_init(&cursor, NULL, list);
    while (value_cursor_next(&cursor, NULL, &value)) {
        if (!read_text(value, &names[index->included_count++]))
            return false;
    }
    index->included = names;
    return true;
}

/* An integer of 0 to `max`, which must be there. */
static bool read_member(slice map, slice name, int64_t max, int64_t *integer)
{
    slice value;
    return value_member(map, name, &value) && stored_integer_read(value, integer) &&
           *integer >= 0 && *integer <= max;
}

/* What only some indexes have; and nothing else is there, but what every index has. */
static bool read_optional(struct arena *arena, slice map, struct index *index)
{
    uint32_t count = MEMBER_COUNT;
    slice partitions;
    if (value_member(map, SLICE("Partitions"), &partitions)) {
        if (index->kind != INDEX_GLOBAL ||
            !stored_partitions_read(arena, partitions, &index->partitions))
            return false;
        count++;
    }
    for (uint32_t i = 0; i < INTEGER_COUNT; i++) {
        slice value;
        int64_t *integer = (int64_t *)((char *)index + integers[i].offset);
        if (!value_member(map, integers[i].name, &value))
            continue;
        if (!stored_integer_read(value, integer))
            return false;
        count++;
    }
    return count == value_count(map) && table_insights_settle(&index->insights);
}

static bool read_index(struct arena *arena, slice map, struct index *index)
{
    slice name;
    int64_t kind, projection, space, number;
    if (value_type_of(map) != VALUE_M || !value_member(map, SLICE("IndexName"), &name) ||
        !read_text(name, &index->name) || !read_member(map, SLICE("Kind"), INDEX_GLOBAL, &kind) ||
        !read_member(map, SLICE("Projection"), PROJECTION_INCLUDE, &projection) ||
        !read_member(map, SLICE("Space"), UINT32_MAX, &space) ||
        !read_member(map, SLICE("Number"), LOCAL_INDEXES_MAX, &number))
        return false;
    index->kind = (enum index_kind)kind;
    index->projection = (enum projection_type)projection;
    index->space = (uint32_t)space;
    index->number = (uint8_t)number;
    if (!read_optional(arena, map, index))
        return false;
    if (index->build.since.incarnation != 0)
        index->build.number = index->space;
    return (index->kind == INDEX_LOCAL) == (number > 0) &&
           read_attributes(map, SLICE("Hash"), index->keys.hash, &index->keys.hash_count) &&
           read_attributes(map, SLICE("Range"), index->keys.range, &index->keys.range_count) &&
           index->keys.hash_count > 0 && read_included(arena, map, index);
}

bool stored_indexes_read(struct arena *arena, slice value, struct table *table)
{
    if (value_type_of(value) != VALUE_L || value_count(value) > INDEXES_MAX)
        return false;
    struct index *indexes = arena_new_array(arena, struct index, value_count(value));
    struct value_cursor cursor;
    slice map;
    uint32_t count = 0;
    value_cursor_init(&cursor, NULL, value);
    while (value_cursor_next(&cursor, NULL, &map)) {
        if (!read_index(arena, map, &indexes[count++]))
            return false;
    }
    table->indexes = indexes;
    table->index_count = count;
    return true;
}
