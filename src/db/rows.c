#include "db/rows.h"

#include "base/assert.h"
#include "base/bytes.h"
#include "store/store.h"

_Static_assert(ROW_HEADER_BYTES == 35, "the row header is frozen on disk");
_Static_assert(ROW_EXPIRY == 2, "the value of an expiry row is frozen on disk");
_Static_assert(ROW_HEADER_BYTES - ROW_STAMP_OFFSET == STORE_STAMP_BYTES, "the stamp fits its slot");

enum { COUNTER_KEY_BYTES_MAX = 1 + 5 + 4 + 1 + 1 };

slice row_key_of_counter(struct arena *arena, struct row_place place, enum table_counter counter)
{
    char *key = arena_alloc_bytes(arena, COUNTER_KEY_BYTES_MAX);
    key[0] = AREA_META;
    memcpy(key + 1, "table", 5);
    bytes_put_u32(key + 6, place.space);
    key[10] = (char)counter;
    key[11] = (char)place.local_number;
    return slice_of(key,
                    place.local_number > 0 ? COUNTER_KEY_BYTES_MAX : COUNTER_KEY_BYTES_MAX - 1);
}

slice row_key_of_table(struct arena *arena, slice name)
{
    char *key = arena_alloc_bytes(arena, 1 + name.size);
    key[0] = AREA_CATALOGUE;
    memcpy(key + 1, name.data, name.size);
    return slice_of(key, 1 + name.size);
}

slice row_key_of_tombstone(struct arena *arena, uint32_t space)
{
    char name[sizeof space];
    bytes_put_u32(name, space);
    return row_key_of_catalogue(arena, CATALOGUE_TOMBSTONE, slice_of(name, sizeof name));
}

slice row_key_of_catalogue(struct arena *arena, enum catalogue_kind kind, slice name)
{
    char *key = arena_alloc_bytes(arena, CATALOGUE_NAME_OFFSET + name.size);
    key[0] = AREA_CATALOGUE;
    key[1] = (char)kind;
    if (name.size > 0)
        memcpy(key + CATALOGUE_NAME_OFFSET, name.data, name.size);
    return slice_of(key, CATALOGUE_NAME_OFFSET + name.size);
}

bool row_key_is_of_catalogue(slice key, enum catalogue_kind kind)
{
    return key.size > CATALOGUE_NAME_OFFSET && key.data[0] == AREA_CATALOGUE &&
           key.data[1] == (char)kind;
}

slice row_key_begin_space(struct arena *arena, uint32_t space)
{
    char *key = arena_alloc_bytes(arena, 1 + 4);
    key[0] = AREA_ITEM;
    bytes_put_u32(key + 1, space);
    return slice_of(key, 1 + 4);
}

/* Area, space, class; then the second in the key of an expiry row. */
enum { CLASS_OFFSET = 1 + 4, BEHIND_CLASS = CLASS_OFFSET + 1, BEHIND_SECOND = BEHIND_CLASS + 8 };

slice row_key_begin_expiry(struct arena *arena, uint32_t space, uint64_t second)
{
    char *key = arena_alloc_bytes(arena, BEHIND_SECOND);
    key[0] = AREA_ITEM;
    bytes_put_u32(key + 1, space);
    key[CLASS_OFFSET] = ROW_CLASS_EXPIRY;
    bytes_put_u64(key + BEHIND_CLASS, second);
    return slice_of(key, BEHIND_SECOND);
}

slice row_key_of_expiry(struct arena *arena, slice item_key, uint64_t second)
{
    assert_that(item_key.size > BEHIND_CLASS && item_key.data[CLASS_OFFSET] == ROW_CLASS_ITEM);
    size_t rest = item_key.size - BEHIND_CLASS;
    char *key = arena_alloc_bytes(arena, BEHIND_SECOND + rest);
    memcpy(key, item_key.data, CLASS_OFFSET);
    key[CLASS_OFFSET] = ROW_CLASS_EXPIRY;
    bytes_put_u64(key + BEHIND_CLASS, second);
    memcpy(key + BEHIND_SECOND, item_key.data + BEHIND_CLASS, rest);
    return slice_of(key, BEHIND_SECOND + rest);
}

bool row_key_open_expiry(struct arena *arena, slice key, uint64_t *second, slice *item_key)
{
    if (key.size <= BEHIND_SECOND || key.data[CLASS_OFFSET] != ROW_CLASS_EXPIRY)
        return false;
    size_t rest = key.size - BEHIND_SECOND;
    char *item = arena_alloc_bytes(arena, BEHIND_CLASS + rest);
    memcpy(item, key.data, CLASS_OFFSET);
    item[CLASS_OFFSET] = ROW_CLASS_ITEM;
    memcpy(item + BEHIND_CLASS, key.data + BEHIND_SECOND, rest);
    *second = bytes_get_u64(key.data + BEHIND_CLASS);
    *item_key = slice_of(item, BEHIND_CLASS + rest);
    return true;
}

