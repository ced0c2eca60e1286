/* The client against a server that says what the test tells it to, in the pieces it tells it. */
#include "client/client.h"

#include "base/buffer.h"
#include "tests/test.h"
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWERS_MAX = 4, PIECES_MAX = 4, TIMEOUT_MS = 5000, SHORT_MS = 30 };

/* What happens to the connection: HASTY answers before the request has been read. */
enum manner { STAYS, CLOSES, HASTY };

/* One answer: pieces sent one by one; with none the request is read and left unanswered. */
struct answer {
    enum manner manner;
    const char *pieces[PIECES_MAX];
};

struct scripted_server {
    int listener;
    uint16_t port;
    const struct answer *answers;
    size_t answer_count;
    pthread_t thread;
    sem_t answered; /* for each answer, once it is given and what closes is closed */
    size_t connection_count;
    struct arena arena;
    struct buffer heard; /* all requests */
};

/* A whole request: head, and a body as long as Content-Length says. False at the end. */
static bool hear(struct scripted_server *server, int peer)
{
    size_t from = server->heard.size;
    for (;;) {
        char piece[4096];
        ssize_t size = recv(peer, piece, sizeof piece, 0);
        if (size <= 0)
            return false;
        buffer_append(&server->heard, slice_of(piece, (size_t)size));
        slice request = slice_from(buffer_slice(&server->heard), from);
        const char *end = memmem(request.data, request.size, "\r\n\r\n", 4);
        const char *length = memmem(request.data, request.size, "Content-Length: ", 16);
        size_t body_size = length ? (size_t)atol(length + 16) : 0;
        if (end && request.size >= (size_t)(end - request.data) + 4 + body_size)
            return true;
    }
}

static void say(int peer, const struct answer *answer)
{
    for (size_t i = 0; i < PIECES_MAX && answer->pieces[i]; i++) {
        slice piece = slice_of_string(answer->pieces[i]);
        while (piece.size > 0) {
            ssize_t sent = send(peer, piece.data, piece.size, MSG_NOSIGNAL);
            if (sent < 0)
                return;
            piece = slice_from(piece, (size_t)sent);
        }
    }
}

/* An answer for each request; the connection that none is left for stays open until its end. */
static void *serve_script(void *context)
{
    struct scripted_server *server = context;
    int peer = -1;
    for (size_t i = 0; i < server->answer_count; i++) {
        const struct answer *answer = &server->answers[i];
        if (peer < 0) {
            peer = accept(server->listener, NULL, NULL);
            server->connection_count++;
        }
        if (answer->manner != HASTY && !hear(server, peer)) {
            close(peer);
            peer = -1;
            i--;
            continue;
        }
        say(peer, answer);
        if (answer->manner == CLOSES) {
            close(peer);
            peer = -1;
        }
        sem_post(&server->answered);
    }
    while (peer >= 0 && hear(server, peer))
        continue;
    if (peer >= 0)
        close(peer);
    return NULL;
}

static void server_open(struct scripted_server *server, const struct answer *answers, size_t count)
{
    *server = (struct scripted_server){.answers = answers, .answer_count = count};
    arena_init(&server->arena, NULL);
    buffer_init(&server->heard, &server->arena);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    server->listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(server->listener, (struct sockaddr *)&address, size) == 0);
    CHECK(listen(server->listener, 8) == 0);
    CHECK(getsockname(server->listener, (struct sockaddr *)&address, &size) == 0);
    server->port = ntohs(address.sin_port);
    sem_init(&server->answered, 0, 0);
    CHECK(pthread_create(&server->thread, NULL, serve_script, server) == 0);
}

static void server_close(struct scripted_server *server)
{
    pthread_join(server->thread, NULL);
    close(server->listener);
    sem_destroy(&server->answered);
    arena_fini(&server->arena);
}

static struct client *client_of(struct arena *arena, const struct scripted_server *server)
{
    struct client_options options = client_options_usual;
    options.port = server->port;
    options.silence_timeout_ms = TIMEOUT_MS;
    options.body_bytes_max = 16;
    return client_make(arena, &options);
}

