/*
 * A TCP connection that blocks, and never for longer than it was told: connect, send, receive.
 * Private to client/.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"

struct wire {
    int socket;       /* -1: not open */
    const char *host; /* as given; for sentences, too */
    uint16_t port;
    uint32_t connect_timeout_ms;
    uint32_t silence_timeout_ms;
};

void wire_init(struct wire *wire);
void wire_close(struct wire *wire); /* may be closed already */

/*
 * Of the addresses of a name, the first that answers.
 *   Errors: SERVICE_UNAVAILABLE, with host and port and what the system said.
 */
error wire_open(struct arena *arena, struct wire *wire) MUST_CHECK;

/* Whether the other side has closed, or said something out of turn. Does not wait. */
bool wire_has_input(const struct wire *wire);

/*
 * Sends all of it, or stops when the other side answers before it has taken everything (*is_sent
 * is false then).
 */
error wire_send(struct arena *arena, struct wire *wire, slice bytes, bool *is_sent) MUST_CHECK;

/* At least one byte; 0 at the end. */
error wire_receive(struct arena *arena, struct wire *wire, char *to, size_t room,
                   size_t *size) MUST_CHECK;
