/* Conditions against items: what holds. What is refused stands in condition_resolve_test.c. */
#include "tests/unit/expr/fixture.h"

#define VALUES                                                                                     \
    "{\":s\":{\"S\":\"b\"},\":S\":{\"S\":\"abc\"},\":n\":{\"N\":\"2\"},\":m\":{\"N\":\"2.50\"},"   \
    "\":b\":{\"B\":\"Yg==\"},\":t\":{\"BOOL\":true},\":f\":{\"BOOL\":false},"                      \
    "\":z\":{\"NULL\":true},\":ss\":{\"SS\":[\"y\",\"x\"]},\":ns\":{\"NS\":[\"1.0\",\"2\"]},"      \
    "\":bs\":{\"BS\":[\"Yg==\"]},\":l\":{\"L\":[{\"N\":\"1\"},{\"S\":\"x\"}]},"                    \
    "\":mm\":{\"M\":{\"q\":{\"N\":\"1\"},\"p\":{\"S\":\"x\"}}},\":x\":{\"S\":\"x\"},"              \
    "\":zero\":{\"N\":\"0\"},\":one\":{\"N\":\"1\"},\":three\":{\"N\":\"3\"},"                     \
    "\":tS\":{\"S\":\"S\"},\":tN\":{\"S\":\"N\"},\":tM\":{\"S\":\"M\"},\":tNULL\":{\"S\":"         \
    "\"NULL\"},"                                                                                   \
    "\":empty\":{\"S\":\"\"},\":e\":{\"S\":\"\\u00e9\"}}"

#define NAMES "{\"#s\":\"s\",\"#dot\":\"a.b\",\"#name\":\"name\",\"#1\":\"n\"}"

#define ITEM                                                                                       \
    "{\"s\":{\"S\":\"b\"},\"s2\":{\"S\":\"abc\"},\"n\":{\"N\":\"2.0\"},\"m\":{\"N\":\"2.5\"},"     \
    "\"bin\":{\"B\":\"Yg==\"},\"t\":{\"BOOL\":true},\"z\":{\"NULL\":true},"                        \
    "\"ss\":{\"SS\":[\"x\",\"y\"]},\"ns\":{\"NS\":[\"2\",\"1\"]},\"bs\":{\"BS\":[\"Yg==\"]},"      \
    "\"l\":{\"L\":[{\"N\":\"1.0\"},{\"S\":\"x\"}]},"                                               \
    "\"mm\":{\"M\":{\"p\":{\"S\":\"x\"},\"q\":{\"N\":\"1\"},\"deep\":{\"L\":[{\"M\":{"             \
    "\"k\":{\"S\":\"b\"}}}]}}},\"m2\":{\"M\":{\"p\":{\"S\":\"x\"},\"q\":{\"N\":\"1\"}}},"          \
    "\"a.b\":{\"S\":\"b\"},\"name\":{\"S\":\"b\"},\"clef\":{\"S\":\"\\u00e9\\ud834\\udd1e\"},"     \
    "\"blank\":{\"S\":\"\"}}"

