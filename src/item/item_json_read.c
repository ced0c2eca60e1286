/*
 * Wire JSON into stored bytes, in one pass and without a tree: a container's header is left open
 * and filled in when its end is reached; members are put in order then, if they did not come so.
 *
 * Once a value was found invalid the bytes written are of no use to anyone. Reading goes on for
 * the JSON types alone, and nothing walks those bytes. A value stays refused even when a later
 * member of the same name replaces it.
 */
#include "item/item_json.h"

#include "base/limits.h"
#include "item/layout.h"
#include "item/members.h"
#include "item/refusals.h"
#include "json/base64.h"

struct codec {
    struct json_reader *reader;
    struct arena *arena;
    struct buffer out;
    enum value_layer layer;
    error invalid;        /* NULL: good so far */
    enum refusal refusal; /* what `invalid` says */
};

/* Keep what is wrong with a value, unless something was before that is told first. */
static void refuse_with(struct codec *codec, enum refusal refusal, slice detail)
{
    if (codec->invalid && !refusal_outranks(refusal, codec->refusal))
        return;
    codec->refusal = refusal;
    codec->invalid = refusal_make(codec->arena, codec->layer, refusal, detail);
}

static void refuse(struct codec *codec, enum refusal refusal)
{
    refuse_with(codec, refusal, SLICE_NONE);
}

static inline error expect(struct codec *codec, enum json_kind kind, enum wire_type expected)
{
    return json_peek(codec->reader) == kind ? NULL
                                            : wire_mistyped(codec->arena, codec->reader, expected);
}

static error read_bytes(struct codec *codec, slice *bytes)
{
    TRY(expect(codec, JSON_STRING, WIRE_BYTES));
    slice text = json_read_string(codec->reader);
    switch (base64_decode(codec->arena, text, bytes)) {
    case BASE64_OK:
        break;
    case BASE64_BAD_LENGTH:
        return fail(codec->arena, ERROR_SERIALIZATION,
                    "Base64 encoded length is expected a multiple of 4 bytes but found: %zu",
                    text.size);
    case BASE64_BAD_CHARACTER:
        return fail(codec->arena, ERROR_SERIALIZATION, "Invalid Base64 character");
    case BASE64_BAD_PADDING:
        return fail(codec->arena, ERROR_SERIALIZATION,
                    "Invalid last non-pad Base64 character dectected");
    }
    return NULL;
}

/* BOOL and NULL: they also take the words that the service's parser takes for truth values. */
static error read_bool(struct codec *codec, bool *value)
{
    static const slice words[] = {SLICE("false"), SLICE("true"), SLICE("0"),
                                  SLICE("1"),     SLICE("no"),   SLICE("yes")};
    enum json_kind kind = json_peek(codec->reader);
    if (kind == JSON_TRUE || kind == JSON_FALSE) {
        *value = json_read_bool(codec->reader);
        return NULL;
    }
    TRY(expect(codec, JSON_STRING, WIRE_BOOLEAN));
    struct json_reader before = *codec->reader;
    slice text = json_read_string(codec->reader);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (slice_equal_ignoring_case(text, words[i])) {
            *value = i % 2;
            return NULL;
        }
    }
    *codec->reader = before;
    return wire_mistyped(codec->arena, codec->reader, WIRE_BOOLEAN);
}

static void put_bytes(struct codec *codec, enum value_type type, slice content)
{
    char *to = buffer_reserve(&codec->out, 1 + VARINT_BYTES_MAX + content.size);
    *to++ = (char)type;
    to = varint_put(to, content.size);
    if (content.size > 0)
        memcpy(to, content.data, content.size);
    codec->out.size = (size_t)(to - codec->out.data) + content.size;
}

