/* Values and items made of others: expressions, projections and keys build with these. */
#include "item/item.h"
#include "item/layout.h"
#include "item/members.h"

static slice make_bytes(struct arena *arena, enum value_type type, slice content)
{
    char *value = arena_alloc_bytes(arena, 1 + varint_size(content.size) + content.size);
    value[0] = (char)type;
    char *to = varint_put(value + 1, content.size);
    if (content.size > 0)
        memcpy(to, content.data, content.size);
    return slice_of(value, (size_t)(to - value) + content.size);
}

slice value_make_string(struct arena *arena, slice text)
{
    return make_bytes(arena, VALUE_S, text);
}

slice value_make_binary(struct arena *arena, slice bytes)
{
    return make_bytes(arena, VALUE_B, bytes);
}

slice value_make_number(struct arena *arena, const struct number *number)
{
    char *value = arena_alloc_bytes(arena, 2 + NUMBER_ORDERED_BYTES_MAX);
    size_t size = number_to_ordered(number, value + 2);
    value[0] = VALUE_N;
    value[1] = (char)size;
    return slice_of(value, 2 + size);
}

slice value_make_bool(bool truth)
{
    static const char values[2][2] = {{VALUE_BOOL, 0}, {VALUE_BOOL, 1}};
    return slice_of(values[truth], sizeof values[truth]);
}

slice value_make_null(void)
{
    static const char value = VALUE_NULL;
    return slice_of(&value, sizeof value);
}

static void put_header(char *container, enum value_type type, size_t size, uint32_t count)
{
    assert_that(size <= UINT32_MAX);
    container[0] = (char)type;
    bytes_put_u32(container + BODY_SIZE_OFFSET, (uint32_t)(size - COUNT_OFFSET));
    bytes_put_u32(container + COUNT_OFFSET, count);
}

slice value_make_list(struct arena *arena, const slice *values, uint32_t count)
{
    size_t size = MEMBERS_OFFSET;
    for (uint32_t i = 0; i < count; i++)
        size += values[i].size;
    char *list = arena_alloc_bytes(arena, size);
    put_header(list, VALUE_L, size, count);
    char *to = list + MEMBERS_OFFSET;
    for (uint32_t i = 0; i < count; i++) {
        memcpy(to, values[i].data, values[i].size);
        to += values[i].size;
    }
    return slice_of(list, size);
}

/* Header left open; entries sorted behind it. */
static slice make_entries(struct arena *arena, const slice *names, const slice *values,
                          uint32_t count)
{
    struct member *members = arena_alloc(arena, count * sizeof *members);
    size_t size = MEMBERS_OFFSET;
    for (uint32_t i = 0; i < count; i++) {
        members[i] = member_make(names[i], values[i]);
        size += varint_size(names[i].size) + names[i].size + values[i].size;
    }
    members_sort(arena, members, count);
    char *container = arena_alloc_bytes(arena, size);
    char *to = container + MEMBERS_OFFSET;
    for (uint32_t i = 0; i < count; i++) {
        assert_that(i == 0 || !slice_equal(members[i - 1].key, members[i].key));
        to = varint_put(to, members[i].key.size);
        memcpy(to, members[i].key.data, members[i].key.size);
        to += members[i].key.size;
        memcpy(to, members[i].bytes.data, members[i].bytes.size);
        to += members[i].bytes.size;
    }
    return slice_of(container, size);
}

slice value_make_map(struct arena *arena, const slice *names, const slice *values, uint32_t count)
{
    slice map = make_entries(arena, names, values, count);
    put_header((char *)map.data, VALUE_M, map.size, count);
    return map;
}

slice item_make(struct arena *arena, const slice *names, const slice *values, uint32_t count)
{
    slice item = make_entries(arena, names, values, count);
    char *header = (char *)item.data;
    size_t charged_bytes = 0;
    for (uint32_t i = 0; i < count; i++)
        charged_bytes += names[i].size + value_charged_bytes(values[i]);
    assert_that(charged_bytes <= UINT32_MAX);
    header[0] = ITEM_FORMAT;
    bytes_put_u32(header + CHARGED_BYTES_OFFSET, (uint32_t)charged_bytes);
    bytes_put_u32(header + COUNT_OFFSET, count);
    return item;
}

slice value_make_set(struct arena *arena, enum value_type type, const slice *members,
                     uint32_t count)
{
    assert_that(type_is_set(type));
    assert_that(count > 0);
    struct member *sorted = arena_alloc(arena, count * sizeof *sorted);
    for (uint32_t i = 0; i < count; i++) {
        assert_that(value_type_of(members[i]) == type_of_members(type));
        sorted[i] = member_make(member_key(members[i]), members[i]);
    }
    members_sort(arena, sorted, count);
    count = members_unique(sorted, count);
    size_t size = MEMBERS_OFFSET;
    for (uint32_t i = 0; i < count; i++)
        size += sorted[i].bytes.size;
    char *set = arena_alloc_bytes(arena, size);
    put_header(set, type, size, count);
    char *to = set + MEMBERS_OFFSET;
    for (uint32_t i = 0; i < count; i++) {
        memcpy(to, sorted[i].bytes.data, sorted[i].bytes.size);
        to += sorted[i].bytes.size;
    }
    return slice_of(set, size);
}
