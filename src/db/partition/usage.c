#include "db/partition/usage.h"

#include "base/assert.h"
#include "base/memory.h"
#include "db/index/index.h"
#include "db/partition/partition.h"
#include <pthread.h>
#include <stdlib.h>

struct usage {
    pthread_mutex_t mutex;              /* guards what follows, and their references */
    struct usage_sum *sums;             /* each space once */
    struct usage_partition *partitions; /* each space and number once */
};

struct usage *usage_new(void)
{
    struct usage *usage = memory_alloc_zeroed(sizeof *usage);
    pthread_mutex_init(&usage->mutex, NULL);
    return usage;
}

void usage_free(struct usage *usage)
{
    assert_that(!usage->sums && !usage->partitions);
    pthread_mutex_destroy(&usage->mutex);
    free(usage);
}

/* What was not used before the process began was not used: buckets fill from `began_ms` on. */
static struct usage_sum *retain_sum_locked(struct usage *usage, uint32_t space, int64_t began_ms)
{
    struct usage_sum *sum = usage->sums;
    while (sum && sum->space != space)
        sum = sum->next;
    if (!sum) {
        sum = memory_alloc_zeroed(sizeof *sum);
        sum->space = space;
        for (uint32_t kind = 0; kind < USAGE_KIND_COUNT; kind++)
            bucket_begin(&sum->buckets[kind], began_ms);
        sum->next = usage->sums;
        usage->sums = sum;
    }
    sum->references++;
    return sum;
}

static struct usage_partition *retain_partition_locked(struct usage *usage, uint32_t space,
                                                       uint32_t number)
{
    struct usage_partition *partition = usage->partitions;
    while (partition && (partition->space != space || partition->number != number))
        partition = partition->next;
    if (!partition) {
        partition = memory_alloc_zeroed(sizeof *partition);
        partition->space = space;
        partition->number = number;
        partition->next = usage->partitions;
        usage->partitions = partition;
    }
    partition->references++;
    return partition;
}

static void release_sum_locked(struct usage *usage, struct usage_sum *sum)
{
    if (--sum->references > 0)
        return;
    struct usage_sum **link = &usage->sums;
    while (*link != sum)
        link = &(*link)->next;
    *link = sum->next;
    free(sum);
}

static void release_partition_locked(struct usage *usage, struct usage_partition *partition)
{
    if (--partition->references > 0)
        return;
    struct usage_partition **link = &usage->partitions;
    while (*link != partition)
        link = &(*link)->next;
    *link = partition->next;
    hot_keys_free(&partition->hot_keys);
    free(partition);
}

static struct usage_view make_view_locked(struct usage *usage, struct arena *arena,
                                          const struct table *table, const struct index *index)
{
    uint32_t space = index ? index->space : table->space;
    int64_t began_ms = index && index->allocated_ms ? index->allocated_ms : table->created_ms;
    struct partition_map map = partition_map_of(table, index);
    struct usage_partition **partitions =
        arena_new_array(arena, struct usage_partition *, map.count);
    for (uint32_t i = 0; i < map.count; i++)
        partitions[i] = retain_partition_locked(usage, space, map.list[i].number);
    return (struct usage_view){
        .sum = retain_sum_locked(usage, space, began_ms),
        .partitions = partitions,
        .partition_count = map.count,
        .allowances = {[USAGE_READ] = allowance_of(table, index, USAGE_READ),
                       [USAGE_WRITE] = allowance_of(table, index, USAGE_WRITE)},
    };
}

const struct usage_view *usage_make_views(struct usage *usage, struct arena *arena,
                                          const struct table *table)
{
    struct usage_view *views = arena_new_array(arena, struct usage_view, 1 + table->index_count);
    pthread_mutex_lock(&usage->mutex);
    views[0] = make_view_locked(usage, arena, table, NULL);
    for (uint32_t i = 0; i < table->index_count; i++) {
        const struct index *index = &table->indexes[i];
        views[1 + i] =
            index->kind == INDEX_LOCAL ? views[0] : make_view_locked(usage, arena, table, index);
    }
    pthread_mutex_unlock(&usage->mutex);
    return views;
}

static void release_view_locked(struct usage *usage, const struct usage_view *view)
{
    for (uint32_t i = 0; i < view->partition_count; i++)
        release_partition_locked(usage, view->partitions[i]);
    release_sum_locked(usage, view->sum);
}

void usage_release_views(struct usage *usage, const struct table *table)
{
    pthread_mutex_lock(&usage->mutex);
    release_view_locked(usage, &table->usage[0]);
    for (uint32_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].kind == INDEX_GLOBAL)
            release_view_locked(usage, &table->usage[1 + i]);
    }
    pthread_mutex_unlock(&usage->mutex);
}

const struct usage_view *usage_of(const struct table *table, const struct index *index)
{
    return &table->usage[index ? 1 + (index - table->indexes) : 0];
}

static int64_t now(const _Atomic int64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void usage_read(const struct usage_counters *counters, struct usage_counts *counts)
{
    counts->scanned_items = now(&counters->scanned_items);
    counts->returned_items = now(&counters->returned_items);
    for (uint32_t kind = 0; kind < USAGE_KIND_COUNT; kind++) {
        counts->half_units[kind] = now(&counters->half_units[kind]);
        for (uint32_t limit = 0; limit < USAGE_LIMIT_COUNT; limit++) {
            counts->throttled[kind][limit] = now(&counters->throttled[kind][limit]);
            counts->would_throttle[kind][limit] = now(&counters->would_throttle[kind][limit]);
        }
    }
}
