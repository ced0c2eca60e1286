#include "item/key.h"

#include "base/assert.h"
#include "base/limits.h"
#include "json/utf8.h"
#include <xxhash.h>

/* Within the encoded bytes of a string or binary: what follows a 00. */
enum { KEY_ZERO = 0xFF, KEY_END = 0x01 };

void key_part_encode(struct buffer *to, slice value)
{
    if (value_type_of(value) == VALUE_N) {
        buffer_append(to, value_number_ordered(value));
        return;
    }
    slice left = value_content(value);
    while (left.size > 0) {
        const char *zero = memchr(left.data, 0, left.size);
        if (!zero)
            break;
        size_t size = (size_t)(zero - left.data) + 1;
        buffer_append(to, slice_first(left, size));
        buffer_append_byte(to, (char)KEY_ZERO);
        left = slice_from(left, size);
    }
    buffer_append(to, left);
    buffer_append_byte(to, 0);
    buffer_append_byte(to, KEY_END);
}

static const struct failure bad_part = {.kind = ERROR_CORRUPT,
                                        .message = SLICE("stored key: not an encoded key part")};

/*
 * The content of a string or binary part, into a buffer that is large enough. False when the part
 * does not end, or not as parts do; the content is what stood before that.
 */
static bool decode_content(slice bytes, char *to, slice *content, size_t *used)
{
    size_t size = 0;
    bool ends = false;
    size_t next = 0;
    for (; next < bytes.size && !ends; next++) {
        bool is_escape = bytes.data[next] == 0;
        uint8_t meaning = KEY_ZERO;
        if (is_escape)
            meaning = ++next < bytes.size ? (uint8_t)bytes.data[next] : 0;
        ends = meaning == KEY_END;
        if (meaning != KEY_ZERO && !ends)
            break;
        if (!ends)
            to[size++] = is_escape ? 0 : bytes.data[next];
    }
    *content = slice_of(to, size);
    *used = next;
    return ends;
}

size_t key_part_size(slice bytes, enum value_type type)
{
    size_t used;
    if (type == VALUE_N) {
        struct number number;
        return number_from_ordered(bytes, &number, &used) ? used : bytes.size;
    }
    const char *end = bytes.data + bytes.size;
    const char *next = bytes.data;
    while (next < end && (next = memchr(next, 0, (size_t)(end - next))) && next + 1 < end) {
        if (next[1] == KEY_END)
            return (size_t)(next + 2 - bytes.data);
        next += 2;
    }
    return bytes.size;
}

slice key_part_content(struct arena *arena, slice bytes)
{
    slice content;
    size_t used;
    bool ends = decode_content(bytes, arena_alloc_bytes(arena, bytes.size), &content, &used);
    (void)ends;
    return content;
}

error key_part_decode(struct arena *arena, slice bytes, enum value_type type, slice *value,
                      size_t *used)
{
    assert_that(value_type_is_scalar_key(type));
    if (type == VALUE_N) {
        struct number number;
        if (!number_from_ordered(bytes, &number, used))
            return &bad_part;
        *value = value_make_number(arena, &number);
        return NULL;
    }
    slice content;
    if (!decode_content(bytes, arena_alloc_bytes(arena, bytes.size), &content, used))
        return &bad_part;
    if (type == VALUE_S && !utf8_check(content))
        return &bad_part;
    *value =
        type == VALUE_S ? value_make_string(arena, content) : value_make_binary(arena, content);
    return NULL;
}

struct key_parts key_parts_of_schema(const struct key_schema *schema)
{
    struct key_parts parts = {.hash = {schema->hash}, .hash_count = 1};
    if (schema->has_range)
        parts.range[parts.range_count++] = schema->range;
    return parts;
}

uint64_t key_hash(slice encoded_partition_key)
{
    return XXH3_64bits(encoded_partition_key.data, encoded_partition_key.size);
}

static size_t content_size(slice value)
{
    return value_type_of(value) == VALUE_N ? 1 : value_content(value).size;
}

bool key_value_is_empty(slice value)
{
    return content_size(value) == 0;
}

