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
enum { STORE_FORMAT = 3, STORE_COMMIT_VALUE_BYTES = 16 };

/* Zeros when the store has no commit yet. Errors: CORRUPT. */
error commit_row_read(struct arena *arena, struct store *store, uint64_t *number,
                      uint64_t *time_ms) MUST_CHECK;

/* Starts the thread. Reads STORE_COMMIT_KEY through the engine to go on where it stopped. */
error commit_queue_open(struct arena *arena, struct store *store,
                        const struct store_options *options,
                        struct commit_queue **queue) MUST_CHECK;
/* Finish what is queued, deliver it, end the thread. */
void commit_queue_close(struct commit_queue *queue);

/* STORE_BUSY when the budget is spent; a change set alone in the queue is always taken. */
enum store_answer commit_queue_submit(struct commit_queue *queue,
                                      struct store_change_set *change_set) MUST_CHECK;
void commit_queue_end_turn(struct commit_queue *queue); /* store_end_turn */
uint64_t commit_queue_number(const struct commit_queue *queue);

/* Rows went outside the queue (store_drop_piece): forget the totals kept for ADD. Any thread. */
void commit_queue_forget_totals(struct commit_queue *queue);

/* Its part of the figures. */
struct store_figures;
void commit_queue_measure(const struct commit_queue *queue, struct store_figures *figures);
