/*
 * Members of streams: StreamSpecification of a table, and how stream operations name streams,
 * shards and records.
 */
#pragma once
#include "db/stream/stream.h"
#include "ops/decode.h"
#include "ops/operation.h"

struct stream_specification {
    struct optional_boolean enabled;
    enum stream_view view; /* NONE: not said */
};
extern const struct structure stream_specification_structure;

/* As on the wire. */
slice stream_view_name(enum stream_view view);

/*
 * The stream with this ARN.
 *   Errors: VALIDATION "Invalid StreamArn" for what is no ARN of a stream; RESOURCE_NOT_FOUND.
 */
error stream_arn_find(struct request *request, slice arn, const struct stream **stream) MUST_CHECK;
error stream_arn_check(slice arn) MUST_CHECK; /* the first of the two errors */

/*
 * The shard of this name.
 *   Errors: RESOURCE_NOT_FOUND "Requested resource not found: Shard does not exist".
 */
error shard_find(struct request *request, const struct stream *stream, slice name,
                 const struct shard **shard) MUST_CHECK;

/* 26 digits: they grow with the position, in all shards of a stream alike. */
slice sequence_number(struct arena *arena, struct log_position position);
/* False when it is none of ours. */
bool sequence_number_read(slice text, struct log_position *position);
