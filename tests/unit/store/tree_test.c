#include "store/memory/tree.h"

#include "base/random.h"
#include "tests/test.h"
#include <stdio.h>

enum { KEYS = 12000, RUNS = 1000, STEPS = 20000 };

static slice key_of(char text[static 16], uint64_t number)
{
    return slice_of(text, (size_t)snprintf(text, 16, "%05llu", (unsigned long long)number));
}

/* How many rows a walk meets; checks that each is what the model has. */
static uint32_t walk(const struct tree *tree, const uint64_t *model, bool forward)
{
    char text[16];
    struct tree_cursor cursor;
    tree_seek(tree, forward ? SLICE("") : SLICE("~"), &cursor);
    uint32_t count = 0;
    slice key;
    slice value;
    for (uint64_t i = 0; i < KEYS; i++) {
        uint64_t number = forward ? i : KEYS - 1 - i;
        if (model[number] == 0)
            continue;
        bool more =
            forward ? tree_next(&cursor, &key, &value) : tree_previous(&cursor, &key, &value);
        CHECK(more);
        if (!more)
            return count;
        CHECK_SLICE(key, key_of(text, number));
        CHECK(value.size == 8 && memcmp(value.data, &model[number], 8) == 0);
        count++;
    }
    CHECK(!(forward ? tree_next(&cursor, &key, &value) : tree_previous(&cursor, &key, &value)));
    return count;
}

/* value 0: delete. */
static void change(struct tree **tree, uint64_t *model, uint64_t number, uint64_t value)
{
    char text[16];
    model[number] = value;
    if (value)
        tree_put(tree, key_of(text, number), slice_of(&value, sizeof value));
    else
        tree_delete(tree, key_of(text, number));
}

TEST(a_tree_equals_its_model_after_random_puts_and_deletes)
{
    static uint64_t model[KEYS];
    struct random random;
    random_init(&random, test_seed());
    struct tree *tree = tree_new();
    char text[16];

    /* Three seasons: mostly puts, mostly deletes, mostly puts again; in runs, so that whole leaves
     * empty between full ones. */
    for (uint64_t step = 1; step <= 3 * RUNS; step++) {
        uint64_t first = random_below(&random, KEYS);
        uint64_t count = 1 + random_below(&random, step % 3 == 0 ? 200 : 5);
        bool put = random_below(&random, 10) < (step / RUNS == 1 ? 2 : 8);
        for (uint64_t i = first; i < first + count && i < KEYS; i++)
            change(&tree, model, i, put ? step : 0);
        change(&tree, model, first, step); /* one row alone where many were deleted */
        if (step % 20 == 0)
            CHECK(tree_verify(tree));
    }

    CHECK(walk(tree, model, true) == walk(tree, model, false));
    for (uint64_t number = 0; number < KEYS; number++)
        CHECK((tree_get(tree, key_of(text, number)).size > 0) == (model[number] > 0));
    for (uint64_t number = 0; number < KEYS; number++)
        tree_delete(&tree, key_of(text, number));
    CHECK(tree_verify(tree));
    CHECK(tree_get(tree, SLICE("00000")).size == 0);
    tree_release(tree);
}

TEST(a_held_tree_does_not_change_while_its_copies_do)
{
    static uint64_t then[KEYS];
    static uint64_t now[KEYS];
    struct random random;
    random_init(&random, test_seed());
    struct tree *tree = tree_new();
    for (uint64_t i = 0; i < KEYS; i++) {
        then[i] = i + 1;
        change(&tree, now, i, i + 1);
    }

    struct tree *held = tree;
    tree_retain(held);
    for (uint64_t step = 0; step < STEPS; step++) {
        uint64_t number = random_below(&random, KEYS);
        change(&tree, now, number, random_below(&random, 3) == 0 ? STEPS + step : 0);
    }

    CHECK(walk(held, then, true) == KEYS);
    CHECK(tree_verify(held));
    CHECK(walk(tree, now, false) < KEYS);
    CHECK(tree_verify(tree));
    tree_release(held);
    tree_release(tree);
}
