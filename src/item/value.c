#include "item/layout.h"

static const slice type_names[VALUE_TYPE_COUNT] = {
    [VALUE_S] = SLICE("S"),       [VALUE_N] = SLICE("N"),       [VALUE_B] = SLICE("B"),
    [VALUE_SS] = SLICE("SS"),     [VALUE_NS] = SLICE("NS"),     [VALUE_BS] = SLICE("BS"),
    [VALUE_BOOL] = SLICE("BOOL"), [VALUE_NULL] = SLICE("NULL"), [VALUE_L] = SLICE("L"),
    [VALUE_M] = SLICE("M"),
};

slice value_type_name(enum value_type type)
{
    assert_that(type < VALUE_TYPE_COUNT);
    return type_names[type];
}

bool value_type_parse(slice name, enum value_type *type)
{
    /* Size and first letter tell them apart. */
    for (enum value_type candidate = 0; candidate < VALUE_TYPE_COUNT; candidate++) {
        slice known = type_names[candidate];
        if (name.size == known.size && name.data[0] == known.data[0]) {
            *type = candidate;
            return slice_equal(name, known);
        }
    }
    return false;
}

enum value_type value_type_of(slice value)
{
    assert_that(value.size > 0);
    uint8_t type = (uint8_t)value.data[0];
    assert_that(type < VALUE_TYPE_COUNT);
    return type;
}

slice value_content(slice value)
{
    enum value_type type = value_type_of(value);
    assert_that(type == VALUE_S || type == VALUE_B);
    size_t size;
    const char *content = varint_get(value.data + 1, &size);
    return slice_of(content, size);
}

slice value_number_ordered(slice value)
{
    assert_that(value_type_of(value) == VALUE_N);
    return slice_of(value.data + 2, (uint8_t)value.data[1]);
}

struct number value_number(slice value)
{
    struct number number;
    size_t used;
    bool good = number_from_ordered(value_number_ordered(value), &number, &used);
    assert_that(good);
    return number;
}

bool value_bool(slice value)
{
    assert_that(value_type_of(value) == VALUE_BOOL);
    return value.data[1] != 0;
}

uint32_t value_count(slice value)
{
    assert_that(type_is_container(value_type_of(value)));
    return bytes_get_u32(value.data + COUNT_OFFSET);
}

bool value_member(slice map, slice name, slice *found)
{
    assert_that(value_type_of(map) == VALUE_M);
    return entries_find(map, name, found);
}

bool value_element(slice list, uint32_t index, slice *found)
{
    assert_that(value_type_of(list) == VALUE_L);
    if (index >= value_count(list))
        return false;
    const char *next = list.data + MEMBERS_OFFSET;
    while (index-- > 0)
        next = value_end(next);
    *found = value_at(next);
    return true;
}

void value_cursor_init(struct value_cursor *cursor, struct arena *arena, slice container)
{
    (void)arena;
    *cursor = (struct value_cursor){
        .next = container.data + MEMBERS_OFFSET,
        .left = value_count(container),
        .type = value_type_of(container),
    };
}

bool value_cursor_next(struct value_cursor *cursor, slice *name, slice *value)
{
    if (cursor->left == 0)
        return false;
    cursor->left--;
    if (cursor->type == VALUE_M) {
        cursor->next = entry_get(cursor->next, name, value);
        return true;
    }
    *value = value_at(cursor->next);
    cursor->next = value->data + value->size;
    return true;
}

int value_compare(slice a, slice b)
{
    assert_that(value_type_of(a) == value_type_of(b));
    return slice_compare(member_key(a), member_key(b));
}

bool value_set_contains(slice set, slice member)
{
    assert_that(type_is_set(value_type_of(set)));
    if (value_type_of(member) != type_of_members(value_type_of(set)))
        return false;
    const char *next = set.data + MEMBERS_OFFSET;
    for (uint32_t left = value_count(set); left > 0; left--) {
        slice found = value_at(next);
        if (slice_equal(found, member))
            return true;
        next = found.data + found.size;
    }
    return false;
}

/* Recursion: values have at most NESTING_LEVELS_MAX levels, or a few more while being built. */
static size_t members_charged_bytes(slice container)
{
    struct value_cursor cursor;
    value_cursor_init(&cursor, NULL, container);
    size_t bytes = 0;
    slice name = SLICE_NONE;
    slice value;
    while (value_cursor_next(&cursor, &name, &value))
        bytes += name.size + value_charged_bytes(value);
    return bytes;
}

size_t value_charged_bytes(slice value)
{
    switch (value_type_of(value)) {
    case VALUE_S:
    case VALUE_B:
        return value_content(value).size;
    case VALUE_N:
        return number_ordered_charged_bytes(value_number_ordered(value));
    case VALUE_BOOL:
    case VALUE_NULL:
        return 1;
    case VALUE_SS:
    case VALUE_NS:
    case VALUE_BS:
        return members_charged_bytes(value);
    case VALUE_L:
    case VALUE_M:
        return CONTAINER_CHARGED_BYTES + (size_t)value_count(value) * MEMBER_CHARGED_BYTES +
               members_charged_bytes(value);
    case VALUE_TYPE_COUNT:
        break;
    }
    unreachable("no type of a stored value");
}

uint32_t value_levels(slice value)
{
    enum value_type type = value_type_of(value);
    if (type != VALUE_L && type != VALUE_M)
        return 1;
    struct value_cursor cursor;
    value_cursor_init(&cursor, NULL, value);
    uint32_t deepest = 0;
    slice name;
    slice member;
    while (value_cursor_next(&cursor, &name, &member)) {
        uint32_t levels = value_levels(member);
        if (levels > deepest)
            deepest = levels;
    }
    return 1 + deepest;
}
