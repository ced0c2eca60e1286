#include "json/utf8.h"

#include "base/assert.h"
#include "json/scan.h"

/* What may follow a leading byte: the range of the second byte; the others are 80 to BF. */
static size_t sequence_of(uint8_t leading, uint8_t *second_min, uint8_t *second_max)
{
    *second_min = 0x80;
    *second_max = 0xBF;
    if (leading < 0xC2)
        return 0; /* a continuation, or overlong */
    if (leading < 0xE0)
        return 2;
    if (leading < 0xF0) {
        if (leading == 0xE0)
            *second_min = 0xA0; /* below: overlong */
        if (leading == 0xED)
            *second_max = 0x9F; /* above: surrogates */
        return 3;
    }
    if (leading > 0xF4)
        return 0;
    if (leading == 0xF0)
        *second_min = 0x90; /* below: overlong */
    if (leading == 0xF4)
        *second_max = 0x8F; /* above: past U+10FFFF */
    return 4;
}

size_t utf8_sequence_size(const char *next, const char *end)
{
    const uint8_t *bytes = (const uint8_t *)next;
    if (bytes[0] < 0x80)
        return 1;
    uint8_t second_min;
    uint8_t second_max;
    size_t size = sequence_of(bytes[0], &second_min, &second_max);
    if (size == 0 || (size_t)(end - next) < size)
        return 0;
    if (bytes[1] < second_min || bytes[1] > second_max)
        return 0;
    for (size_t i = 2; i < size; i++)
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
    return size;
}

const char *utf8_decode(const char *next, uint32_t *code_point)
{
    uint8_t leading = (uint8_t)*next++;
    int rest = (leading >= 0xC0) + (leading >= 0xE0) + (leading >= 0xF0);
    uint32_t value = rest == 0 ? leading : leading & (0x3FU >> rest);
    for (; rest > 0; rest--)
        value = value << 6 | ((uint8_t)*next++ & 0x3FU);
    *code_point = value;
    return next;
}

size_t utf8_count_utf16(slice text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = (uint8_t)text.data[i];
        count += (byte & 0xC0) != 0x80; /* not a continuation */
        count += byte >= 0xF0;          /* the first of four */
    }
    return count;
}

bool utf8_check(slice text)
{
    const char *next = text.data;
    const char *end = next + text.size;
    while ((next = scan_ascii(next, end)) < end) {
        size_t size = utf8_sequence_size(next, end);
        if (size == 0)
            return false;
        next += size;
    }
    return true;
}

size_t utf8_encode(uint32_t code_point, char *to)
{
    assert_that(code_point <= 0x10FFFF);
    if (code_point < 0x80) {
        to[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        to[0] = (char)(0xC0 | code_point >> 6);
        to[1] = (char)(0x80 | (code_point & 0x3F));
        return 2;
    }
    if (code_point < 0x10000) {
        to[0] = (char)(0xE0 | code_point >> 12);
        to[1] = (char)(0x80 | (code_point >> 6 & 0x3F));
        to[2] = (char)(0x80 | (code_point & 0x3F));
        return 3;
    }
    to[0] = (char)(0xF0 | code_point >> 18);
    to[1] = (char)(0x80 | (code_point >> 12 & 0x3F));
    to[2] = (char)(0x80 | (code_point >> 6 & 0x3F));
    to[3] = (char)(0x80 | (code_point & 0x3F));
    return 4;
}
