#include "base/limits.h"
#include "expr/update.h"
#include "tests/unit/expr/fixture.h"

#define NAMES "{\"#n\":\"name\",\"#dot\":\"x.y\",\"#0\":\"0\",\"#x\":\"x\"}"
#define NINES "99999999999999999999999999999999999999"
#define VALUES                                                                                     \
    "{\":one\":{\"N\":\"1\"},\":two\":{\"N\":\"2\"},\":half\":{\"N\":\"0.5\"},"                    \
    "\":minus\":{\"N\":\"-3\"},\":big\":{\"N\":\"1e50\"},\":max\":{\"N\":\"" NINES "e87\"},"       \
    "\":tiny\":{\"N\":\"1e-130\"},\":less\":{\"N\":\"1.1e-130\"},\":s\":{\"S\":\"s\"},"            \
    "\":t\":{\"S\":\"t\"},\":empty\":{\"L\":[]},\":list\":{\"L\":[{\"S\":\"p\"},{\"S\":\"q\"}]},"  \
    "\":map\":{\"M\":{\"k\":{\"S\":\"v\"}}},\":ss\":{\"SS\":[\"a\",\"b\"]},"                       \
    "\":ss1\":{\"SS\":[\"\"]},\":ns\":{\"NS\":[\"1.0\",\"-2\"]},\":bs\":{\"BS\":[\"AA==\"]},"      \
    "\":null\":{\"NULL\":true},\":b\":{\"B\":\"AA==\"},\":bool\":{\"BOOL\":false}}"

static const struct update *update_of(struct arena *arena, const char *expression)
{
    static struct placeholders placeholders;
    placeholders = placeholders_of(arena, NAMES, VALUES);
    const struct update *update = NULL;
    CHECK_OK(update_parse(arena, slice_of_string(expression), &placeholders, &update));
    return update;
}

#define PK "\"pk\":{\"S\":\"k\"}"

