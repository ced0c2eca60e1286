/*
 * Authorization: present and well formed. Signatures are not verified yet: any key and secret is
 * accepted, which the server says when it starts.
 * Source: error texts captured from the servicein that order.
 */
#pragma once
#include "base/error.h"
#include "http/server.h"

error authorization_check(struct arena *arena, const struct http_request *request) MUST_CHECK;
