#include "db/partition/split_scan.h"

#include "base/limits.h"
#include "db/db_private.h"

enum { HASH_BYTES = 8 };

static slice place_of(const struct split_scan *scan, slice row_key)
{
    return slice_from(row_key, ROW_HASH_OFFSET + (scan->local_number > 0));
}

static slice key_at(const struct split_scan *scan, struct arena *arena, slice place)
{
    slice prefix =
        row_key_begin_place(arena, (struct row_place){scan->space, scan->local_number});
    char *key = arena_alloc_bytes(arena, prefix.size + place.size);
    memcpy(key, prefix.data, prefix.size);
    if (place.size > 0)
        memcpy(key + prefix.size, place.data, place.size);
    return slice_of(key, prefix.size + place.size);
}

static slice key_behind(const struct split_scan *scan, struct arena *arena)
{
    if (scan->to.size > 0)
        return key_at(scan, arena, scan->to);
    return row_key_after_prefix(
        arena, row_key_begin_place(arena, (struct row_place){scan->space, scan->local_number}));
}

static void begin_place(struct split_scan *scan, uint8_t local_number)
{
    scan->local_number = local_number;
    scan->next = key_at(scan, &scan->arena, scan->from);
}

void split_scan_begin(struct split_scan *scan, const struct table *table, const struct index *index,
                      uint32_t position)
{
    *scan = (struct split_scan){.space = index ? index->space : table->space};
    struct arena *arena = &scan->arena;
    arena_init(arena, NULL);
    struct partition_map map = partition_map_of(table, index);
    scan->table_name = arena_copy(arena, table->name);
    scan->table_id = arena_copy(arena, table->id);
    scan->index_name = index ? arena_copy(arena, index->name) : SLICE_NONE;
    scan->partition = map.list[position].number;
    scan->from = arena_copy(arena, map.list[position].from);
    scan->to = arena_copy(arena, partition_end(map, position));
    for (uint32_t i = 0; !index && i < table->index_count; i++)
        scan->local_count = (uint8_t)(scan->local_count + (table->indexes[i].kind == INDEX_LOCAL));
    begin_place(scan, 0);
}

void split_scan_end(struct split_scan *scan)
{
    arena_fini(&scan->arena);
}

/* ---- samples ---- */

static void thin_out(struct split_samples *samples)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < samples->count; i += 2)
        samples->list[count++] = samples->list[i];
    samples->count = count;
    samples->spacing_bytes = samples->spacing_bytes > 0 ? samples->spacing_bytes * 2 : 1;
}

static void add_sample(struct split_scan *scan, struct split_samples *samples, slice at)
{
    int64_t last = samples->count > 0 ? samples->list[samples->count - 1].bytes : 0;
    if (samples->count > 0 && scan->item_bytes - last < samples->spacing_bytes)
        return;
    if (samples->count == SPLIT_SAMPLES_MAX)
        thin_out(samples);
    samples->list[samples->count++] = (struct split_sample){
        arena_copy(&scan->arena, at), scan->item_bytes, scan->items};
}

/* Between the row before and this one: as short as tells them apart, but a hash is whole. */
static void add_boundary(struct split_scan *scan, slice place)
{
    slice last = scan->last_place;
    if (last.size == 0)
        return;
    size_t common = 0;
    while (common < last.size && common < place.size && last.data[common] == place.data[common])
        common++;
    if (common < HASH_BYTES)
        add_sample(scan, &scan->collections, slice_first(place, HASH_BYTES));
    if (common < HASH_BYTES || scan->local_count == 0)
        add_sample(scan, &scan->rows,
                   slice_first(place, common < HASH_BYTES ? HASH_BYTES : common + 1));
}

/* ---- rows ---- */

static error take_row(struct split_scan *scan, const struct store_entry *row)
{
    slice item;
    if (!row_value_open(row->value, &item))
        return FAILURE(ERROR_CORRUPT, "a stored row is no item; run check");
    int64_t bytes = (int64_t)item_charged_bytes(item);
    scan->bytes += bytes;
    if (scan->local_number > 0)
        return NULL;
    add_boundary(scan, place_of(scan, row->key));
    scan->item_bytes += bytes;
    scan->items++;
    scan->last_place = place_of(scan, row->key);
    return NULL;
}

static error take_page(struct db *db, struct split_scan *scan, uint32_t row_count_max,
                       struct store_page *page)
{
    SCOPED_ARENA(arena);
    struct db_session session;
    db_session_init(&session, db, &arena, STORE_ANY, NULL, NULL);
    struct store_scan rows = {.shard = STORE_SHARD_WHOLE,
                              .area = STORE_ROWS,
                              .from = scan->next,
                              .to = key_behind(scan, &arena),
                              .tier = STORE_ANY,
                              .background = true,
                              .row_count_max = row_count_max,
                              .bytes_max = STORE_SCAN_BYTES_MAX};
    *page = (struct store_page){.more = false};
    if (slice_compare(rows.from, rows.to) >= 0)
        return NULL;
    TRY(error_keep(&scan->arena, db_error_of(&session, store_scan(db->store, &arena, &rows, page))));
    for (uint32_t i = 0; i < page->count; i++)
        TRY(take_row(scan, &page->entries[i]));
    if (page->count > 0)
        scan->next = row_key_successor(&scan->arena, page->entries[page->count - 1].key);
    scan->last_place = arena_copy(&scan->arena, scan->last_place);
    return NULL;
}

error split_scan_go_on(struct db *db, struct split_scan *scan, uint32_t row_count, bool *is_done)
{
    uint32_t taken = 0;
    *is_done = false;
    while (taken < row_count) {
        struct store_page page;
        TRY(take_page(db, scan, STORE_SCAN_ROWS_MAX, &page));
        taken += page.count + 1;
        if (page.more)
            continue;
        *is_done = scan->local_number == scan->local_count;
        if (*is_done)
            return NULL;
        begin_place(scan, (uint8_t)(scan->local_number + 1));
    }
    return NULL;
}

/* ---- the middle ---- */

static int64_t distance(const struct split_scan *scan, const struct split_sample *sample)
{
    int64_t from_middle = 2 * sample->bytes - scan->item_bytes;
    return from_middle < 0 ? -from_middle : from_middle;
}

static const struct split_sample *nearest(const struct split_scan *scan,
                                          const struct split_samples *samples)
{
    const struct split_sample *best = NULL;
    for (uint32_t i = 0; i < samples->count; i++) {
        const struct split_sample *sample = &samples->list[i];
        if (!best || distance(scan, sample) < distance(scan, best))
            best = sample;
    }
    return best;
}

const struct split_sample *split_scan_middle(const struct split_scan *scan)
{
    const struct split_sample *between = nearest(scan, &scan->collections);
    const struct split_sample *anywhere = nearest(scan, &scan->rows);
    bool is_near = between && 2 * distance(scan, between) <= scan->item_bytes;
    return is_near || !anywhere ? between : anywhere;
}
