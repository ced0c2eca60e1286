/*
 * GetRecords: the records of a shard from an iterator on.
 *
 * Source: AWS API Reference, DynamoDB Streams, GetRecords; Developer Guide, DynamoDB Streams.
 */
#include "base/limits.h"
#include "db/stream/stream_read.h"
#include "ops/response.h"
#include "ops/shard_iterator.h"

struct input {
    slice iterator;
    struct optional_integer limit;
};

static const struct field fields[] = {
    FIELD(struct input, iterator, "ShardIterator", FIELD_STRING, REQUIRED, .min = 1,
          .max = SHARD_ITERATOR_BYTES_MAX),
    FIELD(struct input, limit, "Limit", FIELD_INTEGER, OPTIONAL, .min = 1,
          .max = GET_RECORDS_LIMIT_MAX),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static const slice event_names[] = {
    [STREAM_INSERT] = SLICE("INSERT"),
    [STREAM_MODIFY] = SLICE("MODIFY"),
    [STREAM_REMOVE] = SLICE("REMOVE"),
};

static void write_text(struct json_writer *out, slice name, slice text)
{
    json_write_name(out, name);
    json_write_string(out, text);
}

static slice event_id(struct arena *arena, const struct stream_record *record)
{
    static const char digits[] = "0123456789abcdef";
    enum { ID_BYTES = sizeof record->id };
    char *text = arena_alloc_bytes(arena, 2 * ID_BYTES);
    for (size_t i = 0; i < ID_BYTES; i++) {
        text[2 * i] = digits[record->id[i] >> 4];
        text[2 * i + 1] = digits[record->id[i] & 15];
    }
    return slice_of(text, 2 * ID_BYTES);
}

static void write_change(struct request *request, const struct stream *stream,
                         const struct stream_record *record)
{
    struct json_writer *out = request->out;
    json_write_name(out, SLICE("dynamodb"));
    json_write_object_begin(out);
    json_write_name(out, SLICE("ApproximateCreationDateTime"));
    json_write_integer(out, record->time_ms / 1000);
    response_item(out, SLICE("Keys"), record->keys);
    response_item(out, SLICE("NewImage"), record->new_image);
    response_item(out, SLICE("OldImage"), record->old_image);
    write_text(out, SLICE("SequenceNumber"), sequence_number(request->arena, record->position));
    json_write_name(out, SLICE("SizeBytes"));
    json_write_integer(out, (int64_t)record->charged_bytes);
    write_text(out, SLICE("StreamViewType"), stream_view_name(stream->view));
    json_write_object_end(out);
}

static void write_identity(struct json_writer *out)
{
    json_write_name(out, SLICE("userIdentity"));
    json_write_object_begin(out);
    write_text(out, SLICE("PrincipalId"), SLICE("dynamodb.amazonaws.com"));
    write_text(out, SLICE("Type"), SLICE("Service"));
    json_write_object_end(out);
}

static void write_record(struct request *request, const struct stream *stream,
                         const struct stream_record *record)
{
    struct json_writer *out = request->out;
    json_write_object_begin(out);
    write_text(out, SLICE("eventID"), event_id(request->arena, record));
    write_text(out, SLICE("eventName"), event_names[record->event]);
    write_text(out, SLICE("eventVersion"), SLICE("1.1"));
    write_text(out, SLICE("eventSource"), SLICE("aws:dynamodb"));
    write_text(out, SLICE("awsRegion"), db_region(request->session->db));
    write_change(request, stream, record);
    if (record->actor == LOG_BY_TIME_TO_LIVE)
        write_identity(out);
    json_write_object_end(out);
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    uint32_t limit = in->limit.present ? (uint32_t)in->limit.value : GET_RECORDS_LIMIT_MAX;
    struct shard_iterator iterator;
    struct stream_page page;
    TRY(shard_iterator_read(request, in->iterator, &iterator));
    TRY(stream_read(request->session, iterator.stream, iterator.shard, iterator.position, limit,
                    &page));

    struct json_writer *out = request->out;
    json_write_object_begin(out);
    json_write_name(out, SLICE("Records"));
    json_write_array_begin(out);
    for (uint32_t i = 0; i < page.count; i++)
        write_record(request, iterator.stream, &page.records[i]);
    json_write_array_end(out);
    if (!page.is_end) {
        iterator.position = page.next;
        write_text(out, SLICE("NextShardIterator"), shard_iterator_make(request, &iterator));
    }
    json_write_object_end(out);
    return NULL;
}

const struct operation operation_get_records = {SLICE("GetRecords"), &structure, run};
