#include "server/reply.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "json/writer.h"
#include <inttypes.h>

enum { REQUEST_ID_BYTES = 52 };

/* As the service's: 52 characters of A-Z and 0-9. Unique enough to find a line in a log. */
static slice make_request_id(struct arena *arena)
{
    static _Thread_local struct random random;
    static _Thread_local bool seeded;
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    if (!seeded) {
        random_init(&random, random_seed());
        seeded = true;
    }
    char *text = arena_alloc_bytes(arena, REQUEST_ID_BYTES);
    uint64_t bits = 0;
    for (unsigned i = 0; i < REQUEST_ID_BYTES; i++) {
        if (i % 12 == 0)
            bits = random_next(&random);
        text[i] = alphabet[bits & 31];
        bits >>= 5;
    }
    return slice_of(text, REQUEST_ID_BYTES);
}

void reply_form_init(struct reply_form *form, struct http_exchange *exchange)
{
    *form = (struct reply_form){.request_id = make_request_id(exchange->arena),
                                .operation = SLICE("none")};
}

static void reply_with(struct http_exchange *exchange, const struct reply_form *form,
                       uint16_t status, slice body, void (*more)(struct http_exchange *exchange))
{
    if (log_is_on(LOG_DEBUG))
        log_write(LOG_DEBUG, "request",
                  "operation=%.*s status=%u request=%.*s total_us=%" PRIu64 " bytes=%zu",
                  SLICE_ARGS(form->operation), status, SLICE_ARGS(form->request_id),
                  clock_monotonic_us() - exchange->started_us, body.size);
    struct http_response response = {.status = status,
                                     .content_type = form->content_type,
                                     .request_id = form->request_id,
                                     .crc32 = true,
                                     .headers = form->headers,
                                     .header_count = form->header_count,
                                     .body = body,
                                     .more = more};
    http_reply(exchange, &response);
}

static void reply(struct http_exchange *exchange, const struct reply_form *form, uint16_t status,
                  slice body)
{
    reply_with(exchange, form, status, body, NULL);
}

void reply_parts(struct http_exchange *exchange, const struct reply_form *form, slice first,
                 void (*more)(struct http_exchange *exchange))
{
    reply_with(exchange, form, 200, first, more);
}

void reply_json(struct http_exchange *exchange, const struct reply_form *form, slice body)
{
    reply(exchange, form, 200, body);
}

void reply_plain(struct http_exchange *exchange, const struct reply_form *form, uint16_t status,
                 slice body)
{
    reply(exchange, form, status, body);
}

void reply_error(struct http_exchange *exchange, const struct reply_form *form, error failure)
{
    const struct error_wire *wire = error_wire_of(failure->kind);
    if (wire->status >= 500)
        log_write(LOG_ERROR, "request_failed", "operation=%.*s request=%.*s reason=%s",
                  SLICE_ARGS(form->operation), SLICE_ARGS(form->request_id),
                  LOG_VALUE(failure->message));
    struct json_writer out;
    json_writer_init(&out, exchange->arena);
    json_write_object_begin(&out);
    json_write_name(&out, SLICE("__type"));
    json_write_string(&out, wire->type);
    if (failure->message.size > 0) {
        json_write_name(&out, wire->text_member);
        json_write_string(&out, failure->message);
    }
    slice body = json_writer_text(&out);
    if (failure->members.size > 0)
        body = arena_format(exchange->arena, "%.*s,%.*s}", SLICE_ARGS(body),
                            SLICE_ARGS(failure->members));
    else
        body = arena_format(exchange->arena, "%.*s}", SLICE_ARGS(body));
    reply(exchange, form, wire->status, body);
}
