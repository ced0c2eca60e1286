/*
 * Heat: when a partition is asked for nearly all that one takes, for a while; and where a split
 * would halve what it is asked for, by the keys that were seen. Not where one item is the heat, nor
 * inside a collection that must stay together: then a split would help nobody.
 */
#pragma once
#include "db/partition/hot_keys.h"
#include "db/partition/partition.h"

enum {
    HEAT_LOOK_MS = 10 * 1000,      /* between two looks, which give a rate */
    HEAT_SUSTAINED_MS = 60 * 1000, /* hot at every look for so long */
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
