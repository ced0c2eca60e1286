#include "db/table/catalogue.h"

#include "base/assert.h"
#include "base/memory.h"
#include "db/index/index.h"
#include "db/partition/partition.h"
#include "db/partition/usage.h"
#include <stdlib.h>

struct table_record {
    struct table table;
    _Atomic uint32_t references;
    struct table_gate *gate;
    struct arena arena; /* of the description's text */
};

struct catalogue {
    pthread_rwlock_t lock;       /* guards what follows */
    const struct table **tables; /* sorted by name */
    uint32_t count;
    uint32_t capacity;
    uint32_t *dead_spaces;
    uint32_t dead_count;
    uint32_t dead_capacity;
    _Atomic uint64_t version; /* the last one given */
};

static struct table_record *record_of(const struct table *table)
{
    return (struct table_record *)table;
}

static struct table_gate *gate_new(void)
{
    struct table_gate *gate = memory_alloc_zeroed(sizeof *gate);
    /* Who replaces a description must not wait for ever behind a stream of writes. Writers of
       items take several gates in one order, so a waiting replacer cannot lock them up. */
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&gate->lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
    gate->usage = usage_new();
    return gate;
}

static void gate_release(struct table_gate *gate)
{
    if (atomic_fetch_sub(&gate->references, 1) == 1) {
        pthread_rwlock_destroy(&gate->lock);
        usage_free(gate->usage);
        free(gate);
    }
}

static int by_tag_key(const void *a, const void *b)
{
    return slice_compare(((const struct table_tag *)a)->key, ((const struct table_tag *)b)->key);
}

static const struct table_tag *copy_tags(struct arena *arena, const struct table_tag *tags,
                                         uint32_t count)
{
    struct table_tag *copies = arena_new_array(arena, struct table_tag, count);
    for (uint32_t i = 0; i < count; i++) {
        copies[i].key = arena_copy(arena, tags[i].key);
        copies[i].value = arena_copy(arena, tags[i].value);
    }
    qsort(copies, count, sizeof *copies, by_tag_key);
    return copies;
}

static void copy_settings(struct arena *arena, struct table_settings *settings)
{
    settings->tags = copy_tags(arena, settings->tags, settings->tag_count);
    settings->encryption_key_arn = arena_copy(arena, settings->encryption_key_arn);
}

static void copy_names(struct arena *arena, struct key_attribute *attributes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        attributes[i].name = arena_copy(arena, attributes[i].name);
}

static struct partition_map copy_partitions(struct arena *arena, struct partition_map map)
{
    struct partition *copies = arena_new_array(arena, struct partition, map.count);
    for (uint32_t i = 0; i < map.count; i++) {
        copies[i] = map.list[i];
        copies[i].from = arena_copy(arena, map.list[i].from);
    }
    return (struct partition_map){copies, map.count};
}

static struct sealed_partitions copy_sealed(struct arena *arena, struct sealed_partitions sealed)
{
    struct sealed_partition *copies =
        arena_new_array(arena, struct sealed_partition, sealed.count);
    for (uint32_t i = 0; i < sealed.count; i++) {
        copies[i] = sealed.list[i];
        copies[i].partition.from = arena_copy(arena, sealed.list[i].partition.from);
        copies[i].to = arena_copy(arena, sealed.list[i].to);
    }
    return (struct sealed_partitions){copies, sealed.count};
}

static const struct index *copy_indexes(struct arena *arena, const struct index *indexes,
                                        uint32_t count)
{
    if (count == 0)
        return NULL;
    struct index *copies = arena_new_array(arena, struct index, count);
    for (uint32_t i = 0; i < count; i++) {
        struct index *copy = &copies[i];
        *copy = indexes[i];
        copy->name = arena_copy(arena, copy->name);
        copy_names(arena, copy->keys.hash, copy->keys.hash_count);
        copy_names(arena, copy->keys.range, copy->keys.range_count);
        slice *included = arena_new_array(arena, slice, copy->included_count);
        for (uint32_t j = 0; j < copy->included_count; j++)
            included[j] = arena_copy(arena, indexes[i].included[j]);
        copy->included = included;
        copy->partitions = copy_partitions(arena, indexes[i].partitions);
    }
    return copies;
}

static void copy_restore(struct arena *arena, struct table_restore *restore)
{
    restore->backup_arn = arena_copy(arena, restore->backup_arn);
    restore->table_arn = arena_copy(arena, restore->table_arn);
    restore->table_id = arena_copy(arena, restore->table_id);
}

