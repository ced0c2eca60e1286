/*
 * Tasks and their queue: many threads push, one takes everything at once, in order.
 * The task is part of the object it concerns; the queue owns nothing.
 */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct task {
    struct task *next;
    void (*run)(struct task *task);
};

struct task_queue {
    _Atomic(struct task *) newest;
};

/* True when the queue was empty: the pusher must wake the taker. */
static inline bool task_queue_push(struct task_queue *queue, struct task *task)
{
    struct task *newest = atomic_load_explicit(&queue->newest, memory_order_relaxed);
    do {
        task->next = newest;
    } while (!atomic_compare_exchange_weak_explicit(&queue->newest, &newest, task,
                                                    memory_order_acq_rel, memory_order_relaxed));
    return newest == NULL;
}

/* Everything pushed so far, oldest first, linked by `next`. */
static inline struct task *task_queue_take(struct task_queue *queue)
{
    struct task *newest = atomic_exchange_explicit(&queue->newest, NULL, memory_order_acq_rel);
    struct task *oldest = NULL;
    while (newest) {
        struct task *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    return oldest;
}

#define OBJECT_OF(member_pointer, type, member)                                                    \
    ((type *)(void *)((char *)(member_pointer)-offsetof(type, member)))
