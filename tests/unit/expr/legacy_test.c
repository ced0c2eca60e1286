#include "expr/legacy.h"
#include "tests/unit/expr/fixture.h"

/* An entry as a test writes it; values are wire JSON, NULL: not given. */
struct entry {
    const char *attribute;
    const char *comparison_operator;
    const char *exists; /* "true", "false" */
    const char *value;
    const char *list; /* values separated by ';' */
};

static void read_list(struct arena *arena, const char *list, struct legacy_condition *condition)
{
    condition->has_list = true;
    condition->list = arena_new_array(arena, struct value_input, 8);
    char *copy = arena_alloc_zeroed(arena, strlen(list) + 1);
    strcpy(copy, list);
    char *rest;
    for (char *json = strtok_r(copy, ";", &rest); json; json = strtok_r(NULL, ";", &rest))
        condition->list[condition->list_count++] = value_of(arena, json, VALUE_LAYER_CURRENT_BARE);
}

static struct legacy_condition condition_of(struct arena *arena, const struct entry *entry)
{
    struct legacy_condition condition = {.attribute = slice_of_string(entry->attribute)};
    if (entry->comparison_operator)
        condition.comparison_operator =
            legacy_operator_parse(slice_of_string(entry->comparison_operator));
    condition.has_exists = entry->exists != NULL;
    condition.exists = entry->exists && strcmp(entry->exists, "true") == 0;
    condition.has_value = entry->value != NULL;
    if (entry->value)
        condition.value = value_of(arena, entry->value, VALUE_LAYER_CURRENT_BARE);
    if (entry->list)
        read_list(arena, entry->list, &condition);
    return condition;
}

#define ITEM                                                                                       \
    "{\"s\":{\"S\":\"abc\"},\"n\":{\"N\":\"2\"},\"ss\":{\"SS\":[\"x\",\"y\"]},"                    \
    "\"l\":{\"L\":[{\"N\":\"1\"}]},\"z\":{\"NULL\":true},\"a.b\":{\"S\":\"dot\"},"                 \
    "\"a\":{\"M\":{\"b\":{\"S\":\"map\"}}}}"
#define A "{\"S\":\"a\"}"
#define ABC "{\"S\":\"abc\"}"
#define Z "{\"S\":\"z\"}"
#define ONE "{\"N\":\"1\"}"
#define TWO "{\"N\":\"2.0\"}"
#define THREE "{\"N\":\"3\"}"

static const struct {
    struct entry entry;
    bool holds;
} CASES[] = {
    /* Exists and Value */
    {{"s", NULL, NULL, ABC, NULL}, true},
    {{"s", NULL, "true", ABC, NULL}, true},
    {{"s", NULL, NULL, A, NULL}, false},
    {{"gone", NULL, NULL, A, NULL}, false},
    {{"gone", NULL, "false", NULL, NULL}, true},
    {{"s", NULL, "false", NULL, NULL}, false},
    /* operators */
    {{"s", "EQ", NULL, ABC, NULL}, true},
    {{"s", "EQ", NULL, NULL, ABC}, true},
    {{"n", "EQ", NULL, NULL, TWO}, true},
    {{"l", "EQ", NULL, NULL, "{\"L\":[" ONE "]}"}, true},
    {{"z", "EQ", NULL, NULL, "{\"NULL\":true}"}, true},
    {{"s", "NE", NULL, NULL, ABC}, false},
    {{"s", "NE", NULL, NULL, A}, true},
    {{"gone", "NE", NULL, NULL, A}, true},
    {{"n", "LT", NULL, NULL, THREE}, true},
    {{"n", "LE", NULL, NULL, TWO}, true},
    {{"n", "GT", NULL, NULL, TWO}, false},
    {{"n", "GE", NULL, NULL, TWO}, true},
    {{"n", "GT", NULL, NULL, A}, false},
    {{"n", "BETWEEN", NULL, NULL, ONE ";" THREE}, true},
    {{"n", "BETWEEN", NULL, NULL, THREE ";" THREE}, false},
    {{"n", "IN", NULL, NULL, ONE ";" TWO}, true},
    {{"n", "IN", NULL, NULL, ONE}, false},
    {{"s", "BEGINS_WITH", NULL, NULL, A}, true},
    {{"s", "BEGINS_WITH", NULL, NULL, Z}, false},
    {{"s", "CONTAINS", NULL, NULL, "{\"S\":\"b\"}"}, true},
    {{"ss", "CONTAINS", NULL, NULL, "{\"S\":\"x\"}"}, true},
    {{"l", "CONTAINS", NULL, NULL, ONE}, true},
    {{"s", "NOT_CONTAINS", NULL, NULL, "{\"S\":\"b\"}"}, false},
    {{"s", "NOT_CONTAINS", NULL, NULL, Z}, true},
    {{"gone", "NOT_CONTAINS", NULL, NULL, Z}, false},
    {{"s", "NULL", NULL, NULL, NULL}, false},
    {{"gone", "NULL", NULL, NULL, NULL}, true},
    {{"z", "NULL", NULL, NULL, ""}, false},
    {{"z", "NOT_NULL", NULL, NULL, NULL}, true},
    {{"gone", "NOT_NULL", NULL, NULL, NULL}, false},
    /* names are literal */
    {{"a.b", "EQ", NULL, NULL, "{\"S\":\"dot\"}"}, true},
};

