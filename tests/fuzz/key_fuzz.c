/*
 * Key parts are a bijection that keeps order: every value comes back, any bytes that decode are
 * what encoding gives, two values order as their bytes do, and no form begins another.
 * A byte for the type, then two values or raw bytes of a key.
 */
#include "tests/fuzz/fuzz.h"

#include "item/key.h"
#include "json/utf8.h"

static slice encoded(struct arena *arena, slice value)
{
    struct buffer buffer;
    buffer_init(&buffer, arena);
    key_part_encode(&buffer, value);
    return buffer_slice(&buffer);
}

static bool value_from(struct arena *arena, enum value_type type, slice text, slice *value)
{
    struct number number;
    switch (type) {
    case VALUE_S:
        *value = value_make_string(arena, text);
        return utf8_check(text);
    case VALUE_N:
        if (number_parse(text, &number) != NUMBER_OK)
            return false;
        *value = value_make_number(arena, &number);
        return true;
    default:
        *value = value_make_binary(arena, text);
        return true;
    }
}

static void check_way_back(struct arena *arena, enum value_type type, slice value, slice follows)
{
    slice form = encoded(arena, value);
    struct buffer row;
    buffer_init(&row, arena);
    buffer_append(&row, form);
    buffer_append(&row, follows);
    slice again;
    size_t used;
    error failed = key_part_decode(arena, buffer_slice(&row), type, &again, &used);
    assert_that(!failed);
    assert_that(used == form.size);
    assert_that(value_equal(again, value));
}

static void check_any_bytes(struct arena *arena, enum value_type type, slice bytes)
{
    slice value;
    size_t used;
    if (key_part_decode(arena, bytes, type, &value, &used))
        return;
    assert_that(used <= bytes.size);
    assert_that(slice_equal(encoded(arena, value), slice_first(bytes, used)));
}

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED_ARENA(arena);
    slice input = slice_of(data, size);
    uint8_t steer = fuzz_byte(&input);
    enum value_type type = (enum value_type)(steer % 3);
    check_any_bytes(&arena, type, arena_copy(&arena, input));

    char separator = type == VALUE_N ? ',' : (char)0xFE;
    slice first_text = fuzz_until(&input, separator);
    slice first, second;
    if (!value_from(&arena, type, first_text, &first) || !value_from(&arena, type, input, &second))
        return 0;
    check_way_back(&arena, type, first, input);
    check_way_back(&arena, type, second, first_text);

    slice first_form = encoded(&arena, first), second_form = encoded(&arena, second);
    assert_that(sign(slice_compare(first_form, second_form)) == sign(value_compare(first, second)));
    if (!value_equal(first, second)) {
        assert_that(!slice_begins_with(first_form, second_form));
        assert_that(!slice_begins_with(second_form, first_form));
    }
    return 0;
}
