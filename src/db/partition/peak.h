/*
 * How much a table or index on demand has been asked for, and so what it may be asked for: twice
 * the highest minute that is half an hour old or older. Any thread; one that comes while another
 * turns the minute over goes on without.
 * Source: Developer Guide, on-demand capacity mode: previous peak, 30 minutes.
 */
#pragma once
#include <stdatomic.h>
#include <stdint.h>

enum { PEAK_MINUTES = 30 };

/* All zero: it has never been asked for anything. */
struct peak {
    _Atomic int64_t half_units; /* of the minute under way */
    _Atomic int64_t minute_ms;  /* when it began */
    _Atomic int64_t doubled; /* units a second that it may be asked for; 0: no peak is old enough */
    atomic_flag turning;     /* guards what follows */
    int64_t minutes[PEAK_MINUTES]; /* means a second of the last ones, in a ring */
    uint32_t next;
};

/* Negative: taken back; 0: only time passes. */
void peak_note(struct peak *peak, int64_t half_units, int64_t now_ms);

static inline int64_t peak_doubled(const struct peak *peak)
{
    return atomic_load_explicit(&peak->doubled, memory_order_relaxed);
}
