#include "tests/unit/http/fixture.h"

#include "base/assert.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_S = 20 }; /* a server that says nothing for so long hangs */

struct later {
    struct task task;
    struct http_exchange *exchange;
};

static void answer(struct http_exchange *exchange)
{
    const struct http_request *request = &exchange->request;
    slice body = SLICE_NONE;
    if (slice_equal(request->path, SLICE("/page"))) {
        char *page = arena_alloc_bytes(exchange->arena, PAGE_BYTES);
        memset(page, 'x', PAGE_BYTES);
        body = slice_of(page, PAGE_BYTES);
    } else if (request->path.size > 1) {
        body = request->body;
    }
    http_reply(exchange, &(struct http_response){.status = 200,
                                                 .content_type = SLICE("text/plain"),
                                                 .request_id = SLICE("REQUEST"),
                                                 .crc32 = true,
                                                 .body = body});
}

static void answer_later(struct task *task)
{
    answer(OBJECT_OF(task, struct later, task)->exchange);
}

static void pass_back(void *argument)
{
    struct server_fixture *fixture = argument;
    for (;;) {
        uv_sem_wait(&fixture->later_count);
        struct task *task = task_queue_take(&fixture->later);
        if (task && !task->run)
            return;
        while (task) {
            struct task *next = task->next;
            struct later *later = OBJECT_OF(task, struct later, task);
            task->run = answer_later;
            loop_post(later->exchange->loop, task);
            task = next;
        }
    }
}

struct parts {
    struct server_fixture *fixture;
    unsigned sent_count;
    char bytes[PART_BYTES];
};

static slice next_part(struct parts *parts)
{
    size_t used = parts->fixture->budget.used_bytes;
    if (used > parts->fixture->parts_bytes_max)
        parts->fixture->parts_bytes_max = used;
    memset(parts->bytes, 'a' + (int)(parts->sent_count % 26), PART_BYTES);
    return slice_of(parts->bytes, parts->sent_count++ < PARTS_COUNT ? PART_BYTES : 0);
}

static void answer_part(struct http_exchange *exchange)
{
    http_reply_part(exchange, next_part(exchange->owner));
}

static void answer_in_parts(struct server_fixture *fixture, struct http_exchange *exchange)
{
    struct parts *parts = arena_new(exchange->arena, struct parts);
    parts->fixture = fixture;
    exchange->owner = parts;
    http_reply(exchange, &(struct http_response){.status = 200,
                                                 .crc32 = true,
                                                 .body = next_part(parts),
                                                 .more = answer_part});
}

static void handle(void *context, struct http_exchange *exchange)
{
    struct server_fixture *fixture = context;
    if (slice_equal(exchange->request.path, SLICE("/hold"))) {
        uv_mutex_lock(&fixture->mutex);
        fixture->held = exchange;
        uv_cond_signal(&fixture->changed);
        uv_mutex_unlock(&fixture->mutex);
    } else if (slice_equal(exchange->request.path, SLICE("/later"))) {
        struct later *later = arena_new(exchange->arena, struct later);
        later->exchange = exchange;
        later->task.run = answer_later;
        task_queue_push(&fixture->later, &later->task);
        uv_sem_post(&fixture->later_count);
    } else if (slice_equal(exchange->request.path, SLICE("/parts"))) {
        answer_in_parts(fixture, exchange);
    } else {
        answer(exchange);
    }
}

static void override(uint32_t *value, uint32_t change)
{
    if (change != 0)
        *value = change;
}

void server_fixture_open(struct server_fixture *fixture, const struct http_options *changes)
{
    *fixture = (struct server_fixture){.budget = {.max_bytes = 256 * 1024 * 1024}};
    arena_init(&fixture->arena, NULL);
    uv_mutex_init(&fixture->mutex);
    uv_cond_init(&fixture->changed);
    uv_sem_init(&fixture->later_count, 0);
    struct http_options options = {.host = "127.0.0.1",
                                   .loop_count = changes->loop_count ? changes->loop_count : 1,
                                   .connections_max = 1000,
                                   .budget = &fixture->budget,
                                   .idle_timeout_ms = 60000,
                                   .head_timeout_ms = 60000,
                                   .body_timeout_ms = 60000,
                                   .write_timeout_ms = 60000,
                                   .handler = handle,
                                   .context = fixture};
    override(&options.connections_max, changes->connections_max);
    override(&options.idle_timeout_ms, changes->idle_timeout_ms);
    override(&options.head_timeout_ms, changes->head_timeout_ms);
    override(&options.body_timeout_ms, changes->body_timeout_ms);
    override(&options.write_timeout_ms, changes->write_timeout_ms);
    CHECK_OK(http_server_open(&fixture->arena, &options, &fixture->server));
    assert_that(fixture->server);
    uv_thread_create(&fixture->later_thread, pass_back, fixture);
}

void fixture_fini(struct server_fixture *fixture)
{
    struct task end = {0};
    task_queue_push(&fixture->later, &end);
    uv_sem_post(&fixture->later_count);
    uv_thread_join(&fixture->later_thread);
    CHECK(fixture->budget.used_bytes == 0);
    uv_sem_destroy(&fixture->later_count);
    uv_cond_destroy(&fixture->changed);
    uv_mutex_destroy(&fixture->mutex);
    arena_fini(&fixture->arena);
}

bool server_fixture_close(struct server_fixture *fixture, uint32_t grace_ms)
{
    bool whole = http_server_close(fixture->server, grace_ms);
    fixture_fini(fixture);
    return whole;
}

void fixture_wait_held(struct server_fixture *fixture)
{
    uv_mutex_lock(&fixture->mutex);
    while (!fixture->held)
        uv_cond_wait(&fixture->changed, &fixture->mutex);
    uv_mutex_unlock(&fixture->mutex);
}

