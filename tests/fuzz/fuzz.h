/*
 * What the fuzz targets share. A target is one file NAME_fuzz.c with one entry; a claim it makes
 * (assert_that) that does not hold ends the process, and libFuzzer keeps the input that did it.
 * Arenas give every allocation memory of its own here (arena_apart.c), so that the address
 * sanitizer sees each byte read or written past an end.
 */
#pragma once
#include "base/arena.h"
#include "base/assert.h"
#include "base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte of the input steers; 0 when there is none. What is left stays in `input`. */
static inline uint8_t fuzz_byte(slice *input)
{
    if (input->size == 0)
        return 0;
    uint8_t byte = (uint8_t)input->data[0];
    *input = slice_from(*input, 1);
    return byte;
}

/* Up to `separator`, which goes too; all of it when there is none. */
static inline slice fuzz_until(slice *input, char separator)
{
    const char *found = input->size ? memchr(input->data, separator, input->size) : NULL;
    size_t size = found ? (size_t)(found - input->data) : input->size;
    slice part = slice_first(*input, size);
    *input = slice_from(*input, found ? size + 1 : size);
    return part;
}

/* What a client is told is a validation error, nothing else. */
static inline bool fuzz_refused(error failed)
{
    if (!failed)
        return false;
    assert_that(failed->kind == ERROR_VALIDATION);
    assert_that(failed->message.size > 0);
    return true;
}
