/*
 * The hot keys of a partition: which partition keys, and which items, take most of what it is
 * asked for. A write unit weighs as three read units, because a partition takes 3000 reads or 1000
 * writes a second; so a share is one of the partition's time.
 *
 * Bounds. At most HOT_KEYS_SAMPLES or so samples stand for the last minutes: of a quiet partition
 * everything counts, of a busy one a random part, each unit with the same chance. Weights halve
 * every HOT_KEYS_HALF_LIFE_MS, so that yesterday's heat goes. A shown share is what a key has for
 * certain (db/partition/sketch.h): it is below the true share by at most 1 / SKETCH_ENTRIES, and
 * the sample adds or takes away some 1.6 % of the partition (sqrt(share * (1 - share) / samples),
 * twice that seldom). A key of more than 1 / SKETCH_ENTRIES and that much is always found.
 *
 * Memory: some 10 KB for a partition that is asked for anything, for at most
 * HOT_KEYS_PARTITIONS_MAX of them; those that come later have none to show. Any thread. Nobody
 * waits where requests count: who finds the sketch taken lets his sample go.
 *
 * Keys are values of items. They are for pages that the operator reads, never for a log.
 */
#pragma once
#include "base/arena.h"
#include "db/partition/sketch.h"
#include <stdatomic.h>

struct table;
struct index;

enum {
    HOT_KEYS_HALF_LIFE_MS = 60 * 1000,
    HOT_KEYS_SAMPLES = 1024,
    HOT_KEYS_PARTITIONS_MAX = 4096, /* of the process */
};

struct hot_keys;

/* Of one partition; zeros at first. */
struct hot_keys_slot {
    _Atomic(struct hot_keys *) keys;
};

struct hot_access {
    const struct table *table;
    const struct index *index; /* NULL: the table */
    slice row_key;             /* of the row, or of one of a partition key's rows */
    bool is_item;              /* one item alone, not a range of its partition key */
    bool is_write;
    int64_t half_units;
};

void hot_keys_note(struct hot_keys_slot *slot, const struct hot_access *access, int64_t now_ms);

/* With the partition, when nobody counts any more. */
void hot_keys_free(struct hot_keys_slot *slot);

/* ---- reading ---- */

enum hot_level { HOT_COLLECTIONS, HOT_ITEMS, HOT_LEVEL_COUNT };

struct hot_key {
    slice place;        /* its rows' keys from the hash on, in the arena */
    bool is_cut;        /* and longer than that */
    double share;       /* of the partition's recent weight; for certain */
    double write_share; /* the part of `share` that came from writes */
};

struct hot_key_list {
    struct hot_key keys[SKETCH_ENTRIES]; /* the hottest first */
    uint32_t count;
    int64_t weight; /* of the partition, lately, in half units of reading; what shares are of */
};

/*
 * Those of a partition that had some weight lately. HOT_ITEMS: of a table whose items have a
 * partition key alone, the collections.
 */
void hot_keys_read(struct hot_keys_slot *slot, struct arena *arena, int64_t now_ms,
                   enum hot_level level, struct hot_key_list *list);

/*
 * A key's values as a text for people: `Moby Dick`, `Bart | 2026-07-04`, binary in hexadecimal. One
 * that was cut ends with an ellipsis. UTF-8, but any of its characters.
 */
slice hot_key_text(struct arena *arena, const struct table *table, const struct index *index,
                   const struct hot_key *key);