static void refuse_number(struct codec *codec, enum number_answer answer, slice text)
{
    bool older = codec->layer == VALUE_LAYER_OLDER;
    switch (older ? number_refusal_in_32_bits(text, answer) : answer) {
    case NUMBER_OK:
        break;
    case NUMBER_NOT_NUMERIC:
        if (text.size == 0 && older)
            refuse(codec, REFUSAL_EMPTY_NUMBER_OLDER);
        else
            refuse_with(codec, REFUSAL_NOT_NUMERIC, text);
        break;
    case NUMBER_OVERFLOW:
        refuse(codec, REFUSAL_NUMBER_OVERFLOW);
        break;
    case NUMBER_UNDERFLOW:
        refuse(codec, REFUSAL_NUMBER_UNDERFLOW);
        break;
    case NUMBER_TOO_PRECISE:
        refuse(codec, REFUSAL_NUMBER_TOO_PRECISE);
        break;
    }
}

static void put_number(struct codec *codec, slice text, size_t *charged_bytes)
{
    char *to = buffer_reserve(&codec->out, 2 + NUMBER_ORDERED_BYTES_MAX);
    size_t size;
    enum number_answer answer = number_ordered_from_text(text, to + 2, &size);
    if (answer != NUMBER_OK) {
        refuse_number(codec, answer, text);
        return;
    }
    to[0] = VALUE_N;
    to[1] = (char)size;
    codec->out.size += 2 + size;
    *charged_bytes += number_ordered_charged_bytes(slice_of(to + 2, size));
}

/* S, N or B; also as a member of a set. */
static error read_scalar(struct codec *codec, enum value_type type, size_t *charged_bytes)
{
    if (type == VALUE_B) {
        slice bytes;
        TRY(read_bytes(codec, &bytes));
        put_bytes(codec, type, bytes);
        *charged_bytes += bytes.size;
        return NULL;
    }
    TRY(expect(codec, JSON_STRING, WIRE_STRING));
    slice text = json_read_string(codec->reader);
    if (type == VALUE_N) {
        put_number(codec, text, charged_bytes);
    } else {
        put_bytes(codec, type, text);
        *charged_bytes += text.size;
    }
    return NULL;
}

/* Leave room for a container's header; container_end fills it in. */
static size_t container_begin(struct codec *codec)
{
    buffer_reserve(&codec->out, MEMBERS_OFFSET);
    size_t start = codec->out.size;
    codec->out.size += MEMBERS_OFFSET;
    return start;
}

static void container_end(struct codec *codec, size_t start, enum value_type type, uint32_t count)
{
    size_t size = codec->out.size - start;
    assert_that(size <= UINT32_MAX);
    char *header = codec->out.data + start;
    header[0] = (char)type;
    bytes_put_u32(header + BODY_SIZE_OFFSET, (uint32_t)(size - COUNT_OFFSET));
    bytes_put_u32(header + COUNT_OFFSET, count);
}

/* Put the sorted members in place of those behind the header at `start`. */
static void store_members(struct codec *codec, size_t start, const struct member *members,
                          uint32_t count)
{
    size_t size = codec->out.size - start - MEMBERS_OFFSET;
    char *sorted = arena_alloc_bytes(codec->arena, size);
    char *to = sorted;
    for (uint32_t i = 0; i < count; i++) {
        memcpy(to, members[i].bytes.data, members[i].bytes.size);
        to += members[i].bytes.size;
    }
    size = (size_t)(to - sorted);
    memcpy(codec->out.data + start + MEMBERS_OFFSET, sorted, size);
    codec->out.size = start + MEMBERS_OFFSET + size;
}

/*
 * The members as the message quotes them: in the order they came in; the current layer sorts
 * those before the first repeat.
 */