static const struct {
    const char *expression;
    const char *before;
    const char *after;
} APPLIED[] = {
    /* SET of whole attributes */
    {"SET a = :s", "{" PK "}", "{\"a\":{\"S\":\"s\"}," PK "}"},
    {"set a=:s", "{\"a\":{\"N\":\"7\"}," PK "}", "{\"a\":{\"S\":\"s\"}," PK "}"},
    {"SET z = :s", "{" PK "}", "{" PK ",\"z\":{\"S\":\"s\"}}"},
    {"SET z = :s, a = :t, q = :one", "{\"b\":{\"N\":\"0\"}," PK "}",
     "{\"a\":{\"S\":\"t\"},\"b\":{\"N\":\"0\"}," PK ",\"q\":{\"N\":\"1\"},\"z\":{\"S\":\"s\"}}"},
    {"SET #dot = :s, #n = :t", "{" PK "}", "{\"name\":{\"S\":\"t\"}," PK ",\"x.y\":{\"S\":\"s\"}}"},
    {"SET a = :empty, b = :map, c = :null", "{" PK "}",
     "{\"a\":{\"L\":[]},\"b\":{\"M\":{\"k\":{\"S\":\"v\"}}},\"c\":{\"NULL\":true}," PK "}"},
    {"SET a = (:s)", "{" PK "}", "{\"a\":{\"S\":\"s\"}," PK "}"},
    {"SET a = ((:s))", "{" PK "}", "{\"a\":{\"S\":\"s\"}," PK "}"},
    /* what is read is the item before */
    {"SET a = b, b = a", "{\"a\":{\"S\":\"1\"},\"b\":{\"S\":\"2\"}," PK "}",
     "{\"a\":{\"S\":\"2\"},\"b\":{\"S\":\"1\"}," PK "}"},
    {"REMOVE a SET b = a", "{\"a\":{\"S\":\"1\"}," PK "}", "{\"b\":{\"S\":\"1\"}," PK "}"},
    {"SET b = a.c[1].d",
     "{\"a\":{\"M\":{\"c\":{\"L\":[{\"N\":\"0\"},{\"M\":{\"d\":{\"S\":\"x\"}}}]}"
     "}}," PK "}",
     "{\"a\":{\"M\":{\"c\":{\"L\":[{\"N\":\"0\"},{\"M\":{\"d\":{\"S\":\"x\"}}}]}}},"
     "\"b\":{\"S\":\"x\"}," PK "}"},
    {"SET a = pk", "{" PK "}", "{\"a\":{\"S\":\"k\"}," PK "}"},
    {"SET a.b = a", "{\"a\":{\"M\":{\"c\":{\"N\":\"1\"}}}," PK "}",
     "{\"a\":{\"M\":{\"b\":{\"M\":{\"c\":{\"N\":\"1\"}}},\"c\":{\"N\":\"1\"}}}," PK "}"},
    /* sums */
    {"SET a = a + :one", "{\"a\":{\"N\":\"1\"}," PK "}", "{\"a\":{\"N\":\"2\"}," PK "}"},
    {"SET a = :one - a", "{\"a\":{\"N\":\"3\"}," PK "}", "{\"a\":{\"N\":\"-2\"}," PK "}"},
    {"SET a = (a - :half)", "{\"a\":{\"N\":\"1\"}," PK "}", "{\"a\":{\"N\":\"0.5\"}," PK "}"},
    {"SET a = (a) + (:one)", "{\"a\":{\"N\":\"1\"}," PK "}", "{\"a\":{\"N\":\"2\"}," PK "}"},
    {"SET a = (a + :one) + (a - :two)", "{\"a\":{\"N\":\"5\"}," PK "}",
     "{\"a\":{\"N\":\"9\"}," PK "}"},
    {"SET a = a+a", "{\"a\":{\"N\":\"-0.25\"}," PK "}", "{\"a\":{\"N\":\"-0.5\"}," PK "}"},
    {"SET a = a - a", "{\"a\":{\"N\":\"5\"}," PK "}", "{\"a\":{\"N\":\"0\"}," PK "}"},
    {"SET a = if_not_exists(a, :one) + :two", "{" PK "}", "{\"a\":{\"N\":\"3\"}," PK "}"},
    {"SET a = if_not_exists(a, :one) + if_not_exists(b, :two)", "{\"a\":{\"N\":\"9\"}," PK "}",
     "{\"a\":{\"N\":\"11\"}," PK "}"},
    /* functions */
    {"SET a = if_not_exists(a, :s)", "{" PK "}", "{\"a\":{\"S\":\"s\"}," PK "}"},
    {"SET a = if_not_exists(a, :s)", "{\"a\":{\"NULL\":true}," PK "}",
     "{\"a\":{\"NULL\":true}," PK "}"},
    {"SET a = if_not_exists(b, b2)", "{\"b2\":{\"N\":\"1\"}," PK "}",
     "{\"a\":{\"N\":\"1\"},\"b2\":{\"N\":\"1\"}," PK "}"},
    {"SET a = if_not_exists(b, nothing)", "{\"b\":{\"N\":\"1\"}," PK "}",
     "{\"a\":{\"N\":\"1\"},\"b\":{\"N\":\"1\"}," PK "}"},
    {"SET a = if_not_exists(b, if_not_exists(c, :s))", "{" PK "}", "{\"a\":{\"S\":\"s\"}," PK "}"},
    {"SET a = if_not_exists(b, (:one + :two))", "{" PK "}", "{\"a\":{\"N\":\"3\"}," PK "}"},
    {"SET a = list_append(a, :list)", "{\"a\":{\"L\":[{\"N\":\"1\"}]}," PK "}",
     "{\"a\":{\"L\":[{\"N\":\"1\"},{\"S\":\"p\"},{\"S\":\"q\"}]}," PK "}"},
    {"SET a = list_append(:list, a)", "{\"a\":{\"L\":[{\"N\":\"1\"}]}," PK "}",
     "{\"a\":{\"L\":[{\"S\":\"p\"},{\"S\":\"q\"},{\"N\":\"1\"}]}," PK "}"},
    {"SET a = list_append(a, a)", "{\"a\":{\"L\":[]}," PK "}", "{\"a\":{\"L\":[]}," PK "}"},
    {"SET a = list_append(if_not_exists(a, :empty), :list)", "{" PK "}",
     "{\"a\":{\"L\":[{\"S\":\"p\"},{\"S\":\"q\"}]}," PK "}"},
    {"SET a = if_not_exists(a, list_append(:list, :empty))", "{" PK "}",
     "{\"a\":{\"L\":[{\"S\":\"p\"},{\"S\":\"q\"}]}," PK "}"},
    /* nested paths */
    {"SET a.c = :one", "{\"a\":{\"M\":{\"b\":{\"N\":\"0\"},\"d\":{\"N\":\"0\"}}}," PK "}",
     "{\"a\":{\"M\":{\"b\":{\"N\":\"0\"},\"c\":{\"N\":\"1\"},\"d\":{\"N\":\"0\"}}}," PK "}"},
    {"SET a.b = :one", "{\"a\":{\"M\":{\"b\":{\"M\":{}}}}," PK "}",
     "{\"a\":{\"M\":{\"b\":{\"N\":\"1\"}}}," PK "}"},
    {"SET a.b = :one, a.c.d = :s, b.#x = :two REMOVE a.#x, b.y",
     "{\"a\":{\"M\":{\"c\":{\"M\":{\"y\":{\"N\":\"3\"}}},\"x\":{\"N\":\"3\"},\"y\":{\"N\":\"4\"}}},"
     "\"b\":{\"M\":{\"x\":{\"N\":\"1\"},\"y\":{\"N\":\"2\"}}}," PK "}",
     "{\"a\":{\"M\":{\"b\":{\"N\":\"1\"},\"c\":{\"M\":{\"d\":{\"S\":\"s\"},\"y\":{\"N\":\"3\"}}},"
     "\"y\":{\"N\":\"4\"}}},\"b\":{\"M\":{\"x\":{\"N\":\"2\"}}}," PK "}"},
    {"REMOVE a.b", "{\"a\":{\"M\":{\"b\":{\"N\":\"0\"}}}," PK "}", "{\"a\":{\"M\":{}}," PK "}"},
    {"REMOVE a.nothing", "{\"a\":{\"M\":{}}," PK "}", "{\"a\":{\"M\":{}}," PK "}"},
    {"REMOVE nothing", "{" PK "}", "{" PK "}"},
    {"REMOVE a, b", "{\"a\":{\"S\":\"\"},\"b\":{\"S\":\"\"}," PK "}", "{" PK "}"},
    /* lists */
    {"SET a[1] = :s", "{\"a\":{\"L\":[{\"N\":\"0\"},{\"N\":\"1\"},{\"N\":\"2\"}]}," PK "}",
     "{\"a\":{\"L\":[{\"N\":\"0\"},{\"S\":\"s\"},{\"N\":\"2\"}]}," PK "}"},
    {"SET a[0] = :s", "{\"a\":{\"L\":[]}," PK "}", "{\"a\":{\"L\":[{\"S\":\"s\"}]}," PK "}"},
    {"SET a[84] = :s, a[4294967295] = :t, a[5] = :one, a[0] = :two",
     "{\"a\":{\"L\":[{\"N\":\"0\"},{\"N\":\"0\"}]}," PK "}",
     "{\"a\":{\"L\":[{\"N\":\"2\"},{\"N\":\"0\"},{\"N\":\"1\"},{\"S\":\"s\"},{\"S\":\"t\"}]}," PK
     "}"},
    {"REMOVE a[1] SET a[3] = :s",
     "{\"a\":{\"L\":[{\"N\":\"2\"},{\"N\":\"3\"},{\"N\":\"4\"},{\"N\":\"5\"},{\"N\":\"6\"}]}," PK
     "}",
     "{\"a\":{\"L\":[{\"N\":\"2\"},{\"N\":\"4\"},{\"S\":\"s\"},{\"N\":\"6\"}]}," PK "}"},
    {"REMOVE a[0], a[2], a[17]",
     "{\"a\":{\"L\":[{\"N\":\"0\"},{\"N\":\"1\"},{\"N\":\"2\"}]}," PK "}",
     "{\"a\":{\"L\":[{\"N\":\"1\"}]}," PK "}"},
    {"REMOVE a[0]", "{\"a\":{\"L\":[{\"N\":\"0\"}]}," PK "}", "{\"a\":{\"L\":[]}," PK "}"},
    {"REMOVE a[0] SET a[9] = a[0]", "{\"a\":{\"L\":[{\"N\":\"0\"}]}," PK "}",
     "{\"a\":{\"L\":[{\"N\":\"0\"}]}," PK "}"},
    {"SET a[10] = :s, a[9] = :t", "{\"a\":{\"L\":[]}," PK "}",
     "{\"a\":{\"L\":[{\"S\":\"t\"},{\"S\":\"s\"}]}," PK "}"},
    {"SET a[1][0].b = :s REMOVE a[1][0].c",
     "{\"a\":{\"L\":[{\"N\":\"0\"},{\"L\":[{\"M\":{\"c\":{\"N\":\"0\"}}}]}]}," PK "}",
     "{\"a\":{\"L\":[{\"N\":\"0\"},{\"L\":[{\"M\":{\"b\":{\"S\":\"s\"}}}]}]}," PK "}"},
    /* ADD */
    {"ADD a :two", "{\"a\":{\"N\":\"-5\"}," PK "}", "{\"a\":{\"N\":\"-3\"}," PK "}"},
    {"ADD a :two", "{" PK "}", "{\"a\":{\"N\":\"2\"}," PK "}"},
    {"ADD a.b :two, a.c :minus", "{\"a\":{\"M\":{\"b\":{\"N\":\"1\"}}}," PK "}",
     "{\"a\":{\"M\":{\"b\":{\"N\":\"3\"},\"c\":{\"N\":\"-3\"}}}," PK "}"},
    {"ADD a[0] :one, a[7] :two", "{\"a\":{\"L\":[{\"N\":\"1\"}]}," PK "}",
     "{\"a\":{\"L\":[{\"N\":\"2\"},{\"N\":\"2\"}]}," PK "}"},
    {"ADD a :ss", "{\"a\":{\"SS\":[\"b\",\"c\"]}," PK "}",
     "{\"a\":{\"SS\":[\"a\",\"b\",\"c\"]}," PK "}"},
    {"ADD a :ss1", "{\"a\":{\"SS\":[\"b\"]}," PK "}", "{\"a\":{\"SS\":[\"\",\"b\"]}," PK "}"},
    {"ADD a :ss", "{" PK "}", "{\"a\":{\"SS\":[\"a\",\"b\"]}," PK "}"},
    {"ADD a :ns", "{\"a\":{\"NS\":[\"1\",\"5\"]}," PK "}",
     "{\"a\":{\"NS\":[\"-2\",\"1\",\"5\"]}," PK "}"},
    {"ADD a :bs", "{\"a\":{\"BS\":[\"AQ==\"]}," PK "}",
     "{\"a\":{\"BS\":[\"AA==\",\"AQ==\"]}," PK "}"},
    /* DELETE */
    {"DELETE a :ss", "{\"a\":{\"SS\":[\"\",\"a\",\"aa\",\"c\"]}," PK "}",
     "{\"a\":{\"SS\":[\"\",\"aa\",\"c\"]}," PK "}"},
    {"DELETE a :ss", "{\"a\":{\"SS\":[\"a\"]}," PK "}", "{" PK "}"},
    {"DELETE a :ss", "{\"a\":{\"SS\":[\"x\"]}," PK "}", "{\"a\":{\"SS\":[\"x\"]}," PK "}"},
    {"DELETE a :ns", "{\"a\":{\"NS\":[\"1\",\"-2.0\",\"3\"]}," PK "}",
     "{\"a\":{\"NS\":[\"3\"]}," PK "}"},
    {"DELETE a.b :ss1, a.c :bs",
     "{\"a\":{\"M\":{\"b\":{\"SS\":[\"\"]},\"c\":{\"BS\":[\"AA==\",\"\"]}}}," PK "}",
     "{\"a\":{\"M\":{\"c\":{\"BS\":[\"\"]}}}," PK "}"},
    {"DELETE a :ss", "{" PK "}", "{" PK "}"},
    {"DELETE a[1] :ss", "{\"a\":{\"L\":[{\"N\":\"0\"},{\"SS\":[\"b\"]},{\"N\":\"2\"}]}," PK "}",
     "{\"a\":{\"L\":[{\"N\":\"0\"},{\"N\":\"2\"}]}," PK "}"},
    /* all four at once, in any order and case */
    {"delete d :ss Add c :one reMOVE b set a = b",
     "{\"b\":{\"S\":\"x\"},\"c\":{\"N\":\"1\"},\"d\":{\"SS\":[\"a\",\"z\"]}," PK "}",
     "{\"a\":{\"S\":\"x\"},\"c\":{\"N\":\"2\"},\"d\":{\"SS\":[\"z\"]}," PK "}"},
};

