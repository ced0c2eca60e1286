#include "exchange/md5.h"

enum { ROUND_STEPS = 16, STEPS = 64, BLOCK_BYTES = 64, LENGTH_OFFSET = 56 };

/* floor(2^32 * |sin(step + 1)|) */
static const uint32_t sines[STEPS] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

static const struct round {
    unsigned shifts[4];
    unsigned factor; /* of the step, and what is added: which word of the block it takes */
    unsigned offset;
} rounds[STEPS / ROUND_STEPS] = {
    {{7, 12, 17, 22}, 1, 0},
    {{5, 9, 14, 20}, 5, 1},
    {{4, 11, 16, 23}, 3, 5},
    {{6, 10, 15, 21}, 7, 0},
};

static uint32_t mix(unsigned round, uint32_t b, uint32_t c, uint32_t d)
{
    switch (round) {
    case 0:
        return (b & c) | (~b & d);
    case 1:
        return (d & b) | (~d & c);
    case 2:
        return b ^ c ^ d;
    default:
        return c ^ (b | ~d);
    }
}

static uint32_t little_endian(const unsigned char *from)
{
    return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 |
           (uint32_t)from[3] << 24;
}

static void add_block(struct md5 *md5, const unsigned char *block)
{
    uint32_t words[ROUND_STEPS];
    for (unsigned i = 0; i < ROUND_STEPS; i++)
        words[i] = little_endian(block + 4 * i);
    uint32_t a = md5->state[0], b = md5->state[1], c = md5->state[2], d = md5->state[3];
    for (unsigned step = 0; step < STEPS; step++) {
        const struct round *round = &rounds[step / ROUND_STEPS];
        uint32_t sum = a + mix(step / ROUND_STEPS, b, c, d) + sines[step] +
                       words[(round->factor * step + round->offset) % ROUND_STEPS];
        unsigned shift = round->shifts[step % 4];
        a = d;
        d = c;
        c = b;
        b += sum << shift | sum >> (32 - shift);
    }
    md5->state[0] += a;
    md5->state[1] += b;
    md5->state[2] += c;
    md5->state[3] += d;
}

void md5_init(struct md5 *md5)
{
    *md5 = (struct md5){.state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476}};
}

void md5_add(struct md5 *md5, slice bytes)
{
    size_t filled = md5->byte_count % BLOCK_BYTES;
    md5->byte_count += bytes.size;
    if (filled > 0) {
        size_t taken = BLOCK_BYTES - filled < bytes.size ? BLOCK_BYTES - filled : bytes.size;
        memcpy(md5->block + filled, bytes.data, taken);
        bytes = slice_from(bytes, taken);
        if (filled + taken < BLOCK_BYTES)
            return;
        add_block(md5, md5->block);
    }
    for (; bytes.size >= BLOCK_BYTES; bytes = slice_from(bytes, BLOCK_BYTES))
        add_block(md5, (const unsigned char *)bytes.data);
    if (bytes.size > 0)
        memcpy(md5->block, bytes.data, bytes.size);
}

void md5_finish(struct md5 *md5, char sum[MD5_BYTES])
{
    static const unsigned char padding[BLOCK_BYTES] = {0x80};
    uint64_t bit_count = md5->byte_count * 8;
    size_t filled = md5->byte_count % BLOCK_BYTES;
    size_t padded = (filled < LENGTH_OFFSET ? LENGTH_OFFSET : LENGTH_OFFSET + BLOCK_BYTES) - filled;
    char length[8];
    for (unsigned i = 0; i < sizeof length; i++)
        length[i] = (char)(bit_count >> (8 * i));
    md5_add(md5, slice_of(padding, padded));
    md5_add(md5, slice_of(length, sizeof length));
    for (unsigned i = 0; i < MD5_BYTES; i++)
        sum[i] = (char)(md5->state[i / 4] >> (8 * (i % 4)));
}
