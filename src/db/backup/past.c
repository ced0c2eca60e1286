#include "db/backup/past.h"

#include "base/bytes.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/memory.h"
#include "db/backup/backup_private.h"
#include "db/backup/spill.h"
#include <stdlib.h>

enum {
    PART_BYTES = 32 * 1024 * 1024, /* of archives, for each part */
    PARTS_MAX = 1024,
    PLACES_MIN = 1024,
};

/* Before each state in the spill. */
enum {
    STATE_TIME_OFFSET = 16,
    STATE_SIZE_OFFSET = 24,
    STATE_GONE_OFFSET = 28,
    STATE_HEAD_BYTES = 29,
};
static const uint64_t NOWHERE = UINT64_MAX;

/* Where the states of an item lie that count. */
struct place {
    struct digest key;
    uint64_t last; /* in the time that was asked for; NOWHERE: it has not changed */
    uint64_t old;  /* before */
    bool is_used;
};

struct walking {
    struct db *db;
    const struct past_walk *walk;
    struct arena *arena; /* of the walk */
    struct table table; /* at the cut of the first archive */
    struct spill *spill;
    uint32_t parts_each; /* of a partition */
    struct place *places; /* of the part that is being settled; by key, open addressing */
    size_t place_count;
    size_t place_capacity; /* a power of two */
};

/* ---- sorting ---- */

static uint32_t part_of(const struct walking *walking, slice row_key, struct digest digest)
{
    const struct partition *partition = partition_of(&walking->table, NULL, row_key);
    uint32_t index = (uint32_t)(partition - walking->table.partitions.list);
    return index * walking->parts_each + (uint32_t)(digest.low % walking->parts_each);
}

static error sort_image(struct walking *walking, struct arena *arena,
                        const struct archive_image *image)
{
    const struct table *table = &walking->table;
    char head[STATE_HEAD_BYTES];
    slice row_key = row_key_of_item(arena, &table->keys, table->space, image->item);
    struct digest digest = digest_of(row_key);
    bytes_put_u64(head, digest.high);
    bytes_put_u64(head + 8, digest.low);
    bytes_put_u64(head + STATE_TIME_OFFSET, (uint64_t)image->time_ms);
    bytes_put_u32(head + STATE_SIZE_OFFSET, (uint32_t)image->item.size);
    head[STATE_GONE_OFFSET] = image->is_gone;
    return spill_add(walking->spill, arena, part_of(walking, row_key, digest),
                     slice_of(head, sizeof head), image->item);
}

static error sort_block(struct walking *walking, struct archive_reader *reader,
                        struct arena *arena, bool *more)
{
    const struct archive_image *images;
    uint32_t count;
    if (archive_is_stopping(walking->db->archive))
        return FAILURE(ERROR_BUSY, "the server stops");
    TRY(archive_next(reader, arena, &images, &count));
    *more = count > 0;
    for (uint32_t i = 0; i < count; i++) {
        if (images[i].time_ms > walking->walk->until_ms)
            continue;
        TRY(chain_check_image(reader, arena, &walking->table.keys, &images[i]));
        TRY(sort_image(walking, arena, &images[i]));
    }
    return NULL;
}

static error sort_archive(struct walking *walking, struct arena *arena, slice name)
{
    SCOPED_ARENA(of_reader);
    struct archive_reader *reader;
    slice head;
    error failure =
        archive_open(&of_reader, archive_directory(walking->db->archive), name, &reader, &head);
    bool more = true;
    while (!failure && more) {
        SCOPED_ARENA(of_block);
        failure = sort_block(walking, reader, &of_block, &more);
        if (failure)
            failure = fail(arena, failure->kind, "%.*s", SLICE_ARGS(failure->message));
    }
    return failure ? fail(arena, failure->kind, "%.*s", SLICE_ARGS(failure->message)) : NULL;
}

/* ---- the places of a part ---- */

static struct place *find_slot(struct place *places, size_t capacity, struct digest key)
{
    size_t slot = key.high & (capacity - 1);
    while (places[slot].is_used && !digest_equal(places[slot].key, key))
        slot = (slot + 1) & (capacity - 1);
    return &places[slot];
}

static void grow_places(struct walking *walking)
{
    size_t capacity = walking->place_capacity ? 2 * walking->place_capacity : PLACES_MIN;
    struct place *places = memory_alloc_zeroed(capacity * sizeof *places);
    for (size_t i = 0; i < walking->place_capacity; i++) {
        const struct place *place = &walking->places[i];
        if (place->is_used)
            *find_slot(places, capacity, place->key) = *place;
    }
    free(walking->places);
    walking->places = places;
    walking->place_capacity = capacity;
}

static struct place *place_of(struct walking *walking, struct digest key)
{
    if (walking->place_count * 3 >= walking->place_capacity * 2)
        grow_places(walking);
    struct place *place = find_slot(walking->places, walking->place_capacity, key);
    if (!place->is_used) {
        *place = (struct place){.key = key, .last = NOWHERE, .old = NOWHERE, .is_used = true};
        walking->place_count++;
    }
    return place;
}

static void clear_places(struct walking *walking)
{
    if (walking->place_count > 0)
        memset(walking->places, 0, walking->place_capacity * sizeof *walking->places);
    walking->place_count = 0;
}

/* ---- settling ---- */

struct spilled {
    struct digest key;
    uint64_t offset;
    int64_t time_ms;
    bool is_gone;
    slice item;
};

