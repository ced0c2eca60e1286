/*
 * Runs of bytes that need no attention, sixteen at a time where the machine has SSE2.
 * Private to json/. Each scan returns the first byte of its kind, or `end`.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum scan_stops {
    SCAN_QUOTES = 1,    /* '"' and '\\' */
    SCAN_CONTROLS = 2,  /* below space */
    SCAN_NON_ASCII = 4, /* 80 and above */
};

static inline bool scan_stops_at(uint8_t byte, unsigned stops)
{
    return ((stops & SCAN_QUOTES) && (byte == '"' || byte == '\\')) ||
           ((stops & SCAN_CONTROLS) && byte < 0x20) || ((stops & SCAN_NON_ASCII) && byte >= 0x80);
}

/* `stops` is a constant at each call, so that only its comparisons remain. */
static inline __attribute__((always_inline)) const char *scan(const char *next, const char *end,
                                                              unsigned stops)
{
#ifdef __SSE2__
    while (end - next >= 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)next);
        __m128i found = _mm_setzero_si128();
        if (stops & SCAN_QUOTES)
            found = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                 _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
        if (stops & SCAN_CONTROLS) {
            __m128i controls = _mm_set1_epi8(0x1F);
            found = _mm_or_si128(found, _mm_cmpeq_epi8(_mm_max_epu8(bytes, controls), controls));
        }
        if (stops & SCAN_NON_ASCII)
            found = _mm_or_si128(found, bytes);
        int mask = _mm_movemask_epi8(found);
        if (mask)
            return next + __builtin_ctz((unsigned)mask);
        next += 16;
    }
#endif
    while (next < end && !scan_stops_at((uint8_t)*next, stops))
        next++;
    return next;
}

static inline const char *scan_ascii(const char *next, const char *end)
{
    return scan(next, end, SCAN_NON_ASCII);
}