static void refuse_duplicates(struct codec *codec, enum value_type type, struct member *members,
                              uint32_t count, const char *repeat)
{
    static const enum refusal duplicates[VALUE_TYPE_COUNT] = {
        [VALUE_SS] = REFUSAL_DUPLICATES_SS,
        [VALUE_NS] = REFUSAL_DUPLICATES_NS,
        [VALUE_BS] = REFUSAL_DUPLICATES_BS,
    };
    enum refusal refusal = duplicates[type];
    bool older = refusal_layer(codec->layer, refusal) == VALUE_LAYER_OLDER;
    uint32_t before = 0;
    while (!older && members[before].bytes.data != repeat)
        before++;
    members_sort(codec->arena, members, before);
    if (type == VALUE_NS) {
        refuse(codec, older ? REFUSAL_DUPLICATES_NS_OLDER : refusal);
        return;
    }
    slice quote = older ? SLICE_NONE : SLICE("\"");
    slice comma = older || type == VALUE_SS ? SLICE(", ") : SLICE(",");
    struct buffer echo;
    buffer_init(&echo, codec->arena);
    for (uint32_t i = 0; i < count; i++) {
        slice content = members[i].key;
        if (i > 0)
            buffer_append(&echo, comma);
        buffer_append(&echo, quote);
        if (type == VALUE_BS) {
            size_t size = base64_encoded_size(content.size);
            base64_encode(content, buffer_reserve(&echo, size));
            echo.size += size;
        } else {
            buffer_append(&echo, content);
        }
        buffer_append(&echo, quote);
    }
    refuse_with(codec, refusal, buffer_slice(&echo));
}

/* The `count` members that stand behind the header at `start`. */
static struct member *collect_members(struct codec *codec, size_t start, uint32_t count)
{
    struct member *members = arena_alloc(codec->arena, count * sizeof *members);
    const char *next = codec->out.data + start + MEMBERS_OFFSET;
    for (uint32_t i = 0; i < count; i++) {
        slice member = value_at(next);
        members[i] = member_make(member_key(member), member);
        next += member.size;
    }
    return members;
}

static bool members_are_sorted(const struct member *members, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++)
        if (slice_compare(members[i - 1].key, members[i].key) >= 0)
            return false;
    return true;
}

/* The bytes of the first member that had been there before, or NULL. */
static const char *first_repeat(const struct member *sorted, uint32_t count)
{
    const char *first = NULL;
    for (uint32_t i = 1; i < count; i++) {
        const char *place = sorted[i].bytes.data;
        if (slice_equal(sorted[i - 1].key, sorted[i].key) && (!first || place < first))
            first = place;
    }
    return first;
}

static void sort_set(struct codec *codec, size_t start, enum value_type type, uint32_t count)
{
    struct member *members = collect_members(codec, start, count);
    if (members_are_sorted(members, count))
        return;
    members_sort(codec->arena, members, count);
    const char *repeat = first_repeat(members, count);
    if (repeat)
        refuse_duplicates(codec, type, collect_members(codec, start, count), count, repeat);
    else
        store_members(codec, start, members, count);
}

static error read_set(struct codec *codec, enum value_type type, size_t *charged_bytes)
{
    static const enum refusal empty[VALUE_TYPE_COUNT] = {
        [VALUE_SS] = REFUSAL_EMPTY_SS,
        [VALUE_NS] = REFUSAL_EMPTY_NS,
        [VALUE_BS] = REFUSAL_EMPTY_BS,
    };
    TRY(expect(codec, JSON_ARRAY, WIRE_LIST));
    json_array_begin(codec->reader);
    size_t start = container_begin(codec);
    uint32_t count = 0;
    for (; json_array_next(codec->reader); count++) {
        if (json_peek(codec->reader) == JSON_NULL) {
            json_read_null(codec->reader);
            refuse(codec, type == VALUE_SS ? REFUSAL_NULL_STRING : REFUSAL_NULL_MEMBER);
        } else {
            TRY(read_scalar(codec, type_of_members(type), charged_bytes));
        }
    }
    if (count == 0)
        refuse(codec, empty[type]);
    if (!codec->invalid)
        sort_set(codec, start, type, count);
    container_end(codec, start, type, count);
    return NULL;
}

static error read_value(struct codec *codec, uint32_t level, size_t *charged_bytes);