TEST(an_update_makes_the_item_after_from_the_item_before)
{
    for (size_t i = 0; i < sizeof APPLIED / sizeof *APPLIED; i++) {
        SCOPED_ARENA(arena);
        const struct update *update = update_of(&arena, APPLIED[i].expression);
        slice before = item_of(&arena, APPLIED[i].before);
        slice kept = arena_copy(&arena, before);
        slice updated = ITEM_ABSENT;

        CHECK_OK(update_apply(&arena, update, before, true, &updated));

        CHECK_SLICE(json_of_item(&arena, updated), slice_of_string(APPLIED[i].after));
        CHECK(slice_equal(updated, item_of(&arena, APPLIED[i].after)));
        CHECK_OK(item_check(updated));
        CHECK(slice_equal(before, kept));
    }
}

#define MISSING "The provided expression refers to an attribute that does not exist in the item"
#define WRONG_TYPE "An operand in the update expression has an incorrect data type"
#define BAD_PATH "The document path provided in the update expression is invalid for update"
#define OVERFLOW                                                                                   \
    "Number overflow. Attempting to store a number with magnitude larger than supported range"
#define UNDERFLOW                                                                                  \
    "Number underflow. Attempting to store a number with magnitude smaller than supported range"

#define BROAD                                                                                      \
    "{\"a\":{\"S\":\"x\"},\"l\":{\"L\":[{\"N\":\"0\"}]},\"m\":{\"M\":{\"k\":{\"N\":\"1\"}}},"      \
    "\"n\":{\"N\":\"1\"},\"s\":{\"SS\":[\"a\"]}}"

