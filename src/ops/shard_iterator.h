/*
 * Shard iterators: a place in a shard, as text that only this server reads.
 *
 * The stream's ARN, "|1|", and base64 of partition, position and time with a checksum that
 * depends on the stream: one of another directory, or one that was changed, is no iterator.
 */
#pragma once
#include "ops/stream_members.h"

struct shard_iterator {
    const struct stream *stream;
    const struct shard *shard;
    struct log_position position;
};

/* Issued now. */
slice shard_iterator_make(struct request *request, const struct shard_iterator *iterator);

/*
 *   Errors: VALIDATION "Invalid ShardIterator"; EXPIRED_ITERATOR; RESOURCE_NOT_FOUND when the
 *   stream or the shard is gone.
 */
error shard_iterator_read(struct request *request, slice text,
                          struct shard_iterator *iterator) MUST_CHECK;
