#include "db/partition/split_heat.h"

#include "base/bytes.h"
#include "base/limits.h"
#include <stdlib.h>

bool partition_heat_look(struct partition_heat *heat, int64_t read_half_units,
                         int64_t write_half_units, int64_t now_ms)
{
    enum { MS_A_SECOND = 1000 };
    int64_t passed_ms = now_ms - heat->seen_ms;
    if (heat->seen_ms != 0 && passed_ms >= 0 && passed_ms < HEAT_LOOK_MS)
        return false;
    bool is_first = heat->seen_ms == 0 || passed_ms <= 0;
    double reads = (double)(read_half_units - heat->read_half_units) / 2;
    double writes = (double)(write_half_units - heat->write_half_units) / 2;
    double share = is_first ? 0
                            : (reads / PARTITION_READ_UNITS + writes / PARTITION_WRITE_UNITS) *
                                  MS_A_SECOND / (double)passed_ms;
    int64_t since_ms = heat->hot_since_ms != 0 ? heat->hot_since_ms : heat->seen_ms;
    *heat = (struct partition_heat){
        .seen_ms = now_ms,
        .read_half_units = read_half_units,
        .write_half_units = write_half_units,
        .hot_since_ms = share * 100 >= HEAT_PERCENT ? since_ms : 0,
    };
    return heat->hot_since_ms != 0 && now_ms - heat->hot_since_ms >= HEAT_SUSTAINED_MS;
}

/* ---- where ---- */

static uint64_t hash_of(slice place)
{
    char hash[sizeof(uint64_t)] = {0};
    if (place.size > 0)
        memcpy(hash, place.data, place.size < sizeof hash ? place.size : sizeof hash);
    return bytes_get_u64(hash);
}

static slice place_of_hash(struct arena *arena, uint64_t hash)
{
    char *place = arena_alloc_bytes(arena, sizeof hash);
    bytes_put_u64(place, hash);
    return slice_of(place, sizeof hash);
}

/* What lies before a hash: the shares of the keys there, and of the rest as much as of the range. */
static double share_before(const struct heat_seen *seen, uint64_t hash)
{
    uint64_t first = hash_of(seen->from);
    uint64_t last = seen->to.size > 0 ? hash_of(seen->to) : UINT64_MAX;
    double before = 0;
    double rest = 1;
    for (uint32_t i = 0; i < seen->collections->count; i++) {
        const struct hot_key *key = &seen->collections->keys[i];
        rest -= key->share;
        if (hash_of(key->place) < hash)
            before += key->share;
    }
    if (rest > 0 && last > first && hash > first)
        before += rest * (double)(hash - first) / (double)(last - first);
    return before;
}

static bool is_inside(const struct heat_seen *seen, slice at)
{
    return slice_compare(seen->from, at) < 0 && partition_range_has(seen->from, seen->to, at);
}

struct candidate {
    slice at;
    double colder; /* what the child with less would get */
};

static void consider(const struct heat_seen *seen, struct candidate *best, slice at, double before)
{
    double colder = before < 1 - before ? before : 1 - before;
    if (is_inside(seen, at) && colder > best->colder)
        *best = (struct candidate){at, colder};
}

/* Before and behind each key that was seen, and in the middle of the range. */
static void consider_collections(struct arena *arena, const struct heat_seen *seen,
                                 struct candidate *best)
{
    uint64_t first = hash_of(seen->from);
    uint64_t last = seen->to.size > 0 ? hash_of(seen->to) : UINT64_MAX;
    uint64_t middle = first + (last - first) / 2;
    consider(seen, best, place_of_hash(arena, middle), share_before(seen, middle));
    for (uint32_t i = 0; i < seen->collections->count; i++) {
        uint64_t hash = hash_of(seen->collections->keys[i].place);
        consider(seen, best, place_of_hash(arena, hash), share_before(seen, hash));
        if (hash < UINT64_MAX)
            consider(seen, best, place_of_hash(arena, hash + 1), share_before(seen, hash + 1));
    }
}

static int by_place(const void *a, const void *b)
{
    return slice_compare(((const struct hot_key *)a)->place, ((const struct hot_key *)b)->place);
}

/* Inside a collection, by the items that were seen: of the others nobody knows where they lie. */
static void consider_items(struct arena *arena, const struct heat_seen *seen,
                           struct candidate *best)
{
    uint32_t count = seen->items->count;
    struct hot_key *items = arena_new_array(arena, struct hot_key, count);
    double sum = 0;
    double before = 0;
    memcpy(items, seen->items->keys, count * sizeof *items);
    qsort(items, count, sizeof *items, by_place);
    for (uint32_t i = 0; i < count; i++)
        sum += items[i].share;
    for (uint32_t i = 0; i < count && sum > 0; i++) {
        if (i > 0 && !items[i].is_cut)
            consider(seen, best, items[i].place, before / sum);
        before += items[i].share;
    }
}

bool heat_split_point(struct arena *arena, const struct heat_seen *seen, slice *at)
{
    struct candidate best = {.colder = 0};
    consider_collections(arena, seen, &best);
    if (best.colder * 100 < HEAT_SHARE_PERCENT_MIN && seen->divides_collections)
        consider_items(arena, seen, &best);
    *at = best.at;
    return best.colder * 100 >= HEAT_SHARE_PERCENT_MIN;
}
