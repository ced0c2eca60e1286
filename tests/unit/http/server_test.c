/* Whole requests over real sockets. */
#include "base/buffer.h"
#include "base/limits.h"
#include "base/random.h"
#include "http/gzip.h"
#include "tests/unit/http/fixture.h"
#include <sys/socket.h>
#include <unistd.h>

static const struct http_options USUAL = {0};

#define HEAD(line, headers) line " HTTP/1.1\r\nHost: a\r\n" headers "\r\n"
#define ECHO_HELLO HEAD("POST /echo", "Content-Length: 5\r\n") "hello"

static slice make_request(struct arena *arena, const char *line, const char *headers, slice body)
{
    struct buffer text;
    buffer_init(&text, arena);
    buffer_append(&text, arena_format(arena, "%s HTTP/1.1\r\nHost: a\r\n%s", line, headers));
    buffer_append(&text, arena_format(arena, "Content-Length: %zu\r\n\r\n", body.size));
    buffer_append(&text, body);
    return buffer_slice(&text);
}

TEST(a_reply_has_the_headers_of_the_service)
{
    SCOPED_ARENA(arena);
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    int client = peer_open(&fixture);

    struct peer_reply reply = peer_ask(client, &arena, SLICE(ECHO_HELLO));

    CHECK_SLICE(slice_first(reply.head, 17), SLICE("HTTP/1.1 200 OK\r\n"));
    CHECK_SLICE(reply_header(&reply, "Server"), SLICE("Server"));
    CHECK_SLICE(reply_header(&reply, "Content-Type"), SLICE("text/plain"));
    CHECK_SLICE(reply_header(&reply, "Content-Length"), SLICE("5"));
    CHECK_SLICE(reply_header(&reply, "x-amzn-RequestId"), SLICE("REQUEST"));
    CHECK_SLICE(reply_header(&reply, "x-amz-crc32"), SLICE("907060870"));
    CHECK_SLICE(reply_header(&reply, "Connection"), SLICE("keep-alive"));
    CHECK(reply_header(&reply, "Date").size == sizeof "Sun, 06 Nov 1994 08:49:37 GMT" - 1);
    CHECK_SLICE(reply.body, SLICE("hello"));
    close(client);
    CHECK(server_fixture_close(&fixture, 5000));
}

TEST(a_request_in_single_bytes_is_answered_like_any_other)
{
    static const slice requests[] = {
        SLICE(ECHO_HELLO),
        SLICE(HEAD("POST /later", "Transfer-Encoding: chunked\r\n") "3\r\nhel\r\n2\r\nlo\r\n0\r\n"
                                                                    "\r\n"),
    };
    SCOPED_ARENA(arena);
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    int client = peer_open(&fixture);
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        for (size_t at = 0; at < requests[i].size; at++)
            peer_send(client, slice_first(slice_from(requests[i], at), 1));
        struct peer_reply reply = peer_read(client, &arena);
        CHECK(reply.status == 200);
        CHECK_SLICE(reply.body, SLICE("hello"));
    }
    close(client);
    CHECK(server_fixture_close(&fixture, 5000));
}

/* Fifty requests, answered at once and later in turn, each with a body of its own. */
static slice make_pipeline(struct arena *arena, unsigned count)
{
    struct buffer text;
    buffer_init(&text, arena);
    for (unsigned i = 0; i < count; i++)
        buffer_append(&text, make_request(arena, i % 3 == 2 ? "POST /later" : "POST /echo", "",
                                          arena_format(arena, "body %u", i)));
    return buffer_slice(&text);
}

TEST(pipelined_requests_are_answered_in_order_however_they_are_cut)
{
    enum { COUNT = 50, ROUNDS = 20 };
    struct random random;
    random_init(&random, test_seed());
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    int client = peer_open(&fixture);
    for (int round = 0; round < ROUNDS; round++) {
        SCOPED_ARENA(arena);
        slice text = make_pipeline(&arena, COUNT);
        while (text.size > 0) {
            size_t size = round == 0 ? text.size : 1 + random_below(&random, text.size);
            peer_send(client, slice_first(text, size));
            text = slice_from(text, size);
        }
        for (unsigned i = 0; i < COUNT; i++) {
            struct peer_reply reply = peer_read(client, &arena);
            CHECK(reply.status == 200);
            CHECK_SLICE(reply.body, arena_format(&arena, "body %u", i));
        }
    }
    close(client);
    CHECK(server_fixture_close(&fixture, 5000));
}

