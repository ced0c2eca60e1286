/*
 * A connection fed with arbitrary bytes through a socket pair, on a loop that this thread turns.
 *
 * The requests that reach the handler, and the statuses a client sees, do not depend on how the
 * bytes were cut into pieces; what comes back is a row of well-formed replies, at least one for
 * each request. Two bytes steer (when to answer, size of the pieces), the rest is sent.
 */
#include "tests/fuzz/fuzz.h"

#include "base/limits.h"
#include "http/connection.h"
#include "http/server_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TURNS_MAX = 2000, REPLIES_MAX = 2000, ECHO_BYTES_MAX = 8192, OUTPUT_BYTES_MAX = 1 << 22 };

struct run {
    bool answers_later;
    struct http_exchange *waiting;
    uint64_t requests_hash;
    uint32_t request_count;
    bool to_head[REPLIES_MAX]; /* by request: replies to HEAD have no body */
    uint16_t statuses[REPLIES_MAX];
    uint32_t reply_count;
    char *output;
    size_t output_bytes;
};

static struct budget budget = {.max_bytes = (size_t)1 << 30};

static void hash_bytes(uint64_t *hash, slice bytes)
{
    for (size_t i = 0; i < bytes.size; i++)
        *hash = (*hash ^ (uint8_t)bytes.data[i]) * 1099511628211u;
    *hash = (*hash ^ bytes.size) * 1099511628211u;
}

static void reply(struct http_exchange *exchange)
{
    slice body = exchange->request.body;
    if (body.size > ECHO_BYTES_MAX)
        body.size = ECHO_BYTES_MAX;
    http_reply(exchange, &(struct http_response){.status = 200,
                                                 .content_type = SLICE("text/plain"),
                                                 .crc32 = true,
                                                 .body = body});
}

static void handle(void *context, struct http_exchange *exchange)
{
    struct run *run = *(struct run **)context;
    const struct http_request *request = &exchange->request;
    hash_bytes(&run->requests_hash, request->method);
    hash_bytes(&run->requests_hash, request->path);
    hash_bytes(&run->requests_hash, request->query);
    for (uint32_t i = 0; i < request->header_count; i++) {
        assert_that(request->headers[i].name.size > 0);
        hash_bytes(&run->requests_hash, request->headers[i].name);
        hash_bytes(&run->requests_hash, request->headers[i].value);
    }
    assert_that(request->header_count <= HEADERS_MAX);
    assert_that(request->body.size <= BODY_BYTES_MAX);
    hash_bytes(&run->requests_hash, request->body);
    assert_that(run->request_count < REPLIES_MAX);
    run->to_head[run->request_count++] = slice_equal(request->method, SLICE("HEAD"));
    assert_that(!run->waiting);
    if (run->answers_later)
        run->waiting = exchange;
    else
        reply(exchange);
}

static struct http_server *server_make(struct run **run)
{
    struct http_server *server = calloc(1, sizeof *server + sizeof server->loops[0]);
    assert_that(server);
    server->options = (struct http_options){.loop_count = 1,
                                            .connections_max = 100,
                                            .budget = &budget,
                                            .idle_timeout_ms = 3600000,
                                            .head_timeout_ms = 3600000,
                                            .body_timeout_ms = 3600000,
                                            .write_timeout_ms = 3600000,
                                            .handler = handle,
                                            .context = run};
    error failed = loop_init(&server->loops[0], server, 0);
    assert_that(!failed);
    return server;
}

/* One turn of the loop, taking what the server sent and answering what waits. */
static bool turn(struct loop *loop, struct run *run, int client)
{
    uv_run(&loop->uv, UV_RUN_NOWAIT);
    loop_send_replies(loop);
    bool moved = false;
    ssize_t size;
    while ((size = read(client, run->output + run->output_bytes,
                        OUTPUT_BYTES_MAX - run->output_bytes)) > 0) {
        run->output_bytes += (size_t)size;
        moved = true;
    }
    if (run->waiting) {
        struct http_exchange *exchange = run->waiting;
        run->waiting = NULL;
        reply(exchange);
        moved = true;
    }
    return moved;
}