static const struct {
    const char *expression;
    const char *problem;
} UNFIT[] = {
    {"SET b = nothing", MISSING},
    {"SET nothing = nothing", MISSING},
    {"SET b = m.nothing", MISSING},
    {"SET b = l[1]", MISSING},
    {"SET b = a.c", MISSING},
    {"SET b = nothing + :one", MISSING},
    {"SET b = :one + nothing", MISSING},
    {"SET b = list_append(nothing, :list)", MISSING},
    {"SET b = list_append(:list, nothing)", MISSING},
    {"SET b = if_not_exists(c, nothing)", MISSING},
    {"SET c = :s, b = c", MISSING},
    {"SET b = a + :one", WRONG_TYPE},
    {"SET b = :one - a", WRONG_TYPE},
    {"SET b = n + l", WRONG_TYPE},
    {"SET b = list_append(a, :list)", WRONG_TYPE},
    {"SET b = list_append(:list, s)", WRONG_TYPE},
    {"SET b = list_append(m, l)", WRONG_TYPE},
    {"SET b = if_not_exists(a, :one) + :one", WRONG_TYPE},
    {"SET b = if_not_exists(b, :s) + :one", WRONG_TYPE},
    {"ADD a :one", WRONG_TYPE},
    {"ADD l :ns", WRONG_TYPE},
    {"ADD s :ns", WRONG_TYPE},
    {"ADD s :one", WRONG_TYPE},
    {"ADD n :ns", WRONG_TYPE},
    {"DELETE s :ns", WRONG_TYPE},
    {"DELETE a :ss", WRONG_TYPE},
    {"DELETE l :ss", WRONG_TYPE},
    {"SET b.c = :s", BAD_PATH},
    {"SET b[0] = :s", BAD_PATH},
    {"SET a.c = :s", BAD_PATH},
    {"SET a[0] = :s", BAD_PATH},
    {"SET m[0] = :s", BAD_PATH},
    {"SET l.k = :s", BAD_PATH},
    {"SET l[1].k = :s", BAD_PATH},
    {"SET l[0].k = :s", BAD_PATH},
    {"SET m.k.z = :s", BAD_PATH},
    {"SET m.z.k = :s", BAD_PATH},
    {"SET s.k = :s", BAD_PATH},
    {"REMOVE b.c", BAD_PATH},
    {"REMOVE b[0]", BAD_PATH},
    {"REMOVE a.c", BAD_PATH},
    {"REMOVE l.k", BAD_PATH},
    {"REMOVE m.z.k", BAD_PATH},
    {"REMOVE l[7].k", BAD_PATH},
    {"ADD b.c :one", BAD_PATH},
    {"ADD n.c :one", BAD_PATH},
    {"DELETE b.c :ss", BAD_PATH},
    {"DELETE m[0] :ss", BAD_PATH},
    {"SET b = :big + :one", OVERFLOW},
    {"SET b = :max + :max", OVERFLOW},
    {"SET b = :minus - :big", OVERFLOW},
    {"SET b = :less - :tiny", UNDERFLOW},
    {"ADD n :big", OVERFLOW},
    /* the first in the text */
    {"SET z = nothing, b = a + :one", MISSING},
    {"SET z = a + :one, b = nothing", WRONG_TYPE},
};

