/* A digest: 128 bits that stand for bytes whose sender is trusted not to look for collisions. */
#pragma once
#include "base/slice.h"

struct digest {
    uint64_t high;
    uint64_t low;
};

struct digest digest_of(slice bytes);

/* Takes in one more part: the order of parts counts, and where each ends. */
void digest_add(struct digest *digest, slice part);

/* Takes in one member of a set: their order does not count. */
void digest_add_unordered(struct digest *digest, struct digest member);

static inline bool digest_equal(struct digest a, struct digest b)
{
    return a.high == b.high && a.low == b.low;
}
