#include "tests/test.h"
#include "json/reader.h"

/* Over a text that passed the check. */
static struct json_reader reader_of(struct arena *arena, slice text)
{
    CHECK(json_check(text));
    struct json_reader reader;
    json_reader_init(&reader, arena, arena_copy(arena, text));
    return reader;
}

TEST(members_come_in_order_with_duplicates)
{
    SCOPED_ARENA(arena);
    struct json_reader reader =
        reader_of(&arena, SLICE(" { \"b\" : 1 , \"a\" : [ true , null ] , \"b\" : \"x\" } "));
    slice name;

    json_object_begin(&reader);
    CHECK(json_object_next(&reader, &name));
    CHECK_SLICE(name, SLICE("b"));
    CHECK(json_peek(&reader) == JSON_NUMBER);
    CHECK_SLICE(json_read_number(&reader), SLICE("1"));
    CHECK(json_object_next(&reader, &name));
    CHECK_SLICE(name, SLICE("a"));
    CHECK(json_peek(&reader) == JSON_ARRAY);
    json_array_begin(&reader);
    CHECK(json_array_next(&reader));
    CHECK(json_peek(&reader) == JSON_TRUE);
    CHECK(json_read_bool(&reader));
    CHECK(json_array_next(&reader));
    CHECK(json_peek(&reader) == JSON_NULL);
    json_read_null(&reader);
    CHECK(!json_array_next(&reader));
    CHECK(json_object_next(&reader, &name));
    CHECK_SLICE(name, SLICE("b"));
    CHECK(json_peek(&reader) == JSON_STRING);
    CHECK_SLICE(json_read_string(&reader), SLICE("x"));
    CHECK(!json_object_next(&reader, &name));
}

TEST(empty_containers_have_no_members)
{
    SCOPED_ARENA(arena);
    struct json_reader reader = reader_of(&arena, SLICE("[{},[ ],{ }]"));
    slice name;

    json_array_begin(&reader);
    CHECK(json_array_next(&reader));
    json_object_begin(&reader);
    CHECK(!json_object_next(&reader, &name));
    CHECK(json_array_next(&reader));
    json_array_begin(&reader);
    CHECK(!json_array_next(&reader));
    CHECK(json_array_next(&reader));
    json_object_begin(&reader);
    CHECK(!json_object_next(&reader, &name));
    CHECK(!json_array_next(&reader));
}

TEST(strings_lose_their_escapes)
{
    static const struct {
        slice text;
        slice read;
    } cases[] = {
        {SLICE("\"\""), SLICE("")},
        {SLICE("\"plain, and longer than sixteen bytes\""),
         SLICE("plain, and longer than sixteen bytes")},
        {SLICE("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), SLICE("\"\\/\b\f\n\r\t")},
        {SLICE("\"\\u0000\""), SLICE("\0")},
        {SLICE("\"\\u0041\\u00e9\\u20AC\\uFFFF\""), SLICE("A\xC3\xA9\xE2\x82\xAC\xEF\xBF\xBF")},
        {SLICE("\"\\uD834\\uDD1E\\uDBFF\\uDFFF\""), SLICE("\xF0\x9D\x84\x9E\xF4\x8F\xBF\xBF")},
        {SLICE("\"\xE2\x82\xAC\\n\xE2\x82\xAC\""), SLICE("\xE2\x82\xAC\n\xE2\x82\xAC")},
        {SLICE("\"sixteen bytes or more, then \\\\\""), SLICE("sixteen bytes or more, then \\")},
        {SLICE("\"\\\\\""), SLICE("\\")},
        {SLICE("\"\\\"\""), SLICE("\"")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        SCOPED_ARENA(arena);
        struct json_reader reader = reader_of(&arena, cases[i].text);
        CHECK_SLICE(json_read_string(&reader), cases[i].read);
        CHECK(reader.next == reader.end);
    }
}

TEST(names_lose_their_escapes)
{
    SCOPED_ARENA(arena);
    struct json_reader reader = reader_of(&arena, SLICE("{\"\\u0053\":1}"));
    slice name;

    json_object_begin(&reader);
    CHECK(json_object_next(&reader, &name));
    CHECK_SLICE(name, SLICE("S"));
}

TEST(a_string_without_escapes_is_borrowed)
{
    SCOPED_ARENA(arena);
    slice text = SLICE("\"borrowed\"");
    struct json_reader reader;
    json_reader_init(&reader, &arena, text);

    CHECK(json_read_string(&reader).data == text.data + 1);
}

TEST(numbers_keep_their_spelling)
{
    SCOPED_ARENA(arena);
    struct json_reader reader = reader_of(&arena, SLICE("[-0.10e+05 ,1]"));

    json_array_begin(&reader);
    CHECK(json_array_next(&reader));
    CHECK_SLICE(json_read_number(&reader), SLICE("-0.10e+05"));
    CHECK(json_array_next(&reader));
    CHECK_SLICE(json_read_number(&reader), SLICE("1"));
}

TEST(any_value_is_skipped_whole)
{
    static const slice values[] = {
        SLICE("1"),
        SLICE("-1.5e3"),
        SLICE("true"),
        SLICE("null"),
        SLICE("\"]}\\\"\""),
        SLICE("[]"),
        SLICE("{}"),
        SLICE("[[1,{\"a\":[\"]\"]}],2]"),
        SLICE("{\"}\":{\"a\":\"{\",\"b\" : [ ] } }"),
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        SCOPED_ARENA(arena);
        slice text = arena_format(&arena, "[ %.*s , 7]", SLICE_ARGS(values[i]));
        struct json_reader reader = reader_of(&arena, text);
        json_array_begin(&reader);
        CHECK(json_array_next(&reader));
        CHECK_SLICE(json_raw(&reader), values[i]);
        CHECK(json_array_next(&reader));
        CHECK_SLICE(json_read_number(&reader), SLICE("7"));
        CHECK(!json_array_next(&reader));
    }
}