TEST(an_update_that_does_not_fit_the_item_is_refused)
{
    for (size_t i = 0; i < sizeof UNFIT / sizeof *UNFIT; i++) {
        SCOPED_ARENA(arena);
        const struct update *update = update_of(&arena, UNFIT[i].expression);
        slice updated;
        error e = update_apply(&arena, update, item_of(&arena, BROAD), true, &updated);
        CHECK_SLICE(e ? e->message : slice_of_string(UNFIT[i].expression),
                    slice_of_string(UNFIT[i].problem));
    }
}

static const struct {
    const char *expression;
    bool creates;
    const char *after; /* NULL: a path that leads nowhere */
} UPSERTS[] = {
    {"SET a = :s", true, "{\"a\":{\"S\":\"s\"}," PK "}"},
    {"SET a = pk", true, "{\"a\":{\"S\":\"k\"}," PK "}"},
    {"ADD a :one", true, "{\"a\":{\"N\":\"1\"}," PK "}"},
    {"SET a = :s REMOVE b, c.d, e[0] DELETE f :ss, g.h :ss", true, "{\"a\":{\"S\":\"s\"}," PK "}"},
    {"SET a.b = :s", true, NULL},
    {"SET a[0] = :s", true, NULL},
    {"ADD a.b :one", true, NULL},
    {"REMOVE a", false, "{" PK "}"},
    {"REMOVE a.b, c[0]", false, "{" PK "}"},
    {"DELETE a :ss", false, "{" PK "}"},
    {"REMOVE a DELETE b.c :ss", false, "{" PK "}"},
};

