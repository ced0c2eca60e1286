/*
 * Item collections: what stands under one partition key of a table with local indexes, its items
 * and their entries in those indexes. The service lets one have 10 GB.
 *
 * A row of each counts its bytes. It changes in the change set of the items, so it is never behind,
 * and goes with the last item. Those who write to a collection decide one after the other: they
 * hold the stripe of that row's key from reading it, committed or pending, to submit (db/write.c).
 */
#pragma once
#include "db/write.h"

struct collection {
    slice key; /* of the row that counts it */
    int64_t bytes; /* before; read by db_write */
    int64_t growth; /* by what is being written; negative: it shrinks */
};

/* Those that some plans touch, each once; none without tables with local indexes. */
struct collections {
    struct collection *list;
    uint32_t count;
    uint32_t *of_plan; /* index in list + 1; 0: the plan's table has none. NULL: no plan's has */
};

void collections_find(struct arena *arena, const struct write_plan *plans, uint32_t plan_count,
                      struct collections *collections);

/* What a plan that is carried out adds to its collection, by its result. */
int64_t collection_growth(const struct table *table, const struct write_result *result);
void collections_add(struct collections *collections, uint32_t plan, int64_t growth);

/*
 * Whether the plan's collection stays within the limit if it grows; it may shrink.
 *   Errors: ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED; CORRUPT when it would have less than nothing.
 */
error collections_check(const struct collections *collections, uint32_t plan,
                        int64_t bytes_max) MUST_CHECK;

/* Tells each result how large its collection is afterwards. */
void collections_tell(const struct collections *collections, struct write_result *results,
                      uint32_t plan_count);

/* The stored value of the row that counts; empty: there is none. */
error collection_read(struct db_session *session, slice key, slice *value) MUST_CHECK;

/* The row that counts a collection: 8 bytes; there is none of an empty one. */
struct store_write collection_write(struct arena *arena, slice key, int64_t bytes);
bool collection_value_open(slice value, int64_t *bytes); /* an absent row is no bytes */

/*
 * What the collection has by its rows, read one by one: for check and for what counts anew.
 * `key`: of the row that counts it.
 */
enum store_answer collection_measure(struct store *store, const struct table *table, slice key,
                                     int64_t *bytes) MUST_CHECK;

/*
 * Write those rows of a table anew, from its items; nobody else writes to it. Done again after a
 * crash it does the same.
 *   Errors: STORAGE, CORRUPT.
 */
error collections_count_anew(struct arena *arena, struct store *store,
                             const struct table *table) MUST_CHECK;
