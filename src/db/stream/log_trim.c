/*
 * A log is a queue: written at one end, trimmed at the other. Trimming begins at the low-water
 * mark, so that it never reads what it deleted before, and moves the mark in the change set that
 * deletes; a reader that looks at the mark after it has read cannot miss a record unawares.
 */
#include "db/stream/log_trim.h"

#include "base/limits.h"
#include "base/log.h"
#include "db/db_private.h"
#include "db/backup/recovery.h"
#include "db/stream/stream_change.h"
#include "db/stream/stream_row.h"
#include "db/table/table_private.h"

enum {
    ROWS_A_STEP = 512,
    STEPS_A_TURN = 32, /* the housekeeper has other things to do as well */
    FLOOR_PAUSE_MS = 60 * 1000,
    TABLES_PAUSE_MS = 60 * 1000, /* between looks at tables whose log no stream needs */
};

/* What one turn may still do. */
struct turn {
    struct db *db;
    struct arena *arena; /* of what it fails with */
    int64_t now_ms;
    unsigned steps;
};

/* What was found in one part of a log. */
struct part {
    uint32_t space;
    uint32_t partition;
    struct log_position end; /* of the stream's shard, or LOG_END */
    struct log_position floor; /* records from here on are still needed elsewhere */
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
    TRY(error_keep(turn->arena, read_step(turn, &arena, part, &page)));
    for (; due < page.count; due++) {
        if (!log_record_open(&page.entries[due], &record))
            return FAILURE(ERROR_CORRUPT, "a record of the change log is damaged");
        if (record.time_ms + STREAM_RETENTION_MS > turn->now_ms ||
            log_position_compare(record.position, part->floor) >= 0)
            break;
        last = record.position;
    }
    *more = due == page.count && page.more;
    part->is_empty = due == page.count && !page.more;
    part->next_due_ms = (due < page.count ? record.time_ms : turn->now_ms) + STREAM_RETENTION_MS;
    if (part->next_due_ms <= turn->now_ms) /* it stays for the floor's sake */
        part->next_due_ms = turn->now_ms + FLOOR_PAUSE_MS;
    error failure = due == 0 ? NULL : delete_records(turn, &arena, part, &page, due, last);
    return error_keep(turn->arena, failure);
}

bool log_has_stream(struct db *db, uint32_t space, int64_t but_label_ms)
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
            found = found || (batch[i]->log_space == space &&
                              batch[i]->label_ms != but_label_ms);
            after = arena_copy(&arena, batch[i]->arn);
            stream_release(batch[i]);
        }
    } while (count == BATCH && !found);
    return found;
}

void log_ranges(struct arena *arena, uint32_t space, struct drop_range ranges[LOG_RANGES])
{
    struct log_position start = {0, 0};
    ranges[0] = (struct drop_range){
        STORE_LOG, log_key(arena, space, 0, start),
        row_key_successor(arena, log_key(arena, space, UINT32_MAX, LOG_END))};
    ranges[1] = (struct drop_range){
        STORE_ROWS, log_key_of_low_water(arena, space, 0),
        row_key_successor(arena, log_key_of_low_water(arena, space, UINT32_MAX))};
}

/* Whether a table that is there has this log. */
static bool is_of_live_table(struct db *db, const struct stream *stream)
{
    const struct table *table = catalogue_find(db->catalogue, stream->table_name);
    bool is_its_log = table && table->log_space == stream->log_space;
    if (table)
        table_release(table);
    return is_its_log;
}

/* The stream is empty and its day over: its description goes, and a log that is nobody's. */
static error forget(struct turn *turn, const struct stream *stream)
{
    struct db *db = turn->db;
    SCOPED_ARENA(arena);
    if (!is_of_live_table(db, stream) &&
        !log_has_stream(db, stream->log_space, stream->label_ms)) {
        struct drop_range ranges[LOG_RANGES];
        log_ranges(&arena, stream->log_space, ranges);
        bool done;
        TRY(error_keep(turn->arena, drops_go_on(db, ranges, LOG_RANGES, &done)));
        if (!done)
            return NULL; /* the next turn goes on with it */
    }
    struct store_write write =
        db_delete(stream_row_key(&arena, stream->log_space, stream->label_ms));
    TRY(error_keep(turn->arena, db_commit_rows(db, &arena, &write, 1)));
    log_write(LOG_INFO, "stream_dropped", "stream=%.*s", SLICE_ARGS(stream->arn));
    turn->steps++;
    streams_remove(db->streams, stream->arn);
    return NULL;
}

