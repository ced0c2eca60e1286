#include "store/memory/faults.h"

#include "base/clock.h"
#include "base/task.h"
#include "store/engine.h"
#include "tests/test.h"
#include <pthread.h>

static const struct clock *test_clock(void)
{
    static struct clock clock;
    clock_init(&clock, false);
    return &clock;
}

static struct store *open_memory(struct arena *arena)
{
    struct store_options options = {.clock = test_clock()};
    struct store *store = NULL;
    CHECK_OK(store_open_memory(arena, &options, &store));
    return store;
}

/* Put a row and count it: both or neither. */
static enum store_answer put(struct store *store, slice key, slice value)
{
    struct store_write writes[] = {
        {STORE_PUT, STORE_ROWS, key, value, 0, STORE_NO_STAMP, STORE_NO_STAMP},
        {STORE_ADD, STORE_ROWS, SLICE("count"), SLICE_NONE, 1, STORE_NO_STAMP, STORE_NO_STAMP}};
    struct store_change_set change_set = {.writes = writes, .write_count = 2};
    return store_submit_and_wait(store, &change_set);
}

static bool has(struct store *store, slice key)
{
    SCOPED_ARENA(arena);
    struct store_row row;
    CHECK(store_get(store, STORE_SHARD_WHOLE, &arena, &key, 1, STORE_ANY, &row) == STORE_OK);
    return row.found;
}

static unsigned count_of(struct store *store)
{
    SCOPED_ARENA(arena);
    slice key = SLICE("count");
    struct store_row row;
    CHECK(store_get(store, STORE_SHARD_WHOLE, &arena, &key, 1, STORE_ANY, &row) == STORE_OK);
    return row.found ? (unsigned char)row.value.data[7] : 0;
}

TEST(the_nth_change_set_is_dropped_with_a_conflict_once)
{
    SCOPED_ARENA(arena);
    struct store *store = open_memory(&arena);
    memory_store_set_faults(store, &(struct memory_faults){.conflict_at_submit = 2});

    CHECK(put(store, SLICE("a"), SLICE("1")) == STORE_OK);
    CHECK(put(store, SLICE("b"), SLICE("1")) == STORE_CONFLICT);
    CHECK(put(store, SLICE("c"), SLICE("1")) == STORE_OK);

    CHECK(has(store, SLICE("a")) && !has(store, SLICE("b")) && has(store, SLICE("c")));
    CHECK(count_of(store) == 2);
    store_close(store);
}

TEST(a_refused_group_leaves_nothing_and_takes_no_commit_number)
{
    SCOPED_ARENA(arena);
    struct store *store = open_memory(&arena);
    CHECK(put(store, SLICE("a"), SLICE("1")) == STORE_OK);
    memory_store_set_faults(store, &(struct memory_faults){.unavailable_at_group = 1});

    CHECK(put(store, SLICE("b"), SLICE("1")) == STORE_UNAVAILABLE);
    CHECK(store_commit_number(store) == 1);
    CHECK(!has(store, SLICE("b")) && count_of(store) == 1);

    CHECK(put(store, SLICE("b"), SLICE("1")) == STORE_OK);
    CHECK(store_commit_number(store) == 2);
    CHECK(count_of(store) == 2);
    store_close(store);
}

struct told {
    struct store_sink sink;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    unsigned count; /* guarded by mutex */
};

static void note(struct store_sink *sink, struct store_change_set *first)
{
    struct told *told = OBJECT_OF(sink, struct told, sink);
    pthread_mutex_lock(&told->mutex);
    for (; first; first = first->next)
        told->count++;
    pthread_cond_broadcast(&told->changed);
    pthread_mutex_unlock(&told->mutex);
}

TEST(held_groups_wait_and_a_refused_one_drops_all_that_is_in_it)
{
    SCOPED_ARENA(arena);
    struct store *store = open_memory(&arena);
    struct told told = {{.deliver = note}, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
    struct store_write writes[] = {
        {STORE_PUT, STORE_ROWS, SLICE("a"), SLICE("1"), 0, STORE_NO_STAMP, STORE_NO_STAMP},
        {STORE_PUT, STORE_ROWS, SLICE("b"), SLICE("1"), 0, STORE_NO_STAMP, STORE_NO_STAMP}};
    struct store_change_set sets[2];
    memory_store_set_faults(
        store, &(struct memory_faults){.hold_groups = true, .unavailable_at_group = 1});
    for (int i = 0; i < 2; i++) {
        sets[i] = (struct store_change_set){.writes = &writes[i],
                                            .write_count = 1,
                                            .pending = store_pending_new(),
                                            .sink = &told.sink};
        CHECK(store_submit(store, &sets[i]) == STORE_OK);
    }
    struct store_figures figures;
    store_measure(store, &figures);
    CHECK(figures.depth == 2);
    CHECK(atomic_load(&sets[0].pending->state) == STORE_PENDING_QUEUED);

    memory_store_set_faults(store, &(struct memory_faults){.unavailable_at_group = 1});
    pthread_mutex_lock(&told.mutex);
    while (told.count < 2)
        pthread_cond_wait(&told.changed, &told.mutex);
    pthread_mutex_unlock(&told.mutex);

    for (int i = 0; i < 2; i++) {
        CHECK(sets[i].answer == STORE_UNAVAILABLE);
        CHECK(atomic_load(&sets[i].pending->state) == STORE_PENDING_DROPPED);
        store_pending_release(sets[i].pending);
    }
    store_measure(store, &figures);
    CHECK(figures.groups == 0 && figures.change_sets == 2 && figures.dropped == 2);
    CHECK(figures.depth == 0);
    store_close(store);
}

TEST(a_crash_copy_has_a_prefix_of_the_groups_and_goes_on_from_there)
{
    SCOPED_ARENA(arena);
    struct store *store = open_memory(&arena);
    CHECK(put(store, SLICE("a"), SLICE("1")) == STORE_OK);
    memory_store_keep_history(store);
    CHECK(put(store, SLICE("b"), SLICE("1")) == STORE_OK);
    CHECK(put(store, SLICE("c"), SLICE("1")) == STORE_OK);

    for (uint64_t number = 1; number <= 3; number++) {
        struct store *copy = NULL;
        CHECK_OK(memory_store_crash_copy(&arena, store, number, &copy));
        CHECK(store_commit_number(copy) == number);
        CHECK(count_of(copy) == number);
        CHECK(has(copy, SLICE("b")) == (number >= 2));
        CHECK(has(copy, SLICE("c")) == (number >= 3));
        CHECK(put(copy, SLICE("d"), SLICE("1")) == STORE_OK);
        CHECK(store_commit_number(copy) == number + 1);
        CHECK(count_of(copy) == number + 1);
        store_close(copy);
    }

    CHECK(!has(store, SLICE("d")) && count_of(store) == 3);
    store_close(store);
}
