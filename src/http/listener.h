/*
 * The listening socket. It is watched by one loop, which accepts and hands each connection to the
 * loop that has the fewest.
 *
 * Running out of descriptors neither stops nor spins it: one spare descriptor is kept, and given
 * up for a moment to accept and close what would otherwise wait in the backlog for ever.
 */
#pragma once
#include "base/error.h"
#include <uv.h>

struct http_server;
struct arena;

struct listener {
    struct http_server *server;
    uv_poll_t poll;
    uv_timer_t pause; /* runs while even the spare descriptor is lost */
    int socket;
    int spare;
    uint16_t port;
    bool watching; /* the two handles are set up */
};

/* Bind and listen. USAGE with a sentence. */
error listener_open(struct listener *listener, struct arena *arena,
                    struct http_server *server) MUST_CHECK;

/* Before the first loop starts. */
error listener_watch(struct listener *listener) MUST_CHECK;

/* On the loop's thread, or when no loop runs: nothing more is accepted. May be called again. */
void listener_close(struct listener *listener);
