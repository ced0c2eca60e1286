/* Clients that do not behave: others are served meanwhile, and memory comes back. */
#include "base/clock.h"
#include "tests/unit/http/fixture.h"
#include <errno.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD(line, headers) line " HTTP/1.1\r\nHost: a\r\n" headers "\r\n"
#define ECHO_HELLO HEAD("POST /echo", "Content-Length: 5\r\n") "hello"

enum { TIMEOUT_MS = 50, PATIENCE_US = 20 * 1000 * 1000 };

static const struct http_options USUAL = {0};

static void check_served(const struct server_fixture *fixture)
{
    SCOPED_ARENA(arena);
    int client = peer_open(fixture);
    CHECK_SLICE(peer_ask(client, &arena, SLICE(ECHO_HELLO)).body, SLICE("hello"));
    close(client);
}

TEST(who_keeps_silent_is_cut_off)
{
    static const struct {
        struct http_options limits;
        slice sent;
    } rows[] = {
        {{.idle_timeout_ms = TIMEOUT_MS}, SLICE("")},
        {{.head_timeout_ms = TIMEOUT_MS}, SLICE("POST / HTTP/1.1\r\nHos")},
        {{.body_timeout_ms = TIMEOUT_MS}, SLICE(HEAD("POST /", "Content-Length: 5\r\n") "hell")},
        {{.body_timeout_ms = TIMEOUT_MS},
         SLICE(HEAD("POST /", "Transfer-Encoding: chunked\r\n") "5\r\nhel")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct server_fixture fixture;
        server_fixture_open(&fixture, &rows[i].limits);
        int client = peer_open(&fixture);
        peer_send(client, rows[i].sent);
        CHECK(peer_sees_end(client));
        close(client);
        CHECK(server_fixture_close(&fixture, 5000));
    }
}

TEST(an_idle_connection_is_cut_off_after_its_requests_too)
{
    SCOPED_ARENA(arena);
    struct server_fixture fixture;
    server_fixture_open(&fixture, &(struct http_options){.idle_timeout_ms = TIMEOUT_MS});
    int client = peer_open(&fixture);
    CHECK(peer_ask(client, &arena, SLICE(ECHO_HELLO)).status == 200);
    CHECK(peer_sees_end(client));
    close(client);
    CHECK(server_fixture_close(&fixture, 5000));
}

/* Sends `byte` as often as the server takes it, waiting for the end a little between; true when
 * the server has closed within our patience. */
static bool trickle(int client, slice byte)
{
    struct timeval pause = {.tv_usec = 5000};
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &pause, sizeof pause);
    uint64_t until_us = clock_monotonic_us() + PATIENCE_US;
    while (clock_monotonic_us() < until_us) {
        peer_send(client, byte);
        if (peer_sees_end(client))
            return true;
    }
    return false;
}

TEST(a_byte_now_and_then_does_not_keep_a_request_alive)
{
    static const struct {
        struct http_options limits;
        slice sent;
    } rows[] = {
        {{.head_timeout_ms = TIMEOUT_MS}, SLICE("POST / HTTP/1.1\r\nHost: a\r\nX: ")},
        {{.body_timeout_ms = TIMEOUT_MS}, SLICE(HEAD("POST /", "Content-Length: 1000000\r\n"))},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct server_fixture fixture;
        server_fixture_open(&fixture, &rows[i].limits);
        int client = peer_open(&fixture);
        peer_send(client, rows[i].sent);
        CHECK(trickle(client, SLICE("x")));
        close(client);
        CHECK(server_fixture_close(&fixture, 5000));
    }
}

/* Asks for a page into a small window and does not read it. */
static int open_deaf_client(const struct server_fixture *fixture)
{
    int client = peer_open_with_buffer(fixture, 4096);
    peer_send(client, SLICE(HEAD("GET /page", "")));
    return client;
}

TEST(who_does_not_read_the_reply_is_cut_off)
{
    struct server_fixture fixture;
    server_fixture_open(&fixture, &(struct http_options){.write_timeout_ms = TIMEOUT_MS});
    int client = open_deaf_client(&fixture);
    struct http_counters counters;
    uint64_t until_us = clock_monotonic_us() + PATIENCE_US;
    do
        http_server_counters(fixture.server, &counters);
    while ((counters.requests == 0 || counters.connections_open > 0) &&
           clock_monotonic_us() < until_us);
    CHECK(counters.requests == 1);
    CHECK(counters.connections_open == 0);
    close(client);
    CHECK(server_fixture_close(&fixture, 5000));
}

