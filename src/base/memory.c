#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

_Noreturn void memory_exhausted(size_t bytes)
{
    fprintf(stderr, "level=error event=out_of_memory bytes=%zu\n", bytes);
    _exit(EXIT_MEMORY_EXHAUSTED);
}

static void *checked(void *memory, size_t size)
{
    if (!memory)
        memory_exhausted(size);
    return memory;
}

void *memory_alloc(size_t size)
{
    return checked(malloc(size), size);
}

void *memory_alloc_zeroed(size_t size)
{
    return checked(calloc(1, size), size);
}

void *memory_realloc(void *memory, size_t size)
{
    return checked(realloc(memory, size), size);
}
