/*
 * Which pages and names may reach the server: a browser on this machine must not become a way in.
 *
 * A page of another site can send requests to loopback, under a name of its own that it lets point
 * there. So on loopback only names of loopback are answered, and only origins named by
 * --cors-origin get CORS headers.
 */
#pragma once
#include "http/server.h"

struct origin_policy {
    bool loopback_names_only; /* the server is bound to loopback */
    slice host;               /* --host, which is a good name too */
    slice allowed_origins;    /* --cors-origin, separated by commas */
};

/* `named` as the request has it. One without a name (HTTP/1.0, as some probes speak) is known: a
 * browser always names one. */
bool origin_host_is_known(const struct origin_policy *policy, slice named);

/* Whether the origin is one of those allowed. */
bool origin_is_allowed(const struct origin_policy *policy, slice origin);

/* True for an address of loopback: localhost, 127.0.0.0/8, ::1. */
bool origin_is_loopback(slice host);
