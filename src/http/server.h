/*
 * HTTP/1.1: listeners, connections, limits. A request in, a response out.
 *
 * One listener accepts and hands each socket to the loop with the fewest connections. The handler
 * runs on that loop with a complete request (headers and decoded body) and answers at once or
 * later, exactly once, on the same loop. Pipelined requests of a connection are handled one after
 * the other. The exchange and its arena live until the reply has been taken, even if the client
 * has gone.
 *
 * Memory: everything a connection holds counts against the budget, and so does what a handler
 * takes from the arena. Once the budget is spent, bodies over 64 KB are not read further; small
 * requests are, out of a reserve of one eighth above it; when that is spent too nothing is read.
 * Meanwhile connections that hold memory without getting on for a second (replies that are not
 * read, bodies that do not come) are closed, the longest waiting first, until there is room.
 *
 * Writing to a client that has gone must not kill the process: http_server_open ignores SIGPIPE.
 */
#pragma once
#include "base/arena.h"
#include "base/budget.h"
#include "base/error.h"
#include "http/loop.h"

struct http_header {
    slice name; /* as sent; compare with slice_equal_ignoring_case */
    slice value; /* trimmed */
};

struct http_request {
    slice method;
    slice host;  /* of an absolute target, else of the header; NULL data: none was named */
    slice path;  /* up to '?' */
    slice query; /* after it */
    const struct http_header *headers;
    uint32_t header_count;
    slice body; /* chunks joined, gzip undone */
    bool peer_is_loopback;
};

/* The first header of that name, or an empty slice with NULL data. */
slice http_header(const struct http_request *request, slice name);

struct http_exchange;

struct http_response {
    uint16_t status;
    slice content_type; /* empty: none is sent */
    slice request_id;   /* x-amzn-RequestId; empty: none */
    bool crc32;         /* send x-amz-crc32 of the body as sent */
    const struct http_header *headers; /* further ones */
    uint32_t header_count;
    slice body;    /* in the exchange's arena, or constant */
    bool close;    /* close the connection afterwards */
    /*
     * NULL, or the body goes on: called on the loop once the client has taken `body`, which is the
     * first part and not empty. Then http_reply_part is owed, at once or later. Not compressed.
     */
    void (*more)(struct http_exchange *exchange);
};

struct http_exchange {
    struct loop *loop;
    struct arena *arena; /* this request's; freed after http_reply */
    struct http_request request;
    uint64_t started_us; /* clock_monotonic_us when the last byte arrived */
    void *owner;         /* the handler's */
};

/*
 * On the exchange's loop, exactly once, with a status that http/reply.c has a line for. The
 * exchange is gone when this returns; called within the handler, its arena is so when the handler
 * returns. A body over 4 KB is compressed for a client that accepts gzip or deflate.
 */
void http_reply(struct http_exchange *exchange, const struct http_response *response);

/*
 * The next part of a reply that goes on; its bytes stay until `more` is called again. Empty: there is
 * none, and the exchange is over. On its loop, exactly once for each call of `more`.
 */
void http_reply_part(struct http_exchange *exchange, slice part);

/* Whether the client can still receive; a reply must be given either way. */
bool http_client_is_connected(const struct http_exchange *exchange);

struct http_options {
    const char *host;
    uint16_t port; /* 0: a free one */
    unsigned loop_count;
    uint32_t connections_max;
    struct budget *budget; /* all arenas and bodies count against it */
    uint32_t idle_timeout_ms;  /* keep-alive without a request */
    uint32_t head_timeout_ms;  /* first byte to end of headers */
    uint32_t body_timeout_ms;  /* a pause in a body; the whole of it, extended by 8 KB/s */
    uint32_t write_timeout_ms; /* the same of a reply, as the client takes it */
    /* Called on the loops, possibly before http_server_open has returned. */
    void (*handler)(void *context, struct http_exchange *exchange);
    /* Called on a loop when it has run all that was ready and is about to wait. May be NULL. */
    void (*end_turn)(void *context);
    void *context; /* of both */
};

struct http_server;

/*
 * Bind, listen, start the loops.
 *   Errors: USAGE with a sentence: address in use, not permitted, not an address.
 */
error http_server_open(struct arena *arena, const struct http_options *options,
                       struct http_server **server) MUST_CHECK;
uint16_t http_server_port(const struct http_server *server);
struct loop *http_server_loop(struct http_server *server, unsigned index);

/*
 * Stop accepting, close idle connections, let requests in flight finish for up to `grace_ms`,
 * then end the loops. Returns false when something had to be cut off; then, if a handler still
 * owes an answer two seconds later, its loop and the server stay in memory for it. Not called on a
 * loop.
 */
bool http_server_close(struct http_server *server, uint32_t grace_ms);

struct http_counters {
    uint64_t connections_open;
    uint64_t connections_accepted;
    uint64_t connections_refused;
    uint64_t requests;
};
void http_server_counters(const struct http_server *server, struct http_counters *counters);

/* Of one loop. */
struct http_loop_counters {
    uint64_t connections_open;
    uint64_t requests;
};
void http_loop_counters(const struct http_server *server, unsigned index,
                        struct http_loop_counters *counters);

/* The server that a handler's exchange belongs to, before http_server_open has returned too. */
const struct http_server *http_server_of(const struct http_exchange *exchange);
