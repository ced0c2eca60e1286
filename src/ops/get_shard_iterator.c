/*
 * GetShardIterator: a place in a shard to read on from.
 *
 * Source: AWS API Reference, DynamoDB Streams, GetShardIterator.
 */
#include "base/limits.h"
#include "db/stream/stream_read.h"
#include "ops/shard_iterator.h"

/* In the order of the service's model. */
enum iterator_type {
    ITERATOR_UNSAID,
    ITERATOR_TRIM_HORIZON,
    ITERATOR_LATEST,
    ITERATOR_AT,
    ITERATOR_AFTER,
    ITERATOR_AT_TIME,
};

struct input {
    slice stream_arn;
    slice shard_id;
    enum iterator_type type;
    slice sequence_number;
    struct optional_integer time_ms;
};

static const slice type_names[] = {
    SLICE("TRIM_HORIZON"),
    SLICE("LATEST"),
    SLICE("AT_SEQUENCE_NUMBER"),
    SLICE("AFTER_SEQUENCE_NUMBER"),
    SLICE("AT_TIMESTAMP"),
};
static const struct choices type_choices = CHOICES(type_names);

static const struct field fields[] = {
    FIELD(struct input, stream_arn, "StreamArn", FIELD_STRING, REQUIRED,
          .min = STREAM_ARN_BYTES_MIN, .max = STREAM_ARN_BYTES_MAX),
    FIELD(struct input, shard_id, "ShardId", FIELD_STRING, REQUIRED, .min = SHARD_ID_BYTES_MIN,
          .max = SHARD_ID_BYTES_MAX),
    FIELD(struct input, type, "ShardIteratorType", FIELD_ENUM, REQUIRED, .choices = &type_choices),
    FIELD(struct input, sequence_number, "SequenceNumber", FIELD_STRING, OPTIONAL,
          .min = SEQUENCE_NUMBER_BYTES_MIN, .max = SEQUENCE_NUMBER_BYTES_MAX),
    FIELD(struct input, time_ms, "Timestamp", FIELD_TIMESTAMP, OPTIONAL),
};
static const struct structure structure = STRUCTURE(struct input, fields);

/* A number that the shard has or had. */
static error find_sequence_number(struct request *request, const struct input *in,
                                  const struct stream *stream, const struct shard *shard,
                                  struct log_position *position)
{
    struct log_position oldest;
    if (!sequence_number_read(in->sequence_number, position) ||
        log_position_compare(*position, shard->start) < 0 ||
        log_position_compare(*position, stream_newest(request->session, shard)) > 0)
        return FAILURE(ERROR_VALIDATION, "Invalid SequenceNumber");
    TRY(stream_oldest(request->session, stream, shard, &oldest));
    if (log_position_compare(*position, oldest) < 0)
        return FAILURE(ERROR_TRIMMED_DATA_ACCESS,
                       "The operation attempted to read past the oldest stream record in a shard.");
    if (in->type == ITERATOR_AFTER)
        *position = log_position_after(*position);
    return NULL;
}

/* The first record of this time or a later one, also where older ones have been trimmed. */
static error find_time(struct request *request, const struct input *in,
                       const struct stream *stream, const struct shard *shard,
                       struct log_position *position)
{
    if (in->time_ms.value > db_now_ms(request->session->db))
        return FAILURE(ERROR_VALIDATION, "Timestamp must not be in the future");
    return stream_at_time(request->session, stream, shard, in->time_ms.value, position);
}

static error find_position(struct request *request, const struct input *in,
                           const struct stream *stream, const struct shard *shard,
                           struct log_position *position)
{
    switch (in->type) {
    case ITERATOR_TRIM_HORIZON:
        return stream_oldest(request->session, stream, shard, position);
    case ITERATOR_LATEST:
        *position = stream_newest(request->session, shard);
        return NULL;
    case ITERATOR_AT_TIME:
        return find_time(request, in, stream, shard, position);
    case ITERATOR_AT:
    case ITERATOR_AFTER:
    case ITERATOR_UNSAID:
        break;
    }
    return find_sequence_number(request, in, stream, shard, position);
}

/* Each of the two that say more is there with its own types, and with no other. */
static error check_place(struct request *request, const struct input *in)
{
    const struct {
        slice name;
        bool is_wanted;
        bool is_given;
    } places[] = {
        {SLICE("SequenceNumber"), in->type == ITERATOR_AT || in->type == ITERATOR_AFTER,
         is_given(in->sequence_number)},
        {SLICE("Timestamp"), in->type == ITERATOR_AT_TIME, in->time_ms.present},
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (places[i].is_wanted != places[i].is_given)
            return fail(request->arena, ERROR_VALIDATION, "%.*s is %s for ShardIteratorType %.*s",
                        SLICE_ARGS(places[i].name),
                        places[i].is_wanted ? "required" : "not allowed",
                        SLICE_ARGS(type_names[in->type - ITERATOR_TRIM_HORIZON]));
    }
    return NULL;
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct shard_iterator iterator;
    TRY(check_place(request, in));
    TRY(stream_arn_find(request, in->stream_arn, &iterator.stream));
    TRY(shard_find(request, iterator.stream, in->shard_id, &iterator.shard));
    TRY(find_position(request, in, iterator.stream, iterator.shard, &iterator.position));

    json_write_object_begin(request->out);
    json_write_name(request->out, SLICE("ShardIterator"));
    json_write_string(request->out, shard_iterator_make(request, &iterator));
    json_write_object_end(request->out);
    return NULL;
}

const struct operation operation_get_shard_iterator = {SLICE("GetShardIterator"), &structure, run};
