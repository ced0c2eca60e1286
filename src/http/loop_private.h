/*
 * A loop's own state. Only its thread touches it, but for the queue of tasks and the counts.
 * A loop ends when it has been told to close and its last connection is gone.
 */
#pragma once
#include "http/deadlines.h"
#include "http/gzip.h"
#include "http/loop.h"
#include "http/reply.h"
#include <uv.h>

enum { READ_BUFFER_BYTES = 64 * 1024, OUTBOX_MAX = 64 };

struct connection;

struct loop {
    uv_loop_t uv;
    uv_async_t wake;
    uv_timer_t tick;
    uv_prepare_t before_waiting;
    uv_check_t after_waiting;
    uv_thread_t thread;
    struct task_queue tasks;
    struct http_server *server;
    unsigned index;
    struct task close_task; /* posted once by http_server_close */
    struct task cut_task;   /* posted once, when the time of grace is over */

    _Atomic uint32_t connection_count; /* what the listener balances by */
    _Atomic uint64_t request_count;

    bool closing;
    struct deadlines deadlines; /* every connection whose socket is open */
    uint32_t unfreed_count;     /* connections in memory, also those whose client has gone */
    struct connection *outbox[OUTBOX_MAX]; /* those REPLYING; NULL: withdrawn */
    unsigned outbox_count;
    bool sending; /* what is in the outbox */
    struct gzip gzip;
    struct reply_date date;
    char read_buffer[READ_BUFFER_BYTES]; /* one for all its connections */
};

/* Ready to run, and to be posted to. */
error loop_init(struct loop *loop, struct http_server *server, unsigned index) MUST_CHECK;
error loop_start(struct loop *loop) MUST_CHECK;

/* Everything REPLYING is written: one after the other, so that a client is woken once for many. */
void loop_send_replies(struct loop *loop);

/* On the loop: end it if nothing is left to do. */
void loop_end_when_done(struct loop *loop);

/* After its thread has ended, or was never started. */
void loop_fini(struct loop *loop);
