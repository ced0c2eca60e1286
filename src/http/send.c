/* Replies: from the handler's answer to the socket. */
#include "base/assert.h"
#include "http/connection_private.h"
#include "http/server_private.h"
#include <stdio.h>

enum {
    GZIP_REPLY_BYTES_MIN = 4096, /* as the service: larger ones are compressed */
    GATHERED_REPLY_BYTES_MAX = 8192,
};

/* A task of its own, so that parts that are ready at once do not pile up on the stack. */
static void ask_for_more(struct task *task)
{
    struct exchange *exchange = OBJECT_OF(task, struct exchange, more_task);
    if (exchange->connection->state == CLOSED)
        connection_release(exchange->connection);
    else
        exchange->more(&exchange->public);
}

/* The client has what was to be written: the whole reply, or a part after which others come. */
static void end_writing(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    connection->state = exchange ? HANDLING : REPLIED;
    if (exchange) {
        exchange->more_task.run = ask_for_more;
        loop_post(connection->loop, &exchange->more_task);
    }
}

static void on_written(uv_write_t *write, int status)
{
    struct connection *connection = write->data;
    if (connection->state == CLOSED)
        return;
    if (status < 0) {
        connection_close(connection);
        return;
    }
    end_writing(connection);
    connection_advance(connection, SLICE_NONE);
}

/* Usually the kernel takes everything at once; else the rest is written as it makes room. */
static void write_reply(struct connection *connection)
{
    connection->state = WRITING; /* if the client has gone, nobody owes it anything any more */
    uv_buf_t *parts = connection->reply_parts;
    unsigned count = connection->reply_part_count;
    uv_stream_t *stream = (uv_stream_t *)&connection->socket;
    int written = count > 0 ? uv_try_write(stream, parts, count) : 0; /* nothing ends parts too */
    if (written == UV_EAGAIN)
        written = 0;
    if (written < 0) {
        connection_close(connection);
        return;
    }
    size_t skipped = (size_t)written;
    while (count > 0 && skipped >= parts->len) {
        skipped -= parts->len;
        parts++;
        count--;
    }
    if (count == 0) {
        end_writing(connection);
        return;
    }
    parts->base += skipped;
    parts->len -= skipped;
    connection->write.data = connection;
    if (uv_write(&connection->write, stream, parts, count, on_written) != 0) {
        connection_close(connection);
        return;
    }
    connection->reply_started_ms = connection_now_ms(connection);
    connection->reply_bytes = uv_stream_get_write_queue_size(stream);
    connection->unsent_bytes = connection->reply_bytes;
}

bool reply_moves(struct connection *connection)
{
    size_t unsent = uv_stream_get_write_queue_size((uv_stream_t *)&connection->socket);
    bool moves = unsent < connection->unsent_bytes;
    connection->unsent_bytes = unsent;
    return moves;
}

static uv_buf_t part_of(slice bytes)
{
    return uv_buf_init((char *)(uintptr_t)bytes.data, (unsigned)bytes.size);
}

static void add_bytes(struct connection *connection, slice bytes)
{
    assert_that(connection->reply_part_count < REPLY_PARTS_MAX);
    if (bytes.size > 0)
        connection->reply_parts[connection->reply_part_count++] = part_of(bytes);
}

/* A part as a chunk, where the client takes those. The empty one is the last. */
static void add_part(struct connection *connection, struct exchange *exchange, slice part)
{
    if (!exchange->head.takes_chunks) {
        add_bytes(connection, part);
        return;
    }
    int size = snprintf(exchange->chunk_head, sizeof exchange->chunk_head, "%zx\r\n", part.size);
    add_bytes(connection, slice_of(exchange->chunk_head, (size_t)size));
    add_bytes(connection, part);
    add_bytes(connection, SLICE("\r\n"));
}

static size_t reply_bytes(const struct connection *connection)
{
    size_t bytes = 0;
    for (unsigned i = 0; i < connection->reply_part_count; i++)
        bytes += connection->reply_parts[i].len;
    return bytes;
}

/*
 * With the other replies of this turn. What is large leaves at once: by the end of the turn it
 * would have to come from memory again (65 % more CPU for items of 390 KB).
 */
