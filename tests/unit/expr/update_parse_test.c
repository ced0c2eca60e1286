#include "base/limits.h"
#include "expr/update.h"
#include "tests/unit/expr/fixture.h"

#define NAMES "{\"#a\":\"a\",\"#b\":\"b\"}"
#define VALUES                                                                                     \
    "{\":n\":{\"N\":\"1\"},\":s\":{\"S\":\"s\"},\":l\":{\"L\":[]},\":ss\":{\"SS\":[\"a\"]},"       \
    "\":ns\":{\"NS\":[\"1\"]},\":b\":{\"B\":\"\"},\":null\":{\"NULL\":true},"                      \
    "\":bool\":{\"BOOL\":true},\":m\":{\"M\":{}}}"

#define OVERLAP(one, two)                                                                          \
    "Two document paths overlap with each other; must remove or rewrite one of these paths; path " \
    "one: " one ", path two: " two
#define CONFLICT(one, two)                                                                         \
    "Two document paths conflict with each other; must remove or rewrite one of these paths; "     \
    "path one: " one ", path two: " two
#define NO_NAME(name)                                                                              \
    "An expression attribute name used in the document path is not defined; attribute name: " name
#define NO_VALUE(name)                                                                             \
    "An expression attribute value used in expression is not defined; attribute value: " name
#define NO_FUNCTION(name) "Invalid function name; function: " name
#define NOT_HERE(name) "The function is not allowed in an update expression; function: " name
#define MISUSED(name)                                                                              \
    "The function is not allowed to be used this way in an expression; function: " name
#define RESERVED(name) "Attribute name is a reserved keyword; reserved keyword: " name
#define TWICE(name) "The \"" name "\" section can only be used once in an update expression;"
#define COUNT(name, count)                                                                         \
    "Incorrect number of operands for operator or function; operator or function: " name           \
    ", number of operands: " count
#define TYPE(name, type)                                                                           \
    "Incorrect operand type for operator or function; operator or function: " name                 \
    ", operand type: " type
#define CLAUSE_TYPE(name, type)                                                                    \
    "Incorrect operand type for operator or function; operator: " name ", operand type: " type
#define NEEDS_PATH "Operator or function requires a document path; operator or function: "
#define SYNTAX(token, near) "Syntax error; token: \"" token "\", near: \"" near "\""

