#include "db/stream/stream.h"

#include "base/memory.h"
#include "db/db_private.h"
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <xxhash.h>

struct counted_stream {
    struct stream stream;
    _Atomic uint32_t references;
    _Atomic int64_t due_ms;
    struct arena arena; /* of the description's text and shards */
};

struct streams {
    pthread_rwlock_t lock;       /* guards what follows */
    const struct stream **array; /* sorted by ARN */
    uint32_t count;
    uint32_t capacity;
};

/* ---- one ---- */

static struct counted_stream *record_of(const struct stream *stream)
{
    return (struct counted_stream *)stream;
}

const struct stream *stream_new(const struct stream *fields)
{
    struct counted_stream *record = memory_alloc_zeroed(sizeof *record);
    struct arena *arena = &record->arena;
    arena_init(arena, NULL);
    struct stream *stream = &record->stream;
    *stream = *fields;
    stream->arn = arena_copy(arena, fields->arn);
    stream->table_name = arena_copy(arena, fields->table_name);
    stream->table_id = arena_copy(arena, fields->table_id);
    stream->keys.hash.name = arena_copy(arena, fields->keys.hash.name);
    stream->keys.range.name = arena_copy(arena, fields->keys.range.name);
    struct shard *shards = arena_new_array(arena, struct shard, fields->shard_count);
    memcpy(shards, fields->shards, fields->shard_count * sizeof *shards);
    stream->shards = shards;
    atomic_init(&record->references, 1);
    return stream;
}

static void stream_retain(const struct stream *stream)
{
    atomic_fetch_add_explicit(&record_of(stream)->references, 1, memory_order_relaxed);
}

void stream_release(const struct stream *stream)
{
    struct counted_stream *record = record_of(stream);
    if (atomic_fetch_sub_explicit(&record->references, 1, memory_order_acq_rel) != 1)
        return;
    arena_fini(&record->arena);
    free(record);
}

int64_t stream_due_ms(const struct stream *stream)
{
    return atomic_load_explicit(&record_of(stream)->due_ms, memory_order_relaxed);
}

void stream_set_due_ms(const struct stream *stream, int64_t due_ms)
{
    atomic_store_explicit(&record_of(stream)->due_ms, due_ms, memory_order_relaxed);
}

enum stream_status stream_status_of(const struct db *db, const struct stream *stream)
{
    int64_t now_ms = db_now_ms(db);
    if (stream->closed_ms == 0)
        return now_ms < stream->active_ms ? STREAM_ENABLING : STREAM_ENABLED;
    bool is_over = stream->sealed_ms != 0 && now_ms >= stream->closed_ms + db->transition_delay_ms;
    return is_over ? STREAM_DISABLED : STREAM_DISABLING;
}

slice stream_label(struct arena *arena, int64_t label_ms)
{
    time_t seconds = (time_t)(label_ms / 1000);
    struct tm parts;
    char text[32];
    gmtime_r(&seconds, &parts);
    size_t size = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    return arena_format(arena, "%.*s.%03d", (int)size, text, (int)(label_ms % 1000));
}

slice stream_arn(const struct db *db, struct arena *arena, slice table_name, int64_t label_ms)
{
    slice table = db_table_arn(db, arena, table_name);
    slice label = stream_label(arena, label_ms);
    return arena_format(arena, "%.*s/stream/%.*s", SLICE_ARGS(table), SLICE_ARGS(label));
}

slice shard_name(struct arena *arena, const struct stream *stream, struct shard_id id)
{
    /* The same for a partition in every stream of its table, and another for each partition:
       an odd factor changes 32 bits without a clash. */
    uint32_t mark = id.partition * 2654435761u ^
                    (uint32_t)XXH3_64bits(stream->table_id.data, stream->table_id.size);
    return arena_format(arena, "shardId-%020" PRId64 "-%08x", id.created_ms, mark);
}

/* ---- all ---- */

struct streams *streams_new(void)
{
    struct streams *streams = memory_alloc_zeroed(sizeof *streams);
    pthread_rwlock_init(&streams->lock, NULL);
    return streams;
}

void streams_free(struct streams *streams)
{
    for (uint32_t i = 0; i < streams->count; i++)
        stream_release(streams->array[i]);
    pthread_rwlock_destroy(&streams->lock);
    free(streams->array);
    free(streams);
}

