/* What GET /_stator/partitions says of one table, read from its JSON. */
#pragma once
#include "base/arena.h"
#include "base/error.h"

struct heat_key {
    slice key;
    double share;
};

struct heat_partition {
    int64_t id;
    slice hash_from; /* as they are spelled */
    slice hash_to;
    int64_t bytes;
    int64_t items;
    bool is_estimated;
    double read_units;
    double write_units;
    int64_t throttled;
    int64_t would_throttle;
    int64_t scanned_items;
    int64_t returned_items;
    const struct heat_key *hot_keys;
    uint32_t hot_key_count;
    const struct heat_key *hot_items;
    uint32_t hot_item_count;
};

/* A table or, behind it, one of its global indexes. */
struct heat_place {
    slice name;
    const struct heat_partition *partitions;
    uint32_t partition_count;
};

struct heat_page {
    const struct heat_place *places; /* the table first; none: there is no such table */
    uint32_t place_count;
};

/*
 * Members that it does not know are passed over. Text is borrowed from `body` or lives in `arena`.
 *   Errors: SERVICE_UNAVAILABLE when it is no such page.
 */
error heat_page_read(struct arena *arena, slice body, struct heat_page *page) MUST_CHECK;
