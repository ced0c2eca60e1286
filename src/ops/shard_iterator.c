#include "ops/shard_iterator.h"

#include "base/bytes.h"
#include "base/limits.h"
#include "json/base64.h"
#include <time.h>
#include <xxhash.h>

enum {
    PARTITION_OFFSET = 0,
    POSITION_OFFSET = PARTITION_OFFSET + 4,
    ISSUED_OFFSET = POSITION_OFFSET + LOG_POSITION_BYTES,
    CHECKSUM_OFFSET = ISSUED_OFFSET + 8,
    ITERATOR_BYTES = CHECKSUM_OFFSET + 8,
};

#define SEPARATOR SLICE("|1|")

static uint64_t checksum_of(const struct stream *stream, const char *bytes)
{
    uint64_t seed = XXH3_64bits(stream->table_id.data, stream->table_id.size) ^
                    XXH3_64bits(stream->arn.data, stream->arn.size);
    return XXH3_64bits_withSeed(bytes, CHECKSUM_OFFSET, seed);
}

slice shard_iterator_make(struct request *request, const struct shard_iterator *iterator)
{
    struct arena *arena = request->arena;
    char bytes[ITERATOR_BYTES];
    bytes_put_u32(bytes + PARTITION_OFFSET, iterator->shard->id.partition);
    log_position_put(bytes + POSITION_OFFSET, iterator->position);
    bytes_put_u64(bytes + ISSUED_OFFSET, (uint64_t)db_now_ms(request->session->db));
    bytes_put_u64(bytes + CHECKSUM_OFFSET, checksum_of(iterator->stream, bytes));
    size_t size = base64_encoded_size(sizeof bytes);
    char *encoded = arena_alloc_bytes(arena, size);
    base64_encode(slice_of(bytes, sizeof bytes), encoded);
    return arena_format(arena, "%.*s%.*s%.*s", SLICE_ARGS(iterator->stream->arn),
                        SLICE_ARGS(SEPARATOR), (int)size, encoded);
}

/* As the service writes a time in this message. */
static slice time_text(struct arena *arena, int64_t epoch_ms)
{
    time_t seconds = (time_t)(epoch_ms / 1000);
    struct tm parts;
    char text[64];
    gmtime_r(&seconds, &parts);
    size_t size = strftime(text, sizeof text, "%a %b %d %H:%M:%S UTC %Y", &parts);
    return arena_copy(arena, slice_of(text, size));
}

static error check_age(struct request *request, int64_t issued_ms)
{
    int64_t now_ms = db_now_ms(request->session->db);
    if (now_ms - issued_ms <= SHARD_ITERATOR_MS)
        return NULL;
    slice issued = time_text(request->arena, issued_ms);
    slice now = time_text(request->arena, now_ms);
    return fail(request->arena, ERROR_EXPIRED_ITERATOR,
                "Iterator expired. The iterator was created at time %.*s while right now it is "
                "%.*s which is further in the future than the tolerated delay of %d milliseconds.",
                SLICE_ARGS(issued), SLICE_ARGS(now), SHARD_ITERATOR_MS);
}

static error find_partition(const struct stream *stream, uint32_t partition,
                            const struct shard **shard)
{
    for (uint32_t i = 0; i < stream->shard_count; i++) {
        *shard = &stream->shards[i];
        if ((*shard)->id.partition == partition)
            return NULL;
    }
    return FAILURE(ERROR_RESOURCE_NOT_FOUND, "Requested resource not found: Shard does not exist");
}

#define INVALID FAILURE(ERROR_VALIDATION, "Invalid ShardIterator")

error shard_iterator_read(struct request *request, slice text, struct shard_iterator *iterator)
{
    const char *separator = memmem(text.data, text.size, SEPARATOR.data, SEPARATOR.size);
    if (!separator)
        return INVALID;
    slice arn = slice_first(text, (size_t)(separator - text.data));
    slice encoded = slice_from(text, arn.size + SEPARATOR.size);
    slice bytes;
    if (stream_arn_check(arn) || base64_decode(request->arena, encoded, &bytes) != BASE64_OK ||
        bytes.size != ITERATOR_BYTES)
        return INVALID;
    TRY(stream_find(request->session, arn, &iterator->stream));
    if (bytes_get_u64(bytes.data + CHECKSUM_OFFSET) != checksum_of(iterator->stream, bytes.data))
        return INVALID;
    TRY(check_age(request, (int64_t)bytes_get_u64(bytes.data + ISSUED_OFFSET)));
    iterator->position = log_position_get(bytes.data + POSITION_OFFSET);
    return find_partition(iterator->stream, bytes_get_u32(bytes.data + PARTITION_OFFSET),
                          &iterator->shard);
}
