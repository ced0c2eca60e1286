#include "db/stream/stream_change.h"

#include "base/assert.h"
#include "base/log.h"
#include "db/db_private.h"
#include "db/stream/stream_row.h"

static void release_stream(void *stream)
{
    stream_release(stream);
}

/* The open stream of a table that has one; held until the arena ends. */
static const struct stream *open_stream(struct db *db, struct arena *arena,
                                        const struct table *table)
{
    slice arn = stream_arn(db, arena, table->name, table->stream.label_ms);
    const struct stream *stream = streams_find(db->streams, arn);
    assert_that(stream && stream->closed_ms == 0);
    arena_defer(arena, release_stream, (void *)stream);
    return stream;
}

/* Labels are times, and those of a name never repeat, even where its tables came and went. */
static int64_t free_label_ms(struct db *db, struct arena *arena, slice table_name)
{
    for (int64_t label_ms = db_now_ms(db);; label_ms++) {
        const struct stream *taken =
            streams_find(db->streams, stream_arn(db, arena, table_name, label_ms));
        if (!taken)
            return label_ms;
        stream_release(taken);
    }
}

/* The stream's shards in memory of its own, with room for `more`. */
static struct shard *copy_shards(struct arena *arena, struct stream *stream, uint32_t more)
{
    struct shard *shards = arena_new_array(arena, struct shard, stream->shard_count + more);
    memcpy(shards, stream->shards, stream->shard_count * sizeof *shards);
    stream->shards = shards;
    return shards;
}

/* They begin with the commit that writes them. */
static const struct shard *first_shards(struct arena *arena, const struct table *table,
                                        int64_t created_ms)
{
    struct shard *shards = arena_new_array(arena, struct shard, table->partitions.count);
    for (uint32_t i = 0; i < table->partitions.count; i++)
        shards[i] = (struct shard){.id = {table->partitions.list[i].number, created_ms},
                                   .start = LOG_HERE};
    return shards;
}

static void enable(struct db *db, struct arena *arena, struct table *fields, enum stream_view view,
                   struct stream_change *change)
{
    int64_t label_ms = free_label_ms(db, arena, fields->name);
    if (fields->log_space == 0)
        fields->log_space = change->next_space++;
    fields->stream = (struct table_stream){.view = view, .label_ms = label_ms};
    struct stream stream = {
        .table_name = fields->name,
        .table_id = fields->id,
        .keys = fields->keys,
        .log_space = fields->log_space,
        .label_ms = label_ms,
        .view = view,
        .active_ms = db_now_ms(db) + db->transition_delay_ms,
        .shards = first_shards(arena, fields, label_ms),
        .shard_count = fields->partitions.count,
    };
    change->is_any = true;
    change->write = stream_row_write(arena, &stream);
}

/* Its open shards end with the commit that writes it. */
static void end_shards(struct arena *arena, struct stream *stream)
{
    struct shard *shards = copy_shards(arena, stream, 0);
    for (uint32_t i = 0; i < stream->shard_count; i++) {
        if (!shards[i].is_ended) {
            shards[i].is_ended = true;
            shards[i].end = LOG_HERE;
        }
    }
}

static void close_stream(struct db *db, struct arena *arena, const struct table *table,
                         bool ends_shards, struct stream_change *change)
{
    struct stream stream = *open_stream(db, arena, table);
    stream.closed_ms = db_now_ms(db);
    if (ends_shards)
        end_shards(arena, &stream);
    change->is_any = true;
    change->write = stream_row_write(arena, &stream);
}

error stream_change_make(struct db *db, struct arena *arena, struct table *fields,
                         enum stream_wish wish, enum stream_view view, uint32_t next_space,
                         struct stream_change *change)
{
    bool is_enabled = fields->stream.view != STREAM_VIEW_NONE;
    *change = (struct stream_change){.next_space = next_space};
    switch (wish) {
    case STREAM_AS_IT_IS:
        return NULL;
    case STREAM_ENABLE:
        if (is_enabled)
            return fail(arena, ERROR_VALIDATION,
                        "Table already has an enabled stream: TableName: %.*s",
                        SLICE_ARGS(fields->name));
        enable(db, arena, fields, view, change);
        return NULL;
    case STREAM_DISABLE:
        if (!is_enabled)
            return fail(arena, ERROR_VALIDATION, "Table has no stream to disable: TableName: %.*s",
                        SLICE_ARGS(fields->name));
        close_stream(db, arena, fields, false, change);
        fields->stream.view = STREAM_VIEW_NONE;
        return NULL;
    }
    unreachable("every wish is one");
}

