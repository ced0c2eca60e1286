/*
 * Items that background work writes into a table that is not used otherwise, some at a time, by the
 * one write path (db/write.h). Keys of a change set differ: an item that comes again begins
 * another.
 */
#pragma once
#include "db/write.h"

enum { WRITE_BATCH_ITEMS_MAX = 64, WRITE_BATCH_BYTES_MAX = 1024 * 1024 };

struct write_batch {
    struct db *db;
    const struct table *table;
    struct arena *arena;          /* of the items, as long as they are not written */
    bool (*stops)(struct db *db); /* whether the server stops */
    struct write_plan plans[WRITE_BATCH_ITEMS_MAX];
    slice keys[WRITE_BATCH_ITEMS_MAX];
    uint32_t count;
    size_t bytes;
};

/* A PUT or DELETE that has been checked. Errors: as write_batch_flush. */
error write_batch_add(struct write_batch *batch, const struct write_plan *plan) MUST_CHECK;

/*
 * Write what was added, and wait for it. Where others are in the way it is tried again.
 *   Errors: BUSY when the server stops; RESOURCE_NOT_FOUND when the table is gone; STORAGE,
 *   INTERNAL_SERVER_ERROR.
 */
error write_batch_flush(struct write_batch *batch) MUST_CHECK;

static inline bool write_batch_is_full(const struct write_batch *batch)
{
    return batch->count == WRITE_BATCH_ITEMS_MAX || batch->bytes >= WRITE_BATCH_BYTES_MAX;
}
