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

/*
 * Call an operation that may be asked again, "Scan"; `reply` is an object of checked JSON. Refusals that pass
 * by themselves, and lost connections, are asked again for half a minute or so.
 *   Errors: SERVICE_UNAVAILABLE, VALIDATION: what the server refuses, in its words.
 */
error call_api(struct client *client, struct arena *arena, slice operation, slice body,
               slice *reply) MUST_CHECK;

struct call_table {
    slice name;
    slice arn;
    slice id;
    int64_t item_count; /* as counted, perhaps some hours ago on the service */
};
/* Errors: RESOURCE_NOT_FOUND, and as above. */
error call_describe_table(struct client *client, struct arena *arena, slice name,
                          struct call_table *table) MUST_CHECK;
