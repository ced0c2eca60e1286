/* Counters that any thread may read: what one thread counts needs no locked instruction. */
#pragma once
#include <stdatomic.h>
#include <stdint.h>

/* By the one thread that ever writes it. */
static inline void counter_add(_Atomic uint64_t *counter, uint64_t addend)
{
    uint64_t before = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, before + addend, memory_order_relaxed);
}

/* By any thread. */
static inline void counter_add_shared(_Atomic uint64_t *counter, uint64_t addend)
{
    atomic_fetch_add_explicit(counter, addend, memory_order_relaxed);
}

static inline uint64_t counter_read(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}
