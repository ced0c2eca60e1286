/* A growing run of bytes inside an arena. The final slice lives as long as the arena. */
#pragma once
#include "base/arena.h"

struct buffer {
    struct arena *arena;
    char *data;
    size_t size;
    size_t capacity;
};

static inline void buffer_init(struct buffer *buffer, struct arena *arena)
{
    *buffer = (struct buffer){.arena = arena};
}

/* Make room for `size` more bytes and return where they go; buffer->size does not change. */
char *buffer_reserve(struct buffer *buffer, size_t size);

static inline void buffer_append(struct buffer *buffer, slice bytes)
{
    if (bytes.size == 0)
        return;
    char *to = buffer->capacity - buffer->size >= bytes.size ? buffer->data + buffer->size
                                                             : buffer_reserve(buffer, bytes.size);
    memcpy(to, bytes.data, bytes.size);
    buffer->size += bytes.size;
}

static inline void buffer_append_byte(struct buffer *buffer, char byte)
{
    if (buffer->size == buffer->capacity)
        buffer_reserve(buffer, 1);
    buffer->data[buffer->size++] = byte;
}

static inline slice buffer_slice(const struct buffer *buffer)
{
    return slice_of(buffer->data, buffer->size);
}