static struct spilled open_head(const char *head, uint64_t offset)
{
    return (struct spilled){
        .key = {bytes_get_u64(head), bytes_get_u64(head + 8)},
        .offset = offset,
        .time_ms = (int64_t)bytes_get_u64(head + STATE_TIME_OFFSET),
        .is_gone = head[STATE_GONE_OFFSET] != 0,
        .item = slice_of(head + STATE_HEAD_BYTES, bytes_get_u32(head + STATE_SIZE_OFFSET)),
    };
}

typedef error state_taker(struct walking *walking, struct arena *arena,
                          const struct spilled *state);

static error each_state(struct walking *walking, uint32_t part, state_taker *take)
{
    bool found = true;
    for (uint32_t chunk = 0; found; chunk++) {
        SCOPED_ARENA(arena);
        slice bytes = SLICE_NONE;
        uint64_t offset = 0;
        error failure = archive_is_stopping(walking->db->archive)
                            ? FAILURE(ERROR_BUSY, "the server stops")
                            : spill_chunk(walking->spill, &arena, part, chunk, &bytes, &offset,
                                          &found);
        for (size_t at = 0; !failure && at < bytes.size;) {
            struct spilled state = open_head(bytes.data + at, offset + at);
            failure = take(walking, &arena, &state);
            at += STATE_HEAD_BYTES + state.item.size;
        }
        if (failure)
            return fail(walking->arena, failure->kind, "%.*s", SLICE_ARGS(failure->message));
    }
    return NULL;
}

/* The last one of each kind counts. */
static error note_place(struct walking *walking, struct arena *arena, const struct spilled *state)
{
    (void)arena;
    struct place *place = place_of(walking, state->key);
    *(state->time_ms < walking->walk->from_ms ? &place->old : &place->last) = state->offset;
    return NULL;
}

static error read_old(struct walking *walking, struct arena *arena, uint64_t offset, slice *item)
{
    slice head, body;
    TRY(spill_read(walking->spill, arena, offset, STATE_HEAD_BYTES, &head));
    struct spilled old = open_head(head.data, offset);
    TRY(spill_read(walking->spill, arena, offset + STATE_HEAD_BYTES, old.item.size, &body));
    *item = old.is_gone ? ITEM_ABSENT : body;
    return NULL;
}

static error tell_state(struct walking *walking, struct arena *arena, const struct spilled *spilled)
{
    const struct past_walk *walk = walking->walk;
    const struct place *place = place_of(walking, spilled->key);
    if (place->last != spilled->offset)
        return NULL;
    struct past_state state = {
        .key = key_of_item(arena, &walking->table.keys, spilled->item),
        .item = spilled->is_gone ? ITEM_ABSENT : spilled->item,
        .time_ms = spilled->time_ms,
    };
    bool was_there = false;
    if (place->old != NOWHERE) {
        TRY(read_old(walking, arena, place->old, &state.old_item));
        was_there = item_exists(state.old_item);
        if (!walk->with_old)
            state.old_item = ITEM_ABSENT;
    }
    return was_there || item_exists(state.item) ? walk->take(walk->context, arena, &state) : NULL;
}

static error settle_partition(struct walking *walking, struct arena *arena, uint32_t partition)
{
    TRY(walking->walk->begin_partition(walking->walk->context, arena));
    for (uint32_t i = 0; i < walking->parts_each; i++) {
        uint32_t part = partition * walking->parts_each + i;
        clear_places(walking);
        TRY(each_state(walking, part, note_place));
        TRY(each_state(walking, part, tell_state));
    }
    return NULL;
}

/* ---- the walk ---- */

static uint32_t choose_parts(const struct walking *walking, const struct chain *chain,
                             struct arena *arena)
{
    uint32_t partitions = walking->table.partitions.count;
    slice directory = archive_directory(walking->db->archive);
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < chain->count; i++)
        bytes += archive_size(arena, directory, archive_file_name(arena, &chain->archives[i]));
    uint64_t part_bytes = walking->walk->part_bytes > 0 ? walking->walk->part_bytes : PART_BYTES;
    uint64_t wanted = bytes / part_bytes / partitions + 1;
    uint64_t possible = PARTS_MAX / partitions > 0 ? PARTS_MAX / partitions : 1;
    return (uint32_t)(wanted < possible ? wanted : possible);
}

static error walk_chain(struct walking *walking, struct arena *arena, const struct chain *chain)
{
    TRY(table_row_open(arena, chain->archives[0].table_row, &walking->table));
    walking->parts_each = choose_parts(walking, chain, arena);
    TRY(spill_open(arena, archive_directory(walking->db->archive),
                   walking->parts_each * walking->table.partitions.count, &walking->spill));
    for (uint32_t i = 0; i < chain->count; i++)
        TRY(sort_archive(walking, arena, archive_file_name(arena, &chain->archives[i])));
    TRY(spill_end(walking->spill, arena));
    for (uint32_t i = 0; i < walking->table.partitions.count; i++)
        TRY(settle_partition(walking, arena, i));
    return NULL;
}

error past_walk(struct db *db, struct arena *arena, const struct chain *chain,
                const struct past_walk *walk)
{
    struct walking walking = {.db = db, .walk = walk, .arena = arena};
    error failure = walk_chain(&walking, arena, chain);
    free(walking.places);
    return failure;
}
