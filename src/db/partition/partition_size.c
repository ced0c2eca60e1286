#include "db/partition/partition_size.h"

#include "base/bytes.h"
#include "db/db_private.h"
#include "db/index/index.h"
#include "db/partition/partition.h"
#include "db/partition/usage.h"

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

static double width_of(struct partition_map map, uint32_t i)
{
    struct partition_hashes hashes = partition_hashes(map, i);
    return (double)(hashes.to - hashes.from) + 1;
}

/* What gauges add up to when all know. */
static error count_all(struct db_session *session, const struct table *table,
                       const struct index *index, struct partition_size *all)
{
    if (index)
        return table_index_counts(session, table, index, &all->items, &all->bytes);
    TRY(table_counts(session, table, &all->items, &all->bytes));
    for (uint32_t i = 0; i < table->index_count; i++) {
        int64_t items, bytes;
        if (table->indexes[i].kind != INDEX_LOCAL)
            continue;
        TRY(table_index_counts(session, table, &table->indexes[i], &items, &bytes));
        all->bytes += bytes;
    }
    return NULL;
}

/* The unknown ones share what the known ones leave. */
static void estimate(struct partition_map map, const bool *is_known, struct partition_size left,
                     struct partition_size *sizes)
{
    double width = 0;
    for (uint32_t i = 0; i < map.count; i++) {
        width += is_known[i] ? 0 : width_of(map, i);
        left.items -= is_known[i] ? sizes[i].items : 0;
        left.bytes -= is_known[i] ? sizes[i].bytes : 0;
    }
    for (uint32_t i = 0; i < map.count; i++) {
        if (is_known[i])
            continue;
        double share = width_of(map, i) / width;
        sizes[i].items = left.items > 0 ? (int64_t)((double)left.items * share) : 0;
        sizes[i].bytes = left.bytes > 0 ? (int64_t)((double)left.bytes * share) : 0;
    }
}

static int64_t read_gauge(const _Atomic int64_t *size)
{
    int64_t now = atomic_load_explicit(size, memory_order_relaxed);
    return now > 0 ? now : 0;
}

error partition_sizes(struct db_session *session, const struct table *table,
                      const struct index *index, struct partition_size *sizes)
{
    struct partition_map map = partition_map_of(table, index);
    bool *is_known = arena_new_array(session->arena, bool, map.count);
    uint32_t known_count = 0;
    for (uint32_t i = 0; i < map.count; i++) {
        const struct partition_gauge *gauge = &usage_of(table, index)->partitions[i]->gauge;
        bool is_exact = atomic_load_explicit(&gauge->is_exact, memory_order_acquire);
        is_known[i] = atomic_load_explicit(&gauge->is_known, memory_order_acquire);
        known_count += is_known[i];
        sizes[i] = (struct partition_size){.items = read_gauge(&gauge->items),
                                           .bytes = read_gauge(&gauge->bytes),
                                           .is_estimated = !is_exact};
    }
    if (known_count == map.count)
        return NULL;
    struct partition_size all;
    TRY(count_all(session, table, index, &all));
    estimate(map, is_known, all, sizes);
    return NULL;
}
