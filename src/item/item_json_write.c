/* Stored items as wire JSON. Recursion is bounded by the levels a stored value can have. */
#include "item/item_json.h"
#include "item/layout.h"

static const slice openings[VALUE_TYPE_COUNT] = {
    [VALUE_S] = SLICE("{\"S\":"),       [VALUE_N] = SLICE("{\"N\":"),
    [VALUE_B] = SLICE("{\"B\":"),       [VALUE_SS] = SLICE("{\"SS\":"),
    [VALUE_NS] = SLICE("{\"NS\":"),     [VALUE_BS] = SLICE("{\"BS\":"),
    [VALUE_BOOL] = SLICE("{\"BOOL\":"), [VALUE_NULL] = SLICE("{\"NULL\":"),
    [VALUE_L] = SLICE("{\"L\":"),       [VALUE_M] = SLICE("{\"M\":"),
};

/* A value of S, N or B without its type: also a member of a set. */
static void write_scalar(struct json_writer *writer, slice value)
{
    char text[NUMBER_TEXT_BYTES_MAX + 2];
    switch (value_type_of(value)) {
    case VALUE_S:
        json_write_string(writer, value_content(value));
        break;
    case VALUE_N:
        text[0] = '"';
        size_t size = 1 + number_ordered_format(value_number_ordered(value), text + 1);
        text[size++] = '"';
        json_write_raw(writer, slice_of(text, size));
        break;
    case VALUE_B:
        json_write_base64(writer, value_content(value));
        break;
    default:
        unreachable("no scalar");
    }
}

static void write_members(struct json_writer *writer, slice container)
{
    struct value_cursor cursor;
    value_cursor_init(&cursor, NULL, container);
    bool is_set = type_is_set(cursor.type);
    slice name;
    slice value;
    if (cursor.type == VALUE_M) {
        json_write_object_begin(writer);
        while (value_cursor_next(&cursor, &name, &value)) {
            json_write_name(writer, name);
            value_write_json(writer, value);
        }
        json_write_object_end(writer);
        return;
    }
    json_write_array_begin(writer);
    while (value_cursor_next(&cursor, NULL, &value)) {
        if (is_set)
            write_scalar(writer, value);
        else
            value_write_json(writer, value);
    }
    json_write_array_end(writer);
}

void value_write_json(struct json_writer *writer, slice value)
{
    enum value_type type = value_type_of(value);
    json_write_raw_opening(writer, openings[type]);
    if (type == VALUE_BOOL)
        json_write_bool(writer, value_bool(value));
    else if (type == VALUE_NULL)
        json_write_bool(writer, true);
    else if (type_is_container(type))
        write_members(writer, value);
    else
        write_scalar(writer, value);
    json_write_object_end(writer);
}

void item_write_json(struct json_writer *writer, slice item)
{
    struct item_cursor cursor;
    item_cursor_init(&cursor, item);
    slice name;
    slice value;
    json_write_object_begin(writer);
    while (item_cursor_next(&cursor, &name, &value)) {
        json_write_name(writer, name);
        value_write_json(writer, value);
    }
    json_write_object_end(writer);
}
