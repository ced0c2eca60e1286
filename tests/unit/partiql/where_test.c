/* Conditions of statements against an item. */
#include "tests/unit/partiql/fixture.h"

#define ITEM                                                                                       \
    "{\"s\":{\"S\":\"b\"},\"n\":{\"N\":\"2\"},\"t\":{\"BOOL\":true},\"z\":{\"NULL\":true},"        \
    "\"ss\":{\"SS\":[\"x\",\"y\"]},\"l\":{\"L\":[{\"N\":\"1\"}]},\"b\":{\"B\":\"AA==\"},"          \
    "\"m\":{\"M\":{\"k\":{\"S\":\"v\"}}},\"and\":{\"N\":\"1\"}}"

TEST(a_condition_holds_as_its_expression_would)
{
    static const struct {
        const char *where;
        bool holds;
    } cases[] = {
        {"s = 'b'", true},
        {"'b' = s", true},
        {"s <> 'b'", false},
        {"s != 'c'", true},
        {"n < 3 AND n <= 2 AND n > 1 AND n >= 2", true},
        {"n = 1 OR n = 2 AND s = 'x'", false},
        {"(n = 1 OR n = 2) AND s = 'b'", true},
        {"NOT n = 1 AND s = 'b'", true},
        {"NOT (n = 2 OR s = 'x')", false},
        {"NOT NOT n = 2", true},
        {"n BETWEEN 1 AND 2 AND s = 'b'", true},
        {"n NOT BETWEEN 1 AND 2", false},
        {"n = 2AND s='b'AND n<3", true},
        {"n IN [1, 2]", true},
        {"n IN (3)", false},
        {"NOT n IN [3]", true},
        {"n NOT IN [3]", true},
        {"m.k = 'v'", true},
        {"\"m\".\"k\" = 'v'", true},
        {"l[0] = 1 AND l = [1]", true},
        {"l[-0] = 1", true},
        {"m = {'k': 'v'}", true},
        {"ss = <<'y', 'x'>>", true},
        {"\"and\" = 1", true},
        {"n > - 2", true},
        {"absent = 1", false},
        {"absent <> 1", true},
        {"absent IS MISSING", true},
        {"n IS MISSING", false},
        {"z IS NOT MISSING", true},
        {"z IS NULL", true},
        {"absent IS NULL", false},
        {"absent IS NOT NULL", true},
        {"t IS BOOL AND t IS boolean", true},
        {"s IS STRING AND n IS INT AND l IS LIST AND m IS STRUCT AND b IS BLOB", true},
        {"s IS CHARACTER VARYING AND s IS CHAR AND s IS CHARACTER", true},
        {"n IS DOUBLE PRECISION AND n IS REAL AND n IS BIGINT AND n IS int8", true},
        {"n IS NOT DOUBLE PRECISION", false},
        {"ss IS BAG", true},
        {"n IS BAG", false},
        {"s IS NOT DECIMAL", true},
        {"begins_with(s, 'b')", true},
        {"BEGINS_WITH(m.k, 'x')", false},
        {"contains(ss, 'x') AND contains(l, 1)", true},
        {"size(ss) = 2", true},
        {"2 = SIZE(ss)", true},
        {"size(n) <> 1", false},
        {"attribute_type(n, 'N')", true},
        {"attribute_exists(m.k) AND attribute_not_exists(m.x)", true},
        {"attribute_exists(n) = true", true},
        {"attribute_exists(x) = false", true},
        {"true = attribute_exists(n)", true},
        {"attribute_exists(n) = 1", false},
        {"attribute_exists(n) <> 1", true},
        {"attribute_exists(n) = attribute_exists(s)", true},
        {"attribute_exists(n) = t", true},
        {"attribute_exists(x) IN [true, false]", true},
        {"(n BETWEEN 0 AND 5) = true", true},
        {"(n = 5 OR s = 'x') = false", true},
        {"NOT attribute_exists(n) = true", false},
        {"(attribute_exists(n) = true) = false", false},
        {"((n)) = 2", true},
    };
    SCOPED_ARENA(arena);
    slice item = item_of(&arena, ITEM);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        slice text = arena_format(&arena, "SELECT * FROM t WHERE %s", cases[i].where);
        const struct statement *statement = NULL;
        CHECK_OK(parse_with(&arena, text, NULL, &statement));
        if (statement)
            test_check(condition_holds(statement->where, item, &arena) == cases[i].holds,
                       cases[i].where, __FILE__, __LINE__);
    }
}

TEST(what_no_item_could_satisfy_is_refused)
{
    static const struct {
        const char *where;
        const char *message;
    } cases[] = {
        {"a < true", "Incorrect operand type for operator or function; operator or function: <, "
                     "operand type: BOOL"},
        {"a BETWEEN null AND null", "Incorrect operand type for operator or function; operator or "
                                    "function: BETWEEN, operand type: NULL"},
        {"a BETWEEN 2 AND 1",
         "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
         "lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}"},
        {"attribute_exists(a) > false", "Incorrect operand type for operator or function; operator "
                                        "or function: >, operand type: BOOL"},
        {"attribute_exists()", "Incorrect number of operands for operator or function; operator or "
                               "function: attribute_exists, number of operands: 0"},
        {"attribute_not_exists('a')", "Operator or function requires a document path; operator or "
                                      "function: attribute_not_exists"},
        {"'a' IS MISSING", "Operator or function requires a document path; operator or function: "
                           "attribute_not_exists"},
        {"attribute_type(a, 1)", "Incorrect operand type for operator or function; operator or "
                                 "function: attribute_type, operand type: N"},
        {"attribute_type(a, 'X')", "Invalid attribute type name found; type: X, valid types: "
                                   "{B,NULL,SS,BOOL,L,BS,N,NS,S,M}"},
        {"begins_with(a, 1)", "Incorrect operand type for operator or function; operator or "
                              "function: begins_with, operand type: N"},
        {"EXISTS(a)", "Unrecognized function: exists at 1:23:6"},
        {"Upper(a) = 'b'", "Unrecognized function: upper at 1:23:5"},
    };
    SCOPED_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        slice text = arena_format(&arena, "SELECT * FROM t WHERE %s", cases[i].where);
        const struct statement *statement;
        CHECK_FAILS(parse_with(&arena, text, NULL, &statement), ERROR_VALIDATION,
                    slice_of_string(cases[i].message));
    }
}

TEST(a_list_to_look_in_has_at_most_a_hundred_values)
{
    SCOPED_ARENA(arena);
    for (uint32_t count = 99; count <= 101; count++) {
        slice values = repeat(&arena, "1", ",", count);
        slice text = arena_format(&arena, "SELECT * FROM t WHERE a IN [%.*s]", SLICE_ARGS(values));
        const struct statement *statement;
        error failed = parse_with(&arena, text, NULL, &statement);
        CHECK((failed == NULL) == (count <= 100));
    }
}
