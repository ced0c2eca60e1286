/*
 * The partition map: a table's rows in ranges of their keys, each with its part of the change log
 * and its shard in the table's streams. A table is made with equal ranges of the hash space.
 */
#pragma once
#include "db/table/table.h"

struct partition {
    uint32_t number; /* its name in the log; not used again in the table */
    slice from;      /* how its rows' keys begin, from the hash on; of the first one empty */
};

/*
 * How many a new table needs for what it is to take: on demand reads and writes count apart.
 * Source: Developer Guide, "Partitions and data distribution"; reference figures of a new table
 * on demand (12000 reads, 4000 writes: 4 partitions).
 */
uint32_t partition_count_of(const struct table_settings *settings);

/* Equal ranges, numbered from 0. `count` is 1 to PARTITIONS_MAX. */
const struct partition *partitions_make(struct arena *arena, uint32_t count);

/* The partition in whose range the row key of an item lies. */
const struct partition *partition_of(const struct table *table, slice row_key);

/* As a value of a stored description. False when it is no map of partitions. */
slice stored_partitions_make(struct arena *arena, const struct table *table);
bool stored_partitions_read(struct arena *arena, slice value, struct table *table);
