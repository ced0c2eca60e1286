/* A table with a stream, and what its log holds. */
#pragma once
#include "db/stream/stream_read.h"
#include "db/table/table_update.h"
#include "tests/unit/db/fixture.h"

/* A table "T" with the hash key pk (S), one partition and a stream of this view. */
void create_stream_table(struct fixture *fixture, enum stream_view view);
/* UpdateTable with this wish; its error. */
error wish_stream(struct fixture *fixture, enum stream_wish wish, enum stream_view view);
error remove_item(struct fixture *fixture, const char *key);
void delete_table(struct fixture *fixture);

/* The newest stream of "T" by its label; held by the caller's arena. */
const struct stream *newest_stream(struct caller *caller);
uint32_t count_streams(struct fixture *fixture);

/* Read the only shard from a position on; the error of the read. */
error read_shard(struct caller *caller, const struct stream *stream, struct log_position from,
                 uint32_t limit, struct stream_page *page);
/* Records of the newest stream that are left, from the oldest on. */
uint32_t count_records(struct fixture *fixture);
