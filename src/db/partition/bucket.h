/*
 * A token bucket: what may be taken now of something that fills by so much a second and holds the
 * unused share of so many seconds. Any thread, without locks: two that take at once may both find
 * the last token.
 */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* All zero: it holds a second's share when it is first used. */
struct bucket {
    _Atomic int64_t tokens; /* in BUCKET_TOKENS_PER_HALF_UNIT; below 0: taken in advance */
    _Atomic int64_t filled_ms;
};

enum { BUCKET_TOKENS_PER_HALF_UNIT = 1000, BUCKET_TOKENS_PER_UNIT = 2000 };

/* At most 10^9 units a second. */
struct bucket_rate {
    int64_t units_per_second;
    int32_t depth_s; /* so many seconds' share is the most it holds */
};

/* It holds a second's share at that time, and fills from then on. */
void bucket_begin(struct bucket *bucket, int64_t began_ms);

/*
 * Up to this time. Time that goes back fills nothing; and not either what was filled already, when
 * some ask as of a moment a little before others.
 */
void bucket_fill(struct bucket *bucket, struct bucket_rate rate, int64_t now_ms);

/*
 * Whether there is anything in it. What is taken then may be more: the cost of a request is only
 * known when it has been done, and those that follow wait for it.
 */
static inline bool bucket_has_any(const struct bucket *bucket)
{
    return atomic_load_explicit(&bucket->tokens, memory_order_relaxed) > 0;
}

/* Negative: given back. */
static inline void bucket_take(struct bucket *bucket, int64_t half_units)
{
    atomic_fetch_sub_explicit(&bucket->tokens, half_units * BUCKET_TOKENS_PER_HALF_UNIT,
                              memory_order_relaxed);
}
