#include "item/item_json.h"
#include "tests/test.h"
#include "tests/unit/item/random_item.h"

#include "base/limits.h"

static error read_item(struct arena *arena, slice text, enum value_layer layer,
                       struct item_input *input)
{
    CHECK(json_check(text));
    struct json_reader reader;
    json_reader_init(&reader, arena, text);
    return item_read_json(&reader, arena, layer, input);
}

/* An item that must be good, and whose stored form must pass its own check. */
static slice item_of(struct arena *arena, slice text)
{
    struct item_input input;
    CHECK_OK(read_item(arena, text, VALUE_LAYER_CURRENT, &input));
    CHECK_OK(input.invalid);
    CHECK(input.present);
    CHECK_OK(item_check(input.item));
    return input.item;
}

static slice text_of(struct arena *arena, slice item)
{
    struct json_writer writer;
    json_writer_init(&writer, arena);
    item_write_json(&writer, item);
    return json_writer_text(&writer);
}

TEST(every_type_comes_back_in_canonical_form)
{
    static const struct {
        slice wire;
        slice back;
    } cases[] = {
        {SLICE("{}"), SLICE("{}")},
        {SLICE("{\"a\":{\"S\":\"x\"}}"), SLICE("{\"a\":{\"S\":\"x\"}}")},
        {SLICE("{\"a\":{\"S\":\"\"}}"), SLICE("{\"a\":{\"S\":\"\"}}")},
        {SLICE("{\"a\":{\"S\":\"\\u20ac\\n\"}}"), SLICE("{\"a\":{\"S\":\"\xE2\x82\xAC\\n\"}}")},
        {SLICE("{\"a\":{\"N\":\"1.50e1\"}}"), SLICE("{\"a\":{\"N\":\"15\"}}")},
        {SLICE("{\"a\":{\"N\":\"-0\"}}"), SLICE("{\"a\":{\"N\":\"0\"}}")},
        {SLICE("{\"a\":{\"B\":\"AP8=\"}}"), SLICE("{\"a\":{\"B\":\"AP8=\"}}")},
        {SLICE("{\"a\":{\"B\":\"\"}}"), SLICE("{\"a\":{\"B\":\"\"}}")},
        {SLICE("{\"a\":{\"BOOL\":true}}"), SLICE("{\"a\":{\"BOOL\":true}}")},
        {SLICE("{\"a\":{\"BOOL\":false}}"), SLICE("{\"a\":{\"BOOL\":false}}")},
        {SLICE("{\"a\":{\"BOOL\":\"Yes\"}}"), SLICE("{\"a\":{\"BOOL\":true}}")},
        {SLICE("{\"a\":{\"BOOL\":\"0\"}}"), SLICE("{\"a\":{\"BOOL\":false}}")},
        {SLICE("{\"a\":{\"NULL\":true}}"), SLICE("{\"a\":{\"NULL\":true}}")},
        {SLICE("{\"a\":{\"SS\":[\"b\",\"\",\"a\",\"ab\"]}}"),
         SLICE("{\"a\":{\"SS\":[\"\",\"a\",\"ab\",\"b\"]}}")},
        {SLICE("{\"a\":{\"NS\":[\"10\",\"9\",\"-1\",\"0.5\"]}}"),
         SLICE("{\"a\":{\"NS\":[\"-1\",\"0.5\",\"9\",\"10\"]}}")},
        {SLICE("{\"a\":{\"BS\":[\"/w==\",\"AA==\",\"\"]}}"),
         SLICE("{\"a\":{\"BS\":[\"\",\"AA==\",\"/w==\"]}}")},
        {SLICE("{\"a\":{\"L\":[]}}"), SLICE("{\"a\":{\"L\":[]}}")},
        {SLICE("{\"a\":{\"L\":[{\"N\":\"2\"},{\"S\":\"1\"},{\"L\":[{\"NULL\":true}]}]}}"),
         SLICE("{\"a\":{\"L\":[{\"N\":\"2\"},{\"S\":\"1\"},{\"L\":[{\"NULL\":true}]}]}}")},
        {SLICE("{\"a\":{\"M\":{}}}"), SLICE("{\"a\":{\"M\":{}}}")},
        {SLICE("{\"a\":{\"M\":{\"z\":{\"S\":\"1\"},\"y\":{\"M\":{\"c\":{\"N\":\"1\"},"
               "\"b\":{\"N\":\"2\"}}}}}}"),
         SLICE("{\"a\":{\"M\":{\"y\":{\"M\":{\"b\":{\"N\":\"2\"},\"c\":{\"N\":\"1\"}}},"
               "\"z\":{\"S\":\"1\"}}}}")},
        /* Names by their unsigned bytes, however they were spelled. */
        {SLICE("{\"\xC3\xA9\":{\"N\":\"1\"},\"b\":{\"N\":\"2\"},\"\\u0061b\":{\"N\":\"3\"},"
               "\"a\":{\"N\":\"4\"},\"B\":{\"N\":\"5\"}}"),
         SLICE("{\"B\":{\"N\":\"5\"},\"a\":{\"N\":\"4\"},\"ab\":{\"N\":\"3\"},\"b\":{\"N\":\"2\"},"
               "\"\xC3\xA9\":{\"N\":\"1\"}}")},
        /* Unknown and null members do not count; of members with one name the last stands. */
        {SLICE("{\"a\":{\"x\":[1,{}],\"S\":\"x\",\"N\":null,\"s\":1}}"),
         SLICE("{\"a\":{\"S\":\"x\"}}")},
        {SLICE("{\"a\":{\"S\":\"x\",\"S\":\"y\"}}"), SLICE("{\"a\":{\"S\":\"y\"}}")},
        {SLICE("{\"a\":{\"S\":\"1\"},\"b\":{\"S\":\"2\"},\"a\":{\"NS\":[\"1\",\"2\"]}}"),
         SLICE("{\"a\":{\"NS\":[\"1\",\"2\"]},\"b\":{\"S\":\"2\"}}")},
        {SLICE("{\"m\":{\"M\":{\"a\":{\"L\":[{\"S\":\"1\"}]},\"a\":{\"S\":\"2\"},"
               "\"a\":{\"S\":\"3\"}}}}"),
         SLICE("{\"m\":{\"M\":{\"a\":{\"S\":\"3\"}}}}")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        SCOPED_ARENA(arena);
        slice item = item_of(&arena, cases[i].wire);
        CHECK_SLICE(text_of(&arena, item), cases[i].back);
        CHECK_SLICE(item_of(&arena, cases[i].back), item);
    }
}

TEST(null_is_an_absent_item)
{
    SCOPED_ARENA(arena);
    struct item_input input;

    CHECK_OK(read_item(&arena, SLICE("null"), VALUE_LAYER_CURRENT, &input));

    CHECK(!input.present);
    CHECK(input.invalid == NULL);
}

/* Source: error texts captured from the service. */
TEST(wrong_json_types_are_serialization_errors)
{
    static const struct {
        slice value; /* of the attribute a */
        slice message;
    } cases[] = {
        {SLICE("1"), SLICE("Unexpected value type in payload")},
        {SLICE("\"x\""), SLICE("Unexpected value type in payload")},
        {SLICE("true"), SLICE("Unexpected value type in payload")},
        {SLICE("[]"), SLICE("Unrecognized collection type class "
                            "com.amazonaws.dynamodb.v20120810.AttributeValue")},
        {SLICE("{\"S\":1}"), SLICE("NUMBER_VALUE cannot be converted to String")},
        {SLICE("{\"S\":1.5}"), SLICE("DECIMAL_VALUE cannot be converted to String")},
        {SLICE("{\"N\":1e5}"), SLICE("DECIMAL_VALUE cannot be converted to String")},
        {SLICE("{\"S\":true}"), SLICE("TRUE_VALUE cannot be converted to String")},
        {SLICE("{\"N\":false}"), SLICE("FALSE_VALUE cannot be converted to String")},
        {SLICE("{\"N\":5}"), SLICE("NUMBER_VALUE cannot be converted to String")},
        {SLICE("{\"S\":[]}"), SLICE("Unrecognized collection type class java.lang.String")},
        {SLICE("{\"N\":{}}"), SLICE("Start of structure or map found where not expected")},
        {SLICE("{\"B\":1}"), SLICE("only base-64-encoded strings are convertible to bytes")},
        {SLICE("{\"B\":true}"), SLICE("only base-64-encoded strings are convertible to bytes")},
        {SLICE("{\"B\":\"AAA\"}"),
         SLICE("Base64 encoded length is expected a multiple of 4 bytes but found: 3")},
        {SLICE("{\"B\":\"A*==\"}"), SLICE("Invalid Base64 character")},
        {SLICE("{\"B\":\"=+/=\"}"), SLICE("Invalid last non-pad Base64 character dectected")},
        {SLICE("{\"B\":\"AB==\"}"), SLICE("Invalid last non-pad Base64 character dectected")},
        {SLICE("{\"BOOL\":\"maybe\"}"), SLICE("Unexpected token received from parser")},
        {SLICE("{\"BOOL\":1}"), SLICE("NUMBER_VALUE cannot be converted to Boolean")},
        {SLICE("{\"NULL\":{}}"), SLICE("Start of structure or map found where not expected")},
        {SLICE("{\"SS\":\"a\"}"), SLICE("Unexpected field type")},
        {SLICE("{\"SS\":{}}"), SLICE("Start of structure or map found where not expected")},
        {SLICE("{\"SS\":[\"a\",1]}"), SLICE("NUMBER_VALUE cannot be converted to String")},
        {SLICE("{\"BS\":[true]}"), SLICE("only base-64-encoded strings are convertible to bytes")},
        {SLICE("{\"L\":1}"), SLICE("Unexpected field type")},
        {SLICE("{\"L\":{}}"), SLICE("Start of structure or map found where not expected")},
        {SLICE("{\"L\":[\"a\"]}"), SLICE("Unexpected value type in payload")},
        {SLICE("{\"M\":1}"), SLICE("Unexpected field type")},
        {SLICE("{\"M\":[]}"), SLICE("Unrecognized collection type java.util.Map<java.lang.String, "
                                    "com.amazonaws.dynamodb.v20120810.AttributeValue>")},
        {SLICE("{\"M\":{\"b\":1}}"), SLICE("Unexpected value type in payload")},
        /* Behind something invalid the types are still looked at. */
        {SLICE("{\"L\":[{\"N\":\"abc\"},{\"NS\":[\"x\",\"x\"]},{\"S\":1}]}"),
         SLICE("NUMBER_VALUE cannot be converted to String")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        SCOPED_ARENA(arena);
        struct item_input input;
        slice text = arena_format(&arena, "{\"a\":%.*s}", SLICE_ARGS(cases[i].value));
        CHECK_FAILS(read_item(&arena, text, VALUE_LAYER_CURRENT, &input), ERROR_SERIALIZATION,
                    cases[i].message);
    }
    SCOPED_ARENA(arena);
    struct item_input input;
    CHECK_FAILS(read_item(&arena, SLICE("[]"), VALUE_LAYER_CURRENT, &input), ERROR_SERIALIZATION,
                SLICE("Unrecognized collection type java.util.Map<java.lang.String, "
                      "com.amazonaws.dynamodb.v20120810.AttributeValue>"));
    CHECK_FAILS(read_item(&arena, SLICE("7"), VALUE_LAYER_CURRENT, &input), ERROR_SERIALIZATION,
                SLICE("Unexpected field type"));
}

#define ENVELOPE "1 validation error detected: "
#define PARAMETER "One or more parameter values were invalid: "
#define EMPTY_VALUE                                                                                \
    "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
#define SEVERAL_TYPES                                                                              \
    "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "    \
    "supported datatypes"
#define NUMBER_39_DIGITS "123456789012345678901234567890123456789"

/* Source: error texts captured from the service. */
static const struct {
    slice value;
    slice current;
    slice older; /* empty: as current */
} invalid_values[] = {
    {SLICE("{\"N\":\"abc\"}"), SLICE("The parameter cannot be converted to a numeric value: abc"),
     SLICE("")},
    {SLICE("{\"N\":\"\"}"), SLICE("The parameter cannot be converted to a numeric value: "),
     SLICE("The parameter cannot be converted to a numeric value")},
    {SLICE("{\"N\":\"1e126\"}"),
     SLICE("Number overflow. Attempting to store a number with magnitude larger than supported "
           "range"),
     SLICE("")},
    {SLICE("{\"N\":\"1e2147483647\"}"),
     SLICE("Number overflow. Attempting to store a number with magnitude larger than supported "
           "range"),
     SLICE("Number underflow. Attempting to store a number with magnitude smaller than supported "
           "range")},
    {SLICE("{\"N\":\"1e2147483648\"}"),
     SLICE("Number overflow. Attempting to store a number with magnitude larger than supported "
           "range"),
     SLICE("The parameter cannot be converted to a numeric value: 1e2147483648")},
    {SLICE("{\"N\":\"1e-131\"}"),
     SLICE("Number underflow. Attempting to store a number with magnitude smaller than supported "
           "range"),
     SLICE("")},
    {SLICE("{\"N\":\"" NUMBER_39_DIGITS "\"}"),
     SLICE("Attempting to store more than 38 significant digits in a Number"), SLICE("")},
    {SLICE("{\"SS\":[\"b\",\"a\",\"b\"]}"),
     SLICE(PARAMETER "Input collection [\"a\", \"b\", \"b\"] contains duplicates."),
     SLICE(PARAMETER "Input collection [b, a, b] contains duplicates.")},
    {SLICE("{\"SS\":[\"a\",\"b\",\"b\"]}"),
     SLICE(PARAMETER "Input collection [\"a\", \"b\", \"b\"] contains duplicates."),
     SLICE(PARAMETER "Input collection [a, b, b] contains duplicates.")},
    /* The current layer sorts what stands before the first repeat, and leaves what follows it. */
    {SLICE("{\"SS\":[\"d\",\"c\",\"d\",\"z\",\"a\",\"a\"]}"),
     SLICE(PARAMETER "Input collection [\"c\", \"d\", \"d\", \"z\", \"a\", \"a\"] contains "
                     "duplicates."),
     SLICE(PARAMETER "Input collection [d, c, d, z, a, a] contains duplicates.")},
    {SLICE("{\"BS\":[\"/w==\",\"AA==\",\"AA==\"]}"),
     SLICE(PARAMETER
           "Input collection [\"AA==\",\"/w==\",\"AA==\"]of type BS contains duplicates."),
     SLICE(PARAMETER "Input collection [/w==, AA==, AA==]of type BS contains duplicates.")},
    {SLICE("{\"BS\":[\"AA==\",\"/w==\",\"AA==\"]}"),
     SLICE(PARAMETER
           "Input collection [\"AA==\",\"/w==\",\"AA==\"]of type BS contains duplicates."),
     SLICE(PARAMETER "Input collection [AA==, /w==, AA==]of type BS contains duplicates.")},
    {SLICE("{\"NS\":[\"1\",\"2\",\"1.0\"]}"),
     SLICE(PARAMETER "Input collection contains duplicates."),
     SLICE("Input collection contains duplicates")},
    {SLICE("{\"NS\":[\"1\",\"x\",\"1\"]}"),
     SLICE("The parameter cannot be converted to a numeric value: x"), SLICE("")},
    {SLICE("{\"SS\":[]}"), SLICE(PARAMETER "An string set  may not be empty"), SLICE("")},
    {SLICE("{\"NS\":[]}"), SLICE(PARAMETER "An number set  may not be empty"), SLICE("")},
    {SLICE("{\"BS\":[]}"), SLICE(PARAMETER "Binary sets should not be empty"), SLICE("")},
    {SLICE("{\"SS\":[\"a\",null]}"),
     SLICE(PARAMETER "An string set may not have a null string as a member"), SLICE("")},
    {SLICE("{\"NS\":[\"1\",null]}"), SLICE(PARAMETER "A set may not have a null member"),
     SLICE("")},
    {SLICE("{\"NULL\":false}"),
     SLICE(PARAMETER "Null attribute value types must have the value of true"), SLICE("")},
    {SLICE("{}"), SLICE(EMPTY_VALUE), SLICE("")},
    {SLICE("null"), SLICE(EMPTY_VALUE), SLICE("")},
    {SLICE("{\"X\":\"a\"}"), SLICE(EMPTY_VALUE), SLICE("")},
    {SLICE("{\"S\":null}"), SLICE(EMPTY_VALUE), SLICE("")},
    {SLICE("{\"L\":[null]}"), SLICE(EMPTY_VALUE), SLICE("")},
    {SLICE("{\"S\":\"a\",\"N\":\"1\"}"), SLICE(SEVERAL_TYPES), SLICE("")},
    {SLICE("{\"M\":{\"\":{\"S\":\"a\"}}}"), SLICE("Empty attribute name"), SLICE("")},
    /* The first in the document. */
    {SLICE("{\"L\":[{\"NULL\":true},{\"N\":\"y\"},{\"NULL\":false},{}]}"),
     SLICE("The parameter cannot be converted to a numeric value: y"), SLICE("")},
};

TEST(invalid_values_are_kept_in_the_words_of_the_layer)
{
    for (size_t i = 0; i < sizeof invalid_values / sizeof invalid_values[0]; i++) {
        SCOPED_ARENA(arena);
        struct item_input input;
        slice current = invalid_values[i].current;
        slice older = invalid_values[i].older.size > 0 ? invalid_values[i].older : current;
        slice text = arena_format(&arena, "{\"b\":{\"S\":\"\"},\"a\":%.*s,\"a\":{\"S\":\"x\"}}",
                                  SLICE_ARGS(invalid_values[i].value));

        CHECK_OK(read_item(&arena, text, VALUE_LAYER_CURRENT, &input));
        CHECK(input.present);
        CHECK_FAILS(input.invalid, ERROR_VALIDATION,
                    arena_format(&arena, "1 validation error detected: %.*s", SLICE_ARGS(current)));
        CHECK_OK(read_item(&arena, text, VALUE_LAYER_CURRENT_BARE, &input));
        CHECK_FAILS(input.invalid, ERROR_VALIDATION, current);
        CHECK_OK(read_item(&arena, text, VALUE_LAYER_OLDER, &input));
        CHECK_FAILS(input.invalid, ERROR_VALIDATION, older);
    }
}

TEST(some_sets_and_null_may_be_worded_by_the_older_layer_alone)
{
    static const struct {
        slice value;
        slice message;
    } cases[] = {
        {SLICE("{\"N\":\"\"}"),
         SLICE(ENVELOPE "The parameter cannot be converted to a numeric value: ")},
        {SLICE("{}"), SLICE(ENVELOPE EMPTY_VALUE)},
        {SLICE("{\"SS\":[\"b\",\"a\",\"b\"]}"),
         SLICE(PARAMETER "Input collection [b, a, b] contains duplicates.")},
        {SLICE("{\"SS\":[]}"), SLICE(PARAMETER "An string set  may not be empty")},
        {SLICE("{\"NS\":[]}"), SLICE(PARAMETER "An number set  may not be empty")},
        {SLICE("{\"NS\":[\"1\",\"1\"]}"),
         SLICE(ENVELOPE PARAMETER "Input collection contains duplicates.")},
        {SLICE("{\"BS\":[\"/w==\",\"AA==\",\"/w==\"]}"),
         SLICE(ENVELOPE PARAMETER
               "Input collection [\"AA==\",\"/w==\",\"/w==\"]of type BS contains duplicates.")},
        {SLICE("{\"BS\":[]}"), SLICE(ENVELOPE PARAMETER "Binary sets should not be empty")},
        {SLICE("{\"NULL\":false}"),
         SLICE(PARAMETER "Null attribute value types must have the value of true")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        SCOPED_ARENA(arena);
        struct item_input input;
        slice text = arena_format(&arena, "{\"a\":%.*s}", SLICE_ARGS(cases[i].value));
        CHECK_OK(read_item(&arena, text, VALUE_LAYER_OLDER_SETS, &input));
        CHECK_FAILS(input.invalid, ERROR_VALIDATION, cases[i].message);
    }
}

TEST(a_value_stands_alone)
{
    SCOPED_ARENA(arena);
    struct json_reader reader;
    struct value_input input;

    json_reader_init(&reader, &arena, SLICE("{\"N\":\"12\"}"));
    CHECK_OK(value_read_json(&reader, &arena, VALUE_LAYER_CURRENT, &input));
    CHECK_OK(input.invalid);
    struct number number = value_number(input.value);
    CHECK(number.digits == 12 && number.exponent == 0 && !number.negative);

    json_reader_init(&reader, &arena, SLICE("{\"N\":\"x\"}"));
    CHECK_OK(value_read_json(&reader, &arena, VALUE_LAYER_OLDER, &input));
    CHECK_FAILS(input.invalid, ERROR_VALIDATION,
                SLICE("The parameter cannot be converted to a numeric value: x"));

    json_reader_init(&reader, &arena, SLICE("\"x\""));
    CHECK_FAILS(value_read_json(&reader, &arena, VALUE_LAYER_OLDER, &input), ERROR_SERIALIZATION,
                SLICE("Unexpected value type in payload"));
}

static slice nested_value(struct arena *arena, size_t maps, slice open, slice close)
{
    struct buffer text;
    buffer_init(&text, arena);
    for (size_t i = 0; i < maps; i++)
        buffer_append(&text, open);
    buffer_append(&text, SLICE("{\"S\":\"leaf\"}"));
    for (size_t i = 0; i < maps; i++)
        buffer_append(&text, close);
    return buffer_slice(&text);
}

static slice nested(struct arena *arena, size_t maps, slice open, slice close)
{
    return arena_format(arena, "{\"a\":%.*s,\"b\":{\"S\":\"x\"}}",
                        SLICE_ARGS(nested_value(arena, maps, open, close)));
}

/* A leaf under 31 maps is accepted, under 32 it is not: Developer Guide, quotas, item sizes and
 * capacity. */
TEST(nesting_ends_at_thirty_two_levels)
{
    static const struct {
        slice open;
        slice close;
    } kinds[] = {{SLICE("{\"M\":{\"m\":"), SLICE("}}")}, {SLICE("{\"L\":["), SLICE("]}")}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        SCOPED_ARENA(arena);
        slice value;
        slice item = item_of(&arena, nested(&arena, 31, kinds[i].open, kinds[i].close));
        CHECK(item_attribute(item, SLICE("a"), &value));
        CHECK(value_levels(value) == NESTING_LEVELS_MAX);
        CHECK(item_attribute(item, SLICE("b"), &value));

        struct item_input input;
        for (size_t maps = 32; maps <= 60; maps += 7) {
            CHECK_OK(read_item(&arena, nested(&arena, maps, kinds[i].open, kinds[i].close),
                               VALUE_LAYER_CURRENT_BARE, &input));
            CHECK_FAILS(input.invalid, ERROR_VALIDATION,
                        SLICE("Nesting Levels have exceeded supported limits: Attributes in the "
                              "item have nested levels beyond supported limit"));
        }
    }
}

TEST(names_are_told_before_depth_and_depth_before_keys_of_maps)
{
    enum { NAME, DEPTH, MAP_KEY, NUMBER };
    static const char *const told[] = {
        [NAME] = "Empty attribute name",
        [DEPTH] = "Nesting Levels have exceeded supported limits: Attributes in the item have "
                  "nested levels beyond supported limit",
        [MAP_KEY] = "Empty attribute name",
        [NUMBER] = "The parameter cannot be converted to a numeric value: y",
    };
    static const struct {
        int first;
        int second;
        int told;
    } cases[] = {
        {NAME, DEPTH, NAME},     {DEPTH, NAME, NAME},     {MAP_KEY, DEPTH, DEPTH},
        {DEPTH, MAP_KEY, DEPTH}, {NUMBER, NAME, NUMBER},  {NUMBER, DEPTH, NUMBER},
        {DEPTH, NUMBER, DEPTH},  {NAME, NUMBER, NAME},    {MAP_KEY, NUMBER, MAP_KEY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        SCOPED_ARENA(arena);
        slice deep = nested_value(&arena, 40, SLICE("{\"L\":["), SLICE("]}"));
        slice members[] = {
            [NAME] = SLICE("\"\":{\"S\":\"x\"}"),
            [DEPTH] = arena_format(&arena, "\"d\":%.*s", SLICE_ARGS(deep)),
            [MAP_KEY] = SLICE("\"m\":{\"M\":{\"\":{\"S\":\"x\"}}}"),
            [NUMBER] = SLICE("\"n\":{\"N\":\"y\"}"),
        };
        struct item_input input;
        slice text = arena_format(&arena, "{%.*s,%.*s}", SLICE_ARGS(members[cases[i].first]),
                                  SLICE_ARGS(members[cases[i].second]));
        CHECK_OK(read_item(&arena, text, VALUE_LAYER_OLDER, &input));
        CHECK_FAILS(input.invalid, ERROR_VALIDATION, slice_of_string(told[cases[i].told]));
    }
}

TEST(names_are_bounded)
{
    SCOPED_ARENA(arena);
    char *name = arena_alloc_bytes(&arena, ATTRIBUTE_NAME_BYTES_MAX + 1);
    memset(name, 'n', ATTRIBUTE_NAME_BYTES_MAX + 1);
    struct item_input input;

    slice item = item_of(
        &arena, arena_format(&arena, "{\"%.*s\":{\"S\":\"\"}}", ATTRIBUTE_NAME_BYTES_MAX, name));
    CHECK(item_charged_bytes(item) == ATTRIBUTE_NAME_BYTES_MAX);
    CHECK_OK(read_item(
        &arena, arena_format(&arena, "{\"%.*s\":{\"S\":\"\"}}", ATTRIBUTE_NAME_BYTES_MAX + 1, name),
        VALUE_LAYER_OLDER, &input));
    CHECK_FAILS(input.invalid, ERROR_VALIDATION,
                SLICE("Attribute name is too large, must be less than 65536 bytes"));
}

TEST(many_attributes_in_any_order_give_one_item)
{
    enum { COUNT = 1000 };
    SCOPED_ARENA(arena);
    slice first = SLICE_NONE;
    for (unsigned step = 1; step < 10; step += 2) { /* none divides COUNT but 1 and 5 */
        if (step == 5)
            continue;
        struct json_writer writer;
        json_writer_init(&writer, &arena);
        json_write_object_begin(&writer);
        for (unsigned i = 0; i < COUNT; i++) {
            json_write_name(&writer, arena_format(&arena, "name%u", i * step % COUNT));
            json_write_raw(&writer, SLICE("{\"S\":\"\"}"));
        }
        json_write_object_end(&writer);
        slice item = item_of(&arena, json_writer_text(&writer));
        CHECK(item_attribute_count(item) == COUNT);
        if (first.size == 0)
            first = item;
        CHECK_SLICE(item, first);
    }
}

TEST(random_items_come_back_byte_for_byte)
{
    struct random random;
    random_init(&random, test_seed());
    for (int round = 0; round < 2000; round++) {
        SCOPED_ARENA(arena);
        struct json_writer writer;
        json_writer_init(&writer, &arena);
        random_item_write(&writer, &random);

        slice item = item_of(&arena, json_writer_text(&writer));

        slice again = item_of(&arena, text_of(&arena, item));
        CHECK_SLICE(again, item);
    }
}
