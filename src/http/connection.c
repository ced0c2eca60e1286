#include "http/connection.h"

#include "base/assert.h"
#include "http/connection_private.h"
#include "http/server_private.h"
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    WARM_MS = 1000,    /* an idle connection keeps its arena this long */
    LINGER_MS = 2000,  /* a client that was refused may finish sending this long */
    STALLED_MS = 1000, /* without progress: may be cut off when memory is needed */
    UNREAD_MS = 250,   /* the same for a reply that its client does not read */
    SMALL_BODY_BYTES = 64 * 1024,
    RESERVE_SHARE = 8 /* of the budget, for small requests once it is spent */
};

static void free_connection(struct connection *connection)
{
    struct loop *loop = connection->loop;
    struct budget *budget = loop->server->options.budget;
    arena_fini(&connection->arena);
    free(connection);
    budget_give(budget, sizeof *connection);
    loop->unfreed_count--;
    loop_end_when_done(loop);
}

static void on_closed(uv_handle_t *handle)
{
    struct connection *connection = handle->data;
    connection->handle_is_closed = true;
    connection->loop->connection_count--;
    connection->loop->server->connections_open--;
    if (!connection->exchange)
        free_connection(connection);
}

void connection_close(struct connection *connection)
{
    assert_that(connection->state != CLOSED);
    /* A request that has not reached the handler ends here. */
    if (connection->state != HANDLING)
        connection->exchange = NULL;
    if (connection->state == REPLYING)
        reply_withdraw(connection);
    connection->state = CLOSED;
    deadline_clear(&connection->deadline);
    input_drop(&connection->input, connection->loop->server->options.budget,
               connection->input.size);
    if (!connection->exchange && !connection->advancing)
        arena_fini(&connection->arena);
    uv_close((uv_handle_t *)&connection->socket, on_closed);
}

void connection_release(struct connection *connection)
{
    connection->exchange = NULL;
    if (connection->advancing)
        return;
    arena_fini(&connection->arena);
    if (connection->handle_is_closed)
        free_connection(connection);
}

/*
 * Once the budget is spent only what is small goes on, in a reserve above it, so that others are
 * served while large bodies wait; when the reserve is spent too nothing is read.
 */
bool connection_may_read(const struct connection *connection)
{
    const struct budget *budget = connection->loop->server->options.budget;
    if (!budget_is_spent(budget))
        return true;
    const struct exchange *exchange = connection->exchange;
    if (exchange && exchange->body_bytes > SMALL_BODY_BYTES)
        return false;
    return atomic_load_explicit(&budget->used_bytes, memory_order_relaxed) <
           budget->max_bytes + budget->max_bytes / RESERVE_SHARE;
}

static void set_deadline(struct connection *connection, enum deadline_kind kind)
{
    deadline_set(&connection->loop->deadlines, &connection->deadline, kind,
                 connection_now_ms(connection));
}

static void stop_reading(struct connection *connection)
{
    if (connection->reading)
        uv_read_stop((uv_stream_t *)&connection->socket);
    connection->reading = false;
}

void connection_park(struct connection *connection)
{
    stop_reading(connection);
    set_deadline(connection, DEADLINE_PARKED);
}

static bool is_reading_request(const struct connection *connection)
{
    return connection->state == READING_HEAD || connection->state == READING_BODY;
}

/* Into the loop's one buffer; no room is offered when the memory for what it means is spent. */
static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
    (void)size;
    struct connection *connection = handle->data;
    bool room = connection->state == LINGERING || connection_may_read(connection);
    *buffer = uv_buf_init(connection->loop->read_buffer, room ? READ_BUFFER_BYTES : 0);
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
    struct connection *connection = stream->data;
    if (size == 0)
        return;
    if (size == UV_ENOBUFS) {
        if (is_reading_request(connection))
            connection_park(connection);
        else
            stop_reading(connection);
    } else if (size == UV_EOF && !is_reading_request(connection) &&
               connection->state != LINGERING) {
        connection->peer_has_sent_all = true; /* it may still read the reply */
        stop_reading(connection);
    } else if (size < 0) {
        connection_close(connection);
    } else {
        connection_advance(connection, slice_of(buffer->base, (size_t)size));
    }
}

