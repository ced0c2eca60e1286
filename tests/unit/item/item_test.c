#include "item/item.h"
#include "item/item_json.h"
#include "tests/test.h"
#include "tests/unit/item/random_item.h"

#include "base/bytes.h"
#include "base/limits.h"
#include <stdlib.h>

static slice item_of(struct arena *arena, slice text)
{
    struct json_reader reader;
    json_reader_init(&reader, arena, text);
    struct item_input input;
    CHECK(json_check(text));
    CHECK_OK(item_read_json(&reader, arena, VALUE_LAYER_CURRENT, &input));
    CHECK_OK(input.invalid);
    return input.item;
}

/* On the heap without a byte to spare, so that reading past the end is noticed. */
static error check_exactly(slice bytes)
{
    char *copy = malloc(bytes.size > 0 ? bytes.size : 1);
    memcpy(copy, bytes.data, bytes.size);
    error wrong = item_check(slice_of(copy, bytes.size));
    free(copy);
    return wrong;
}

TEST(attributes_are_found_by_name)
{
    SCOPED_ARENA(arena);
    slice item = item_of(&arena, SLICE("{\"b\":{\"S\":\"2\"},\"abc\":{\"L\":[{\"S\":\"x\"}]},"
                                       "\"c\":{\"S\":\"3\"},\"a\":{\"S\":\"1\"}}"));
    slice value;

    CHECK(item_exists(item));
    CHECK(item_attribute_count(item) == 4);
    CHECK(item_attribute(item, SLICE("a"), &value));
    CHECK_SLICE(value_content(value), SLICE("1"));
    CHECK(item_attribute(item, SLICE("b"), &value));
    CHECK_SLICE(value_content(value), SLICE("2"));
    CHECK(item_attribute(item, SLICE("c"), &value));
    CHECK_SLICE(value_content(value), SLICE("3"));
    CHECK(!item_attribute(item, SLICE("ab"), &value));
    CHECK(!item_attribute(item, SLICE(""), &value));
    CHECK(!item_attribute(item, SLICE("d"), &value));
}

TEST(an_absent_item_has_nothing_and_an_empty_one_exists)
{
    SCOPED_ARENA(arena);
    slice value;
    struct item_cursor cursor;

    CHECK(!item_exists(ITEM_ABSENT));
    CHECK(!item_attribute(ITEM_ABSENT, SLICE("a"), &value));
    CHECK(item_attribute_count(ITEM_ABSENT) == 0);
    CHECK(item_charged_bytes(ITEM_ABSENT) == 0);
    item_cursor_init(&cursor, ITEM_ABSENT);
    CHECK(!item_cursor_next(&cursor, &value, &value));

    slice empty = item_make(&arena, NULL, NULL, 0);
    CHECK(item_exists(empty));
    CHECK_OK(check_exactly(empty));
    CHECK(item_attribute_count(empty) == 0);
    CHECK_SLICE(item_of(&arena, SLICE("{}")), empty);
}

/* Source: Developer Guide, quotas, item sizes and capacity; the first is the documentation's own
 * example. */