static void feed(struct loop *loop, struct run *run, slice bytes, size_t piece_bytes)
{
    int ends[2];
    int failed = socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends);
    assert_that(failed == 0);
    connection_open(loop, ends[1], true);
    int client = ends[0];
    turn(loop, run, client);
    uint32_t turns = 0;
    bool broken = false; /* the server has closed: the rest cannot be sent */
    while (bytes.size > 0 && !broken) {
        size_t size = bytes.size < piece_bytes ? bytes.size : piece_bytes;
        ssize_t sent = send(client, bytes.data, size, MSG_NOSIGNAL);
        if (sent > 0)
            bytes = slice_from(bytes, (size_t)sent);
        broken = sent < 0 && errno != EAGAIN;
        turn(loop, run, client);
        assert_that(++turns < TURNS_MAX * 100);
    }
    shutdown(client, SHUT_WR);
    for (turns = 0; loop->unfreed_count > 0 && turns < TURNS_MAX; turns++)
        turn(loop, run, client);
    assert_that(loop->unfreed_count == 0);
    turn(loop, run, client);
    close(client);
}

static slice take_line(slice *output)
{
    const char *end = memmem(output->data, output->size, "\r\n", 2);
    assert_that(end);
    slice line = slice_of(output->data, (size_t)(end - output->data));
    *output = slice_from(*output, line.size + 2);
    return line;
}

/* Status lines, headers and bodies to the last byte. */
static void read_replies(struct run *run)
{
    slice output = slice_of(run->output, run->output_bytes);
    while (output.size > 0) {
        slice line = take_line(&output);
        assert_that(line.size >= 12 && slice_begins_with(line, SLICE("HTTP/1.1 ")));
        uint16_t status = (uint16_t)strtoul(line.data + 9, NULL, 10);
        size_t body_bytes = 0;
        while ((line = take_line(&output)).size > 0) {
            slice name = SLICE("content-length: ");
            if (line.size > name.size &&
                slice_equal_ignoring_case(slice_first(line, name.size), name))
                body_bytes = strtoul(line.data + name.size, NULL, 10);
        }
        if (status < 200)
            continue;
        bool handled = run->reply_count < run->request_count;
        if (!(handled && run->to_head[run->reply_count])) {
            assert_that(output.size >= body_bytes);
            output = slice_from(output, body_bytes);
        }
        assert_that(run->reply_count < REPLIES_MAX);
        assert_that(handled == (status == 200));
        run->statuses[run->reply_count++] = status;
    }
    /* One refusal may follow, and nothing after it. */
    assert_that(run->reply_count == run->request_count ||
                run->reply_count == run->request_count + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct run *run;
    static struct http_server *server;
    static struct run runs[2];
    if (!server)
        server = server_make(&run);
    slice input = slice_of(data, size);
    uint8_t steer = fuzz_byte(&input);
    size_t piece_bytes = 1 + fuzz_byte(&input) % 64;
    for (int i = 0; i < 2; i++) {
        char *output = runs[i].output ? runs[i].output : malloc(OUTPUT_BYTES_MAX);
        assert_that(output);
        run = &runs[i];
        *run = (struct run){.answers_later = (steer >> i) & 1, .output = output};
        size_t used_before = budget.used_bytes;
        feed(&server->loops[0], run, input, i == 0 ? 65536 : piece_bytes);
        assert_that(budget.used_bytes == used_before);
        read_replies(run);
    }
    assert_that(runs[0].request_count == runs[1].request_count);
    assert_that(runs[0].requests_hash == runs[1].requests_hash);
    assert_that(runs[0].reply_count == runs[1].reply_count);
    assert_that(memcmp(runs[0].statuses, runs[1].statuses,
                       runs[0].reply_count * sizeof *runs[0].statuses) == 0);
    return 0;
}
