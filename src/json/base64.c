#include "json/base64.h"

static const char alphabet[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Value of a character plus one, so that 0 means none. */
static const uint8_t values[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

size_t base64_encoded_size(size_t size)
{
    return (size + 2) / 3 * 4;
}

void base64_encode(slice bytes, char *to)
{
    const uint8_t *from = (const uint8_t *)bytes.data;
    size_t left = bytes.size;
    for (; left >= 3; left -= 3, from += 3, to += 4) {
        uint32_t bits = (uint32_t)from[0] << 16 | (uint32_t)from[1] << 8 | from[2];
        to[0] = alphabet[bits >> 18];
        to[1] = alphabet[bits >> 12 & 63];
        to[2] = alphabet[bits >> 6 & 63];
        to[3] = alphabet[bits & 63];
    }
    if (left == 0)
        return;
    uint32_t bits = (uint32_t)from[0] << 16 | (left == 2 ? (uint32_t)from[1] << 8 : 0);
    to[0] = alphabet[bits >> 18];
    to[1] = alphabet[bits >> 12 & 63];
    to[2] = left == 2 ? alphabet[bits >> 6 & 63] : '=';
    to[3] = '=';
}

/* Four characters, of which the last `padding` are '=' and count as zeros. */
static enum base64_answer decode_group(const char *text, size_t padding, uint32_t *bits)
{
    *bits = 0;
    for (size_t i = 0; i < 4 - padding; i++) {
        uint32_t value = values[(uint8_t)text[i]];
        if (value == 0)
            return text[i] == '=' ? BASE64_BAD_PADDING : BASE64_BAD_CHARACTER;
        *bits |= (value - 1) << (18 - 6 * i);
    }
    return BASE64_OK;
}

enum base64_answer base64_decode(struct arena *arena, slice text, slice *bytes)
{
    *bytes = SLICE_NONE;
    if (text.size % 4 != 0)
        return BASE64_BAD_LENGTH;
    if (text.size == 0)
        return BASE64_OK;
    const char *next = text.data;
    const char *last = next + text.size - 4;
    size_t padding = (size_t)(last[3] == '=') + (last[3] == '=' && last[2] == '=');
    char *to = arena_alloc_bytes(arena, text.size / 4 * 3);
    *bytes = slice_of(to, text.size / 4 * 3 - padding);
    uint32_t bits;
    enum base64_answer answer;
    for (; next < last; next += 4) {
        answer = decode_group(next, 0, &bits);
        if (answer != BASE64_OK)
            return answer;
        *to++ = (char)(bits >> 16);
        *to++ = (char)(bits >> 8);
        *to++ = (char)bits;
    }
    answer = decode_group(last, padding, &bits);
    if (answer != BASE64_OK)
        return answer;
    for (size_t i = 0; i < 3 - padding; i++)
        *to++ = (char)(bits >> (16 - 8 * i));
    /* What the padding cuts off must be zero: each run of bytes has one spelling. */
    bool loses_bits = bits & ((1u << (8 * padding)) - 1);
    return loses_bits ? BASE64_BAD_PADDING : BASE64_OK;
}