TEST(a_reply_is_read_however_it_is_framed_and_cut)
{
    static const struct {
        struct answer answer;
        uint16_t status;
        const char *body;
        const char *content_type;
    } cases[] = {
        {{STAYS, {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello"}},
         200,
         "hello",
         "text/plain"},
        {{STAYS,
          {"HTTP/1.1 200 OK\r\nContent-Len", "gth: 5\r\ncontent-", "type: a/b\r\n\r\nhe", "llo"}},
         200,
         "hello",
         "a/b"},
        {{STAYS, {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"}}, 404, "", ""},
        {{STAYS,
          {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
           "2\r\nde\r\n0\r\n\r\n"}},
         200,
         "abcde",
         ""},
        {{CLOSES, {"HTTP/1.1 200 OK\r\n\r\nto the end"}}, 200, "to the end", ""},
        {{CLOSES, {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi"}}, 200, "hi", ""},
        {{STAYS,
          {"HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx"}},
         201,
         "x",
         ""},
        {{STAYS, {"HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n0123456789abcdef"}},
         200,
         "0123456789abcdef",
         ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scripted_server server;
        server_open(&server, &cases[i].answer, 1);
        {
            SCOPED_ARENA(arena);
            struct client_reply reply = {.status = 0};
            CHECK_OK(client_get(client_of(&arena, &server), &arena, SLICE("/"), &reply));
            CHECK(reply.status == cases[i].status);
            CHECK_SLICE(reply.body, slice_of_string(cases[i].body));
            CHECK_SLICE(reply.content_type, slice_of_string(cases[i].content_type));
        }
        server_close(&server);
    }
}

TEST(what_is_no_whole_answer_is_refused_with_the_address)
{
    static char large_head[20000];
    memset(large_head, 'a', sizeof large_head - 1);
    const struct {
        struct answer answer;
        const char *sentence; /* with the port's number for %u */
    } cases[] = {
        {{STAYS, {"SSH-2.0-OpenSSH_9.2\r\n"}},
         "what listens at 127.0.0.1:%u does not answer in HTTP/1.1"},
        {{CLOSES, {""}}, "127.0.0.1:%u closed the connection before its answer was whole"},
        {{CLOSES, {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel"}},
         "127.0.0.1:%u closed the connection before its answer was whole"},
        {{CLOSES, {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab"}},
         "127.0.0.1:%u closed the connection before its answer was whole"},
        {{CLOSES, {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"}},
         "what listens at 127.0.0.1:%u does not answer in HTTP/1.1"},
        {{STAYS, {"HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n", "0123456789abcdefg"}},
         "the answer of 127.0.0.1:%u is larger than this command takes"},
        {{STAYS, {"HTTP/1.1 200 OK\r\nX: ", large_head, "\r\n\r\n"}},
         "the answer of 127.0.0.1:%u is larger than this command takes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scripted_server server;
        server_open(&server, &cases[i].answer, 1);
        {
            SCOPED_ARENA(arena);
            struct client_reply reply;
            error failure = client_get(client_of(&arena, &server), &arena, SLICE("/"), &reply);
            slice wanted = arena_format(&arena, cases[i].sentence, server.port);
            CHECK(failure && failure->kind == ERROR_SERVICE_UNAVAILABLE);
            slice said = failure ? failure->message : SLICE_NONE;
            CHECK_SLICE(slice_first(said, said.size < wanted.size ? said.size : wanted.size),
                        wanted);
        }
        server_close(&server);
    }
}

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

TEST(a_connection_is_kept_while_the_server_keeps_it)
{
    static const struct {
        struct answer answers[2];
        size_t connection_count;
    } cases[] = {
        {{{STAYS, {OK_ANSWER}}, {STAYS, {OK_ANSWER}}}, 1},
        {{{CLOSES, {OK_ANSWER}}, {STAYS, {OK_ANSWER}}}, 2},
        {{{STAYS, {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"}},
          {STAYS, {OK_ANSWER}}},
         2},
        /* What nobody asked for is nobody's answer. */
        {{{STAYS, {OK_ANSWER OK_ANSWER}}, {STAYS, {OK_ANSWER}}}, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scripted_server server;
        server_open(&server, cases[i].answers, 2);
        {
            SCOPED_ARENA(arena);
            struct client *client = client_of(&arena, &server);
            for (unsigned call = 0; call < 2; call++) {
                struct client_reply reply = {.status = 0};
                CHECK_OK(client_get(client, &arena, SLICE("/"), &reply));
                CHECK_SLICE(reply.body, SLICE("ok"));
                sem_wait(&server.answered);
            }
        }
        server_close(&server);
        CHECK(server.connection_count == cases[i].connection_count);
    }
}

TEST(an_answer_before_the_whole_request_is_an_answer)
{
    static const struct answer answers[] = {
        {HASTY, {"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig"}}};
    struct scripted_server server;
    server_open(&server, answers, 1);
    {
        SCOPED_ARENA(arena);
        struct client_reply reply = {.status = 0};
        size_t size = 32 * 1024 * 1024;
        slice body = slice_of(arena_alloc_zeroed(&arena, size), size);
        CHECK_OK(client_call(client_of(&arena, &server), &arena, SLICE("A.B"), body, &reply));
        CHECK(reply.status == 413);
        CHECK_SLICE(reply.body, SLICE("big"));
    }
    server_close(&server);
}

TEST(a_server_that_says_nothing_is_waited_for_so_long)
{
    static const struct answer silence = {STAYS, {NULL}};
    struct scripted_server server;
    server_open(&server, &silence, 1);
    {
        SCOPED_ARENA(arena);
        struct client_options options = client_options_usual;
        options.port = server.port;
        options.silence_timeout_ms = SHORT_MS;
        struct client_reply reply;
        CHECK_FAILS(
            client_get(client_make(&arena, &options), &arena, SLICE("/"), &reply),
            ERROR_SERVICE_UNAVAILABLE,
            arena_format(&arena, "no answer from 127.0.0.1:%u: Connection timed out", server.port));
    }
    server_close(&server);
}

TEST(where_nobody_listens_the_sentence_says_what_to_do)
{
    struct scripted_server server;
    server_open(&server, NULL, 0);
    server_close(&server);
    SCOPED_ARENA(arena);
    struct client_reply reply;
    CHECK_FAILS(client_get(client_of(&arena, &server), &arena, SLICE("/"), &reply),
                ERROR_SERVICE_UNAVAILABLE,
                arena_format(&arena,
                             "cannot reach a server at 127.0.0.1:%u: Connection refused; is it "
                             "running, and does it listen there? --host and --port say where",
                             server.port));
}

TEST(a_call_names_its_target_and_carries_its_body)
{
    static const struct answer answers[] = {{STAYS, {OK_ANSWER}}};
    struct scripted_server server;
    server_open(&server, answers, 1);
    {
        SCOPED_ARENA(arena);
        struct client_reply reply = {.status = 0};
        CHECK_OK(client_call(client_of(&arena, &server), &arena,
                             SLICE("DynamoDB_20120810.ListTables"), SLICE("{}"), &reply));
        sem_wait(&server.answered);
        slice heard = buffer_slice(&server.heard);
        static const char *const parts[] = {"POST / HTTP/1.1\r\nHost: 127.0.0.1:",
                                            "\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\n",
                                            "\r\nContent-Length: 2\r\n", "\r\n\r\n{}"};
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
            CHECK(memmem(heard.data, heard.size, parts[i], strlen(parts[i])) != NULL);
    }
    server_close(&server);
}

TEST(a_refusal_is_read_from_whatever_came)
{
    static const struct {
        uint16_t status;
        const char *body;
        const char *name;
        const char *message;
    } cases[] = {
        {200, "{}", NULL, NULL},
        {400,
         "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException\","
         "\"message\":\"Requested resource not found\"}",
         "ResourceNotFoundException", "Requested resource not found"},
        {400, "{\"Message\":\"so\",\"other\":[{}],\"__type\":\"Plain\"}", "Plain", "so"},
        {400, "{\"__type\":7,\"message\":null}", "HTTP 400", ""},
        {500, "", "HTTP 500", ""},
        {502, "<html>", "HTTP 502", ""},
        {503, "[\"no object\"]", "HTTP 503", ""},
    };
    SCOPED_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct client_reply reply = {.status = cases[i].status,
                                     .body = slice_of_string(cases[i].body)};
        struct client_refusal refusal = {.name = SLICE_NONE};
        CHECK(client_refused(&arena, &reply, &refusal) == (cases[i].name != NULL));
        if (!cases[i].name)
            continue;
        CHECK_SLICE(refusal.name, slice_of_string(cases[i].name));
        CHECK_SLICE(refusal.message, slice_of_string(cases[i].message));
    }
}
