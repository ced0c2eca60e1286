/*
 * A real server on a free port of this machine, and blocking clients for it.
 *
 * Its handler answers by path: /echo with the request's body, /later the same from another
 * thread, /page with a megabyte, /parts with PARTS_COUNT parts from one buffer of PART_BYTES, /zeros
 * with compressible text, anything else with nothing; a request for /hold is kept until the test
 * lets it go.
 */
#pragma once
#include "base/budget.h"
#include "base/task.h"
#include "http/server.h"
#include "tests/test.h"
#include <uv.h>

enum { PAGE_BYTES = 1024 * 1024, PART_BYTES = 20000, PARTS_COUNT = 200 };

struct server_fixture {
    struct http_server *server;
    struct budget budget;
    struct arena arena;
    uv_mutex_t mutex;
    uv_cond_t changed;
    struct http_exchange *held; /* guarded by mutex */
    bool held_is_connected;     /* guarded by mutex: when last asked */
    unsigned asked_count;       /* guarded by mutex */
    _Atomic size_t parts_bytes_max; /* most that the budget held while parts were sent */
    struct task ask, answer;
    struct task_queue later;
    uv_sem_t later_count;
    uv_thread_t later_thread;
};

/* `changes` to the usual options; zero fields keep what is usual. */
void server_fixture_open(struct server_fixture *fixture, const struct http_options *changes);

/* Also checks that all memory has come back. False when something had to be cut off. */
bool server_fixture_close(struct server_fixture *fixture, uint32_t grace_ms);

/* What server_fixture_close does once the server itself has been closed. */
void fixture_fini(struct server_fixture *fixture);

void fixture_wait_held(struct server_fixture *fixture);
bool fixture_held_is_connected(struct server_fixture *fixture);
void fixture_answer_held(struct server_fixture *fixture);

int peer_open(const struct server_fixture *fixture);
int peer_open_with_buffer(const struct server_fixture *fixture, int receive_bytes);
bool peer_send(int client, slice bytes); /* false: the server has closed */

struct peer_reply {
    int status; /* 0: none came before the end */
    slice head;
    slice body;
};
struct peer_reply peer_read(int client, struct arena *arena);

/* One whole exchange: send, read. */
struct peer_reply peer_ask(int client, struct arena *arena, slice request);

/* The body of what /parts answers, each part of one letter more: in chunks, or until the end. */
bool peer_reads_parts(int client, bool in_chunks);

/* Whether the server closes, with nothing further said. */
bool peer_sees_end(int client);

/* The value of a header of the reply. */
slice reply_header(const struct peer_reply *reply, const char *name);
