/*
 * What the service says when JSON of another type stands where a member should.
 * Source: error texts captured from the service.
 */
#include "base/assert.h"
#include "ops/decode_private.h"

static const char *number_name(struct json_reader ahead)
{
    slice spelling = json_read_number(&ahead);
    for (size_t i = 0; i < spelling.size; i++) {
        char c = spelling.data[i];
        if (c == '.' || c == 'e' || c == 'E')
            return "DECIMAL_VALUE";
    }
    return "NUMBER_VALUE";
}

static const char *token_name(struct json_reader *reader)
{
    switch (json_peek(reader)) {
    case JSON_TRUE:
        return "TRUE_VALUE";
    case JSON_FALSE:
        return "FALSE_VALUE";
    case JSON_STRING:
        return "STRING_VALUE";
    case JSON_NUMBER:
        return number_name(*reader);
    default:
        unreachable("nulls are skipped before; arrays and objects have texts of their own");
    }
}

error mistyped_scalar(struct json_reader *reader, const char *wanted)
{
    switch (json_peek(reader)) {
    case JSON_ARRAY:
        return fail(reader->arena, ERROR_SERIALIZATION,
                    "Unrecognized collection type class java.lang.%s", wanted);
    case JSON_OBJECT:
        return FAILURE(ERROR_SERIALIZATION, "Start of structure or map found where not expected");
    default:
        return fail(reader->arena, ERROR_SERIALIZATION, "%s cannot be converted to %s",
                    token_name(reader), wanted);
    }
}

error mistyped_structure(struct json_reader *reader, const struct structure *structure,
                         bool is_element)
{
    if (json_peek(reader) == JSON_ARRAY)
        return fail(reader->arena, ERROR_SERIALIZATION,
                    "Unrecognized collection type class " SHAPES "%.*s",
                    SLICE_ARGS(structure->shape));
    if (is_element)
        return FAILURE(ERROR_SERIALIZATION, "Unexpected value type in payload");
    return FAILURE(ERROR_SERIALIZATION, "Unexpected field type");
}

error mistyped_map(struct json_reader *reader, slice value_class)
{
    if (json_peek(reader) == JSON_ARRAY)
        return fail(reader->arena, ERROR_SERIALIZATION,
                    "Unrecognized collection type java.util.Map<java.lang.String, %.*s>",
                    SLICE_ARGS(value_class));
    return FAILURE(ERROR_SERIALIZATION, "Unexpected field type");
}

/* An element that is a list or a map itself gets the words of a cast that failed. */
#define PARAMETERIZED "sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl"

error mistyped_list(struct json_reader *reader, bool is_element)
{
    if (json_peek(reader) == JSON_OBJECT)
        return FAILURE(ERROR_SERIALIZATION, "Start of structure or map found where not expected");
    if (is_element)
        return FAILURE(ERROR_SERIALIZATION,
                       "class " PARAMETERIZED
                       " cannot be cast to class java.lang.Class (" PARAMETERIZED
                       " and java.lang.Class are in module java.base of loader 'bootstrap')");
    return FAILURE(ERROR_SERIALIZATION, "Unexpected field type");
}
