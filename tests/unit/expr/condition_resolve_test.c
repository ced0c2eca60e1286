/* What is refused before any item is read, in the service's words and order. */
#include "base/limits.h"
#include "expr/key_condition.h"
#include "expr/projection.h"
#include "expr/update.h"
#include "tests/unit/expr/fixture.h"

#define NAMES "{\"#a\":\"a\",\"#data\":\"data\",\"#list\":\"data\",\"#size\":\"size\"}"
#define VALUES                                                                                     \
    "{\":s\":{\"S\":\"a\"},\":z\":{\"S\":\"z\"},\":n\":{\"N\":\"1.0\"},\":two\":{\"N\":\"2\"},"    \
    "\":b\":{\"B\":\"eg==\"},\":b0\":{\"B\":\"YQ==\"},\":t\":{\"BOOL\":true},"                     \
    "\":null\":{\"NULL\":true},\":ss\":{\"SS\":[\"a\"]},\":ns\":{\"NS\":[\"1\"]},"                 \
    "\":bs\":{\"BS\":[\"YQ==\"]},\":l\":{\"L\":[]},\":m\":{\"M\":{}},\":X\":{\"S\":\"X\"},"        \
    "\":tS\":{\"S\":\"S\"}}"

#define SYNTAX(token, near) "Syntax error; token: \"" token "\", near: \"" near "\""
#define TYPE(operation, type)                                                                      \
    "Incorrect operand type for operator or function; operator or function: " operation            \
    ", operand type: " type
#define COUNT(operation, count)                                                                    \
    "Incorrect number of operands for operator or function; operator or function: " operation      \
    ", number of operands: " count
#define NEEDS_PATH(operation)                                                                      \
    "Operator or function requires a document path; operator or function: " operation
#define DISTINCT(operation, path)                                                                  \
    "The first operand must be distinct from the remaining operands for this operator or "         \
    "function; operator: " operation ", first operand: " path
#define MISUSED(function)                                                                          \
    "The function is not allowed to be used this way in an expression; function: " function
#define RESERVED(word) "Attribute name is a reserved keyword; reserved keyword: " word
#define NO_NAME(name)                                                                              \
    "An expression attribute name used in the document path is not defined; attribute name: " name
#define NO_VALUE(value)                                                                            \
    "An expression attribute value used in expression is not defined; attribute value: " value
#define NO_FUNCTION(function) "Invalid function name; function: " function
#define REDUNDANT "The expression has redundant parentheses;"
#define UPDATE_ONLY(function)                                                                      \
    "The function is not allowed in a condition expression; function: " function
#define BOUNDS_TYPE(lower, upper)                                                                  \
    "The BETWEEN operator requires same data type for lower and upper bounds; lower bound "        \
    "operand: AttributeValue: " lower ", upper bound operand: AttributeValue: " upper
#define BOUNDS_ORDER(lower, upper)                                                                 \
    "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "       \
    "lower bound operand: AttributeValue: " lower ", upper bound operand: AttributeValue: " upper

