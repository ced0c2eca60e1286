#include "client/client.h"

#include "base/assert.h"
#include "base/buffer.h"
#include "base/limits.h"
#include "client/wire.h"
#include "json/reader.h"
#include <llhttp/llhttp.h>

enum { RECEIVE_BYTES = 64 * 1024 };

const struct client_options client_options_usual = {
    .host = "127.0.0.1",
    .port = 8000,
    .connect_timeout_ms = 5000,
    .silence_timeout_ms = 60000,
    .body_bytes_max = 64 * 1024 * 1024,
};

struct client {
    struct wire wire;
    uint64_t body_bytes_max;
    char received[RECEIVE_BYTES];
};

static void close_wire(void *object)
{
    struct client *client = object;
    wire_close(&client->wire);
}

struct client *client_make(struct arena *arena, const struct client_options *options)
{
    struct client *client = arena_new(arena, struct client);
    client->body_bytes_max = options->body_bytes_max;
    client->wire = (struct wire){.host = options->host,
                                 .port = options->port,
                                 .connect_timeout_ms = options->connect_timeout_ms,
                                 .silence_timeout_ms = options->silence_timeout_ms};
    wire_init(&client->wire);
    arena_defer(arena, close_wire, client);
    return client;
}

/* ---- the reply ---- */

/* What llhttp's callbacks gather. */
struct gathering {
    uint64_t body_bytes_max;
    size_t head_bytes;  /* of names and values */
    struct buffer name; /* of the header that is being read */
    struct buffer content_type;
    struct buffer body;
    uint16_t status;
    bool is_complete;
    bool keeps_alive; /* says the reply */
    bool is_too_large;
};

static int count_head(struct gathering *gathering, size_t size)
{
    gathering->head_bytes += size;
    gathering->is_too_large = gathering->head_bytes > HEAD_BYTES_MAX;
    return gathering->is_too_large ? HPE_USER : HPE_OK;
}

static int on_status(llhttp_t *parser, const char *at, size_t size)
{
    (void)at;
    return count_head(parser->data, size);
}

static int on_name(llhttp_t *parser, const char *at, size_t size)
{
    struct gathering *gathering = parser->data;
    buffer_append(&gathering->name, slice_of(at, size));
    return count_head(gathering, size);
}

static int on_value(llhttp_t *parser, const char *at, size_t size)
{
    struct gathering *gathering = parser->data;
    if (slice_equal_ignoring_case(buffer_slice(&gathering->name), SLICE("content-type")))
        buffer_append(&gathering->content_type, slice_of(at, size));
    return count_head(gathering, size);
}

static int on_value_complete(llhttp_t *parser)
{
    struct gathering *gathering = parser->data;
    gathering->name.size = 0;
    return HPE_OK;
}

static int on_body(llhttp_t *parser, const char *at, size_t size)
{
    struct gathering *gathering = parser->data;
    gathering->is_too_large = size > gathering->body_bytes_max - gathering->body.size;
    if (gathering->is_too_large)
        return HPE_USER;
    buffer_append(&gathering->body, slice_of(at, size));
    return HPE_OK;
}

/* 100 Continue and its like are announcements; the answer follows. */
static int on_complete(llhttp_t *parser)
{
    struct gathering *gathering = parser->data;
    gathering->status = parser->status_code;
    gathering->is_complete = gathering->status >= 200;
    gathering->keeps_alive = llhttp_should_keep_alive(parser);
    return gathering->is_complete ? HPE_PAUSED : HPE_OK;
}

static const llhttp_settings_t settings = {
    .on_status = on_status,
    .on_header_field = on_name,
    .on_header_value = on_value,
    .on_header_value_complete = on_value_complete,
    .on_body = on_body,
    .on_message_complete = on_complete,
};

static error not_understood(struct arena *arena, const struct client *client,
                            const struct gathering *gathering, enum llhttp_errno code)
{
    const struct wire *wire = &client->wire;
    if (gathering->is_too_large)
        return fail(arena, ERROR_SERVICE_UNAVAILABLE,
                    "the answer of %s:%u is larger than this command takes", wire->host,
                    wire->port);
    return fail(arena, ERROR_SERVICE_UNAVAILABLE,
                "what listens at %s:%u does not answer in HTTP/1.1 (%s): is that the server's "
                "port?",
                wire->host, wire->port, llhttp_errno_name(code));
}

