#include "base/limits.h"
#include "expr/projection.h"
#include "tests/unit/expr/fixture.h"

#define NAMES "{\"#name\":\"name\",\"#dot\":\"x.y\",\"#a\":\"a\"}"
#define ITEM                                                                                       \
    "{\"a\":{\"S\":\"1\"},\"b\":{\"M\":{\"c\":{\"N\":\"2\"},\"d\":{\"L\":[{\"S\":\"x\"},{\"M\":{"  \
    "\"e\":{\"S\":\"y\"},\"f\":{\"S\":\"z\"},\"g\":{\"S\":\"w\"}}}]}}},\"l\":{\"L\":["             \
    "{\"N\":\"0\"},{\"N\":\"1\"},{\"N\":\"2\"}]},\"name\":{\"S\":\"n\"},\"x.y\":{\"S\":\"dot\"}}"

static const struct {
    const char *expression;
    const char *json;
} APPLIED[] = {
    {"a", "{\"a\":{\"S\":\"1\"}}"},
    {"nothing", "{}"},
    {"a, nothing", "{\"a\":{\"S\":\"1\"}}"},
    {" a , l ", "{\"a\":{\"S\":\"1\"},\"l\":{\"L\":[{\"N\":\"0\"},{\"N\":\"1\"},{\"N\":\"2\"}]}}"},
    {"#name,#dot", "{\"name\":{\"S\":\"n\"},\"x.y\":{\"S\":\"dot\"}}"},
    {"b.c", "{\"b\":{\"M\":{\"c\":{\"N\":\"2\"}}}}"},
    {"b.nothing", "{}"},
    {"b.c.d", "{}"},
    {"b[0]", "{}"},
    {"l.a", "{}"},
    {"l[2], l[0]", "{\"l\":{\"L\":[{\"N\":\"0\"},{\"N\":\"2\"}]}}"},
    {"l[1]", "{\"l\":{\"L\":[{\"N\":\"1\"}]}}"},
    {"l[7]", "{}"},
    {"l[7], l[1]", "{\"l\":{\"L\":[{\"N\":\"1\"}]}}"},
    {"b.d[1].g, b.d[1].e", "{\"b\":{\"M\":{\"d\":{\"L\":[{\"M\":{\"e\":{\"S\":\"y\"},"
                           "\"g\":{\"S\":\"w\"}}}]}}}}"},
    {"b.d[1].e, b.d[0], b.c", "{\"b\":{\"M\":{\"c\":{\"N\":\"2\"},\"d\":{\"L\":[{\"S\":\"x\"},"
                              "{\"M\":{\"e\":{\"S\":\"y\"}}}]}}}}"},
    {"b.d[0].e", "{}"},
};

TEST(a_projection_keeps_what_its_paths_find)
{
    for (size_t i = 0; i < sizeof APPLIED / sizeof *APPLIED; i++) {
        SCOPED_ARENA(arena);
        struct placeholders placeholders = placeholders_of(&arena, NAMES, NULL);
        slice text = slice_of_string(APPLIED[i].expression);
        const struct projection *projection = NULL;
        CHECK_OK(projection_parse(&arena, text, &placeholders, &projection));

        slice projected = projection_apply(projection, item_of(&arena, ITEM), &arena);

        CHECK(slice_equal(projected, item_of(&arena, APPLIED[i].json)));
        CHECK_SLICE(json_of_item(&arena, projected), slice_of_string(APPLIED[i].json));
        CHECK_OK(item_check(projected));
    }
}

TEST(without_a_projection_the_item_is_whole)
{
    SCOPED_ARENA(arena);
    slice item = item_of(&arena, ITEM);
    CHECK(slice_equal(projection_apply(NULL, item, &arena), item));
    CHECK(!item_exists(projection_apply(NULL, ITEM_ABSENT, &arena)));
}

#define OVERLAP(one, two)                                                                          \
    "Two document paths overlap with each other; must remove or rewrite one of these paths; path " \
    "one: " one ", path two: " two
#define CONFLICT(one, two)                                                                         \
    "Two document paths conflict with each other; must remove or rewrite one of these paths; "     \
    "path one: " one ", path two: " two

static const struct {
    const char *expression;
    const char *problem;
} REFUSED[] = {
    {"", "The expression can not be empty;"},
    {"a,", "Syntax error; token: \"<EOF>\", near: \",\""},
    {"a b", "Syntax error; token: \"b\", near: \"a b\""},
    {",a", "Syntax error; token: \",\", near: \",a\""},
    {"a, 0)", "Syntax error; token: \"0\", near: \", 0)\""},
    {"l[a]", "Syntax error; token: \"a\", near: \"[a]\""},
    {"size(a)", "Syntax error; token: \"(\", near: \"size(a\""},
    {":v", "Syntax error; token: \":v\", near: \":v\""},
    {"(a)", "Syntax error; token: \"(\", near: \"(a\""},
    {"a, name", "Attribute name is a reserved keyword; reserved keyword: name"},
    {"and", "Attribute name is a reserved keyword; reserved keyword: and"},
    {"a.Count", "Attribute name is a reserved keyword; reserved keyword: Count"},
    {"a, #b", "An expression attribute name used in the document path is not defined; attribute "
              "name: #b"},
    {"#b, name", "Attribute name is a reserved keyword; reserved keyword: name"},
    {"a, a, #b", "An expression attribute name used in the document path is not defined; "
                 "attribute name: #b"},
    {"a, a", OVERLAP("[a]", "[a]")},
    {"a, #a", OVERLAP("[a]", "[a]")},
    {"a, a.b", OVERLAP("[a]", "[a, b]")},
    {"a.b, a", OVERLAP("[a, b]", "[a]")},
    {"z, a[0].b, q, a[0]", OVERLAP("[a, [0], b]", "[a, [0]]")},
    {"a.b, a[1]", CONFLICT("[a, b]", "[a, [1]]")},
    {"a[1].c, a.b.d", CONFLICT("[a, [1], c]", "[a, b, d]")},
    {"a.b, a[1], c, c", OVERLAP("[c]", "[c]")},
};

