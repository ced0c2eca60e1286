/* The queue over an engine that stores nothing and counts what it is asked. */
#include "store/queue.h"

#include "base/clock.h"
#include "base/task.h"
#include "store/engine.h"
#include "tests/test.h"
#include <pthread.h>

struct counting_store {
    struct store store;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    unsigned writes; /* guarded by mutex: groups with rows */
    unsigned syncs;  /* guarded by mutex: groups without */
};

static enum store_answer get(struct store *store, struct store_shard shard, struct arena *arena,
                             const slice *keys, uint32_t key_count, enum store_tier tier,
                             struct store_row *rows)
{
    (void)store, (void)shard, (void)arena, (void)keys, (void)tier;
    memset(rows, 0, key_count * sizeof *rows);
    return STORE_OK;
}

static enum store_answer write_group(struct store *store, const struct store_final_write *writes,
                                     uint32_t write_count)
{
    (void)writes;
    struct counting_store *counting = OBJECT_OF(store, struct counting_store, store);
    pthread_mutex_lock(&counting->mutex);
    *(write_count > 0 ? &counting->writes : &counting->syncs) += 1;
    pthread_cond_broadcast(&counting->changed);
    pthread_mutex_unlock(&counting->mutex);
    return STORE_OK;
}

static void close(struct store *store)
{
    (void)store;
}

static const struct store_engine counting_engine = {
    .name = "counting", .get = get, .write_group = write_group, .close = close};

static void open_counting(struct arena *arena, struct counting_store *counting,
                          enum store_sync sync)
{
    static struct clock clock;
    clock_init(&clock, false);
    *counting = (struct counting_store){.store = {.engine = &counting_engine},
                                        .mutex = PTHREAD_MUTEX_INITIALIZER,
                                        .changed = PTHREAD_COND_INITIALIZER};
    struct store_options options = {.clock = &clock, .sync = sync, .sync_interval_ms = 1};
    CHECK_OK(commit_queue_open(arena, &counting->store, &options, &counting->store.queue));
}

static void write_one(struct counting_store *counting)
{
    struct store_write write = {STORE_PUT, STORE_ROWS,     SLICE("a"),    SLICE("1"),
                                0,         STORE_NO_STAMP, STORE_NO_STAMP};
    struct store_change_set change_set = {.writes = &write, .write_count = 1};
    CHECK(store_submit_and_wait(&counting->store, &change_set) == STORE_OK);
}

static void wait_for_syncs(struct counting_store *counting, unsigned count)
{
    pthread_mutex_lock(&counting->mutex);
    while (counting->syncs < count)
        pthread_cond_wait(&counting->changed, &counting->mutex);
    pthread_mutex_unlock(&counting->mutex);
}

TEST(with_an_interval_an_idle_queue_asks_for_the_sync_it_owes)
{
    SCOPED_ARENA(arena);
    struct counting_store counting;
    open_counting(&arena, &counting, STORE_SYNC_INTERVAL);
    write_one(&counting);
    wait_for_syncs(&counting, 1);
    write_one(&counting);
    wait_for_syncs(&counting, 2);

    store_close(&counting.store);
    CHECK(counting.writes == 2 && counting.syncs == 2);
}

TEST(without_syncs_closing_asks_for_one)
{
    SCOPED_ARENA(arena);
    struct counting_store counting;
    open_counting(&arena, &counting, STORE_SYNC_NEVER);
    write_one(&counting);
    write_one(&counting);

    store_close(&counting.store);
    CHECK(counting.writes == 2 && counting.syncs == 1);
}

TEST(when_every_group_is_synced_none_is_owed)
{
    SCOPED_ARENA(arena);
    struct counting_store counting;
    open_counting(&arena, &counting, STORE_SYNC_ALWAYS);
    write_one(&counting);
    struct store_change_set empty = {0};
    CHECK(store_submit_and_wait(&counting.store, &empty) == STORE_OK);

    store_close(&counting.store);
    CHECK(counting.writes == 1 && counting.syncs == 0);
}

