/*
 * item_check: are these bytes an item that we could have written? Trusts nothing: every size is
 * compared with what is left before it is used. Recursion is bounded by NESTING_LEVELS_MAX.
 */
#include "item/item.h"

#include "base/limits.h"
#include "item/layout.h"
#include "json/utf8.h"

/* What can be wrong. */
enum flaw {
    FLAW_TOO_SHORT,
    FLAW_FORMAT,
    FLAW_PAST_END,
    FLAW_NAME_SIZE,
    FLAW_NAME_TEXT,
    FLAW_NAME_ORDER,
    FLAW_EMPTY_SET,
    FLAW_MEMBER_TYPE,
    FLAW_MEMBER_ORDER,
    FLAW_CONTAINER_SIZE,
    FLAW_CONTAINER_COUNT,
    FLAW_NUMBER,
    FLAW_TOO_DEEP,
    FLAW_STRING_TEXT,
    FLAW_BOOL,
    FLAW_TYPE,
    FLAW_TRAILING,
    FLAW_CHARGED_BYTES,
};

#define FLAW(text)                                                                                 \
    {                                                                                              \
        ERROR_CORRUPT, SLICE("stored item: " text), SLICE_NONE                                     \
    }
static const struct failure flaws[] = {
    [FLAW_TOO_SHORT] = FLAW("too short"),
    [FLAW_FORMAT] = FLAW("an unknown format"),
    [FLAW_PAST_END] = FLAW("something goes past the end"),
    [FLAW_NAME_SIZE] = FLAW("a name's size"),
    [FLAW_NAME_TEXT] = FLAW("a name is not UTF-8"),
    [FLAW_NAME_ORDER] = FLAW("names out of order"),
    [FLAW_EMPTY_SET] = FLAW("an empty set"),
    [FLAW_MEMBER_TYPE] = FLAW("a set member's type"),
    [FLAW_MEMBER_ORDER] = FLAW("set members out of order"),
    [FLAW_CONTAINER_SIZE] = FLAW("a container's size"),
    [FLAW_CONTAINER_COUNT] = FLAW("a container's count"),
    [FLAW_NUMBER] = FLAW("no number"),
    [FLAW_TOO_DEEP] = FLAW("nested too deep"),
    [FLAW_STRING_TEXT] = FLAW("a string is not UTF-8"),
    [FLAW_BOOL] = FLAW("no truth value"),
    [FLAW_TYPE] = FLAW("an unknown type"),
    [FLAW_TRAILING] = FLAW("bytes behind the last attribute"),
    [FLAW_CHARGED_BYTES] = FLAW("the charged size"),
};

static error corrupt(enum flaw flaw)
{
    return &flaws[flaw];
}

struct input {
    const char *next;
    const char *end;
};

static bool take(struct input *input, size_t size, const char **bytes)
{
    if ((size_t)(input->end - input->next) < size)
        return false;
    *bytes = input->next;
    input->next += size;
    return true;
}

/* In its shortest form only. */
static bool take_varint(struct input *input, size_t *value)
{
    *value = 0;
    for (unsigned i = 0; i < VARINT_BYTES_MAX; i++) {
        const char *byte;
        if (!take(input, 1, &byte))
            return false;
        *value |= (size_t)(*byte & 0x7F) << (7 * i);
        if (!(*byte & 0x80))
            return i == 0 || *byte != 0;
    }
    return false;
}

static bool take_sized(struct input *input, slice *bytes)
{
    return take_varint(input, &bytes->size) && take(input, bytes->size, &bytes->data);
}

static error check_value(struct input *input, unsigned level, size_t *charged_bytes);

/* `count` entries, as of a map or an item; each is charged `extra_bytes` beside its content. */
static error check_entries(struct input *input, uint32_t count, unsigned level, size_t extra_bytes,
                           size_t *charged_bytes)
{
    slice previous = SLICE_NONE;
    for (uint32_t i = 0; i < count; i++) {
        slice name;
        if (!take_sized(input, &name))
            return corrupt(FLAW_PAST_END);
        if (name.size == 0 || name.size > ATTRIBUTE_NAME_BYTES_MAX)
            return corrupt(FLAW_NAME_SIZE);
        if (!utf8_check(name))
            return corrupt(FLAW_NAME_TEXT);
        if (i > 0 && slice_compare(previous, name) >= 0)
            return corrupt(FLAW_NAME_ORDER);
        previous = name;
        TRY(check_value(input, level, charged_bytes));
        *charged_bytes += name.size + extra_bytes;
    }
    return NULL;
}

static error check_elements(struct input *input, uint32_t count, unsigned level,
                            size_t *charged_bytes)
{
    for (uint32_t i = 0; i < count; i++) {
        TRY(check_value(input, level, charged_bytes));
        *charged_bytes += MEMBER_CHARGED_BYTES;
    }
    return NULL;
}

