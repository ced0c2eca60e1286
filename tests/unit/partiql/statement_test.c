/* Statements from their text; what is refused, and as what is right is understood. */
#include "tests/unit/partiql/fixture.h"

#define MALFORMED "Statement wasn't well formed, can't be processed: "

TEST(a_statement_says_what_it_is_of_which_table_and_index)
{
    static const struct {
        const char *text;
        enum statement_kind kind;
        slice table;
        slice index;
    } cases[] = {
        {"SELECT * FROM t", STATEMENT_SELECT, SLICE("t"), SLICE_NONE},
        {"select a,b from \"a-b.c\".\"i\";", STATEMENT_SELECT, SLICE("a-b.c"), SLICE("i")},
        {"SELECT * FROM t.i WHERE a = 1", STATEMENT_SELECT, SLICE("t"), SLICE("i")},
        {"EXISTS(SELECT * FROM t WHERE a = 1)", STATEMENT_EXISTS, SLICE("t"), SLICE_NONE},
        {"exists ( SELECT a FROM t )", STATEMENT_EXISTS, SLICE("t"), SLICE_NONE},
        {"INSERT INTO t value {}", STATEMENT_INSERT, SLICE("t"), SLICE_NONE},
        {"UPDATE t SET a = 1", STATEMENT_UPDATE, SLICE("t"), SLICE_NONE},
        {"FROM t WHERE a = 1 REMOVE b", STATEMENT_UPDATE, SLICE("t"), SLICE_NONE},
        {"DELETE FROM \"t\"\"u\" WHERE a = 1", STATEMENT_DELETE, SLICE("t\"u"), SLICE_NONE},
    };
    SCOPED_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct statement *statement = parsed(&arena, cases[i].text);
        test_check(statement->kind == cases[i].kind, cases[i].text, __FILE__, __LINE__);
        CHECK_SLICE(statement->table, cases[i].table);
        CHECK_SLICE(statement->index, cases[i].index);
    }
}

