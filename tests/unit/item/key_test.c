#include "item/key.h"
#include "tests/test.h"

#include "base/limits.h"
#include "base/random.h"

static const struct key_schema string_number = {
    .hash = {SLICE("pk"), VALUE_S}, .range = {SLICE("sk"), VALUE_N}, .has_range = true};
static const struct key_schema binary_only = {.hash = {SLICE("id"), VALUE_B}};
static const struct key_schema number_binary = {
    .hash = {SLICE("n"), VALUE_N}, .range = {SLICE("b"), VALUE_B}, .has_range = true};

static slice number_of(struct arena *arena, slice text)
{
    struct number number;
    CHECK(number_parse(text, &number) == NUMBER_OK);
    return value_make_number(arena, &number);
}

static slice encode(struct arena *arena, slice value)
{
    struct buffer bytes;
    buffer_init(&bytes, arena);
    key_part_encode(&bytes, value);
    return buffer_slice(&bytes);
}

/* Stored: must never change. docs/formats.md tells the same. */
TEST(key_parts_have_the_documented_bytes)
{
    SCOPED_ARENA(arena);
    CHECK_SLICE(encode(&arena, value_make_string(&arena, SLICE("ab"))), SLICE("ab\x00\x01"));
    CHECK_SLICE(encode(&arena, value_make_binary(&arena, SLICE("\0a\0\0"))),
                SLICE("\0\xFF"
                      "a\0\xFF\0\xFF\0\x01"));
    CHECK_SLICE(encode(&arena, value_make_binary(&arena, SLICE(""))), SLICE("\0\x01"));
    CHECK_SLICE(encode(&arena, number_of(&arena, SLICE("0"))), SLICE("\x02"));
    CHECK_SLICE(encode(&arena, number_of(&arena, SLICE("1"))), SLICE("\x03\x82\x0B\x00"));
    CHECK_SLICE(encode(&arena, number_of(&arena, SLICE("-1"))), SLICE("\x01\x7D\xF4\xFF"));
    CHECK_SLICE(encode(&arena, number_of(&arena, SLICE("2008"))), SLICE("\x03\x85\x15\x09\x00"));
    CHECK(key_hash(SLICE("ab\x00\x01")) == 0x1D4FD0760BE7105CULL);
}

/* Few different bytes, so that shared beginnings and zeros are common. */
static slice random_key(struct arena *arena, struct random *random, enum value_type type)
{
    static const char bytes[] = {0, 1, 'a', (char)0xFE, (char)0xFF};
    static const char letters[] = {0, 1, 'a', 'b', 0x7F};
    if (type == VALUE_N) {
        int digits = (int)random_below(random, 1000);
        int exponent = (int)random_below(random, 8) - 4;
        slice text =
            arena_format(arena, "%s%de%d", random_below(random, 2) ? "-" : "", digits, exponent);
        return number_of(arena, text);
    }
    size_t size = random_below(random, 6);
    char *content = arena_alloc_bytes(arena, size);
    for (size_t i = 0; i < size; i++)
        content[i] = (type == VALUE_S ? letters : bytes)[random_below(random, 5)];
    return type == VALUE_S ? value_make_string(arena, slice_of(content, size))
                           : value_make_binary(arena, slice_of(content, size));
}

TEST(key_parts_are_a_bijection_that_keeps_the_order)
{
    enum { COUNT = 200 };
    struct random random;
    random_init(&random, test_seed());
    for (enum value_type type = VALUE_S; type <= VALUE_B; type++) {
        SCOPED_ARENA(arena);
        slice values[COUNT];
        slice parts[COUNT];
        for (size_t i = 0; i < COUNT; i++) {
            values[i] = random_key(&arena, &random, type);
            parts[i] = encode(&arena, values[i]);

            /* Another part follows, as in a row's key. */
            struct buffer row;
            buffer_init(&row, &arena);
            buffer_append(&row, parts[i]);
            buffer_append_byte(&row, (char)random_next(&random));
            slice back;
            size_t used;
            CHECK_OK(key_part_decode(&arena, buffer_slice(&row), type, &back, &used));
            CHECK(used == parts[i].size);
            CHECK_SLICE(back, values[i]);
        }
        for (size_t i = 0; i < COUNT; i++) {
            for (size_t j = 0; j < COUNT; j++) {
                int wanted = value_compare(values[i], values[j]);
                int order = slice_compare(parts[i], parts[j]);
                CHECK((wanted > 0) - (wanted < 0) == (order > 0) - (order < 0));
                CHECK(order == 0 || !slice_begins_with(parts[i], parts[j]));
            }
        }
    }
}

