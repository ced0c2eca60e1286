#include "expr/key_condition.h"
#include "tests/unit/expr/fixture.h"

#define NAMES "{\"#pk\":\"pk\",\"#sk\":\"sk\"}"
#define VALUES                                                                                     \
    "{\":p\":{\"S\":\"q\"},\":s\":{\"S\":\"a\"},\":z\":{\"S\":\"z\"},\":n\":{\"N\":\"1\"},"        \
    "\":two\":{\"N\":\"2\"},\":t\":{\"BOOL\":true},\":f\":{\"BOOL\":false},\":b\":{\"B\":\"YQ=="   \
    "\"}}"

static const struct key_schema HASH_ONLY = {.hash = {SLICE("pk"), VALUE_S}};
static const struct key_schema STRINGS = {
    .hash = {SLICE("pk"), VALUE_S}, .range = {SLICE("sk"), VALUE_S}, .has_range = true};
static const struct key_schema NUMBERS = {
    .hash = {SLICE("pk"), VALUE_S}, .range = {SLICE("sk"), VALUE_N}, .has_range = true};

static error clauses_of(struct arena *arena, slice text, struct placeholders *placeholders,
                        const struct key_condition_clauses **clauses)
{
    const struct condition *condition;
    TRY(key_condition_parse(arena, text, placeholders, &condition));
    return key_condition_restrict(arena, condition, clauses);
}

static error parse(struct arena *arena, const char *text, const struct key_schema *schema,
                   struct key_condition *condition)
{
    struct placeholders placeholders = placeholders_of(arena, NAMES, VALUES);
    const struct key_condition_clauses *clauses;
    TRY(clauses_of(arena, slice_of_string(text), &placeholders, &clauses));
    struct key_parts keys = key_parts_of_schema(schema);
    return key_condition_resolve(arena, clauses, &keys, condition);
}

static const struct {
    const char *expression;
    enum range_operator range_operator;
    const char *value; /* of the sort key, or its lower bound */
    const char *upper;
} ACCEPTED[] = {
    {"pk = :p", RANGE_ANY, NULL, NULL},
    {":p = pk", RANGE_ANY, NULL, NULL},
    {"(#pk = :p)", RANGE_ANY, NULL, NULL},
    {"pk = :p AND sk = :s", RANGE_EQ, "a", NULL},
    {"sk = :s AND pk = :p", RANGE_EQ, "a", NULL},
    {"pk = :p AND sk < :s", RANGE_LT, "a", NULL},
    {"pk = :p AND sk <= :s", RANGE_LE, "a", NULL},
    {"pk = :p AND sk > :s", RANGE_GT, "a", NULL},
    {"pk = :p AND #sk >= :s", RANGE_GE, "a", NULL},
    {"pk = :p AND :s = sk", RANGE_EQ, "a", NULL},
    {"pk = :p AND :s < sk", RANGE_GT, "a", NULL},
    {"pk = :p AND :s <= sk", RANGE_GE, "a", NULL},
    {"pk = :p AND :s > sk", RANGE_LT, "a", NULL},
    {"pk = :p AND :s >= sk", RANGE_LE, "a", NULL},
    {"pk = :p AND sk BETWEEN :s AND :z", RANGE_BETWEEN, "a", "z"},
    {"(pk = :p) AND (sk BETWEEN :s AND :z)", RANGE_BETWEEN, "a", "z"},
    {"(pk = :p AND begins_with(sk, :s))", RANGE_BEGINS_WITH, "a", NULL},
};

static void check_value(slice value, const char *wanted)
{
    CHECK((value.size > 0) == (wanted != NULL));
    if (wanted && value.size > 0)
        CHECK_SLICE(value_content(value), slice_of_string(wanted));
}

TEST(key_conditions_are_found_in_any_order_and_direction)
{
    for (size_t i = 0; i < sizeof ACCEPTED / sizeof *ACCEPTED; i++) {
        SCOPED_ARENA(arena);
        struct key_condition condition = {0};
        CHECK_OK(parse(&arena, ACCEPTED[i].expression, &STRINGS, &condition));
        check_value(condition.hash_values[0], "q");
        CHECK(condition.range_operator == ACCEPTED[i].range_operator);
        check_value(condition.range_value, ACCEPTED[i].value);
        check_value(condition.range_value_upper, ACCEPTED[i].upper);
    }
}

