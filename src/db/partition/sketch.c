#include "db/partition/sketch.h"

/* Both loops run for each sample of a quiet partition: unrolled they cost half as much. */

static uint32_t find(const struct sketch *sketch, uint64_t hash)
{
#pragma GCC unroll 8
    for (uint32_t i = 0; i < SKETCH_ENTRIES; i++) {
        if (sketch->hashes[i] == hash && i < sketch->count)
            return i;
    }
    return sketch->count;
}

/* Of a sketch that is full. */
static uint32_t lightest(const struct sketch *sketch)
{
    uint32_t found = 0;
    int64_t least = sketch->weights[0];
#pragma GCC unroll 8
    for (uint32_t i = 1; i < SKETCH_ENTRIES; i++) {
        bool less = sketch->weights[i] < least;
        least = less ? sketch->weights[i] : least;
        found = less ? i : found;
    }
    return found;
}

static void set_key(struct sketch_key *to, slice key)
{
    to->is_cut = key.size > SKETCH_KEY_BYTES_MAX;
    to->size = (uint8_t)(to->is_cut ? SKETCH_KEY_BYTES_MAX : key.size);
    if (to->size > 0)
        memcpy(to->bytes, key.data, to->size);
}

/* A place for a key that has none: a free one, or the lightest's, whose weight it takes over. */
static uint32_t take_place(struct sketch *sketch, uint64_t hash, slice key)
{
    uint32_t place;
    if (sketch->count < SKETCH_ENTRIES) {
        place = sketch->count++;
        sketch->weights[place] = 0;
    } else {
        place = lightest(sketch);
    }
    sketch->hashes[place] = hash;
    sketch->errors[place] = sketch->weights[place];
    sketch->marked[place] = 0;
    set_key(&sketch->keys[place], key);
    return place;
}

void sketch_add(struct sketch *sketch, uint64_t hash, slice key, int64_t weight, bool is_marked)
{
    uint32_t place = find(sketch, hash);
    if (place == sketch->count)
        place = take_place(sketch, hash, key);
    sketch->weights[place] += weight;
    sketch->marked[place] += is_marked ? weight : 0;
    sketch->total += weight;
}

static void move_entry(struct sketch *sketch, uint32_t to, uint32_t from)
{
    sketch->hashes[to] = sketch->hashes[from];
    sketch->weights[to] = sketch->weights[from];
    sketch->errors[to] = sketch->errors[from];
    sketch->marked[to] = sketch->marked[from];
    sketch->keys[to] = sketch->keys[from];
}

void sketch_halve(struct sketch *sketch, uint64_t times)
{
    if (times == 0)
        return;
    unsigned shift = times < 63 ? (unsigned)times : 63;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < sketch->count; i++) {
        int64_t weight = sketch->weights[i] >> shift;
        if (weight == 0)
            continue;
        /* Rounded up, so that what the weight has for certain is not overstated. */
        int64_t error =
            (sketch->errors[i] >> shift) + ((sketch->errors[i] & ((INT64_C(1) << shift) - 1)) != 0);
        move_entry(sketch, kept, i);
        sketch->weights[kept] = weight;
        sketch->errors[kept] = error < weight ? error : weight;
        sketch->marked[kept] = sketch->marked[i] >> shift;
        kept++;
    }
    sketch->count = kept;
    sketch->total >>= shift;
}
