#include "base/buffer.h"

enum { CAPACITY_FIRST = 256 };

char *buffer_reserve(struct buffer *buffer, size_t size)
{
    if (buffer->capacity - buffer->size < size) {
        size_t capacity = buffer->capacity ? buffer->capacity * 2 : CAPACITY_FIRST;
        while (capacity - buffer->size < size)
            capacity *= 2;
        char *data = arena_alloc_bytes(buffer->arena, capacity);
        if (buffer->size > 0)
            memcpy(data, buffer->data, buffer->size);
        buffer->data = data;
        buffer->capacity = capacity;
    }
    return buffer->data + buffer->size;
}