static const struct {
    const char *expression;
    bool is_given; /* to attribute a */
} GIVEN[] = {
    {"SET a = :s", true},
    {"SET b = :one, a = :s", true},
    {"SET b = :s", false},
    {"SET a.b = :s", false},
    {"SET a = b", false},
    {"SET a = if_not_exists(b, :s)", false},
    {"SET a = b + :one", false},
    {"ADD a :one", false},
    {"REMOVE a", false},
};

TEST(a_value_is_given_where_it_stands_in_the_request_alone_and_whole)
{
    SCOPED_ARENA(arena);
    for (size_t i = 0; i < sizeof GIVEN / sizeof *GIVEN; i++) {
        slice value = SLICE_NONE;
        CHECK(update_given_value(update_of(&arena, GIVEN[i].expression), SLICE("a"), &value) ==
              GIVEN[i].is_given);
        CHECK((value.size > 0 && value_type_of(value) == VALUE_S) == GIVEN[i].is_given);
    }
    slice none;
    CHECK(!update_given_value(NULL, SLICE("a"), &none));
}

TEST(a_missing_item_is_made_by_what_gives_and_not_by_what_takes_away)
{
    SCOPED_ARENA(arena);
    slice key = item_of(&arena, "{" PK "}");
    for (size_t i = 0; i < sizeof UPSERTS / sizeof *UPSERTS; i++) {
        const struct update *update = update_of(&arena, UPSERTS[i].expression);
        slice updated;
        CHECK(update_creates(update) == UPSERTS[i].creates);
        error e = update_apply(&arena, update, key, false, &updated);
        if (UPSERTS[i].after) {
            CHECK_OK(e);
            CHECK_SLICE(json_of_item(&arena, updated), slice_of_string(UPSERTS[i].after));
        } else {
            CHECK_SLICE(e ? e->message : SLICE("accepted"), SLICE(BAD_PATH));
        }
    }
    slice updated;
    CHECK(update_creates(NULL));
    CHECK_OK(update_apply(&arena, NULL, key, false, &updated));
    CHECK(slice_equal(updated, key));
}

#define DOCUMENT                                                                                   \
    "{\"a\":{\"M\":{\"b\":{\"S\":\"dog\"},\"c\":{\"L\":[{\"N\":\"1\"},{\"N\":\"2\"},{\"N\":\"3\"}" \
    "]}}},\"d\":{\"S\":\"cat\"}," PK "}"

static const struct {
    const char *expression;
    const char *touched_before;
    const char *touched_after;
} TOUCHED[] = {
    {"SET a.b = :s", "{\"a\":{\"M\":{\"b\":{\"S\":\"dog\"}}}}",
     "{\"a\":{\"M\":{\"b\":{\"S\":\"s\"}}}}"},
    {"SET a.c[1] = :s", "{\"a\":{\"M\":{\"c\":{\"L\":[{\"N\":\"2\"}]}}}}",
     "{\"a\":{\"M\":{\"c\":{\"L\":[{\"S\":\"s\"}]}}}}"},
    {"SET a.c[2] = :s, a.b = :t, a.c[0] = :one",
     "{\"a\":{\"M\":{\"b\":{\"S\":\"dog\"},\"c\":{\"L\":[{\"N\":\"1\"},{\"N\":\"3\"}]}}}}",
     "{\"a\":{\"M\":{\"b\":{\"S\":\"t\"},\"c\":{\"L\":[{\"N\":\"1\"},{\"S\":\"s\"}]}}}}"},
    {"SET a.z = :s", "{}", "{\"a\":{\"M\":{\"z\":{\"S\":\"s\"}}}}"},
    {"SET z = :s, d = :t", "{\"d\":{\"S\":\"cat\"}}", "{\"d\":{\"S\":\"t\"},\"z\":{\"S\":\"s\"}}"},
    {"SET d = d", "{\"d\":{\"S\":\"cat\"}}", "{\"d\":{\"S\":\"cat\"}}"},
    {"REMOVE d", "{\"d\":{\"S\":\"cat\"}}", "{}"},
    {"REMOVE nothing", "{}", "{}"},
    /* An index names a place before and another after: the service does not mind. */
    {"SET a.c[100] = :s", "{}", "{}"},
    {"REMOVE a.c[1]", "{\"a\":{\"M\":{\"c\":{\"L\":[{\"N\":\"2\"}]}}}}",
     "{\"a\":{\"M\":{\"c\":{\"L\":[{\"N\":\"3\"}]}}}}"},
    {"REMOVE a.c[2], a.c[3]", "{\"a\":{\"M\":{\"c\":{\"L\":[{\"N\":\"3\"}]}}}}", "{}"},
    {"ADD n :one DELETE s :ss", "{}", "{\"n\":{\"N\":\"1\"}}"},
};