static const struct {
    const char *expression;
    const char *problem;
} CASES[] = {
    {"", "The expression can not be empty;"},
    /* syntax */
    {" ", SYNTAX("<EOF>", "")},
    {"a", SYNTAX("<EOF>", "a")},
    {":s", SYNTAX("<EOF>", ":s")},
    {"a = = b", SYNTAX("=", "= = b")},
    {"a =  = b", SYNTAX("=", "=  = b")},
    {"a = b = :s", SYNTAX("=", "b = :s")},
    {"= a", SYNTAX("=", "= a")},
    {"(", SYNTAX("<EOF>", "(")},
    {"(a = :s", SYNTAX("<EOF>", ":s")},
    {"a = :s)", SYNTAX(")", ":s)")},
    {"a = :s b", SYNTAX("b", ":s b")},
    {"a = :s AND", SYNTAX("<EOF>", "AND")},
    {"AND a = :s", SYNTAX("AND", "AND a")},
    {"a AND b = :s", SYNTAX("AND", "a AND b")},
    {"a = :s AND b", SYNTAX("<EOF>", "b")},
    {"attribute_exists(a) AND NOT #a", SYNTAX("<EOF>", "#a")},
    {"(a)", SYNTAX("<EOF>", ")")},
    {"(a AND b = :s)", SYNTAX("AND", "a AND b")},
    {"(a = :s) = :s", SYNTAX("=", ") = :s")},
    {"#a attribute_not_exists :s", SYNTAX("attribute_not_exists", "#a attribute_not_exists :s")},
    {"contains()", SYNTAX(")", "()")},
    {"contains(a,)", SYNTAX(")", ",)")},
    {"contains(a b)", SYNTAX("b", "a b)")},
    {"contains(a, b = :s)", SYNTAX("=", "b = :s")},
    {"a IN ()", SYNTAX(")", "()")},
    {"a IN :s", SYNTAX(":s", "IN :s")},
    {"a IN (:s", SYNTAX("<EOF>", ":s")},
    {"a BETWEEN :s", SYNTAX("<EOF>", ":s")},
    {"a BETWEEN :s OR :s", SYNTAX("OR", ":s OR :s")},
    {"a NOT IN (:s)", SYNTAX("NOT", "a NOT IN")},
    {"a NOT BETWEEN :s AND :s", SYNTAX("NOT", "a NOT BETWEEN")},
    {"_a = :s", SYNTAX("_", "_a")},
    {"1a = :s", SYNTAX("1", "1a")},
    {"a = 1", SYNTAX("1", "= 1")},
    {"a = 'x'", SYNTAX("'", "= 'x")},
    {"a-b = :s", SYNTAX("-", "a-b")},
    {"a + b = :s", SYNTAX("+", "a + b")},
    {"a = # ", SYNTAX("#", "= #")},
    {"a = :", SYNTAX(":", "= :")},
    {"a == :s", SYNTAX("=", "== :s")},
    {"a != :s", SYNTAX("!", "a !=")},
    {"a. = :s", SYNTAX("=", ". = :s")},
    {"a.1 = :s", SYNTAX("1", ".1 =")},
    {"a.:s = :s", SYNTAX(":s", ".:s =")},
    {"a[:s] = :s", SYNTAX(":s", "[:s]")},
    {"a[] = :s", SYNTAX("]", "[] =")},
    {"a[-1] = :s", SYNTAX("-", "[-1")},
    {"a[b] = :s", SYNTAX("b", "[b]")},
    {"a[0 = :s", SYNTAX("=", "0 = :s")},
    {"a.and = :s", SYNTAX("and", ".and =")},
    {"between = :s", SYNTAX("between", "between =")},
    {"a = \xc3\xa9", SYNTAX("\xc3\xa9", "= \xc3\xa9")},
    {"a[4294967296] = :s", "List index is not within the allowable range; index: [4294967296]"},
    /* parentheses */
    {"((a = :s))", REDUNDANT},
    {"((a)) = :s", REDUNDANT},
    {"a = ((:s))", REDUNDANT},
    {"b = :s AND ((a = :s))", REDUNDANT},
    {"contains(((a)), :s)", REDUNDANT},
    /* functions */
    {"foo(a)", NO_FUNCTION("foo")},
    {"foo(a) = :s", NO_FUNCTION("foo")},
    {"a = foo(a)", NO_FUNCTION("foo")},
    {"ATTRIBUTE_EXISTS(a)", NO_FUNCTION("ATTRIBUTE_EXISTS")},
    {"Size(a) = :n", NO_FUNCTION("Size")},
    {"if_not_exists(a, :s) = :s", UPDATE_ONLY("if_not_exists")},
    {"a = list_append(a, :l)", UPDATE_ONLY("list_append")},
    {"attribute_exists(a) = :t", MISUSED("attribute_exists")},
    {"a = contains(a, :s)", MISUSED("contains")},
    {"size(a)", MISUSED("size")},
    {"a = :s AND size(a)", MISUSED("size")},
    {"NOT size(a)", MISUSED("size")},
    {"size(contains(a, :s)) = :n", MISUSED("contains")},
    {"a IN (begins_with(a, :s))", MISUSED("begins_with")},
    {"contains(a, attribute_exists(b))", MISUSED("attribute_exists")},
    /* names and values */
    {"name = :s", RESERVED("name")},
    {"NAME = :s", RESERVED("NAME")},
    {"a.Comment = :s", RESERVED("Comment")},
    {"a[0].comment = :s", RESERVED("comment")},
    {"set = :s", RESERVED("set")},
    {"size = :s", RESERVED("size")},
    {"contains(a, a.count)", RESERVED("count")},
    {"flattern = :s", RESERVED("flattern")},
    {"#missing = :s", NO_NAME("#missing")},
    {"a.#missing = :s", NO_NAME("#missing")},
    {"a = :missing", NO_VALUE(":missing")},
    {"a IN (:s, :missing)", NO_VALUE(":missing")},
    /* how many operands */
    {"attribute_exists(a, b)", COUNT("attribute_exists", "2")},
    {"attribute_not_exists(a, b)", COUNT("attribute_not_exists", "2")},
    {"attribute_type(a)", COUNT("attribute_type", "1")},
    {"begins_with(a)", COUNT("begins_with", "1")},
    {"begins_with(a, :s, :s)", COUNT("begins_with", "3")},
    {"contains(a)", COUNT("contains", "1")},
    {"size(a, b) = :n", COUNT("size", "2")},
    {"attribute_exists(:s)", NEEDS_PATH("attribute_exists")},
    {"attribute_not_exists(:s)", NEEDS_PATH("attribute_not_exists")},
    {"attribute_exists(size(a))", NEEDS_PATH("attribute_exists")},
    /* the same operand twice */
    {"a = a", DISTINCT("=", "[a]")},
    {"a <> a", DISTINCT("<>", "[a]")},
    {"#data < #list", DISTINCT("<", "[data]")},
    {"attribute_type(a.b, a.b)", DISTINCT("attribute_type", "[a, b]")},
    {"a.b[1] >= a.b[1]", DISTINCT(">=", "[a, b, [1]]")},
    {"a BETWEEN :s AND a", DISTINCT("BETWEEN", "[a]")},
    {"a IN (:s, a)", DISTINCT("IN", "[a]")},
    {"begins_with(a, a)", DISTINCT("begins_with", "[a]")},
    {"contains(#data, #list)", DISTINCT("contains", "[data]")},
    /* types of values */
    {"a < :t", TYPE("<", "BOOL")},
    {"a <= :null", TYPE("<=", "NULL")},
    {"a > :ss", TYPE(">", "SS")},
    {"a >= :ns", TYPE(">=", "NS")},
    {":bs < a", TYPE("<", "BS")},
    {":l < a", TYPE("<", "L")},
    {":m < a", TYPE("<", "M")},
    {":t BETWEEN a AND b", TYPE("BETWEEN", "BOOL")},
    {"a BETWEEN :t AND :s", TYPE("BETWEEN", "BOOL")},
    {"begins_with(a, :n)", TYPE("begins_with", "N")},
    {"begins_with(:n, a)", TYPE("begins_with", "N")},
    {"begins_with(a, :ss)", TYPE("begins_with", "SS")},
    {"begins_with(a, size(b))", TYPE("begins_with", "N")},
    {"contains(:n, a)", TYPE("contains", "N")},
    {"contains(:t, a)", TYPE("contains", "BOOL")},
    {"contains(:m, a)", TYPE("contains", "M")},
    {"size(:n) = :n", TYPE("size", "N")},
    {"size(:t) = :n", TYPE("size", "BOOL")},
    {"size(:null) = :n", TYPE("size", "NULL")},
    {"size(size(a)) = :n", TYPE("size", "N")},
    {"attribute_type(a, :n)", TYPE("attribute_type", "N")},
    {"attribute_type(a, b)",
     TYPE("attribute_type", "{S,SS,N,NS,B,BS,BOOL,NULL,L,M,HD,DOUBLE,FLOAT,HDS,FS,DOUBLESET,DICT,"
                            "DECIMAL,INT,DECIMALSET,INTSET}")},
    {"attribute_type(a, :X)", "Invalid attribute type name found; type: X, valid types: "
                              "{B,NULL,SS,BOOL,L,BS,N,NS,S,M}"},
    /* bounds */
    {"a BETWEEN :s AND :n", BOUNDS_TYPE("{S:a}", "{N:1}")},
    {"a BETWEEN :two AND :n", BOUNDS_ORDER("{N:2}", "{N:1}")},
    {"a BETWEEN :z AND :s", BOUNDS_ORDER("{S:z}", "{S:a}")},
    {"a BETWEEN :b AND :b0", BOUNDS_ORDER("{B:eg==}", "{B:YQ==}")},
    /* which comes first */
    {"((foo(a))) = ", SYNTAX("<EOF>", "=")},
    {"foo(a) AND ((b = :s))", REDUNDANT},
    {"size(a) AND foo(a)", NO_FUNCTION("foo")},
    {"name = :s AND size(a)", MISUSED("size")},
    {"a = :missing AND name = :s", RESERVED("name")},
    {"a = :missing AND #missing = :s", NO_VALUE(":missing")},
    {"#missing = :s AND a = :missing", NO_NAME("#missing")},
    {"begins_with(a, :n) AND b = :missing", TYPE("begins_with", "N")},
    {"b = :missing AND begins_with(a, :n)", NO_VALUE(":missing")},
    {"begins_with(a, a, :n)", COUNT("begins_with", "3")},
    {"begins_with(a, :n) AND a = a", TYPE("begins_with", "N")},
    {"a = a AND begins_with(a, :n)", DISTINCT("=", "[a]")},
    {"size(a, b) < :t", COUNT("size", "2")},
};