/* Where the ARN stands, or would. */
static uint32_t position_locked(const struct streams *streams, slice arn, bool *found)
{
    uint32_t low = 0;
    uint32_t high = streams->count;
    *found = false;
    while (low < high && !*found) {
        uint32_t middle = low + (high - low) / 2;
        int order = slice_compare(streams->array[middle]->arn, arn);
        *found = order == 0;
        if (order < 0)
            low = middle + 1;
        else if (order > 0)
            high = middle;
        else
            low = middle;
    }
    return low;
}

static void insert_locked(struct streams *streams, uint32_t position, const struct stream *stream)
{
    if (streams->count == streams->capacity) {
        streams->capacity = streams->capacity ? streams->capacity * 2 : 16;
        streams->array =
            memory_realloc(streams->array, streams->capacity * sizeof streams->array[0]);
    }
    memmove(streams->array + position + 1, streams->array + position,
            (streams->count - position) * sizeof streams->array[0]);
    streams->array[position] = stream;
    streams->count++;
}

void streams_put(struct streams *streams, const struct stream *stream)
{
    bool found;
    pthread_rwlock_wrlock(&streams->lock);
    uint32_t position = position_locked(streams, stream->arn, &found);
    const struct stream *older = found ? streams->array[position] : NULL;
    if (found)
        streams->array[position] = stream;
    else
        insert_locked(streams, position, stream);
    pthread_rwlock_unlock(&streams->lock);
    if (older)
        stream_release(older);
}

void streams_remove(struct streams *streams, slice arn)
{
    bool found;
    pthread_rwlock_wrlock(&streams->lock);
    uint32_t position = position_locked(streams, arn, &found);
    const struct stream *stream = found ? streams->array[position] : NULL;
    if (found) {
        streams->count--;
        memmove(streams->array + position, streams->array + position + 1,
                (streams->count - position) * sizeof streams->array[0]);
    }
    pthread_rwlock_unlock(&streams->lock);
    if (stream)
        stream_release(stream);
}

const struct stream *streams_find(struct streams *streams, slice arn)
{
    bool found;
    pthread_rwlock_rdlock(&streams->lock);
    uint32_t position = position_locked(streams, arn, &found);
    const struct stream *stream = found ? streams->array[position] : NULL;
    if (stream)
        stream_retain(stream);
    pthread_rwlock_unlock(&streams->lock);
    return stream;
}

uint32_t streams_list(struct streams *streams, slice after, const struct stream **found_streams,
                      uint32_t limit)
{
    bool found;
    uint32_t count = 0;
    pthread_rwlock_rdlock(&streams->lock);
    uint32_t position = position_locked(streams, after, &found) + found;
    for (; position < streams->count && count < limit; position++) {
        found_streams[count] = streams->array[position];
        stream_retain(found_streams[count++]);
    }
    pthread_rwlock_unlock(&streams->lock);
    return count;
}

/* ---- for requests ---- */

static void release_stream(void *stream)
{
    stream_release(stream);
}

error stream_find(struct db_session *session, slice arn, const struct stream **found)
{
    const struct stream *stream = streams_find(session->db->streams, arn);
    if (!stream)
        return fail(session->arena, ERROR_RESOURCE_NOT_FOUND,
                    "Requested resource not found: Stream: %.*s not found", SLICE_ARGS(arn));
    arena_defer(session->arena, release_stream, (void *)stream);
    *found = stream;
    return NULL;
}

void stream_list(struct db_session *session, slice after, slice table_name, uint32_t limit,
                 const struct stream **streams, uint32_t *count, bool *more)
{
    enum { BATCH = 64 };
    const struct stream *batch[BATCH];
    uint32_t got;
    *count = 0;
    *more = false;
    do {
        got = streams_list(session->db->streams, after, batch, BATCH);
        for (uint32_t i = 0; i < got; i++) {
            arena_defer(session->arena, release_stream, (void *)batch[i]);
            after = batch[i]->arn;
            if (*more || (table_name.size > 0 && !slice_equal(table_name, batch[i]->table_name)))
                continue;
            if (*count == limit)
                *more = true;
            else
                streams[(*count)++] = batch[i];
        }
    } while (got == BATCH && !*more);
}
