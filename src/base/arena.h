/*
 * Arena: memory of one request, given back all at once.
 *
 * What a request makes lives in its arena and needs no free; what holds more than memory (a table
 * reference, a pinned row, a lock) is tied to it with arena_defer. An arena belongs to one thread
 * at a time. arena_alloc never returns NULL: requests are bounded at the door (base/limits.h), so
 * exhausting memory ends the process with a message.
 */
#pragma once
#include "base/slice.h"
#include <stdarg.h>

struct budget;
struct arena_chunk;
struct arena_deferred;

struct arena {
    char *next;
    char *end;
    struct arena_chunk *chunks;       /* newest first */
    struct arena_deferred *deferred;  /* newest first */
    struct budget *budget;            /* borrowed; NULL: not counted */
};

void arena_init(struct arena *arena, struct budget *budget);

/* Run what was deferred, newest first, and free everything. The arena may be used again. */
void arena_fini(struct arena *arena);

/* Like arena_fini, but keeps one small chunk warm for the next request of the same owner. */
void arena_reset(struct arena *arena);

/* Uninitialised memory, aligned for any type. size 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((malloc, returns_nonnull));
void *arena_alloc_zeroed(struct arena *arena, size_t size)
    __attribute__((malloc, returns_nonnull));

/* Bytes without alignment, packed close: text and encoded values. */
char *arena_alloc_bytes(struct arena *arena, size_t size) __attribute__((malloc, returns_nonnull));

#define arena_new(arena, type) ((type *)arena_alloc_zeroed((arena), sizeof(type)))
#define arena_new_array(arena, type, count)                                                        \
    ((type *)arena_alloc_array((arena), sizeof(type), (count)))
void *arena_alloc_array(struct arena *arena, size_t element_size, size_t count)
    __attribute__((returns_nonnull)); /* zeroed; the product is checked */

slice arena_copy(struct arena *arena, slice bytes);
slice arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
slice arena_format_list(struct arena *arena, const char *format, va_list arguments);

/* Call release(object) when the arena ends. */
void arena_defer(struct arena *arena, void (*release)(void *object), void *object);

/* Bytes the arena holds, for accounting and tests. */
size_t arena_bytes(const struct arena *arena);

/* An arena that ends with its scope, so that TRY is safe anywhere below it. */
#define SCOPED_ARENA(name)                                                                         \
    struct arena name __attribute__((cleanup(arena_fini)));                                        \
    arena_init(&name, NULL)
