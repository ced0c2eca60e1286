/* Reading a stream: pages of the records of a shard, as the stream's view shows them. */
#pragma once
#include "db/stream/stream.h"

enum stream_event { STREAM_INSERT, STREAM_MODIFY, STREAM_REMOVE };

struct stream_record {
    uint8_t id[16]; /* the same whenever it is read */
    struct log_position position;
    int64_t time_ms;
    enum stream_event event;
    enum log_actor actor;
    slice keys;
    slice old_image; /* ITEM_ABSENT: there was none, or the view leaves it out */
    slice new_image;
    size_t charged_bytes; /* of keys and images, as items are charged */
};

struct stream_page {
    const struct stream_record *records;
    uint32_t count;
    struct log_position next; /* to read on from */
    bool is_end;              /* the shard has ended, and everything in it was read */
};

/*
 * Up to `limit` records from a position on, and no more than STREAM_PAGE_BYTES_MAX unless it is
 * one. Only what is durable.
 *   Errors: TRIMMED_DATA_ACCESS when records behind the position have been trimmed.
 */
error stream_read(struct db_session *session, const struct stream *stream,
                  const struct shard *shard, struct log_position from, uint32_t limit,
                  struct stream_page *page) MUST_CHECK;

/* Where the oldest record that is left stands, or will; and behind the newest durable one. */
error stream_oldest(struct db_session *session, const struct stream *stream,
                    const struct shard *shard, struct log_position *position) MUST_CHECK;
struct log_position stream_newest(const struct db_session *session, const struct shard *shard);

/*
 * Before the oldest record that is left of this time or a later one; where there is none, behind
 * the newest durable one.
 */
error stream_at_time(struct db_session *session, const struct stream *stream,
                     const struct shard *shard, int64_t time_ms,
                     struct log_position *position) MUST_CHECK;