TEST(items_are_charged_as_the_service_charges_them)
{
    static const struct {
        slice text;
        size_t bytes;
    } cases[] = {
        {SLICE("{\"shirt-color\":{\"S\":\"R\"},\"shirt-size\":{\"S\":\"M\"}}"), 23},
        {SLICE("{}"), 0},
        {SLICE("{\"a\":{\"S\":\"\"}}"), 1},
        {SLICE("{\"\xC3\xA9\":{\"S\":\"\xE2\x82\xAC\"}}"), 2 + 3},
        {SLICE("{\"a\":{\"B\":\"AP8=\"}}"), 1 + 2},
        {SLICE("{\"a\":{\"BOOL\":true},\"b\":{\"NULL\":true}}"), 2 + 2},
        {SLICE("{\"a\":{\"N\":\"-42\"}}"), 1 + 3},
        {SLICE("{\"a\":{\"SS\":[\"x\",\"yz\"]}}"), 1 + 3},
        {SLICE("{\"a\":{\"NS\":[\"1\",\"100.5\"]}}"), 1 + 2 + 4},
        {SLICE("{\"a\":{\"BS\":[\"\",\"AAAA\"]}}"), 1 + 3},
        {SLICE("{\"a\":{\"L\":[]}}"), 1 + 3},
        {SLICE("{\"a\":{\"L\":[{\"S\":\"xy\"},{\"L\":[]}]}}"), 1 + 3 + 1 + 2 + 1 + 3},
        {SLICE("{\"a\":{\"M\":{}}}"), 1 + 3},
        {SLICE("{\"a\":{\"M\":{\"bc\":{\"S\":\"d\"},\"e\":{\"NULL\":true}}}}"),
         1 + 3 + 1 + 2 + 1 + 1 + 1 + 1},
        {SLICE("{\"a\":{\"S\":\"dropped\"},\"b\":{\"S\":\"\"},\"a\":{\"S\":\"x\"}}"), 3},
        {SLICE("{\"m\":{\"M\":{\"a\":{\"L\":[{\"N\":\"12\"}]},\"a\":{\"S\":\"x\"}}}}"),
         1 + 3 + 1 + 1 + 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        SCOPED_ARENA(arena);
        slice item = item_of(&arena, cases[i].text);
        CHECK(item_charged_bytes(item) == cases[i].bytes);
        CHECK_OK(check_exactly(item));
    }
}

TEST(an_item_made_of_its_attributes_is_the_same)
{
    struct random random;
    random_init(&random, test_seed());
    for (int round = 0; round < 500; round++) {
        SCOPED_ARENA(arena);
        struct json_writer writer;
        json_writer_init(&writer, &arena);
        random_item_write(&writer, &random);
        slice item = item_of(&arena, json_writer_text(&writer));

        uint32_t count = item_attribute_count(item);
        slice *names = arena_new_array(&arena, slice, count);
        slice *values = arena_new_array(&arena, slice, count);
        struct item_cursor cursor;
        item_cursor_init(&cursor, item);
        uint32_t left = count; /* last to first: item_make must sort */
        while (left > 0 && item_cursor_next(&cursor, &names[left - 1], &values[left - 1]))
            left--;
        slice name;
        slice value;
        CHECK(left == 0 && !item_cursor_next(&cursor, &name, &value));

        CHECK_SLICE(item_make(&arena, names, values, count), item);
    }
}

/* Format 1 for good: data directories hold it. docs/formats.md tells the same. */
TEST(the_stored_layout_is_what_the_documentation_says)
{
    SCOPED_ARENA(arena);
    slice item = item_of(&arena, SLICE("{\"s\":{\"S\":\"xy\"},\"n\":{\"N\":\"-12.5\"},"
                                       "\"b\":{\"BOOL\":true},\"z\":{\"NULL\":true},"
                                       "\"t\":{\"SS\":[\"q\",\"p\"]},"
                                       "\"m\":{\"M\":{\"k\":{\"B\":\"/w==\"}}},"
                                       "\"l\":{\"L\":[{\"N\":\"0\"}]}}"));

    /* clang-format off */
    CHECK_SLICE(item, SLICE("\x01" "\0\0\0\x1C" "\0\0\0\x07"
                            "\x01" "b" "\x06\x01"
                            "\x01" "l" "\x08" "\0\0\0\x07" "\0\0\0\x01" "\x01\x01\x02"
                            "\x01" "m" "\x09" "\0\0\0\x09" "\0\0\0\x01" "\x01" "k" "\x02\x01\xFF"
                            "\x01" "n" "\x01\x05" "\x01\x7C\xF2\xCC\xFF"
                            "\x01" "s" "\x00\x02" "xy"
                            "\x01" "t" "\x03" "\0\0\0\x0A" "\0\0\0\x02" "\x00\x01" "p"
                            "\x00\x01" "q"
                            "\x01" "z" "\x07"));
    /* clang-format on */
}

/* An attribute a, with a charge: the rest of the header is right. */
static slice framed(struct arena *arena, slice value, uint32_t charged_bytes)
{
    size_t size = 9 + 2 + value.size;
    char *item = arena_alloc_bytes(arena, size);
    item[0] = 1;
    bytes_put_u32(item + 1, charged_bytes);
    bytes_put_u32(item + 5, 1);
    item[9] = 1;
    item[10] = 'a';
    memcpy(item + 11, value.data, value.size);
    return slice_of(item, size);
}

TEST(bytes_that_are_no_item_are_refused_for_their_reason)
{
    static const struct {
        slice value; /* of the attribute a */
        uint32_t charged_bytes;
        slice flaw; /* empty: good */
    } cases[] = {
        {SLICE("\x00\x01x"), 2, SLICE("")},
        {SLICE("\x00\x01x"), 3, SLICE("the charged size")},
        {SLICE("\x00\x02x"), 3, SLICE("something goes past the end")},
        {SLICE("\x00\x81\x00x"), 2, SLICE("something goes past the end")},
        {SLICE("\x00\xFF\xFF\xFF\xFF\x01x"), 2, SLICE("something goes past the end")},
        {SLICE("\x00\x01x\x07"), 2, SLICE("bytes behind the last attribute")},
        {SLICE("\x00\x01\xFF"), 2, SLICE("a string is not UTF-8")},
        {SLICE("\x02\x01\xFF"), 2, SLICE("")},
        {SLICE("\x01\x01\x02"), 2, SLICE("")},
        {SLICE("\x01\x02\x02\x02"), 2, SLICE("no number")},
        {SLICE("\x01\x04\x03\x82\x0B\x00"), 3, SLICE("")},
        {SLICE("\x01\x04\x03\x82\x02\x00"), 3, SLICE("no number")},     /* 01: begins with 0 */
        {SLICE("\x01\x05\x03\x82\x0B\x01\x00"), 3, SLICE("no number")}, /* ends with 00 */
        {SLICE("\x01\x05\x03\x82\x0B\x66\x00"), 3, SLICE("no number")}, /* no pair */
        {SLICE("\x01\x03\x03\x82\x00"), 3, SLICE("no number")},
        {SLICE("\x06\x00"), 2, SLICE("")},
        {SLICE("\x06\x02"), 2, SLICE("no truth value")},
        {SLICE("\x07"), 2, SLICE("")},
        {SLICE("\x0A"), 2, SLICE("an unknown type")},
        {SLICE("\xFF"), 2, SLICE("an unknown type")},
        {SLICE(""), 2, SLICE("something goes past the end")},
        {SLICE("\x08\0\0\0\x04\0\0\0\0"), 4, SLICE("")},
        {SLICE("\x08\0\0\0\x03\0\0\0\0"), 4, SLICE("a container's size")},
        {SLICE("\x08\0\0\0\x05\0\0\0\0"), 4, SLICE("something goes past the end")},
        {SLICE("\x08\xFF\xFF\xFF\xFF\0\0\0\0"), 4, SLICE("something goes past the end")},
        {SLICE("\x08\0\0\0\x05\0\0\0\0\x07"), 4, SLICE("a container's count")},
        {SLICE("\x08\0\0\0\x05\0\0\0\x02\x07"), 6, SLICE("something goes past the end")},
        {SLICE("\x08\0\0\0\x04\xFF\xFF\xFF\xFF"), 6, SLICE("something goes past the end")},
        {SLICE("\x03\0\0\0\x04\0\0\0\0"), 1, SLICE("an empty set")},
        {SLICE("\x03\0\0\0\x0A\0\0\0\x02\x00\x01y\x00\x01z"), 3, SLICE("")},
        {SLICE("\x03\0\0\0\x0A\0\0\0\x02\x00\x01y\x00\x01y"), 3, SLICE("set members out of order")},
        {SLICE("\x03\0\0\0\x0A\0\0\0\x02\x00\x01y\x00\x01x"), 3, SLICE("set members out of order")},
        {SLICE("\x03\0\0\0\x07\0\0\0\x01\x02\x01y"), 2, SLICE("a set member's type")},
        {SLICE("\x03\0\0\0\x04\0\0\0\x01"), 2, SLICE("a set member's type")},
        {SLICE("\x09\0\0\0\x07\0\0\0\x01\x01y\x07"), 7, SLICE("")},
        {SLICE("\x09\0\0\0\x06\0\0\0\x01\x00\x07"), 7, SLICE("a name's size")},
        {SLICE("\x09\0\0\0\x07\0\0\0\x01\x01\xFF\x07"), 7, SLICE("a name is not UTF-8")},
        {SLICE("\x09\0\0\0\x0A\0\0\0\x02\x01y\x07\x01y\x07"), 10, SLICE("names out of order")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        SCOPED_ARENA(arena);
        slice item = framed(&arena, cases[i].value, cases[i].charged_bytes);
        if (cases[i].flaw.size == 0)
            CHECK_OK(check_exactly(item));
        else
            CHECK_FAILS(check_exactly(item), ERROR_CORRUPT,
                        arena_format(&arena, "stored item: %.*s", SLICE_ARGS(cases[i].flaw)));
    }
    CHECK_FAILS(check_exactly(SLICE("")), ERROR_CORRUPT, SLICE("stored item: too short"));
    CHECK_FAILS(check_exactly(SLICE("\x01\0\0\0\0\0\0\0")), ERROR_CORRUPT,
                SLICE("stored item: too short"));
    CHECK_FAILS(check_exactly(SLICE("\x02\0\0\0\0\0\0\0\0")), ERROR_CORRUPT,
                SLICE("stored item: an unknown format"));
}

TEST(stored_nesting_is_bounded)
{
    SCOPED_ARENA(arena);
    slice value = value_make_string(&arena, SLICE(""));
    for (uint32_t levels = 1; levels <= NESTING_LEVELS_MAX + 1; levels++) {
        slice name = SLICE("a");
        CHECK(value_levels(value) == levels);
        slice item = item_make(&arena, &name, &value, 1);
        if (levels <= NESTING_LEVELS_MAX)
            CHECK_OK(check_exactly(item));
        else
            CHECK_FAILS(check_exactly(item), ERROR_CORRUPT, SLICE("stored item: nested too deep"));
        value = value_make_list(&arena, &value, 1);
    }
}

/* What the check lets pass must be an item to everyone who reads it. */
static void walk(slice item)
{
    SCOPED_ARENA(arena);
    struct json_writer writer;
    json_writer_init(&writer, &arena);
    item_write_json(&writer, item);
    CHECK_SLICE(item_of(&arena, json_writer_text(&writer)), item);
}

TEST(damaged_items_are_refused_or_are_items)
{
    struct random random;
    random_init(&random, test_seed());
    for (int round = 0; round < 300; round++) {
        SCOPED_ARENA(arena);
        struct json_writer writer;
        json_writer_init(&writer, &arena);
        random_item_write(&writer, &random);
        slice item = item_of(&arena, json_writer_text(&writer));

        for (int damage = 0; damage < 60; damage++) {
            char *bytes = malloc(item.size);
            memcpy(bytes, item.data, item.size);
            for (uint64_t flips = 1 + random_below(&random, 3); flips > 0; flips--)
                bytes[random_below(&random, item.size)] ^=
                    (char)(random_below(&random, 2) ? 1 << random_below(&random, 8)
                                                    : (int)random_next(&random));
            slice damaged = slice_of(bytes, item.size);
            if (!item_check(damaged))
                walk(damaged);
            free(bytes);
            slice cut = slice_first(item, random_below(&random, item.size));
            CHECK(check_exactly(cut) != NULL);
        }
    }
}
