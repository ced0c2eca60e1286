#include "base/digest.h"

#include "tests/test.h"

static struct digest of_parts(const char *first, const char *second)
{
    struct digest digest = {0};
    digest_add(&digest, slice_of_string(first));
    digest_add(&digest, slice_of_string(second));
    return digest;
}

TEST(a_digest_tells_parts_by_their_bytes_their_order_and_where_they_end)
{
    struct digest wanted = of_parts("ab", "c");
    CHECK(digest_equal(wanted, of_parts("ab", "c")));
    static const char *const others[][2] = {
        {"a", "bc"}, {"c", "ab"}, {"abc", ""}, {"", "abc"}, {"ab", "d"}, {"ab", ""},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        CHECK(!digest_equal(wanted, of_parts(others[i][0], others[i][1])));
}

TEST(the_members_of_a_set_have_no_order)
{
    struct digest forward = {0};
    struct digest backward = {0};
    struct digest half = {0};
    digest_add_unordered(&forward, digest_of(SLICE("a")));
    digest_add_unordered(&forward, digest_of(SLICE("b")));
    digest_add_unordered(&backward, digest_of(SLICE("b")));
    digest_add_unordered(&backward, digest_of(SLICE("a")));
    digest_add_unordered(&half, digest_of(SLICE("a")));
    CHECK(digest_equal(forward, backward));
    CHECK(!digest_equal(forward, half));
}
