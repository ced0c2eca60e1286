#include "partiql/where_key.h"
#include "tests/unit/partiql/fixture.h"

static const struct key_schema SCHEMA = {
    .hash = {SLICE("pk"), VALUE_S}, .range = {SLICE("sk"), VALUE_N}, .has_range = true};

TEST(the_key_is_what_the_equalities_joined_by_and_say)
{
    static const struct {
        const char *where;
        const char *key;
        bool complete;
        bool has_rest;
        const char *contradiction;
    } cases[] = {
        {"pk = 'a' AND sk = 1", "{\"pk\":{\"S\":\"a\"},\"sk\":{\"N\":\"1\"}}", true, false, ""},
        {"1 = sk AND 'a' = pk", "{\"pk\":{\"S\":\"a\"},\"sk\":{\"N\":\"1\"}}", true, false, ""},
        {"(pk = 'a' AND (sk = 1)) AND pk = 'a'", "{\"pk\":{\"S\":\"a\"},\"sk\":{\"N\":\"1\"}}",
         true, false, ""},
        {"pk = 'a' AND sk = 1 AND b = 2", "{\"pk\":{\"S\":\"a\"},\"sk\":{\"N\":\"1\"}}", true, true,
         ""},
        {"pk = 'a' AND sk = 1 AND sk > 0", "{\"pk\":{\"S\":\"a\"},\"sk\":{\"N\":\"1\"}}", true,
         true, ""},
        {"pk = 'a' AND sk = 1 AND pk = 'b'", "{\"pk\":{\"S\":\"a\"},\"sk\":{\"N\":\"1\"}}", true,
         true, "pk"},
        {"pk = 'a'", "{\"pk\":{\"S\":\"a\"}}", false, false, ""},
        {"pk = 'a' OR sk = 1", "{}", false, true, ""},
        {"NOT pk = 'a'", "{}", false, true, ""},
        {"pk = sk", "{}", false, true, ""},
        {"pk.x = 'a' AND sk = 1", "{\"sk\":{\"N\":\"1\"}}", false, true, ""},
        {"pk IN ['a', 'b'] AND sk = 1", "{\"sk\":{\"N\":\"1\"}}", false, true, ""},
    };
    SCOPED_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        slice text = arena_format(&arena, "SELECT * FROM t WHERE %s", cases[i].where);
        const struct statement *statement;
        struct where_key found;
        CHECK_OK(parse_with(&arena, text, NULL, &statement));
        where_key_find(&arena, statement->where, &SCHEMA, false, &found);
        CHECK_SLICE(json_of_item(&arena, found.key), slice_of_string(cases[i].key));
        test_check(found.is_complete == cases[i].complete, cases[i].where, __FILE__, __LINE__);
        test_check((found.rest != NULL) == cases[i].has_rest, cases[i].where, __FILE__, __LINE__);
        CHECK_SLICE(found.contradiction, slice_of_string(cases[i].contradiction));
    }
}

TEST(a_list_of_one_value_is_an_equality_where_it_may_be)
{
    SCOPED_ARENA(arena);
    const struct statement *statement =
        parsed(&arena, "SELECT * FROM t WHERE pk IN ['a'] AND sk IN (1)");
    struct where_key found;
    where_key_find(&arena, statement->where, &SCHEMA, true, &found);
    CHECK(found.is_complete && !found.rest);
    where_key_find(&arena, statement->where, &SCHEMA, false, &found);
    CHECK(!found.is_complete);
    where_key_find(&arena, NULL, &SCHEMA, true, &found);
    CHECK(!found.is_complete && !found.rest);
}
