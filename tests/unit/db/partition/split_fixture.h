/* A table whose partitions are split by hand. */
#pragma once
#include "db/partition/partition.h"
#include "db/partition/split.h"
#include "tests/unit/db/stream/stream_fixture.h"

/* A place in the hash space: so many 65536ths of it; it lives in the arena. */
slice place_at(struct arena *arena, uint16_t part);

/* Of "T", while the caller is open. */
struct partition_map map_of_table(struct caller *caller);

/* Split the partition that has the place, there. False: it was not done. */
bool split_at(struct fixture *fixture, slice index_name, uint16_t part);

/* Put items k0 to k(count-1), each with the text. */
void put_many(struct fixture *fixture, unsigned count, const char *text);

/* Records of a shard from its start on, and whether it has ended. */
uint32_t count_shard(struct fixture *fixture, uint32_t which, bool *is_end);