static const struct {
    const char *expression;
    bool holds;
} CASES[] = {
    /* equality, by type */
    {"s = :s", true},
    {"s = :x", false},
    {":s = s", true},
    {":s = :s", true},
    {"s <> :x", true},
    {"s <> :s", false},
    {"n = :n", true},
    {"m = :m", true},
    {"bin = :b", true},
    {"t = :t", true},
    {"t = :f", false},
    {"t <> :f", true},
    {"z = :z", true},
    {"ss = :ss", true},
    {"ns = :ns", true},
    {"bs = :bs", true},
    {"l = :l", true},
    {"m2 = :mm", true},
    {"mm = :mm", false},
    {"mm <> :mm", true},
    {"blank = :empty", true},
    /* other types, or nothing there */
    {"s = :b", false},
    {"s <> :b", true},
    {"s < :b", false},
    {"s >= :n", false},
    {"nothing = :s", false},
    {"nothing <> :s", true},
    {"nothing = nowhere", false},
    {"nothing <> nowhere", true},
    {"nothing < :s", false},
    {"NOT nothing < :s", true},
    {"NOT nothing = :s", true},
    {"nothing BETWEEN :S AND :s", false},
    {"nothing IN (:s)", false},
    /* order */
    {"s < :x", true},
    {"s <= :s", true},
    {"s > :S", true},
    {"s >= :s", true},
    {"s > :s", false},
    {"n < :m", true},
    {"n > :m", false},
    {"n >= :n", true},
    {":n <= n", true},
    {":m > n", true},
    {"bin >= :b", true},
    {"bin > :b", false},
    {"n < m", true},
    {"t < m", false},
    {"z <= s", false},
    {"l < m", false},
    {"s BETWEEN :S AND :x", true},
    {"s BETWEEN :s AND :s", true},
    {"n BETWEEN :n AND :m", true},
    {"n BETWEEN :zero AND :one", false},
    {":n BETWEEN n AND m", true},
    {"n BETWEEN :s AND :x", false},
    {"l BETWEEN n AND m", false},
    {"s IN (:x, :s)", true},
    {"s IN (:x, :n, ss)", false},
    {":s IN (nothing, s)", true},
    {"l IN (:l)", true},
    /* paths */
    {"mm.p = :x", true},
    {"mm.q = :one", true},
    {"mm.deep[0].k = :s", true},
    {"mm . deep [ 0 ] . k = :s", true},
    {"mm.deep[1].k = :s", false},
    {"mm.deep.k = :s", false},
    {"mm[0] = :s", false},
    {"l[0] = :one", true},
    {"l[1] = :x", true},
    {"l[2] = :x", false},
    {"l[4294967295] = :x", false},
    {"s.t = :x", false},
    {"#dot = :s", true},
    {"#name = :s", true},
    {"#1 = :n", true},
    {"a.b = :s", false},
    /* logic and its precedence */
    {"s = :s AND n = :n", true},
    {"s = :s AND n = :m", false},
    {"s = :x OR n = :n", true},
    {"s = :x OR n = :m", false},
    {"s = :s OR n = :m AND t = :f", true},
    {"(s = :s OR n = :m) AND t = :f", false},
    {"t = :f AND n = :m OR s = :s", true},
    {"NOT s = :s", false},
    {"NOT s = :x AND n = :n", true},
    {"NOT (s = :x AND n = :n)", true},
    {"NOT s = :x OR s = :s", true},
    {"NOT (s = :x OR s = :s)", false},
    {"NOT NOT s = :s", true},
    {"not s = :x and not (s in (:x))", true},
    {"s = :s aNd s bEtWeEn :S aNd :x Or s = :x", true},
    {"(s) = :s", true},
    {"s = (:s)", true},
    {"(s) = (:s)", true},
    {"(s = :s) AND (n = :n)", true},
    {"(((s = :s) AND n = :n) AND t = :t) AND z = :z", true},
    {"\ts\n=\r :s ", true},
    {"s=:s", true},
    {"l[0]=:one AND(NOT(s=:x))", true},
    /* attribute_exists and its opposite */
    {"attribute_exists(s)", true},
    {"attribute_exists(z)", true},
    {"attribute_exists(nothing)", false},
    {"attribute_exists(mm.p)", true},
    {"attribute_exists(mm.gone)", false},
    {"attribute_exists(l[1])", true},
    {"attribute_exists(l[2])", false},
    {"attribute_exists((s))", true},
    {"attribute_not_exists(s)", false},
    {"attribute_not_exists(nothing)", true},
    {"NOT attribute_exists(nothing)", true},
    /* attribute_type */
    {"attribute_type(s, :tS)", true},
    {"attribute_type(s, :tN)", false},
    {"attribute_type(n, :tN)", true},
    {"attribute_type(mm, :tM)", true},
    {"attribute_type(z, :tNULL)", true},
    {"attribute_type(nothing, :tNULL)", false},
    {"attribute_type(:tN, :tS)", true},
    {"attribute_type(:tN, :tN)", false},
    {"attribute_type(size(s), :tN)", true},
    /* begins_with */
    {"begins_with(s2, :S)", true},
    {"begins_with(s2, :empty)", true},
    {"begins_with(s2, :s)", false},
    {"begins_with(bin, :b)", true},
    {"begins_with(bin, :s)", false},
    {"begins_with(n, :s)", false},
    {"begins_with(nothing, :s)", false},
    {"begins_with(:S, s)", false},
    {"begins_with(s, s2)", false},
    {"begins_with(s2, n)", false},
    /* contains */
    {"contains(s2, :s)", true},
    {"contains(s2, :x)", false},
    {"contains(s2, :empty)", true},
    {"contains(blank, :empty)", true},
    {"contains(blank, :s)", false},
    {"contains(s2, :n)", false},
    {"contains(bin, :b)", true},
    {"contains(bin, :s)", false},
    {"contains(ss, :x)", true},
    {"contains(ss, :s)", false},
    {"contains(ss, :n)", false},
    {"contains(ns, :n)", true},
    {"contains(ns, :m)", false},
    {"contains(bs, :b)", true},
    {"contains(bs, :s)", false},
    {"contains(l, :one)", true},
    {"contains(l, :x)", true},
    {"contains(l, :s)", false},
    {"contains(l, :t)", false},
    {"contains(mm, :s)", false},
    {"contains(n, :n)", false},
    {"contains(z, :z)", false},
    {"contains(nothing, :s)", false},
    {"contains(:S, s)", true},
    {"contains(:ss, s)", false},
    {"contains(s2, nothing)", false},
    /* size */
    {"size(s2) = :three", true},
    {"size(blank) = :zero", true},
    {"size(bin) = :one", true},
    {"size(clef) = :three", true}, /* é and a character above U+FFFF, in UTF-16 */
    {"size(ss) = :n", true},
    {"size(ns) = :n", true},
    {"size(bs) = :one", true},
    {"size(l) = :n", true},
    {"size(mm) = :three", true},
    {"size(m2) > :one", true},
    {"size(s2) BETWEEN :n AND :three", true},
    {"size(s2) IN (:one, :three)", true},
    {":three = size(s2)", true},
    {"size(s2) < size(ss)", false},
    {"size(s2) > size(ss)", true},
    {"size(s2) <> :one", true},
    {"size(:S) = :three", true},
    {"(size(s2)) = :three", true},
    {"size(n) = :one", false},
    {"size(n) <> :one", false},
    {"size(t) >= :zero", false},
    {"size(z) >= :zero", false},
    {"size(nothing) >= :zero", false},
    {"size(nothing) <> :zero", false},
    {"NOT size(nothing) = :zero", true},
    {"size(mm.deep) = :one", true},
};