static error read_list(struct codec *codec, uint32_t level, size_t *charged_bytes)
{
    TRY(expect(codec, JSON_ARRAY, WIRE_LIST));
    json_array_begin(codec->reader);
    size_t start = container_begin(codec);
    uint32_t count = 0;
    for (; json_array_next(codec->reader); count++)
        TRY(read_value(codec, level + 1, charged_bytes));
    *charged_bytes += CONTAINER_CHARGED_BYTES + (size_t)count * MEMBER_CHARGED_BYTES;
    container_end(codec, start, VALUE_L, count);
    return NULL;
}

/*
 * Entries came out of order or twice: sort them; of equal names the last one stands. `charged`
 * loses what the others added.
 */
static uint32_t sort_entries(struct codec *codec, size_t start, uint32_t count,
                             size_t *charged_bytes)
{
    struct member *members = arena_alloc(codec->arena, count * sizeof *members);
    const char *next = codec->out.data + start + MEMBERS_OFFSET;
    for (uint32_t i = 0; i < count; i++) {
        slice name;
        slice value;
        const char *first = next;
        next = entry_get(first, &name, &value);
        members[i] = member_make(name, slice_of(first, (size_t)(next - first)));
    }
    members_sort(codec->arena, members, count);
    for (uint32_t i = 1; i < count; i++) {
        if (slice_equal(members[i - 1].key, members[i].key)) {
            slice name;
            slice value;
            entry_get(members[i - 1].bytes.data, &name, &value);
            *charged_bytes -= name.size + value_charged_bytes(value);
        }
    }
    count = members_unique(members, count);
    store_members(codec, start, members, count);
    return count;
}

static void put_name(struct codec *codec, slice name, uint32_t level)
{
    if (name.size == 0)
        refuse(codec, level == 1 ? REFUSAL_NAME_EMPTY : REFUSAL_MAP_KEY_EMPTY);
    if (name.size > ATTRIBUTE_NAME_BYTES_MAX)
        refuse(codec, REFUSAL_NAME_TOO_LARGE);
    char *to = buffer_reserve(&codec->out, VARINT_BYTES_MAX + name.size);
    to = varint_put(to, name.size);
    if (name.size > 0)
        memcpy(to, name.data, name.size);
    codec->out.size = (size_t)(to - codec->out.data) + name.size;
}

/* An object of named values, behind the header at `start`; the item's own are at level 1. */
static error read_entries(struct codec *codec, size_t start, uint32_t level, uint32_t *count,
                          size_t *charged_bytes)
{
    TRY(expect(codec, JSON_OBJECT, WIRE_MAP));
    json_object_begin(codec->reader);
    slice name;
    slice previous = SLICE_NONE;
    bool sorted = true;
    *count = 0;
    for (; json_object_next(codec->reader, &name); (*count)++) {
        sorted = sorted && slice_compare(previous, name) < 0;
        previous = name;
        put_name(codec, name, level);
        *charged_bytes += name.size;
        TRY(read_value(codec, level, charged_bytes));
    }
    if (!sorted && !codec->invalid)
        *count = sort_entries(codec, start, *count, charged_bytes);
    return NULL;
}

static error read_map(struct codec *codec, uint32_t level, size_t *charged_bytes)
{
    size_t start = container_begin(codec);
    uint32_t count;
    TRY(read_entries(codec, start, level + 1, &count, charged_bytes));
    *charged_bytes += CONTAINER_CHARGED_BYTES + (size_t)count * MEMBER_CHARGED_BYTES;
    container_end(codec, start, VALUE_M, count);
    return NULL;
}

static error read_truth(struct codec *codec, enum value_type type, size_t *charged_bytes)
{
    bool value = false;
    TRY(read_bool(codec, &value));
    *charged_bytes += 1;
    buffer_append_byte(&codec->out, (char)type);
    if (type == VALUE_BOOL)
        buffer_append_byte(&codec->out, value);
    else if (!value)
        refuse(codec, REFUSAL_NULL_FALSE);
    return NULL;
}

