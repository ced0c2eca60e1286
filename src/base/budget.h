/*
 * A budget counts the bytes that all requests, replies and queues hold together.
 *
 * Taking never fails: an operation that was let in can finish. Whoever lets new work in
 * asks budget_is_spent first and refuses or waits.
 */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct budget {
    _Atomic size_t used_bytes;
    size_t max_bytes;
};

static inline void budget_take(struct budget *budget, size_t bytes)
{
    if (budget)
        atomic_fetch_add_explicit(&budget->used_bytes, bytes, memory_order_relaxed);
}

static inline void budget_give(struct budget *budget, size_t bytes)
{
    if (budget)
        atomic_fetch_sub_explicit(&budget->used_bytes, bytes, memory_order_relaxed);
}

static inline bool budget_is_spent(const struct budget *budget)
{
    return atomic_load_explicit(&budget->used_bytes, memory_order_relaxed) >= budget->max_bytes;
}

static inline size_t budget_left_bytes(const struct budget *budget)
{
    size_t used = atomic_load_explicit(&budget->used_bytes, memory_order_relaxed);
    return used < budget->max_bytes ? budget->max_bytes - used : 0;
}
