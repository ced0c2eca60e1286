/*
 * Memory that outlives a request, given back with free. Never NULL: as with arenas, exhausting
 * memory ends the process with a line that says so. What was acknowledged is on disk, and a
 * process that cannot say so any more must not linger.
 */
#pragma once
#include <stddef.h>

enum { EXIT_MEMORY_EXHAUSTED = 71 };

void *memory_alloc(size_t size) __attribute__((malloc, returns_nonnull));
void *memory_alloc_zeroed(size_t size) __attribute__((malloc, returns_nonnull));
void *memory_realloc(void *memory, size_t size) __attribute__((returns_nonnull));

_Noreturn void memory_exhausted(size_t bytes);
