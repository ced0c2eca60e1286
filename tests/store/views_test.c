/* Views: what was there when one was opened stays readable in it, and only in it. */
#include "base/random.h"
#include "tests/store/contract.h"

static slice view_value(struct contract *test, const struct store_view *view, slice key)
{
    struct store_row row = {0};
    CHECK(store_view_get(view, STORE_SHARD_WHOLE, &test->arena, &key, 1, STORE_ANY, &row) ==
          STORE_OK);
    CHECK(row.found == (row.value.size > 0));
    return row.value;
}

static struct store_page view_rows(struct contract *test, const struct store_view *view,
                                   enum store_area area, bool backward)
{
    struct store_scan scan = {.view = view,
                              .area = area,
                              .from = SLICE("a"),
                              .to = SLICE("z"),
                              .backward = backward,
                              .tier = STORE_ANY,
                              .row_count_max = 1000,
                              .bytes_max = SIZE_MAX};
    struct store_page page = {0};
    CHECK(store_scan(test->store, &test->arena, &scan, &page) == STORE_OK);
    return page;
}

CONTRACT_TEST(the_engine_says_that_it_has_views)
{
    CHECK(store_caps(test->store).snapshots);
}

CONTRACT_TEST(a_view_answers_as_the_rows_stood_when_it_was_opened)
{
    COMMIT(test, put(SLICE("changed"), SLICE("old")), put(SLICE("deleted"), SLICE("old")),
           add(SLICE("counter"), 5));
    struct store_view *view = store_view_open(test->store);

    COMMIT(test, put(SLICE("changed"), SLICE("new")), delete_row(SLICE("deleted")),
           put(SLICE("made"), SLICE("new")), add(SLICE("counter"), 2),
           put_log(SLICE("made"), SLICE("new")));

    CHECK_SLICE(view_value(test, view, SLICE("changed")), SLICE("old"));
    CHECK_SLICE(view_value(test, view, SLICE("deleted")), SLICE("old"));
    CHECK(view_value(test, view, SLICE("made")).size == 0);
    CHECK_SLICE(get(test, SLICE("changed")), SLICE("new"));
    CHECK(get(test, SLICE("deleted")).size == 0);
    CHECK(get_total(test, SLICE("counter")) == 7);
    struct store_page page = view_rows(test, view, STORE_ROWS, false);
    CHECK(page.count == 3);
    CHECK_SLICE(page.entries[0].key, SLICE("changed"));
    CHECK_SLICE(page.entries[0].value, SLICE("old"));
    CHECK_SLICE(page.entries[2].key, SLICE("deleted"));
    page = view_rows(test, view, STORE_ROWS, true);
    CHECK(page.count == 3);
    CHECK_SLICE(page.entries[0].key, SLICE("deleted"));
    CHECK(view_rows(test, view, STORE_LOG, false).count == 0);
    CHECK(view_rows(test, NULL, STORE_LOG, false).count == 1);
    store_view_release(view);
}

/* Whoever keeps read rows in memory must not mistake the one for the other, whichever comes first. */
CONTRACT_TEST(reading_a_view_and_reading_now_do_not_disturb_each_other)
{
    COMMIT(test, put(SLICE("key"), SLICE("old")));
    CHECK_SLICE(get(test, SLICE("key")), SLICE("old"));
    struct store_view *view = store_view_open(test->store);
    COMMIT(test, put(SLICE("key"), SLICE("new")));
    for (int i = 0; i < 3; i++) {
        CHECK_SLICE(view_value(test, view, SLICE("key")), SLICE("old"));
        CHECK_SLICE(get(test, SLICE("key")), SLICE("new"));
    }
    COMMIT(test, delete_row(SLICE("key")));
    CHECK_SLICE(view_value(test, view, SLICE("key")), SLICE("old"));
    CHECK(get(test, SLICE("key")).size == 0);
    store_view_release(view);
}

CONTRACT_TEST(several_keys_are_read_in_one_view)
{
    COMMIT(test, put(SLICE("a"), SLICE("1")), put(SLICE("b"), SLICE("1")));
    struct store_view *view = store_view_open(test->store);
    COMMIT(test, put(SLICE("a"), SLICE("2")), put(SLICE("c"), SLICE("2")));
    slice keys[] = {SLICE("c"), SLICE("b"), SLICE("a")};
    struct store_row rows[3];

    CHECK(store_view_get(view, STORE_SHARD_WHOLE, &test->arena, keys, 3, STORE_ANY, rows) ==
          STORE_OK);

    CHECK(!rows[0].found && rows[1].found && rows[2].found);
    CHECK_SLICE(rows[2].value, SLICE("1"));
    store_view_release(view);
}

CONTRACT_TEST(a_view_lasts_until_its_last_reference_goes)
{
    COMMIT(test, put(SLICE("key"), SLICE("old")));
    struct store_view *view = store_view_open(test->store);
    CHECK(store_view_retain(view) == view);
    COMMIT(test, put(SLICE("key"), SLICE("new")));

    store_view_release(view);

    CHECK_SLICE(view_value(test, view, SLICE("key")), SLICE("old"));
    store_view_release(view);
}

/* What was read lives as long as its arena, whatever becomes of the view. */
CONTRACT_TEST(rows_outlive_the_view_they_were_read_from)
{
    enum { SIZE = 100 * 1024 };
    char *bytes = arena_alloc_bytes(&test->arena, SIZE);
    memset(bytes, 'x', SIZE);
    slice large = slice_of(bytes, SIZE);
    COMMIT(test, put(SLICE("a"), large), put(SLICE("b"), SLICE("small")));
    struct store_view *view = store_view_open(test->store);
    slice read_large = view_value(test, view, SLICE("a"));
    struct store_page page = view_rows(test, view, STORE_ROWS, false);
    store_view_release(view);

    COMMIT(test, delete_row(SLICE("a")), delete_row(SLICE("b")));

    CHECK(slice_equal(read_large, large));
    CHECK(page.count == 2 && slice_equal(page.entries[0].value, large));
    CHECK_SLICE(page.entries[1].value, SLICE("small"));
}

CONTRACT_TEST(views_opened_one_after_the_other_each_keep_their_own_rows)
{
    enum { VIEWS = 16, KEYS = 5 };
    struct random random;
    random_init(&random, test_seed());
    struct store_view *views[VIEWS];
    slice values[VIEWS][KEYS];
    slice keys[KEYS];
    slice now[KEYS] = {0};
    for (uint32_t k = 0; k < KEYS; k++)
        keys[k] = number_text(&test->arena, "k", k);
    for (uint32_t i = 0; i < VIEWS; i++) {
        uint32_t k = (uint32_t)random_below(&random, KEYS);
        bool goes = now[k].size > 0 && random_below(&random, 3) == 0;
        now[k] = goes ? SLICE_NONE : number_text(&test->arena, "v", i);
        COMMIT(test, goes ? delete_row(keys[k]) : put(keys[k], now[k]));
        views[i] = store_view_open(test->store);
        memcpy(values[i], now, sizeof now);
    }
    for (uint32_t i = 0; i < VIEWS; i++) {
        uint32_t which = (i * 7 + 3) % VIEWS;
        for (uint32_t k = 0; k < KEYS; k++)
            CHECK(slice_equal(view_value(test, views[which], keys[k]), values[which][k]));
        store_view_release(views[which]);
    }
}