/* Wait for the next thing in the state at hand: which time limit, and whether to read. */
static void settle(struct connection *connection)
{
    enum deadline_kind kind = connection->deadline.kind;
    switch (connection->state) {
    case READING_HEAD:
        if (kind == DEADLINE_PARKED)
            return;
        if (connection->input.size == 0)
            set_deadline(connection, DEADLINE_WARM);
        else if (kind != DEADLINE_HEAD)
            set_deadline(connection, DEADLINE_HEAD);
        break;
    case READING_BODY:
        set_deadline(connection, DEADLINE_BODY);
        break;
    case HANDLING:
    case REPLYING:
        set_deadline(connection, DEADLINE_HANDLING);
        break;
    case WRITING:
        if (kind != DEADLINE_WRITE)
            set_deadline(connection, DEADLINE_WRITE);
        break;
    case LINGERING:
        if (kind != DEADLINE_LINGER)
            set_deadline(connection, DEADLINE_LINGER);
        break;
    case REPLIED:
    case CLOSED:
        unreachable("nothing waits in these states");
    }
    bool wants_more = is_reading_request(connection);
    bool idle = connection->state == READING_HEAD && connection->input.size == 0;
    if ((wants_more && connection->peer_has_sent_all) || (idle && connection->loop->closing)) {
        connection_close(connection);
        return;
    }
    if (!wants_more && connection->state != LINGERING && connection->input.size > 0) {
        stop_reading(connection);
    } else if (!connection->reading && !connection->peer_has_sent_all) {
        connection->reading = true;
        if (uv_read_start((uv_stream_t *)&connection->socket, on_alloc, on_read) != 0)
            connection_close(connection);
    }
}

/* The reply is sent: make room for the next request, or say that there will be none. */
static void end_request(struct connection *connection)
{
    arena_reset(&connection->arena);
    if (connection->keep_alive) {
        connection->state = READING_HEAD;
    } else if (connection->peer_has_sent_all) {
        connection_close(connection);
    } else {
        /* Closing at once would reset the connection under a client that is still sending, and
         * take the reply away from it. */
        arena_fini(&connection->arena);
        shutdown(connection->fd, SHUT_WR);
        connection->state = LINGERING;
    }
}

/* One step; true when it got on. */
static bool step(struct connection *connection, slice bytes, size_t *used)
{
    switch (connection->state) {
    case READING_HEAD:
        return request_read_head(connection, bytes, used);
    case READING_BODY:
        return request_read_body(connection, bytes, used);
    case REPLIED:
        end_request(connection);
        return true;
    case LINGERING:
        *used = bytes.size;
        return false;
    case HANDLING:
    case REPLYING:
    case WRITING:
    case CLOSED:
        break;
    }
    return false;
}

void connection_advance(struct connection *connection, slice arrived)
{
    assert_that(!connection->advancing);
    connection->advancing = true;
    struct budget *budget = connection->loop->server->options.budget;
    bool kept = connection->input.size > 0;
    if (kept)
        input_append(&connection->input, budget, arrived);
    slice bytes = kept ? input_slice(&connection->input) : arrived;
    size_t used = 0;
    while (step(connection, bytes, &used))
        ;
    connection->advancing = false;
    if (connection->state == CLOSED) {
        if (!connection->exchange)
            arena_fini(&connection->arena);
        return;
    }
    if (kept)
        input_drop(&connection->input, budget, used);
    else
        input_append(&connection->input, budget, slice_from(bytes, used));
    settle(connection);
}