const struct table *table_new(const struct table *fields, struct table_gate *gate)
{
    struct table_record *record = memory_alloc_zeroed(sizeof *record);
    struct arena *arena = &record->arena;
    arena_init(arena, NULL);
    record->table = *fields;
    record->table.name = arena_copy(arena, fields->name);
    record->table.arn = arena_copy(arena, fields->arn);
    record->table.id = arena_copy(arena, fields->id);
    copy_names(arena, &record->table.keys.hash, 1);
    copy_names(arena, &record->table.keys.range, 1);
    record->table.indexes = copy_indexes(arena, fields->indexes, fields->index_count);
    record->table.partitions = copy_partitions(arena, fields->partitions);
    record->table.sealed = copy_sealed(arena, fields->sealed);
    copy_settings(arena, &record->table.settings);
    record->table.tagged.before =
        copy_tags(arena, fields->tagged.before, fields->tagged.count_before);
    record->table.history.encryption_key_before =
        arena_copy(arena, fields->history.encryption_key_before);
    record->table.expiry.attribute = arena_copy(arena, fields->expiry.attribute);
    copy_restore(arena, &record->table.restore);
    record->gate = gate ? gate : gate_new();
    atomic_fetch_add(&record->gate->references, 1);
    record->table.usage = usage_make_views(record->gate->usage, arena, &record->table);
    atomic_init(&record->references, 1);
    return &record->table;
}

void table_retain(const struct table *table)
{
    atomic_fetch_add_explicit(&record_of(table)->references, 1, memory_order_relaxed);
}

void table_release(const struct table *table)
{
    struct table_record *record = record_of(table);
    if (atomic_fetch_sub_explicit(&record->references, 1, memory_order_acq_rel) != 1)
        return;
    usage_release_views(record->gate->usage, &record->table);
    gate_release(record->gate);
    arena_fini(&record->arena);
    free(record);
}

struct table_gate *table_gate(const struct table *table)
{
    return record_of(table)->gate;
}

struct table_counters *table_counters(const struct table *table)
{
    return &table_gate(table)->counters;
}

struct catalogue *catalogue_new(void)
{
    struct catalogue *catalogue = memory_alloc_zeroed(sizeof *catalogue);
    pthread_rwlock_init(&catalogue->lock, NULL);
    return catalogue;
}

void catalogue_free(struct catalogue *catalogue)
{
    for (uint32_t i = 0; i < catalogue->count; i++)
        table_release(catalogue->tables[i]);
    pthread_rwlock_destroy(&catalogue->lock);
    free(catalogue->tables);
    free(catalogue->dead_spaces);
    free(catalogue);
}

