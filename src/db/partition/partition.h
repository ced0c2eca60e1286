/*
 * The partition map: the rows of a table, or of a global index, in ranges of their keys. Each of a
 * table has its part of the change log and its shard in the table's streams; those of an index have
 * neither. A map is made with equal ranges of the hash space, and changes by splits
 * (db/partition/split.h): a partition goes, and two with numbers above all others share its range.
 */
#pragma once
#include "db/index/index.h"

struct partition {
    uint32_t number; /* its name, in the log too; not used again in its table or index */
    bool is_child;   /* it came of a split */
    uint32_t parent; /* is_child: of this one */
    slice from;      /* how its rows' keys begin, from the hash on; of the first one empty */
};

/* A partition of a table that was split, for as long as its part of the log is there. */
struct sealed_partition {
    struct partition partition; /* as it was */
    slice to;                   /* its rows' keys were below this; empty: up to the end */
    int64_t sealed_ms;
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

/* Throughput that was raised, so that a new one of it would begin with more than `before`, wants
 * as many as that, unless the map has them. */
void partition_want(int64_t *wanted, struct partition_map map, uint32_t before, uint32_t needed);

/* Equal ranges, numbered from 0. `count` is 1 to PARTITIONS_MAX. */
struct partition_map partition_map_make(struct arena *arena, uint32_t count);

/* Give each global index without a map one of `count` ranges; 0: as many as it needs. */
void partition_indexes(struct arena *arena, struct table *table, uint32_t count);

/* Of the table (NULL), or of the index; a local index shares the table's. */
struct partition_map partition_map_of(const struct table *table, const struct index *index);

/* The partition in whose range a row lies: an item's, or an entry's. */
const struct partition *partition_of(const struct table *table, const struct index *index,
                                     slice row_key);

/* Where a partition of the map stands; the count of the map: it has none of this number. */
uint32_t partition_position(struct partition_map map, uint32_t number);

/* Where the range of the partition at a position ends; empty: with the last key. */
slice partition_end(struct partition_map map, uint32_t position);

/* Whether the place of a row, its key from the hash on, lies from `from` to before `to`. */
bool partition_range_has(slice from, slice to, slice place);

/*
 * The map with one partition split at a place inside its range. False: it has none of this number,
 * the place is not inside, or there are PARTITIONS_MAX already.
 */
bool partition_map_split(struct arena *arena, struct partition_map map, uint32_t number, slice at,
                         struct partition_map *split) MUST_CHECK;

/* The sealed ones with one more, by number. */
struct sealed_partitions partition_seal(struct arena *arena, struct sealed_partitions sealed,
                                        const struct sealed_partition *more);

/*
 * The numbers of all that may have records in the table's log, ascending: so a parent comes before
 * its children.
 */
const uint32_t *partition_log_parts(struct arena *arena, const struct table *table,
                                    uint32_t *count);

/* As values of a stored description. False when they are none. */
slice stored_partitions_make(struct arena *arena, struct partition_map map);
bool stored_partitions_read(struct arena *arena, slice value, struct partition_map *map);
slice stored_sealed_make(struct arena *arena, struct sealed_partitions sealed);
bool stored_sealed_read(struct arena *arena, slice value, struct sealed_partitions *sealed);