TEST(bad_conditions_are_refused_in_the_words_of_the_service)
{
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        SCOPED_ARENA(arena);
        struct placeholders placeholders = placeholders_of(&arena, NAMES, VALUES);
        const struct condition *condition = NULL;

        error e = condition_parse(&arena, SLICE("ConditionExpression"),
                                  slice_of_string(CASES[i].expression), &placeholders, &condition);

        slice got = e ? e->message : arena_format(&arena, "accepted %s", CASES[i].expression);
        CHECK(!e || e->kind == ERROR_VALIDATION);
        CHECK_SLICE(got, arena_format(&arena, "Invalid ConditionExpression: %s", CASES[i].problem));
    }
}

static error parse(struct arena *arena, slice text)
{
    struct placeholders placeholders = placeholders_of(arena, NAMES, VALUES);
    const struct condition *condition;
    return condition_parse(arena, SLICE("FilterExpression"), text, &placeholders, &condition);
}

#define TOO_LARGE "Expression size has exceeded the maximum allowed size;"

TEST(an_expression_has_at_most_4096_bytes)
{
    SCOPED_ARENA(arena);
    slice padding = repeat(&arena, " ", "", EXPRESSION_BYTES_MAX);
    slice fits = arena_format(&arena, "a = :s%.*s", EXPRESSION_BYTES_MAX - 6, padding.data);
    slice exceeds = arena_format(&arena, "a = :s%.*s", EXPRESSION_BYTES_MAX - 5, padding.data);

    CHECK_OK(parse(&arena, fits));
    CHECK_FAILS(parse(&arena, exceeds), ERROR_VALIDATION,
                SLICE("Invalid FilterExpression: Expression size has exceeded the maximum allowed "
                      "size; expression size: 4097"));

    /* Of the other expressions the size is not told. */
    struct placeholders placeholders = placeholders_of(&arena, NAMES, VALUES);
    const struct projection *projection;
    CHECK_FAILS(projection_parse(&arena, exceeds, &placeholders, &projection), ERROR_VALIDATION,
                SLICE("Invalid ProjectionExpression: " TOO_LARGE));
    const struct condition *of_key;
    CHECK_FAILS(key_condition_parse(&arena, exceeds, &placeholders, &of_key), ERROR_VALIDATION,
                SLICE("Invalid KeyConditionExpression: " TOO_LARGE));
    const struct update *update;
    CHECK_FAILS(update_parse(&arena, exceeds, &placeholders, &update), ERROR_VALIDATION,
                SLICE("Invalid UpdateExpression: " TOO_LARGE));
}

