/* Replies in parts: whole for those who read, little memory, and nothing left of those who leave. */
#include "tests/unit/http/fixture.h"
#include <sys/socket.h>
#include <unistd.h>

#define ASK_PARTS "GET /parts HTTP/1.1\r\nHost: x\r\n\r\n"
#define ECHO_HELLO "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"

static const struct http_options USUAL = {0};

TEST(parts_come_as_chunks_and_the_connection_goes_on)
{
    SCOPED_ARENA(arena);
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    int client = peer_open(&fixture);
    for (int i = 0; i < 2; i++) {
        struct peer_reply reply = peer_ask(client, &arena, SLICE(ASK_PARTS));
        CHECK(reply.status == 200);
        CHECK_SLICE(reply_header(&reply, "Transfer-Encoding"), SLICE("chunked"));
        CHECK(reply_header(&reply, "Content-Length").size == 0);
        CHECK(reply_header(&reply, "x-amz-crc32").size == 0);
        CHECK(peer_reads_parts(client, true));
        CHECK_SLICE(peer_ask(client, &arena, SLICE(ECHO_HELLO)).body, SLICE("hello"));
    }
    close(client);
    CHECK(server_fixture_close(&fixture, 5000));
}

TEST(requests_behind_parts_wait_for_the_last_one)
{
    SCOPED_ARENA(arena);
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    int client = peer_open(&fixture);
    CHECK(peer_ask(client, &arena, SLICE(ASK_PARTS ECHO_HELLO)).status == 200);
    CHECK(peer_reads_parts(client, true));
    CHECK_SLICE(peer_read(client, &arena).body, SLICE("hello"));
    close(client);
    CHECK(server_fixture_close(&fixture, 5000));
}

TEST(who_does_not_know_chunks_gets_parts_until_the_end)
{
    SCOPED_ARENA(arena);
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    int client = peer_open(&fixture);
    slice ask = SLICE("GET /parts HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    struct peer_reply reply = peer_ask(client, &arena, ask);
    CHECK(reply_header(&reply, "Transfer-Encoding").size == 0);
    CHECK_SLICE(reply_header(&reply, "Connection"), SLICE("close"));
    CHECK(peer_reads_parts(client, false));
    close(client);
    CHECK(server_fixture_close(&fixture, 5000));
}

TEST(a_head_request_gets_no_part)
{
    SCOPED_ARENA(arena);
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    int client = peer_open(&fixture);
    slice ask = SLICE("HEAD /parts HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(peer_ask(client, &arena, ask).status == 200);
    CHECK_SLICE(peer_ask(client, &arena, SLICE(ECHO_HELLO)).body, SLICE("hello"));
    close(client);
    CHECK(server_fixture_close(&fixture, 5000));
}

TEST(parts_take_the_memory_of_one)
{
    enum { ROOM = 256 * 1024 };
    SCOPED_ARENA(arena);
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    int client = peer_open_with_buffer(&fixture, 4096);
    CHECK(peer_ask(client, &arena, SLICE(ASK_PARTS)).status == 200);
    CHECK(peer_reads_parts(client, true));
    CHECK(fixture.parts_bytes_max > PART_BYTES && fixture.parts_bytes_max < ROOM);
    close(client);
    CHECK(server_fixture_close(&fixture, 5000));
}

TEST(clients_that_leave_between_parts_leave_nothing_behind)
{
    enum { CLIENTS = 50 };
    struct server_fixture fixture;
    server_fixture_open(&fixture, &USUAL);
    for (int i = 0; i < CLIENTS; i++) {
        SCOPED_ARENA(arena);
        int client = peer_open(&fixture);
        CHECK(peer_ask(client, &arena, SLICE(ASK_PARTS)).status == 200);
        char some[1000];
        for (int j = 0; j < i; j++)
            CHECK(recv(client, some, sizeof some, 0) > 0);
        close(client);
    }
    CHECK(server_fixture_close(&fixture, 5000));
}

TEST(who_stops_reading_parts_is_cut_off)
{
    SCOPED_ARENA(arena);
    struct server_fixture fixture;
    server_fixture_open(&fixture, &(struct http_options){.write_timeout_ms = 100});
    int client = peer_open_with_buffer(&fixture, 4096);
    CHECK(peer_ask(client, &arena, SLICE(ASK_PARTS)).status == 200);
    struct http_counters counters;
    do
        http_server_counters(fixture.server, &counters);
    while (counters.connections_open > 0);
    CHECK(!peer_reads_parts(client, true));
    close(client);
    CHECK(server_fixture_close(&fixture, 5000));
}
