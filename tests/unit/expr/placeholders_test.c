#include "base/limits.h"
#include "tests/unit/expr/fixture.h"

static const struct {
    const char *names;
    const char *values;
    bool expressions_given;
    enum value_layer layer;
    const char *problem; /* NULL: accepted */
} CASES[] = {
    {NULL, NULL, false, VALUE_LAYER_CURRENT, NULL},
    {NULL, NULL, true, VALUE_LAYER_CURRENT, NULL},
    {"{\"#a\":\"a\"}", "{\":v\":{\"N\":\"1\"}}", true, VALUE_LAYER_CURRENT, NULL},
    {"{\"#0_aZ\":\"any name at all\"}", NULL, true, VALUE_LAYER_CURRENT, NULL},
    {"{\"#a\":\"a\"}", NULL, false, VALUE_LAYER_OLDER,
     "ExpressionAttributeNames can only be specified when using expressions"},
    {"{}", "{}", false, VALUE_LAYER_CURRENT,
     "1 validation error detected: ExpressionAttributeNames can only be specified when using "
     "expressions"},
    {NULL, "{\":v\":{\"N\":\"1\"}}", false, VALUE_LAYER_CURRENT_BARE,
     "ExpressionAttributeValues can only be specified when using expressions: FilterExpression is "
     "null"},
    {NULL, "{\":v\":{\"N\":\"1\"}}", false, VALUE_LAYER_OLDER,
     "ExpressionAttributeValues can only be specified when using expressions: FilterExpression is "
     "null"},
    {NULL, "{\":v\":{\"N\":\"1\"}}", false, VALUE_LAYER_CURRENT,
     "1 validation error detected: ExpressionAttributeValues can only be specified when using "
     "expressions"},
    {"{}", NULL, true, VALUE_LAYER_OLDER, "ExpressionAttributeNames must not be empty"},
    {NULL, "{}", true, VALUE_LAYER_OLDER, "ExpressionAttributeValues must not be empty"},
    {"{\"x\":\"a\"}", NULL, true, VALUE_LAYER_OLDER,
     "ExpressionAttributeNames contains invalid key: Syntax error; key: \"x\""},
    {"{\"#\":\"a\"}", NULL, true, VALUE_LAYER_OLDER,
     "ExpressionAttributeNames contains invalid key: Syntax error; key: \"#\""},
    {"{\"#a\":\"a\",\"#a-b\":\"a\"}", NULL, true, VALUE_LAYER_OLDER,
     "ExpressionAttributeNames contains invalid key: Syntax error; key: \"#a-b\""},
    {"{\":a\":\"a\"}", NULL, true, VALUE_LAYER_OLDER,
     "ExpressionAttributeNames contains invalid key: Syntax error; key: \":a\""},
    {"{\"#a\":\"\"}", NULL, true, VALUE_LAYER_OLDER,
     "ExpressionAttributeNames contains invalid value: Empty attribute name for key #a"},
    {NULL, "{\"v\":{\"N\":\"1\"}}", true, VALUE_LAYER_OLDER,
     "ExpressionAttributeValues contains invalid key: Syntax error; key: \"v\""},
    {NULL, "{\":v\":{\"N\":\"1\"},\":\":{\"N\":\"1\"}}", true, VALUE_LAYER_OLDER,
     "ExpressionAttributeValues contains invalid key: Syntax error; key: \":\""},
    {NULL, "{\":ok\":{\"N\":\"1\"},\":v\":{\"N\":\"abc\"}}", true, VALUE_LAYER_OLDER,
     "ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a "
     "numeric value: abc for key :v"},
    {NULL, "{\":v\":{\"N\":\"abc\"}}", true, VALUE_LAYER_CURRENT_BARE,
     "The parameter cannot be converted to a numeric value: abc"},
    {NULL, "{\":v\":{\"N\":\"abc\"}}", true, VALUE_LAYER_CURRENT,
     "1 validation error detected: The parameter cannot be converted to a numeric value: abc"},
    {"{\"x\":\"a\"}", "{}", true, VALUE_LAYER_OLDER,
     "ExpressionAttributeNames contains invalid key: Syntax error; key: \"x\""},
    {NULL, "{\":v\":{\"N\":\"abc\"},\"w\":{\"N\":\"1\"}}", true, VALUE_LAYER_OLDER,
     "ExpressionAttributeValues contains invalid key: Syntax error; key: \"w\""},
};

TEST(the_two_maps_are_checked_in_the_words_of_the_service)
{
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        SCOPED_ARENA(arena);
        struct placeholders placeholders =
            placeholders_of_layer(&arena, CASES[i].names, CASES[i].values, CASES[i].layer);

        error e = CASES[i].expressions_given
                      ? placeholders_check(&arena, &placeholders, CASES[i].layer)
                      : placeholders_check_unwanted(&arena, &placeholders,
                                                    SLICE("FilterExpression is null"),
                                                    CASES[i].layer);

        const char *problem = CASES[i].problem ? CASES[i].problem : "";
        CHECK_SLICE(e ? e->message : SLICE(""), slice_of_string(problem));
        CHECK(!e || e->kind == ERROR_VALIDATION);
    }
}

