#include "store/rocks/crc32c.h"

#include "tests/test.h"

/* Source: RFC 3720, appendix B.4. */
TEST(crc32c_gives_the_published_values)
{
    uint8_t zeros[32] = {0};
    uint8_t rising[32];
    for (uint8_t i = 0; i < 32; i++)
        rising[i] = i;

    CHECK(crc32c(0, zeros, sizeof zeros) == 0x8a9136aa);
    CHECK(crc32c(0, rising, sizeof rising) == 0x46dd794e);
    CHECK(crc32c(0, "123456789", 9) == 0xe3069283);
    CHECK(crc32c(0, "", 0) == 0);
}

TEST(crc32c_of_parts_is_that_of_the_whole)
{
    const char text[] = "An item that was acknowledged is never lost.";
    uint32_t whole = crc32c(0, text, sizeof text);

    for (size_t cut = 0; cut <= sizeof text; cut++)
        CHECK(crc32c(crc32c(0, text, cut), text + cut, sizeof text - cut) == whole);
}
