/* Token buckets and peaks: what fills, what is kept, and for how long. */
#include "db/partition/bucket.h"
#include "db/partition/peak.h"
#include "tests/test.h"
#include <pthread.h>

/* How many of requests of `half_units` come through, one every `pause_ms`. */
static int taken(struct bucket *bucket, struct bucket_rate rate, int64_t *now_ms, int64_t until_ms,
                 int64_t pause_ms, int64_t half_units)
{
    int count = 0;
    for (; *now_ms < until_ms; *now_ms += pause_ms) {
        bucket_fill(bucket, rate, *now_ms);
        if (!bucket_has_any(bucket))
            continue;
        bucket_take(bucket, half_units);
        count++;
    }
    return count;
}

static bool is_about(int64_t got, int64_t wanted)
{
    return got >= wanted - wanted / 20 && got <= wanted + wanted / 20;
}

TEST(a_bucket_gives_its_rate_and_what_was_not_used_of_its_depth)
{
    struct bucket bucket = {0};
    struct bucket_rate rate = {.units_per_second = 100, .depth_s = 300};
    int64_t now_ms = 1000000;
    int64_t second_ms = 1000;
    CHECK(is_about(taken(&bucket, rate, &now_ms, now_ms + 60 * second_ms, 1, 2), 60 * 100 + 100));
    now_ms += 3600 * second_ms; /* full after 300 s */
    CHECK(is_about(taken(&bucket, rate, &now_ms, now_ms + 30 * second_ms, 1, 2), 30 * 1000));
    CHECK(is_about(taken(&bucket, rate, &now_ms, now_ms + 60 * second_ms, 1, 2), 60 * 100 + 3000));
    now_ms += 100 * second_ms; /* a third of it */
    CHECK(is_about(taken(&bucket, rate, &now_ms, now_ms + 20 * second_ms, 1, 2), 100 * 120));
}

TEST(what_is_taken_in_advance_is_waited_for)
{
    struct bucket bucket = {0};
    struct bucket_rate rate = {.units_per_second = 1, .depth_s = 1};
    int64_t now_ms = 1000;
    CHECK(taken(&bucket, rate, &now_ms, now_ms + 1, 1, 20) == 1);
    CHECK(taken(&bucket, rate, &now_ms, now_ms + 9000, 1, 20) == 0);
    CHECK(taken(&bucket, rate, &now_ms, now_ms + 2, 1, 20) == 1);
}

TEST(a_long_rest_fills_a_bucket_whatever_it_owed)
{
    struct bucket bucket = {0};
    struct bucket_rate rate = {.units_per_second = 4, .depth_s = 300};
    int64_t now_ms = 1000;
    CHECK(taken(&bucket, rate, &now_ms, now_ms + 1, 1, 2 * 500) == 1);
    now_ms += 3600 * 1000;
    CHECK(taken(&bucket, rate, &now_ms, now_ms + 1, 1, 2 * 1199) == 1);
    CHECK(taken(&bucket, rate, &now_ms, now_ms + 1, 1, 2 * 20) == 1);
    CHECK(taken(&bucket, rate, &now_ms, now_ms + 1, 1, 2) == 0);
}

TEST(time_that_goes_back_fills_nothing)
{
    struct bucket bucket = {0};
    struct bucket_rate rate = {.units_per_second = 10, .depth_s = 1};
    int64_t now_ms = 100000;
    CHECK(taken(&bucket, rate, &now_ms, now_ms + 1, 1, 20) == 1);
    now_ms -= 50000;
    CHECK(taken(&bucket, rate, &now_ms, now_ms + 1, 1, 20) == 0);
    now_ms += 2000;
    CHECK(taken(&bucket, rate, &now_ms, now_ms + 1, 1, 20) == 1);
}

TEST(a_lower_rate_cuts_what_is_kept)
{
    struct bucket bucket = {0};
    int64_t now_ms = 1000;
    bucket_fill(&bucket, (struct bucket_rate){1000, 300}, now_ms);
    bucket_fill(&bucket, (struct bucket_rate){1000, 300}, now_ms + 300000);
    now_ms += 300001;
    CHECK(
        is_about(taken(&bucket, (struct bucket_rate){1, 300}, &now_ms, now_ms + 1000, 1, 2), 300));
}

static const int64_t MINUTE_MS = 60000;

/* So many units a second for so many minutes. */
static void ask(struct peak *peak, int64_t *now_ms, int64_t units_per_second, int minutes)
{
    for (int second = 0; second < minutes * 60; second++, *now_ms += 1000)
        peak_note(peak, 2 * units_per_second, *now_ms);
}

