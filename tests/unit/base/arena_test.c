#include "base/arena.h"

#include "base/budget.h"
#include "tests/test.h"

static void count(void *object)
{
    int *calls = object;
    *calls += 1;
}

TEST(arena_gives_aligned_memory_of_any_size)
{
    SCOPED_ARENA(arena);
    for (size_t size = 0; size < 100000; size = size * 2 + 1) {
        arena_alloc_bytes(&arena, 3);
        char *bytes = arena_alloc_zeroed(&arena, size);
        CHECK(((uintptr_t)bytes & 15) == 0);
        memset(bytes, 1, size);
    }
}

TEST(arena_runs_what_was_deferred_once)
{
    int calls = 0;
    struct arena arena;
    arena_init(&arena, NULL);
    arena_defer(&arena, count, &calls);
    arena_reset(&arena);
    CHECK(calls == 1);
    arena_fini(&arena);
    CHECK(calls == 1);
}

TEST(arena_counts_against_its_budget_and_gives_back)
{
    struct budget budget = {.max_bytes = 1000};
    struct arena arena;
    arena_init(&arena, &budget);
    CHECK(!budget_is_spent(&budget));
    arena_alloc(&arena, 5000);
    CHECK(budget_is_spent(&budget));
    CHECK(budget.used_bytes == arena_bytes(&arena));
    arena_fini(&arena);
    CHECK(budget.used_bytes == 0);
}
