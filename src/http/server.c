#include "http/server.h"

#include "base/assert.h"
#include "http/connection.h"
#include "http/server_private.h"
#include <signal.h>
#include <stdlib.h>

enum {
    TICK_MS_MAX = 100,
    TICK_MS_MIN = 5,
    CUT_WAIT_MS = 2000, /* for handlers to answer, once their clients have been cut off */
};

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Half the shortest time limit, so that none lasts much longer than it says. */
static uint32_t tick_of(const struct http_options *options)
{
    uint32_t shortest = smaller(smaller(options->idle_timeout_ms, options->head_timeout_ms),
                                smaller(options->body_timeout_ms, options->write_timeout_ms));
    uint32_t tick_ms = smaller(shortest / 2, TICK_MS_MAX);
    return tick_ms < TICK_MS_MIN ? TICK_MS_MIN : tick_ms;
}

static void free_server(struct http_server *server, unsigned loop_count)
{
    listener_close(&server->listener);
    for (unsigned i = 0; i < loop_count; i++)
        loop_fini(&server->loops[i]);
    uv_cond_destroy(&server->loop_ended);
    uv_mutex_destroy(&server->mutex);
    free(server);
}

static error init_loops(struct http_server *server, unsigned *count)
{
    for (*count = 0; *count < server->options.loop_count; ++*count)
        TRY(loop_init(&server->loops[*count], server, *count));
    return listener_watch(&server->listener);
}

static void close_loop(struct task *task)
{
    struct loop *loop = OBJECT_OF(task, struct loop, close_task);
    loop->closing = true;
    connections_close_idle(loop);
    loop_end_when_done(loop);
}

static void post_close(struct loop *loop, void (*run)(struct task *task))
{
    loop->close_task.run = run;
    loop_post(loop, &loop->close_task);
}

/* The first loop, which accepts, starts last: until then none has a connection. */
static error start_loops(struct http_server *server)
{
    unsigned count = server->options.loop_count;
    server->running_count = count;
    for (unsigned i = count; i-- > 0;) {
        error e = loop_start(&server->loops[i]);
        if (!e)
            continue;
        while (++i < count) {
            post_close(&server->loops[i], close_loop);
            uv_thread_join(&server->loops[i].thread);
        }
        return e;
    }
    return NULL;
}

error http_server_open(struct arena *arena, const struct http_options *options,
                       struct http_server **result)
{
    assert_that(options->loop_count > 0);
    assert_that(options->budget);
    signal(SIGPIPE, SIG_IGN);
    struct http_server *server =
        calloc(1, sizeof *server + options->loop_count * sizeof server->loops[0]);
    if (!server)
        return FAILURE(ERROR_USAGE, "not enough memory for the loops");
    server->options = *options;
    server->tick_ms = tick_of(options);
    uv_mutex_init(&server->mutex);
    uv_cond_init(&server->loop_ended);

    unsigned loop_count = 0;
    error e = listener_open(&server->listener, arena, server);
    if (!e)
        e = init_loops(server, &loop_count);
    if (!e)
        e = start_loops(server);
    if (e) {
        free_server(server, loop_count);
        return e;
    }
    *result = server;
    return NULL;
}

uint16_t http_server_port(const struct http_server *server)
{
    return server->listener.port;
}

struct loop *http_server_loop(struct http_server *server, unsigned index)
{
    assert_that(index < server->options.loop_count);
    return &server->loops[index];
}

void http_server_loop_ended(struct http_server *server)
{
    uv_mutex_lock(&server->mutex);
    server->running_count--;
    uv_cond_signal(&server->loop_ended);
    uv_mutex_unlock(&server->mutex);
}

/*
 * On the first loop. The others are told from here, so that a connection which was just handed to
 * one of them gets there before the news.
 */
static void close_listener(struct task *task)
{
    struct loop *first = OBJECT_OF(task, struct loop, close_task);
    struct http_server *server = first->server;
    listener_close(&server->listener);
    for (unsigned i = 1; i < server->options.loop_count; i++)
        post_close(&server->loops[i], close_loop);
    close_loop(task);
}

static void cut_loop(struct task *task)
{
    struct loop *loop = OBJECT_OF(task, struct loop, cut_task);
    loop->server->cut_count += connections_cut(loop);
}

/* True when all loops have ended within the time. */
static bool wait_for_loops(struct http_server *server, uint64_t wait_ms)
{
    uint64_t until_ns = uv_hrtime() + wait_ms * 1000000;
    uv_mutex_lock(&server->mutex);
    for (uint64_t now_ns = uv_hrtime(); server->running_count > 0 && now_ns < until_ns;
         now_ns = uv_hrtime())
        uv_cond_timedwait(&server->loop_ended, &server->mutex, until_ns - now_ns);
    bool ended = server->running_count == 0;
    uv_mutex_unlock(&server->mutex);
    return ended;
}

bool http_server_close(struct http_server *server, uint32_t grace_ms)
{
    post_close(&server->loops[0], close_listener);
    bool ended = wait_for_loops(server, grace_ms);
    if (!ended) {
        for (unsigned i = 0; i < server->options.loop_count; i++) {
            server->loops[i].cut_task.run = cut_loop;
            loop_post(&server->loops[i], &server->loops[i].cut_task);
        }
        if (!wait_for_loops(server, CUT_WAIT_MS))
            return false; /* a handler still owes an answer: its loop stays for it */
    }
    for (unsigned i = 0; i < server->options.loop_count; i++)
        uv_thread_join(&server->loops[i].thread);
    bool whole = server->cut_count == 0;
    free_server(server, server->options.loop_count);
    return whole;
}

void http_server_counters(const struct http_server *server, struct http_counters *counters)
{
    *counters = (struct http_counters){
        .connections_open = server->connections_open,
        .connections_accepted = server->connections_accepted,
        .connections_refused = server->connections_refused,
    };
    for (unsigned i = 0; i < server->options.loop_count; i++)
        counters->requests += server->loops[i].request_count;
}

void http_loop_counters(const struct http_server *server, unsigned index,
                        struct http_loop_counters *counters)
{
    assert_that(index < server->options.loop_count);
    const struct loop *loop = &server->loops[index];
    *counters = (struct http_loop_counters){.connections_open = loop->connection_count,
                                            .requests = loop->request_count};
}

const struct http_server *http_server_of(const struct http_exchange *exchange)
{
    return exchange->loop->server;
}