TEST(legacy_conditions_hold_as_the_service_says)
{
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        SCOPED_ARENA(arena);
        struct legacy_condition entry = condition_of(&arena, &CASES[i].entry);
        const struct condition *condition = NULL;
        CHECK_OK(legacy_conditions_parse(&arena, LEGACY_EXPECTED, &entry, 1,
                                         CONDITIONAL_OPERATOR_NONE, &condition));

        bool holds = condition_holds(condition, item_of(&arena, ITEM), &arena);

        slice got = arena_format(&arena, "case %zu: %d", i, holds);
        CHECK_SLICE(got, arena_format(&arena, "case %zu: %d", i, CASES[i].holds));
    }
}

#define INVALID "One or more parameter values were invalid: "

static const struct {
    enum legacy_parameter parameter;
    struct entry entry;
    const char *problem;
} REFUSED[] = {
    {LEGACY_EXPECTED, {"", "EQ", NULL, A, A}, INVALID "Empty attribute name"},
    {LEGACY_FILTER, {"", "NULL", NULL, NULL, NULL}, INVALID "Empty attribute name"},
    {LEGACY_EXPECTED,
     {"a", "EQ", NULL, A, A},
     INVALID "Value and AttributeValueList cannot be used together for Attribute: a"},
    {LEGACY_EXPECTED,
     {"a", "EQ", "true", A, NULL},
     INVALID "Exists and ComparisonOperator cannot be used together for Attribute: a"},
    {LEGACY_EXPECTED,
     {"a", "EQ", NULL, NULL, NULL},
     INVALID "Value or AttributeValueList must be used with ComparisonOperator: EQ for Attribute: "
             "a"},
    {LEGACY_EXPECTED,
     {"a", NULL, NULL, NULL, A},
     INVALID "AttributeValueList can only be used with a ComparisonOperator for Attribute: a"},
    {LEGACY_EXPECTED,
     {"a", NULL, NULL, NULL, NULL},
     INVALID "Value must be provided when Exists is null for Attribute: a"},
    {LEGACY_EXPECTED,
     {"a", NULL, "true", NULL, NULL},
     INVALID "Value must be provided when Exists is true for Attribute: a"},
    {LEGACY_EXPECTED,
     {"a", NULL, "false", A, NULL},
     INVALID "Value cannot be used when Exists is false for Attribute: a"},
    {LEGACY_EXPECTED,
     {"a", "BETWEEN", NULL, A, NULL},
     INVALID "Invalid number of argument(s) for the BETWEEN ComparisonOperator"},
    {LEGACY_EXPECTED,
     {"a", "EQ", NULL, NULL, A ";" A},
     INVALID "Invalid number of argument(s) for the EQ ComparisonOperator"},
    {LEGACY_EXPECTED,
     {"a", "NULL", NULL, A, NULL},
     INVALID "Invalid number of argument(s) for the NULL ComparisonOperator"},
    {LEGACY_EXPECTED,
     {"a", NULL, NULL, "{\"N\":\"x\"}", NULL},
     "The parameter cannot be converted to a numeric value: x"},
    {LEGACY_FILTER,
     {"a", "EQ", NULL, NULL, NULL},
     INVALID "Invalid number of argument(s) for the EQ ComparisonOperator"},
    {LEGACY_FILTER,
     {"a", "IN", NULL, NULL, ""},
     INVALID "Invalid number of argument(s) for the IN ComparisonOperator"},
    {LEGACY_FILTER,
     {"a", "IN", NULL, NULL, A ";" ONE},
     INVALID "AttributeValues inside AttributeValueList must be of same type"},
    {LEGACY_FILTER,
     {"a", "LT", NULL, NULL, "{\"SS\":[\"a\"]}"},
     INVALID "ComparisonOperator LT is not valid for SS AttributeValue type"},
    {LEGACY_FILTER,
     {"a", "BEGINS_WITH", NULL, NULL, ONE},
     INVALID "ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type"},
    {LEGACY_FILTER,
     {"a", "CONTAINS", NULL, NULL, "{\"BOOL\":true}"},
     INVALID "ComparisonOperator CONTAINS is not valid for BOOL AttributeValue type"},
    {LEGACY_FILTER,
     {"a", "IN", NULL, NULL, "{\"L\":[]}"},
     INVALID "ComparisonOperator IN is not valid for L AttributeValue type"},
    {LEGACY_FILTER,
     {"a", "BETWEEN", NULL, NULL, THREE ";" ONE},
     "The BETWEEN condition was provided a range where the lower bound is greater than the upper "
     "bound"},
    {LEGACY_FILTER,
     {"a", "EQ", NULL, NULL, "{\"N\":\"x\"};" A},
     "The parameter cannot be converted to a numeric value: x"},
};

