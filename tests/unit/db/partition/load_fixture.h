/*
 * A load on a table "T" and its index "x", of attribute a, in simulated time and with throughput
 * enforced. By charges alone: what reads and writes charge is proved elsewhere, and simulated days
 * are long.
 */
#pragma once
#include "db/index/index.h"
#include "db/partition/charge.h"
#include "db/partition/partition.h"
#include "tests/unit/db/fixture.h"

enum { LOAD_KEYS = 16 };

struct load {
    struct fixture fixture;
    struct arena arena;
    slice keys[LOAD_KEYS]; /* one in each 16th of the hashes */
    int64_t now_ms;
};

/* Of so many partitions; 0: as many as it needs. */
void load_open(struct load *load, uint32_t partition_count, struct table_settings settings,
               struct index index);
void load_close(struct load *load);

/* Units that came through, of so many a second for each of the keys. */
struct served {
    int64_t units[LOAD_KEYS];
    int64_t sum;
    error refusal; /* the last one: its message is the members of the answer */
};

/* Requests of 10 units, spread over each second. */
struct served load_ask(struct load *load, enum usage_kind kind, bool of_index, int seconds,
                       const int64_t *units_per_second);

/* The same for all keys, of the table; units a second that came through. */
int64_t load_ask_evenly(struct load *load, enum usage_kind kind, int minutes,
                        int64_t units_per_second);

void load_wait(struct load *load, int64_t seconds);

/* Within 5 %. */
bool is_about(int64_t got, int64_t wanted);
