#include "ops/response.h"

void response_item(struct json_writer *out, slice name, slice item)
{
    if (!item_exists(item))
        return;
    json_write_name(out, name);
    item_write_json(out, item);
}

void response_items(struct json_writer *out, const slice *items, uint32_t count,
                    const struct projection *projection, struct arena *arena)
{
    json_write_name(out, SLICE("Items"));
    json_write_array_begin(out);
    for (uint32_t i = 0; i < count; i++)
        item_write_json(out, projection_apply(projection, items[i], arena));
    json_write_array_end(out);
}

/* ---- errors ---- */

error response_enveloped(struct arena *arena, error invalid)
{
    slice envelope = SLICE("1 validation error detected: ");
    bool is_bare = invalid && invalid->kind == ERROR_VALIDATION &&
                   !slice_begins_with(invalid->message, envelope);
    if (!is_bare)
        return invalid;
    return fail(arena, ERROR_VALIDATION, "%.*s%.*s", SLICE_ARGS(envelope),
                SLICE_ARGS(invalid->message));
}

error response_in_layer(struct arena *arena, enum value_layer layer, error invalid)
{
    return layer == VALUE_LAYER_CURRENT ? response_enveloped(arena, invalid) : invalid;
}

error response_condition_failed(struct arena *arena, enum failure_values values, slice old_item)
{
    struct failure *failure = arena_new(arena, struct failure);
    failure->kind = ERROR_CONDITIONAL_CHECK_FAILED;
    failure->message = SLICE("The conditional request failed");
    if (values == FAILURE_VALUES_ALL_OLD && item_exists(old_item)) {
        struct json_writer members;
        json_writer_init(&members, arena);
        response_item(&members, SLICE("Item"), old_item);
        failure->members = json_writer_text(&members);
    }
    return failure;
}
