/* More counters than buckets, so that every bucket holds several. */
#include "store/totals.h"

#include "tests/test.h"

enum { COUNTERS = 40000 };

static slice key_at(struct arena *arena, int number)
{
    return arena_format(arena, "counter %d", number);
}

static void fill(struct totals *totals, struct arena *arena, int count)
{
    for (int i = 0; i < count; i++)
        totals_set(totals, key_at(arena, i), i);
}

TEST(every_total_is_found_until_it_is_forgotten)
{
    SCOPED_ARENA(arena);
    struct totals totals;
    totals_init(&totals);
    fill(&totals, &arena, COUNTERS);
    int64_t total = -1;

    CHECK(totals.count == COUNTERS);
    for (int i = 0; i < COUNTERS; i++)
        CHECK(totals_find(&totals, key_at(&arena, i), &total) && total == i);
    for (int i = 0; i < COUNTERS; i += 3)
        totals_forget(&totals, key_at(&arena, i));
    for (int i = 0; i < COUNTERS; i++)
        CHECK(totals_find(&totals, key_at(&arena, i), &total) == (i % 3 != 0));

    totals_fini(&totals);
}

TEST(a_total_set_again_replaces_the_older)
{
    struct totals totals;
    totals_init(&totals);
    int64_t total = 0;

    totals_set(&totals, SLICE("a"), 1);
    totals_set(&totals, SLICE("a"), 2);

    CHECK(totals.count == 1);
    CHECK(totals_find(&totals, SLICE("a"), &total) && total == 2);
    totals_fini(&totals);
}

TEST(forgetting_what_is_not_known_changes_nothing)
{
    struct totals totals;
    totals_init(&totals);

    totals_forget(&totals, SLICE("a"));
    totals_set(&totals, SLICE("b"), 1);
    totals_forget(&totals, SLICE("a"));

    CHECK(totals.count == 1);
    totals_fini(&totals);
}

TEST(only_too_many_totals_are_trimmed)
{
    SCOPED_ARENA(arena);
    struct totals totals;
    totals_init(&totals);
    int64_t total;

    fill(&totals, &arena, 100);
    totals_trim(&totals);
    CHECK(totals.count == 100);

    fill(&totals, &arena, 200000);
    totals_trim(&totals);
    CHECK(totals.count == 0);
    CHECK(!totals_find(&totals, SLICE("counter 1"), &total));
    totals_fini(&totals);
}