/* ---- gathering ---- */

enum { MANY = 64 };

/* Submits rows one by one for a sink that gathers, and counts what comes back. */
struct turn {
    struct store_sink sink;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    unsigned delivered; /* guarded by mutex */
    struct store_write writes[MANY];
    char keys[MANY];
    struct store_change_set sets[MANY];
};

static void count_delivered(struct store_sink *sink, struct store_change_set *first)
{
    struct turn *turn = OBJECT_OF(sink, struct turn, sink);
    pthread_mutex_lock(&turn->mutex);
    for (; first; first = first->next)
        turn->delivered += first->answer == STORE_OK;
    pthread_cond_broadcast(&turn->changed);
    pthread_mutex_unlock(&turn->mutex);
}

static void submit_gathered(struct counting_store *counting, struct turn *turn, unsigned count)
{
    *turn = (struct turn){.sink = {.deliver = count_delivered, .gathers = true},
                          .mutex = PTHREAD_MUTEX_INITIALIZER,
                          .changed = PTHREAD_COND_INITIALIZER};
    for (unsigned i = 0; i < count; i++) {
        turn->keys[i] = (char)('0' + i);
        turn->writes[i] = (struct store_write){.kind = STORE_PUT,
                                               .area = STORE_ROWS,
                                               .key = {&turn->keys[i], 1},
                                               .value = SLICE("1"),
                                               .key_stamp = STORE_NO_STAMP,
                                               .value_stamp = STORE_NO_STAMP};
        turn->sets[i] = (struct store_change_set){
            .writes = &turn->writes[i], .write_count = 1, .sink = &turn->sink};
        CHECK(store_submit(&counting->store, &turn->sets[i]) == STORE_OK);
    }
}

static void wait_for_delivered(struct turn *turn, unsigned count)
{
    pthread_mutex_lock(&turn->mutex);
    while (turn->delivered < count)
        pthread_cond_wait(&turn->changed, &turn->mutex);
    pthread_mutex_unlock(&turn->mutex);
}

TEST(what_was_gathered_in_a_turn_is_one_group)
{
    SCOPED_ARENA(arena);
    struct counting_store counting;
    open_counting(&arena, &counting, STORE_SYNC_ALWAYS);
    struct turn turn;
    submit_gathered(&counting, &turn, 5);
    store_end_turn(&counting.store);
    wait_for_delivered(&turn, 5);
    store_end_turn(&counting.store); /* nothing to do */

    store_close(&counting.store);
    CHECK(counting.writes == 1);
}

TEST(many_that_were_gathered_do_not_wait_for_the_end_of_the_turn)
{
    SCOPED_ARENA(arena);
    struct counting_store counting;
    open_counting(&arena, &counting, STORE_SYNC_ALWAYS);
    struct turn turn;
    submit_gathered(&counting, &turn, MANY);
    wait_for_delivered(&turn, MANY);
    store_close(&counting.store);
}

TEST(a_change_set_of_a_sink_that_does_not_gather_takes_along_what_came_before)
{
    SCOPED_ARENA(arena);
    struct counting_store counting;
    open_counting(&arena, &counting, STORE_SYNC_ALWAYS);
    struct turn turn;
    submit_gathered(&counting, &turn, 3);
    write_one(&counting);
    wait_for_delivered(&turn, 3);

    store_close(&counting.store);
    CHECK(counting.writes == 1);
}

TEST(closing_commits_what_was_gathered)
{
    SCOPED_ARENA(arena);
    struct counting_store counting;
    open_counting(&arena, &counting, STORE_SYNC_ALWAYS);
    struct turn turn;
    submit_gathered(&counting, &turn, 3);

    store_close(&counting.store);
    CHECK(turn.delivered == 3 && counting.writes == 1);
}
