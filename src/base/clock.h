/*
 * Time comes in through this interface: the machine's, or one that only moves when told.
 * A manual clock starts at the time it was opened and is moved with clock_set_ms.
 */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct clock {
    bool manual;
    _Atomic int64_t manual_ms;
};

void clock_init(struct clock *clock, bool manual);
int64_t clock_now_ms(const struct clock *clock); /* epoch milliseconds */
void clock_set_ms(struct clock *clock, int64_t epoch_ms); /* manual clocks only */

/* Never goes back, starts anywhere: for durations and deadlines of connections. */
uint64_t clock_monotonic_us(void);
