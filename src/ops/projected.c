#include "ops/projected.h"

#include "ops/parameters.h"

error projected_check_mixed(struct arena *arena, const struct projected *const *projected,
                            uint32_t count)
{
    struct parameter older = {SLICE("AttributesToGet"), false};
    struct parameter expression = {SLICE("ProjectionExpression"), false};
    for (uint32_t i = 0; i < count; i++) {
        older.given |= projected[i]->attributes_to_get.present;
        expression.given |= is_given(projected[i]->expression);
    }
    return parameters_check_mixed(arena, &older, 1, &expression, 1);
}

error projected_check_unwanted(struct arena *arena, const struct projected *projected)
{
    if (is_given(projected->expression))
        return NULL;
    return placeholders_check_unwanted(arena, &projected->placeholders,
                                       SLICE("ProjectionExpression is null"),
                                       VALUE_LAYER_CURRENT_BARE);
}

error projected_parse(struct arena *arena, const struct projected *projected,
                      const struct projection **projection)
{
    struct placeholders placeholders = projected->placeholders;
    *projection = NULL;
    TRY(projected_check_unwanted(arena, projected));
    if (projected->attributes_to_get.present)
        TRY(projection_of_names(arena, projected->attributes_to_get.elements,
                                projected->attributes_to_get.count, projection));
    if (!is_given(projected->expression))
        return NULL;
    TRY(placeholders_check(arena, &placeholders, VALUE_LAYER_CURRENT_BARE));
    TRY(projection_parse(arena, projected->expression, &placeholders, projection));
    return placeholders_check_used(arena, &placeholders);
}