#define INVALID "Invalid KeyConditionExpression: "
#define OPERATOR(name) INVALID "Invalid operator used in KeyConditionExpression: " name
#define TYPE(operation, type)                                                                      \
    INVALID "Incorrect operand type for operator or function; operator or function: " operation    \
            ", operand type: " type
#define SCHEMA                                                                                     \
    "One or more parameter values were invalid: Condition parameter type does not match schema "   \
    "type"
#define MISSED(name) "Query condition missed key schema element: " name

static const struct {
    const struct key_schema *schema;
    const char *expression;
    const char *problem;
} REFUSED[] = {
    {&STRINGS, "", INVALID "The expression can not be empty;"},
    {&STRINGS, "pk", INVALID "Syntax error; token: \"<EOF>\", near: \"pk\""},
    {&STRINGS, "pk = :p OR sk = :s", OPERATOR("OR")},
    {&STRINGS, "NOT pk = :p", OPERATOR("NOT")},
    {&STRINGS, "pk IN (:p)", OPERATOR("IN")},
    {&STRINGS, "pk <> :p", OPERATOR("<>")},
    {&STRINGS, "pk = :p AND (sk = :s OR sk = :z)", OPERATOR("OR")},
    {&STRINGS, "pk = :p AND attribute_exists(sk)", OPERATOR("attribute_exists")},
    {&STRINGS, "pk = :p AND attribute_not_exists(sk)", OPERATOR("attribute_not_exists")},
    {&STRINGS, "pk = :p AND contains(sk, :s)", OPERATOR("contains")},
    {&STRINGS, "pk = :p AND size(sk) = :n",
     INVALID "KeyConditionExpressions cannot contain nested operations"},
    {&STRINGS, "pk = :p AND sk.a = :s",
     INVALID "KeyConditionExpressions cannot have conditions on nested attributes"},
    {&STRINGS, "pk[0] = :p",
     INVALID "KeyConditionExpressions cannot have conditions on nested attributes"},
    {&STRINGS, "pk = sk",
     INVALID "Invalid condition in KeyConditionExpression: Multiple attribute names used in one "
             "condition"},
    {&STRINGS, ":p = :s",
     INVALID "Invalid condition in KeyConditionExpression: No key attribute specified"},
    {&STRINGS, "pk = :p AND :s BETWEEN size(sk) AND :z",
     INVALID "Invalid condition in KeyConditionExpression: BETWEEN operator must have the key "
             "attribute as its first operand"},
    {&STRINGS, "pk = :p AND sk > pk.a",
     INVALID "Invalid condition in KeyConditionExpression: Multiple attribute names used in one "
             "condition"},
    {&STRINGS, "pk = :p AND :s BETWEEN sk AND :z",
     INVALID "Invalid condition in KeyConditionExpression: BETWEEN operator must have the key "
             "attribute as its first operand"},
    {&STRINGS, "pk = :p AND begins_with(:s, sk)",
     INVALID "Invalid condition in KeyConditionExpression: begins_with operator must have the key "
             "attribute as its first operand"},
    {&NUMBERS, "pk = :p AND sk > :n AND sk < :two",
     INVALID "KeyConditionExpressions must only contain one condition per key"},
    {&STRINGS, "pk = :p AND #pk = :s",
     INVALID "KeyConditionExpressions must only contain one condition per key"},
    {&NUMBERS, "pk = :p AND sk > :n AND extra = :two",
     "The number of query conditions (3) exceeds the number of key attributes defined in the "
     "schema (2)"},
    {&HASH_ONLY, "pk = :p AND sk = :s",
     "The number of query conditions (2) exceeds the number of key attributes defined in the "
     "schema (1)"},
    {&STRINGS, "sk = :s", MISSED("pk")},
    {&STRINGS, "sk = :s AND extra = :s", MISSED("pk")},
    {&STRINGS, "pk = :p AND extra = :s", MISSED("sk")},
    {&STRINGS, "pk > :p", "Query key condition not supported"},
    {&STRINGS, "begins_with(pk, :p) AND sk = :s", "Query key condition not supported"},
    {&STRINGS, "pk = :n", SCHEMA},
    {&STRINGS, "pk = :p AND sk = :n", SCHEMA},
    {&STRINGS, "pk = :p AND sk BETWEEN :n AND :two", SCHEMA},
    {&NUMBERS, "pk = :p AND begins_with(sk, :s)", SCHEMA},
    {&NUMBERS, "pk = :p AND sk = :t", SCHEMA},
    {&STRINGS, "pk = :p AND begins_with(sk, :n)", TYPE("begins_with", "N")},
    {&STRINGS, "pk = :p AND begins_with(sk, :t)", TYPE("begins_with", "BOOL")},
    {&NUMBERS, "pk = :p AND begins_with(sk, :n)", TYPE("begins_with", "N")},
    {&NUMBERS, "pk = :p AND sk < :t", TYPE("<", "BOOL")},
    {&NUMBERS, "pk = :p AND :t >= sk", TYPE(">=", "BOOL")},
    {&NUMBERS, "pk = :p AND sk BETWEEN :f AND :t", TYPE("BETWEEN", "BOOL")},
    {&STRINGS, "pk = :p AND sk BETWEEN :z AND :s",
     INVALID "The BETWEEN operator requires upper bound to be greater than or equal to lower "
             "bound; lower bound operand: AttributeValue: {S:z}, upper bound operand: "
             "AttributeValue: {S:a}"},
    {&STRINGS, "pk = :missing AND begins_with(sk, :n)",
     INVALID "An expression attribute value used in expression is not defined; attribute value: "
             ":missing"},
    {&STRINGS, "begins_with(sk, :n) AND pk = :missing", TYPE("begins_with", "N")},
    {&STRINGS, "pk = :p AND begins_with(sk, :n) AND sk = :missing", TYPE("begins_with", "N")},
    {&STRINGS, "pk = :p AND begins_with(sk, :n) AND sk > :s", TYPE("begins_with", "N")},
};

