/*
 * Workers: threads that may wait for the disk. Loops hand requests over to two crews: one for those
 * whose rows are not in memory or that change tables, one for those that read much.
 */
#pragma once
#include "base/task.h"
#include <stdint.h>

struct workers;

/* `niceness`: how far the threads stand back where others want their core; 0 to 19. */
struct workers *workers_open(unsigned thread_count, int niceness);
/* What was handed over before is finished first. */
void workers_close(struct workers *workers);

/* Any thread. The task runs once on some worker. */
void workers_run(struct workers *workers, struct task *task);

/* How many threads there are, how many of them have a task, and how many tasks wait for one. */
struct workers_figures {
    uint64_t threads;
    uint64_t busy;
    uint64_t waiting;
};
void workers_measure(struct workers *workers, struct workers_figures *figures);

/* The calling thread stands back that far; 0: not at all. Where it is refused, it does not. */
void thread_stand_back(int niceness);
