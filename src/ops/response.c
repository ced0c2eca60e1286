#include "ops/response.h"

static void write_units(struct json_writer *out, int64_t half_units)
{
    json_write_name(out, SLICE("CapacityUnits"));
    json_write_halves(out, half_units);
}

bool response_wants_capacity(enum capacity_detail detail)
{
    return detail == CAPACITY_INDEXES || detail == CAPACITY_TOTAL;
}

void response_capacity_of_table(struct json_writer *out, const struct table_name *table_name,
                                enum capacity_detail detail, int64_t half_units)
{
    json_write_object_begin(out);
    json_write_name(out, SLICE("TableName"));
    json_write_string(out, table_name->given);
    write_units(out, half_units);
    if (detail == CAPACITY_INDEXES) {
        json_write_name(out, SLICE("Table"));
        json_write_object_begin(out);
        write_units(out, half_units);
        json_write_object_end(out);
    }
    json_write_object_end(out);
}

void response_capacity(struct json_writer *out, const struct table_name *table_name,
                       enum capacity_detail detail, int64_t half_units)
{
    if (!response_wants_capacity(detail))
        return;
    json_write_name(out, SLICE("ConsumedCapacity"));
    response_capacity_of_table(out, table_name, detail, half_units);
}

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
