#include "http/loop.h"

#include "base/assert.h"
#include "http/connection.h"
#include "http/server_private.h"
#include <signal.h>

void loop_post(struct loop *loop, struct task *task)
{
    if (task_queue_push(&loop->tasks, task))
        uv_async_send(&loop->wake);
}

unsigned loop_index(const struct loop *loop)
{
    return loop->index;
}

static void run_tasks(struct loop *loop)
{
    struct task *task = task_queue_take(&loop->tasks);
    while (task) {
        struct task *next = task->next; /* the task may be gone once it has run */
        task->run(task);
        task = next;
    }
}

static void on_wake(uv_async_t *wake)
{
    run_tasks(wake->data);
}

static void on_tick(uv_timer_t *tick)
{
    connections_tick(tick->data);
}

static void end_turn(struct loop *loop)
{
    const struct http_options *options = &loop->server->options;
    if (options->end_turn)
        options->end_turn(options->context);
}

static void on_before_waiting(uv_prepare_t *before_waiting)
{
    struct loop *loop = before_waiting->data;
    loop_send_replies(loop);
    end_turn(loop);
}

static void on_after_waiting(uv_check_t *after_waiting)
{
    loop_send_replies(after_waiting->data);
}

error loop_init(struct loop *loop, struct http_server *server, unsigned index)
{
    loop->server = server;
    loop->index = index;
    deadlines_init(&loop->deadlines);
    if (uv_loop_init(&loop->uv) != 0)
        return FAILURE(ERROR_USAGE, "cannot make an event loop: out of descriptors");
    if (uv_async_init(&loop->uv, &loop->wake, on_wake) != 0) {
        uv_loop_close(&loop->uv);
        return FAILURE(ERROR_USAGE, "cannot make an event loop: out of descriptors");
    }
    uv_timer_init(&loop->uv, &loop->tick);
    uv_prepare_init(&loop->uv, &loop->before_waiting);
    uv_check_init(&loop->uv, &loop->after_waiting);
    loop->wake.data = loop;
    loop->before_waiting.data = loop;
    loop->after_waiting.data = loop;
    loop->tick.data = loop;
    return NULL;
}

static void run(void *argument)
{
    struct loop *loop = argument;
    uv_timer_start(&loop->tick, on_tick, loop->server->tick_ms, loop->server->tick_ms);
    uv_prepare_start(&loop->before_waiting, on_before_waiting);
    uv_check_start(&loop->after_waiting, on_after_waiting);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    run_tasks(loop);
    loop_send_replies(loop);
    end_turn(loop);
    http_server_loop_ended(loop->server);
}

/* Signals are for the main thread. */
error loop_start(struct loop *loop)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = uv_thread_create(&loop->thread, run, loop);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code == 0 ? NULL : FAILURE(ERROR_USAGE, "cannot start a thread");
}

void loop_end_when_done(struct loop *loop)
{
    if (loop->closing && loop->unfreed_count == 0)
        uv_stop(&loop->uv);
}

void loop_fini(struct loop *loop)
{
    uv_close((uv_handle_t *)&loop->wake, NULL);
    uv_close((uv_handle_t *)&loop->tick, NULL);
    uv_close((uv_handle_t *)&loop->before_waiting, NULL);
    uv_close((uv_handle_t *)&loop->after_waiting, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    int code = uv_loop_close(&loop->uv);
    assert_that(code == 0);
    gzip_fini(&loop->gzip);
}
