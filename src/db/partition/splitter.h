/*
 * Which partitions are split, and where: one that has grown beyond its size, in the middle of its
 * bytes; the widest ones of a table or index whose throughput was raised beyond what its partitions
 * take, in the middle of their hashes; one that is asked for nearly all that a partition takes for
 * a while, in the middle of what is asked for (db/partition/split_heat.h).
 */
#pragma once
#include <stdbool.h>

struct db;
struct splitter;

struct splitter *splitter_new(void);
void splitter_free(struct splitter *splitter);

/*
 * Looks for the next one and splits it, and finds out how large those are that nobody knows: at once
 * in small tables, else with a piece of a scan. From any thread but a loop, one at a time. Whether
 * there is more to do at once.
 */
bool db_split(struct db *db);