TEST(bad_key_conditions_are_refused_in_the_words_of_the_service)
{
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++) {
        SCOPED_ARENA(arena);
        struct key_condition condition;
        error e = parse(&arena, REFUSED[i].expression, REFUSED[i].schema, &condition);
        CHECK_SLICE(e ? e->message : slice_of_string(REFUSED[i].expression),
                    slice_of_string(REFUSED[i].problem));
    }
}

TEST(key_values_are_checked_for_size)
{
    SCOPED_ARENA(arena);
    slice big = value_make_string(&arena, repeat(&arena, "a", "", 1025));
    slice empty = value_make_string(&arena, SLICE(""));
    struct placeholder_value values[] = {{.placeholder = SLICE(":p"), .input.value = big},
                                         {.placeholder = SLICE(":s"), .input.value = big}};
    struct placeholders placeholders = {.values = values, .value_count = 2};
    const struct key_condition_clauses *clauses;
    slice text = SLICE("pk = :p AND sk = :s");
    struct key_condition condition;
    struct key_parts keys = key_parts_of_schema(&STRINGS);

    CHECK_OK(clauses_of(&arena, text, &placeholders, &clauses));
    CHECK(key_condition_resolve(&arena, clauses, &keys, &condition) != NULL);
    values[1].input.value = value_make_string(&arena, SLICE("a"));
    CHECK_OK(clauses_of(&arena, text, &placeholders, &clauses));
    CHECK_OK(key_condition_resolve(&arena, clauses, &keys, &condition));
    values[0].input.value = empty;
    CHECK_OK(clauses_of(&arena, text, &placeholders, &clauses));
    CHECK(key_condition_resolve(&arena, clauses, &keys, &condition) != NULL);
}

/* An index with two attributes in its partition key and three in its sort key. */
static const struct key_parts SEVERAL = {
    .hash = {{SLICE("h"), VALUE_S}, {SLICE("g"), VALUE_N}},
    .hash_count = 2,
    .range = {{SLICE("a"), VALUE_S}, {SLICE("b"), VALUE_N}, {SLICE("c"), VALUE_S}},
    .range_count = 3,
};

