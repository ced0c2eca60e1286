/* How tools call the API of a running server. */
#pragma once
#include "base/option.h"
#include "client/client.h"

struct call_options {
    slice host;
    int64_t port;
};

/* Rows of a table of options: where the server is. */
#define CALL_OPTIONS(type, member)                                                                 \
    {SLICE("host"), "ADDRESS", "127.0.0.1", OPTION_TEXT, 0, 0, "Where the server listens.",        \
     offsetof(type, member.host), NULL},                                                           \
        {SLICE("port"), "N", "8000", OPTION_INTEGER, 1, 65535, "And on which port.",               \
         offsetof(type, member.port), NULL}

/* One thread's; ends with the arena. */
struct client *call_client(struct arena *arena, const struct call_options *options);

/* What passes by itself, no answer or a refusal for now, does so within so many tries: 40 s. */
enum { CALL_TRIES = 16 };

/* For a while, longer the more tries there were. */
void call_pause(uint32_t tries);

struct call_answer {
    slice body;                    /* an object of checked JSON; empty: refused */
    struct client_refusal refusal; /* name empty: not refused */
};

/*
 * Ask for an operation, "BatchWriteItem", until it is answered or refused for good; at most so often.
 *   Errors: SERVICE_UNAVAILABLE: no answer; VALIDATION: one that is none.
 */
error call_ask(struct client *client, struct arena *arena, slice operation, slice body,
               uint32_t tries_max, struct call_answer *answer) MUST_CHECK;

/*
 * The same, as often as CALL_TRIES, where every refusal is an error.
 *   Errors: as above; RESOURCE_NOT_FOUND, VALIDATION: what the server refuses, in its words.
 */
error call_api(struct client *client, struct arena *arena, slice operation, slice body,
               slice *reply) MUST_CHECK;

/*
 * The member Table of a DescribeTable, spelled: what begins a command, so it is asked once, and a
 * server that is not there is told at once. Errors: as above.
 */
error call_describe(struct client *client, struct arena *arena, slice name,
                    slice *description) MUST_CHECK;

struct call_table {
    slice name;
    slice arn;
    slice id;
    int64_t item_count; /* as counted, perhaps some hours ago on the service */
};
/* The same, read. */
error call_describe_table(struct client *client, struct arena *arena, slice name,
                          struct call_table *table) MUST_CHECK;