static error read_content(struct codec *codec, enum value_type type, uint32_t level,
                          size_t *charged_bytes)
{
    switch (type) {
    case VALUE_S:
    case VALUE_N:
    case VALUE_B:
        return read_scalar(codec, type, charged_bytes);
    case VALUE_SS:
    case VALUE_NS:
    case VALUE_BS:
        return read_set(codec, type, charged_bytes);
    case VALUE_BOOL:
    case VALUE_NULL:
        return read_truth(codec, type, charged_bytes);
    case VALUE_L:
        return read_list(codec, level, charged_bytes);
    case VALUE_M:
        return read_map(codec, level, charged_bytes);
    case VALUE_TYPE_COUNT:
        break;
    }
    unreachable("no type of a value");
}

/*
 * The members of an AttributeValue, of which exactly one must be known and not null. The same
 * one twice counts once, and the last stands, as for all members of JSON objects.
 */
static error read_typed(struct codec *codec, uint32_t level, size_t *charged_bytes)
{
    size_t start = codec->out.size;
    size_t charged_before = *charged_bytes;
    enum value_type type = VALUE_TYPE_COUNT;
    bool several = false;
    slice name;
    json_object_begin(codec->reader);
    while (json_object_next(codec->reader, &name)) {
        enum value_type member;
        if (json_peek(codec->reader) == JSON_NULL || !value_type_parse(name, &member)) {
            json_skip(codec->reader);
            continue;
        }
        several |= type != VALUE_TYPE_COUNT && type != member;
        type = member;
        codec->out.size = start;
        *charged_bytes = charged_before;
        TRY(read_content(codec, type, level, charged_bytes));
    }
    if (type == VALUE_TYPE_COUNT)
        refuse(codec, REFUSAL_NO_TYPE);
    if (several)
        refuse(codec, REFUSAL_SEVERAL_TYPES);
    return NULL;
}

/* Recursion ends at NESTING_LEVELS_MAX; what is deeper is passed over. */
static error read_value(struct codec *codec, uint32_t level, size_t *charged_bytes)
{
    if (level > NESTING_LEVELS_MAX) {
        refuse(codec, REFUSAL_TOO_DEEP);
        json_skip(codec->reader);
        return NULL;
    }
    if (json_peek(codec->reader) == JSON_NULL) {
        json_read_null(codec->reader);
        refuse(codec, REFUSAL_NO_TYPE);
        return NULL;
    }
    TRY(expect(codec, JSON_OBJECT, WIRE_VALUE));
    return read_typed(codec, level, charged_bytes);
}

static struct codec codec_make(struct json_reader *reader, struct arena *arena,
                               enum value_layer layer)
{
    struct codec codec = {.reader = reader, .arena = arena, .layer = layer};
    buffer_init(&codec.out, arena);
    return codec;
}

error value_read_json(struct json_reader *reader, struct arena *arena, enum value_layer layer,
                      struct value_input *input)
{
    struct codec codec = codec_make(reader, arena, layer);
    size_t charged_bytes = 0;
    *input = (struct value_input){.invalid = NULL};
    TRY(read_value(&codec, 1, &charged_bytes));
    input->invalid = codec.invalid;
    if (!codec.invalid)
        input->value = buffer_slice(&codec.out);
    return NULL;
}

error item_read_json(struct json_reader *reader, struct arena *arena, enum value_layer layer,
                     struct item_input *input)
{
    *input = (struct item_input){.present = false};
    if (json_peek(reader) == JSON_NULL) {
        json_read_null(reader);
        return NULL;
    }
    struct codec codec = codec_make(reader, arena, layer);
    size_t charged_bytes = 0;
    uint32_t count;
    size_t start = container_begin(&codec);
    TRY(read_entries(&codec, start, 1, &count, &charged_bytes));
    input->present = true;
    input->invalid = codec.invalid;
    if (!codec.invalid) {
        assert_that(charged_bytes <= UINT32_MAX);
        codec.out.data[0] = ITEM_FORMAT;
        bytes_put_u32(codec.out.data + CHARGED_BYTES_OFFSET, (uint32_t)charged_bytes);
        bytes_put_u32(codec.out.data + COUNT_OFFSET, count);
        input->item = buffer_slice(&codec.out);
    }
    return NULL;
}