static void begin(struct task *task)
{
    struct connection *connection = OBJECT_OF(task, struct connection, begin);
    struct loop *loop = connection->loop;
    loop->unfreed_count++;
    deadline_init(&connection->deadline);
    arena_init(&connection->arena, loop->server->options.budget);
    uv_tcp_init(&loop->uv, &connection->socket);
    connection->socket.data = connection;
    if (uv_tcp_open(&connection->socket, connection->fd) != 0) {
        close(connection->fd);
        connection_close(connection);
        return;
    }
    settle(connection);
}

void connection_open(struct loop *loop, int fd, bool peer_is_loopback)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection) {
        close(fd);
        return;
    }
    budget_take(loop->server->options.budget, sizeof *connection);
    loop->connection_count++;
    loop->server->connections_open++;
    connection->loop = loop;
    connection->fd = fd;
    connection->peer_is_loopback = peer_is_loopback;
    connection->begin.run = begin;
    loop_post(loop, &connection->begin);
}

static struct connection *connection_of(struct deadline *deadline)
{
    return OBJECT_OF(deadline, struct connection, deadline);
}

/* What has waited in `kind` for `timeout_ms`; NULL when nothing has. */
static struct connection *find_waiting(struct loop *loop, enum deadline_kind kind,
                                       uint64_t timeout_ms)
{
    uint64_t now_ms = uv_now(&loop->uv);
    if (now_ms < timeout_ms)
        return NULL;
    struct deadline *deadline =
        deadlines_waiting_since(&loop->deadlines, kind, now_ms - timeout_ms);
    return deadline ? connection_of(deadline) : NULL;
}

static void close_overdue(struct loop *loop)
{
    const struct http_options *options = &loop->server->options;
    const struct {
        enum deadline_kind kind;
        uint32_t timeout_ms;
    } limits[] = {
        {DEADLINE_IDLE, options->idle_timeout_ms},
        {DEADLINE_HEAD, options->head_timeout_ms},
        {DEADLINE_BODY, options->body_timeout_ms},
        {DEADLINE_LINGER, LINGER_MS},
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct connection *connection;
        while ((connection = find_waiting(loop, limits[i].kind, limits[i].timeout_ms)))
            connection_close(connection);
    }
}

/* Those idle for a while give their arenas back. Their wait goes on from where it began. */
static void cool_down(struct loop *loop, uint32_t warm_ms)
{
    struct connection *connection;
    while ((connection = find_waiting(loop, DEADLINE_WARM, warm_ms))) {
        arena_fini(&connection->arena);
        deadline_set(&loop->deadlines, &connection->deadline, DEADLINE_IDLE,
                     connection->deadline.since_ms);
    }
}

/*
 * The time limit of writing counts from the last progress, and libuv tells of none before the
 * end: so look, for those that seem to have waited `timeout_ms`, and return one that has.
 */
static struct connection *find_stalled_reply(struct loop *loop, uint32_t timeout_ms)
{
    struct connection *connection;
    while ((connection = find_waiting(loop, DEADLINE_WRITE, timeout_ms))) {
        if (!reply_moves(connection) ||
            transfer_is_too_slow(connection->reply_started_ms, connection_now_ms(connection),
                                 loop->server->options.write_timeout_ms,
                                 connection->reply_bytes - connection->unsent_bytes))
            return connection;
        set_deadline(connection, DEADLINE_WRITE);
    }
    return NULL;
}

static bool holds_request(const struct connection *connection)
{
    return connection->exchange || connection->input.size > 0;
}

/* Of those parked for long, one that holds memory. */
static struct connection *find_parked_holder(struct loop *loop)
{
    const struct deadline *end = &loop->deadlines.ends[DEADLINE_PARKED];
    for (struct deadline *at = end->newer; at != end; at = at->newer) {
        struct connection *connection = connection_of(at);
        if (at->since_ms + STALLED_MS > connection_now_ms(connection))
            break;
        if (holds_request(connection))
            return connection;
    }
    return NULL;
}