TEST(requests_behind_one_that_is_being_handled_wait)
{
    SCOPED_ARENA(arena);
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    int client = peer_open(&fixture);
    peer_send(client, SLICE(HEAD("GET /hold", "")));
    fixture_wait_held(&fixture);
    peer_send(client, SLICE(ECHO_HELLO));
    shutdown(client, SHUT_WR); /* and no more: what came before it is still answered */
    fixture_answer_held(&fixture);

    CHECK_SLICE(peer_read(client, &arena).body, SLICE(""));
    CHECK_SLICE(peer_read(client, &arena).body, SLICE("hello"));
    CHECK(peer_sees_end(client));
    close(client);
    CHECK(server_fixture_close(&fixture, 5000));
}

TEST(bodies_of_any_size_arrive_whole)
{
    static const size_t sizes[] = {0, 1, 1000, 65535, 65536, 65537, 3000000, BODY_BYTES_MAX};
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    int client = peer_open(&fixture);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        SCOPED_ARENA(arena);
        char *bytes = arena_alloc_bytes(&arena, sizes[i]);
        for (size_t at = 0; at < sizes[i]; at++)
            bytes[at] = (char)(at * 2654435761u >> 24);
        slice body = slice_of(bytes, sizes[i]);
        struct peer_reply reply =
            peer_ask(client, &arena, make_request(&arena, "POST /echo", "", body));
        CHECK(reply.status == 200);
        CHECK(slice_equal(reply.body, body));
    }
    close(client);
    CHECK(server_fixture_close(&fixture, 5000));
}

TEST(a_client_that_expects_100_is_told_to_continue)
{
    SCOPED_ARENA(arena);
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    int client = peer_open(&fixture);
    peer_send(client, SLICE(HEAD("POST /echo", "Expect: 100-continue\r\nContent-Length: 5\r\n")));
    CHECK_SLICE(peer_read(client, &arena).head, SLICE("HTTP/1.1 100 Continue\r\n\r\n"));
    CHECK_SLICE(peer_ask(client, &arena, SLICE("hello")).body, SLICE("hello"));

    /* Not when the body is there already, and not when it would be too large. */
    peer_send(client,
                SLICE(HEAD("POST /echo", "Expect: 100-continue\r\nContent-Length: 5\r\n") "hello"));
    CHECK(peer_read(client, &arena).status == 200);
    peer_send(client,
                SLICE(HEAD("POST /echo", "Expect: 100-continue\r\nContent-Length: 99999999\r\n")));
    CHECK(peer_read(client, &arena).status == 413);
    close(client);
    CHECK(server_fixture_close(&fixture, 5000));
}

TEST(gzip_works_both_ways)
{
    SCOPED_ARENA(arena);
    struct gzip gzip = {0};
    char *text = arena_alloc_bytes(&arena, 5000);
    memset(text, 'y', 5000);
    slice plain = slice_of(text, 5000);
    slice packed = gzip_write(&gzip, &arena, GZIP_MEMBER, plain);
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    int client = peer_open(&fixture);

    struct peer_reply reply = peer_ask(
        client, &arena,
        make_request(&arena, "POST /echo",
                     "Content-Encoding: gzip\r\nAccept-Encoding: gzip, deflate\r\n", packed));

    slice again = SLICE_NONE;
    CHECK_SLICE(reply_header(&reply, "Content-Encoding"), SLICE("gzip"));
    CHECK(gzip_read(&gzip, &arena, reply.body, 5000, &again) == GZIP_DONE);
    CHECK(slice_equal(again, plain));
    CHECK_SLICE(reply_header(&reply, "x-amz-crc32"),
                arena_format(&arena, "%lu",
                             crc32(0, (const Bytef *)reply.body.data, (uInt)reply.body.size)));

    reply = peer_ask(
        client, &arena,
        make_request(&arena, "POST /echo", "Accept-Encoding: gzip\r\n", slice_first(plain, 4096)));
    CHECK(reply_header(&reply, "Content-Encoding").size == 0);
    CHECK(reply.body.size == 4096);
    close(client);
    CHECK(server_fixture_close(&fixture, 5000));
    gzip_fini(&gzip);
}

