#include "db/partition/hot_keys.h"

#include "base/memory.h"
#include "base/random.h"
#include "db/index/index.h"
#include "db/partition/hot_key_place.h"
#include <pthread.h>
#include <stdlib.h>

enum { WRITE_WEIGHT = 3, STEP_MAX = 1 << 20 };

struct hot_keys {
    _Atomic int64_t step;  /* a sample stands for so much weight; a power of two */
    pthread_mutex_t mutex; /* guards what follows */
    struct sketch sketches[HOT_LEVEL_COUNT];
    int64_t halved_ms;
};

static _Atomic int32_t made_count;

static struct hot_keys *make(int64_t now_ms)
{
    if (atomic_fetch_add_explicit(&made_count, 1, memory_order_relaxed) >=
        HOT_KEYS_PARTITIONS_MAX) {
        atomic_fetch_sub_explicit(&made_count, 1, memory_order_relaxed);
        return NULL;
    }
    struct hot_keys *keys = memory_alloc_zeroed(sizeof *keys);
    pthread_mutex_init(&keys->mutex, NULL);
    atomic_init(&keys->step, 1);
    keys->halved_ms = now_ms;
    return keys;
}

static void destroy(struct hot_keys *keys)
{
    if (!keys)
        return;
    pthread_mutex_destroy(&keys->mutex);
    free(keys);
    atomic_fetch_sub_explicit(&made_count, 1, memory_order_relaxed);
}

void hot_keys_free(struct hot_keys_slot *slot)
{
    destroy(atomic_exchange(&slot->keys, NULL));
}

/* The slot's, made when it is the first to be asked for; NULL: there are too many. */
static struct hot_keys *keys_of(struct hot_keys_slot *slot, int64_t now_ms)
{
    struct hot_keys *keys = atomic_load_explicit(&slot->keys, memory_order_acquire);
    if (keys)
        return keys;
    struct hot_keys *made = make(now_ms);
    if (made && !atomic_compare_exchange_strong(&slot->keys, &keys, made)) {
        destroy(made);
        return keys;
    }
    return made;
}

/* ---- counting ---- */

/* xorshift64: which samples are taken need not be repeatable, only fair and quick. */
static uint64_t next_random(void)
{
    static _Thread_local uint64_t state;
    if (state == 0)
        state = random_seed() | 1;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state >> 20;
}

/* What the sample takes of an access: `weight` on average. */
static int64_t sampled_weight(int64_t weight, int64_t step)
{
    if (weight >= step)
        return weight;
    return (int64_t)(next_random() & (uint64_t)(step - 1)) < weight ? step : 0;
}

static void halve(struct hot_keys *keys, int64_t now_ms)
{
    int64_t passed_ms = now_ms - keys->halved_ms;
    if (passed_ms < 0)
        keys->halved_ms = now_ms; /* a clock that was set back */
    if (passed_ms < HOT_KEYS_HALF_LIFE_MS)
        return;
    int64_t times = passed_ms / HOT_KEYS_HALF_LIFE_MS;
    keys->halved_ms += times * HOT_KEYS_HALF_LIFE_MS;
    for (unsigned level = 0; level < HOT_LEVEL_COUNT; level++)
        sketch_halve(&keys->sketches[level], (uint64_t)times);
}

/* The largest power of two with which the weight is some HOT_KEYS_SAMPLES samples. */
static int64_t step_for(int64_t weight)
{
    int64_t step = 1;
    while (step < STEP_MAX && step * 2 * HOT_KEYS_SAMPLES <= weight)
        step *= 2;
    return step;
}

static void count(struct hot_keys *keys, const struct hot_access *access, int64_t weight,
                  int64_t now_ms)
{
    struct hot_place place = hot_place_of(access->table, access->index, access->row_key);
    if (pthread_mutex_trylock(&keys->mutex) != 0)
        return;
    halve(keys, now_ms);
    sketch_add(&keys->sketches[HOT_COLLECTIONS], place.collection_hash, place.collection, weight,
               access->is_write);
    if (access->is_item && place.row.size > place.collection.size)
        sketch_add(&keys->sketches[HOT_ITEMS], hot_place_hash(place.row), place.row, weight,
                   access->is_write);
    atomic_store_explicit(&keys->step, step_for(keys->sketches[HOT_COLLECTIONS].total),
                          memory_order_relaxed);
    pthread_mutex_unlock(&keys->mutex);
}

void hot_keys_note(struct hot_keys_slot *slot, const struct hot_access *access, int64_t now_ms)
{
    struct hot_keys *keys = keys_of(slot, now_ms);
    if (!keys)
        return;
    int64_t weight = access->half_units * (access->is_write ? WRITE_WEIGHT : 1);
    int64_t step = atomic_load_explicit(&keys->step, memory_order_relaxed);
    int64_t sampled = sampled_weight(weight, step);
    if (sampled > 0)
        count(keys, access, sampled, now_ms);
}

/* ---- reading ---- */

static int hotter(const void *a, const void *b)
{
    const struct hot_key *first = a;
    const struct hot_key *second = b;
    return (first->share < second->share) - (first->share > second->share);
}

void hot_keys_read(struct hot_keys_slot *slot, struct arena *arena, int64_t now_ms,
                   enum hot_level level, struct hot_key_list *list)
{
    struct hot_keys *keys = atomic_load_explicit(&slot->keys, memory_order_acquire);
    list->count = 0;
    list->weight = 0;
    if (!keys)
        return;
    struct sketch copy;
    pthread_mutex_lock(&keys->mutex);
    halve(keys, now_ms);
    list->weight = keys->sketches[HOT_COLLECTIONS].total;
    copy = keys->sketches[keys->sketches[level].count > 0 ? level : HOT_COLLECTIONS];
    pthread_mutex_unlock(&keys->mutex);
    for (uint32_t i = 0; i < copy.count; i++) {
        double certain = (double)(copy.weights[i] - copy.errors[i]);
        double marked = (double)copy.marked[i];
        list->keys[i] = (struct hot_key){
            .place = arena_copy(arena, slice_of(copy.keys[i].bytes, copy.keys[i].size)),
            .is_cut = copy.keys[i].is_cut,
            .share = certain / (double)list->weight,
            .write_share = (marked < certain ? marked : certain) / (double)list->weight};
    }
    list->count = copy.count;
    qsort(list->keys, list->count, sizeof *list->keys, hotter);
}
