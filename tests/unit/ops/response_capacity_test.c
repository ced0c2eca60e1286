/* What replies say of collections: whole gigabytes below and above. */
#include "ops/response.h"

#include "tests/test.h"

TEST(the_size_of_a_collection_is_told_as_the_gigabytes_it_lies_between)
{
    static const struct {
        int64_t bytes;
        const char *range;
    } cases[] = {
        {0, "[0.0,1.0]"},
        {7, "[0.0,1.0]"},
        {(1 << 30) - 1, "[0.0,1.0]"},
        {1 << 30, "[1.0,2.0]"},
        {INT64_C(10) << 30, "[10.0,11.0]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        SCOPED_ARENA(arena);
        slice name = SLICE("pk");
        slice value = value_make_string(&arena, SLICE("a"));
        slice key = item_make(&arena, &name, &value, 1);
        struct table table = {.keys = {.hash = {SLICE("pk"), VALUE_S}}};
        struct json_writer out;
        json_writer_init(&out, &arena);

        response_collection(&out, &table, key, cases[i].bytes);

        CHECK_SLICE(json_writer_text(&out),
                    arena_format(&arena,
                                 "{\"ItemCollectionKey\":{\"pk\":{\"S\":\"a\"}},"
                                 "\"SizeEstimateRangeGB\":%s}",
                                 cases[i].range));
    }
}