TEST(bad_legacy_conditions_are_refused_in_the_words_of_the_service)
{
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++) {
        SCOPED_ARENA(arena);
        struct legacy_condition entry = condition_of(&arena, &REFUSED[i].entry);
        const struct condition *condition;
        CHECK_FAILS(legacy_conditions_parse(&arena, REFUSED[i].parameter, &entry, 1,
                                            CONDITIONAL_OPERATOR_NONE, &condition),
                    ERROR_VALIDATION, slice_of_string(REFUSED[i].problem));
    }
}

TEST(entries_are_joined_by_and_unless_or_is_given)
{
    SCOPED_ARENA(arena);
    slice item = item_of(&arena, ITEM);
    static const struct entry yes = {"s", "EQ", NULL, NULL, ABC};
    static const struct entry no = {"n", "EQ", NULL, NULL, ONE};
    struct legacy_condition entries[] = {condition_of(&arena, &yes), condition_of(&arena, &no)};
    static const struct {
        enum conditional_operator join;
        bool holds;
    } cases[] = {{CONDITIONAL_OPERATOR_NONE, false},
                 {CONDITIONAL_OPERATOR_AND, false},
                 {CONDITIONAL_OPERATOR_OR, true}};

    for (size_t i = 0; i < 3; i++) {
        const struct condition *condition;
        CHECK_OK(
            legacy_conditions_parse(&arena, LEGACY_FILTER, entries, 2, cases[i].join, &condition));
        CHECK(condition_holds(condition, item, &arena) == cases[i].holds);
        CHECK(condition_names_attribute(condition, SLICE("n")));
    }
}

TEST(a_conditional_operator_wants_two_entries)
{
    SCOPED_ARENA(arena);
    static const struct entry yes = {"s", "EQ", NULL, NULL, ABC};
    struct legacy_condition entry = condition_of(&arena, &yes);
    const struct condition *condition;
    CHECK_FAILS(legacy_conditions_parse(&arena, LEGACY_EXPECTED, &entry, 0,
                                        CONDITIONAL_OPERATOR_AND, &condition),
                ERROR_VALIDATION,
                SLICE("ConditionalOperator cannot be used without Filter or Expected"));
    CHECK_FAILS(legacy_conditions_parse(&arena, LEGACY_EXPECTED, &entry, 1,
                                        CONDITIONAL_OPERATOR_AND, &condition),
                ERROR_VALIDATION,
                SLICE("ConditionalOperator can only be used when Filter or Expected has two or "
                      "more elements"));
    CHECK_OK(legacy_conditions_parse(&arena, LEGACY_EXPECTED, &entry, 0, CONDITIONAL_OPERATOR_NONE,
                                     &condition));
    CHECK(condition == NULL);
}

TEST(a_hundred_thousand_entries_do_not_exhaust_the_stack)
{
    SCOPED_ARENA(arena);
    enum { COUNT = 100000 };
    struct legacy_condition *entries = arena_new_array(&arena, struct legacy_condition, COUNT);
    for (int i = 0; i < COUNT; i++)
        entries[i] = (struct legacy_condition){.attribute = SLICE("gone"),
                                               .comparison_operator = LEGACY_OPERATOR_NULL};
    const struct condition *condition;
    CHECK_OK(legacy_conditions_parse(&arena, LEGACY_FILTER, entries, COUNT,
                                     CONDITIONAL_OPERATOR_NONE, &condition));
    CHECK(condition_holds(condition, item_of(&arena, ITEM), &arena));
}