TEST(an_expression_has_at_most_300_operators)
{
    SCOPED_ARENA(arena);
    slice many = repeat(&arena, "a=:s", " OR ", 150);

    CHECK_OK(parse(&arena, many));
    CHECK_OK(parse(&arena, arena_format(&arena, "NOT %.*s", SLICE_ARGS(many))));
    CHECK_FAILS(parse(&arena, arena_format(&arena, "NOT NOT %.*s", SLICE_ARGS(many))),
                ERROR_VALIDATION,
                SLICE("Invalid FilterExpression: The expression contains too many operators; "
                      "operator count: 301"));
    CHECK_OK(parse(&arena, repeat(&arena, "contains(a,b)", "OR ", 200)));
}

TEST(between_and_in_count_as_one_operator_each)
{
    SCOPED_ARENA(arena);
    slice many = repeat(&arena, "a=:s", " OR ", 149); /* 297 operators */

    CHECK_OK(
        parse(&arena, arena_format(&arena, "%.*s OR NOT a BETWEEN :s AND :s", SLICE_ARGS(many))));
    CHECK_OK(parse(&arena, arena_format(&arena, "%.*s OR NOT a IN (:s,:s)", SLICE_ARGS(many))));
    CHECK(parse(&arena, arena_format(&arena, "%.*s OR NOT NOT a IN (:s)", SLICE_ARGS(many))));
}

TEST(in_takes_99_values_beside_its_operand)
{
    SCOPED_ARENA(arena);
    slice fits = repeat(&arena, ":s", ",", 99);
    slice exceeds = repeat(&arena, ":s", ",", 100);

    CHECK_OK(parse(&arena, arena_format(&arena, "a IN (%.*s)", SLICE_ARGS(fits))));
    CHECK_FAILS(parse(&arena, arena_format(&arena, "a IN (%.*s)", SLICE_ARGS(exceeds))),
                ERROR_VALIDATION,
                SLICE("Invalid FilterExpression: The IN operator is provided with too many "
                      "operands; number of operands: 101"));
}

