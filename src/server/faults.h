/*
 * Faults an application can rehearse (--faults): the next requests that match a rule are answered
 * with a conflict, throttling or an internal error, wait, or have a part of their batch left over.
 * What the rules say stands in server/fault_rules.h.
 *
 * A fault is decided when a request has its operation and passed authorization, before its body is
 * decoded: it takes effect only as its rule says (Applied, Latency, PartialBatch).
 *
 * Waiting holds no thread: a request that is delayed lies in a list, and faults_release hands it to
 * its loop when it is due, on the machine's clock or on the manual one.
 */
#pragma once
#include "server/call.h"

struct clock;
struct faults;

struct faults *faults_open(struct calls *calls, const struct clock *clock);
void faults_close(struct faults *faults); /* nothing is delayed any more */

/* Any loop: the request meets its fault, or runs as if there were none. Replies, as call_start. */
void faults_start(struct faults *faults, struct http_exchange *exchange,
                  const struct operation *operation, const struct reply_form *form);

/* The page /_stator/faults: GET shows the rules, PUT replaces them, DELETE clears them. */
void faults_answer(struct faults *faults, struct http_exchange *exchange, struct reply_form *form);

/* Any thread, often: run what has waited long enough. */
void faults_release(struct faults *faults);

/* Any thread, before the server ends: run what waits, and delay nothing from now on. */
void faults_end_delays(struct faults *faults);