TEST(a_bad_statement_is_refused_in_the_services_words)
{
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {" ", MALFORMED "Unexpected term"},
        {"TRUNCATE t", MALFORMED "Unexpected token after expression"},
        {"SLECT * FROM t WHERE a = 1", MALFORMED "Expected data manipulation"},
        {"SLECT * a FROM t", MALFORMED "Unexpected token after expression"},
        {"a IS INT4", "Unsupported operation: IsType"},
        {"a IS double precision", "Unsupported operation: IsType"},
        {"a IS DOUBLE", MALFORMED "Expected type name"},
        {"a IS NOT NULL", "Unsupported operation: Not"},
        {"a.b;", "Unsupported operation: Path"},
        {"size(a)", "Unsupported operation: Call"},
        {"UPDATE t", MALFORMED "Expected data manipulation"},
        {"FROM t", MALFORMED "Expected data manipulation"},
        {"SELECT * FROM", MALFORMED "Unexpected term"},
        {"SELECT FROM t",
         MALFORMED "Expected identifier or an expression but found unexpected keyword 'from' in a "
                   "select list."},
        {"SELECT a b FROM t",
         "Aliasing is not supported"},
        {"SELECT *, a FROM t",
         MALFORMED "Other expressions may not be present in the select list when '*' is used "
                   "without dot notation."},
        {"SELECT * FROM t.", MALFORMED "Invalid path dot component"},
        {"SELECT a. FROM t", MALFORMED "Invalid path dot component"},
        {"SELECT a[b] FROM t", MALFORMED "Invalid path component"},
        {"SELECT a[1.5] FROM t", MALFORMED "Invalid path component"},
        {"SELECT a[1 FROM t",
         MALFORMED "Expected RIGHT_BRACKET"},
        {"SELECT \"\" FROM t", MALFORMED "Empty attribute name"},
        {"SELECT a(b FROM t",
         MALFORMED "Expected RIGHT_PAREN"},
        {"SELECT * FROM t ORDER sk",
         MALFORMED "Expected BY"},
        {"SELECT * FROM t WHERE a", MALFORMED "Unexpected term"},
        {"SELECT * FROM t WHERE NOT a", MALFORMED "Unexpected term"},
        {"SELECT * FROM t WHERE 1 AND a = 2", MALFORMED "Unexpected operator"},
        {"SELECT * FROM t WHERE a = 1 = 2", MALFORMED "Unexpected token after expression"},
        {"SELECT * FROM t WHERE a =",
         MALFORMED "Missing right-hand side expression of infix operator"},
        {"SELECT * FROM t WHERE a BETWEEN 1",
         MALFORMED "Expected AND keyword"},
        {"SELECT * FROM t WHERE a IN []", MALFORMED "Unexpected term"},
        {"SELECT * FROM t WHERE a IN b", MALFORMED "Unexpected term"},
        {"SELECT * FROM t WHERE a = -b", MALFORMED "Unexpected term"},
        {"SELECT * FROM t WHERE a = - -",
         MALFORMED "Missing right-hand side expression of infix operator"},
        {"SELECT * FROM t; SELECT * FROM t",
         MALFORMED "Unexpected token after semicolon. (Only one query is allowed.)"},
        {"SELECT * FROM t;;",
         MALFORMED "Unexpected token after semicolon. (Only one query is allowed.)"},
        {"INSERT t VALUE {}", MALFORMED "Unexpected keyword"},
        {"INSERT INTO t", MALFORMED "Unexpected term"},
        {"INSERT INTO t u VALUE {}", MALFORMED "Unexpected token after expression"},
        {"INSERT INTO t VALUES {}", MALFORMED "Expected LEFT_PAREN for row value constructor"},
        {"INSERT INTO t (a, b) VALUES (1, 2)", MALFORMED "Unexpected token after expression"},
        {"INSERT INTO t (a, key) VALUES (1, 2)", MALFORMED "Unexpected keyword"},
        {"INSERT INTO t (a, b VALUES (1, 2)", MALFORMED "Expected RIGHT_PAREN"},
        {"INSERT INTO t VALUE 1", MALFORMED "Unexpected term"},
        {"INSERT INTO t VALUE {a: 1}", MALFORMED "Unexpected term"},
        {"INSERT INTO t VALUE {'a' 1}",
         MALFORMED "Expected COLON"},
        {"INSERT INTO t VALUE {'a': 1",
         MALFORMED "Expected RIGHT_CURLY"},
        {"INSERT INTO t VALUE {'a': 1,}", MALFORMED "Unexpected term"},
        {"INSERT INTO t VALUE {'': 1}", "Empty attribute name"},
        {"INSERT INTO t VALUE {'a': 1, 'a': 2}", "Duplicate attribute name: a"},
        {"INSERT INTO t VALUE {'a': b}", "Unsupported data type: b under key root at 1:27:1"},
        {"DELETE FROM t WHERE a = 1 RETURNING *",
         MALFORMED "Expected ( MODIFIED | ALL ) ( NEW | OLD ) in each returning element."},
        {"DELETE FROM t WHERE a = 1 RETURNING ALL *",
         MALFORMED "Expected ( MODIFIED | ALL ) ( NEW | OLD ) in each returning element."},
        {"DELETE FROM t WHERE a = 1 RETURNING ALL OLD", MALFORMED "Unexpected term"},
        {"UPDATE t SET a 1",
         MALFORMED "Expected '='"},
        {"UPDATE t SET 'a' = 1",
         MALFORMED "Expected identifier for simple path"},
        {"UPDATE t SET a = 1 + 2 + 3", MALFORMED "Unexpected token after expression"},
        {"UPDATE t SET a = other(1)", "Unrecognized function: other at 1:18:5"},
        {"UPDATE t SET a = size(b)", "Unrecognized function: size at 1:18:4"},
        {"SELECT a[2147483648] FROM t",
         "List index is not within the allowable range; index: [2147483648] at 1:10:10"},
        {"EXISTS", MALFORMED "Unexpected keyword"},
        {"SELECT user FROM t", MALFORMED "Unexpected keyword"},
        {"SELECT a AS b FROM t", "Aliasing is not supported"},
        {"SELECT a, * FROM t",
         MALFORMED "Other expressions may not be present in the select list when '*' is used "
                   "without dot notation."},
        {"SELECT *", MALFORMED "Expected FROM after SELECT list"},
        {"SELECT a FROM index", MALFORMED "Unexpected keyword"},
        {"SELECT a FROM t LIMIT 10", "Unsupported clause: LIMIT at 1:23:2"},
        {"SELECT a FROM t LIMIT", MALFORMED "Unexpected term"},
        {"SELECT a FROM t WHERE date = 'x'",
         MALFORMED "Expected date string followed by the keyword DATE, found SYMBOL"},
        {"SELECT a FROM t WHERE b = 1 AND last = 2", MALFORMED "Unexpected term"},
        {"SELECT a FROM t WHERE b BETWEEN 1 AND", MALFORMED "Expected expression after AND"},
        {"UPDATE t SET user = 1 WHERE a = 1", MALFORMED "Expected identifier for simple path"},
        {"UPDATE t REMOVE a, b WHERE c = 1", MALFORMED "Unexpected token after expression"},
        {"DELETE t WHERE a = 1", MALFORMED "Expected FROM after DELETE"},
        {"DELETE FROM user WHERE a = 1", MALFORMED "Expected identifier for simple path"},
        {"SELECT * FROM a.b.c", "A path may contain at most 2 components in the FROM clause"},
        {"SELECT * FROM \"\"", "Path component cannot be an empty string"},
        {"DELETE FROM a.\"\" WHERE b = 1", "Path component cannot be an empty string"},
        {"INSERT INTO\n \"a\".b VALUE {}",
         "FROM clause may only contain a single table name in data manipulation statements at "
         "2:2:3"},
    };
    SCOPED_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct statement *statement;
        error failed = parse_with(&arena, slice_of_string(cases[i].text), NULL, &statement);
        test_check(failed != NULL, cases[i].text, __FILE__, __LINE__);
        if (failed)
            test_check_slice(failed->message, slice_of_string(cases[i].message), cases[i].text,
                             __FILE__, __LINE__);
    }
}