static const struct {
    const char *expression;
    const char *problem;
} REFUSED[] = {
    /* syntax */
    {"", "The expression can not be empty;"},
    {"INVALID SYNTAX HERE", SYNTAX("INVALID", "INVALID SYNTAX")},
    {"SET", SYNTAX("<EOF>", "SET")},
    {"SET a", SYNTAX("<EOF>", "a")},
    {"SET a =", SYNTAX("<EOF>", "=")},
    {"SET a = :n,", SYNTAX("<EOF>", ",")},
    {"SET a = :n b = :n", SYNTAX("b", ":n b =")},
    {"SET a = :n + :n + :n", SYNTAX("+", ":n + :n")},
    {"SET a = if_not_exists(a, :n + :n)", SYNTAX("+", ":n + :n")},
    {"SET a = - :n", SYNTAX("-", "= - :n")},
    {"SET a = (:n", SYNTAX("<EOF>", ":n")},
    {"SET a = list_append()", SYNTAX(")", "()")},
    {"SET a = list_append(:l,)", SYNTAX(")", ",)")},
    {"SET :n = :n", SYNTAX(":n", "SET :n =")},
    {"SET (a) = :n", SYNTAX("(", "SET (a")},
    {"SET _a = :n", SYNTAX("_", "SET _a")},
    {"SET a[:n] = :n", SYNTAX(":n", "[:n]")},
    {"SET a[#a] = :n", SYNTAX("#a", "[#a]")},
    {"SET set = :n", SYNTAX("set", "SET set =")},
    {"SET a.remove = :n", SYNTAX("remove", ".remove =")},
    {"SET a = 5", SYNTAX("5", "= 5")},
    {"SET a = b = :n", SYNTAX("=", "b = :n")},
    {"REMOVE :n", SYNTAX(":n", "REMOVE :n")},
    {"REMOVE a = :n", SYNTAX("=", "a = :n")},
    {"ADD a", SYNTAX("<EOF>", "a")},
    {"ADD a = :n", SYNTAX("=", "a = :n")},
    {"ADD a b", SYNTAX("b", "a b")},
    {"ADD a :n + :n", SYNTAX("+", ":n + :n")},
    {"DELETE a if_not_exists(a, :ss)", SYNTAX("if_not_exists", "a if_not_exists(")},
    {"REMOVE a[4294967296]", "List index is not within the allowable range; index: [4294967296]"},
    /* names of all kinds */
    {"SET a = name", RESERVED("name")},
    {"SET a.Count = :n", RESERVED("Count")},
    {"REMOVE abort", RESERVED("abort")},
    {"SET a = f(b, c, :n)", NO_FUNCTION("f")},
    {"SET a = LIST_APPEND(:l, :l)", NO_FUNCTION("LIST_APPEND")},
    {"SET a = size(b)", NOT_HERE("size")},
    {"SET a = attribute_exists(b)", NOT_HERE("attribute_exists")},
    {"SET a = contains(b, :s) + :n", NOT_HERE("contains")},
    {"SET a = list_append(list_append(:l, :l), :l)", MISUSED("list_append")},
    {"SET a = list_append(:l, (list_append(:l, :l)))", MISUSED("list_append")},
    {"SET a = list_append(:l, :l) + :n", MISUSED("list_append")},
    {"SET a = :n - list_append(:l, :l)", MISUSED("list_append")},
    /* clauses */
    {"SET a = :n SET b = :n", TWICE("SET")},
    {"SET a = :n REMOVE b SET c = :n", TWICE("SET")},
    {"remove a Remove b", TWICE("REMOVE")},
    {"ADD a :n ADD b :n", TWICE("ADD")},
    {"DELETE a :ss SET c = :n DELETE b :ss SET d = :n", TWICE("DELETE")},
    /* placeholders */
    {"SET #z = :n", NO_NAME("#z")},
    {"SET a = if_not_exists(b.#z, #y)", NO_NAME("#z")},
    {"SET a = :z", NO_VALUE(":z")},
    {"ADD a :z", NO_VALUE(":z")},
    {"SET a = if_not_exists(:z, :y)", NO_VALUE(":z")},
    /* paths */
    {"SET a = :n, a = :n", OVERLAP("[a]", "[a]")},
    {"SET a = :n REMOVE #a", OVERLAP("[a]", "[a]")},
    {"REMOVE a SET a = :n", OVERLAP("[a]", "[a]")},
    {"SET a = :n, a.b = :n", OVERLAP("[a]", "[a, b]")},
    {"SET a.b.c.d = :n REMOVE a.b", OVERLAP("[a, b, c, d]", "[a, b]")},
    {"SET a[1][1] = :n ADD a[1] :n", OVERLAP("[a, [1], [1]]", "[a, [1]]")},
    {"SET a.b = :n, a[1] = :n", CONFLICT("[a, b]", "[a, [1]]")},
    {"SET a.b[2] = :n DELETE a.b.c :ss", CONFLICT("[a, b, [2]]", "[a, b, c]")},
    {"SET a.b = :n, a[1] = :n, c = :n, c = :n", OVERLAP("[c]", "[c]")},
    /* operands */
    {"ADD a :s", CLAUSE_TYPE("ADD", "STRING")},
    {"ADD a :b", CLAUSE_TYPE("ADD", "BINARY")},
    {"ADD a :l", CLAUSE_TYPE("ADD", "LIST")},
    {"ADD a :m", CLAUSE_TYPE("ADD", "MAP")},
    {"ADD a :null", CLAUSE_TYPE("ADD", "NULL")},
    {"ADD a :bool", CLAUSE_TYPE("ADD", "BOOLEAN")},
    {"DELETE a :s", CLAUSE_TYPE("DELETE", "STRING")},
    {"DELETE a :n", CLAUSE_TYPE("DELETE", "NUMBER")},
    {"DELETE a :l", CLAUSE_TYPE("DELETE", "LIST")},
    {"SET a = list_append(:l)", COUNT("list_append", "1")},
    {"SET a = list_append(:l, b, :l)", COUNT("list_append", "3")},
    {"SET a = if_not_exists(a)", COUNT("if_not_exists", "1")},
    {"SET a = if_not_exists(a, b, c, d)", COUNT("if_not_exists", "4")},
    {"SET a = if_not_exists(:n, :n)", NEEDS_PATH "if_not_exists"},
    {"SET a = if_not_exists(if_not_exists(a, :n), :n)", NEEDS_PATH "if_not_exists"},
    {"SET a = list_append(:s, :l)", TYPE("list_append", "S")},
    {"SET a = list_append(:l, :ss)", TYPE("list_append", "SS")},
    {"SET a = :s + :n", TYPE("+", "S")},
    {"SET a = :n + :ns", TYPE("+", "NS")},
    {"SET a = b - :null", TYPE("-", "NULL")},
    {"SET a = if_not_exists(b, (:n + :s))", TYPE("+", "S")},
    /* which comes first */
    {"SET a = f(name)", RESERVED("name")},
    {"SET a = size(f(b))", NO_FUNCTION("f")},
    {"SET a = :n SET b = f(a)", NO_FUNCTION("f")},
    {"SET #z = :n SET b = :n", TWICE("SET")},
    {"SET a = :z, #z = :n", NO_NAME("#z")},
    {"SET a = :z, a = :n", NO_VALUE(":z")},
    {"SET a.b = :n, a[0] = :n ADD c :n REMOVE c", OVERLAP("[c]", "[c]")},
    {"ADD a :s, b.c :s, b[0] :s", CONFLICT("[b, c]", "[b, [0]]")},
    {"SET a = :s + :n ADD b :s", CLAUSE_TYPE("ADD", "STRING")},
    {"SET a = list_append(:l), b = :s + :n", COUNT("list_append", "1")},
};

