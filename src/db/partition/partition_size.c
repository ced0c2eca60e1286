#include "db/partition/partition_size.h"

#include "base/bytes.h"
#include "base/limits.h"
#include "db/db_private.h"
#include "db/index/index.h"
#include "db/partition/partition.h"

enum { HASH_BYTES = 8 };

/* The hash that `from` begins with; what it lacks is zero. */
static uint64_t hash_of(slice from)
{
    char bytes[HASH_BYTES] = {0};
    if (from.size > 0)
        memcpy(bytes, from.data, from.size < HASH_BYTES ? from.size : HASH_BYTES);
    return bytes_get_u64(bytes);
}

struct partition_hashes partition_hashes(struct partition_map map, uint32_t i)
{
    struct partition_hashes hashes = {hash_of(map.list[i].from), UINT64_MAX};
    if (i + 1 == map.count)
        return hashes;
    /* A range may end within the rows of one hash, which then lie on both sides. */
    slice next = map.list[i + 1].from;
    hashes.to = hash_of(next) - (next.size <= HASH_BYTES);
    return hashes;
}

/* The rows of one partition until the budget ends; *is_whole: these were all. */
static error count_rows(struct db_session *session, struct store_scan *scan,
                        struct partition_size_budget *budget, struct partition_size *size,
                        bool *is_whole)
{
    uint32_t left = budget->partition_rows_max < budget->rows_left ? budget->partition_rows_max
                                                                   : budget->rows_left;
    *is_whole = slice_compare(scan->from, scan->to) >= 0;
    while (!*is_whole && left > 0) {
        SCOPED_ARENA(arena);
        struct store_page page;
        scan->row_count_max = left < STORE_SCAN_ROWS_MAX ? left : STORE_SCAN_ROWS_MAX;
        TRY(db_error_of(session, store_scan(session->db->store, &arena, scan, &page)));
        for (uint32_t i = 0; i < page.count; i++) {
            slice item;
            if (row_value_open(page.entries[i].value, &item)) {
                size->items++;
                size->bytes += (int64_t)item_charged_bytes(item);
            }
        }
        *is_whole = !page.more || page.count == 0;
        left -= page.count;
        budget->rows_left -= page.count;
        if (page.count == 0)
            break;
        scan->from = row_key_successor(session->arena, page.entries[page.count - 1].key);
        if (session->between_steps)
            session->between_steps(session);
    }
    return NULL;
}

/* Where the rows of partition i begin in the store; of the one behind the last, where they end. */
static slice begin_of(struct arena *arena, struct row_place place, struct partition_map map,
                      uint32_t i)
{
    slice begin = row_key_begin_place(arena, place);
    if (i == map.count)
        return row_key_after_prefix(arena, begin);
    struct buffer key;
    buffer_init(&key, arena);
    buffer_append(&key, begin);
    buffer_append(&key, map.list[i].from);
    return buffer_slice(&key);
}

static double width_of(struct partition_map map, uint32_t i)
{
    struct partition_hashes hashes = partition_hashes(map, i);
    return (double)(hashes.to - hashes.from) + 1;
}

/* What the counters have beyond what was counted, by width. */
static error estimate(struct db_session *session, const struct table *table,
                      const struct index *index, struct partition_map map,
                      struct partition_size *sizes)
{
    int64_t items, bytes;
    double width = 0;
    TRY(index ? table_index_counts(session, table, index, &items, &bytes)
              : table_counts(session, table, &items, &bytes));
    for (uint32_t i = 0; i < map.count; i++) {
        width += sizes[i].is_estimated ? width_of(map, i) : 0;
        items -= sizes[i].is_estimated ? 0 : sizes[i].items;
        bytes -= sizes[i].is_estimated ? 0 : sizes[i].bytes;
    }
    for (uint32_t i = 0; i < map.count; i++) {
        if (!sizes[i].is_estimated)
            continue;
        double share = width_of(map, i) / width;
        int64_t more_items = (int64_t)((double)items * share);
        int64_t more_bytes = (int64_t)((double)bytes * share);
        /* What was seen of it is there in any case. */
        sizes[i].items = more_items > sizes[i].items ? more_items : sizes[i].items;
        sizes[i].bytes = more_bytes > sizes[i].bytes ? more_bytes : sizes[i].bytes;
    }
    return NULL;
}

error partition_sizes(struct db_session *session, const struct table *table,
                      const struct index *index, struct partition_size_budget *budget,
                      struct partition_size *sizes)
{
    struct partition_map map = partition_map_of(table, index);
    struct row_place place = {.space = index ? index->space : table->space};
    bool estimates = false;
    for (uint32_t i = 0; i < map.count; i++) {
        struct store_scan scan = {.shard = STORE_SHARD_WHOLE,
                                  .area = STORE_ROWS,
                                  .from = begin_of(session->arena, place, map, i),
                                  .to = begin_of(session->arena, place, map, i + 1),
                                  .tier = session->tier,
                                  .background = true,
                                  .bytes_max = STORE_SCAN_BYTES_MAX};
        bool is_whole;
        sizes[i] = (struct partition_size){.items = 0};
        TRY(count_rows(session, &scan, budget, &sizes[i], &is_whole));
        sizes[i].is_estimated = !is_whole;
        estimates = estimates || !is_whole;
    }
    return estimates ? estimate(session, table, index, map, sizes) : NULL;
}
