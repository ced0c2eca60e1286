/*
 * A connection: one socket and the request it is at.
 *
 *   READING_HEAD -> READING_BODY -> HANDLING -> REPLYING -> WRITING -> REPLIED
 *   and from there to READING_HEAD or LINGERING; a reply in parts goes back to HANDLING after each
 *
 * connection_advance drives it, in a loop and never recursively: it consumes what has arrived,
 * calls the handler, and goes on with the next pipelined request once the reply has been sent. A
 * later reply or a finished write calls it again. Replies of one turn of the loop leave together at
 * its end: until then they are REPLYING. While a request is handled or its reply written
 * nothing further is parsed; at most one read buffer of pipelined bytes is kept, and reading is
 * otherwise left on because that is how a client that has gone is noticed.
 *
 * All memory of a request is in `arena`: an idle connection has only this struct. CLOSED can come
 * at any time; the struct stays until the socket's handle is closed and the handler has answered.
 */
#pragma once
#include "base/arena.h"
#include "base/task.h"
#include "http/chunked.h"
#include "http/head.h"
#include "http/input.h"
#include "http/loop_private.h"
#include "http/server.h"

enum connection_state {
    READING_HEAD,
    READING_BODY,
    HANDLING,
    REPLYING,
    WRITING,
    REPLIED,
    LINGERING,
    CLOSED
};

enum {
    REPLY_PARTS_MAX = 4, /* head and body, or a chunk's size, the chunk and its end */
    REPLY_CHUNK_HEAD_BYTES = 24, /* more than a size in hexadecimal takes, with its line's end */
};

struct connection {
    uv_tcp_t socket;
    uv_write_t write;
    struct task begin; /* carries it from the listener's loop to its own */
    struct deadline deadline;
    struct loop *loop;
    struct arena arena;
    struct exchange *exchange; /* in the arena: from the head to the reply */
    struct input input;
    size_t head_scanned_bytes; /* of the next head */
    int fd;
    enum connection_state state;
    bool peer_is_loopback;
    bool reading; /* libuv tells of what arrives */
    bool peer_has_sent_all;
    bool keep_alive; /* after the reply at hand */
    bool advancing;
    bool handle_is_closed;
    uv_buf_t reply_parts[REPLY_PARTS_MAX]; /* REPLYING: in the arena */
    unsigned reply_part_count;
    unsigned outbox_place; /* REPLYING: of the loop's replies */
    uint64_t reply_started_ms; /* when the kernel did not take it whole */
    size_t reply_bytes;        /* left then */
    size_t unsent_bytes;       /* at the last look */
};

/* A request and its body as it arrives. */
struct exchange {
    struct http_exchange public;
    struct connection *connection;
    struct http_head head;
    struct chunked chunked;
    char *body;
    size_t body_bytes;
    size_t body_capacity;
    uint64_t body_started_ms;
    void (*more)(struct http_exchange *exchange); /* of a reply in parts */
    struct task more_task;
    char chunk_head[REPLY_CHUNK_HEAD_BYTES]; /* of the part that is written */
};

/* Go on with `arrived` and whatever has been kept. */
void connection_advance(struct connection *connection, slice arrived);

/* Close the socket; what a handler still uses stays. */
void connection_close(struct connection *connection);

/* Leave the socket alone until the budget has room. */
void connection_park(struct connection *connection);

/* Whether the budget has room for what this connection would read next. */
bool connection_may_read(const struct connection *connection);

/* The handler has answered a connection that was closed meanwhile. */
void connection_release(struct connection *connection);

/* request.c: consume bytes[*used..]; true when it got on and should be called again. */
bool request_read_head(struct connection *connection, slice bytes, size_t *used);
bool request_read_body(struct connection *connection, slice bytes, size_t *used);

/* send.c: the state becomes REPLYING, or where that must not wait WRITING, REPLIED or CLOSED. */
void reply_send(struct connection *connection, const struct http_response *response);

/* The connection goes, and a reply that has not left yet with it. */
void reply_withdraw(struct connection *connection);
void reply_send_continue(struct connection *connection);

/* Whether the client has taken bytes since the last look. */
bool reply_moves(struct connection *connection);

static inline uint64_t connection_now_ms(const struct connection *connection)
{
    return uv_now(&connection->loop->uv);
}

/*
 * A transfer of `bytes` so far is too slow when it lasts longer than the time limit for a pause
 * and a least rate together allow: without this a byte now and then would hold memory for ever.
 */
enum { LEAST_BYTES_PER_MS = 8 };

static inline bool transfer_is_too_slow(uint64_t started_ms, uint64_t now_ms, uint32_t timeout_ms,
                                        size_t bytes)
{
    return now_ms - started_ms > timeout_ms + bytes / LEAST_BYTES_PER_MS;
}