TEST(each_question_mark_takes_the_next_parameter_and_all_are_taken)
{
    SCOPED_ARENA(arena);
    slice text = SLICE("UPDATE t SET a = ?, b = list_append(?, [2]) WHERE c IN [1, ?]");
    const struct statement *statement;
    const char *three = "[{\"S\":\"x\"},{\"L\":[{\"N\":\"1\"}]},{\"N\":\"7\"}]";
    CHECK_OK(parse_with(&arena, text, three, &statement));
    slice updated;
    CHECK_OK(update_apply(&arena, statement->update, item_of(&arena, "{}"), true, &updated));
    CHECK_SLICE(json_of_item(&arena, updated),
                SLICE("{\"a\":{\"S\":\"x\"},\"b\":{\"L\":[{\"N\":\"1\"},{\"N\":\"2\"}]}}"));
    CHECK(condition_holds(statement->where, item_of(&arena, "{\"c\":{\"N\":\"7\"}}"), &arena));

    slice mismatch = SLICE("Number of parameters in request and statement don't match.");
    CHECK_FAILS(parse_with(&arena, text, "[{\"S\":\"x\"}]", &statement), ERROR_VALIDATION,
                mismatch);
    CHECK_FAILS(parse_with(&arena, SLICE("SELECT * FROM t"), "[{\"S\":\"x\"}]", &statement),
                ERROR_VALIDATION, mismatch);
}

