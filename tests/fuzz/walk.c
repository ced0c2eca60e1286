#include "tests/fuzz/walk.h"

#include "base/assert.h"
#include "base/limits.h"
#include "item/item_json.h"
#include "json/utf8.h"

static void walk_value(struct arena *arena, slice value)
{
    enum value_type type = value_type_of(value);
    assert_that(value_type_name(type).size > 0);
    assert_that(value_levels(value) <= NESTING_LEVELS_MAX);
    assert_that(value_charged_bytes(value) <= ITEM_BYTES_MAX + value.size);
    if (type == VALUE_S)
        assert_that(utf8_check(value_content(value)));
    if (type == VALUE_N) {
        struct number number = value_number(value);
        assert_that(value_equal(value_make_number(arena, &number), value));
    }
    if (type == VALUE_BOOL)
        value_bool(value);
    if (type < VALUE_SS || type == VALUE_BOOL || type == VALUE_NULL)
        return;
    struct value_cursor cursor;
    value_cursor_init(&cursor, arena, value);
    slice name, member;
    uint32_t count = 0;
    for (; value_cursor_next(&cursor, &name, &member); count++) {
        slice found;
        walk_value(arena, member);
        if (type == VALUE_M)
            assert_that(value_member(value, name, &found) && value_equal(found, member));
        else if (type == VALUE_L)
            assert_that(value_element(value, count, &found) && value_equal(found, member));
        else
            assert_that(value_set_contains(value, member));
    }
    assert_that(count == value_count(value));
}

void walk_item(struct arena *arena, slice item)
{
    struct item_cursor cursor;
    item_cursor_init(&cursor, item);
    slice name, value, found;
    uint32_t count = 0;
    for (; item_cursor_next(&cursor, &name, &value); count++) {
        assert_that(item_attribute(item, name, &found) && value_equal(found, value));
        walk_value(arena, value);
    }
    assert_that(count == item_attribute_count(item));
    assert_that(count == 0 || item_charged_bytes(item) > 0);

    /* Wire JSON and back gives the same bytes. */
    struct json_writer writer;
    json_writer_init(&writer, arena);
    item_write_json(&writer, item);
    slice json = json_writer_text(&writer);
    assert_that(json_check(json));
    struct json_reader reader;
    json_reader_init(&reader, arena, json);
    struct item_input again;
    error failed = item_read_json(&reader, arena, VALUE_LAYER_CURRENT, &again);
    assert_that(!failed);
    assert_that(again.present);
    assert_that(!again.invalid);
    assert_that(slice_equal(again.item, item));
}