error key_values_excess(const slice *values, uint32_t count, bool is_range)
{
    /* No blank before the number: the service's spelling. */
    static const struct failure hash_excess = {
        .kind = ERROR_VALIDATION,
        .message = SLICE("One or more parameter values were invalid: Size of hashkey has exceeded "
                         "the maximum size limit of2048 bytes")};
    static const struct failure range_excess = {
        .kind = ERROR_VALIDATION,
        .message = SLICE("One or more parameter values were invalid: Aggregated size of all range "
                         "keys has exceeded the size limit of 1024 bytes")};
    _Static_assert(PARTITION_KEY_BYTES_MAX == 2048 && SORT_KEY_BYTES_MAX == 1024,
                   "the sizes in the messages");
    size_t size = 0;
    for (uint32_t i = 0; i < count; i++)
        size += content_size(values[i]);
    if (is_range)
        return size > SORT_KEY_BYTES_MAX ? &range_excess : NULL;
    return size > PARTITION_KEY_BYTES_MAX ? &hash_excess : NULL;
}

error key_value_check(struct arena *arena, slice attribute, bool is_range, slice value)
{
    if (key_value_is_empty(value))
        return fail(arena, ERROR_VALIDATION,
                    "One or more parameter values are not valid. The AttributeValue for a key "
                    "attribute cannot contain an empty %s value. Key: %.*s",
                    value_type_of(value) == VALUE_S ? "string" : "binary", SLICE_ARGS(attribute));
    return key_values_excess(&value, 1, is_range);
}

static uint32_t key_attribute_count(const struct key_schema *schema)
{
    return schema->has_range ? 2 : 1;
}

/* 0 is the partition key, 1 the sort key. */
static const struct key_attribute *key_attribute_at(const struct key_schema *schema, uint32_t index)
{
    return index == 0 ? &schema->hash : &schema->range;
}

static error check_values(struct arena *arena, const struct key_schema *schema, slice item)
{
    for (uint32_t i = 0; i < key_attribute_count(schema); i++) {
        slice value;
        bool found = item_attribute(item, key_attribute_at(schema, i)->name, &value);
        assert_that(found);
        TRY(key_value_check(arena, key_attribute_at(schema, i)->name, i == 1, value));
    }
    return NULL;
}

error key_check(struct arena *arena, const struct key_schema *schema, slice key)
{
    static const struct failure mismatch = {
        .kind = ERROR_VALIDATION,
        .message = SLICE("The provided key element does not match the schema")};
    if (item_attribute_count(key) != key_attribute_count(schema))
        return &mismatch;
    for (uint32_t i = 0; i < key_attribute_count(schema); i++) {
        const struct key_attribute *attribute = key_attribute_at(schema, i);
        slice value;
        if (!item_attribute(key, attribute->name, &value) ||
            value_type_of(value) != attribute->type)
            return &mismatch;
    }
    return check_values(arena, schema, key);
}

error key_check_item(struct arena *arena, const struct key_schema *schema, slice item)
{
    for (uint32_t i = 0; i < key_attribute_count(schema); i++) {
        const struct key_attribute *attribute = key_attribute_at(schema, i);
        slice value;
        if (!item_attribute(item, attribute->name, &value))
            return fail(arena, ERROR_VALIDATION,
                        "One or more parameter values were invalid: Missing the key %.*s in the "
                        "item",
                        SLICE_ARGS(attribute->name));
        slice expected = value_type_name(attribute->type);
        slice actual = value_type_name(value_type_of(value));
        if (value_type_of(value) != attribute->type)
            return fail(arena, ERROR_VALIDATION,
                        "One or more parameter values were invalid: Type mismatch for key %.*s "
                        "expected: %.*s actual: %.*s",
                        SLICE_ARGS(attribute->name), SLICE_ARGS(expected), SLICE_ARGS(actual));
    }
    return check_values(arena, schema, item);
}

slice key_of_item(struct arena *arena, const struct key_schema *schema, slice item)
{
    slice names[2];
    slice values[2];
    uint32_t count = key_attribute_count(schema);
    for (uint32_t i = 0; i < count; i++) {
        names[i] = key_attribute_at(schema, i)->name;
        bool found = item_attribute(item, names[i], &values[i]);
        assert_that(found);
    }
    return item_make(arena, names, values, count);
}
