#include "tests/test.h"
#include "json/reader.h"
#include "json/writer.h"

#include "base/random.h"

TEST(commas_stand_between_members_and_nowhere_else)
{
    SCOPED_ARENA(arena);
    struct json_writer writer;
    json_writer_init(&writer, &arena);

    json_write_object_begin(&writer);
    json_write_name(&writer, SLICE("a"));
    json_write_array_begin(&writer);
    json_write_integer(&writer, 1);
    json_write_null(&writer);
    json_write_array_begin(&writer);
    json_write_array_end(&writer);
    json_write_object_begin(&writer);
    json_write_object_end(&writer);
    json_write_bool(&writer, true);
    json_write_array_end(&writer);
    json_write_name(&writer, SLICE("b"));
    json_write_string(&writer, SLICE("x"));
    json_write_name(&writer, SLICE("c"));
    json_write_base64(&writer, SLICE("\xFF"));
    json_write_name(&writer, SLICE("d"));
    json_write_raw(&writer, SLICE("{\"e\":1}"));
    json_write_name(&writer, SLICE("f"));
    json_write_bool(&writer, false);
    json_write_object_end(&writer);

    CHECK_SLICE(json_writer_text(&writer),
                SLICE("{\"a\":[1,null,[],{},true],\"b\":\"x\",\"c\":\"/w==\",\"d\":{\"e\":1},"
                      "\"f\":false}"));
}

TEST(strings_are_escaped_only_where_they_must_be)
{
    static const struct {
        slice text;
        slice written;
    } cases[] = {
        {SLICE(""), SLICE("\"\"")},
        {SLICE("plain, and longer than sixteen bytes"),
         SLICE("\"plain, and longer than sixteen bytes\"")},
        {SLICE("\"\\/"), SLICE("\"\\\"\\\\/\"")},
        {SLICE("\b\t\n\f\r"), SLICE("\"\\b\\t\\n\\f\\r\"")},
        {SLICE("\0\x01\x0B\x1F"), SLICE("\"\\u0000\\u0001\\u000b\\u001f\"")},
        {SLICE("\x7F\xC3\xA9\xF0\x9D\x84\x9E"), SLICE("\"\x7F\xC3\xA9\xF0\x9D\x84\x9E\"")},
        {SLICE("sixteen bytes or more, then\n"), SLICE("\"sixteen bytes or more, then\\n\"")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        SCOPED_ARENA(arena);
        struct json_writer writer;
        json_writer_init(&writer, &arena);
        json_write_string(&writer, cases[i].text);
        CHECK_SLICE(json_writer_text(&writer), cases[i].written);
    }
}

TEST(numbers_are_written_as_the_service_writes_them)
{
    SCOPED_ARENA(arena);
    struct json_writer writer;
    json_writer_init(&writer, &arena);

    json_write_array_begin(&writer);
    json_write_integer(&writer, 0);
    json_write_integer(&writer, -17);
    json_write_integer(&writer, INT64_MAX);
    json_write_integer(&writer, INT64_MIN);
    json_write_halves(&writer, 0);
    json_write_halves(&writer, 1);
    json_write_halves(&writer, 2);
    json_write_halves(&writer, 5);
    json_write_halves(&writer, INT64_MAX);
    json_write_timestamp(&writer, 1700000000123);
    json_write_timestamp(&writer, 1700000000007);
    json_write_timestamp(&writer, 0);
    json_write_array_end(&writer);

    CHECK_SLICE(json_writer_text(&writer),
                SLICE("[0,-17,9223372036854775807,-9223372036854775808,0.0,0.5,1.0,2.5,"
                      "4611686018427387903.5,1700000000.123,1700000000.007,0.000]"));
}

TEST(what_is_written_is_json_and_reads_back_the_same)
{
    struct random random;
    random_init(&random, test_seed());
    for (int round = 0; round < 2000; round++) {
        SCOPED_ARENA(arena);
        size_t size = random_below(&random, 100);
        char *text = arena_alloc_bytes(&arena, size);
        for (size_t i = 0; i < size; i++)
            text[i] = (char)random_below(&random, random_below(&random, 8) == 0 ? 0x20 : 0x80);
        struct json_writer writer;
        json_writer_init(&writer, &arena);

        json_write_string(&writer, slice_of(text, size));

        slice written = json_writer_text(&writer);
        CHECK(json_check(written));
        struct json_reader reader;
        json_reader_init(&reader, &arena, written);
        CHECK_SLICE(json_read_string(&reader), slice_of(text, size));
    }
}