TEST(a_slow_reader_gets_its_whole_page)
{
    SCOPED_ARENA(arena);
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    int client = open_deaf_client(&fixture);
    check_served(&fixture);
    struct peer_reply reply = peer_read(client, &arena);
    CHECK(reply.body.size == PAGE_BYTES);
    CHECK(peer_ask(client, &arena, SLICE(ECHO_HELLO)).status == 200);
    close(client);
    CHECK(server_fixture_close(&fixture, 5000));
}

TEST(others_are_served_while_many_do_not_read_their_pages)
{
    enum { DEAF_CLIENTS = 20, BUDGET_BYTES = 8 * 1024 * 1024 };
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    fixture.budget.max_bytes = BUDGET_BYTES;
    int clients[DEAF_CLIENTS];
    for (int i = 0; i < DEAF_CLIENTS; i++)
        clients[i] = open_deaf_client(&fixture);
    for (int i = 0; i < 10; i++)
        check_served(&fixture);
    /* The last page let in may stand above the budget and its reserve. */
    CHECK(fixture.budget.used_bytes < BUDGET_BYTES + BUDGET_BYTES / 8 + 2 * PAGE_BYTES);
    for (int i = 0; i < DEAF_CLIENTS; i++)
        close(clients[i]);
    CHECK(server_fixture_close(&fixture, 5000));
}

TEST(others_are_served_while_many_bodies_stand_still)
{
    enum { SLOW_CLIENTS = 30, BUDGET_BYTES = 8 * 1024 * 1024, SENT_BYTES = 500 * 1000 };
    SCOPED_ARENA(arena);
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    fixture.budget.max_bytes = BUDGET_BYTES;
    slice part = slice_of(arena_alloc_zeroed(&arena, SENT_BYTES), SENT_BYTES);
    int clients[SLOW_CLIENTS];
    for (int i = 0; i < SLOW_CLIENTS; i++) {
        clients[i] = peer_open(&fixture);
        peer_send(clients[i], SLICE(HEAD("POST /echo", "Content-Length: 1000000\r\n")));
        peer_send(clients[i], part);
    }
    for (int i = 0; i < 10; i++)
        check_served(&fixture);
    for (int i = 0; i < SLOW_CLIENTS; i++)
        close(clients[i]);
    CHECK(server_fixture_close(&fixture, 5000));
}

TEST(connections_above_the_bound_are_closed_at_once)
{
    SCOPED_ARENA(arena);
    struct server_fixture fixture;
    server_fixture_open(&fixture, &(struct http_options){.connections_max = 2});
    int first = peer_open(&fixture), second = peer_open(&fixture);
    CHECK(peer_ask(first, &arena, SLICE(ECHO_HELLO)).status == 200);
    CHECK(peer_ask(second, &arena, SLICE(ECHO_HELLO)).status == 200);
    int third = peer_open(&fixture);
    CHECK(peer_sees_end(third));
    CHECK(peer_ask(first, &arena, SLICE(ECHO_HELLO)).status == 200);
    struct http_counters counters;
    http_server_counters(fixture.server, &counters);
    CHECK(counters.connections_accepted == 3);
    CHECK(counters.connections_refused == 1);
    CHECK(counters.connections_open == 2);
    close(first);
    close(second);
    close(third);
    CHECK(server_fixture_close(&fixture, 5000));
}

