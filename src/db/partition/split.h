/*
 * Splits: one partition of a table or global index becomes two, at a place in its range.
 *
 * One change of the description, submitted in the moment in which writers begin to see it: every
 * record of the parent lies before the split in commit order, and every record of its children
 * behind it. Its shard in an open stream ends there and theirs begin, in the same change set. Rows
 * stay where they are; readers and writers notice nothing.
 */
#pragma once
#include "db/table/table.h"

/* Why, as the log and metrics name it. */
enum split_reason { SPLIT_FOR_SIZE, SPLIT_FOR_THROUGHPUT, SPLIT_FOR_HEAT };

struct split {
    const struct table *table; /* as it was seen */
    slice index_name;          /* empty: the table itself */
    uint32_t partition;        /* its number */
    slice at;                  /* where the second child begins */
    enum split_reason reason;
};

/*
 * `done` is false when the table or its map is not as it was seen any more, when the place is not
 * inside the partition, or when there are PARTITIONS_MAX already. Durable when it returns; workers
 * and background threads only.
 *   Errors: as db_commit_rows.
 */
error partition_split(struct db *db, const struct split *split, bool *done) MUST_CHECK;
