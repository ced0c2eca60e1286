/*
 * Input: bytes that have arrived on a connection and wait for their turn: a head in pieces, or
 * requests behind the one being handled. Empty most of the time, and then holds no memory.
 */
#pragma once
#include "base/budget.h"
#include "base/slice.h"

struct input {
    char *data;
    size_t size;
    size_t capacity;
};

/* Append. The memory is counted in `budget`; exhausting memory ends the process, as in arenas. */
void input_append(struct input *input, struct budget *budget, slice bytes);

/* Drop the first `size` bytes; the last drop gives the memory back. */
void input_drop(struct input *input, struct budget *budget, size_t size);

static inline slice input_slice(const struct input *input)
{
    return slice_of(input->data, input->size);
}
