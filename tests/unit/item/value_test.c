#include "item/value.h"
#include "tests/test.h"

static slice number_of(struct arena *arena, slice text)
{
    struct number number;
    CHECK(number_parse(text, &number) == NUMBER_OK);
    return value_make_number(arena, &number);
}

TEST(types_have_their_wire_names)
{
    static const slice names[VALUE_TYPE_COUNT] = {
        SLICE("S"),  SLICE("N"),    SLICE("B"),    SLICE("SS"), SLICE("NS"),
        SLICE("BS"), SLICE("BOOL"), SLICE("NULL"), SLICE("L"),  SLICE("M"),
    };
    enum value_type type;
    for (enum value_type i = 0; i < VALUE_TYPE_COUNT; i++) {
        CHECK_SLICE(value_type_name(i), names[i]);
        CHECK(value_type_parse(names[i], &type) && type == i);
    }
    CHECK(!value_type_parse(SLICE(""), &type));
    CHECK(!value_type_parse(SLICE("s"), &type));
    CHECK(!value_type_parse(SLICE("SSS"), &type));
    CHECK(!value_type_parse(SLICE("NUL"), &type));
}

TEST(scalars_keep_their_content)
{
    SCOPED_ARENA(arena);
    static const size_t sizes[] = {0, 1, 127, 128, 16383, 16384, 400 * 1024, 1 << 21, 3 << 20};
    char *bytes = arena_alloc_zeroed(&arena, 3 << 20);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        slice content = slice_of(bytes, sizes[i]);
        slice value = value_make_binary(&arena, content);
        CHECK(value_type_of(value) == VALUE_B);
        CHECK(slice_equal(value_content(value), content));
        CHECK(value_charged_bytes(value) == sizes[i]);
    }
    CHECK(value_type_of(value_make_string(&arena, SLICE("x"))) == VALUE_S);
    struct number number = value_number(number_of(&arena, SLICE("-12.5")));
    CHECK(number.negative && number.digits == 125 && number.exponent == -1);
}

TEST(scalars_of_one_type_have_an_order)
{
    SCOPED_ARENA(arena);
    slice a = value_make_string(&arena, SLICE("a"));
    slice ab = value_make_string(&arena, SLICE("ab"));
    slice b = value_make_string(&arena, SLICE("b"));

    CHECK(value_compare(a, a) == 0);
    CHECK(value_compare(a, ab) < 0);
    CHECK(value_compare(b, ab) > 0); /* though shorter */
    CHECK(value_compare(value_make_binary(&arena, SLICE("\x7F")),
                        value_make_binary(&arena, SLICE("\x80"))) < 0);
    CHECK(value_compare(number_of(&arena, SLICE("9")), number_of(&arena, SLICE("10"))) < 0);
    CHECK(value_compare(number_of(&arena, SLICE("-9")), number_of(&arena, SLICE("-10"))) > 0);
    CHECK(value_compare(number_of(&arena, SLICE("1e2")), number_of(&arena, SLICE("100"))) == 0);
    CHECK(value_equal(number_of(&arena, SLICE("1e2")), number_of(&arena, SLICE("100.0"))));
}

TEST(lists_are_read_by_index)
{
    SCOPED_ARENA(arena);
    slice values[] = {value_make_string(&arena, SLICE("a")), number_of(&arena, SLICE("2")),
                      value_make_list(&arena, NULL, 0)};
    slice list = value_make_list(&arena, values, 3);
    slice found;

    CHECK(value_count(list) == 3);
    for (uint32_t i = 0; i < 3; i++) {
        CHECK(value_element(list, i, &found));
        CHECK_SLICE(found, values[i]);
    }
    CHECK(!value_element(list, 3, &found));
    CHECK(!value_element(list, UINT32_MAX, &found));
    CHECK(value_levels(list) == 2);
}

TEST(maps_are_sorted_and_read_by_name)
{
    SCOPED_ARENA(arena);
    slice names[] = {SLICE("b"), SLICE("a"), SLICE("ab")};
    slice values[] = {value_make_string(&arena, SLICE("1")), value_make_string(&arena, SLICE("2")),
                      value_make_string(&arena, SLICE("3"))};
    slice map = value_make_map(&arena, names, values, 3);
    slice found;
    for (size_t i = 0; i < 3; i++) {
        CHECK(value_member(map, names[i], &found));
        CHECK_SLICE(found, values[i]);
    }
    CHECK(!value_member(map, SLICE("aa"), &found));
    CHECK(!value_member(map, SLICE("c"), &found));

    static const slice sorted[] = {SLICE("a"), SLICE("ab"), SLICE("b")};
    struct value_cursor cursor;
    slice name;
    value_cursor_init(&cursor, &arena, map);
    for (size_t i = 0; i < 3; i++) {
        CHECK(value_cursor_next(&cursor, &name, &found));
        CHECK_SLICE(name, sorted[i]);
    }
    CHECK(!value_cursor_next(&cursor, &name, &found));
}

TEST(sets_are_sorted_and_have_each_member_once)
{
    SCOPED_ARENA(arena);
    slice members[] = {number_of(&arena, SLICE("10")), number_of(&arena, SLICE("9")),
                       number_of(&arena, SLICE("1e1")), number_of(&arena, SLICE("-3"))};
    slice set = value_make_set(&arena, VALUE_NS, members, 4);

    CHECK(value_count(set) == 3);
    slice sorted[] = {members[3], members[1], members[0]};
    CHECK_SLICE(set, value_make_set(&arena, VALUE_NS, sorted, 3));
    struct value_cursor cursor;
    slice member;
    value_cursor_init(&cursor, &arena, set);
    for (size_t i = 0; i < 3; i++) {
        CHECK(value_cursor_next(&cursor, NULL, &member));
        CHECK_SLICE(member, sorted[i]);
        CHECK(value_set_contains(set, member));
    }
    CHECK(!value_cursor_next(&cursor, NULL, &member));
    CHECK(!value_set_contains(set, number_of(&arena, SLICE("11"))));
    CHECK(!value_set_contains(set, value_make_string(&arena, SLICE("9"))));
}