TEST(bad_updates_are_refused_in_the_words_and_order_of_the_service)
{
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++) {
        SCOPED_ARENA(arena);
        struct placeholders placeholders = placeholders_of(&arena, NAMES, VALUES);
        const struct update *update;
        error e =
            update_parse(&arena, slice_of_string(REFUSED[i].expression), &placeholders, &update);
        CHECK_SLICE(e ? e->message : slice_of_string(REFUSED[i].expression),
                    arena_format(&arena, "Invalid UpdateExpression: %s", REFUSED[i].problem));
    }
}

TEST(placeholders_are_used_wherever_they_stand)
{
    SCOPED_ARENA(arena);
    struct placeholders placeholders =
        placeholders_of(&arena, NAMES, "{\":n\":{\"N\":\"1\"},\":l\":{\"L\":[]}}");
    const struct update *update;
    slice text = SLICE("SET c = if_not_exists(#a, :l), d = #b + :n");

    CHECK_OK(update_parse(&arena, text, &placeholders, &update));
    CHECK_OK(placeholders_check_used(&arena, &placeholders));

    struct placeholders again = placeholders_of(&arena, NAMES, "{\":n\":{\"N\":\"1\"}}");
    CHECK_OK(update_parse(&arena, SLICE("SET #a = :n"), &again, &update));
    CHECK_FAILS(placeholders_check_used(&arena, &again), ERROR_VALIDATION,
                SLICE("Value provided in ExpressionAttributeNames unused in expressions: keys: "
                      "{#b}"));
}

TEST(an_expression_has_at_most_4096_bytes)
{
    SCOPED_ARENA(arena);
    struct placeholders placeholders = {0};
    const struct update *update;
    slice head = SLICE("REMOVE a");
    slice blanks = repeat(&arena, " ", "", EXPRESSION_BYTES_MAX);
    slice longest = arena_format(&arena, "%.*s%.*s", SLICE_ARGS(head),
                                 SLICE_ARGS(slice_first(blanks, EXPRESSION_BYTES_MAX - head.size)));
    slice longer = arena_format(&arena, "%.*s ", SLICE_ARGS(longest));

    CHECK_OK(update_parse(&arena, longest, &placeholders, &update));
    CHECK_FAILS(update_parse(&arena, longer, &placeholders, &update), ERROR_VALIDATION,
                SLICE("Invalid UpdateExpression: Expression size has exceeded the maximum allowed "
                      "size;"));
}

