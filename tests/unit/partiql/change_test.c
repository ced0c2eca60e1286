/* SET and REMOVE applied to an item. */
#include "tests/unit/partiql/fixture.h"

#define ITEM                                                                                       \
    "{\"n\":{\"N\":\"2\"},\"l\":{\"L\":[{\"N\":\"1\"},{\"N\":\"2\"}]},\"ss\":{\"SS\":[\"a\"]},"    \
    "\"m\":{\"M\":{}}}"
#define N "\"n\":{\"N\":\"2\"}"
#define L "\"l\":{\"L\":[{\"N\":\"1\"},{\"N\":\"2\"}]}"
#define M "\"m\":{\"M\":{}}"
#define SS "\"ss\":{\"SS\":[\"a\"]}"

TEST(an_update_makes_of_an_item_what_its_expression_would)
{
    static const struct {
        const char *changes;
        const char *after;
    } cases[] = {
        {"SET n = n + 1", "{" L "," M ",\"n\":{\"N\":\"3\"}," SS "}"},
        {"SET n=n-1", "{" L "," M ",\"n\":{\"N\":\"1\"}," SS "}"},
        {"SET n = n - - 2", "{" L "," M ",\"n\":{\"N\":\"4\"}," SS "}"},
        {"SET n = 1 + (n - 5)", "{" L "," M ",\"n\":{\"N\":\"-2\"}," SS "}"},
        {"SET a = 1, b = 'x' SET c = n",
         "{\"a\":{\"N\":\"1\"},\"b\":{\"S\":\"x\"},\"c\":{\"N\":\"2\"}," L "," M "," N "," SS "}"},
        {"SET m.k = l[1] REMOVE l[0] REMOVE n",
         "{\"l\":{\"L\":[{\"N\":\"2\"}]},\"m\":{\"M\":{\"k\":{\"N\":\"2\"}}}," SS "}"},
        {"SET l = list_append(['x'], l)",
         "{\"l\":{\"L\":[{\"S\":\"x\"},{\"N\":\"1\"},{\"N\":\"2\"}]}," M "," N "," SS "}"},
        {"SET n = if_not_exists(x, 7) + 1", "{" L "," M ",\"n\":{\"N\":\"8\"}," SS "}"},
        {"SET ss = set_add(ss, <<'b'>>)", "{" L "," M "," N ",\"ss\":{\"SS\":[\"a\",\"b\"]}}"},
        {"SET x = SET_ADD(x, <<1>>)", "{" L "," M "," N "," SS ",\"x\":{\"NS\":[\"1\"]}}"},
        {"SET ss = set_delete(\"ss\", <<'a'>>)", "{" L "," M "," N "}"},
        {"SET m.s = set_delete(m.s, <<'a'>>)", "{" L "," M "," N "," SS "}"},
        {"REMOVE absent", "{" L "," M "," N "," SS "}"},
    };
    SCOPED_ARENA(arena);
    slice item = item_of(&arena, ITEM);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        slice text = arena_format(&arena, "UPDATE t %s WHERE pk = 1", cases[i].changes);
        const struct statement *statement = NULL;
        slice after = SLICE_NONE;
        CHECK_OK(parse_with(&arena, text, NULL, &statement));
        if (!statement)
            continue;
        CHECK_OK(update_apply(&arena, statement->update, item, true, &after));
        CHECK_SLICE(json_of_item(&arena, after), slice_of_string(cases[i].after));
    }
}

TEST(a_change_that_no_item_could_take_is_refused)
{
    static const struct {
        const char *changes;
        const char *message;
    } cases[] = {
        {"SET a = 1, a = 2", "Two document paths overlap with each other; must remove or rewrite "
                             "one of these paths; path one: [a], path two: [a]"},
        {"SET a.b = 1 REMOVE a[0]",
         "Two document paths conflict with each other; must remove or rewrite one of these paths; "
         "path one: [a, b], path two: [a, [0]]"},
        {"SET a = b + null", "Incorrect operand type for operator or function; operator or "
                             "function: +, operand type: NULL"},
        {"SET a = list_append(b, 1)", "Incorrect operand type for operator or function; operator "
                                      "or function: list_append, operand type: N"},
        {"SET a = list_append(b)", "Incorrect number of operands for operator or function; "
                                   "operator or function: list_append, number of operands: 1"},
        {"SET a = if_not_exists(1, 2)", "Operator or function requires a document path; operator "
                                        "or function: if_not_exists"},
        {"SET a = set_add(b, <<1>>)",
         "The first argument to SET_ADD must equal the assignment value at 1:18:7"},
        {"SET a = set_add(<<1>>, <<1>>)",
         "The first argument to SET_ADD must equal the assignment value at 1:18:7"},
        {"SET a = set_delete(a, [1])",
         "The second argument to SET_DELETE must be a value with type SET at 1:29:1"},
        {"SET a = set_add(a)", "SET_ADD must have exactly two arguments at 1:18:7"},
        {"SET a = set_add()", "SET_ADD must have exactly two arguments at 1:18:7"},
        {"SET a = set_add(a, <<1>>, <<2>>)", "SET_ADD must have exactly two arguments at 1:18:7"},
        {"SET a = 1 + set_add(a, <<1>>)", "Unrecognized function: set_add at 1:22:7"},
    };
    SCOPED_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        slice text = arena_format(&arena, "UPDATE t %s WHERE pk = 1", cases[i].changes);
        const struct statement *statement;
        CHECK_FAILS(parse_with(&arena, text, NULL, &statement), ERROR_VALIDATION,
                    slice_of_string(cases[i].message));
    }
}