static int connect_to(const struct server_fixture *fixture, int client)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(http_server_port(fixture->server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return connect(client, (const struct sockaddr *)&address, sizeof address);
}

TEST(without_descriptors_the_others_are_served_and_new_clients_turned_away)
{
    enum { NEWCOMERS = 20 };
    SCOPED_ARENA(arena);
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    int client = peer_open(&fixture);
    CHECK(peer_ask(client, &arena, SLICE(ECHO_HELLO)).status == 200);
    int newcomers[NEWCOMERS];
    for (int i = 0; i < NEWCOMERS; i++)
        newcomers[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct rlimit before, tight;
    getrlimit(RLIMIT_NOFILE, &before);
    tight = before;
    int lowest_free = dup(client);
    close(lowest_free);
    tight.rlim_cur = (rlim_t)lowest_free;
    setrlimit(RLIMIT_NOFILE, &tight);

    for (int i = 0; i < NEWCOMERS; i++)
        CHECK(connect_to(&fixture, newcomers[i]) == 0);
    for (int i = 0; i < NEWCOMERS; i++)
        CHECK(peer_sees_end(newcomers[i]));
    CHECK(peer_ask(client, &arena, SLICE(ECHO_HELLO)).status == 200);

    setrlimit(RLIMIT_NOFILE, &before);
    check_served(&fixture);
    for (int i = 0; i < NEWCOMERS; i++)
        close(newcomers[i]);
    close(client);
    CHECK(server_fixture_close(&fixture, 5000));
}

static void reset(int client)
{
    struct linger at_once = {.l_onoff = 1};
    setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(client);
}

TEST(a_reply_to_a_client_that_has_gone_is_taken_and_forgotten)
{
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    int client = peer_open(&fixture);
    peer_send(client, SLICE(HEAD("GET /hold", "")));
    fixture_wait_held(&fixture);
    CHECK(fixture_held_is_connected(&fixture));
    reset(client);
    uint64_t until_us = clock_monotonic_us() + PATIENCE_US;
    bool connected = true;
    while (connected && clock_monotonic_us() < until_us)
        connected = fixture_held_is_connected(&fixture);
    CHECK(!connected);
    fixture_answer_held(&fixture);
    check_served(&fixture);
    CHECK(server_fixture_close(&fixture, 5000));
}

TEST(clients_that_leave_at_any_point_leave_nothing_behind)
{
    SCOPED_ARENA(arena);
    slice request = SLICE(HEAD("POST /later", "Content-Length: 5\r\n") "hello");
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    for (size_t size = 0; size <= request.size; size++) {
        int polite = peer_open(&fixture);
        peer_send(polite, slice_first(request, size));
        close(polite);
        int rude = peer_open(&fixture);
        peer_send(rude, slice_first(request, size));
        reset(rude);
    }
    for (int i = 0; i < 20; i++)
        reset(open_deaf_client(&fixture));
    check_served(&fixture);
    CHECK(server_fixture_close(&fixture, 5000)); /* which checks the budget */
}

struct closing {
    struct server_fixture *fixture;
    uint32_t grace_ms;
    bool whole;
};

static void close_server(void *argument)
{
    struct closing *closing = argument;
    closing->whole = http_server_close(closing->fixture->server, closing->grace_ms);
}

/* Until nobody listens any more. */
static void wait_for_refusal(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    uint64_t until_us = clock_monotonic_us() + PATIENCE_US;
    int code = 0;
    while (code == 0 && clock_monotonic_us() < until_us) {
        int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        code = connect(client, (const struct sockaddr *)&address, sizeof address);
        close(client);
    }
    CHECK(code != 0);
}

TEST(closing_finishes_what_is_in_flight)
{
    SCOPED_ARENA(arena);
    struct server_fixture fixture;
    server_fixture_open(&fixture, &(struct http_options){.loop_count = 2});
    uint16_t port = http_server_port(fixture.server);
    int idle = peer_open(&fixture), busy = peer_open(&fixture), half = peer_open(&fixture);
    CHECK(peer_ask(idle, &arena, SLICE(ECHO_HELLO)).status == 200);
    peer_send(half, SLICE("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe"));
    peer_send(busy, SLICE(HEAD("GET /hold", "")));
    fixture_wait_held(&fixture);

    struct closing closing = {.fixture = &fixture, .grace_ms = 20000};
    uv_thread_t thread;
    uv_thread_create(&thread, close_server, &closing);
    wait_for_refusal(port);
    CHECK(peer_sees_end(idle));
    fixture_answer_held(&fixture);
    struct peer_reply reply = peer_read(busy, &arena);
    CHECK(reply.status == 200);
    CHECK_SLICE(reply_header(&reply, "Connection"), SLICE("close"));
    CHECK(peer_sees_end(busy));
    CHECK_SLICE(peer_ask(half, &arena, SLICE("llo")).body, SLICE("hello"));
    close(busy);
    close(half);
    uv_thread_join(&thread);

    CHECK(closing.whole);
    close(idle);
    fixture_fini(&fixture);
}

TEST(what_does_not_finish_in_time_is_cut_off)
{
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    int half = peer_open(&fixture), busy = peer_open(&fixture);
    peer_send(half, SLICE("POST / HTTP/1.1\r\n"));
    peer_send(busy, SLICE(HEAD("GET /hold", "")));
    fixture_wait_held(&fixture);

    struct closing closing = {.fixture = &fixture, .grace_ms = TIMEOUT_MS};
    uv_thread_t thread;
    uv_thread_create(&thread, close_server, &closing);
    CHECK(peer_sees_end(busy));
    CHECK(peer_sees_end(half));
    fixture_answer_held(&fixture); /* the handler answers at last, to nobody */
    uv_thread_join(&thread);

    CHECK(!closing.whole);
    close(half);
    close(busy);
    fixture_fini(&fixture);
}