TEST(twice_a_peak_may_be_asked_for_half_an_hour_after_it)
{
    struct peak peak = {.turning = ATOMIC_FLAG_INIT};
    int64_t now_ms = 7 * MINUTE_MS;
    ask(&peak, &now_ms, 4000, 30);
    CHECK(peak_doubled(&peak) == 0);
    ask(&peak, &now_ms, 4000, 2);
    CHECK(peak_doubled(&peak) == 8000);
    ask(&peak, &now_ms, 8000, 30);
    CHECK(peak_doubled(&peak) == 8000);
    ask(&peak, &now_ms, 8000, 2);
    CHECK(peak_doubled(&peak) == 16000);
    ask(&peak, &now_ms, 1, 600);
    CHECK(peak_doubled(&peak) == 16000); /* and stays so */
}

TEST(a_peak_of_a_table_that_fell_idle_counts_when_it_is_asked_again)
{
    struct peak peak = {.turning = ATOMIC_FLAG_INIT};
    int64_t now_ms = MINUTE_MS;
    ask(&peak, &now_ms, 500, 1);
    now_ms += 24 * 60 * MINUTE_MS;
    ask(&peak, &now_ms, 1, 1);
    CHECK(peak_doubled(&peak) == 1000);
}

TEST(what_is_taken_back_is_no_peak)
{
    struct peak peak = {.turning = ATOMIC_FLAG_INIT};
    int64_t now_ms = MINUTE_MS;
    ask(&peak, &now_ms, 500, 1);
    peak_note(&peak, -2 * 500 * 60, now_ms - 1);
    ask(&peak, &now_ms, 1, 40);
    CHECK(peak_doubled(&peak) == 2);
}

TEST(who_comes_late_does_not_begin_the_minute_anew)
{
    struct peak peak = {.turning = ATOMIC_FLAG_INIT};
    peak_note(&peak, 120, MINUTE_MS);
    peak_note(&peak, 120, 2 * MINUTE_MS);
    peak_note(&peak, 120, 2 * MINUTE_MS - 10);
    peak_note(&peak, 120, 3 * MINUTE_MS - 5);
    CHECK(peak.next == 1 && peak.half_units == 3 * 120);
}

/* ---- many threads ---- */

enum { THREADS = 4, ROUNDS = 40, FILLS = 2000, NOTES = 1400, NOTE_MS = 10 };

struct crowd {
    _Atomic int64_t now_ms;
    struct bucket bucket;
    struct peak peak;
};

static const struct bucket_rate crowd_rate = {.units_per_second = 1000, .depth_s = 100};

static void run_threads(struct crowd *crowd, void *(*work)(void *))
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, work, crowd) == 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void *fill_and_take(void *argument)
{
    struct crowd *crowd = argument;
    for (int i = 0; i < FILLS; i++) {
        int64_t now_ms = atomic_fetch_add(&crowd->now_ms, 1);
        bucket_take(&crowd->bucket, 2);
        bucket_fill(&crowd->bucket, crowd_rate, now_ms);
        bucket_take(&crowd->bucket, -2);
    }
    return NULL;
}

TEST(no_moment_fills_twice_however_late_some_threads_are)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct crowd crowd = {.now_ms = 1000000};
        bucket_begin(&crowd.bucket, 1000000);
        run_threads(&crowd, fill_and_take);
        bucket_fill(&crowd.bucket, crowd_rate, crowd.now_ms);
        int64_t filled_ms = 1000 + THREADS * FILLS;
        CHECK(crowd.bucket.tokens == filled_ms * BUCKET_TOKENS_PER_UNIT);
    }
}

static void *note_often(void *argument)
{
    struct crowd *crowd = argument;
    for (int i = 0; i < NOTES; i++)
        peak_note(&crowd->peak, 120, atomic_fetch_add(&crowd->now_ms, NOTE_MS));
    return NULL;
}

TEST(a_minute_ends_once_and_nothing_of_it_is_lost_however_late_some_threads_are)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct crowd crowd = {.peak = {.turning = ATOMIC_FLAG_INIT}};
        peak_note(&crowd.peak, 0, MINUTE_MS);
        crowd.now_ms = MINUTE_MS + MINUTE_MS / 2;
        run_threads(&crowd, note_often);
        CHECK(crowd.peak.next == 1);
        CHECK(120 * crowd.peak.minutes[0] + crowd.peak.half_units == 120 * THREADS * NOTES);
        CHECK(crowd.peak.minutes[0] > THREADS * NOTES / 4);
    }
}
