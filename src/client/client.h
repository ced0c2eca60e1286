/*
 * The commands' side of the API: a blocking HTTP/1.1 client with one connection, one call at a
 * time, made for `stator heat` and its like. No TLS; signatures are formed and not computed, as the
 * server does not verify them.
 *
 * The connection is opened at the first call and kept; when the server has closed it meanwhile the
 * next call opens another. A call is never sent twice by itself: when an answer does not come, only
 * the caller knows whether asking again is harmless.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"

struct client_options {
    const char *host; /* name or address, IPv4 or IPv6 without brackets */
    uint16_t port;
    uint32_t connect_timeout_ms;
    uint32_t silence_timeout_ms; /* for how long the server may send and take nothing */
    uint64_t body_bytes_max;     /* of one reply */
};

struct client;

/* Local, a patient server, pages of the API's size with room to spare. */
extern const struct client_options client_options_usual;

/* Opens no connection yet; `options` are copied, but for the host's text. Ends with the arena. */
struct client *client_make(struct arena *arena, const struct client_options *options);

struct client_reply {
    uint16_t status;
    slice content_type; /* empty: none was given */
    slice body;
};

/*
 * GET `path`, and a call of the API: `target` is "DynamoDB_20120810.GetItem" or the streams'. The
 * reply lives in `arena`. Every status is an answer and no error.
 *   Errors: SERVICE_UNAVAILABLE, with the address and what to do: not reachable, timed out, closed
 *           too early, no HTTP, more than body_bytes_max. The connection is closed then.
 */
error client_get(struct client *client, struct arena *arena, slice path,
                 struct client_reply *reply) MUST_CHECK;
error client_call(struct client *client, struct arena *arena, slice target, slice body,
                  struct client_reply *reply) MUST_CHECK;

/* What an answer of the API that is no success says: `ResourceNotFoundException`, its sentence. */
struct client_refusal {
    slice name;    /* without its namespace; "HTTP 503" when the body names no error */
    slice message; /* may be empty */
};

/* False: the status is below 300. */
bool client_refused(struct arena *arena, const struct client_reply *reply,
                    struct client_refusal *refusal);
