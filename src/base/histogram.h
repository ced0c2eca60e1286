/*
 * Histograms of whole numbers: how many were how large, next to free to record.
 *
 * Buckets are log-linear, two for each power of two: 1, 2, 3, 4, 6, 8, 12, 16, 24 and so on, each
 * the largest number that its bucket takes, so that a number is known to a third. What is above
 * the last bound has a bucket of its own. One thread records, any thread reads; zeroed is empty.
 */
#pragma once
#include "base/counter.h"

enum {
    HISTOGRAM_BOUND_COUNT = 52, /* the last one is 2^26: in microseconds, 67 seconds */
    HISTOGRAM_BUCKET_COUNT = HISTOGRAM_BOUND_COUNT + 1,
};

struct histogram {
    _Atomic uint64_t counts[HISTOGRAM_BUCKET_COUNT];
    _Atomic uint64_t sum;
};

static inline uint32_t histogram_bucket(uint64_t number)
{
    if (number <= 2)
        return number == 2;
    uint64_t before = number - 1;
    uint32_t power = 63 - (uint32_t)__builtin_clzll(before);
    uint32_t bucket = 2 * power + (uint32_t)((before >> (power - 1)) & 1);
    return bucket < HISTOGRAM_BOUND_COUNT ? bucket : HISTOGRAM_BOUND_COUNT;
}

/* The largest number that the bucket takes; of all but the last. */
static inline uint64_t histogram_bound(uint32_t bucket)
{
    if (bucket == 0)
        return 1;
    return (bucket % 2 ? UINT64_C(2) : UINT64_C(3)) << ((bucket - 1) / 2);
}

static inline void histogram_record(struct histogram *histogram, uint64_t number)
{
    counter_add(&histogram->counts[histogram_bucket(number)], 1);
    counter_add(&histogram->sum, number);
}

/* As they stood at about one moment: what is read of several histograms, added up. */
struct histogram_sum {
    uint64_t counts[HISTOGRAM_BUCKET_COUNT];
    uint64_t sum;
};

void histogram_add_to(const struct histogram *histogram, struct histogram_sum *sum);
