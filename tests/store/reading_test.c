/* Reading: what was committed is found, in order, as much of it as was asked for. */
#include "base/bytes.h"
#include "base/random.h"
#include "tests/store/contract.h"

CONTRACT_TEST(a_row_that_was_put_is_found_until_it_is_deleted)
{
    CHECK(get(test, SLICE("name")).size == 0);

    COMMIT(test, put(SLICE("name"), SLICE("Ada")));
    CHECK_SLICE(get(test, SLICE("name")), SLICE("Ada"));
    COMMIT(test, put(SLICE("name"), SLICE("Bob")));
    CHECK_SLICE(get(test, SLICE("name")), SLICE("Bob"));
    COMMIT(test, delete_row(SLICE("name")));

    CHECK(get(test, SLICE("name")).size == 0);
    COMMIT(test, delete_row(SLICE("name"))); /* no harm in deleting what is not there */
}

CONTRACT_TEST(several_keys_are_answered_each_in_its_place)
{
    COMMIT(test, put(SLICE("a"), SLICE("1")), put(SLICE("c"), SLICE("3")));
    slice keys[] = {SLICE("c"), SLICE("b"), SLICE("a"), SLICE("c"), SLICE("aa")};
    struct store_row rows[5];

    CHECK(store_get(test->store, STORE_SHARD_WHOLE, &test->arena, keys, 5, STORE_ANY, rows) ==
          STORE_OK);

    CHECK(rows[0].found && !rows[1].found && rows[2].found && rows[3].found && !rows[4].found);
    CHECK_SLICE(rows[0].value, SLICE("3"));
    CHECK_SLICE(rows[2].value, SLICE("1"));
    CHECK_SLICE(rows[3].value, SLICE("3"));
}

CONTRACT_TEST(keys_are_bytes_and_sort_unsigned)
{
    COMMIT(test, put(SLICE("\x80"), SLICE("3")), put(SLICE("\x01\x00\x01"), SLICE("1")),
           put(SLICE("\x7f"), SLICE("2")), put(SLICE("\xff\xfe"), SLICE("4")));

    struct store_page page = scan_all(test, STORE_ROWS, SLICE("\x01"), SLICE("\xff\xff"));

    CHECK(page.count == 4);
    for (uint32_t i = 0; i < page.count; i++)
        CHECK(page.entries[i].value.data[0] == (char)('1' + i));
}

CONTRACT_TEST(the_two_areas_are_apart)
{
    COMMIT(test, put(SLICE("key"), SLICE("row")), put_log(SLICE("key"), SLICE("record")),
           put_log(SLICE("log only"), SLICE("record")));

    struct store_page rows = scan_all(test, STORE_ROWS, SLICE("a"), SLICE("z"));
    struct store_page log = scan_all(test, STORE_LOG, SLICE("a"), SLICE("z"));

    CHECK(rows.count == 1 && log.count == 2);
    CHECK_SLICE(rows.entries[0].value, SLICE("row"));
    CHECK_SLICE(log.entries[0].value, SLICE("record"));
    CHECK(get(test, SLICE("log only")).size == 0);
}

CONTRACT_TEST(large_values_come_back_whole)
{
    enum { SIZE = 400 * 1024 };
    char *bytes = arena_alloc(&test->arena, SIZE);
    struct random random;
    random_init(&random, test_seed());
    for (size_t i = 0; i < SIZE; i += 8)
        bytes_put_u64(bytes + i, random_next(&random));
    slice value = slice_of(bytes, SIZE);

    COMMIT(test, put(SLICE("a"), value), put(SLICE("b"), value));

    CHECK(slice_equal(get(test, SLICE("a")), value));
    struct store_page page = scan_all(test, STORE_ROWS, SLICE("a"), SLICE("c"));
    CHECK(page.count == 2 && slice_equal(page.entries[1].value, value));
}

/* ---- scans against a model ---- */

enum { MODEL_KEYS = 400 };

struct model {
    bool present[MODEL_KEYS]; /* row i has key "k%06d" and a value of i % 50 + 1 bytes */
};

static size_t value_size(uint32_t i)
{
    return i % 50 + 1;
}

static void fill(struct contract *test, struct random *random, struct model *model)
{
    static const char letters[64] =
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    struct store_write writes[MODEL_KEYS];
    for (uint32_t round = 0; round < 4; round++) {
        uint32_t count = 0;
        for (uint32_t i = 0; i < MODEL_KEYS; i++) {
            if (random_below(random, 2) == 0)
                continue;
            model->present[i] = random_below(random, 3) > 0;
            slice key = number_text(&test->arena, "k", i);
            writes[count++] =
                model->present[i] ? put(key, slice_of(letters, value_size(i))) : delete_row(key);
        }
        CHECK(commit(test, writes, count) == STORE_OK);
    }
}

/* The same scan, read off the model: positions of the rows. */
static uint32_t expected(const struct model *model, uint32_t from, uint32_t to,
                         const struct store_scan *scan, uint32_t *rows, bool *more)
{
    uint32_t count = 0;
    size_t bytes = 0;
    *more = false;
    for (uint32_t step = 0; from + step < to; step++) {
        uint32_t i = scan->backward ? to - 1 - step : from + step;
        if (i >= MODEL_KEYS || !model->present[i])
            continue;
        if (count > 0 && (count == scan->row_count_max || bytes >= scan->bytes_max)) {
            *more = true;
            break;
        }
        rows[count++] = i;
        bytes += 7 + value_size(i);
    }
    return count;
}