TEST(what_an_update_touched_keeps_the_structure_around_it)
{
    for (size_t i = 0; i < sizeof TOUCHED / sizeof *TOUCHED; i++) {
        SCOPED_ARENA(arena);
        const struct update *update = update_of(&arena, TOUCHED[i].expression);
        slice before = item_of(&arena, DOCUMENT);
        slice after;
        CHECK_OK(update_apply(&arena, update, before, true, &after));
        CHECK_SLICE(json_of_item(&arena, update_touched(&arena, update, before)),
                    slice_of_string(TOUCHED[i].touched_before));
        CHECK_SLICE(json_of_item(&arena, update_touched(&arena, update, after)),
                    slice_of_string(TOUCHED[i].touched_after));
    }
}

TEST(nothing_is_touched_without_an_update_or_an_item)
{
    SCOPED_ARENA(arena);
    slice item = item_of(&arena, DOCUMENT);
    CHECK(item_attribute_count(update_touched(&arena, NULL, item)) == 0);
    CHECK(!item_exists(update_touched(&arena, update_of(&arena, "SET a = :s"), ITEM_ABSENT)));
}

static const struct {
    const char *expression;
    const char *problem; /* NULL: accepted */
} KEYS[] = {
    {"SET a = :s, b = pk, c = sk + :one", NULL}, {"REMOVE a.pk, pkk, p", NULL},
#define PART_OF_KEY(name)                                                                          \
    "One or more parameter values were invalid: Cannot update attribute " name                     \
    ". This attribute is part of the key"
    {"SET a = :s, pk = :s", PART_OF_KEY("pk")},  {"SET sk = :s", PART_OF_KEY("sk")},
    {"REMOVE sk, pk", PART_OF_KEY("pk")},        {"ADD sk :one", PART_OF_KEY("sk")},
    {"DELETE pk :ss", PART_OF_KEY("pk")},        {"SET pk.a = :s", PART_OF_KEY("pk")},
    {"REMOVE sk[0]", PART_OF_KEY("sk")},         {"SET a = pk.b", NULL},
};

TEST(key_attributes_are_not_updated)
{
    struct key_schema schema = {
        .hash = {SLICE("pk"), VALUE_S}, .range = {SLICE("sk"), VALUE_N}, .has_range = true};
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++) {
        SCOPED_ARENA(arena);
        error e = update_check_keys(&arena, update_of(&arena, KEYS[i].expression), &schema);
        if (!KEYS[i].problem)
            CHECK_OK(e);
        else
            CHECK_SLICE(e ? e->message : SLICE("accepted"), slice_of_string(KEYS[i].problem));
    }
    schema.has_range = false;
    SCOPED_ARENA(arena);
    CHECK_OK(update_check_keys(&arena, update_of(&arena, "SET sk = :s"), &schema));
    CHECK_OK(update_check_keys(&arena, NULL, &schema));
}

TEST(an_update_enters_the_attributes_below_which_it_changes_or_reads)
{
    SCOPED_ARENA(arena);
    const slice *names;
    const struct update *update =
        update_of(&arena, "SET a.b = :s, c = if_not_exists(d[1], :s) REMOVE e");
    CHECK(update_entered(&arena, update, &names) == 2);
    CHECK_SLICE(names[0], SLICE("a"));
    CHECK_SLICE(names[1], SLICE("d"));
    CHECK(update_entered(&arena, NULL, &names) == 0);
}

/* ---- limits ---- */

/* An update of `expression` whose value :v is the given one. */
static const struct update *update_with(struct arena *arena, const char *expression, slice value)
{
    struct placeholder_value *entry = arena_new(arena, struct placeholder_value);
    *entry = (struct placeholder_value){.placeholder = SLICE(":v"), .input = {.value = value}};
    struct placeholders placeholders = {.values = entry, .value_count = 1};
    const struct update *update = NULL;
    CHECK_OK(update_parse(arena, slice_of_string(expression), &placeholders, &update));
    return update;
}

static slice string_of(struct arena *arena, size_t size)
{
    char *text = arena_alloc_bytes(arena, size);
    memset(text, 'x', size);
    return value_make_string(arena, slice_of(text, size));
}

#define TOO_LARGE "Item size to update has exceeded the maximum allowed size"