static void begin_place(struct buffer *to, struct row_place place)
{
    char *fixed = buffer_reserve(to, 1 + 4 + 2);
    fixed[0] = AREA_ITEM;
    bytes_put_u32(fixed + 1, place.space);
    fixed[5] = place.local_number > 0 ? ROW_CLASS_LOCAL : ROW_CLASS_ITEM;
    fixed[6] = (char)place.local_number;
    to->size += place.local_number > 0 ? 7 : 6;
}

slice row_key_begin_place(struct arena *arena, struct row_place place)
{
    struct buffer key;
    buffer_init(&key, arena);
    begin_place(&key, place);
    return buffer_slice(&key);
}

void row_key_begin_partition(struct buffer *to, struct row_place place, const slice *hash_values,
                             uint32_t count)
{
    begin_place(to, place);
    size_t hash_at = to->size;
    buffer_reserve(to, sizeof(uint64_t));
    to->size += sizeof(uint64_t);
    size_t parts_at = to->size;
    for (uint32_t i = 0; i < count; i++)
        key_part_encode(to, hash_values[i]);
    slice parts = slice_of(to->data + parts_at, to->size - parts_at);
    bytes_put_u64(to->data + hash_at, key_hash(parts));
}

static slice key_value(slice item, slice name)
{
    slice value;
    bool found = item_attribute(item, name, &value);
    assert_that(found);
    return value;
}

static void begin_collection(struct buffer *key, struct arena *arena, slice hash_value,
                             uint32_t space)
{
    buffer_init(key, arena);
    row_key_begin_partition(key, (struct row_place){.space = space}, &hash_value, 1);
}

slice row_key_of_item(struct arena *arena, const struct key_schema *keys, uint32_t space,
                      slice item)
{
    struct buffer key;
    begin_collection(&key, arena, key_value(item, keys->hash.name), space);
    if (keys->has_range)
        key_part_encode(&key, key_value(item, keys->range.name));
    return buffer_slice(&key);
}

slice row_key_of_collection(struct arena *arena, const struct key_schema *keys, uint32_t space,
                            slice item)
{
    struct buffer key;
    begin_collection(&key, arena, key_value(item, keys->hash.name), space);
    key.data[CLASS_OFFSET] = ROW_CLASS_COLLECTION;
    return buffer_slice(&key);
}

slice row_key_begin_collections(struct arena *arena, uint32_t space)
{
    char *key = arena_alloc_bytes(arena, CLASS_OFFSET + 1);
    key[0] = AREA_ITEM;
    bytes_put_u32(key + 1, space);
    key[CLASS_OFFSET] = ROW_CLASS_COLLECTION;
    return slice_of(key, CLASS_OFFSET + 1);
}

slice row_key_collection_in(struct arena *arena, slice collection_key, struct row_place place)
{
    struct buffer key;
    buffer_init(&key, arena);
    begin_place(&key, place);
    buffer_append(&key, slice_from(collection_key, CLASS_OFFSET + 1));
    return buffer_slice(&key);
}

slice row_key_after_prefix(struct arena *arena, slice prefix)
{
    while (prefix.size > 0 && (unsigned char)prefix.data[prefix.size - 1] == 0xff)
        prefix.size--;
    assert_that(prefix.size > 0);
    char *key = arena_alloc_bytes(arena, prefix.size);
    memcpy(key, prefix.data, prefix.size);
    key[prefix.size - 1]++;
    return slice_of(key, prefix.size);
}

slice row_key_successor(struct arena *arena, slice key)
{
    char *next = arena_alloc_bytes(arena, key.size + 1);
    memcpy(next, key.data, key.size);
    next[key.size] = 0;
    return slice_of(next, key.size + 1);
}

slice row_value_make(struct arena *arena, struct row_version version, slice item)
{
    size_t size = ROW_HEADER_BYTES + item.size;
    char *value = arena_alloc_bytes(arena, size);
    value[0] = ROW_ITEM;
    bytes_put_u64(value + ROW_VERSION_OFFSET, version.incarnation);
    bytes_put_u64(value + ROW_VERSION_OFFSET + 8, version.counter);
    memset(value + ROW_STAMP_OFFSET, 0, STORE_STAMP_BYTES);
    memcpy(value + ROW_HEADER_BYTES, item.data, item.size);
    return slice_of(value, size);
}

bool row_value_open(slice value, slice *item)
{
    if (value.size <= ROW_HEADER_BYTES || value.data[0] != ROW_ITEM)
        return false;
    *item = slice_from(value, ROW_HEADER_BYTES);
    return true;
}

struct row_version row_value_version(slice value)
{
    assert_that(value.size > ROW_HEADER_BYTES);
    return (struct row_version){bytes_get_u64(value.data + ROW_VERSION_OFFSET),
                                bytes_get_u64(value.data + ROW_VERSION_OFFSET + 8)};
}
