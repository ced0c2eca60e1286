/* Values as statements write them, seen through an item that is inserted. */
#include "tests/unit/partiql/fixture.h"

TEST(a_value_is_what_it_says)
{
    static const struct {
        const char *literal;
        const char *json;
    } cases[] = {
        {"'a'", "{\"S\":\"a\"}"},
        {"'it''s'", "{\"S\":\"it's\"}"},
        {"'-- /* text'", "{\"S\":\"-- /* text\"}"},
        {"1", "{\"N\":\"1\"}"},
        {"-1.50", "{\"N\":\"-1.5\"}"},
        {"- - 1", "{\"N\":\"1\"}"},
        {"-+-/**/-2", "{\"N\":\"-2\"}"},
        {"-0", "{\"N\":\"0\"}"},
        {"7.", "{\"N\":\"7\"}"},
        {".5e1", "{\"N\":\"5\"}"},
        {"73100000e-1", "{\"N\":\"7310000\"}"},
        {"true", "{\"BOOL\":true}"},
        {"FALSE", "{\"BOOL\":false}"},
        {"null", "{\"NULL\":true}"},
        {"[]", "{\"L\":[]}"},
        {"[1, [ 'a' ], {}]", "{\"L\":[{\"N\":\"1\"},{\"L\":[{\"S\":\"a\"}]},{\"M\":{}}]}"},
        {"{'b': 1, 'a': {'x''y': null}}",
         "{\"M\":{\"a\":{\"M\":{\"x'y\":{\"NULL\":true}}},\"b\":{\"N\":\"1\"}}}"},
        {"<<'b', 'a'>>", "{\"SS\":[\"a\",\"b\"]}"},
        {"<<2, -1.0>>", "{\"NS\":[\"-1\",\"2\"]}"},
        {"[<<1>>]", "{\"L\":[{\"NS\":[\"1\"]}]}"},
    };
    SCOPED_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        slice text = arena_format(&arena, "INSERT INTO t VALUE {'a': %s}", cases[i].literal);
        const struct statement *statement;
        CHECK_OK(parse_with(&arena, text, NULL, &statement));
        slice json = arena_format(&arena, "{\"a\":%s}", cases[i].json);
        CHECK_SLICE(json_of_item(&arena, statement->item), json);
    }
}

TEST(a_value_that_cannot_be_names_its_place)
{
    static const struct {
        const char *literal;
        const char *message;
    } cases[] = {
        {"1e126", "Number overflow. Attempting to store a number with magnitude larger than "
                  "supported range under root"},
        {"{'x': [0, -1e-131]}", "Number underflow. Attempting to store a number with magnitude "
                                "smaller than supported range under root.x[1]"},
        {"[123456789012345678901234567890123456789]",
         "Attempting to store more than 38 significant digits in a Number under root[0]"},
        {"<<1e126>>", "Number overflow. Attempting to store a number with magnitude larger than "
                      "supported range under root"},
        {"<<>>", "Empty bags are not supported"},
        {"<<true>>", "Unsupported data type in Bag. DynamoDB only supports either numbers or "
                     "strings in bags"},
        {"<<1, 'a'>>", "Unsupported data type in Bag. DynamoDB only supports either numbers or "
                       "strings in bags"},
        {"<<'b', 'a', 'b'>>",
         "One or more parameter values were invalid: Input collection [b, a, b] contains "
         "duplicates."},
        {"<<2, 2.0>>", "One or more parameter values were invalid: Input collection [2, 2.0] "
                       "contains duplicates! under root"},
        {"set_add(<<1>>)", "Unsupported data type: set_add under key root at 1:27:7"},
        {"{'k': ?}", "Unsupported data type: Parameter under key root.k at 1:33:1"},
    };
    SCOPED_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        slice text = arena_format(&arena, "INSERT INTO t VALUE {'a': %s}", cases[i].literal);
        const struct statement *statement;
        CHECK_FAILS(parse_with(&arena, text, NULL, &statement), ERROR_VALIDATION,
                    slice_of_string(cases[i].message));
    }
}

TEST(values_nest_as_deep_as_items_do)
{
    SCOPED_ARENA(arena);
    for (uint32_t levels = 30; levels < 34; levels++) {
        slice open = repeat(&arena, "[", "", levels);
        slice close = repeat(&arena, "]", "", levels);
        slice text = arena_format(&arena, "INSERT INTO t VALUE {'a': %.*s1%.*s}", SLICE_ARGS(open),
                                  SLICE_ARGS(close));
        const struct statement *statement;
        error failed = parse_with(&arena, text, NULL, &statement);
        CHECK((failed == NULL) == (levels <= 31));
    }
}

TEST(an_item_can_be_a_parameter_that_is_a_map)
{
    SCOPED_ARENA(arena);
    const struct statement *statement;
    CHECK_OK(parse_with(&arena, SLICE("INSERT INTO t VALUE ?"),
                        "[{\"M\":{\"b\":{\"S\":\"x\"},\"a\":{\"N\":\"1\"}}}]", &statement));
    CHECK_SLICE(json_of_item(&arena, statement->item),
                SLICE("{\"a\":{\"N\":\"1\"},\"b\":{\"S\":\"x\"}}"));
    CHECK(parse_with(&arena, SLICE("INSERT INTO t VALUE ?"), "[{\"S\":\"x\"}]", &statement));
}
