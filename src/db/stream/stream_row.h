/*
 * The stored description of a stream: one byte of format, the stamp of the commit that wrote it,
 * then a stored item.
 *
 * Where shards begin and end is only known when the group is formed. So a shard's start or end may
 * be LOG_HERE, which means the row's own stamp; the next row of the stream spells it out.
 */
#pragma once
#include "db/stream/stream.h"

/* No commit has the number 0. */
#define LOG_HERE ((struct log_position){0, 0})

enum { STREAM_ROW_FORMAT = 1, STREAM_ROW_STAMP_OFFSET = 1 };

/* 01 01 log space, label: where the description stands. */
slice stream_row_key(struct arena *arena, uint32_t log_space, int64_t label_ms);
/* Whether a key of the catalogue is a stream's. */
bool stream_row_is_key(slice key);

/* To be written with the stamp at STREAM_ROW_STAMP_OFFSET. */
struct store_write stream_row_write(struct arena *arena, const struct stream *stream);

/*
 * Everything but the ARN, which depends on region and account. Text is borrowed from `value`.
 *   Errors: CORRUPT.
 */
error stream_row_open(struct arena *arena, slice value, struct stream *stream) MUST_CHECK;
