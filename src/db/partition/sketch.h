/*
 * The heaviest of more keys than can be counted: a sketch of fixed size, by Space-Saving.
 * Source: A. Metwally, D. Agrawal, A. El Abbadi, "Efficient Computation of Frequent and Top-k
 * Elements in Data Streams", 2005.
 *
 * What always holds, of what was added and neither forgotten nor halved away: a key of more than
 * total / SKETCH_ENTRIES is there, whatever else was added and in whatever order; and of a key
 * that is there, weight - error <= what was added for it <= weight.
 *
 * Keys are told apart by their hashes; of a long one the beginning is kept. Not for threads.
 */
#pragma once
#include "base/slice.h"

enum { SKETCH_ENTRIES = 32, SKETCH_KEY_BYTES_MAX = 120 };

struct sketch_key {
    uint8_t size;
    bool is_cut; /* there was more of it */
    char bytes[SKETCH_KEY_BYTES_MAX];
};

/* Entry i of each array is of one key; the hashes stand alone because every addition reads them. */
struct sketch {
    uint64_t hashes[SKETCH_ENTRIES];
    int64_t weights[SKETCH_ENTRIES];
    int64_t errors[SKETCH_ENTRIES]; /* what the weight may have of others */
    int64_t marked[SKETCH_ENTRIES]; /* the part of it that was marked; at least that */
    struct sketch_key keys[SKETCH_ENTRIES];
    uint32_t count;
    int64_t total; /* of all that was added */
};

/* `weight` above 0. Marked weight is summed apart: of writes, say. */
void sketch_add(struct sketch *sketch, uint64_t hash, slice key, int64_t weight, bool is_marked);

/* Everything weighs half, so many times over; what weighs nothing any more is forgotten. */
void sketch_halve(struct sketch *sketch, uint64_t times);
