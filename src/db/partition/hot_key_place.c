#include "db/partition/hot_key_place.h"

#include "base/bytes.h"
#include "db/index/index.h"
#include "db/partition/hot_keys.h"
#include "db/rows.h"
#include "json/utf8.h"

enum { HASH_BYTES = 8 };

/* From the hash on. */
static slice open_row(const struct index *index, slice row_key)
{
    bool is_local = index && index->kind == INDEX_LOCAL; /* its number stands before */
    return slice_from(row_key, ROW_HASH_OFFSET + is_local);
}

struct hot_place hot_place_of(const struct table *table, const struct index *index, slice row_key)
{
    slice row = open_row(index, row_key);
    struct key_parts parts = index_key_parts(table, index);
    size_t size = HASH_BYTES;
    for (uint32_t i = 0; i < parts.hash_count; i++)
        size += key_part_size(slice_from(row, size), parts.hash[i].type);
    slice collection = slice_first(row, size);
    bool is_local = index && index->kind == INDEX_LOCAL; /* no place where an item is */
    return (struct hot_place){.collection_hash = bytes_get_u64(row.data),
                              .collection = collection,
                              .row = is_local ? collection : row};
}

bool hot_place_is_same_collection(const struct index *index, slice first, slice second)
{
    return bytes_get_u64(open_row(index, first).data) ==
           bytes_get_u64(open_row(index, second).data);
}

uint64_t hot_place_hash(slice place)
{
    return key_hash(place);
}

/* ---- as a text ---- */

/* Without the bytes of a character that was cut in two. */
static slice whole_characters(slice text)
{
    size_t size = text.size;
    while (size > 0 && !utf8_check(slice_first(text, size)))
        size--;
    return slice_first(text, size);
}

static void append_value(struct arena *arena, struct buffer *text, slice part, enum value_type type)
{
    if (type == VALUE_N) {
        struct number number;
        size_t used;
        char digits[NUMBER_TEXT_BYTES_MAX];
        if (number_from_ordered(part, &number, &used))
            buffer_append(text, slice_of(digits, number_format(&number, digits)));
        return;
    }
    slice content = key_part_content(arena, part);
    if (type == VALUE_S) {
        buffer_append(text, whole_characters(content));
        return;
    }
    for (size_t i = 0; i < content.size; i++)
        buffer_append(text, arena_format(arena, "%02x", (uint8_t)content.data[i]));
}

/* The parts that `left` begins with, which are taken from it. */
static void append_values(struct arena *arena, struct buffer *text, slice *left,
                          const struct key_attribute *parts, uint32_t count)
{
    for (uint32_t i = 0; i < count && left->size > 0; i++) {
        size_t size = key_part_size(*left, parts[i].type);
        if (text->size > 0)
            buffer_append(text, SLICE(" | "));
        append_value(arena, text, slice_first(*left, size), parts[i].type);
        *left = slice_from(*left, size);
    }
}

static void append_key(struct arena *arena, struct buffer *text, slice *left,
                       const struct key_parts *parts)
{
    append_values(arena, text, left, parts->hash, parts->hash_count);
    append_values(arena, text, left, parts->range, parts->range_count);
}

slice hot_key_text(struct arena *arena, const struct table *table, const struct index *index,
                   const struct hot_key *key)
{
    struct buffer text;
    buffer_init(&text, arena);
    slice left = slice_from(key->place, HASH_BYTES);
    struct key_parts parts = index_key_parts(table, index);
    append_key(arena, &text, &left, &parts);
    /* Behind its own keys an entry of a global index has those of the item. */
    parts = key_parts_of_schema(&table->keys);
    append_key(arena, &text, &left, &parts);
    if (key->is_cut)
        buffer_append(&text, SLICE("\xe2\x80\xa6"));
    return buffer_slice(&text);
}
