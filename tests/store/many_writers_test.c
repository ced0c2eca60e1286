/* Many threads at once: stamps grow with commit order, counters are exact. */
#include "base/bytes.h"
#include "base/random.h"
#include "tests/store/contract.h"

enum { WRITERS = 8, CHANGE_SETS = 500, COUNTERS = 5 };

struct writer {
    struct contract *test;
    uint32_t number;
    int64_t added[COUNTERS];
    pthread_t thread;
};

static void run_writers(struct contract *test, void *(*run)(void *), struct writer *writers)
{
    for (uint32_t i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.test = test, .number = i};
        CHECK(pthread_create(&writers[i].thread, NULL, run, &writers[i]) == 0);
    }
    /* Commit time does not go back when the clock does. */
    for (uint32_t i = 0; i < 50; i++) {
        clock_set_ms(&test->clock, i % 2 == 0 ? 900000 : 1000000 + i);
        COMMIT(test, put(SLICE("clock"), SLICE("moved")));
    }
    for (uint32_t i = 0; i < WRITERS; i++)
        pthread_join(writers[i].thread, NULL);
}

/* ---- stamps ---- */

enum { RECORD_BYTES = STORE_STAMP_BYTES + 8 }; /* stamp, writer, sequence */

static slice record_make(struct arena *arena, uint32_t writer, uint32_t sequence)
{
    char *bytes = arena_alloc_zeroed(arena, RECORD_BYTES);
    bytes_put_u32(bytes + STORE_STAMP_BYTES, writer);
    bytes_put_u32(bytes + STORE_STAMP_BYTES + 4, sequence);
    return slice_of(bytes, RECORD_BYTES);
}

static uint32_t writer_of(slice record)
{
    return bytes_get_u32(record.data + STORE_STAMP_BYTES);
}

static uint32_t sequence_of(slice record)
{
    return bytes_get_u32(record.data + STORE_STAMP_BYTES + 4);
}

static uint64_t time_of(slice record)
{
    return bytes_get_u64(record.data + STORE_STAMP_KEY_BYTES);
}

/* Each change set: a log record whose key is its stamp, and the writer's row, overwritten. */
static void *write_records(void *argument)
{
    struct writer *writer = argument;
    SCOPED_ARENA(arena);
    struct collector collector;
    collector_init(&collector);
    slice row_key = number_text(&arena, "row", writer->number);
    for (uint32_t sequence = 0; sequence < CHANGE_SETS; sequence++) {
        slice log_key = slice_of(arena_alloc_zeroed(&arena, 3 + STORE_STAMP_KEY_BYTES),
                                 3 + STORE_STAMP_KEY_BYTES);
        struct store_write writes[] = {
            put_log(log_key, record_make(&arena, writer->number, sequence)),
            put(row_key, record_make(&arena, writer->number, sequence)),
        };
        writes[0].key_stamp = 3;
        writes[0].value_stamp = 0;
        writes[1].value_stamp = 0;
        struct store_change_set *change_set = change_set_make(&arena, &collector, writes, 2);
        CHECK(store_submit(writer->test->store, change_set) == STORE_OK);
        if (sequence % 20 == 0)
            collector_wait(&collector, sequence);
    }
    collector_wait(&collector, CHANGE_SETS);
    return NULL;
}

CONTRACT_TEST(stamps_grow_with_commit_order_under_many_writers)
{
    struct writer writers[WRITERS];
    run_writers(test, write_records, writers);

    struct store_page log = scan_all(test, STORE_LOG, SLICE("\x00\x00\x00"), SLICE("\x00\x00\x01"));
    CHECK(log.count == WRITERS * CHANGE_SETS);
    uint32_t next_sequence[WRITERS] = {0};
    uint64_t time = 0;
    for (uint32_t i = 0; i < log.count; i++) {
        slice record = log.entries[i].value;
        CHECK(slice_equal(slice_from(log.entries[i].key, 3),
                          slice_first(record, STORE_STAMP_KEY_BYTES)));
        CHECK(sequence_of(record) == next_sequence[writer_of(record)]++);
        CHECK(time_of(record) >= time);
        time = time_of(record);
    }
    uint64_t greatest = bytes_get_u64(log.entries[log.count - 1].value.data);
    CHECK(greatest <= store_commit_number(test->store));
    for (uint32_t i = 0; i < WRITERS; i++) {
        slice row = get(test, number_text(&test->arena, "row", i));
        CHECK(row.size == RECORD_BYTES && sequence_of(row) == CHANGE_SETS - 1);
        CHECK(bytes_get_u64(row.data) <= greatest);
    }
}

/* ---- counters ---- */

static void *add_at_random(void *argument)
{
    struct writer *writer = argument;
    SCOPED_ARENA(arena);
    struct random random;
    random_init(&random, test_seed() + writer->number);
    struct collector collector;
    collector_init(&collector);
    static const struct store_guard fails = {STORE_GUARD_EXISTS, SLICE("missing"), SLICE_NONE};
    for (uint32_t i = 0; i < CHANGE_SETS; i++) {
        bool dropped = random_below(&random, 5) == 0;
        struct store_write writes[3];
        for (uint32_t j = 0; j < 3; j++) {
            uint32_t counter = (uint32_t)random_below(&random, COUNTERS);
            int64_t addend = (int64_t)random_below(&random, 2000) - 500;
            writes[j] = add(number_text(&arena, "counter", counter), addend);
            writer->added[counter] += dropped ? 0 : addend;
        }
        struct store_change_set *change_set = change_set_make(&arena, &collector, writes, 3);
        change_set->guards = &fails;
        change_set->guard_count = dropped;
        CHECK(store_submit(writer->test->store, change_set) == STORE_OK);
        if (i % 20 == 0)
            collector_wait(&collector, i);
    }
    collector_wait(&collector, CHANGE_SETS);
    return NULL;
}

static void check_totals(struct contract *test, const int64_t *totals)
{
    for (uint32_t i = 0; i < COUNTERS; i++)
        CHECK(get_total(test, number_text(&test->arena, "counter", i)) == totals[i]);
}

CONTRACT_TEST(counters_are_exact_under_many_writers_and_after_opening_again)
{
    int64_t totals[COUNTERS] = {0};
    for (uint32_t round = 0; round < 2; round++) {
        struct writer writers[WRITERS];
        run_writers(test, add_at_random, writers);
        for (uint32_t i = 0; i < WRITERS; i++) {
            for (uint32_t j = 0; j < COUNTERS; j++)
                totals[j] += writers[i].added[j];
        }
        check_totals(test, totals);
        if (test->engine->persistent)
            contract_reopen(test);
        check_totals(test, totals);
    }
}

CONTRACT_TEST(a_counter_that_is_put_or_deleted_goes_on_from_there)
{
    char hundred[8];
    bytes_put_u64(hundred, 100);
    slice key = SLICE("counter");
    COMMIT(test, add(key, 5));
    COMMIT(test, put(key, slice_of(hundred, 8)));
    COMMIT(test, add(key, 1));
    CHECK(get_total(test, key) == 101);
    COMMIT(test, delete_row(key));
    COMMIT(test, add(key, -3));
    CHECK(get_total(test, key) == -3);
    COMMIT(test, add(key, 1), put(key, slice_of(hundred, 8)), add(key, 2), add(key, 3));
    CHECK(get_total(test, key) == 105);
    COMMIT(test, delete_row(key), add(key, 4));
    CHECK(get_total(test, key) == 4);
}
