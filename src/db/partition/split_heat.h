/*
 * Heat: when a partition is asked for nearly all that one takes, for a while; and where a split
 * would halve what it is asked for, by the keys that were seen. Not where one item is the heat, nor
 * inside a collection that must stay together, nor where the heat moves on, as it does when sort
 * keys ascend: then a split would help nobody.
 */
#pragma once
#include "db/partition/hot_keys.h"
#include "db/partition/partition.h"

enum {
    HEAT_LOOK_MS = 10 * 1000,      /* between two looks, which give a rate */
    HEAT_SUSTAINED_MS = 60 * 1000, /* hot at every look for so long */
    /* From a plan to the split: what was seen before the plan is then an eighth of what is seen. */
    HEAT_PLANNED_MS = 2 * HOT_KEYS_HALF_LIFE_MS,
    HEAT_PERCENT = 90,             /* of PARTITION_READ_UNITS and PARTITION_WRITE_UNITS together */
    HEAT_PARTITIONS_MAX = 256,     /* of one map: beyond, only size and throughput split */
    HEAT_SHARE_PERCENT_MIN = 25,   /* what the colder child must get */
};

/* What was seen of a partition at the last look; zeros at first. The splitter's alone. */
struct partition_heat {
    int64_t seen_ms;
    int64_t read_half_units;
    int64_t write_half_units;
    int64_t hot_since_ms; /* 0: it was not hot */
    int64_t planned_ms;   /* when a place to split it at was chosen; 0: none is */
    size_t place_size;
    char place[SKETCH_KEY_BYTES_MAX];
};

/* A look at what the partition has consumed so far. Whether it has been hot for long enough. */
bool partition_heat_look(struct partition_heat *heat, int64_t read_half_units,
                         int64_t write_half_units, int64_t now_ms);

/* The heaviest keys of a partition and its range. */
struct heat_seen {
    slice from;
    slice to;
    const struct hot_key_list *collections;
    const struct hot_key_list *items;
    bool divides_collections; /* there is a sort key, and no local index */
};

/* Where to split it; in the arena. False: nowhere. */
bool heat_split_point(struct arena *arena, const struct heat_seen *seen, slice *at);

/*
 * Of a partition that has been hot for long enough: whether it is to be split now, and where, in the
 * arena. A place is planned at first, and taken if it still halves what is asked for when the plan
 * has lasted HEAT_PLANNED_MS, the heat with it. What comes to nothing begins anew.
 */
bool partition_heat_is_ripe(struct partition_heat *heat, struct arena *arena,
                            const struct heat_seen *seen, int64_t now_ms, slice *at);
