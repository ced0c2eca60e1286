#include "base/histogram.h"

#include "tests/test.h"

TEST(every_number_falls_into_the_first_bucket_whose_bound_is_not_below_it)
{
    for (uint32_t bucket = 0; bucket < HISTOGRAM_BOUND_COUNT; bucket++) {
        uint64_t bound = histogram_bound(bucket);
        CHECK(histogram_bucket(bound) == bucket);
        CHECK(histogram_bucket(bound + 1) == bucket + 1);
    }
    for (uint64_t number = 1; number < 5000; number++) {
        uint32_t bucket = histogram_bucket(number);
        CHECK(number <= histogram_bound(bucket));
        CHECK(bucket == 0 || number > histogram_bound(bucket - 1));
    }
    CHECK(histogram_bucket(0) == 0);
    CHECK(histogram_bucket(UINT64_MAX) == HISTOGRAM_BOUND_COUNT);
}

TEST(bounds_grow_by_a_half_at_most_from_two_on)
{
    CHECK(histogram_bound(0) == 1 && histogram_bound(1) == 2);
    for (uint32_t bucket = 2; bucket < HISTOGRAM_BOUND_COUNT; bucket++) {
        CHECK(histogram_bound(bucket) > histogram_bound(bucket - 1));
        CHECK(2 * histogram_bound(bucket) <= 3 * histogram_bound(bucket - 1));
    }
    CHECK(histogram_bound(HISTOGRAM_BOUND_COUNT - 1) == 1 << 26);
}

TEST(what_several_histograms_recorded_adds_up)
{
    struct histogram first = {0};
    struct histogram second = {0};
    histogram_record(&first, 5);
    histogram_record(&first, 6);
    histogram_record(&second, 6);
    histogram_record(&second, UINT64_C(1) << 40);
    struct histogram_sum sum = {0};
    histogram_add_to(&first, &sum);
    histogram_add_to(&second, &sum);
    CHECK(sum.counts[histogram_bucket(6)] == 3);
    CHECK(sum.counts[HISTOGRAM_BOUND_COUNT] == 1);
    CHECK(sum.sum == 17 + (UINT64_C(1) << 40));
}
