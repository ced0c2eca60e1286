/*
 * A call: one API request on its way through the server, from a complete HTTP request to its
 * reply.
 *
 * It runs on its loop first. It goes to a worker when it would have to wait for the disk, waits
 * for the commit queue when it has submitted something (or has seen something not yet durable),
 * is parked when the queue is full, and runs again from the top when its change set was dropped.
 *
 *   run ──── error or nothing submitted ──────────────────────────> reply
 *    │└───── would block ──> worker runs it ──> back on the loop ─┐
 *    │└───── busy ──> parked until the queue has room ──> run     │
 *    └────── submitted ──> waits until settled ──> reply or run <─┘
 *
 * All steps but a worker's run happen on the call's loop.
 */
#pragma once
#include "http/server.h"
#include "ops/operation.h"
#include "server/reply.h"
#include "server/workers.h"

struct calls;

struct calls_options {
    struct db *db;
    struct store *store; /* the db's */
    struct workers *workers; /* for what is not in memory, and for changes of tables */
    struct workers *readers; /* for what reads more than its share of a loop */
    struct budget *budget;
    struct counts *counts;
    unsigned loop_count;
    uint64_t slow_request_us; /* a call that takes so long gets a line in the log */
};

struct calls *calls_new(const struct calls_options *options);
void calls_free(struct calls *calls); /* none is under way */

/* What a rehearsed fault changes about a call; all zero changes nothing. */
struct call_changes {
    uint32_t batch_items_max; /* as in struct request */
    error answer;             /* told instead of success, when the call has taken effect */
};

/* Run the operation and reply. The body passed json_check. `changes` may be NULL. */
void call_start(struct calls *calls, struct http_exchange *exchange,
                const struct operation *operation, const struct reply_form *form,
                const struct call_changes *changes);

/* Answer a request that is not run. `operation` NULL: it names none. */
void call_refuse(struct calls *calls, struct http_exchange *exchange,
                 const struct operation *operation, const struct reply_form *form, error failure);

/* How many have begun so far. Any thread. */
uint64_t calls_begun_count(const struct calls *calls);

/* A loop has run all that was ready and is about to wait: what its calls wrote is committed now. */
void calls_end_turn(struct calls *calls);

/* How many wait for room in the commit queue now. */
unsigned calls_parked(struct calls *calls);

/* Run again what waits for room in the commit queue. Any thread, now and then. */
void calls_wake_parked(struct calls *calls);