static error parse_several(struct arena *arena, const char *text, struct key_condition *condition)
{
    struct placeholders placeholders = placeholders_of(arena, NULL, VALUES);
    const struct key_condition_clauses *clauses;
    TRY(clauses_of(arena, slice_of_string(text), &placeholders, &clauses));
    return key_condition_resolve(arena, clauses, &SEVERAL, condition);
}

TEST(sort_keys_of_several_attributes_are_used_from_the_left)
{
    static const struct {
        const char *expression;
        uint32_t equal_count;
        enum range_operator range_operator;
    } cases[] = {
        {"h = :p AND g = :n", 0, RANGE_ANY},
        {"g = :n AND h = :p", 0, RANGE_ANY},
        {"h = :p AND g = :n AND a = :s", 0, RANGE_EQ},
        {"h = :p AND g = :n AND begins_with(a, :s)", 0, RANGE_BEGINS_WITH},
        {"h = :p AND g = :n AND a = :s AND b > :two", 1, RANGE_GT},
        {"b BETWEEN :n AND :two AND g = :n AND a = :s AND h = :p", 1, RANGE_BETWEEN},
        {"h = :p AND c <= :z AND g = :n AND b = :two AND a = :s", 2, RANGE_LE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        SCOPED_ARENA(arena);
        struct key_condition condition = {0};
        CHECK_OK(parse_several(&arena, cases[i].expression, &condition));
        CHECK(condition.hash_count == 2);
        check_value(condition.hash_values[0], "q");
        CHECK(value_type_of(condition.hash_values[1]) == VALUE_N);
        CHECK(condition.equal_count == cases[i].equal_count);
        if (condition.equal_count > 0)
            check_value(condition.equal_values[0], "a");
        CHECK(condition.range_operator == cases[i].range_operator);
    }
}

TEST(gaps_and_comparisons_before_the_last_attribute_are_refused)
{
#define RANGE_GAP(missing, present)                                                                \
    "RANGE key attributes " missing " must have equality conditions specified in the query "       \
    "because a condition is present on key attribute " present
#define HASH_GAP(missing)                                                                          \
    "HASH key attributes " missing " must have equality conditions specified in the query"
    static const struct {
        const char *expression;
        const char *message;
    } cases[] = {
        {"h = :p", HASH_GAP("g")},
        {"a = :s", HASH_GAP("h, g")},
        {"h = :p AND g > :n", HASH_GAP("g")},
        {"h = :p AND g = :n AND b = :n", RANGE_GAP("a", "b")},
        {"h = :p AND g = :n AND c = :s", RANGE_GAP("a, b", "c")},
        {"h = :p AND g = :n AND a > :s AND b = :n", RANGE_GAP("a", "b")},
        {"h = :p AND g = :n AND x = :s", "Query condition missed key schema element: a"},
        {"h = :p AND g = :n AND a = :s AND x = :s", "Query condition missed key schema element: b"},
        {"h = :p AND g = :s", "One or more parameter values were invalid: Condition parameter type "
                              "does not match schema type"},
        {"h = :p AND g = :n AND a = :s AND b > :s",
         "One or more parameter values were invalid: Condition parameter type does not match schema "
         "type"},
        {"h = :p AND g = :n AND a = :s AND b = :n AND c = :s AND d = :s",
         "The number of query conditions (6) exceeds the number of key attributes defined in the "
         "schema (5)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        SCOPED_ARENA(arena);
        struct key_condition condition;
        CHECK_FAILS(parse_several(&arena, cases[i].expression, &condition), ERROR_VALIDATION,
                    slice_of_string(cases[i].message));
    }
}

TEST(what_a_condition_may_not_be_as_a_key_condition_is_judged_in_a_second_step)
{
    SCOPED_ARENA(arena);
    static const char *restricted[] = {"pk <> :p", "NOT pk = :p", "size(pk) = :n", "pk = sk",
                                       "pk.a = :p"};
    for (size_t i = 0; i < sizeof restricted / sizeof restricted[0]; i++) {
        struct placeholders placeholders = placeholders_of(&arena, NULL, VALUES);
        const struct condition *condition;
        const struct key_condition_clauses *clauses;
        CHECK_OK(key_condition_parse(&arena, slice_of_string(restricted[i]), &placeholders,
                                     &condition));
        CHECK(key_condition_restrict(&arena, condition, &clauses) != NULL);
    }
}
