/* Views of the past: each read gets what there was a lag ago, and nothing is kept for longer. */
#include "db/views.h"

#include "base/random.h"
#include "tests/unit/db/fixture.h"
#include <stdlib.h>

enum { LAG_MS = 1000, GAP_MS = LAG_MS / 10, START_MS = 1000000 };

static void put_row(struct fixture *fixture, slice value)
{
    struct store_write write = {.kind = STORE_PUT,
                                .key = SLICE("\x05row"),
                                .value = value,
                                .key_stamp = STORE_NO_STAMP,
                                .value_stamp = STORE_NO_STAMP};
    struct store_change_set set = {.writes = &write, .write_count = 1};
    CHECK(store_submit_and_wait(fixture->store, &set) == STORE_OK);
}

/* The row a read gets now, in the fixture's arena; empty: none. */
static slice seen(struct fixture *fixture, struct views *views)
{
    struct store_view *view = views_find(views);
    slice key = SLICE("\x05row");
    struct store_row row;
    CHECK(store_view_get(view, STORE_SHARD_WHOLE, &fixture->arena, &key, 1, STORE_ANY, &row) ==
          STORE_OK);
    store_view_release(view);
    return row.found ? row.value : SLICE_NONE;
}

static struct views *open_views(struct fixture *fixture)
{
    fixture_open(fixture);
    clock_set_ms(&fixture->clock, START_MS);
    return views_new(fixture->store, &fixture->clock, LAG_MS);
}

/* As the pages of the manual clock move it. */
static void move_to(struct fixture *fixture, struct views *views, int64_t time_ms)
{
    views_keep(views, time_ms);
    clock_set_ms(&fixture->clock, time_ms);
}

TEST(what_was_written_shows_once_the_lag_has_passed)
{
    struct fixture fixture;
    struct views *views = open_views(&fixture);
    put_row(&fixture, SLICE("a"));

    CHECK(seen(&fixture, views).size == 0);
    move_to(&fixture, views, START_MS + LAG_MS - 1);
    CHECK(seen(&fixture, views).size == 0);
    put_row(&fixture, SLICE("b"));
    move_to(&fixture, views, START_MS + LAG_MS);
    CHECK_SLICE(seen(&fixture, views), SLICE("a"));
    move_to(&fixture, views, START_MS + 2 * LAG_MS + GAP_MS);
    CHECK_SLICE(seen(&fixture, views), SLICE("b"));

    views_free(views);
    fixture_close(&fixture);
}

TEST(what_was_there_at_the_start_shows_at_once)
{
    struct fixture fixture;
    fixture_open(&fixture);
    put_row(&fixture, SLICE("a"));
    struct views *views = views_new(fixture.store, &fixture.clock, LAG_MS);

    CHECK_SLICE(seen(&fixture, views), SLICE("a"));

    views_free(views);
    fixture_close(&fixture);
}

TEST(the_machines_clock_needs_no_more_views_than_a_dozen_and_a_few)
{
    struct fixture fixture;
    struct views *views = open_views(&fixture);
    uint32_t period_ms = views_period_ms(views);
    for (int64_t time_ms = START_MS; time_ms < START_MS + 5 * LAG_MS; time_ms += period_ms) {
        clock_set_ms(&fixture.clock, time_ms);
        put_row(&fixture, arena_format(&fixture.arena, "%lld!", (long long)time_ms));
        views_keep(views, time_ms + period_ms);
        CHECK(views_count(views) <= 14);
        if (time_ms < START_MS + 2 * LAG_MS)
            continue;
        int64_t seen_ms = strtoll(seen(&fixture, views).data, NULL, 10);
        CHECK(seen_ms <= time_ms - LAG_MS && seen_ms >= time_ms - LAG_MS - GAP_MS);
    }
    views_free(views);
    fixture_close(&fixture);
}

/* However the clock is moved: a read sees all that is older than the lag and a tenth, and nothing
 * that is younger than the lag. */
TEST(reads_are_late_by_the_lag_and_at_most_a_tenth_more_whatever_the_steps)
{
    struct random random;
    random_init(&random, test_seed());
    for (int round = 0; round < 20; round++) {
        struct fixture fixture;
        struct views *views = open_views(&fixture);
        int64_t written_ms[400]; /* when the i-th value was */
        int64_t now_ms = START_MS;
        for (int i = 0; i < 400; i++) {
            put_row(&fixture, arena_format(&fixture.arena, "%03d!", i));
            written_ms[i] = now_ms;
            static const int64_t steps[] = {0, 1, 2, GAP_MS - 1, GAP_MS, GAP_MS + 1, LAG_MS};
            now_ms += random_below(&random, 3) > 0 ? (int64_t)random_below(&random, GAP_MS)
                                                   : steps[random_below(&random, 7)];
            move_to(&fixture, views, now_ms);
            CHECK(views_count(views) < VIEWS_MAX);
            slice value = seen(&fixture, views);
            int last = value.size == 0 ? -1 : atoi(value.data);
            CHECK(last < 0 || written_ms[last] <= now_ms - LAG_MS);
            CHECK(last == i || written_ms[last + 1] > now_ms - LAG_MS - GAP_MS - 1);
        }
        views_free(views);
        fixture_close(&fixture);
    }
}

TEST(one_millisecond_after_another_takes_no_more_views_than_are_kept)
{
    struct fixture fixture;
    struct views *views = open_views(&fixture);
    for (int64_t i = 1; i < 3 * LAG_MS; i++) {
        move_to(&fixture, views, START_MS + i);
        CHECK(views_count(views) < VIEWS_MAX);
    }
    views_free(views);
    fixture_close(&fixture);
}

TEST(no_view_is_kept_that_no_read_gets)
{
    struct fixture fixture;
    struct views *views = open_views(&fixture);
    for (int i = 1; i <= 5; i++)
        move_to(&fixture, views, START_MS + i * GAP_MS * 2);
    CHECK(views_count(views) > 3);

    clock_set_ms(&fixture.clock, START_MS + 5 * LAG_MS);
    views_prune(views);

    CHECK(views_count(views) == 1);
    views_free(views);
    fixture_close(&fixture);
}

TEST(a_clock_that_is_set_back_does_not_hide_later_writes_for_longer_than_the_lag)
{
    struct fixture fixture;
    struct views *views = open_views(&fixture);
    put_row(&fixture, SLICE("a"));
    move_to(&fixture, views, START_MS + 3 * LAG_MS);
    put_row(&fixture, SLICE("b"));
    move_to(&fixture, views, START_MS);
    put_row(&fixture, SLICE("c"));

    move_to(&fixture, views, START_MS + LAG_MS);

    CHECK_SLICE(seen(&fixture, views), SLICE("c"));
    views_free(views);
    fixture_close(&fixture);
}

TEST(the_shortest_lag_works)
{
    struct fixture fixture;
    struct views *views = open_views(&fixture);
    views_free(views);
    views = views_new(fixture.store, &fixture.clock, 1);
    put_row(&fixture, SLICE("a"));
    CHECK(seen(&fixture, views).size == 0 && views_period_ms(views) == 1);
    move_to(&fixture, views, START_MS + 1);
    CHECK(seen(&fixture, views).size == 0 || slice_equal(seen(&fixture, views), SLICE("a")));
    move_to(&fixture, views, START_MS + 3);
    CHECK_SLICE(seen(&fixture, views), SLICE("a"));
    views_free(views);
    fixture_close(&fixture);
}