TEST(conditions_hold_or_not_as_the_service_says)
{
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        SCOPED_ARENA(arena);
        struct placeholders placeholders = placeholders_of(&arena, NAMES, VALUES);
        const struct condition *condition = NULL;
        CHECK_OK(condition_parse(&arena, SLICE("ConditionExpression"),
                                 slice_of_string(CASES[i].expression), &placeholders, &condition));

        bool holds = condition && condition_holds(condition, item_of(&arena, ITEM), &arena);

        slice got = arena_format(&arena, "%s: %d", CASES[i].expression, holds);
        CHECK_SLICE(got, arena_format(&arena, "%s: %d", CASES[i].expression, CASES[i].holds));
    }
}

TEST(without_a_condition_everything_holds)
{
    SCOPED_ARENA(arena);
    CHECK(condition_holds(NULL, ITEM_ABSENT, &arena));
}

TEST(an_absent_item_is_like_one_without_attributes)
{
    static const struct {
        const char *expression;
        bool holds;
    } cases[] = {
        {"attribute_not_exists(pk)", true},
        {"attribute_exists(pk)", false},
        {"pk = :s", false},
        {"pk <> :s", true},
        {"size(pk) = :n", false},
        {"contains(pk, :s)", false},
        {":s = :s", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SCOPED_ARENA(arena);
        struct placeholders placeholders = placeholders_of(&arena, NULL, VALUES);
        const struct condition *condition;
        CHECK_OK(condition_parse(&arena, SLICE("ConditionExpression"),
                                 slice_of_string(cases[i].expression), &placeholders, &condition));

        CHECK(condition_holds(condition, ITEM_ABSENT, &arena) == cases[i].holds);
        CHECK(condition_holds(condition, item_of(&arena, "{}"), &arena) == cases[i].holds);
    }
}

/* Every pair of types under every comparison: equal only to its twin, ordered only as S, N, B. */
TEST(values_of_different_types_differ_and_have_no_order)
{
    static const char *const names[] = {"s", "n", "bin", "t", "z", "ss", "ns", "bs", "l", "m2"};
    static const char *const operators[] = {"=", "<>", "<", ">", "<=", ">="};
    enum { TYPE_COUNT = sizeof names / sizeof *names, ORDERED_COUNT = 3 };
    SCOPED_ARENA(arena);
    slice item = item_of(&arena, "{\"a\":{\"M\":" ITEM "},\"b\":{\"M\":" ITEM "}}");
    for (int a = 0; a < TYPE_COUNT; a++) {
        for (int b = 0; b < TYPE_COUNT; b++) {
            bool same = a == b;
            bool touching = same && a < ORDERED_COUNT;
            const bool wanted[] = {same, !same, false, false, touching, touching};
            for (int i = 0; i < 6; i++) {
                slice text = arena_format(&arena, "a.%s %s b.%s", names[a], operators[i], names[b]);
                struct placeholders placeholders = {0};
                const struct condition *condition;
                CHECK_OK(condition_parse(&arena, SLICE("F"), text, &placeholders, &condition));
                CHECK(condition_holds(condition, item, &arena) == wanted[i]);
            }
        }
    }
}

TEST(the_attributes_a_condition_names_are_known)
{
    SCOPED_ARENA(arena);
    struct placeholders placeholders = placeholders_of(&arena, NAMES, VALUES);
    const struct condition *condition;
    slice text = SLICE("NOT (m.pk = :s OR size(#s) > :n) AND a IN (:s, sk)");
    CHECK_OK(condition_parse(&arena, SLICE("FilterExpression"), text, &placeholders, &condition));
    struct key_schema schema = {
        .hash = {SLICE("pk"), VALUE_S}, .range = {SLICE("sk"), VALUE_S}, .has_range = true};

    CHECK(condition_names_attribute(condition, SLICE("m")));
    CHECK(condition_names_attribute(condition, SLICE("s")));
    CHECK(condition_names_attribute(condition, SLICE("sk")));
    CHECK(!condition_names_attribute(condition, SLICE("pk")));
    CHECK(!condition_names_attribute(condition, SLICE("#s")));
    CHECK(!condition_names_attribute(NULL, SLICE("pk")));
    static const slice wanted[] = {SLICE("a"), SLICE("m"), SLICE("s"), SLICE("sk")};
    const slice *names;
    uint32_t count = condition_attributes(&arena, condition, &names);
    CHECK(count == 4);
    for (uint32_t i = 0; i < count; i++)
        CHECK_SLICE(names[i], wanted[i]);
    CHECK(condition_attributes(&arena, NULL, &names) == 0);
    slice key = SLICE_NONE;
    CHECK(condition_names_key(condition, &schema, &key));
    CHECK_SLICE(key, SLICE("sk"));
    schema.has_range = false;
    CHECK(!condition_names_key(condition, &schema, &key));
}