static void tell_connected(struct task *task)
{
    struct server_fixture *fixture = OBJECT_OF(task, struct server_fixture, ask);
    uv_mutex_lock(&fixture->mutex);
    fixture->held_is_connected = http_client_is_connected(fixture->held);
    fixture->asked_count++;
    uv_cond_signal(&fixture->changed);
    uv_mutex_unlock(&fixture->mutex);
}

bool fixture_held_is_connected(struct server_fixture *fixture)
{
    uv_mutex_lock(&fixture->mutex);
    unsigned asked_count = fixture->asked_count;
    fixture->ask.run = tell_connected;
    loop_post(fixture->held->loop, &fixture->ask);
    while (fixture->asked_count == asked_count)
        uv_cond_wait(&fixture->changed, &fixture->mutex);
    bool connected = fixture->held_is_connected;
    uv_mutex_unlock(&fixture->mutex);
    return connected;
}

static void answer_held(struct task *task)
{
    struct server_fixture *fixture = OBJECT_OF(task, struct server_fixture, answer);
    uv_mutex_lock(&fixture->mutex);
    struct http_exchange *held = fixture->held;
    fixture->held = NULL;
    uv_mutex_unlock(&fixture->mutex);
    answer(held);
}

void fixture_answer_held(struct server_fixture *fixture)
{
    fixture->answer.run = answer_held;
    uv_mutex_lock(&fixture->mutex);
    struct loop *loop = fixture->held->loop;
    uv_mutex_unlock(&fixture->mutex);
    loop_post(loop, &fixture->answer);
}

int peer_open_with_buffer(const struct server_fixture *fixture, int receive_bytes)
{
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_that(client >= 0);
    struct timeval patience = {.tv_sec = PATIENCE_S};
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    int on = 1;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (receive_bytes > 0)
        setsockopt(client, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(http_server_port(fixture->server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    CHECK(connect(client, (const struct sockaddr *)&address, sizeof address) == 0);
    return client;
}

int peer_open(const struct server_fixture *fixture)
{
    return peer_open_with_buffer(fixture, 0);
}

bool peer_send(int client, slice bytes)
{
    while (bytes.size > 0) {
        ssize_t sent = send(client, bytes.data, bytes.size, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes = slice_from(bytes, (size_t)sent);
    }
    return true;
}

static bool read_exactly(int client, char *to, size_t size)
{
    while (size > 0) {
        ssize_t got = recv(client, to, size, 0);
        if (got <= 0)
            return false;
        to += got;
        size -= (size_t)got;
    }
    return true;
}

slice reply_header(const struct peer_reply *reply, const char *name)
{
    size_t name_size = strlen(name);
    const char *at = reply->head.data;
    const char *end = at + reply->head.size;
    while (at && at < end) {
        const char *line_end = memmem(at, (size_t)(end - at), "\r\n", 2);
        if (!line_end)
            break;
        if ((size_t)(line_end - at) > name_size + 2 && memcmp(at, name, name_size) == 0 &&
            at[name_size] == ':')
            return slice_of(at + name_size + 2, (size_t)(line_end - at) - name_size - 2);
        at = line_end + 2;
    }
    return SLICE_NONE;
}

struct peer_reply peer_read(int client, struct arena *arena)
{
    enum { HEAD_ROOM = 4096 };
    struct peer_reply reply = {0};
    char *head = arena_alloc_bytes(arena, HEAD_ROOM + 1);
    size_t size = 0;
    while (size < 4 || memcmp(head + size - 4, "\r\n\r\n", 4) != 0) {
        if (size == HEAD_ROOM || !read_exactly(client, head + size, 1))
            return reply;
        size++;
    }
    head[size] = '\0';
    reply.head = slice_of(head, size);
    reply.status = atoi(head + sizeof "HTTP/1.1");
    slice length = reply_header(&reply, "Content-Length");
    size_t body_size = length.size ? strtoul(length.data, NULL, 10) : 0;
    char *body = arena_alloc_bytes(arena, body_size);
    if (!read_exactly(client, body, body_size))
        return (struct peer_reply){0};
    reply.body = slice_of(body, body_size);
    return reply;
}

struct peer_reply peer_ask(int client, struct arena *arena, slice request)
{
    peer_send(client, request);
    return peer_read(client, arena);
}

/* "4e20\r\n" before a part, "\r\n" behind it, and the last of no bytes. */
static bool reads_text(int client, const char *text)
{
    char got[16];
    size_t size = strlen(text);
    return read_exactly(client, got, size) && memcmp(got, text, size) == 0;
}

static bool reads_part(int client, unsigned number)
{
    char part[PART_BYTES];
    if (!read_exactly(client, part, PART_BYTES))
        return false;
    for (size_t i = 0; i < PART_BYTES; i++) {
        if (part[i] != (char)('a' + number % 26))
            return false;
    }
    return true;
}

bool peer_reads_parts(int client, bool in_chunks)
{
    char head[16];
    snprintf(head, sizeof head, "%x\r\n", PART_BYTES);
    for (unsigned i = 0; i < PARTS_COUNT; i++) {
        if (in_chunks && !reads_text(client, head))
            return false;
        if (!reads_part(client, i) || (in_chunks && !reads_text(client, "\r\n")))
            return false;
    }
    return in_chunks ? reads_text(client, "0\r\n\r\n") : peer_sees_end(client);
}

bool peer_sees_end(int client)
{
    char byte;
    ssize_t got = recv(client, &byte, 1, 0);
    return got == 0 || (got < 0 && errno == ECONNRESET);
}
