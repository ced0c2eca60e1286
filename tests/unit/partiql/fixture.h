/* What the tests of PartiQL share: statements from their text, values and items as wire JSON. */
#pragma once
#include "partiql/statement.h"
#include "tests/unit/expr/fixture.h"

/* Parameters are [{"S": "a"}, …]; NULL: none. */
static inline error parse_with(struct arena *arena, slice text, const char *parameters,
                               const struct statement **statement)
{
    struct value_input inputs[100];
    uint32_t count = 0;
    struct json_reader reader = reader_of(arena, slice_of_string(parameters ? parameters : "[]"));
    json_array_begin(&reader);
    while (json_array_next(&reader))
        CHECK_OK(value_read_json(&reader, arena, VALUE_LAYER_OLDER, &inputs[count++]));
    return statement_parse(arena, text, inputs, count, statement);
}

static inline const struct statement *parsed(struct arena *arena, const char *text)
{
    const struct statement *statement = NULL;
    CHECK_OK(parse_with(arena, slice_of_string(text), NULL, &statement));
    assert_that(statement);
    return statement;
}
