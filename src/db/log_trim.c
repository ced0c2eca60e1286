/*
 * A log is a queue: written at one end, trimmed at the other. Trimming begins at the low-water
 * mark, so that it never reads what it deleted before, and moves the mark in the change set that
 * deletes; a reader that looks at the mark after it has read cannot miss a record unawares.
 */
#include "db/log_trim.h"

#include "base/limits.h"
#include "base/log.h"
#include "db/db_private.h"
#include "db/stream_row.h"

enum {
    ROWS_A_STEP = 512,
    STEPS_A_TURN = 32, /* the housekeeper has other things to do as well */
};

/* What one turn may still do. */
struct turn {
    struct db *db;
    int64_t now_ms;
    unsigned steps;
};

/* What was found in one part of a log. */
struct part {
    uint32_t space;
    uint32_t partition;
    struct log_position end; /* of the stream's shard, or LOG_END */
    bool is_empty;           /* nothing is left before `end` */
    int64_t next_due_ms;
};

static struct db_session background_session(struct db *db, struct arena *arena)
{
    struct db_session session;
    db_session_init(&session, db, arena, STORE_ANY, NULL, NULL);
    return session;
}

static error read_step(struct turn *turn, struct arena *arena, const struct part *part,
                       struct store_page *page)
{
    struct db_session session = background_session(turn->db, arena);
    struct log_position from;
    TRY(log_low_water(&session, part->space, part->partition, &from));
    struct store_scan scan = {.shard = STORE_SHARD_WHOLE,
                              .area = STORE_LOG,
                              .from = log_key(arena, part->space, part->partition, from),
                              .to = log_key(arena, part->space, part->partition, part->end),
                              .tier = STORE_ANY,
                              .background = true,
                              .row_count_max = ROWS_A_STEP,
                              .bytes_max = STORE_SCAN_BYTES_MAX};
    return db_error_of(&session, store_scan(turn->db->store, arena, &scan, page));
}

static error delete_records(struct turn *turn, struct arena *arena, const struct part *part,
                            const struct store_page *page, uint32_t count, struct log_position last)
{
    struct store_write *writes = arena_new_array(arena, struct store_write, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        writes[i] = db_delete(page->entries[i].key);
        writes[i].area = STORE_LOG;
    }
    char mark[LOG_POSITION_BYTES];
    log_position_put(mark, log_position_after(last));
    writes[count] = db_put(log_key_of_low_water(arena, part->space, part->partition),
                           slice_of(mark, sizeof mark));
    turn->steps++;
    return db_commit_rows(turn->db, arena, writes, count + 1);
}

/* One step. `more`: there may be another one to do. */
static error trim_step(struct turn *turn, struct part *part, bool *more)
{
    SCOPED_ARENA(arena);
    struct store_page page;
    struct log_record record = {.time_ms = 0};
    struct log_position last = {0, 0};
    uint32_t due = 0;
    TRY(read_step(turn, &arena, part, &page));
    for (; due < page.count; due++) {
        if (!log_record_open(&page.entries[due], &record))
            return FAILURE(ERROR_CORRUPT, "a record of the change log is damaged");
        if (record.time_ms + STREAM_RETENTION_MS > turn->now_ms)
            break;
        last = record.position;
    }
    *more = due == page.count && page.more;
    part->is_empty = due == page.count && !page.more;
    part->next_due_ms = (due < page.count ? record.time_ms : turn->now_ms) + STREAM_RETENTION_MS;
    return due == 0 ? NULL : delete_records(turn, &arena, part, &page, due, last);
}

/* Whether any part of the log's space is still spoken for by another stream. */
static bool space_has_other_stream(struct db *db, const struct stream *gone)
{
    enum { BATCH = 64 };
    const struct stream *batch[BATCH];
    SCOPED_ARENA(arena);
    slice after = SLICE_NONE;
    bool found = false;
    uint32_t count;
    do {
        count = streams_list(db->streams, after, batch, BATCH);
        for (uint32_t i = 0; i < count; i++) {
            found = found || (batch[i]->log_space == gone->log_space &&
                              batch[i]->label_ms != gone->label_ms);
            after = arena_copy(&arena, batch[i]->arn);
            stream_release(batch[i]);
        }
    } while (count == BATCH && !found);
    return found;
}

/* The stream is empty and its day over: its description goes, and the marks of a log without any.
 */
static error forget(struct turn *turn, const struct stream *stream)
{
    struct db *db = turn->db;
    SCOPED_ARENA(arena);
    struct store_write *writes =
        arena_new_array(&arena, struct store_write, 1 + stream->shard_count);
    uint32_t count = 0;
    writes[count++] = db_delete(stream_row_key(&arena, stream->log_space, stream->label_ms));
    for (uint32_t i = 0; i < stream->shard_count && !space_has_other_stream(db, stream); i++)
        writes[count++] = db_delete(
            log_key_of_low_water(&arena, stream->log_space, stream->shards[i].id.partition));
    TRY(db_commit_rows(db, &arena, writes, count));
    log_write(LOG_INFO, "stream_dropped", "stream=%.*s", SLICE_ARGS(stream->arn));
    turn->steps++;
    streams_remove(db->streams, stream->arn);
    return NULL;
}

static error trim_stream(struct turn *turn, const struct stream *stream)
{
    bool is_empty = true;
    int64_t next_due_ms = INT64_MAX;
    for (uint32_t i = 0; i < stream->shard_count; i++) {
        const struct shard *shard = &stream->shards[i];
        struct part part = {.space = stream->log_space,
                            .partition = shard->id.partition,
                            .end = shard->is_ended ? shard->end : LOG_END};
        bool more = true;
        while (more && turn->steps < STEPS_A_TURN)
            TRY(trim_step(turn, &part, &more));
        if (more)
            return NULL; /* the next turn goes on with it */
        is_empty = is_empty && part.is_empty;
        if (part.next_due_ms < next_due_ms)
            next_due_ms = part.next_due_ms;
    }
    if (stream->sealed_ms != 0) {
        int64_t over_ms = stream->sealed_ms + STREAM_RETENTION_MS;
        if (is_empty && turn->now_ms >= over_ms)
            return forget(turn, stream);
        if (over_ms < next_due_ms)
            next_due_ms = over_ms;
    }
    stream_set_due_ms(stream, next_due_ms);
    return NULL;
}

static error trim_all(struct turn *turn)
{
    enum { BATCH = 64 };
    const struct stream *batch[BATCH];
    SCOPED_ARENA(arena);
    slice after = SLICE_NONE;
    error failure = NULL;
    uint32_t count;
    do {
        count = streams_list(turn->db->streams, after, batch, BATCH);
        if (count > 0)
            after = arena_copy(&arena, batch[count - 1]->arn);
        for (uint32_t i = 0; i < count; i++) {
            if (!failure && turn->now_ms >= stream_due_ms(batch[i]))
                failure = trim_stream(turn, batch[i]);
            stream_release(batch[i]);
        }
    } while (count == BATCH && !failure);
    return failure;
}

unsigned log_trim_due(struct db *db)
{
    struct turn turn = {.db = db, .now_ms = db_now_ms(db)};
    error failure = trim_all(&turn);
    if (failure)
        log_write(LOG_WARN, "log_trim_failed", "reason=\"%.*s\"", SLICE_ARGS(failure->message));
    return turn.steps;
}
