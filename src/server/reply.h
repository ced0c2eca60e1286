/* Replies of the API: JSON bodies, errors in the service's form, request ids. */
#pragma once
#include "base/error.h"
#include "http/server.h"

struct reply_form {
    slice content_type;
    const struct http_header *headers; /* further ones */
    uint32_t header_count;
};

void reply_json(struct http_exchange *exchange, const struct reply_form *form, slice body);

/* Logs what is the server's fault, with the request id. */
void reply_error(struct http_exchange *exchange, const struct reply_form *form, error failure,
                 slice operation_name);

/* Not JSON: health, CORS, 404. */
void reply_plain(struct http_exchange *exchange, const struct reply_form *form, uint16_t status,
                 slice body);
