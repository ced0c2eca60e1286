#include "store/rocks/crc32c.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

enum { POLYNOMIAL_REFLECTED = 0x82f63b78 };

typedef uint32_t crc_function(uint32_t crc, const uint8_t *data, size_t size);

/* ---- by table, for any processor ---- */

static uint32_t table[256];

static void fill_table(void)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ ((crc & 1) ? (uint32_t)POLYNOMIAL_REFLECTED : 0);
        table[byte] = crc;
    }
}

static uint32_t crc_by_table(uint32_t crc, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        crc = table[(crc ^ data[i]) & 0xff] ^ (crc >> 8);
    return crc;
}

/* ---- by instruction ---- */

#ifdef __x86_64__
__attribute__((target("sse4.2"))) static uint32_t
crc_by_instruction(uint32_t crc, const uint8_t *data, size_t size)
{
    uint64_t wide = crc;
    for (; size >= 8; size -= 8, data += 8) {
        uint64_t word;
        memcpy(&word, data, sizeof word);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    crc = (uint32_t)wide;
    for (; size > 0; size--, data++)
        crc = __builtin_ia32_crc32qi(crc, *data);
    return crc;
}

static crc_function *fastest(void)
{
    return __builtin_cpu_supports("sse4.2") ? crc_by_instruction : crc_by_table;
}
#else
static crc_function *fastest(void)
{
    return crc_by_table;
}
#endif

static crc_function *chosen;

static void choose(void)
{
    fill_table();
    chosen = fastest();
}

uint32_t crc32c(uint32_t crc, const void *data, size_t size)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, choose);
    return ~chosen(~crc, data, size);
}
