/*
 * DescribeStream: a stream, and its shards by name, paged; or the children of one shard.
 *
 * Source: AWS API Reference, DynamoDB Streams, DescribeStream.
 */
#include "base/limits.h"
#include "ops/response.h"
#include "ops/stream_members.h"
#include <stdlib.h>

enum filter_type { FILTER_UNSAID, FILTER_CHILD_SHARDS };

struct filter {
    enum filter_type type;
    slice shard_id;
};

struct input {
    slice stream_arn;
    struct optional_integer limit;
    slice start_shard_id;
    const struct filter *filter;
};

static const slice filter_type_names[] = {SLICE("CHILD_SHARDS")};
static const struct choices filter_type_choices = CHOICES(filter_type_names);

static const struct field filter_fields[] = {
    FIELD(struct filter, type, "Type", FIELD_ENUM, REQUIRED, .choices = &filter_type_choices),
    FIELD(struct filter, shard_id, "ShardId", FIELD_STRING, REQUIRED, .min = SHARD_ID_BYTES_MIN,
          .max = SHARD_ID_BYTES_MAX),
};
static const struct structure filter_structure =
    STRUCTURE(struct filter, filter_fields, .shape = SLICE("ShardFilter"));

static const struct field fields[] = {
    FIELD(struct input, stream_arn, "StreamArn", FIELD_STRING, REQUIRED,
          .min = STREAM_ARN_BYTES_MIN, .max = STREAM_ARN_BYTES_MAX),
    FIELD(struct input, limit, "Limit", FIELD_INTEGER, OPTIONAL, .min = 1,
          .max = DESCRIBE_STREAM_LIMIT_MAX),
    FIELD(struct input, start_shard_id, "ExclusiveStartShardId", FIELD_STRING, OPTIONAL,
          .min = SHARD_ID_BYTES_MIN, .max = SHARD_ID_BYTES_MAX),
    FIELD(struct input, filter, "ShardFilter", FIELD_STRUCTURE, OPTIONAL,
          .structure = &filter_structure),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static const slice status_names[] = {
    [STREAM_ENABLING] = SLICE("ENABLING"),
    [STREAM_ENABLED] = SLICE("ENABLED"),
    [STREAM_DISABLING] = SLICE("DISABLING"),
    [STREAM_DISABLED] = SLICE("DISABLED"),
};

struct named_shard {
    slice name;
    const struct shard *shard;
};

static int by_name(const void *a, const void *b)
{
    return slice_compare(((const struct named_shard *)a)->name,
                         ((const struct named_shard *)b)->name);
}

static bool is_child(const struct shard *shard, const struct shard *parent)
{
    return shard->has_parent && shard->parent.partition == parent->id.partition;
}

/* Those asked for, by name. `parent` NULL: all. */
static uint32_t choose(struct request *request, const struct input *in, const struct stream *stream,
                       const struct shard *parent, struct named_shard *chosen)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < stream->shard_count; i++) {
        const struct shard *shard = &stream->shards[i];
        slice name = shard_name(request->arena, stream, shard->id);
        if (slice_compare(name, in->start_shard_id) > 0 && (!parent || is_child(shard, parent)))
            chosen[count++] = (struct named_shard){name, shard};
    }
    qsort(chosen, count, sizeof *chosen, by_name);
    return count;
}

static void write_text(struct json_writer *out, slice name, slice text)
{
    json_write_name(out, name);
    json_write_string(out, text);
}

static void write_shard(struct request *request, const struct stream *stream,
                        const struct named_shard *named)
{
    struct json_writer *out = request->out;
    const struct shard *shard = named->shard;
    json_write_object_begin(out);
    write_text(out, SLICE("ShardId"), named->name);
    json_write_name(out, SLICE("SequenceNumberRange"));
    json_write_object_begin(out);
    write_text(out, SLICE("StartingSequenceNumber"), sequence_number(request->arena, shard->start));
    if (shard->is_ended)
        write_text(out, SLICE("EndingSequenceNumber"), sequence_number(request->arena, shard->end));
    json_write_object_end(out);
    if (shard->has_parent)
        write_text(out, SLICE("ParentShardId"), shard_name(request->arena, stream, shard->parent));
    json_write_object_end(out);
}

static void write_stream(struct request *request, const struct stream *stream,
                         const struct named_shard *shards, uint32_t count, bool more)
{
    struct json_writer *out = request->out;
    struct key_parts keys = key_parts_of_schema(&stream->keys);
    write_text(out, SLICE("StreamArn"), stream->arn);
    write_text(out, SLICE("StreamLabel"), stream_label(request->arena, stream->label_ms));
    write_text(out, SLICE("StreamStatus"),
               status_names[stream_status_of(request->session->db, stream)]);
    write_text(out, SLICE("StreamViewType"), stream_view_name(stream->view));
    json_write_name(out, SLICE("CreationRequestDateTime"));
    json_write_timestamp(out, stream->label_ms);
    write_text(out, SLICE("TableName"), stream->table_name);
    response_key_schema(out, &keys);
    json_write_name(out, SLICE("Shards"));
    json_write_array_begin(out);
    for (uint32_t i = 0; i < count; i++)
        write_shard(request, stream, &shards[i]);
    json_write_array_end(out);
    if (more)
        write_text(out, SLICE("LastEvaluatedShardId"), shards[count - 1].name);
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    uint32_t limit = in->limit.present ? (uint32_t)in->limit.value : DESCRIBE_STREAM_LIMIT_MAX;
    const struct stream *stream;
    const struct shard *parent = NULL;
    TRY(stream_arn_find(request, in->stream_arn, &stream));
    if (in->filter)
        TRY(shard_find(request, stream, in->filter->shard_id, &parent));
    struct named_shard *shards =
        arena_new_array(request->arena, struct named_shard, stream->shard_count);
    uint32_t count = choose(request, in, stream, parent, shards);

    json_write_object_begin(request->out);
    json_write_name(request->out, SLICE("StreamDescription"));
    json_write_object_begin(request->out);
    write_stream(request, stream, shards, count < limit ? count : limit, count > limit);
    json_write_object_end(request->out);
    json_write_object_end(request->out);
    return NULL;
}

const struct operation operation_describe_stream = {SLICE("DescribeStream"), &structure, run};
