/*
 * ListStreams: the streams of all tables or of one, those disabled within a day included.
 *
 * Source: AWS API Reference, DynamoDB Streams, ListStreams.
 */
#include "base/limits.h"
#include "ops/stream_members.h"

struct input {
    slice table_name;
    struct optional_integer limit;
    slice start_arn;
};

static const struct field fields[] = {
    FIELD(struct input, table_name, "TableName", FIELD_STRING, OPTIONAL, .is_name = true,
          .min = TABLE_NAME_BYTES_MIN, .max = TABLE_NAME_BYTES_MAX),
    FIELD(struct input, limit, "Limit", FIELD_INTEGER, OPTIONAL, .min = 1,
          .max = LIST_STREAMS_LIMIT_MAX),
    FIELD(struct input, start_arn, "ExclusiveStartStreamArn", FIELD_STRING, OPTIONAL,
          .min = STREAM_ARN_BYTES_MIN, .max = STREAM_ARN_BYTES_MAX),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static void write_text(struct json_writer *out, slice name, slice text)
{
    json_write_name(out, name);
    json_write_string(out, text);
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    uint32_t limit = in->limit.present ? (uint32_t)in->limit.value : LIST_STREAMS_LIMIT_MAX;
    const struct stream *streams[LIST_STREAMS_LIMIT_MAX];
    uint32_t count;
    bool more;
    if (is_given(in->start_arn))
        TRY(stream_arn_check(in->start_arn));
    stream_list(request->session, in->start_arn, in->table_name, limit, streams, &count, &more);

    struct json_writer *out = request->out;
    json_write_object_begin(out);
    json_write_name(out, SLICE("Streams"));
    json_write_array_begin(out);
    for (uint32_t i = 0; i < count; i++) {
        json_write_object_begin(out);
        write_text(out, SLICE("StreamArn"), streams[i]->arn);
        write_text(out, SLICE("TableName"), streams[i]->table_name);
        write_text(out, SLICE("StreamLabel"), stream_label(request->arena, streams[i]->label_ms));
        json_write_object_end(out);
    }
    json_write_array_end(out);
    if (more)
        write_text(out, SLICE("LastEvaluatedStreamArn"), streams[count - 1]->arn);
    json_write_object_end(out);
    return NULL;
}

const struct operation operation_list_streams = {SLICE("ListStreams"), &structure, run};
