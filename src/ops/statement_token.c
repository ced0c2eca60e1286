#include "ops/statement_token.h"

#include "base/bytes.h"
#include "json/base64.h"
#include <xxhash.h>

enum {
    TOKEN_VERSION = 1,
    BINDING_OFFSET = 1,
    KEY_OFFSET = BINDING_OFFSET + sizeof(uint64_t),
    CHECKSUM_BYTES = sizeof(uint64_t),
};

static void append_u64(struct buffer *to, uint64_t value)
{
    char bytes[sizeof value];
    bytes_put_u64(bytes, value);
    buffer_append(to, slice_of(bytes, sizeof bytes));
}

static uint64_t hash_of(slice bytes)
{
    return XXH3_64bits(bytes.data, bytes.size);
}

/* Each part with its size before it, so that no two requests look the same. */
static uint64_t binding_of(struct arena *arena, const struct statement_input *in,
                           const struct table *table)
{
    struct buffer bound;
    buffer_init(&bound, arena);
    const struct value_input *parameters = in->parameters.elements;
    append_u64(&bound, table->id.size);
    buffer_append(&bound, table->id);
    append_u64(&bound, in->text.size);
    buffer_append(&bound, in->text);
    for (uint32_t i = 0; i < in->parameters.count; i++) {
        append_u64(&bound, parameters[i].value.size);
        buffer_append(&bound, parameters[i].value);
    }
    return hash_of(buffer_slice(&bound));
}

slice statement_token_make(struct arena *arena, const struct statement_input *in,
                           const struct table *table, slice key)
{
    struct buffer token;
    buffer_init(&token, arena);
    buffer_append_byte(&token, TOKEN_VERSION);
    append_u64(&token, binding_of(arena, in, table));
    buffer_append(&token, key);
    append_u64(&token, hash_of(buffer_slice(&token)));
    size_t size = base64_encoded_size(token.size);
    char *text = arena_alloc_bytes(arena, size);
    base64_encode(buffer_slice(&token), text);
    return slice_of(text, size);
}

error statement_token_open(struct arena *arena, slice token, const struct statement_input *in,
                           const struct table *table, slice *key)
{
    error invalid = FAILURE(ERROR_VALIDATION, "Invalid NextToken");
    slice bytes;
    if (base64_decode(arena, token, &bytes) != BASE64_OK ||
        bytes.size < KEY_OFFSET + CHECKSUM_BYTES || bytes.data[0] != TOKEN_VERSION)
        return invalid;
    slice content = slice_first(bytes, bytes.size - CHECKSUM_BYTES);
    if (bytes_get_u64(content.data + content.size) != hash_of(content))
        return invalid;
    if (bytes_get_u64(content.data + BINDING_OFFSET) != binding_of(arena, in, table))
        return FAILURE(ERROR_VALIDATION, "NextToken does not match request");
    *key = slice_from(content, KEY_OFFSET);
    return item_check(*key) ? invalid : NULL;
}
