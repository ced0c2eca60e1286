#include "exchange/md5.h"
#include "tests/test.h"
#include <stdio.h>

static slice hex_of(struct arena *arena, const char sum[MD5_BYTES])
{
    char *hex = arena_alloc_bytes(arena, 2 * MD5_BYTES + 1);
    for (unsigned i = 0; i < MD5_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", (unsigned)(unsigned char)sum[i]);
    return slice_of(hex, 2 * MD5_BYTES);
}

/* Source: RFC 1321, appendix A.5. */
static const struct {
    slice text;
    slice sum;
} known[] = {
    {SLICE(""), SLICE("d41d8cd98f00b204e9800998ecf8427e")},
    {SLICE("a"), SLICE("0cc175b9c0f1b6a831c399e269772661")},
    {SLICE("message digest"), SLICE("f96b697d7cb7938d525a2f31aaf161d0")},
    {SLICE("abcdefghijklmnopqrstuvwxyz"), SLICE("c3fcd3d76192e4007dfb496cca67e13b")},
    {SLICE("12345678901234567890123456789012345678901234567890123456789012345678901234567890"),
     SLICE("57edf4a22be3c955ac49da2e2107b67a")},
};

TEST(sums_are_those_of_the_standard)
{
    SCOPED_ARENA(arena);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct md5 md5;
        char sum[MD5_BYTES];
        md5_init(&md5);
        md5_add(&md5, known[i].text);
        md5_finish(&md5, sum);
        CHECK_SLICE(hex_of(&arena, sum), known[i].sum);
    }
}

TEST(a_sum_does_not_depend_on_how_bytes_come)
{
    enum { BYTES = 300 };
    char bytes[BYTES], whole[MD5_BYTES], parts[MD5_BYTES];
    for (unsigned i = 0; i < BYTES; i++)
        bytes[i] = (char)(i * 7);
    for (size_t size = 0; size <= BYTES; size++) {
        for (size_t step = 1; step < 130; step += 43) {
            struct md5 md5;
            md5_init(&md5);
            md5_add(&md5, slice_of(bytes, size));
            md5_finish(&md5, whole);
            md5_init(&md5);
            for (size_t at = 0; at < size; at += step)
                md5_add(&md5, slice_of(bytes + at, size - at < step ? size - at : step));
            md5_finish(&md5, parts);
            CHECK(memcmp(whole, parts, MD5_BYTES) == 0);
        }
    }
}