/* Where the name stands, or would. */
static uint32_t position_locked(const struct catalogue *catalogue, slice name, bool *found)
{
    uint32_t low = 0;
    uint32_t high = catalogue->count;
    *found = false;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = slice_compare(catalogue->tables[middle]->name, name);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct table *catalogue_find(struct catalogue *catalogue, slice name)
{
    bool found;
    pthread_rwlock_rdlock(&catalogue->lock);
    uint32_t position = position_locked(catalogue, name, &found);
    const struct table *table = found ? catalogue->tables[position] : NULL;
    if (table)
        table_retain(table);
    pthread_rwlock_unlock(&catalogue->lock);
    return table;
}

/* Returns the one that stood there. */
static const struct table *replace(struct catalogue *catalogue, const struct table *table)
{
    bool found;
    pthread_rwlock_wrlock(&catalogue->lock);
    uint32_t position = position_locked(catalogue, table->name, &found);
    const struct table *older = found ? catalogue->tables[position] : NULL;
    if (!found) {
        if (catalogue->count == catalogue->capacity) {
            catalogue->capacity = catalogue->capacity ? catalogue->capacity * 2 : 64;
            catalogue->tables = memory_realloc(catalogue->tables,
                                               catalogue->capacity * sizeof catalogue->tables[0]);
        }
        memmove(catalogue->tables + position + 1, catalogue->tables + position,
                (catalogue->count - position) * sizeof catalogue->tables[0]);
        catalogue->count++;
    }
    catalogue->tables[position] = table;
    pthread_rwlock_unlock(&catalogue->lock);
    return older;
}

uint64_t catalogue_next_version(struct catalogue *catalogue)
{
    return atomic_fetch_add_explicit(&catalogue->version, 1, memory_order_relaxed) + 1;
}

uint64_t catalogue_version_far(struct catalogue *catalogue)
{
    return atomic_load_explicit(&catalogue->version, memory_order_relaxed) + (UINT64_C(1) << 32);
}

static void raise_version(struct catalogue *catalogue, uint64_t floor)
{
    uint64_t version = atomic_load_explicit(&catalogue->version, memory_order_relaxed);
    while (version < floor &&
           !atomic_compare_exchange_weak_explicit(&catalogue->version, &version, floor,
                                                  memory_order_relaxed, memory_order_relaxed))
        continue;
}

/*
 * Both at once for writers, who wait at the gate meanwhile: one that found the older description
 * runs again, and then finds the new one.
 */
void catalogue_put(struct catalogue *catalogue, const struct table *table)
{
    struct table_gate *gate = table_gate(table);
    pthread_rwlock_wrlock(&gate->lock);
    const struct table *older = replace(catalogue, table);
    gate->current = table;
    raise_version(catalogue, table->version_floor);
    pthread_rwlock_unlock(&gate->lock);
    if (older)
        table_release(older);
}

enum store_answer catalogue_put_submitted(struct catalogue *catalogue, const struct table *table,
                                          struct store *store, struct store_change_set *change_set)
{
    struct table_gate *gate = table_gate(table);
    const struct table *older = NULL;
    pthread_rwlock_wrlock(&gate->lock);
    assert_that(gate->current && !gate->unsettled);
    enum store_answer answer = store_submit(store, change_set);
    if (answer == STORE_OK) {
        older = replace(catalogue, table);
        gate->current = table;
        gate->unsettled = change_set->pending;
        store_pending_retain(gate->unsettled);
    }
    pthread_rwlock_unlock(&gate->lock);
    if (older)
        table_release(older);
    return answer;
}

void catalogue_settle(struct catalogue *catalogue, const struct table *table,
                      const struct table *older)
{
    struct table_gate *gate = table_gate(table);
    const struct table *newer = NULL;
    pthread_rwlock_wrlock(&gate->lock);
    if (older) {
        table_retain(older);
        newer = replace(catalogue, older);
        gate->current = older;
    }
    store_pending_release(gate->unsettled);
    gate->unsettled = NULL;
    pthread_rwlock_unlock(&gate->lock);
    if (newer)
        table_release(newer);
}

void catalogue_let_through(const struct table *table)
{
    struct table_gate *gate = table_gate(table);
    pthread_rwlock_wrlock(&gate->lock);
    pthread_rwlock_unlock(&gate->lock);
}

void catalogue_remove(struct catalogue *catalogue, slice name)
{
    bool found;
    pthread_rwlock_wrlock(&catalogue->lock);
    uint32_t position = position_locked(catalogue, name, &found);
    assert_that(found);
    const struct table *table = catalogue->tables[position];
    catalogue->count--;
    memmove(catalogue->tables + position, catalogue->tables + position + 1,
            (catalogue->count - position) * sizeof catalogue->tables[0]);
    pthread_rwlock_unlock(&catalogue->lock);
    struct table_gate *gate = table_gate(table);
    pthread_rwlock_wrlock(&gate->lock);
    gate->current = NULL;
    pthread_rwlock_unlock(&gate->lock);
    table_release(table);
}

uint32_t catalogue_count(struct catalogue *catalogue)
{
    pthread_rwlock_rdlock(&catalogue->lock);
    uint32_t count = catalogue->count;
    pthread_rwlock_unlock(&catalogue->lock);
    return count;
}

uint32_t catalogue_list(struct catalogue *catalogue, slice after, const struct table **tables,
                        uint32_t limit)
{
    bool found;
    pthread_rwlock_rdlock(&catalogue->lock);
    uint32_t position = position_locked(catalogue, after, &found);
    if (found)
        position++;
    uint32_t count = 0;
    for (; position < catalogue->count && count < limit; position++) {
        tables[count] = catalogue->tables[position];
        table_retain(tables[count++]);
    }
    pthread_rwlock_unlock(&catalogue->lock);
    return count;
}

void catalogue_add_dead_space(struct catalogue *catalogue, uint32_t space)
{
    pthread_rwlock_wrlock(&catalogue->lock);
    if (catalogue->dead_count == catalogue->dead_capacity) {
        catalogue->dead_capacity = catalogue->dead_capacity ? catalogue->dead_capacity * 2 : 16;
        catalogue->dead_spaces = memory_realloc(
            catalogue->dead_spaces, catalogue->dead_capacity * sizeof catalogue->dead_spaces[0]);
    }
    catalogue->dead_spaces[catalogue->dead_count++] = space;
    pthread_rwlock_unlock(&catalogue->lock);
}

bool catalogue_dead_space(struct catalogue *catalogue, uint32_t position, uint32_t *space)
{
    pthread_rwlock_rdlock(&catalogue->lock);
    bool found = position < catalogue->dead_count;
    if (found)
        *space = catalogue->dead_spaces[position];
    pthread_rwlock_unlock(&catalogue->lock);
    return found;
}

void catalogue_remove_dead_space(struct catalogue *catalogue, uint32_t space)
{
    pthread_rwlock_wrlock(&catalogue->lock);
    for (uint32_t i = 0; i < catalogue->dead_count; i++) {
        if (catalogue->dead_spaces[i] == space) {
            catalogue->dead_spaces[i] = catalogue->dead_spaces[--catalogue->dead_count];
            break;
        }
    }
    pthread_rwlock_unlock(&catalogue->lock);
}