TEST(columns_are_named_by_the_last_name_of_their_path)
{
    SCOPED_ARENA(arena);
    slice item = item_of(&arena, "{\"a\":{\"M\":{\"b\":{\"L\":[{\"L\":[{\"N\":\"1\"}]}]}}},\"b\":{"
                                 "\"S\":\"x\"},\"c\":{\"S\":\"y\"}}");
    static const struct {
        const char *columns;
        slice left;
    } cases[] = {
        {"SELECT a.b[0][0] FROM t", SLICE("{\"b[0][0]\":{\"N\":\"1\"}}")},
        {"SELECT c, \"c\".d, absent FROM t", SLICE("{\"c\":{\"S\":\"y\"}}")},
        {"SELECT a.b, b FROM t", SLICE("{\"b\":{\"S\":\"x\"}}")},
        {"SELECT absent FROM t", SLICE("{}")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct statement *statement = parsed(&arena, cases[i].columns);
        CHECK_SLICE(json_of_item(&arena, statement_project(statement, item, &arena)),
                    cases[i].left);
    }
    const struct statement *all = parsed(&arena, "SELECT * FROM t");
    CHECK_SLICE(statement_project(all, item, &arena), item);
}

TEST(a_function_as_a_column_waits_for_its_turn)
{
    SCOPED_ARENA(arena);
    const struct statement *statement = parsed(&arena, "SELECT a, count(*, (b)), c FROM t");
    CHECK(statement->column_count == 2);
    CHECK(statement->bad_column);
    CHECK_SLICE(statement->bad_column->message, SLICE("Unexpected path component at 1:11:5"));
}

TEST(order_and_returning_are_understood)
{
    SCOPED_ARENA(arena);
    const struct statement *statement =
        parsed(&arena, "SELECT * FROM t ORDER BY a DESC, \"b\", c ASC");
    CHECK(statement->order_count == 3);
    CHECK(statement->order[0].descending && !statement->order[1].descending);
    CHECK_SLICE(statement->order[2].attribute, SLICE("c"));
    static const struct {
        const char *text;
        enum returning returning;
    } cases[] = {
        {"UPDATE t SET a = 1", RETURNING_NOTHING},
        {"UPDATE t SET a = 1 RETURNING ALL OLD *", RETURNING_ALL_OLD},
        {"UPDATE t SET a = 1 RETURNING all new *", RETURNING_ALL_NEW},
        {"UPDATE t SET a = 1 WHERE b = 1 RETURNING MODIFIED OLD *", RETURNING_MODIFIED_OLD},
        {"FROM t REMOVE a RETURNING MODIFIED NEW *", RETURNING_MODIFIED_NEW},
        {"DELETE FROM t RETURNING ALL OLD *", RETURNING_ALL_OLD},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK(parsed(&arena, cases[i].text)->returning == cases[i].returning);
}

TEST(nesting_is_bounded_wherever_it_can_be)
{
    static const struct {
        const char *before;
        const char *opening;
    } cases[] = {
        {"SELECT * FROM t WHERE ", "("},     {"SELECT * FROM t WHERE ", "size("},
        {"SELECT * FROM t WHERE a = ", "["}, {"SELECT * FROM t WHERE a = ", "{'a':"},
        {"UPDATE t SET a = ", "("},          {"UPDATE t SET a = ", "list_append("},
        {"INSERT INTO t VALUE ", "{'a':"},   {"SELECT * FROM t WHERE a IN ", "["},
        {"SELECT a FROM t WHERE ", "NOT ("},
    };
    SCOPED_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer text;
        buffer_init(&text, &arena);
        buffer_append(&text, slice_of_string(cases[i].before));
        while (text.size < 8000)
            buffer_append(&text, slice_of_string(cases[i].opening));
        const struct statement *statement;
        error failed = parse_with(&arena, buffer_slice(&text), NULL, &statement);
        test_check(failed && failed->kind == ERROR_VALIDATION, cases[i].opening, __FILE__,
                   __LINE__);
    }
}

TEST(any_number_of_conditions_can_be_joined_and_negated)
{
    SCOPED_ARENA(arena);
    slice item = item_of(&arena, "{\"a\":{\"N\":\"1\"}}");
    const char *joints[] = {" AND a=1", " OR a=2"};
    for (size_t i = 0; i < sizeof joints / sizeof *joints; i++) {
        slice joined = repeat(&arena, joints[i], "", 900);
        slice text = arena_format(&arena, "SELECT * FROM t WHERE a=1%.*s", SLICE_ARGS(joined));
        const struct statement *statement;
        CHECK_OK(parse_with(&arena, text, NULL, &statement));
        CHECK(condition_holds(statement->where, item, &arena));
    }
    slice nots = repeat(&arena, "NOT ", "", 1501);
    slice text = arena_format(&arena, "SELECT * FROM t WHERE %.*sa=1", SLICE_ARGS(nots));
    const struct statement *statement;
    CHECK_OK(parse_with(&arena, text, NULL, &statement));
    CHECK(!condition_holds(statement->where, item, &arena));
}
