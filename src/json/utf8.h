/* UTF-8, strictly: no overlong forms, no surrogates, nothing above U+10FFFF. */
#pragma once
#include "base/slice.h"

/* Bytes of the well-formed sequence that `next` begins with; 0 when there is none. next < end. */
size_t utf8_sequence_size(const char *next, const char *end);

bool utf8_check(slice text);

/* Units of UTF-16 that well-formed text takes: two for what is above U+FFFF, else one. */
size_t utf8_count_utf16(slice text);

/* The code point that well-formed text begins with; what follows it is returned. */
const char *utf8_decode(const char *next, uint32_t *code_point);

/* Writes one to four bytes and returns how many; the code point is a valid one. */
size_t utf8_encode(uint32_t code_point, char *to);
