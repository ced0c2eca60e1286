#include "tests/unit/db/partition/split_fixture.h"

#include "base/bytes.h"
#include "db/db_private.h"

slice place_at(struct arena *arena, uint16_t part)
{
    char *place = arena_alloc_bytes(arena, 8);
    bytes_put_u64(place, (uint64_t)part << 48);
    return slice_of(place, 8);
}

struct partition_map map_of_table(struct caller *caller)
{
    return find_table(caller)->partitions;
}

bool split_at(struct fixture *fixture, slice index_name, uint16_t part)
{
    struct caller caller;
    caller_open(&caller, fixture);
    const struct table *table = find_table(&caller);
    struct split split = {.table = table,
                          .index_name = index_name,
                          .at = place_at(&caller.arena, part),
                          .reason = SPLIT_FOR_SIZE};
    char row_key[ROW_HASH_OFFSET + 8] = {0};
    memcpy(row_key + ROW_HASH_OFFSET, split.at.data, 8);
    const struct index *index =
        index_name.size > 0 ? table_index(table, index_name) : NULL;
    split.partition = partition_of(table, index, slice_of(row_key, sizeof row_key))->number;
    bool done;
    error failure = partition_split(fixture->db, &split, &done);
    caller_close(&caller);
    return !failure && done;
}

void put_many(struct fixture *fixture, unsigned count, const char *text)
{
    for (unsigned i = 0; i < count; i++) {
        SCOPED_ARENA(arena);
        CHECK_OK(put(fixture, arena_format(&arena, "{'pk':{'S':'k%u'},'x':{'S':'%s'}}%c", i, text, 0)
                                  .data));
    }
}

uint32_t count_shard(struct fixture *fixture, uint32_t which, bool *is_end)
{
    struct caller caller;
    caller_open(&caller, fixture);
    const struct stream *stream = newest_stream(&caller);
    struct stream_page page = {.count = 0};
    CHECK_OK(stream_read(&caller.session, stream, &stream->shards[which],
                         stream->shards[which].start, 1000, &page));
    caller_close(&caller);
    *is_end = page.is_end;
    return page.count;
}