TEST(a_head_request_gets_no_body)
{
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    int client = peer_open(&fixture);
    peer_send(client, SLICE(HEAD("HEAD /page", "") HEAD("GET /echo", "Connection: close\r\n")));
    char text[4096];
    size_t size = 0;
    ssize_t got;
    while ((got = recv(client, text + size, sizeof text - size, 0)) > 0)
        size += (size_t)got;
    slice all = slice_of(text, size);
    const char *second = memmem(all.data, all.size, "\r\n\r\nHTTP/1.1 200 OK\r\n", 21);
    CHECK(second != NULL);
    CHECK(memmem(all.data, all.size, "Content-Length: 1048576\r\n", 25) != NULL);
    CHECK(memmem(all.data, all.size, "Connection: close\r\n", 19) != NULL);
    close(client);
    CHECK(server_fixture_close(&fixture, 5000));
}

TEST(what_is_no_http_is_told_so_while_its_client_waits)
{
    static const slice hellos[] = {
        SLICE("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
        SLICE("GET /echo HTTP/1.1\nHost: a\n\n"),
    };
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    for (size_t i = 0; i < sizeof hellos / sizeof *hellos; i++) {
        SCOPED_ARENA(arena);
        int client = peer_open(&fixture);
        CHECK(peer_ask(client, &arena, hellos[i]).status == 400);
        CHECK(peer_sees_end(client));
        close(client);
    }
    CHECK(server_fixture_close(&fixture, 5000));
}

/* One refused request: nothing behind it on the connection is executed. */
static void check_refused(struct server_fixture *fixture, slice request, int status)
{
    SCOPED_ARENA(arena);
    struct http_counters before, after;
    http_server_counters(fixture->server, &before);
    int client = peer_open(fixture);
    /* All of it is taken: a reset could overtake the reply on its way to the client. */
    CHECK(peer_send(client, request));
    CHECK(peer_send(client, SLICE(ECHO_HELLO)));
    shutdown(client, SHUT_WR);
    struct peer_reply reply = peer_read(client, &arena);
    CHECK(reply.status == status);
    CHECK(reply.body.size == 0);
    CHECK_SLICE(reply_header(&reply, "Connection"), SLICE("close"));
    CHECK(peer_sees_end(client));
    close(client);
    http_server_counters(fixture->server, &after);
    CHECK(after.requests == before.requests);
}

TEST(a_refused_request_ends_its_connection_and_nothing_behind_it_is_executed)
{
    static const struct {
        slice request;
        int status;
    } rows[] = {
        {SLICE(HEAD("POST /echo", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")), 400},
        {SLICE(HEAD("POST /echo", "Content-Length: 5\r\nContent-Length: 6\r\n")), 400},
        {SLICE(HEAD("POST /echo", "A: b\r\n c\r\n")), 400},
        {SLICE(HEAD("POST /echo", "Transfer-Encoding: chunked\r\n") "5\nhello\n0\n\n"), 400},
        {SLICE(HEAD("POST /echo", "Content-Encoding: gzip\r\nContent-Length: 5\r\n") "hello"), 400},
        {SLICE("POST / HTTP/2.0\r\n\r\n"), 505},
        {SLICE("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 400},
        {SLICE("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"), 400},
    };
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_refused(&fixture, rows[i].request, rows[i].status);
    CHECK(server_fixture_close(&fixture, 5000));
}

TEST(a_body_or_head_that_is_too_large_is_refused)
{
    SCOPED_ARENA(arena);
    struct gzip gzip = {0};
    size_t bomb_bytes = BODY_BYTES_MAX + 1;
    char *zeros = arena_alloc_zeroed(&arena, bomb_bytes);
    slice bomb = gzip_write(&gzip, &arena, GZIP_MEMBER, slice_of(zeros, bomb_bytes));
    char *filler = arena_alloc_bytes(&arena, HEAD_BYTES_MAX);
    memset(filler, 'a', HEAD_BYTES_MAX);
    slice chunk =
        arena_format(&arena, "%s1000001\r\n", HEAD("POST /echo", "Transfer-Encoding: chunked\r\n"));
    struct buffer chunked;
    buffer_init(&chunked, &arena);
    buffer_append(&chunked, chunk);
    buffer_append(&chunked, slice_of(zeros, bomb_bytes));
    const struct {
        slice request;
        int status;
    } rows[] = {
        {make_request(&arena, "POST /echo", "Content-Encoding: gzip\r\n", bomb), 413},
        {make_request(&arena, "POST /echo", "", slice_of(zeros, bomb_bytes)), 413},
        {buffer_slice(&chunked), 413},
        {arena_format(&arena, "GET /%.*s", HEAD_BYTES_MAX, filler), 400},
        {arena_format(&arena, "GET / HTTP/1.1\r\nA: %.*s\r\n\r\n", HEAD_BYTES_MAX, filler), 400},
    };
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_refused(&fixture, rows[i].request, rows[i].status);
    CHECK(server_fixture_close(&fixture, 5000));
    gzip_fini(&gzip);
}

TEST(several_loops_share_the_connections)
{
    enum { CLIENTS = 32 };
    SCOPED_ARENA(arena);
    struct server_fixture fixture;
    server_fixture_open(&fixture, &(struct http_options){.loop_count = 4});
    int clients[CLIENTS];
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = peer_open(&fixture);
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < CLIENTS; i++)
            peer_send(clients[i], make_pipeline(&arena, 3));
        for (int i = 0; i < 3 * CLIENTS; i++)
            CHECK(peer_read(clients[i / 3], &arena).status == 200);
    }
    struct http_counters counters;
    http_server_counters(fixture.server, &counters);
    CHECK(counters.requests == 20 * 3 * CLIENTS);
    CHECK(counters.connections_open == CLIENTS);
    for (int i = 0; i < CLIENTS; i++)
        close(clients[i]);
    CHECK(server_fixture_close(&fixture, 5000));
}

/* More than a loop gathers in a turn, and some that go without waiting for their replies. */
TEST(many_clients_at_once_are_all_answered)
{
    enum { CLIENTS = 300, ROUNDS = 10, LEAVING = 7 };
    SCOPED_ARENA(arena);
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    for (int round = 0; round < ROUNDS; round++) {
        int clients[CLIENTS];
        for (int i = 0; i < CLIENTS; i++)
            clients[i] = peer_open(&fixture);
        for (int i = 0; i < CLIENTS; i++)
            peer_send(clients[i], make_pipeline(&arena, 4));
        for (int i = 0; i < CLIENTS; i += LEAVING)
            close(clients[i]);
        for (int i = 0; i < CLIENTS; i++) {
            if (i % LEAVING == 0)
                continue;
            for (unsigned k = 0; k < 4; k++)
                CHECK_SLICE(peer_read(clients[i], &arena).body, arena_format(&arena, "body %u", k));
            close(clients[i]);
        }
    }
    CHECK(server_fixture_close(&fixture, 5000));
}

TEST(a_second_server_on_the_same_port_is_told_so)
{
    SCOPED_ARENA(arena);
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    uint16_t port = http_server_port(fixture.server);
    struct http_options options = {
        .host = "127.0.0.1", .port = port, .loop_count = 1, .budget = &fixture.budget};
    struct http_server *server;
    slice wanted =
        arena_format(&arena, "cannot listen on 127.0.0.1 port %u: Address already in use", port);
    CHECK_FAILS(http_server_open(&arena, &options, &server), ERROR_USAGE, wanted);
    CHECK(server_fixture_close(&fixture, 5000));
}
