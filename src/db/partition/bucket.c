#include "db/partition/bucket.h"

#include "base/assert.h"
#include "base/fault.h"

/* What asks as of an earlier moment than another came late; further back, the clock was set. */
enum { SECOND_MS = 1000, LATE_MS = 10 * 1000 };
enum { ELAPSED_MS_MAX = 24 * 60 * 60 * 1000 }; /* fills any bucket, whatever it owes */
static const int64_t UNITS_MAX = 1000000000;

static int64_t tokens_of(int64_t units_per_second, int64_t ms)
{
    return units_per_second * ms * (BUCKET_TOKENS_PER_UNIT / SECOND_MS);
}

static void add(struct bucket *bucket, int64_t added, int64_t most)
{
    int64_t tokens = atomic_load_explicit(&bucket->tokens, memory_order_relaxed);
    int64_t filled;
    do
        filled = tokens + added < most ? tokens + added : most;
    while (!atomic_compare_exchange_weak_explicit(&bucket->tokens, &tokens, filled,
                                                  memory_order_relaxed, memory_order_relaxed));
}

void bucket_begin(struct bucket *bucket, int64_t began_ms)
{
    atomic_init(&bucket->tokens, 0);
    atomic_init(&bucket->filled_ms, began_ms - SECOND_MS);
}

void bucket_fill(struct bucket *bucket, struct bucket_rate rate, int64_t now_ms)
{
    int64_t filled_ms = atomic_load_explicit(&bucket->filled_ms, memory_order_relaxed);
    if (now_ms <= filled_ms && now_ms > filled_ms - LATE_MS)
        return;
    assert_that(rate.units_per_second >= 0 && rate.units_per_second <= UNITS_MAX);
    if (!atomic_compare_exchange_strong_explicit(&bucket->filled_ms, &filled_ms, now_ms,
                                                 memory_order_relaxed, memory_order_relaxed))
        return; /* another has filled it */
    int64_t depth_ms = (int64_t)rate.depth_s * SECOND_MS;
    if (fault_planted(FAULT_BURST_DEPTH))
        depth_ms *= 2;
    int64_t elapsed_ms = filled_ms == 0 ? SECOND_MS : now_ms - filled_ms;
    if (elapsed_ms > ELAPSED_MS_MAX)
        elapsed_ms = ELAPSED_MS_MAX;
    if (elapsed_ms > 0)
        add(bucket, tokens_of(rate.units_per_second, elapsed_ms),
            tokens_of(rate.units_per_second, depth_ms));
}
