/* slice: borrowed text or bytes, never NUL-terminated. Whoever made the bytes owns them. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const char *data;
    size_t size;
} slice;

#define SLICE(literal) ((slice){(literal), sizeof(literal) - 1})
#define SLICE_NONE ((slice){NULL, 0})

/* For printf: "%.*s", SLICE_ARGS(text). */
#define SLICE_ARGS(text) (int)(text).size, (text).data

static inline slice slice_of(const void *data, size_t size)
{
    return (slice){data, size};
}

/* The text without its terminator; borrowed. */
static inline slice slice_of_string(const char *text)
{
    return (slice){text, strlen(text)};
}

static inline bool slice_equal(slice a, slice b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* Order of unsigned bytes; a prefix sorts before what it begins. */
static inline int slice_compare(slice a, slice b)
{
    size_t shared_size = a.size < b.size ? a.size : b.size;
    int order = shared_size == 0 ? 0 : memcmp(a.data, b.data, shared_size);
    if (order != 0)
        return order;
    return (a.size > b.size) - (a.size < b.size);
}

static inline bool slice_begins_with(slice text, slice prefix)
{
    return text.size >= prefix.size &&
           (prefix.size == 0 || memcmp(text.data, prefix.data, prefix.size) == 0);
}

static inline slice slice_from(slice text, size_t offset)
{
    return (slice){text.data + offset, text.size - offset};
}

static inline slice slice_first(slice text, size_t size)
{
    return (slice){text.data, size};
}

/* Equal when ASCII letters are compared without case: HTTP header names, expression keywords. */
bool slice_equal_ignoring_case(slice a, slice b);

/* Without the blanks and tabs around it. */
static inline slice slice_trim(slice text)
{
    while (text.size > 0 && (text.data[0] == ' ' || text.data[0] == '\t'))
        text = slice_from(text, 1);
    while (text.size > 0 && (text.data[text.size - 1] == ' ' || text.data[text.size - 1] == '\t'))
        text.size--;
    return text;
}
