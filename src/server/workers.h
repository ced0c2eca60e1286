/*
 * Workers: threads that may wait for the disk. Loops hand them the requests whose rows are not in
 * memory, that read much, or that change tables.
 */
#pragma once
#include "base/task.h"

struct workers;

struct workers *workers_open(unsigned thread_count);
/* What was handed over before is finished first. */
void workers_close(struct workers *workers);

/* Any thread. The task runs once on some worker. */
void workers_run(struct workers *workers, struct task *task);
