#include "db/index/build_reader.h"

#include "db/rows.h"

enum {
    PAGE_BYTES = 128 * 1024,
    AHEAD_BYTES = 8 * PAGE_BYTES,
};

void build_reader_init(struct build_reader *reader, struct arena *arena, struct store *store,
                       struct locks *locks, slice from, slice end)
{
    *reader = (struct build_reader){
        .store = store, .locks = locks, .arena = arena, .from = from, .end = end};
    arena_init(&reader->ahead_arena, NULL);
}

void build_reader_fini(struct build_reader *reader)
{
    arena_fini(&reader->ahead_arena);
}

bool build_reader_is_at_end(const struct build_reader *reader)
{
    return reader->taken_count == reader->ahead.count &&
           slice_compare(reader->from, reader->end) >= 0;
}

/* Leaves the caches to those who read the same rows again and again. */
static error read_ahead(struct build_reader *reader, uint32_t count_max)
{
    arena_reset(&reader->ahead_arena);
    reader->taken_count = 0;
    reader->moment = overlay_moment_take(&reader->ahead_arena, reader->locks);
    struct store_scan scan = {.shard = STORE_SHARD_WHOLE,
                              .area = STORE_ROWS,
                              .from = reader->from,
                              .to = reader->end,
                              .tier = STORE_ANY,
                              .background = true,
                              .row_count_max = count_max,
                              .bytes_max = AHEAD_BYTES};
    struct store_page *ahead = &reader->ahead;
    if (store_scan(reader->store, &reader->ahead_arena, &scan, ahead) != STORE_OK)
        return FAILURE(ERROR_CORRUPT, "the items cannot be read");
    reader->from = ahead->more
                       ? row_key_successor(reader->arena, ahead->entries[ahead->count - 1].key)
                       : reader->end;
    return NULL;
}

error build_reader_take(struct build_reader *reader, struct arena *arena, uint32_t count_max,
                        uint32_t ahead_max, struct build_rows *rows)
{
    if (reader->taken_count == reader->ahead.count && !build_reader_is_at_end(reader))
        TRY(read_ahead(reader, ahead_max));
    *rows = (struct build_rows){.entries = reader->ahead.entries + reader->taken_count,
                                .end = reader->end};
    size_t bytes = 0;
    while (reader->taken_count < reader->ahead.count && rows->count < count_max &&
           bytes < PAGE_BYTES) {
        const struct store_entry *entry = &rows->entries[rows->count++];
        bytes += entry->key.size + entry->value.size;
        reader->taken_count++;
    }
    if (!build_reader_is_at_end(reader))
        rows->end = row_key_successor(arena, rows->entries[rows->count - 1].key);
    return NULL;
}