static void send_with_others(struct connection *connection)
{
    struct loop *loop = connection->loop;
    bool is_large = reply_bytes(connection) > GATHERED_REPLY_BYTES_MAX;
    if (!is_large && loop->outbox_count == OUTBOX_MAX)
        loop_send_replies(loop);
    if (is_large || loop->outbox_count == OUTBOX_MAX) {
        write_reply(connection); /* if full: those in it are being sent, and this one came of it */
        return;
    }
    connection->state = REPLYING;
    connection->outbox_place = loop->outbox_count;
    loop->outbox[loop->outbox_count++] = connection;
}

static enum reply_coding choose_coding(const struct exchange *exchange,
                                       const struct http_response *response)
{
    if (!exchange)
        return REPLY_PLAIN;
    if (response->more)
        return exchange->head.takes_chunks ? REPLY_CHUNKED : REPLY_UNSIZED;
    return response->body.size > GZIP_REPLY_BYTES_MIN ? exchange->head.reply_coding : REPLY_PLAIN;
}

void reply_send(struct connection *connection, const struct http_response *response)
{
    struct loop *loop = connection->loop;
    struct exchange *exchange = connection->exchange;
    slice body = response->body;
    enum reply_coding coding = choose_coding(exchange, response);
    if (coding == REPLY_GZIP || coding == REPLY_DEFLATE)
        body = gzip_write(&loop->gzip, &connection->arena,
                          coding == REPLY_GZIP ? GZIP_MEMBER : GZIP_ZLIB, body);
    if (response->close || loop->closing || coding == REPLY_UNSIZED)
        connection->keep_alive = false;
    reply_date_set(&loop->date, time(NULL));
    slice head = reply_head(&connection->arena, &loop->date, response, body, coding,
                            connection->keep_alive ? REPLY_KEEP_ALIVE : REPLY_CLOSE);
    bool head_only = exchange && slice_equal(exchange->head.method, SLICE("HEAD"));
    connection->reply_part_count = 0;
    add_bytes(connection, head);
    if (response->more && exchange && !head_only) {
        exchange->more = response->more;
        add_part(connection, exchange, body);
    } else {
        connection->exchange = NULL;
        add_bytes(connection, head_only ? SLICE_NONE : body);
    }
    send_with_others(connection);
}

void reply_withdraw(struct connection *connection)
{
    connection->loop->outbox[connection->outbox_place] = NULL;
}

void loop_send_replies(struct loop *loop)
{
    if (loop->sending)
        return;
    loop->sending = true;
    for (unsigned i = 0; i < loop->outbox_count; i++) {
        struct connection *connection = loop->outbox[i];
        if (!connection)
            continue;
        write_reply(connection);
        if (connection->state != CLOSED)
            connection_advance(connection, SLICE_NONE); /* which may add one more reply */
    }
    loop->outbox_count = 0;
    loop->sending = false;
}

/* Not sent when it would have to wait: a client that expects it sends its body anyway, later. */
void reply_send_continue(struct connection *connection)
{
    slice text = SLICE("HTTP/1.1 100 Continue\r\n\r\n");
    uv_buf_t part = part_of(text);
    int written = uv_try_write((uv_stream_t *)&connection->socket, &part, 1);
    if (written != UV_EAGAIN && written != (int)text.size)
        connection_close(connection);
}

void http_reply(struct http_exchange *public, const struct http_response *response)
{
    struct exchange *exchange = OBJECT_OF(public, struct exchange, public);
    struct connection *connection = exchange->connection;
    assert_that(connection->exchange == exchange);
    if (connection->state == CLOSED) {
        connection_release(connection);
        return;
    }
    assert_that(connection->state == HANDLING);
    reply_send(connection, response);
    if (!connection->advancing)
        connection_advance(connection, SLICE_NONE);
}

void http_reply_part(struct http_exchange *public, slice part)
{
    struct exchange *exchange = OBJECT_OF(public, struct exchange, public);
    struct connection *connection = exchange->connection;
    assert_that(connection->exchange == exchange && exchange->more);
    if (connection->state == CLOSED) {
        connection_release(connection);
        return;
    }
    assert_that(connection->state == HANDLING);
    connection->reply_part_count = 0;
    add_part(connection, exchange, part);
    if (part.size == 0)
        connection->exchange = NULL;
    send_with_others(connection);
    if (!connection->advancing)
        connection_advance(connection, SLICE_NONE);
}

bool http_client_is_connected(const struct http_exchange *public)
{
    const struct exchange *exchange = OBJECT_OF(public, struct exchange, public);
    return exchange->connection->state != CLOSED;
}
