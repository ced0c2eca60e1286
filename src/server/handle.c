#include "server/handle.h"

#include "auth/authorization.h"
#include "server/reply.h"
#include "json/reader.h"

static const slice json_types[] = {
    {"application/x-amz-json-1.0", 26},
    {"application/json", 16},
};

/* The API's name in X-Amz-Target, with the dot. */
static const struct {
    slice prefix;
    bool of_streams;
} targets[] = {
    {SLICE("DynamoDB_20120810."), false},
    {SLICE("DynamoDBStreams_20120810."), true},
};

#define NOT_FOUND_BODY SLICE("<UnknownOperationException/>\n")

/* The request's content type when it is one of ours, without parameters; else empty. */
static slice known_type(const struct http_request *request)
{
    slice type = http_header(request, SLICE("content-type"));
    const char *parameters = type.size > 0 ? memchr(type.data, ';', type.size) : NULL;
    if (parameters)
        type = slice_first(type, (size_t)(parameters - type.data));
    while (type.size > 0 && type.data[type.size - 1] == ' ')
        type.size--;
    for (size_t i = 0; i < sizeof json_types / sizeof json_types[0]; i++) {
        if (slice_equal_ignoring_case(type, json_types[i]))
            return json_types[i];
    }
    return SLICE_NONE;
}

static const struct operation *find_target(const struct http_request *request)
{
    slice target = http_header(request, SLICE("x-amz-target"));
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        if (!slice_begins_with(target, targets[i].prefix))
            continue;
        const struct operation *operation =
            operation_find(slice_from(target, targets[i].prefix.size));
        return operation && operation_is_of_streams(operation) == targets[i].of_streams ? operation
                                                                                        : NULL;
    }
    return NULL;
}

/* CORS headers for an origin that was named; none for others. */
static void allow_origin(const struct handler *handler, struct http_exchange *exchange,
                         struct reply_form *form)
{
    slice origin = http_header(&exchange->request, SLICE("origin"));
    if (origin.size == 0 || !origin_is_allowed(&handler->origin_policy, origin))
        return;
    enum { HEADERS = 6 };
    struct http_header *headers = arena_new_array(exchange->arena, struct http_header, HEADERS);
    uint32_t count = 0;
    headers[count++] = (struct http_header){SLICE("Access-Control-Allow-Origin"), origin};
    headers[count++] = (struct http_header){SLICE("Vary"), SLICE("Origin")};
    headers[count++] =
        (struct http_header){SLICE("Access-Control-Expose-Headers"),
                             SLICE("x-amzn-requestid,x-amzn-errortype,x-amz-crc32,date")};
    if (slice_equal(exchange->request.method, SLICE("OPTIONS"))) {
        slice asked = http_header(&exchange->request, SLICE("access-control-request-headers"));
        if (asked.size > 0)
            headers[count++] = (struct http_header){SLICE("Access-Control-Allow-Headers"), asked};
        asked = http_header(&exchange->request, SLICE("access-control-request-method"));
        if (asked.size > 0)
            headers[count++] = (struct http_header){SLICE("Access-Control-Allow-Methods"), asked};
        headers[count++] = (struct http_header){SLICE("Access-Control-Max-Age"), SLICE("172800")};
    }
    form->headers = headers;
    form->header_count = count;
}

/* What is not an API request: preflight, pages, nothing. False: it is one. */
static bool answer_other(struct handler *handler, struct http_exchange *exchange,
                         struct reply_form *form)
{
    const struct http_request *request = &exchange->request;
    if (!origin_host_is_known(&handler->origin_policy, request->host)) {
        reply_plain(exchange, form, 403,
                    SLICE("This server answers names of loopback only: use localhost or "
                          "127.0.0.1, or start it with --host.\n"));
        return true;
    }
    allow_origin(handler, exchange, form);
    if (form->header_count > 0 && slice_equal(request->method, SLICE("OPTIONS"))) {
        reply_plain(exchange, form, 200, SLICE_NONE);
        return true;
    }
    if (pages_answer(&handler->pages, exchange, form))
        return true;
    slice type = known_type(request);
    if (!slice_equal(request->method, SLICE("POST")) || (request->body.size > 0 && !type.size)) {
        reply_plain(exchange, form, 404, NOT_FOUND_BODY);
        return true;
    }
    form->content_type = type.size > 0 ? type : json_types[1];
    return false;
}

/* In the service's order: JSON syntax, target, authorization, a body at all. */
static error find_operation(struct http_exchange *exchange, const struct operation **operation)
{
    slice body = exchange->request.body;
    if (body.size > 0 && !json_check(body))
        return FAILURE(ERROR_SERIALIZATION, "");
    *operation = find_target(&exchange->request);
    if (!*operation)
        return FAILURE(ERROR_UNKNOWN_OPERATION, "");
    TRY(authorization_check(exchange->arena, &exchange->request));
    if (body.size == 0)
        return FAILURE(ERROR_SERIALIZATION, "");
    return NULL;
}

void handle_request(void *context, struct http_exchange *exchange)
{
    struct handler *handler = context;
    struct reply_form form;
    reply_form_init(&form, exchange);
    if (answer_other(handler, exchange, &form))
        return;
    const struct operation *operation = NULL;
    error failure = find_operation(exchange, &operation);
    if (operation)
        form.operation = operation->name;
    if (failure)
        call_refuse(handler->calls, exchange, operation, &form, failure);
    else if (handler->faults)
        faults_start(handler->faults, exchange, operation, &form);
    else
        call_start(handler->calls, exchange, operation, &form, NULL);
}

void handle_end_turn(void *context)
{
    struct handler *handler = context;
    calls_end_turn(handler->calls);
}
