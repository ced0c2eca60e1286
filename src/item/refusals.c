#include "item/refusals.h"

#include "base/assert.h"

#define VALUE_CLASS "com.amazonaws.dynamodb.v20120810.AttributeValue"
#define EACH_SCALAR(text)                                                                          \
    [JSON_TRUE] = (text), [JSON_FALSE] = (text), [JSON_NUMBER] = (text), [JSON_STRING] = (text)
#define NOT_BASE64 "only base-64-encoded strings are convertible to bytes"
#define UNEXPECTED_OBJECT "Start of structure or map found where not expected"
#define UNEXPECTED_ARRAY(class) "Unrecognized collection type " class
#define UNEXPECTED_FOR_VALUE UNEXPECTED_ARRAY("class " VALUE_CLASS)
#define UNEXPECTED_FOR_MAP UNEXPECTED_ARRAY("java.util.Map<java.lang.String, " VALUE_CLASS ">")

static const char *const mistyped[WIRE_TYPE_COUNT][JSON_OBJECT + 1] = {
    [WIRE_STRING] = {[JSON_TRUE] = "TRUE_VALUE cannot be converted to String",
                     [JSON_FALSE] = "FALSE_VALUE cannot be converted to String",
                     [JSON_NUMBER] = "NUMBER_VALUE cannot be converted to String",
                     [JSON_ARRAY] = UNEXPECTED_ARRAY("class java.lang.String"),
                     [JSON_OBJECT] = UNEXPECTED_OBJECT},
    [WIRE_BOOLEAN] = {[JSON_NUMBER] = "NUMBER_VALUE cannot be converted to Boolean",
                      [JSON_STRING] = "Unexpected token received from parser",
                      [JSON_ARRAY] = UNEXPECTED_ARRAY("class java.lang.Boolean"),
                      [JSON_OBJECT] = UNEXPECTED_OBJECT},
    [WIRE_BYTES] = {[JSON_TRUE] = NOT_BASE64,
                    [JSON_FALSE] = NOT_BASE64,
                    [JSON_NUMBER] = NOT_BASE64,
                    [JSON_ARRAY] = UNEXPECTED_ARRAY("class java.nio.ByteBuffer"),
                    [JSON_OBJECT] = UNEXPECTED_OBJECT},
    [WIRE_LIST] = {EACH_SCALAR("Unexpected field type"), [JSON_OBJECT] = UNEXPECTED_OBJECT},
    [WIRE_MAP] = {[JSON_ARRAY] = UNEXPECTED_FOR_MAP, EACH_SCALAR("Unexpected field type")},
    [WIRE_VALUE] = {[JSON_ARRAY] = UNEXPECTED_FOR_VALUE,
                    EACH_SCALAR("Unexpected value type in payload")},
};

/* With a point or an exponent a number goes by another name, before the same words. */
static bool is_decimal(slice number)
{
    return memchr(number.data, '.', number.size) || memchr(number.data, 'e', number.size) ||
           memchr(number.data, 'E', number.size);
}

error wire_mistyped(struct arena *arena, struct json_reader *reader, enum wire_type expected)
{
    enum json_kind kind = json_peek(reader);
    const char *text = mistyped[expected][kind];
    assert_that(text);
    if (kind == JSON_NUMBER && (expected == WIRE_STRING || expected == WIRE_BOOLEAN) &&
        is_decimal(json_read_number(reader)))
        return fail(arena, ERROR_SERIALIZATION, "DECIMAL_VALUE%s", text + strlen("NUMBER_VALUE"));
    return fail(arena, ERROR_SERIALIZATION, "%s", text);
}

#define PARAMETER "One or more parameter values were invalid: "
#define ONE_DATATYPE ", must contain exactly one of the supported datatypes"

/* The detail stands between the two. */
static const struct {
    const char *before;
    const char *behind;
    bool stays_older; /* under VALUE_LAYER_OLDER_SETS */
    int rank;         /* see refusal_outranks; 0: whatever was met first */
} refusals[REFUSAL_COUNT] = {
    [REFUSAL_NOT_NUMERIC] = {"The parameter cannot be converted to a numeric value: ", ""},
    [REFUSAL_EMPTY_NUMBER_OLDER] = {"The parameter cannot be converted to a numeric value", ""},
    [REFUSAL_NUMBER_OVERFLOW] = {"Number overflow. Attempting to store a number with magnitude "
                                 "larger than supported range",
                                 ""},
    [REFUSAL_NUMBER_UNDERFLOW] = {"Number underflow. Attempting to store a number with magnitude "
                                  "smaller than supported range",
                                  ""},
    [REFUSAL_NUMBER_TOO_PRECISE] = {"Attempting to store more than 38 significant digits in a "
                                    "Number",
                                    ""},
    [REFUSAL_DUPLICATES_SS] = {PARAMETER "Input collection [", "] contains duplicates.", true},
    [REFUSAL_DUPLICATES_BS] = {PARAMETER "Input collection [", "]of type BS contains duplicates."},
    [REFUSAL_DUPLICATES_NS] = {PARAMETER "Input collection contains duplicates.", ""},
    [REFUSAL_DUPLICATES_NS_OLDER] = {"Input collection contains duplicates", ""},
    [REFUSAL_EMPTY_SS] = {PARAMETER "An string set  may not be empty", "", true},
    [REFUSAL_EMPTY_NS] = {PARAMETER "An number set  may not be empty", "", true},
    [REFUSAL_EMPTY_BS] = {PARAMETER "Binary sets should not be empty", ""},
    [REFUSAL_NULL_STRING] = {PARAMETER "An string set may not have a null string as a member", ""},
    [REFUSAL_NULL_MEMBER] = {PARAMETER "A set may not have a null member", ""},
    [REFUSAL_NULL_FALSE] = {PARAMETER "Null attribute value types must have the value of true", "",
                            true},
    [REFUSAL_NO_TYPE] = {"Supplied AttributeValue is empty" ONE_DATATYPE, ""},
    [REFUSAL_SEVERAL_TYPES] =
        {"Supplied AttributeValue has more than one datatypes set" ONE_DATATYPE, ""},
    [REFUSAL_TOO_DEEP] = {"Nesting Levels have exceeded supported limits: Attributes in the item "
                          "have nested levels beyond supported limit",
                          "", .rank = 2},
    [REFUSAL_NAME_EMPTY] = {"Empty attribute name", "", .rank = 3},
    [REFUSAL_MAP_KEY_EMPTY] = {"Empty attribute name", "", .rank = 1},
    [REFUSAL_NAME_TOO_LARGE] = {"Attribute name is too large, must be less than 65536 bytes", ""},
};

enum value_layer refusal_layer(enum value_layer layer, enum refusal refusal)
{
    assert_that(refusal < REFUSAL_COUNT);
    if (layer != VALUE_LAYER_OLDER_SETS)
        return layer;
    return refusals[refusal].stays_older ? VALUE_LAYER_OLDER : VALUE_LAYER_CURRENT;
}

bool refusal_outranks(enum refusal later, enum refusal earlier)
{
    return refusals[earlier].rank > 0 && refusals[later].rank > refusals[earlier].rank;
}

error refusal_make(struct arena *arena, enum value_layer layer, enum refusal refusal, slice detail)
{
    return fail(
        arena, ERROR_VALIDATION, "%s%s%.*s%s",
        refusal_layer(layer, refusal) == VALUE_LAYER_CURRENT ? "1 validation error detected: " : "",
        refusals[refusal].before, SLICE_ARGS(detail), refusals[refusal].behind);
}
