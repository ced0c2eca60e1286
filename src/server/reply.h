/* Replies of the API: JSON bodies, errors in the service's form, request ids. */
#pragma once
#include "base/error.h"
#include "http/server.h"

/* What every reply to one request has in common. */
struct reply_form {
    slice request_id; /* in the reply's header and in every line of the log about it */
    slice operation;  /* its name for the log, or "none" */
    slice content_type;
    const struct http_header *headers; /* further ones */
    uint32_t header_count;
};

void reply_form_init(struct reply_form *form, struct http_exchange *exchange);

void reply_json(struct http_exchange *exchange, const struct reply_form *form, slice body);

/* Logs what is the server's fault, with the request id. */
void reply_error(struct http_exchange *exchange, const struct reply_form *form, error failure);

/* Not JSON and in parts: as http_response.more. */
void reply_parts(struct http_exchange *exchange, const struct reply_form *form, slice first,
                 void (*more)(struct http_exchange *exchange));

/* Not JSON: health, CORS, 404. */
void reply_plain(struct http_exchange *exchange, const struct reply_form *form, uint16_t status,
                 slice body);
