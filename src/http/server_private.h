/* The server as its loops, its listener and their connections see it. */
#pragma once
#include "http/listener.h"
#include "http/loop_private.h"
#include "http/server.h"

struct http_server {
    struct http_options options;
    struct listener listener; /* runs on the first loop */
    _Atomic uint64_t connections_open;
    _Atomic uint64_t connections_accepted;
    _Atomic uint64_t connections_refused;
    _Atomic uint32_t cut_count; /* connections that were not idle when the grace was over */
    uint32_t tick_ms;

    uv_mutex_t mutex;
    uv_cond_t loop_ended;
    unsigned running_count; /* guarded by mutex: loops whose thread has not ended */

    struct loop loops[]; /* options.loop_count */
};

/* From a loop's thread, as the last thing it does. */
void http_server_loop_ended(struct http_server *server);
