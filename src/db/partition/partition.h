/*
 * The partition map: the rows of a table, or of a global index, in ranges of their keys. Each of a
 * table has its part of the change log and its shard in the table's streams; those of an index have
 * neither. A map is made with equal ranges of the hash space.
 */
#pragma once
#include "db/index/index.h"

struct partition {
    uint32_t number; /* its name, in the log too; not used again in its table or index */
    slice from;      /* how its rows' keys begin, from the hash on; of the first one empty */
};

/*
 * How many throughput asks for: on demand reads and writes count apart; and how many a size does.
 * Neither knows PARTITIONS_MAX, and either can be 0.
 * Source: Developer Guide, "Partitions and data distribution"; reference figures of a new table
 * on demand (12000 reads, 4000 writes: 4 partitions).
 */
int64_t partitions_for_throughput(enum billing_mode mode, struct table_units units);
int64_t partitions_for_size(int64_t bytes);

/* How many a new table begins with, for what it is to take. */
uint32_t partition_count_of(const struct table_settings *settings);
/* The same of a global index of the table, by the index's own throughput. */
uint32_t partition_count_of_index(const struct table *table, const struct index *index);

/* Equal ranges, numbered from 0. `count` is 1 to PARTITIONS_MAX. */
struct partition_map partition_map_make(struct arena *arena, uint32_t count);

/* Give each global index without a map one of `count` ranges; 0: as many as it needs. */
void partition_indexes(struct arena *arena, struct table *table, uint32_t count);

/* Of the table (NULL), or of the index; a local index shares the table's. */
struct partition_map partition_map_of(const struct table *table, const struct index *index);

/* The partition in whose range a row lies: an item's, or an entry's. */
const struct partition *partition_of(const struct table *table, const struct index *index,
                                     slice row_key);

/* As a value of a stored description. False when it is no map of partitions. */
slice stored_partitions_make(struct arena *arena, struct partition_map map);
bool stored_partitions_read(struct arena *arena, slice value, struct partition_map *map);