static error check_members(struct input *input, enum value_type set, uint32_t count, unsigned level,
                           size_t *charged_bytes)
{
    if (count == 0)
        return corrupt(FLAW_EMPTY_SET);
    slice previous = SLICE_NONE;
    for (uint32_t i = 0; i < count; i++) {
        const char *first = input->next;
        if (first == input->end || *first != (char)type_of_members(set))
            return corrupt(FLAW_MEMBER_TYPE);
        TRY(check_value(input, level, charged_bytes));
        slice key = member_key(slice_of(first, (size_t)(input->next - first)));
        if (i > 0 && slice_compare(previous, key) >= 0)
            return corrupt(FLAW_MEMBER_ORDER);
        previous = key;
    }
    return NULL;
}

static error check_container(struct input *input, enum value_type type, unsigned level,
                             size_t *charged_bytes)
{
    const char *header;
    if (!take(input, MEMBERS_OFFSET - 1, &header))
        return corrupt(FLAW_PAST_END);
    uint32_t body_size = bytes_get_u32(header);
    uint32_t count = bytes_get_u32(header + sizeof body_size);
    if (body_size < sizeof count)
        return corrupt(FLAW_CONTAINER_SIZE);
    const char *members;
    struct input body = {.next = input->next};
    if (!take(input, body_size - sizeof count, &members))
        return corrupt(FLAW_PAST_END);
    body.end = input->next;

    if (type == VALUE_M) {
        *charged_bytes += CONTAINER_CHARGED_BYTES;
        TRY(check_entries(&body, count, level + 1, MEMBER_CHARGED_BYTES, charged_bytes));
    } else if (type == VALUE_L) {
        *charged_bytes += CONTAINER_CHARGED_BYTES;
        TRY(check_elements(&body, count, level + 1, charged_bytes));
    } else {
        TRY(check_members(&body, type, count, level, charged_bytes));
    }
    if (body.next != body.end)
        return corrupt(FLAW_CONTAINER_COUNT);
    return NULL;
}

static error check_number(struct input *input, size_t *charged_bytes)
{
    const char *size;
    slice ordered;
    if (!take(input, 1, &size))
        return corrupt(FLAW_PAST_END);
    ordered.size = (uint8_t)*size;
    if (!take(input, ordered.size, &ordered.data))
        return corrupt(FLAW_PAST_END);
    struct number number;
    size_t used;
    if (!number_from_ordered(ordered, &number, &used) || used != ordered.size)
        return corrupt(FLAW_NUMBER);
    *charged_bytes += number_ordered_charged_bytes(ordered);
    return NULL;
}

static error check_value(struct input *input, unsigned level, size_t *charged_bytes)
{
    if (level > NESTING_LEVELS_MAX)
        return corrupt(FLAW_TOO_DEEP);
    const char *byte;
    if (!take(input, 1, &byte))
        return corrupt(FLAW_PAST_END);
    enum value_type type = (uint8_t)*byte;
    slice content;
    switch (type) {
    case VALUE_S:
    case VALUE_B:
        if (!take_sized(input, &content))
            return corrupt(FLAW_PAST_END);
        if (type == VALUE_S && !utf8_check(content))
            return corrupt(FLAW_STRING_TEXT);
        *charged_bytes += content.size;
        return NULL;
    case VALUE_N:
        return check_number(input, charged_bytes);
    case VALUE_BOOL:
        if (!take(input, 1, &byte) || (*byte != 0 && *byte != 1))
            return corrupt(FLAW_BOOL);
        *charged_bytes += 1;
        return NULL;
    case VALUE_NULL:
        *charged_bytes += 1;
        return NULL;
    case VALUE_SS:
    case VALUE_NS:
    case VALUE_BS:
    case VALUE_L:
    case VALUE_M:
        return check_container(input, type, level, charged_bytes);
    case VALUE_TYPE_COUNT:
    default:
        return corrupt(FLAW_TYPE);
    }
}

error item_check(slice bytes)
{
    if (bytes.size < MEMBERS_OFFSET)
        return corrupt(FLAW_TOO_SHORT);
    if (bytes.data[0] != ITEM_FORMAT)
        return corrupt(FLAW_FORMAT);
    struct input input = {bytes.data + MEMBERS_OFFSET, bytes.data + bytes.size};
    size_t charged_bytes = 0;
    TRY(check_entries(&input, bytes_get_u32(bytes.data + COUNT_OFFSET), 1, 0, &charged_bytes));
    if (input.next != input.end)
        return corrupt(FLAW_TRAILING);
    if (charged_bytes != bytes_get_u32(bytes.data + CHARGED_BYTES_OFFSET))
        return corrupt(FLAW_CHARGED_BYTES);
    return NULL;
}
