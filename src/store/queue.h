/*
 * The commit queue: one thread takes every change set queued, in order, forms one group, has the
 * engine write it with one sync, and tells the sinks.
 *
 * Forming is apart from writing: forming checks dependencies and guards, fills stamps, folds ADDs
 * (the current totals are kept here, so that a counter costs one row a group) and yields the rows
 * as they are to stand; writing is the engine's. Each group also writes the store's commit row
 * (STORE_COMMIT_KEY: commit number, commit time). Dropping a change set drops its dependents.
 */
#pragma once
#include "store/store.h"

struct commit_queue;

/* Rows of the store itself, in STORE_ROWS. */
#define STORE_FORMAT_KEY SLICE("\x00" "format") /* u32 format number */
#define STORE_COMMIT_KEY SLICE("\x00" "commit") /* u64 commit number, u64 commit time ms */
enum { STORE_FORMAT = 1 };

/* Starts the thread. Reads STORE_COMMIT_KEY through the engine to go on where it stopped. */
error commit_queue_open(struct arena *arena, struct store *store,
                        const struct store_options *options,
                        struct commit_queue **queue) MUST_CHECK;
/* Finish what is queued, deliver it, end the thread. */
void commit_queue_close(struct commit_queue *queue);

enum store_answer commit_queue_submit(struct commit_queue *queue,
                                      struct store_change_set *change_set) MUST_CHECK;
uint64_t commit_queue_number(const struct commit_queue *queue);