TEST(bytes_that_are_no_key_part_are_refused)
{
    static const struct {
        enum value_type type;
        slice bytes;
    } cases[] = {
        {VALUE_S, SLICE("")},        {VALUE_S, SLICE("a")},          {VALUE_S, SLICE("a\0")},
        {VALUE_S, SLICE("a\0\x02")}, {VALUE_S, SLICE("\xFF\0\x01")}, {VALUE_B, SLICE("a\0\0\x01")},
        {VALUE_N, SLICE("")},        {VALUE_N, SLICE("\x03\x82")},   {VALUE_N, SLICE("\x04")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        SCOPED_ARENA(arena);
        slice value;
        size_t used;
        CHECK_KIND(key_part_decode(&arena, cases[i].bytes, cases[i].type, &value, &used),
                   ERROR_CORRUPT);
    }
}

#define EMPTY_KEY(what, name)                                                                      \
    "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "   \
    "contain an empty " what " value. Key: " name
#define HASH_TOO_LARGE                                                                             \
    "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size "    \
    "limit of2048 bytes"
#define RANGE_TOO_LARGE                                                                            \
    "One or more parameter values were invalid: Aggregated size of all range keys has exceeded "   \
    "the size limit of 1024 bytes"

TEST(key_values_are_bounded)
{
    SCOPED_ARENA(arena);
    char *bytes = arena_alloc_zeroed(&arena, PARTITION_KEY_BYTES_MAX + 1);
    slice hash_max = value_make_binary(&arena, slice_of(bytes, PARTITION_KEY_BYTES_MAX));
    slice hash_over = value_make_binary(&arena, slice_of(bytes, PARTITION_KEY_BYTES_MAX + 1));
    slice range_max = value_make_binary(&arena, slice_of(bytes, SORT_KEY_BYTES_MAX));
    slice range_over = value_make_binary(&arena, slice_of(bytes, SORT_KEY_BYTES_MAX + 1));
    slice nothing = value_make_binary(&arena, SLICE(""));

    CHECK_OK(key_value_check(&arena, binary_only.hash.name, false, hash_max));
    CHECK_FAILS(key_value_check(&arena, binary_only.hash.name, false, hash_over), ERROR_VALIDATION,
                SLICE(HASH_TOO_LARGE));
    CHECK_OK(key_value_check(&arena, number_binary.range.name, true, range_max));
    CHECK_FAILS(key_value_check(&arena, number_binary.range.name, true, range_over), ERROR_VALIDATION,
                SLICE(RANGE_TOO_LARGE));
    CHECK_FAILS(key_value_check(&arena, binary_only.hash.name, false, nothing), ERROR_VALIDATION,
                SLICE(EMPTY_KEY("binary", "id")));
    CHECK_FAILS(key_value_check(&arena, number_binary.range.name, true, nothing), ERROR_VALIDATION,
                SLICE(EMPTY_KEY("binary", "b")));
    CHECK_FAILS(
        key_value_check(&arena, string_number.hash.name, false, value_make_string(&arena, SLICE(""))),
        ERROR_VALIDATION, SLICE(EMPTY_KEY("string", "pk")));
    CHECK_OK(key_value_check(&arena, string_number.range.name, true, number_of(&arena, SLICE("0"))));
}

TEST(a_key_parameter_has_exactly_the_keys_of_the_schema)
{
    SCOPED_ARENA(arena);
    slice text = value_make_string(&arena, SLICE("x"));
    slice number = number_of(&arena, SLICE("1"));
    slice empty = value_make_string(&arena, SLICE(""));
    slice mismatch = SLICE("The provided key element does not match the schema");
    slice names[] = {SLICE("sk"), SLICE("pk"), SLICE("z")};

    slice good[] = {number, text, text};
    CHECK_OK(key_check(&arena, &string_number, item_make(&arena, names, good, 2)));
    CHECK_FAILS(key_check(&arena, &string_number, item_make(&arena, names, good, 3)),
                ERROR_VALIDATION, mismatch);
    CHECK_FAILS(key_check(&arena, &string_number, item_make(&arena, names, good, 1)),
                ERROR_VALIDATION, mismatch);
    CHECK_FAILS(key_check(&arena, &string_number, item_make(&arena, names + 1, good, 2)),
                ERROR_VALIDATION, mismatch);
    CHECK_FAILS(key_check(&arena, &string_number, item_make(&arena, NULL, NULL, 0)),
                ERROR_VALIDATION, mismatch);
    slice wrong_type[] = {text, text};
    CHECK_FAILS(key_check(&arena, &string_number, item_make(&arena, names, wrong_type, 2)),
                ERROR_VALIDATION, mismatch);
    slice without_content[] = {number, empty};
    CHECK_FAILS(key_check(&arena, &string_number, item_make(&arena, names, without_content, 2)),
                ERROR_VALIDATION, SLICE(EMPTY_KEY("string", "pk")));
}

TEST(an_item_has_at_least_the_keys_of_the_schema)
{
    SCOPED_ARENA(arena);
    slice text = value_make_string(&arena, SLICE("x"));
    slice number = number_of(&arena, SLICE("1"));
    slice names[] = {SLICE("sk"), SLICE("pk"), SLICE("z")};
    slice values[] = {number, text, text};
    slice item = item_make(&arena, names, values, 3);

    CHECK_OK(key_check_item(&arena, &string_number, item));
    CHECK_SLICE(key_of_item(&arena, &string_number, item), item_make(&arena, names, values, 2));
    CHECK_FAILS(key_check_item(&arena, &string_number, item_make(&arena, names, values, 1)),
                ERROR_VALIDATION,
                SLICE("One or more parameter values were invalid: Missing the key pk in the item"));
    CHECK_FAILS(key_check_item(&arena, &string_number, item_make(&arena, names + 1, values + 1, 2)),
                ERROR_VALIDATION,
                SLICE("One or more parameter values were invalid: Missing the key sk in the item"));
    slice list = value_make_list(&arena, NULL, 0);
    slice wrong_type[] = {number, list};
    CHECK_FAILS(key_check_item(&arena, &string_number, item_make(&arena, names, wrong_type, 2)),
                ERROR_VALIDATION,
                SLICE("One or more parameter values were invalid: Type mismatch for key pk "
                      "expected: S actual: L"));
    slice empty[] = {number, value_make_string(&arena, SLICE(""))};
    CHECK_FAILS(key_check_item(&arena, &string_number, item_make(&arena, names, empty, 2)),
                ERROR_VALIDATION, SLICE(EMPTY_KEY("string", "pk")));
}
