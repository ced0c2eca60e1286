/*
 * Pages under /_stator/: for tests and operators on this machine, not for clients.
 *
 * They answer loopback peers alone, under a name of loopback alone, so that no page in a browser
 * becomes such a peer. What changes behaviour exists only when its option was given. With
 * --admin-open others may read what changes nothing: /metrics and /_stator/partitions.
 *
 *   /_stator/clock    with --clock manual. GET shows the time, PUT moves it:
 *                     {"EpochMilliseconds": N} or {"AdvanceMilliseconds": N}
 *   /_stator/faults   with --faults. GET shows the faults that requests are to meet, PUT replaces
 *                     them (server/fault_rules.h), DELETE clears them
 */
#pragma once
#include "server/reply.h"
#include <pthread.h>

struct clock;
struct db;
struct faults;

struct control {
    struct clock *clock;   /* NULL: the machine's, which is not ours to move */
    struct faults *faults; /* NULL: none can be rehearsed */
    struct db *db;         /* is told before the clock moves */
    bool is_open;          /* other peers may read what changes nothing: --admin-open */
    pthread_mutex_t mutex; /* one move of the clock at a time */
};

void control_init(struct control *control, struct clock *clock, struct faults *faults,
                  struct db *db, bool is_open);
void control_fini(struct control *control);

/* Whether the peer may read such pages, and what it is told when it may not. */
bool control_may_read(const struct control *control, const struct http_request *request);
void control_refuse(struct http_exchange *exchange, struct reply_form *form);

#define CONTROL_PREFIX SLICE("/_stator/")

/* The request's path begins with CONTROL_PREFIX. */
void control_answer(struct control *control, struct http_exchange *exchange,
                    struct reply_form *form);