/* What is left of an open stream's shards; those of a closed one go with it. */
static error drop_shards(struct turn *turn, const struct stream *stream, const bool *is_over)
{
    SCOPED_ARENA(arena);
    pthread_mutex_lock(&turn->db->control);
    error failure = stream_drop_shards(turn->db, &arena, stream, is_over);
    pthread_mutex_unlock(&turn->db->control);
    turn->steps++;
    return error_keep(turn->arena, failure);
}

static error trim_stream(struct turn *turn, const struct stream *stream)
{
    SCOPED_ARENA(arena);
    bool *is_over = arena_new_array(&arena, bool, stream->shard_count);
    bool any_over = false;
    bool is_empty = true;
    int64_t next_due_ms = INT64_MAX;
    struct log_position floor = recovery_log_floor(turn->db, stream->table_id);
    for (uint32_t i = 0; i < stream->shard_count; i++) {
        const struct shard *shard = &stream->shards[i];
        struct part part = {.space = stream->log_space,
                            .partition = shard->id.partition,
                            .end = shard->is_ended ? shard->end : LOG_END,
                            .floor = floor};
        bool more = true;
        while (more && turn->steps < STEPS_A_TURN)
            TRY(trim_step(turn, &part, &more));
        if (more)
            return NULL; /* the next turn goes on with it */
        is_empty = is_empty && part.is_empty;
        if (shard->split_ms != 0 && part.is_empty)
            part.next_due_ms = shard->split_ms + STREAM_RETENTION_MS;
        is_over[i] = stream->closed_ms == 0 && shard->split_ms != 0 && part.is_empty &&
                     turn->now_ms >= part.next_due_ms;
        any_over = any_over || is_over[i];
        if (part.next_due_ms < next_due_ms)
            next_due_ms = part.next_due_ms;
    }
    if (any_over) /* the next turn looks at what is left */
        return drop_shards(turn, stream, is_over);
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

/* ---- parts of logs that no open stream trims ---- */

/* All of a part that is due, or as much of it as the turn has steps. */
static error trim_part(struct turn *turn, const struct table *table, uint32_t partition,
                       struct log_position floor, bool *is_empty)
{
    struct part part = {.space = table->log_space,
                        .partition = partition,
                        .end = LOG_END,
                        .floor = floor};
    bool more = true;
    while (more && turn->steps < STEPS_A_TURN)
        TRY(trim_step(turn, &part, &more));
    *is_empty = !more && part.is_empty;
    return NULL;
}

/* A partition that came of the sealed one: all its records lie behind those. */
static uint32_t heir_of(const struct table *table, const struct sealed_partition *sealed)
{
    struct partition_map map = table->partitions;
    uint32_t i = 0;
    while (i + 1 < map.count && !partition_range_has(map.list[i].from, partition_end(map, i),
                                                     sealed->partition.from))
        i++;
    return map.list[i].number;
}

/* How far the log is gone stays known: an heir has the highest mark of those that are forgotten. */
static error hand_down_mark(struct turn *turn, struct arena *arena, const struct table *table,
                            const bool *is_over, struct store_write *writes, uint32_t *count)
{
    struct db_session session = background_session(turn->db, arena);
    struct log_position highest = {0, 0};
    struct log_position mark;
    uint32_t heir = 0;
    for (uint32_t i = 0; i < table->sealed.count; i++) {
        const struct sealed_partition *sealed = &table->sealed.list[i];
        if (!is_over[i])
            continue;
        TRY(log_low_water(&session, table->log_space, sealed->partition.number, &mark));
        if (log_position_compare(mark, highest) > 0) {
            highest = mark;
            heir = heir_of(table, sealed);
        }
    }
    TRY(log_low_water(&session, table->log_space, heir, &mark));
    if (log_position_compare(mark, highest) >= 0)
        return NULL;
    char *value = arena_alloc_bytes(arena, LOG_POSITION_BYTES);
    log_position_put(value, highest);
    writes[(*count)++] = db_put(log_key_of_low_water(arena, table->log_space, heir),
                                slice_of(value, LOG_POSITION_BYTES));
    return NULL;
}

/* Sealed partitions whose day is over and whose records are gone, one flag each, are forgotten. */
static error forget_sealed(struct turn *turn, struct arena *arena, const struct table *table,
                           const bool *is_over)
{
    struct table fields = *table;
    struct sealed_partition *left =
        arena_new_array(arena, struct sealed_partition, table->sealed.count);
    struct store_write *writes = arena_new_array(arena, struct store_write, table->sealed.count + 1);
    uint32_t count = 0;
    TRY(hand_down_mark(turn, arena, table, is_over, writes, &count));
    fields.sealed = (struct sealed_partitions){left, 0};
    for (uint32_t i = 0; i < table->sealed.count; i++) {
        if (is_over[i])
            writes[count++] = db_delete(log_key_of_low_water(
                arena, table->log_space, table->sealed.list[i].partition.number));
        else
            left[fields.sealed.count++] = table->sealed.list[i];
    }
    turn->steps++;
    return table_replace_locked(turn->db, arena, table, &fields, writes, count, NULL, &table);
}

/* Of a table as the turn found it. */
static error forget_sealed_of(struct turn *turn, const struct table *table, const bool *is_over)
{
    SCOPED_ARENA(arena);
    pthread_mutex_lock(&turn->db->control);
    const struct table *current = catalogue_find(turn->db->catalogue, table->name);
    error failure = NULL;
    if (current == table && table->deleting_ms == 0)
        failure = forget_sealed(turn, &arena, table, is_over);
    pthread_mutex_unlock(&turn->db->control);
    if (current)
        table_release(current);
    return error_keep(turn->arena, failure);
}

static error trim_sealed(struct turn *turn, const struct table *table, struct log_position floor)
{
    SCOPED_ARENA(arena);
    bool *is_over = arena_new_array(&arena, bool, table->sealed.count);
    bool any_over = false;
    for (uint32_t i = 0; i < table->sealed.count; i++) {
        const struct sealed_partition *sealed = &table->sealed.list[i];
        bool is_empty;
        TRY(trim_part(turn, table, sealed->partition.number, floor, &is_empty));
        is_over[i] = is_empty && turn->now_ms >= sealed->sealed_ms + STREAM_RETENTION_MS;
        any_over = any_over || is_over[i];
    }
    return any_over ? forget_sealed_of(turn, table, is_over) : NULL;
}

/* An open stream trims what it shows; sealed partitions may be older than it. */
static error trim_table(struct turn *turn, const struct table *table)
{
    struct log_position floor = recovery_log_floor(turn->db, table->id);
    bool is_empty;
    for (uint32_t i = 0; i < table->partitions.count && table->stream.view == STREAM_VIEW_NONE; i++)
        TRY(trim_part(turn, table, table->partitions.list[i].number, floor, &is_empty));
    return table->sealed.count > 0 ? trim_sealed(turn, table, floor) : NULL;
}

static error trim_tables(struct turn *turn)
{
    struct db *db = turn->db;
    SCOPED_ARENA(arena);
    const struct table *table;
    slice after = SLICE_NONE;
    error failure = NULL;
    if (turn->now_ms >= db->log_tables_ms && turn->now_ms < db->log_tables_ms + TABLES_PAUSE_MS)
        return NULL;
    while (!failure && turn->steps < STEPS_A_TURN &&
           catalogue_list(db->catalogue, after, &table, 1) == 1) {
        after = arena_copy(&arena, table->name);
        if (table->log_space != 0)
            failure = trim_table(turn, table);
        table_release(table);
    }
    if (!failure && turn->steps < STEPS_A_TURN)
        db->log_tables_ms = turn->now_ms;
    return failure;
}

unsigned log_trim_due(struct db *db)
{
    SCOPED_ARENA(arena);
    struct turn turn = {.db = db, .arena = &arena, .now_ms = db_now_ms(db)};
    error failure = trim_all(&turn);
    if (!failure)
        failure = trim_tables(&turn);
    if (failure)
        log_write(LOG_WARN, "log_trim_failed", "reason=%s", LOG_VALUE(failure->message));
    return turn.steps;
}