TEST(bad_projections_are_refused_in_the_words_of_the_service)
{
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++) {
        SCOPED_ARENA(arena);
        struct placeholders placeholders = placeholders_of(&arena, NAMES, NULL);
        const struct projection *projection;
        error e = projection_parse(&arena, slice_of_string(REFUSED[i].expression), &placeholders,
                                   &projection);
        CHECK_SLICE(e ? e->message : SLICE("accepted"),
                    arena_format(&arena, "Invalid ProjectionExpression: %s", REFUSED[i].problem));
    }
}

TEST(the_longest_projection_that_repeats_itself_is_refused)
{
    SCOPED_ARENA(arena);
    struct placeholders placeholders = placeholders_of(&arena, "{\"#a\":\"a\"}", NULL);
    const struct projection *projection;
    slice wide = repeat(&arena, "a", ",", EXPRESSION_BYTES_MAX / 2);

    CHECK(projection_parse(&arena, wide, &placeholders, &projection) != NULL);
}

TEST(attributes_to_get_are_literal_names)
{
    SCOPED_ARENA(arena);
    const slice names[] = {SLICE("x.y"), SLICE("nothing"), SLICE("name"), SLICE("b[0]")};
    const struct projection *projection;
    CHECK_OK(projection_of_names(&arena, names, 4, &projection));

    slice projected = projection_apply(projection, item_of(&arena, ITEM), &arena);

    CHECK_SLICE(json_of_item(&arena, projected),
                SLICE("{\"name\":{\"S\":\"n\"},\"x.y\":{\"S\":\"dot\"}}"));
}

TEST(attributes_to_get_do_not_repeat)
{
    SCOPED_ARENA(arena);
    const slice names[] = {SLICE("b"), SLICE("a"), SLICE("c"), SLICE("a")};
    const struct projection *projection;
    CHECK_FAILS(projection_of_names(&arena, names, 4, &projection), ERROR_VALIDATION,
                SLICE("One or more parameter values were invalid: Duplicate value in attribute "
                      "name: a"));
}

TEST(attributes_to_get_have_names_that_attributes_may_have)
{
    SCOPED_ARENA(arena);
    char *long_name = arena_alloc_bytes(&arena, 65536);
    memset(long_name, 'a', 65536);
    const struct projection *projection;
    slice longest = slice_of(long_name, 65535);
    CHECK_OK(projection_of_names(&arena, &longest, 1, &projection));

    slice too_long = slice_of(long_name, 65536);
    CHECK_FAILS(projection_of_names(&arena, &too_long, 1, &projection), ERROR_VALIDATION,
                SLICE("One or more parameter values were invalid: Attribute name is too large, "
                      "must be less than 65536 bytes"));
    slice empty = SLICE("");
    CHECK_FAILS(projection_of_names(&arena, &empty, 1, &projection), ERROR_VALIDATION,
                SLICE("One or more parameter values were invalid: Empty attribute name"));
}

TEST(a_path_is_as_deep_as_an_item_and_no_deeper)
{
    SCOPED_ARENA(arena);
    struct placeholders none = placeholders_of(&arena, NULL, NULL);
    const struct projection *projection;
    struct buffer text;
    buffer_init(&text, &arena);
    buffer_append(&text, SLICE("a"));
    for (uint32_t level = 2; level <= 32; level++)
        buffer_append(&text, level % 2 ? SLICE(".b") : SLICE("[0]"));
    CHECK_OK(projection_parse(&arena, buffer_slice(&text), &none, &projection));

    buffer_append(&text, SLICE("[0]"));
    CHECK_FAILS(projection_parse(&arena, buffer_slice(&text), &none, &projection), ERROR_VALIDATION,
                SLICE("Invalid ProjectionExpression: The document path has too many nesting "
                      "levels; nesting levels: 33"));
}

TEST(the_attributes_a_projection_names_are_known)
{
    SCOPED_ARENA(arena);
    static const slice wanted[] = {SLICE("a"), SLICE("b"), SLICE("c")};
    struct placeholders placeholders = {0};
    const struct projection *projection;
    CHECK_OK(projection_parse(&arena, SLICE("b.y, c, a[1], b.x"), &placeholders, &projection));

    const slice *names;
    uint32_t count = projection_attributes(&arena, projection, &names);

    CHECK(count == 3);
    for (uint32_t i = 0; i < count; i++)
        CHECK_SLICE(names[i], wanted[i]);
    CHECK(projection_attributes(&arena, NULL, &names) == 0);
}
