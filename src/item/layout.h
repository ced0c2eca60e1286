/*
 * The stored layout of values and items, byte by byte (docs/formats.md). Private to item/.
 *
 *   S, B     type | size, varint | bytes
 *   N        type | size, 1 byte | ordered form
 *   BOOL     type | 0 or 1
 *   NULL     type
 *   SS NS BS type | body size, 4 bytes | member count, 4 bytes | members, values of S, N, B
 *   L        type | body size | count | values
 *   M        type | body size | count | entries: name size, varint | name | value
 *   item     format | charged bytes, 4 bytes | count | entries as of M
 *
 * A body begins behind its size, with the count; so any value is passed over in one step. An item
 * and a map differ in their first five bytes alone.
 */
#pragma once
#include "item/value.h"

#include "base/assert.h"
#include "base/bytes.h"
#include <assert.h>

enum {
    ITEM_FORMAT = 1,
    BODY_SIZE_OFFSET = 1,
    CHARGED_BYTES_OFFSET = 1,
    COUNT_OFFSET = 5,
    MEMBERS_OFFSET = 9, /* also the size of an empty container, and of an empty item */
    VARINT_BYTES_MAX = 4,
    VARINT_MAX = (1 << 28) - 1,
    /* The service's: what a container and each of its members are charged beside their content. */
    CONTAINER_CHARGED_BYTES = 3,
    MEMBER_CHARGED_BYTES = 1,
};
/* Stored on disk: append only. */
static_assert(VALUE_S == 0 && VALUE_N == 1 && VALUE_B == 2, "stored");
static_assert(VALUE_SS == 3 && VALUE_NS == 4 && VALUE_BS == 5, "stored");
static_assert(VALUE_BOOL == 6 && VALUE_NULL == 7 && VALUE_L == 8 && VALUE_M == 9, "stored");
static_assert(VALUE_TYPE_COUNT == 10, "a new type needs a place in the stored layout");

static inline bool type_is_container(enum value_type type)
{
    return type == VALUE_L || type == VALUE_M || (type >= VALUE_SS && type <= VALUE_BS);
}

static inline bool type_is_set(enum value_type type)
{
    return type >= VALUE_SS && type <= VALUE_BS;
}

static inline enum value_type type_of_members(enum value_type set)
{
    return set == VALUE_SS ? VALUE_S : set == VALUE_NS ? VALUE_N : VALUE_B;
}

/* Seven bits to the byte, the lowest first; the top bit says that more follow. */
static inline char *varint_put(char *to, size_t value)
{
    assert_that(value <= VARINT_MAX);
    for (; value >= 0x80; value >>= 7)
        *to++ = (char)(value | 0x80);
    *to++ = (char)value;
    return to;
}

static inline const char *varint_get(const char *from, size_t *value)
{
    size_t byte = (uint8_t)*from++;
    *value = byte & 0x7F;
    for (unsigned shift = 7; byte >= 0x80; shift += 7) {
        assert_that(shift < 7 * VARINT_BYTES_MAX);
        byte = (uint8_t)*from++;
        *value |= (byte & 0x7F) << shift;
    }
    return from;
}

static inline size_t varint_size(size_t value)
{
    return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : 4;
}

/* Where the value that begins at `from` ends. */
static inline const char *value_end(const char *from)
{
    size_t size;
    enum value_type type = (uint8_t)*from;
    switch (type) {
    case VALUE_S:
    case VALUE_B:
        from = varint_get(from + 1, &size);
        return from + size;
    case VALUE_N:
        return from + 2 + (uint8_t)from[1];
    case VALUE_BOOL:
        return from + 2;
    case VALUE_NULL:
        return from + 1;
    case VALUE_SS:
    case VALUE_NS:
    case VALUE_BS:
    case VALUE_L:
    case VALUE_M:
        return from + COUNT_OFFSET + bytes_get_u32(from + BODY_SIZE_OFFSET);
    case VALUE_TYPE_COUNT:
        break;
    }
    unreachable("no type of a stored value");
}

static inline slice value_at(const char *from)
{
    return slice_of(from, (size_t)(value_end(from) - from));
}

/* One entry of a map or an item; returns where the next one begins. */
static inline const char *entry_get(const char *from, slice *name, slice *value)
{
    size_t size;
    from = varint_get(from, &size);
    *name = slice_of(from, size);
    *value = value_at(from + size);
    return value->data + value->size;
}

/* What members of a set are sorted by: their bytes, numbers in ordered form. */
static inline slice member_key(slice member)
{
    return value_type_of(member) == VALUE_N ? value_number_ordered(member) : value_content(member);
}

/* The value of `name` in a map or an item. */
static inline bool entries_find(slice container, slice name, slice *value)
{
    uint32_t left = bytes_get_u32(container.data + COUNT_OFFSET);
    const char *next = container.data + MEMBERS_OFFSET;
    for (; left > 0; left--) {
        slice entry_name;
        next = entry_get(next, &entry_name, value);
        int order = slice_compare(entry_name, name);
        if (order >= 0)
            return order == 0;
    }
    return false;
}
