#include "ops/parameters.h"

#include "base/buffer.h"

static slice list_given(struct arena *arena, const struct parameter *parameters, uint32_t count)
{
    struct buffer names;
    buffer_init(&names, arena);
    for (uint32_t i = 0; i < count; i++) {
        if (!parameters[i].given)
            continue;
        if (names.size > 0)
            buffer_append(&names, SLICE(", "));
        buffer_append(&names, parameters[i].name);
    }
    return buffer_slice(&names);
}

error parameters_check_mixed(struct arena *arena, const struct parameter *older,
                             uint32_t older_count, const struct parameter *expressions,
                             uint32_t expression_count)
{
    slice older_given = list_given(arena, older, older_count);
    if (older_given.size == 0)
        return NULL;
    slice expressions_given = list_given(arena, expressions, expression_count);
    if (expressions_given.size == 0)
        return NULL;
    return fail(arena, ERROR_VALIDATION,
                "Can not use both expression and non-expression parameters in the same request: "
                "Non-expression parameters: {%.*s} Expression parameters: {%.*s}",
                SLICE_ARGS(older_given), SLICE_ARGS(expressions_given));
}
