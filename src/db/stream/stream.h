/*
 * Streams: a table's change log as its consumers see it, and all streams by their ARN.
 *
 * A stream is a part of its table's log, from when it was enabled to when it was disabled. It has
 * a shard for each partition of the table; a shard that is split ends where its children begin.
 * Descriptions are immutable, counted, and replaced whole; they outlive their tables.
 */
#pragma once
#include "db/stream/log.h"

struct shard_id {
    uint32_t partition;
    int64_t created_ms;
};

/* What a partition has in a stream. */
struct shard {
    struct shard_id id;
    bool has_parent;
    struct shard_id parent; /* of the shard that was split; it may be gone */
    bool is_ended;
    int64_t split_ms;          /* when its partition was split; 0: it was not */
    struct log_position start; /* in the partition's log */
    struct log_position end;   /* is_ended: behind its last record */
};

struct stream {
    slice arn;
    slice table_name;
    slice table_id;
    struct key_schema keys; /* the table's */
    uint32_t log_space;
    int64_t label_ms; /* when it was asked for; with the table's name it names the stream */
    enum stream_view view;
    int64_t active_ms; /* ENABLING before */
    int64_t closed_ms; /* when it was disabled; 0: not yet */
    int64_t sealed_ms; /* closed, and all shards have their ends: no record comes any more; 0: no */
    const struct shard *shards; /* parents before their children */
    uint32_t shard_count;
};

enum { STREAM_RETENTION_MS = 24 * 60 * 60 * 1000 }; /* of a record, and of a stream once closed */

enum stream_status { STREAM_ENABLING, STREAM_ENABLED, STREAM_DISABLING, STREAM_DISABLED };
enum stream_status stream_status_of(const struct db *db, const struct stream *stream);

/* Epoch milliseconds as in labels: 2026-11-22T10:43:04.123. */
slice stream_label(struct arena *arena, int64_t label_ms);
slice stream_arn(const struct db *db, struct arena *arena, slice table_name, int64_t label_ms);

/*
 * By ARN; held until the session's arena ends.
 *   Errors: RESOURCE_NOT_FOUND "Requested resource not found: Stream: ARN not found".
 */
error stream_find(struct db_session *session, slice arn, const struct stream **stream) MUST_CHECK;

/*
 * At most `limit` streams with ARNs after `after` (empty: from the start), by ARN; of one table
 * only, unless `table_name` is empty. Held until the session's arena ends.
 */
void stream_list(struct db_session *session, slice after, slice table_name, uint32_t limit,
                 const struct stream **streams, uint32_t *count, bool *more);

/* "shardId-" and so on: its name in its stream. Names sort by when shards were made. */
slice shard_name(struct arena *arena, const struct stream *stream, struct shard_id id);

/* ---- the collection of all streams: for db/ ---- */

struct streams;
struct streams *streams_new(void);
void streams_free(struct streams *streams);

/* A description of its own memory. */
const struct stream *stream_new(const struct stream *fields);
void stream_release(const struct stream *stream);

/* Put or replace the one with this ARN; takes over the caller's reference. */
void streams_put(struct streams *streams, const struct stream *stream);
void streams_remove(struct streams *streams, slice arn);
/* With a reference for the caller, or NULL. */
const struct stream *streams_find(struct streams *streams, slice arn);
/* Up to `limit` with ARNs after `after`, in order, each with a reference. */
uint32_t streams_list(struct streams *streams, slice after, const struct stream **found,
                      uint32_t limit);

/* When the housekeeper must look at the stream again; 0 for one that was put or replaced. */
int64_t stream_due_ms(const struct stream *stream);
void stream_set_due_ms(const struct stream *stream, int64_t due_ms);