/* The length is judged before the form; only for names is it told. */
TEST(a_placeholder_has_at_most_255_bytes)
{
    SCOPED_ARENA(arena);
    char word[PLACEHOLDER_BYTES_MAX + 1];
    memset(word, 'a', sizeof word);
    const struct {
        const char *format;
        int letters; /* behind the sign */
        bool are_names;
        const char *problem; /* NULL: accepted */
    } cases[] = {
        {"{\"#%.*s\":\"a\"}", PLACEHOLDER_BYTES_MAX - 1, true, NULL},
        {"{\"#%.*s\":\"a\"}", PLACEHOLDER_BYTES_MAX, true,
         "ExpressionAttributeNames contains invalid key: The expression attribute map contains a "
         "key that is too long; size of key: 256"},
        {"{\"#%.*s-\":\"a\"}", PLACEHOLDER_BYTES_MAX, true,
         "ExpressionAttributeNames contains invalid key: The expression attribute map contains a "
         "key that is too long; size of key: 257"},
        {"{\":%.*s\":{\"N\":\"1\"}}", PLACEHOLDER_BYTES_MAX - 1, false, NULL},
        {"{\":%.*s\":{\"N\":\"1\"}}", PLACEHOLDER_BYTES_MAX, false,
         "ExpressionAttributeValues contains invalid key: The expression attribute map contains a "
         "key that is too long;"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        slice json = arena_format(&arena, cases[i].format, cases[i].letters, word);
        const char *text = arena_format(&arena, "%.*s%c", SLICE_ARGS(json), 0).data;
        struct placeholders placeholders = placeholders_of(&arena, cases[i].are_names ? text : NULL,
                                                           cases[i].are_names ? NULL : text);
        error e = placeholders_check(&arena, &placeholders, VALUE_LAYER_OLDER);
        CHECK_SLICE(e ? e->message : SLICE(""),
                    slice_of_string(cases[i].problem ? cases[i].problem : ""));
    }
}

TEST(names_and_values_have_at_most_2_mb_together)
{
    SCOPED_ARENA(arena);
    slice big = repeat(&arena, "abcdefgh", "", 1024 * 1024 / 8);
    struct placeholder_value values[] = {
        {.placeholder = SLICE(":a"), .input.value = value_make_string(&arena, big)},
        {.placeholder = SLICE(":b"),
         .input.value = value_make_string(&arena, slice_first(big, big.size - 4))},
    };
    struct placeholders placeholders = {.values_present = true, .values = values, .value_count = 2};

    CHECK_OK(placeholders_check(&arena, &placeholders, VALUE_LAYER_OLDER));
    values[1].input.value = value_make_string(&arena, big);
    CHECK(placeholders_check(&arena, &placeholders, VALUE_LAYER_OLDER) != NULL);
}

TEST(every_entry_must_be_used)
{
    SCOPED_ARENA(arena);
    struct placeholders placeholders =
        placeholders_of(&arena, "{\"#z\":\"z\",\"#a\":\"a\",\"#b\":\"b\"}",
                        "{\":z\":{\"N\":\"1\"},\":a\":{\"N\":\"1\"}}");

    CHECK_FAILS(placeholders_check_used(&arena, &placeholders), ERROR_VALIDATION,
                SLICE("Value provided in ExpressionAttributeNames unused in expressions: keys: "
                      "{#z, #a, #b}"));
    const struct condition *condition;
    CHECK_OK(condition_parse(&arena, SLICE("F"), SLICE("#a = :a OR #b.#z = :a"), &placeholders,
                             &condition));
    CHECK_FAILS(
        placeholders_check_used(&arena, &placeholders), ERROR_VALIDATION,
        SLICE("Value provided in ExpressionAttributeValues unused in expressions: keys: {:z}"));
    CHECK_OK(condition_parse(&arena, SLICE("F"), SLICE("a = :z"), &placeholders, &condition));
    CHECK_OK(placeholders_check_used(&arena, &placeholders));
}

TEST(every_placeholder_is_found_and_no_other)
{
    SCOPED_ARENA(arena);
    enum { COUNT = 500 };
    struct placeholders placeholders = {.name_count = COUNT, .value_count = COUNT};
    placeholders.names = arena_new_array(&arena, struct placeholder_name, COUNT);
    placeholders.values = arena_new_array(&arena, struct placeholder_value, COUNT);
    for (int i = 0; i < COUNT; i++) {
        int shuffled = i * 7 % COUNT;
        placeholders.names[i].placeholder = arena_format(&arena, "#%d", shuffled);
        placeholders.values[i].placeholder = arena_format(&arena, ":%d", shuffled);
    }

    for (int i = 0; i < COUNT; i++) {
        slice placeholder = placeholders.names[i].placeholder;
        CHECK(placeholders_find_name(&arena, &placeholders, placeholder) == &placeholders.names[i]);
        placeholder = placeholders.values[i].placeholder;
        CHECK(placeholders_find_value(&arena, &placeholders, placeholder) ==
              &placeholders.values[i]);
    }
    CHECK(!placeholders_find_name(&arena, &placeholders, SLICE("#500")));
    CHECK(!placeholders_find_name(&arena, &placeholders, SLICE("#")));
    CHECK(!placeholders_find_value(&arena, &placeholders, SLICE(":x")));
}
