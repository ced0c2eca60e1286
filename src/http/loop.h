/*
 * Loops: one thread each, running sockets, timers and tasks posted from other threads.
 * A loop runs a request to completion; nothing on it may wait for the disk.
 */
#pragma once
#include "base/task.h"

struct loop;

/* Any thread. The task runs on the loop's thread; many posts wake the loop once. */
void loop_post(struct loop *loop, struct task *task);

/* Position of this loop among the server's loops, from 0. */
unsigned loop_index(const struct loop *loop);