TEST(an_item_grows_to_400_KB_and_not_beyond)
{
    SCOPED_ARENA(arena);
    slice item = item_of(&arena, "{\"b\":{\"S\":\"12345\"},\"pk\":{\"S\":\"k\"}}");
    size_t room = ITEM_BYTES_MAX - item_charged_bytes(item) - 1; /* for the name */
    slice updated;

    CHECK_OK(update_apply(&arena, update_with(&arena, "SET a = :v", string_of(&arena, room)), item,
                          true, &updated));
    CHECK(item_charged_bytes(updated) == ITEM_BYTES_MAX);
    const struct update *larger = update_with(&arena, "SET a = :v", string_of(&arena, room + 1));
    CHECK_FAILS(update_apply(&arena, larger, item, true, &updated), ERROR_VALIDATION,
                SLICE(TOO_LARGE));
    CHECK_OK(update_apply(&arena,
                          update_with(&arena, "SET a = :v REMOVE b", string_of(&arena, room + 6)),
                          item, true, &updated));
    CHECK(item_charged_bytes(updated) == ITEM_BYTES_MAX);
}

TEST(values_that_cannot_fit_are_refused_before_they_are_built)
{
    SCOPED_ARENA(arena);
    slice elements[] = {string_of(&arena, ITEM_BYTES_MAX - 100)};
    slice names[] = {SLICE("a")};
    slice values[] = {value_make_list(&arena, elements, 1)};
    slice item = item_make(&arena, names, values, 1);
    struct buffer expression;
    buffer_init(&expression, &arena);
    buffer_append(&expression, SLICE("SET "));
    for (int i = 0; i < 150; i++)
        buffer_append(&expression,
                      arena_format(&arena, "%sb%d = list_append(a, a)", i > 0 ? "," : "", i));
    struct placeholders placeholders = {0};
    const struct update *update = NULL;
    CHECK_OK(update_parse(&arena, buffer_slice(&expression), &placeholders, &update));
    size_t bytes_before = arena_bytes(&arena);
    slice updated;

    CHECK_FAILS(update_apply(&arena, update, item, true, &updated), ERROR_VALIDATION,
                SLICE(TOO_LARGE));

    CHECK(arena_bytes(&arena) - bytes_before < 8 * 1024 * 1024);
}

/* {"M": {"n": … {"S": "leaf"}}} of so many levels */
static slice nested(struct arena *arena, uint32_t levels)
{
    slice value = value_make_string(arena, SLICE("leaf"));
    slice name = SLICE("n");
    for (uint32_t i = 1; i < levels; i++)
        value = value_make_map(arena, &name, &value, 1);
    return value;
}

#define TOO_DEEP                                                                                   \
    "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels "    \
    "beyond supported limit"

TEST(an_item_is_nested_32_levels_deep_and_no_deeper)
{
    SCOPED_ARENA(arena);
    slice item = item_of(&arena, "{\"a\":{\"L\":[{\"M\":{\"n\":{\"L\":[]}}}]}}");
    slice updated;
    CHECK_OK(update_apply(&arena, update_with(&arena, "SET b = :v", nested(&arena, 32)), item, true,
                          &updated));
    CHECK_FAILS(update_apply(&arena, update_with(&arena, "SET b = :v", nested(&arena, 33)), item,
                             true, &updated),
                ERROR_VALIDATION, SLICE(TOO_DEEP));
    CHECK_OK(update_apply(&arena, update_with(&arena, "SET a[0].n[0] = :v", nested(&arena, 29)),
                          item, true, &updated));
    CHECK_FAILS(update_apply(&arena, update_with(&arena, "SET a[0].n[0] = :v", nested(&arena, 30)),
                             item, true, &updated),
                ERROR_VALIDATION, SLICE(TOO_DEEP));
    CHECK_FAILS(update_apply(&arena, update_with(&arena, "SET a[0].m[0] = :v", nested(&arena, 30)),
                             item, true, &updated),
                ERROR_VALIDATION, SLICE(BAD_PATH));
}

TEST(large_sets_are_joined_and_split_in_little_time)
{
    SCOPED_ARENA(arena);
    enum { COUNT = 60000 };
    slice *members = arena_new_array(&arena, slice, COUNT);
    for (uint32_t i = 0; i < COUNT; i++)
        members[i] = value_make_string(&arena, arena_format(&arena, "%05u", i));
    slice name = SLICE("a");
    slice set = value_make_set(&arena, VALUE_SS, members, COUNT);
    slice item = item_make(&arena, &name, &set, 1);
    slice most = value_make_set(&arena, VALUE_SS, members + 1, COUNT - 1);
    slice updated, left;

    CHECK_OK(update_apply(&arena, update_with(&arena, "DELETE a :v", most), item, true, &updated));
    CHECK(item_attribute(updated, name, &left));
    CHECK(value_count(left) == 1);
    CHECK_OK(update_apply(&arena, update_with(&arena, "ADD a :v", most), updated, true, &updated));
    CHECK(slice_equal(updated, item));
}