/* Who has held memory longest without sending on. */
static struct connection *find_stalled_request(struct loop *loop)
{
    struct connection *connection = find_waiting(loop, DEADLINE_BODY, STALLED_MS);
    if (!connection)
        connection = find_waiting(loop, DEADLINE_HEAD, STALLED_MS);
    return connection ? connection : find_parked_holder(loop);
}

/*
 * Once the budget is spent, all who do not read what they asked for give way: many of them could
 * keep everybody else waiting in turns. Then those who do not send on, until a good part is free.
 */
static void reclaim_memory(struct loop *loop)
{
    const struct budget *budget = loop->server->options.budget;
    if (!budget_is_spent(budget))
        return;
    cool_down(loop, 0);
    struct connection *connection;
    while ((connection = find_stalled_reply(loop, UNREAD_MS)))
        connection_close(connection);
    while (budget->used_bytes > budget->max_bytes - budget->max_bytes / RESERVE_SHARE &&
           (connection = find_stalled_request(loop)))
        connection_close(connection);
}

/* What it will hold soon, as far as can be told. */
static size_t bytes_wanted(const struct connection *connection)
{
    const struct exchange *exchange = connection->exchange;
    if (!exchange)
        return SMALL_BODY_BYTES;
    return exchange->head.framing == FRAMING_SIZED ? (size_t)exchange->head.content_length
                                                   : 2 * exchange->body_bytes;
}

/*
 * The longest parked goes on as soon as it may, others with it as far as there is room for what
 * they want: if all went on together, all would soon be parked again.
 * Whoever parks while this runs goes to the end, with the time of now, where it stops.
 */
static void resume_parked(struct loop *loop)
{
    const struct budget *budget = loop->server->options.budget;
    const struct deadline *end = &loop->deadlines.ends[DEADLINE_PARKED];
    struct deadline *at = end->newer;
    size_t wanted = 0;
    bool first = true;
    while (at != end && at->since_ms < uv_now(&loop->uv)) {
        struct connection *connection = connection_of(at);
        at = at->newer;
        wanted += bytes_wanted(connection);
        bool room = first || budget->used_bytes + wanted < budget->max_bytes;
        first = false;
        if (room && connection_may_read(connection)) {
            set_deadline(connection, DEADLINE_HANDLING);
            connection_advance(connection, SLICE_NONE);
        }
    }
}

void connections_tick(struct loop *loop)
{
    uint32_t idle_timeout_ms = loop->server->options.idle_timeout_ms;
    uint32_t write_timeout_ms = loop->server->options.write_timeout_ms;
    cool_down(loop, idle_timeout_ms < WARM_MS ? idle_timeout_ms : WARM_MS);
    close_overdue(loop);
    struct connection *connection;
    while ((connection = find_stalled_reply(loop, write_timeout_ms)))
        connection_close(connection);
    reclaim_memory(loop);
    resume_parked(loop);
}

static uint32_t close_all(struct loop *loop, enum deadline_kind kind)
{
    uint32_t count = 0;
    struct deadline *deadline;
    while ((deadline = deadlines_oldest(&loop->deadlines, kind))) {
        connection_close(connection_of(deadline));
        count++;
    }
    return count;
}

void connections_close_idle(struct loop *loop)
{
    close_all(loop, DEADLINE_WARM);
    close_all(loop, DEADLINE_IDLE);
    const struct deadline *end = &loop->deadlines.ends[DEADLINE_PARKED];
    struct deadline *at = end->newer;
    while (at != end) {
        struct connection *connection = connection_of(at);
        at = at->newer;
        if (!holds_request(connection))
            connection_close(connection);
    }
}

uint32_t connections_cut(struct loop *loop)
{
    close_all(loop, DEADLINE_LINGER);
    uint32_t count = 0;
    for (int kind = 0; kind < DEADLINE_KIND_COUNT; kind++)
        count += close_all(loop, (enum deadline_kind)kind);
    return count;
}
