/* Requests: from bytes that have arrived to a call of the handler. */
#include "base/assert.h"
#include "base/clock.h"
#include "base/limits.h"
#include "http/connection_private.h"
#include "http/server_private.h"

enum {
    BODY_BYTES_FIRST = 64 * 1024, /* reserved on the word of a header; the rest is earned */
    BODY_GROWTH = 4
};

/* Answer without the handler, and close: what follows on this connection cannot be trusted. */
static void refuse(struct connection *connection, uint16_t status)
{
    connection->exchange = NULL;
    connection->keep_alive = false;
    reply_send(connection, &(struct http_response){.status = status, .close = true});
}

static void undo_gzip(struct connection *connection, struct exchange *exchange, uint16_t *refusal)
{
    slice *body = &exchange->public.request.body;
    switch (gzip_read(&connection->loop->gzip, &connection->arena, *body, BODY_BYTES_MAX, body)) {
    case GZIP_DONE:
        break;
    case GZIP_BROKEN:
        *refusal = 400;
        break;
    case GZIP_TOO_LARGE:
        *refusal = 413;
        break;
    }
}

static void handle(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    struct loop *loop = connection->loop;
    const struct http_head *head = &exchange->head;
    exchange->public = (struct http_exchange){
        .loop = loop,
        .arena = &connection->arena,
        .started_us = clock_monotonic_us(),
        .request = {.method = head->method,
                    .host = head->host,
                    .path = head->path,
                    .query = head->query,
                    .headers = head->headers,
                    .header_count = head->header_count,
                    .body = slice_of(exchange->body, exchange->body_bytes),
                    .peer_is_loopback = connection->peer_is_loopback},
    };
    uint16_t refusal = 0;
    if (head->body_is_compressed && exchange->body_bytes > 0)
        undo_gzip(connection, exchange, &refusal);
    if (refusal != 0) {
        refuse(connection, refusal);
        return;
    }
    connection->state = HANDLING;
    loop->request_count++;
    const struct http_options *options = &loop->server->options;
    options->handler(options->context, &exchange->public);
}

static void begin_body(struct connection *connection, bool more_is_here)
{
    struct exchange *exchange = connection->exchange;
    const struct http_head *head = &exchange->head;
    if (head->framing == FRAMING_NONE) {
        handle(connection);
        return;
    }
    if (head->framing == FRAMING_SIZED && head->content_length > BODY_BYTES_MAX) {
        refuse(connection, 413);
        return;
    }
    exchange->body_started_ms = connection_now_ms(connection);
    connection->state = READING_BODY;
    if (head->expects_continue && !more_is_here)
        reply_send_continue(connection);
}

bool request_read_head(struct connection *connection, slice bytes, size_t *used)
{
    slice rest = slice_from(bytes, *used);
    if (rest.size == 0)
        return false;
    if (!connection_may_read(connection)) {
        connection_park(connection);
        return false;
    }
    size_t checked = connection->head_scanned_bytes;
    size_t head_bytes = head_find_end(rest, &connection->head_scanned_bytes);
    if (head_bytes == 0 && rest.size <= HEAD_BYTES_MAX && head_may_come(rest, checked))
        return false;
    connection->head_scanned_bytes = 0;
    if (head_bytes == 0 || head_bytes > HEAD_BYTES_MAX) {
        refuse(connection, 400);
        return true;
    }
    *used += head_bytes;
    struct exchange *exchange = arena_new(&connection->arena, struct exchange);
    exchange->connection = connection;
    connection->exchange = exchange;
    slice head = arena_copy(&connection->arena, slice_first(rest, head_bytes));
    uint16_t refusal = head_parse(&connection->arena, head, &exchange->head);
    if (refusal != 0) {
        refuse(connection, refusal);
        return true;
    }
    connection->keep_alive = exchange->head.keep_alive;
    deadline_set(&connection->loop->deadlines, &connection->deadline, DEADLINE_HANDLING,
                 connection_now_ms(connection));
    begin_body(connection, rest.size > head_bytes);
    return true;
}

/* Room for `size` more bytes. Memory grows with what has arrived, not with what was announced. */
static void reserve_body(struct connection *connection, struct exchange *exchange, size_t size)
{
    size_t needed = exchange->body_bytes + size;
    if (needed <= exchange->body_capacity)
        return;
    size_t capacity =
        exchange->body_capacity ? exchange->body_capacity * BODY_GROWTH : BODY_BYTES_FIRST;
    size_t bound = exchange->head.framing == FRAMING_SIZED
                       ? (size_t)exchange->head.content_length
                       : (exchange->body_capacity ? BODY_BYTES_MAX : needed);
    if (capacity > bound)
        capacity = bound;
    if (capacity < needed)
        capacity = needed;
    char *body = arena_alloc_bytes(&connection->arena, capacity);
    if (exchange->body_bytes > 0)
        memcpy(body, exchange->body, exchange->body_bytes);
    exchange->body = body;
    exchange->body_capacity = capacity;
}

static void append_body(struct connection *connection, slice bytes)
{
    struct exchange *exchange = connection->exchange;
    reserve_body(connection, exchange, bytes.size);
    memcpy(exchange->body + exchange->body_bytes, bytes.data, bytes.size);
    exchange->body_bytes += bytes.size;
}

static enum chunked_result read_sized(const struct exchange *exchange, slice bytes, size_t *used,
                                      slice *data)
{
    size_t left = (size_t)exchange->head.content_length - exchange->body_bytes;
    size_t size = bytes.size - *used;
    if (left == 0)
        return CHUNKED_ENDED;
    if (size == 0)
        return CHUNKED_NEEDS_MORE;
    *data = slice_of(bytes.data + *used, size < left ? size : left);
    *used += data->size;
    return CHUNKED_GAVE_DATA;
}

bool request_read_body(struct connection *connection, slice bytes, size_t *used)
{
    struct exchange *exchange = connection->exchange;
    slice data;
    enum chunked_result result = exchange->head.framing == FRAMING_CHUNKED
                                     ? chunked_read(&exchange->chunked, bytes, used, &data)
                                     : read_sized(exchange, bytes, used, &data);
    switch (result) {
    case CHUNKED_GAVE_DATA:
        if (data.size > BODY_BYTES_MAX - exchange->body_bytes)
            refuse(connection, 413);
        else
            append_body(connection, data);
        return true;
    case CHUNKED_ENDED:
        handle(connection);
        return true;
    case CHUNKED_BROKEN:
        refuse(connection, 400);
        return true;
    case CHUNKED_NEEDS_MORE:
        break;
    }
    if (transfer_is_too_slow(exchange->body_started_ms, connection_now_ms(connection),
                             connection->loop->server->options.body_timeout_ms,
                             exchange->body_bytes))
        connection_close(connection);
    return false;
}