void stream_change_end(struct db *db, struct arena *arena, const struct table *table,
                       struct stream_change *change)
{
    *change = (struct stream_change){.is_any = false};
    if (table->stream.view != STREAM_VIEW_NONE)
        close_stream(db, arena, table, true, change);
}

/* The shard of a partition, which has one in every open stream of its table. */
static struct shard *shard_of(struct shard *shards, uint32_t count, uint32_t partition)
{
    uint32_t i = 0;
    while (i < count && shards[i].id.partition != partition)
        i++;
    assert_that(i < count && !shards[i].is_ended);
    return &shards[i];
}

void stream_change_split(struct db *db, struct arena *arena, const struct table *table,
                         uint32_t parent, const struct partition children[2],
                         struct stream_change *change)
{
    *change = (struct stream_change){.is_any = false};
    if (table->stream.view == STREAM_VIEW_NONE)
        return;
    struct stream stream = *open_stream(db, arena, table);
    struct shard *shards = copy_shards(arena, &stream, 2);
    struct shard *split = shard_of(shards, stream.shard_count, parent);
    int64_t now_ms = db_now_ms(db);
    split->is_ended = true;
    split->end = LOG_HERE;
    split->split_ms = now_ms;
    /* Names sort by this time: a child's comes after its parent's. */
    int64_t created_ms = now_ms > split->id.created_ms ? now_ms : split->id.created_ms + 1;
    for (uint32_t i = 0; i < 2; i++)
        shards[stream.shard_count++] = (struct shard){.id = {children[i].number, created_ms},
                                                      .has_parent = true,
                                                      .parent = split->id,
                                                      .start = LOG_HERE};
    change->is_any = true;
    change->write = stream_row_write(arena, &stream);
}

error stream_drop_shards(struct db *db, struct arena *arena, const struct stream *seen,
                         const bool *is_over)
{
    const struct stream *current = streams_find(db->streams, seen->arn);
    if (current)
        arena_defer(arena, release_stream, (void *)current);
    if (current != seen)
        return NULL; /* it has changed: the next look finds them again */
    struct stream stream = *seen;
    struct shard *shards = copy_shards(arena, &stream, 0);
    uint32_t count = 0;
    for (uint32_t i = 0; i < seen->shard_count; i++) {
        if (!is_over[i])
            shards[count++] = seen->shards[i];
    }
    stream.shard_count = count;
    struct store_write write = stream_row_write(arena, &stream);
    TRY(db_commit_rows(db, arena, &write, 1));
    return stream_load(db, arena, write.value);
}

error stream_load(struct db *db, struct arena *arena, slice value)
{
    struct stream stream;
    TRY(stream_row_open(arena, value, &stream));
    stream.arn = stream_arn(db, arena, stream.table_name, stream.label_ms);
    streams_put(db->streams, stream_new(&stream));
    return NULL;
}

void stream_change_done(struct db *db, struct arena *arena, const struct stream_change *change)
{
    if (!change->is_any)
        return;
    error failure = stream_load(db, arena, change->write.value); /* with its stamp by now */
    assert_that(!failure);
}

/* ---- sealing ---- */

static error seal(struct db *db, struct arena *arena, const struct stream *stream)
{
    struct stream sealed = *stream;
    end_shards(arena, &sealed);
    struct store_write write = stream_row_write(arena, &sealed);
    TRY(db_commit_rows(db, arena, &write, 1));
    return stream_load(db, arena, write.value);
}

error stream_seal_closed(struct db *db, struct arena *arena, unsigned *sealed)
{
    enum { BATCH = 64 };
    const struct stream *batch[BATCH];
    slice after = SLICE_NONE;
    uint32_t count;
    *sealed = 0;
    do {
        count = streams_list(db->streams, after, batch, BATCH);
        for (uint32_t i = 0; i < count; i++)
            arena_defer(arena, release_stream, (void *)batch[i]);
        for (uint32_t i = 0; i < count; i++) {
            if (batch[i]->closed_ms != 0 && batch[i]->sealed_ms == 0) {
                TRY(seal(db, arena, batch[i]));
                ++*sealed;
            }
            after = batch[i]->arn;
        }
    } while (count == BATCH);
    return NULL;
}
