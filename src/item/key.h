/*
 * Keys: schemas, the checks of key values, and the order-preserving form that rows sort by.
 *
 * The ordered form of a part is self-terminating: no value's form is another's prefix, so parts
 * can follow each other. Strings and binary: each 00 becomes 00 FF, the end is 00 01. Numbers:
 * their ordered form. A bijection for every key of a type.
 */
#pragma once
#include "base/buffer.h"
#include "item/item.h"

struct key_attribute {
    slice name;
    enum value_type type; /* S, N or B */
};

struct key_schema {
    struct key_attribute hash;
    struct key_attribute range; /* valid when has_range */
    bool has_range;
};

/* Keys of indexes may have several attributes for each part; those of tables have one. */
enum { KEY_PARTS_MAX = 4 };
struct key_parts {
    struct key_attribute hash[KEY_PARTS_MAX];
    uint32_t hash_count; /* at least 1 */
    struct key_attribute range[KEY_PARTS_MAX];
    uint32_t range_count;
};
struct key_parts key_parts_of_schema(const struct key_schema *schema);

void key_part_encode(struct buffer *to, slice value);
/* Decodes one part of `type` from the front of `bytes` into a value; `used` bytes were read. */
error key_part_decode(struct arena *arena, slice bytes, enum value_type type, slice *value,
                      size_t *used) MUST_CHECK;

/* The bytes of the part that `bytes` begin with; all of them when its end is not among them. */
size_t key_part_size(slice bytes, enum value_type type);
/* Of a string or binary part whose end may be missing: what there is of it. */
slice key_part_content(struct arena *arena, slice bytes);

/* Hash of an encoded partition key: decides the partition and the order of Scan. XXH3 64 bits. */
uint64_t key_hash(slice encoded_partition_key);

/*
 * Size limits (2048 and 1024 bytes of the value) and emptiness of a value that becomes a key.
 *   Errors: VALIDATION in the service's words.
 */
error key_value_check(struct arena *arena, slice attribute, bool is_range,
                      slice value) MUST_CHECK;

/* Its parts: emptiness alone, and the size of all values of the partition or sort key together. */
bool key_value_is_empty(slice value);
error key_values_excess(const slice *values, uint32_t count, bool is_range) MUST_CHECK;

/*
 * A Key parameter: exactly the schema's attributes with the schema's types, then key_value_check.
 *   Errors: VALIDATION "The provided key element does not match the schema".
 */
error key_check(struct arena *arena, const struct key_schema *schema, slice key) MUST_CHECK;

/*
 * The key attributes of a whole item about to be put.
 *   Errors: VALIDATION "… Missing the key pk in the item", "… Type mismatch for key …", sizes.
 */
error key_check_item(struct arena *arena, const struct key_schema *schema, slice item) MUST_CHECK;

/* The item's key attributes as an item of their own. */
slice key_of_item(struct arena *arena, const struct key_schema *schema, slice item);
