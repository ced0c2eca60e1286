/*
 * The row cache: recently read rows of STORE_ROWS, whole, in front of RocksDB.
 *
 * A get that RocksDB answers from its block cache costs about 4 us (memtables, filters, an index
 * block, a data block); one from here about 0.2 us. A cached row is what RocksDB would answer:
 *
 *   the writer marks the keys of a group before RocksDB has it and settles them after: in between
 *   their rows are not served from here, so nobody sees the old row after somebody saw the new one;
 *   a reader that fills the cache notes the shard's ticket before it reads, and fills nothing when
 *   a write has touched the shard since, so an old row cannot come in behind a write.
 *
 * Only gets of single keys use it; scans and reads of several keys go to RocksDB. Rows that are not
 * there are not cached. Any thread; a shard's mutex is held for one copy.
 */
#pragma once
#include "store/engine.h"

struct row_cache;

/* bytes_max 0: a cache that keeps nothing. */
struct row_cache *row_cache_new(size_t bytes_max);
void row_cache_free(struct row_cache *cache);

/* What a reader notes before it reads, to fill with afterwards. */
struct row_cache_ticket {
    uint64_t hash;
    uint64_t writes; /* of the shard, seen before reading */
};

/* True: `value` is a copy in the arena. False: read RocksDB, then fill with the ticket. */
bool row_cache_get(struct row_cache *cache, struct arena *arena, slice key, slice *value,
                   struct row_cache_ticket *ticket);
void row_cache_fill(struct row_cache *cache, slice key, slice value,
                    struct row_cache_ticket ticket);

/* Around a group's write; the writer's thread only, in pairs. */
void row_cache_write_begin(struct row_cache *cache, const struct store_final_write *writes,
                           uint32_t write_count);
void row_cache_write_end(struct row_cache *cache, const struct store_final_write *writes,
                         uint32_t write_count);

/* Around the drop of whole files: nothing is served or filled in between, and nothing is left. */
void row_cache_clear_begin(struct row_cache *cache);
void row_cache_clear_end(struct row_cache *cache);

/* What it holds, and how often it had what was asked for, and had not. */
void row_cache_measure(struct row_cache *cache, uint64_t *bytes, uint64_t *hits, uint64_t *misses);
