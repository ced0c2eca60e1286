/*
 * Random numbers from a seed (xoshiro256**), so that whatever used them can be repeated.
 * Not for secrets. One thread at a time.
 */
#pragma once
#include <stdint.h>

struct random {
    uint64_t state[4];
};

void random_init(struct random *random, uint64_t seed);
uint64_t random_next(struct random *random);
uint64_t random_below(struct random *random, uint64_t bound); /* bound > 0 */

/* A seed from the operating system. */
uint64_t random_seed(void);
