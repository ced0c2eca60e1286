#include "http/listener.h"

#include "base/log.h"
#include "http/connection.h"
#include "http/server_private.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BACKLOG = 4096,
    ACCEPTS_MAX = 64, /* before other events of the loop get their turn */
    PAUSE_MS = 100,
    UNSENT_BYTES_MAX = 256 * 1024 /* of a reply in the kernel; the rest counts in our budget */
};

static int open_spare(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* Accepted sockets inherit these. */
static void set_options(int socket)
{
    int on = 1, unsent_bytes = UNSENT_BYTES_MAX;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent_bytes, sizeof unsent_bytes);
}

static int listen_on(const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    set_options(fd);
    if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int failure = errno;
    close(fd);
    errno = failure;
    return -1;
}

static bool find_port(struct listener *listener)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    if (getsockname(listener->socket, (struct sockaddr *)&address, &size) != 0)
        return false;
    in_port_t port = address.ss_family == AF_INET6
                         ? ((const struct sockaddr_in6 *)&address)->sin6_port
                         : ((const struct sockaddr_in *)&address)->sin_port;
    listener->port = ntohs(port);
    return true;
}

error listener_open(struct listener *listener, struct arena *arena, struct http_server *server)
{
    const struct http_options *options = &server->options;
    *listener = (struct listener){.server = server, .socket = -1, .spare = -1};
    char port[8];
    snprintf(port, sizeof port, "%u", options->port);
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *addresses;
    int code = getaddrinfo(options->host, port, &wanted, &addresses);
    if (code != 0)
        return fail(arena, ERROR_USAGE, "cannot listen on %s: %s", options->host,
                    gai_strerror(code));
    for (struct addrinfo *at = addresses; at && listener->socket < 0; at = at->ai_next)
        listener->socket = listen_on(at);
    int failure = errno;
    freeaddrinfo(addresses);
    if (listener->socket >= 0 && find_port(listener)) {
        listener->spare = open_spare();
        return NULL;
    }
    return fail(arena, ERROR_USAGE, "cannot listen on %s port %u: %s", options->host, options->port,
                strerror(failure));
}

static bool is_loopback(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr) >> 24 == 127;
    const struct in6_addr *six = &((const struct sockaddr_in6 *)address)->sin6_addr;
    return IN6_IS_ADDR_LOOPBACK(six) || (IN6_IS_ADDR_V4MAPPED(six) && six->s6_addr[12] == 127);
}

static struct loop *emptiest_loop(struct http_server *server)
{
    struct loop *emptiest = &server->loops[0];
    for (unsigned i = 1; i < server->options.loop_count; i++)
        if (server->loops[i].connection_count < emptiest->connection_count)
            emptiest = &server->loops[i];
    return emptiest;
}

static void take_in(struct http_server *server, int fd, const struct sockaddr_storage *peer)
{
    server->connections_accepted++;
    if (server->connections_open >= server->options.connections_max) {
        server->connections_refused++;
        close(fd);
        return;
    }
    connection_open(emptiest_loop(server), fd, is_loopback(peer));
}

static void on_readable(uv_poll_t *poll, int status, int events);

static void on_pause_over(uv_timer_t *timer)
{
    struct listener *listener = timer->data;
    if (listener->spare < 0)
        listener->spare = open_spare();
    uv_poll_start(&listener->poll, UV_READABLE, on_readable);
}

/* What cannot be mended at once is left alone for a while: a listening socket that stays readable
 * would otherwise keep the loop spinning. */
static void pause_accepting(struct listener *listener)
{
    uv_poll_stop(&listener->poll);
    uv_timer_start(&listener->pause, on_pause_over, PAUSE_MS, 0);
}

/* No descriptor is left: turn one waiting client away through the spare one. */
static bool shed(struct listener *listener)
{
    if (listener->spare < 0)
        return false;
    close(listener->spare);
    int fd = accept4(listener->socket, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0) {
        close(fd);
        listener->server->connections_refused++;
    }
    listener->spare = open_spare();
    return fd >= 0;
}

/* True when there may be more to accept. */
static bool accept_one(struct listener *listener)
{
    struct sockaddr_storage peer = {0};
    socklen_t size = sizeof peer;
    int fd =
        accept4(listener->socket, (struct sockaddr *)&peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        take_in(listener->server, fd, &peer);
        return true;
    }
    switch (errno) {
    case EAGAIN:
        return false;
    case ECONNABORTED: /* this client has gone; the next may not */
    case EINTR:
        return true;
    case EMFILE:
    case ENFILE:
        if (shed(listener))
            return true;
        break;
    }
    pause_accepting(listener);
    return false;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status; /* a failed poll is asked again: accept4 tells */
    (void)events;
    for (int i = 0; i < ACCEPTS_MAX && accept_one(poll->data); i++)
        ;
}

error listener_watch(struct listener *listener)
{
    uv_loop_t *uv = &listener->server->loops[0].uv;
    if (uv_poll_init(uv, &listener->poll, listener->socket) != 0)
        return FAILURE(ERROR_USAGE, "cannot watch the listening socket");
    uv_timer_init(uv, &listener->pause);
    listener->poll.data = listener;
    listener->pause.data = listener;
    listener->watching = true;
    uv_poll_start(&listener->poll, UV_READABLE, on_readable);
    return NULL;
}

void listener_close(struct listener *listener)
{
    if (listener->watching) {
        uv_close((uv_handle_t *)&listener->poll, NULL);
        uv_close((uv_handle_t *)&listener->pause, NULL);
        listener->watching = false;
    }
    if (listener->socket >= 0)
        close(listener->socket);
    if (listener->spare >= 0)
        close(listener->spare);
    listener->socket = listener->spare = -1;
}