/* Reads until the reply is whole. *keeps: nothing came behind it, and more may be asked. */
static error read_reply(struct client *client, struct arena *arena, struct gathering *gathering,
                        bool *keeps)
{
    llhttp_t parser;
    llhttp_init(&parser, HTTP_RESPONSE, &settings);
    parser.data = gathering;
    while (!gathering->is_complete) {
        size_t size;
        TRY(wire_receive(arena, &client->wire, client->received, RECEIVE_BYTES, &size));
        enum llhttp_errno code =
            size > 0 ? llhttp_execute(&parser, client->received, size) : llhttp_finish(&parser);
        *keeps = gathering->keeps_alive && size > 0 &&
                 llhttp_get_error_pos(&parser) == client->received + size;
        if (gathering->is_complete)
            break;
        if (code != HPE_OK && size > 0)
            return not_understood(arena, client, gathering, code);
        if (size == 0)
            return fail(arena, ERROR_SERVICE_UNAVAILABLE,
                        "%s:%u closed the connection before its answer was whole",
                        client->wire.host, client->wire.port);
    }
    return NULL;
}

/* ---- the call ---- */

static error exchange(struct client *client, struct arena *arena, slice request,
                      struct client_reply *reply, bool *keeps)
{
    struct gathering gathering = {.body_bytes_max = client->body_bytes_max};
    buffer_init(&gathering.name, arena);
    buffer_init(&gathering.content_type, arena);
    buffer_init(&gathering.body, arena);
    bool is_sent;
    if (client->wire.socket >= 0 && wire_has_input(&client->wire))
        wire_close(&client->wire);
    if (client->wire.socket < 0)
        TRY(wire_open(arena, &client->wire));
    TRY(wire_send(arena, &client->wire, request, &is_sent));
    TRY(read_reply(client, arena, &gathering, keeps));
    *keeps = *keeps && is_sent;
    *reply = (struct client_reply){.status = gathering.status,
                                   .content_type = buffer_slice(&gathering.content_type),
                                   .body = buffer_slice(&gathering.body)};
    return NULL;
}

static error ask(struct client *client, struct arena *arena, slice request,
                 struct client_reply *reply)
{
    bool keeps = false;
    error failure = exchange(client, arena, request, reply, &keeps);
    if (failure || !keeps)
        wire_close(&client->wire);
    return failure;
}

/* An address of IPv6 stands in brackets before the port. */
static slice host_header(struct arena *arena, const struct client *client)
{
    bool is_ipv6 = strchr(client->wire.host, ':') != NULL;
    return arena_format(arena, "Host: %s%s%s:%u\r\n", is_ipv6 ? "[" : "", client->wire.host,
                        is_ipv6 ? "]" : "", client->wire.port);
}

error client_get(struct client *client, struct arena *arena, slice path, struct client_reply *reply)
{
    slice request = arena_format(arena, "GET %.*s HTTP/1.1\r\n%.*s\r\n", SLICE_ARGS(path),
                                 SLICE_ARGS(host_header(arena, client)));
    return ask(client, arena, request, reply);
}

error client_call(struct client *client, struct arena *arena, slice target, slice body,
                  struct client_reply *reply)
{
    struct buffer request;
    buffer_init(&request, arena);
    buffer_append(&request,
                  arena_format(arena,
                               "POST / HTTP/1.1\r\n%.*s"
                               "Content-Type: application/x-amz-json-1.0\r\n"
                               "X-Amz-Target: %.*s\r\n"
                               "X-Amz-Date: 20000101T000000Z\r\n"
                               "Authorization: AWS4-HMAC-SHA256 "
                               "Credential=stator/20000101/local/dynamodb/aws4_request, "
                               "SignedHeaders=host;x-amz-date;x-amz-target, Signature=none\r\n"
                               "Content-Length: %zu\r\n\r\n",
                               SLICE_ARGS(host_header(arena, client)), SLICE_ARGS(target),
                               body.size));
    buffer_append(&request, body);
    return ask(client, arena, buffer_slice(&request), reply);
}

/* ---- what it says ---- */

bool client_refused(struct arena *arena, const struct client_reply *reply,
                    struct client_refusal *refusal)
{
    if (reply->status < 300)
        return false;
    *refusal = (struct client_refusal){.name = arena_format(arena, "HTTP %u", reply->status)};
    if (reply->body.size == 0 || !json_check(reply->body))
        return true;
    struct json_reader reader;
    json_reader_init(&reader, arena, reply->body);
    if (json_peek(&reader) != JSON_OBJECT)
        return true;
    json_object_begin(&reader);
    for (slice name; json_object_next(&reader, &name);) {
        bool is_text = json_peek(&reader) == JSON_STRING;
        if (is_text && slice_equal(name, SLICE("__type"))) {
            slice type = json_read_string(&reader);
            const char *hash = type.size > 0 ? memchr(type.data, '#', type.size) : NULL;
            refusal->name = hash ? slice_from(type, (size_t)(hash + 1 - type.data)) : type;
        } else if (is_text && slice_equal_ignoring_case(name, SLICE("message"))) {
            refusal->message = json_read_string(&reader);
        } else {
            json_skip(&reader);
        }
    }
    return true;
}
