/*
 * DescribeEndpoints: where to send requests, which is here: the address the client used.
 *
 * Source: AWS API Reference, DescribeEndpoints.
 */
#include "ops/decode.h"
#include "ops/operation.h"

enum { CACHE_MINUTES = 1440 };

static const struct structure structure = {.size = 1};

static error run(struct request *request, const void *decoded)
{
    (void)decoded;
    struct json_writer *out = request->out;
    json_write_object_begin(out);
    json_write_name(out, SLICE("Endpoints"));
    json_write_array_begin(out);
    json_write_object_begin(out);
    json_write_name(out, SLICE("Address"));
    json_write_string(out, request->host);
    json_write_name(out, SLICE("CachePeriodInMinutes"));
    json_write_integer(out, CACHE_MINUTES);
    json_write_object_end(out);
    json_write_array_end(out);
    json_write_object_end(out);
    return NULL;
}

const struct operation operation_describe_endpoints = {SLICE("DescribeEndpoints"), &structure, run};
