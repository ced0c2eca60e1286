#include "db/partition/peak.h"

#include <stdbool.h>

enum { MINUTE_MS = 60 * 1000, HALF_UNITS_PER_MEAN = 2 * 60 };

/* The newest minute comes, the oldest is a previous peak from now on. */
static void push(struct peak *peak, int64_t mean)
{
    int64_t *oldest = &peak->minutes[peak->next];
    if (2 * *oldest > peak_doubled(peak))
        atomic_store_explicit(&peak->doubled, 2 * *oldest, memory_order_relaxed);
    *oldest = mean;
    peak->next = (peak->next + 1) % PEAK_MINUTES;
}

/* Nothing was noted since the minute ended, or its end would have been seen: the rest were idle. */
static void turn(struct peak *peak, int64_t began_ms, int64_t now_ms)
{
    int64_t passed = (now_ms - began_ms) / MINUTE_MS;
    push(peak, atomic_exchange_explicit(&peak->half_units, 0, memory_order_relaxed) /
                   HALF_UNITS_PER_MEAN);
    for (int64_t idle = 1; idle < passed && idle <= PEAK_MINUTES; idle++)
        push(peak, 0);
    atomic_store_explicit(&peak->minute_ms, began_ms + passed * MINUTE_MS, memory_order_relaxed);
}

/* A little before: one that began earlier than others was late. */
static bool was_set_back(int64_t began_ms, int64_t now_ms)
{
    return now_ms <= began_ms - MINUTE_MS;
}

void peak_note(struct peak *peak, int64_t half_units, int64_t now_ms)
{
    int64_t began_ms = atomic_load_explicit(&peak->minute_ms, memory_order_relaxed);
    bool is_over = now_ms - began_ms >= MINUTE_MS || was_set_back(began_ms, now_ms);
    if (is_over && !atomic_flag_test_and_set_explicit(&peak->turning, memory_order_acquire)) {
        began_ms = atomic_load_explicit(&peak->minute_ms, memory_order_relaxed);
        if (began_ms == 0 || was_set_back(began_ms, now_ms))
            atomic_store_explicit(&peak->minute_ms, now_ms, memory_order_relaxed);
        else if (now_ms - began_ms >= MINUTE_MS)
            turn(peak, began_ms, now_ms);
        atomic_flag_clear_explicit(&peak->turning, memory_order_release);
    }
    atomic_fetch_add_explicit(&peak->half_units, half_units, memory_order_relaxed);
}
