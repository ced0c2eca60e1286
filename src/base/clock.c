#include "base/clock.h"

#include "base/assert.h"
#include <time.h>

static int64_t real_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void clock_init(struct clock *clock, bool manual)
{
    clock->manual = manual;
    atomic_init(&clock->manual_ms, real_ms());
}

int64_t clock_now_ms(const struct clock *clock)
{
    return clock->manual ? atomic_load(&clock->manual_ms) : real_ms();
}

void clock_set_ms(struct clock *clock, int64_t epoch_ms)
{
    assert_that(clock->manual);
    atomic_store(&clock->manual_ms, epoch_ms);
}

uint64_t clock_monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}
