/*
 * Linked in place of the arena's own allocating calls (ld --wrap): each allocation becomes one of
 * malloc's, given back when the arena ends, so that the address sanitizer guards both its ends.
 */
#include "base/arena.h"

#include <stdlib.h>

void *__wrap_arena_alloc(struct arena *arena, size_t size);
void *__wrap_arena_alloc_zeroed(struct arena *arena, size_t size);
char *__wrap_arena_alloc_bytes(struct arena *arena, size_t size);
void *__wrap_arena_alloc_array(struct arena *arena, size_t element_size, size_t count);

void *__wrap_arena_alloc(struct arena *arena, size_t size)
{
    void *bytes = malloc(size);
    if (!bytes)
        abort();
    arena_defer(arena, free, bytes);
    return bytes;
}

void *__wrap_arena_alloc_zeroed(struct arena *arena, size_t size)
{
    return memset(__wrap_arena_alloc(arena, size), 0, size);
}

char *__wrap_arena_alloc_bytes(struct arena *arena, size_t size)
{
    return __wrap_arena_alloc(arena, size);
}

void *__wrap_arena_alloc_array(struct arena *arena, size_t element_size, size_t count)
{
    size_t size;
    if (__builtin_mul_overflow(element_size, count, &size))
        abort();
    return __wrap_arena_alloc_zeroed(arena, size);
}
