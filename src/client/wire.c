#include "client/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

void wire_init(struct wire *wire)
{
    wire->socket = -1;
}

void wire_close(struct wire *wire)
{
    if (wire->socket >= 0)
        close(wire->socket);
    wire->socket = -1;
}

static error broken(struct arena *arena, const struct wire *wire, const char *doing, int code)
{
    return fail(arena, ERROR_SERVICE_UNAVAILABLE, "%s %s:%u: %s", doing, wire->host, wire->port,
                strerror(code));
}

/* Until one of `events` is there: 0, or why not (ETIMEDOUT). */
static int wait_for(int socket, short events, uint32_t timeout_ms)
{
    struct pollfd polled = {.fd = socket, .events = events};
    int ready;
    do
        ready = poll(&polled, 1, (int)timeout_ms);
    while (ready < 0 && errno == EINTR);
    return ready > 0 ? 0 : ready == 0 ? ETIMEDOUT : errno;
}

/* A connected socket that never blocks by itself, or -1 and why. */
static int connect_to(const struct addrinfo *address, uint32_t timeout_ms, int *code)
{
    int one = 1;
    socklen_t size = sizeof *code;
    int made = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    *code = made < 0 ? errno : 0;
    if (made < 0)
        return -1;
    if (connect(made, address->ai_addr, address->ai_addrlen) != 0) {
        *code = errno == EINPROGRESS ? wait_for(made, POLLOUT, timeout_ms) : errno;
        if (*code == 0 && getsockopt(made, SOL_SOCKET, SO_ERROR, code, &size) != 0)
            *code = errno;
    }
    if (*code == 0 && setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0)
        return made;
    if (*code == 0)
        *code = errno;
    close(made);
    return -1;
}

error wire_open(struct arena *arena, struct wire *wire)
{
    char port[8];
    struct addrinfo *found;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    snprintf(port, sizeof port, "%u", wire->port);
    int answer = getaddrinfo(wire->host, port, &hints, &found);
    if (answer != 0)
        return fail(arena, ERROR_SERVICE_UNAVAILABLE, "cannot find the address of %s: %s",
                    wire->host, answer == EAI_SYSTEM ? strerror(errno) : gai_strerror(answer));
    int code = 0;
    for (const struct addrinfo *each = found; each && wire->socket < 0; each = each->ai_next)
        wire->socket = connect_to(each, wire->connect_timeout_ms, &code);
    freeaddrinfo(found);
    if (wire->socket >= 0)
        return NULL;
    return fail(arena, ERROR_SERVICE_UNAVAILABLE,
                "cannot reach a server at %s:%u: %s; is it running, and does it listen there? "
                "--host and --port say where",
                wire->host, wire->port, strerror(code));
}

bool wire_has_input(const struct wire *wire)
{
    return wait_for(wire->socket, POLLIN, 0) == 0;
}

error wire_send(struct arena *arena, struct wire *wire, slice bytes, bool *is_sent)
{
    while (bytes.size > 0) {
        int code = wait_for(wire->socket, POLLIN | POLLOUT, wire->silence_timeout_ms);
        if (code != 0)
            return broken(arena, wire, "cannot send to", code);
        if (wire_has_input(wire))
            break;
        ssize_t sent = send(wire->socket, bytes.data, bytes.size, MSG_NOSIGNAL);
        if (sent >= 0)
            bytes = slice_from(bytes, (size_t)sent);
        else if (errno != EAGAIN && errno != EINTR)
            return broken(arena, wire, "cannot send to", errno);
    }
    *is_sent = bytes.size == 0;
    return NULL;
}

error wire_receive(struct arena *arena, struct wire *wire, char *to, size_t room, size_t *size)
{
    for (;;) {
        int code = wait_for(wire->socket, POLLIN, wire->silence_timeout_ms);
        if (code != 0)
            return broken(arena, wire, "no answer from", code);
        ssize_t received = recv(wire->socket, to, room, 0);
        if (received >= 0) {
            *size = (size_t)received;
            return NULL;
        }
        if (errno != EAGAIN && errno != EINTR)
            return broken(arena, wire, "the answer broke off from", errno);
    }
}
