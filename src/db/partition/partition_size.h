/*
 * How much lies in each partition, as its gauge has it (db/partition/gauge.h); where that does not
 * know yet, what the exact counters of the table or index leave is shared by the width of the
 * ranges of hashes.
 */
#pragma once
#include "db/table/table.h"

struct partition_size {
    int64_t items; /* of a global index: entries */
    int64_t bytes; /* as they are charged, those of entries in local indexes with them */
    bool is_estimated;
};

/* One for each partition of the map of the table, or global index, in `sizes`. May wait. */
error partition_sizes(struct db_session *session, const struct table *table,
                      const struct index *index, struct partition_size *sizes) MUST_CHECK;

/* The hashes that have rows in partition i of the map, both ends included. */
struct partition_hashes {
    uint64_t from;
    uint64_t to;
};
struct partition_hashes partition_hashes(struct partition_map map, uint32_t i);