static error parse_keys(struct arena *arena, const struct entry *entries, uint32_t count,
                        const struct key_schema *schema, struct key_condition *condition)
{
    struct legacy_condition conditions[3];
    for (uint32_t i = 0; i < count; i++)
        conditions[i] = condition_of(arena, &entries[i]);
    const struct key_condition_clauses *clauses;
    TRY(legacy_key_conditions_parse(arena, conditions, count, &clauses));
    struct key_parts keys = key_parts_of_schema(schema);
    return key_condition_resolve(arena, clauses, &keys, condition);
}

TEST(legacy_key_conditions_become_key_conditions)
{
    SCOPED_ARENA(arena);
    const struct key_schema schema = {
        .hash = {SLICE("pk"), VALUE_S}, .range = {SLICE("sk"), VALUE_N}, .has_range = true};
    static const struct entry between[] = {{"sk", "BETWEEN", NULL, NULL, ONE ";" TWO},
                                           {"pk", "EQ", NULL, NULL, A}};
    struct key_condition condition = {0};

    CHECK_OK(parse_keys(&arena, between, 2, &schema, &condition));
    CHECK_SLICE(value_content(condition.hash_values[0]), SLICE("a"));
    CHECK(condition.range_operator == RANGE_BETWEEN);
    CHECK(value_equal(condition.range_value, value_of(&arena, ONE, VALUE_LAYER_OLDER).value));
    CHECK(value_equal(condition.range_value_upper, value_of(&arena, TWO, VALUE_LAYER_OLDER).value));
    CHECK_OK(parse_keys(&arena, between + 1, 1, &schema, &condition));
    CHECK(condition.range_operator == RANGE_ANY);
}

TEST(bad_legacy_key_conditions_are_refused_in_the_words_of_the_service)
{
    const struct key_schema schema = {
        .hash = {SLICE("pk"), VALUE_S}, .range = {SLICE("sk"), VALUE_N}, .has_range = true};
    static const struct {
        struct entry entries[3];
        uint32_t count;
        const char *problem;
    } cases[] = {
        {{{"pk", "NE", NULL, NULL, A}},
         1,
         "Attempted conditional constraint is not an indexable operation"},
        {{{"pk", "EQ", NULL, NULL, A}, {"sk", "NOT_NULL", NULL, NULL, NULL}},
         2,
         "Attempted conditional constraint is not an indexable operation"},
        {{{"pk", "EQ", NULL, NULL, A}, {"sk", "IN", NULL, NULL, ONE ";" TWO ";" ONE}},
         2,
         "Attempted conditional constraint is not an indexable operation"},
        {{{"x", "NULL", NULL, NULL, NULL}}, 1, "Query condition missed key schema element: pk"},
        {{{"pk", "GT", NULL, NULL, A}}, 1, "Query key condition not supported"},
        {{{"sk", "EQ", NULL, NULL, ONE}}, 1, "Query condition missed key schema element: pk"},
        {{{"pk", "EQ", NULL, NULL, A}, {"x", "EQ", NULL, NULL, A}},
         2,
         "Query condition missed key schema element: sk"},
        {{{"pk", "EQ", NULL, NULL, ONE}},
         1,
         INVALID "Condition parameter type does not match schema type"},
        {{{"pk", "EQ", NULL, NULL, A}, {"sk", "BEGINS_WITH", NULL, NULL, ONE}},
         2,
         INVALID "ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type"},
        {{{"pk", "EQ", NULL, NULL, A}, {"sk", "EQ", NULL, NULL, ONE}, {"x", "EQ", NULL, NULL, A}},
         3,
         "The number of query conditions (3) exceeds the number of key attributes defined in the "
         "schema (2)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SCOPED_ARENA(arena);
        struct key_condition condition;
        CHECK_FAILS(parse_keys(&arena, cases[i].entries, cases[i].count, &schema, &condition),
                    ERROR_VALIDATION, slice_of_string(cases[i].problem));
    }
}

TEST(legacy_operators_are_named_as_in_the_service_model)
{
    CHECK(legacy_operator_parse(SLICE("NOT_CONTAINS")) == LEGACY_OPERATOR_NOT_CONTAINS);
    CHECK(legacy_operator_parse(SLICE("IN")) == LEGACY_OPERATOR_IN);
    CHECK(legacy_operator_parse(SLICE("eq")) == LEGACY_OPERATOR_NONE);
    CHECK(legacy_operator_parse(SLICE("")) == LEGACY_OPERATOR_NONE);
}