static void check_scan(struct contract *test, const struct model *model, uint32_t from, uint32_t to,
                       struct store_scan scan)
{
    SCOPED_ARENA(arena);
    scan.from = number_text(&arena, "k", from);
    scan.to = number_text(&arena, "k", to);
    uint32_t rows[MODEL_KEYS];
    bool more;
    uint32_t count = expected(model, from, to, &scan, rows, &more);

    struct store_page page;
    CHECK(store_scan(test->store, &arena, &scan, &page) == STORE_OK);

    CHECK(page.count == count);
    CHECK(page.more == more);
    for (uint32_t i = 0; i < page.count && i < count; i++) {
        CHECK_SLICE(page.entries[i].key, number_text(&arena, "k", rows[i]));
        CHECK(page.entries[i].value.size == value_size(rows[i]));
    }
}

CONTRACT_TEST(a_scan_gives_what_a_model_gives_both_ways_with_every_kind_of_limit)
{
    static const uint32_t row_limits[] = {1, 2, 7, MODEL_KEYS * 2};
    static const size_t byte_limits[] = {0, 1, 100, 2000, SIZE_MAX};
    struct random random;
    random_init(&random, test_seed());
    struct model model = {0};
    fill(test, &random, &model);

    for (uint32_t round = 0; round < 1200; round++) {
        struct store_scan scan = {
            .area = STORE_ROWS,
            .tier = STORE_ANY,
            .backward = round % 2 == 1,
            .background = round % 3 == 0,
            .row_count_max = row_limits[round / 2 % 4],
            .bytes_max = byte_limits[round / 8 % 5],
        };
        /* Bounds beyond both ends, empty and turned round ones too. */
        uint32_t from = (uint32_t)random_below(&random, MODEL_KEYS + 20);
        uint32_t to = (uint32_t)random_below(&random, MODEL_KEYS + 20);
        check_scan(test, &model, from, to, scan);
    }
}

CONTRACT_TEST(pages_joined_by_their_last_key_are_the_whole_range)
{
    struct random random;
    random_init(&random, test_seed());
    struct model model = {0};
    fill(test, &random, &model);
    struct store_page all = scan_all(test, STORE_ROWS, SLICE("k"), SLICE("l"));

    struct store_scan scan = {.area = STORE_ROWS,
                              .from = SLICE("k"),
                              .to = SLICE("l"),
                              .backward = true,
                              .tier = STORE_ANY,
                              .row_count_max = 9,
                              .bytes_max = 150};
    uint32_t left = all.count;
    struct store_page page = {.more = true};
    while (page.more && left > 0) {
        CHECK(store_scan(test->store, &test->arena, &scan, &page) == STORE_OK);
        for (uint32_t i = 0; i < page.count && left > 0; i++)
            CHECK_SLICE(page.entries[i].key, all.entries[--left].key);
        if (page.count > 0)
            scan.to = page.entries[page.count - 1].key;
    }

    CHECK(left == 0 && !page.more);
}

/* ---- one view ---- */

struct pair_writer {
    struct contract *test;
    _Atomic bool done;
};

static void *write_pairs(void *argument)
{
    struct pair_writer *writer = argument;
    for (uint64_t i = 1; i <= 400; i++) {
        char value[8];
        bytes_put_u64(value, i);
        COMMIT(writer->test, put(SLICE("left"), slice_of(value, 8)),
               put(SLICE("right"), slice_of(value, 8)));
    }
    atomic_store(&writer->done, true);
    return NULL;
}

CONTRACT_TEST(several_keys_are_read_in_one_view_while_they_change)
{
    COMMIT(test, put(SLICE("left"), SLICE("original")), put(SLICE("right"), SLICE("original")));
    struct pair_writer writer = {.test = test};
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, write_pairs, &writer) == 0);

    slice keys[] = {SLICE("left"), SLICE("right")};
    while (!atomic_load(&writer.done)) {
        SCOPED_ARENA(arena);
        struct store_row rows[2];
        CHECK(store_get(test->store, STORE_SHARD_WHOLE, &arena, keys, 2, STORE_ANY, rows) ==
              STORE_OK);
        CHECK_SLICE(rows[0].value, rows[1].value);
        struct store_scan scan = {.from = SLICE("l"),
                                  .to = SLICE("s"),
                                  .tier = STORE_ANY,
                                  .row_count_max = 2,
                                  .bytes_max = 100};
        struct store_page page = {0};
        CHECK(store_scan(test->store, &arena, &scan, &page) == STORE_OK);
        CHECK(page.count == 2 && slice_equal(page.entries[0].value, page.entries[1].value));
    }

    pthread_join(thread, NULL);
}

CONTRACT_TEST(what_was_read_stays_as_it_was_while_its_arena_lives)
{
    COMMIT(test, put(SLICE("a"), SLICE("before")));
    slice before = get(test, SLICE("a"));
    struct store_page page = scan_all(test, STORE_ROWS, SLICE("a"), SLICE("b"));

    COMMIT(test, put(SLICE("a"), SLICE("behind")));
    COMMIT(test, delete_row(SLICE("a")));

    CHECK_SLICE(before, SLICE("before"));
    CHECK_SLICE(page.entries[0].value, SLICE("before"));
}
