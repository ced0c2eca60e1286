#include "db/partition/split_heat.h"

#include "base/bytes.h"
#include "base/limits.h"

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
    bool is_hot = share * 100 >= HEAT_PERCENT;
    heat->seen_ms = now_ms;
    heat->read_half_units = read_half_units;
    heat->write_half_units = write_half_units;
    heat->hot_since_ms = is_hot ? since_ms : 0;
    if (!is_hot)
        heat->planned_ms = 0;
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

/* Of the items that were seen: of the others nobody knows where they lie. */
static double share_of_items_before(const struct heat_seen *seen, slice place)
{
    double sum = 0;
    double before = 0;
    for (uint32_t i = 0; i < seen->items->count; i++) {
        const struct hot_key *item = &seen->items->keys[i];
        sum += item->share;
        if (slice_compare(item->place, place) < 0)
            before += item->share;
    }
    return sum > 0 ? before / sum : 0;
}

/* Inside a collection. */
static void consider_items(const struct heat_seen *seen, struct candidate *best)
{
    for (uint32_t i = 0; i < seen->items->count; i++) {
        const struct hot_key *item = &seen->items->keys[i];
        if (!item->is_cut)
            consider(seen, best, item->place, share_of_items_before(seen, item->place));
    }
}

static bool is_fair(const struct candidate *candidate)
{
    return candidate->colder * 100 >= HEAT_SHARE_PERCENT_MIN;
}

bool heat_split_point(struct arena *arena, const struct heat_seen *seen, slice *at)
{
    struct candidate best = {.colder = 0};
    consider_collections(arena, seen, &best);
    if (!is_fair(&best) && seen->divides_collections)
        consider_items(seen, &best);
    *at = best.at;
    return is_fair(&best);
}

/* ---- plans ---- */

static bool make_plan(struct partition_heat *heat, struct arena *arena,
                      const struct heat_seen *seen, int64_t now_ms)
{
    slice at;
    if (!heat_split_point(arena, seen, &at) || at.size > sizeof heat->place)
        return false;
    memcpy(heat->place, at.data, at.size);
    heat->place_size = at.size;
    heat->planned_ms = now_ms;
    return true;
}

/* Whether a place that was planned halves what is asked for now. */
static bool is_fair_still(const struct heat_seen *seen, slice at)
{
    struct candidate planned = {.colder = 0};
    bool is_between_collections = at.size <= sizeof(uint64_t);
    consider(seen, &planned, at,
             is_between_collections ? share_before(seen, hash_of(at))
                                    : share_of_items_before(seen, at));
    return is_fair(&planned);
}

bool partition_heat_is_ripe(struct partition_heat *heat, struct arena *arena,
                            const struct heat_seen *seen, int64_t now_ms, slice *at)
{
    if (heat->planned_ms == 0) {
        if (!make_plan(heat, arena, seen, now_ms))
            heat->hot_since_ms = 0;
        return false;
    }
    if (now_ms - heat->planned_ms < HEAT_PLANNED_MS)
        return false;
    *at = arena_copy(arena, slice_of(heat->place, heat->place_size));
    heat->planned_ms = 0;
    heat->hot_since_ms = 0;
    return is_fair_still(seen, *at);
}