TEST(nesting_is_bounded)
{
    static const char *const openings[] = {"(", "NOT ", "NOT(", "size(", "(a=:s OR ", "foo("};
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
        SCOPED_ARENA(arena);
        uint32_t count = (uint32_t)(EXPRESSION_BYTES_MAX / strlen(openings[i]));
        CHECK(parse(&arena, repeat(&arena, openings[i], "", count)) != NULL);
    }
}

/* As deep as 300 operators allow. */
TEST(deep_conditions_work)
{
    static const struct {
        const char *open;
        uint32_t count;
        bool holds;
    } cases[] = {{"(a<>:s OR ", 149, true}, {"NOT(", 299, false}, {"NOT ", 298, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SCOPED_ARENA(arena);
        slice open = repeat(&arena, cases[i].open, "", cases[i].count);
        slice close = repeat(&arena, strchr(cases[i].open, '(') ? ")" : " ", "", cases[i].count);
        slice deep = arena_format(&arena, "%.*sa=:s%.*s", SLICE_ARGS(open), SLICE_ARGS(close));
        struct placeholders placeholders = placeholders_of(&arena, NAMES, VALUES);
        const struct condition *condition;
        CHECK_OK(condition_parse(&arena, SLICE("F"), deep, &placeholders, &condition));
        slice item = item_of(&arena, "{\"a\":{\"S\":\"a\"}}");
        CHECK(condition_holds(condition, item, &arena) == cases[i].holds);
    }
}

/* Tokens in random order: nothing may crash, and what is accepted must evaluate. */
TEST(random_tokens_never_crash)
{
    static const char *const tokens[] = {
        "a",
        "b",
        "#a",
        "#missing",
        ":s",
        ":n",
        ":l",
        ":missing",
        "(",
        ")",
        "(",
        ")",
        ",",
        ".",
        "[",
        "]",
        "0",
        "=",
        "<>",
        "<",
        "<=",
        ">",
        ">=",
        "AND",
        "OR",
        "NOT",
        "BETWEEN",
        "IN",
        "size(",
        "foo",
        "contains(",
        "+",
        "-",
        "SET",
        "name",
        "\xc3\xa9",
        "attribute_exists(",
        "attribute_type(",
        "begins_with(",
        ":tS",
        "_",
        "#",
        ":",
        "$",
    };
    enum { TOKEN_COUNT = sizeof tokens / sizeof *tokens, ROUNDS = 20000, TOKENS_MAX = 14 };
    uint64_t state = test_seed() | 1;
    uint32_t accepted = 0;
    for (int round = 0; round < ROUNDS; round++) {
        SCOPED_ARENA(arena);
        struct buffer text;
        buffer_init(&text, &arena);
        state = state * 6364136223846793005u + 1442695040888963407u;
        uint64_t count = 1 + (state >> 33) % TOKENS_MAX;
        for (uint64_t i = 0; i < count; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            buffer_append(&text, slice_of_string(tokens[(state >> 33) % TOKEN_COUNT]));
            buffer_append_byte(&text, ' ');
        }
        struct placeholders placeholders = placeholders_of(
            &arena, "{\"#a\":\"a\"}",
            "{\":s\":{\"S\":\"a\"},\":n\":{\"N\":\"1\"},\":l\":{\"L\":[]},\":tS\":{\"S\":\"S\"}}");
        slice item = item_of(&arena, "{\"a\":{\"L\":[{\"S\":\"a\"}]}}");
        const struct condition *condition, *of_keys;
        const struct key_condition_clauses *clauses;
        const struct projection *projection;
        error of_condition =
            condition_parse(&arena, SLICE("F"), buffer_slice(&text), &placeholders, &condition);
        error of_key = key_condition_parse(&arena, buffer_slice(&text), &placeholders, &of_keys);
        if (!of_key)
            of_key = key_condition_restrict(&arena, of_keys, &clauses);
        error of_projection =
            projection_parse(&arena, buffer_slice(&text), &placeholders, &projection);
        CHECK(!of_condition || of_condition->message.size > 0);
        CHECK(!of_condition || of_key); /* a key condition is a condition */
        if (!of_condition)
            condition_holds(condition, item, &arena);
        if (!of_projection)
            CHECK_OK(item_check(projection_apply(projection, item, &arena)));
        if (!of_condition || !of_projection)
            accepted++;
    }
    CHECK(accepted > 0);
}
