/* The request path: what an HTTP request is, and where it goes. */
#pragma once
#include "http/server.h"
#include "server/call.h"
#include "server/faults.h"
#include "server/origin.h"
#include "server/pages.h"

struct handler {
    struct calls *calls;
    struct faults *faults; /* NULL: none can be rehearsed */
    struct origin_policy origin_policy;
    struct pages pages;
};

/* For http_options.handler; the context is a struct handler. */
void handle_request(void *context, struct http_exchange *exchange);

/* For http_options.end_turn. */
void handle_end_turn(void *context);
