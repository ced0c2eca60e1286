/* The queue and the forming of groups over an engine whose reads fail or give nonsense. */
#include "store/group.h"
#include "store/queue.h"

#include "base/clock.h"
#include "tests/test.h"

struct broken_store {
    struct store store;
    enum store_answer answer; /* of every read */
    slice value;              /* of every row; empty: none */
};

static enum store_answer get(struct store *store, struct store_shard shard, struct arena *arena,
                             const slice *keys, uint32_t key_count, enum store_tier tier,
                             struct store_row *rows)
{
    (void)shard, (void)arena, (void)keys, (void)tier;
    const struct broken_store *broken = (const struct broken_store *)(const void *)store;
    for (uint32_t i = 0; i < key_count; i++)
        rows[i] = (struct store_row){broken->value.size > 0, broken->value};
    return broken->answer;
}

static const struct store_engine broken_engine = {.name = "broken", .get = get};

static struct broken_store broken_store(enum store_answer answer, slice value)
{
    return (struct broken_store){{.engine = &broken_engine}, answer, value};
}

static struct store_change_set *change_set_of(struct arena *arena, struct store_write *write)
{
    struct store_change_set *set = arena_new(arena, struct store_change_set);
    set->writes = write;
    set->write_count = write ? 1 : 0;
    return set;
}

static struct store_change_set *add_to_counter(struct arena *arena)
{
    struct store_write *write = arena_new(arena, struct store_write);
    *write = (struct store_write){.kind = STORE_ADD,
                                  .key = SLICE("counter"),
                                  .addend = 1,
                                  .key_stamp = STORE_NO_STAMP,
                                  .value_stamp = STORE_NO_STAMP};
    return change_set_of(arena, write);
}

static struct store_change_set *guarded(struct arena *arena)
{
    static const struct store_guard guard = {.kind = STORE_GUARD_EXISTS, .key = SLICE("row")};
    struct store_change_set *set = change_set_of(arena, NULL);
    set->guards = &guard;
    set->guard_count = 1;
    return set;
}

static enum store_answer form(struct arena *arena, struct broken_store *broken,
                              struct store_change_set *set)
{
    struct totals totals;
    totals_init(&totals);
    struct group group = {.store = &broken->store,
                          .arena = arena,
                          .totals = &totals,
                          .number = 1,
                          .row_count_max = 4};
    group_form(&group, set);
    CHECK(set->answer == STORE_OK || group.write_count == 0);
    totals_fini(&totals);
    return set->answer;
}

TEST(a_guard_that_cannot_be_read_drops_its_change_set)
{
    SCOPED_ARENA(arena);
    struct broken_store broken = broken_store(STORE_CORRUPT, SLICE_NONE);

    CHECK(form(&arena, &broken, guarded(&arena)) == STORE_CORRUPT);
}

TEST(a_counter_that_cannot_be_read_drops_its_change_set)
{
    SCOPED_ARENA(arena);
    struct broken_store broken = broken_store(STORE_CORRUPT, SLICE_NONE);

    CHECK(form(&arena, &broken, add_to_counter(&arena)) == STORE_CORRUPT);
}

TEST(a_counter_of_another_size_is_corrupt)
{
    SCOPED_ARENA(arena);
    struct broken_store broken = broken_store(STORE_OK, SLICE("seven b"));

    CHECK(form(&arena, &broken, add_to_counter(&arena)) == STORE_CORRUPT);
}

TEST(a_queue_does_not_open_on_a_damaged_commit_row)
{
    SCOPED_ARENA(arena);
    static const struct {
        enum store_answer answer;
        slice value;
    } cases[] = {
        {STORE_CORRUPT, {NULL, 0}},
        {STORE_OK, {"short", 5}},
        {STORE_OK, {"0123456789abcdefg", 17}},
    };
    struct clock clock;
    clock_init(&clock, false);
    struct store_options options = {.clock = &clock};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct broken_store broken = broken_store(cases[i].answer, cases[i].value);
        error failed = commit_queue_open(&arena, &broken.store, &options, &broken.store.queue);
        CHECK(failed && (failed->kind == ERROR_CORRUPT || failed->kind == ERROR_STORAGE));
        CHECK(store_commit_number(&broken.store) == 0);
    }
}

TEST(a_store_without_a_queue_takes_no_changes)
{
    SCOPED_ARENA(arena);
    struct broken_store broken = broken_store(STORE_OK, SLICE_NONE);

    CHECK(store_submit(&broken.store, change_set_of(&arena, NULL)) == STORE_UNAVAILABLE);
    CHECK(store_drop_range(&broken.store, STORE_SHARD_WHOLE, STORE_ROWS, SLICE("a"), SLICE("b")) ==
          STORE_UNAVAILABLE);
    CHECK(!store_is_writable(&broken.store));
}
