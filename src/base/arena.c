#include "base/arena.h"

#include "base/assert.h"
#include "base/budget.h"
#include "base/memory.h"
#include <stdio.h>
#include <stdlib.h>

enum { CHUNK_BYTES_FIRST = 8192, CHUNK_BYTES_MAX = 256 * 1024, ALIGNMENT = 16 };

struct arena_chunk {
    struct arena_chunk *older;
    size_t size; /* of the whole allocation */
    _Alignas(ALIGNMENT) char bytes[];
};

struct arena_deferred {
    struct arena_deferred *older;
    void (*release)(void *object);
    void *object;
};

void arena_init(struct arena *arena, struct budget *budget)
{
    *arena = (struct arena){.budget = budget};
}

static void run_deferred(struct arena *arena)
{
    while (arena->deferred) {
        struct arena_deferred *deferred = arena->deferred;
        arena->deferred = deferred->older;
        deferred->release(deferred->object);
    }
}

static void free_chunks(struct arena *arena, struct arena_chunk *kept)
{
    struct arena_chunk *chunk = arena->chunks;
    while (chunk) {
        struct arena_chunk *older = chunk->older;
        if (chunk != kept) {
            budget_give(arena->budget, chunk->size);
            free(chunk);
        }
        chunk = older;
    }
    arena->chunks = kept;
}

void arena_fini(struct arena *arena)
{
    run_deferred(arena);
    free_chunks(arena, NULL);
    arena->next = NULL;
    arena->end = NULL;
}

void arena_reset(struct arena *arena)
{
    run_deferred(arena);
    struct arena_chunk *first = arena->chunks;
    while (first && first->older)
        first = first->older;
    if (first && first->size > CHUNK_BYTES_FIRST)
        first = NULL;
    free_chunks(arena, first);
    arena->next = first ? first->bytes : NULL;
    arena->end = first ? (char *)first + first->size : NULL;
}

/* A large object gets a chunk of its own behind the current one, which stays open. */
static char *add_chunk(struct arena *arena, size_t size)
{
    size_t usual = CHUNK_BYTES_FIRST;
    if (arena->chunks) {
        usual = arena->chunks->size * 2;
        if (usual > CHUNK_BYTES_MAX)
            usual = CHUNK_BYTES_MAX;
    }
    size_t needed;
    if (__builtin_add_overflow(size, sizeof(struct arena_chunk), &needed))
        memory_exhausted(size);
    bool own = arena->chunks && needed > usual / 2;
    size_t chunk_size = own ? needed : (needed > usual ? needed : usual);
    struct arena_chunk *chunk = memory_alloc(chunk_size);
    budget_take(arena->budget, chunk_size);
    chunk->size = chunk_size;
    if (own) {
        chunk->older = arena->chunks->older;
        arena->chunks->older = chunk;
        return chunk->bytes;
    }
    chunk->older = arena->chunks;
    arena->chunks = chunk;
    arena->next = chunk->bytes + size;
    arena->end = (char *)chunk + chunk_size;
    return chunk->bytes;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    size_t padding = (size_t)(-(uintptr_t)arena->next) & (ALIGNMENT - 1);
    size_t left = (size_t)(arena->end - arena->next);
    if (padding <= left && size <= left - padding && arena->next) {
        char *bytes = arena->next + padding;
        arena->next = bytes + size;
        return bytes;
    }
    return add_chunk(arena, size);
}

void *arena_alloc_zeroed(struct arena *arena, size_t size)
{
    return memset(arena_alloc(arena, size), 0, size);
}

char *arena_alloc_bytes(struct arena *arena, size_t size)
{
    if (arena->next && size <= (size_t)(arena->end - arena->next)) {
        char *bytes = arena->next;
        arena->next += size;
        return bytes;
    }
    return add_chunk(arena, size);
}

void *arena_alloc_array(struct arena *arena, size_t element_size, size_t count)
{
    size_t size;
    bool overflows = __builtin_mul_overflow(element_size, count, &size);
    assert_that(!overflows);
    return arena_alloc_zeroed(arena, size);
}

slice arena_copy(struct arena *arena, slice bytes)
{
    char *copy = arena_alloc_bytes(arena, bytes.size);
    if (bytes.size > 0)
        memcpy(copy, bytes.data, bytes.size);
    return slice_of(copy, bytes.size);
}

slice arena_format_list(struct arena *arena, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    assert_that(size >= 0);
    char *text = arena_alloc_bytes(arena, (size_t)size + 1);
    vsnprintf(text, (size_t)size + 1, format, arguments);
    return slice_of(text, (size_t)size);
}

slice arena_format(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    slice text = arena_format_list(arena, format, arguments);
    va_end(arguments);
    return text;
}

void arena_defer(struct arena *arena, void (*release)(void *object), void *object)
{
    struct arena_deferred *deferred = arena_new(arena, struct arena_deferred);
    deferred->older = arena->deferred;
    deferred->release = release;
    deferred->object = object;
    arena->deferred = deferred;
}

size_t arena_bytes(const struct arena *arena)
{
    size_t bytes = 0;
    for (const struct arena_chunk *chunk = arena->chunks; chunk; chunk = chunk->older)
        bytes += chunk->size;
    return bytes;
}