/* SET a0=b+b,… of so many sums, in as few bytes as there are */
static slice sums(struct arena *arena, uint32_t count)
{
    struct buffer text;
    buffer_init(&text, arena);
    buffer_append(&text, SLICE("SET "));
    for (uint32_t i = 0; i < count; i++)
        buffer_append(&text, arena_format(arena, "%sa[%u]=b+b", i > 0 ? "," : "", i));
    return buffer_slice(&text);
}

TEST(an_expression_has_at_most_300_operators)
{
    SCOPED_ARENA(arena);
    struct placeholders placeholders = {0};
    const struct update *update;
    CHECK_OK(update_parse(&arena, sums(&arena, 300), &placeholders, &update));
    CHECK_FAILS(update_parse(&arena, sums(&arena, 301), &placeholders, &update), ERROR_VALIDATION,
                SLICE("Invalid UpdateExpression: The expression contains too many operators; "
                      "operator count: 301"));
}

TEST(expressions_that_fill_every_list_are_read)
{
    SCOPED_ARENA(arena);
    struct placeholders placeholders = placeholders_of(&arena, NAMES, VALUES);
    const struct update *update;
    slice paths = arena_format(&arena, "REMOVE %.*s",
                               SLICE_ARGS(repeat(&arena, "a", ",", EXPRESSION_BYTES_MAX / 2 - 4)));
    slice operands =
        arena_format(&arena, "SET a=b(%.*s)",
                     SLICE_ARGS(repeat(&arena, "b", ",", EXPRESSION_BYTES_MAX / 2 - 5)));
    CHECK_FAILS(update_parse(&arena, paths, &placeholders, &update), ERROR_VALIDATION,
                SLICE("Invalid UpdateExpression: " OVERLAP("[a]", "[a]")));
    CHECK_FAILS(update_parse(&arena, operands, &placeholders, &update), ERROR_VALIDATION,
                SLICE("Invalid UpdateExpression: " NO_FUNCTION("b")));
}

TEST(nesting_is_bounded)
{
    SCOPED_ARENA(arena);
    struct placeholders placeholders = placeholders_of(&arena, NAMES, VALUES);
    const struct update *update;
    for (int i = 0; i < 2; i++) {
        uint32_t levels = (uint32_t)(EXPRESSION_LEVELS_MAX + i);
        slice text =
            arena_format(&arena, "SET a = %.*s:n%.*s", SLICE_ARGS(repeat(&arena, "(", "", levels)),
                         SLICE_ARGS(repeat(&arena, ")", "", levels)));
        error e = update_parse(&arena, text, &placeholders, &update);
        CHECK((e == NULL) == (i == 0));
    }
}

/* Grammar-shaped noise: whatever it is, it is either an update or refused. */
TEST(random_expressions_are_read_or_refused)
{
    static const char *const WORDS[] = {
        "SET", "REMOVE",      "ADD",  "DELETE", "a",
        "b",   "#a",          "#z",   ":n",     ":l",
        ":ss", ":z",          "=",    ",",      "if_not_exists",
        "(",   ")",           "+",    "-",      ".",
        "[",   "]",           "1",    "_",      "<",
        "AND", "list_append", "size", "a.",     "[0]",
        "$",   "\"",          " ",    "name",
    };
    uint64_t state = test_seed() | 1;
    for (int round = 0; round < 3000; round++) {
        SCOPED_ARENA(arena);
        struct placeholders placeholders = placeholders_of(&arena, NAMES, VALUES);
        struct buffer text;
        buffer_init(&text, &arena);
        for (int word = 0; word < 12; word++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            buffer_append(&text,
                          slice_of_string(WORDS[(state >> 33) % (sizeof WORDS / sizeof *WORDS)]));
            buffer_append_byte(&text, ' ');
        }
        const struct update *update = NULL;
        error e = update_parse(&arena, buffer_slice(&text), &placeholders, &update);
        CHECK(e ? e->kind == ERROR_VALIDATION : update != NULL);
    }
}
