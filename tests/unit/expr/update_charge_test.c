#include "base/limits.h"
#include "expr/update.h"
#include "tests/unit/expr/fixture.h"

enum { CLAUSE = 19, STATEMENT = 3 };

/* Source: the service, measured to the byte. `bytes` is what the clause costs beside SET b = :pad. */
static const struct {
    const char *clause;
    size_t bytes;
} CHARGES[] = {
    {"", 0},
    {", c = :y", CLAUSE + 1 + 1},
    {", #c = :y", CLAUSE + 1 + 1},
    {", c.abc[10] = :y", CLAUSE + 1 + (4 + 3) + (4 + 2) + 1},
    {", c = abcdefghij", CLAUSE + 1 + 1 + (14 + 10)},
    {", c = m.a[10]", CLAUSE + 1 + 1 + (14 + 1) + (14 + 1) + (14 + 2)},
    {", c = n + :one", CLAUSE + 1 + 34 + 1 + (14 + 1) + 2},
    {", c = n - :one", CLAUSE + 1 + 37 + 1 + (14 + 1) + 2},
    {", c = if_not_exists(c, :y)", CLAUSE + 1 + 39 + 1 + (14 + 1) + 1},
    {", c = list_append(l, :list)", CLAUSE + 1 + 37 + 1 + (14 + 1) + (3 + 1 + 10)},
    {", c = if_not_exists(c, :list), d = if_not_exists(d, :list)",
     2 * (CLAUSE + 1 + 39 + 1 + (14 + 1) + (3 + 1 + 10))},
    {" ADD abcdefghij :one", CLAUSE + 10 + 2},
    {" ADD ss :set", CLAUSE + 2 + 5},
    {" REMOVE r", 1 + 1},
    {" REMOVE m.abc, l[1]", 1 + 1 + (4 + 3) + 1 + 1 + (4 + 1)},
    {" DELETE ss :set", 1 + 2},
};

static error check_charge(struct arena *arena, const char *clause, size_t pad_bytes)
{
    slice pad = repeat(arena, "p", "", (uint32_t)pad_bytes);
    slice values = arena_format(
        arena,
        "{\":pad\":{\"S\":\"%.*s\"},\":y\":{\"S\":\"y\"},\":one\":{\"N\":\"1\"},"
        "\":list\":{\"L\":[{\"S\":\"yyyyyyyyyy\"}]},\":set\":{\"SS\":[\"ab\",\"cde\"]}}%c",
        SLICE_ARGS(pad), 0);
    struct placeholders placeholders =
        placeholders_of(arena, "{\"#c\":\"c\"}", values.data);
    slice text = arena_format(arena, "SET b = :pad%s", clause);
    const struct update *update;
    CHECK_OK(update_parse(arena, text, &placeholders, &update));
    return update_check_charge(update);
}

TEST(an_update_expression_is_measured_by_what_it_writes_and_its_clauses)
{
    for (size_t i = 0; i < sizeof CHARGES / sizeof *CHARGES; i++) {
        SCOPED_ARENA(arena);
        size_t pad_bytes = ITEM_BYTES_MAX - STATEMENT - CLAUSE - 1 - CHARGES[i].bytes;
        CHECK_OK(check_charge(&arena, CHARGES[i].clause, pad_bytes));
        CHECK_FAILS(check_charge(&arena, CHARGES[i].clause, pad_bytes + 1), ERROR_VALIDATION,
                    SLICE("Item size to update has exceeded the maximum allowed size"));
    }
}

TEST(no_update_is_charged_nothing)
{
    CHECK_OK(update_check_charge(NULL));
}
