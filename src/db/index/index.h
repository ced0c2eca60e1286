/*
 * Secondary indexes: their descriptions, and what an item implies in each.
 *
 * An item stands in an index when it has all of the index's key attributes; its entry is a row of
 * its own, written in the change set of the item (db/write.c), so an index is never behind. A
 * global index has a space of its own; the rows of a local one lie in the table's space under its
 * number. Wherever `index` is a parameter, NULL means the table itself.
 */
#pragma once
#include "db/index/build.h"
#include "db/table/table.h"
#include "expr/update.h"

enum index_kind { INDEX_LOCAL, INDEX_GLOBAL };                                     /* stored */
enum projection_type { PROJECTION_ALL, PROJECTION_KEYS_ONLY, PROJECTION_INCLUDE }; /* stored */

struct index {
    slice name;
    enum index_kind kind;
    struct key_parts keys;
    enum projection_type projection;
    const slice *included; /* INCLUDE only: attributes besides those of the keys, as submitted */
    uint32_t included_count;
    uint32_t space; /* GLOBAL: its own; LOCAL: the table's. Set by table_create */
    uint8_t number; /* LOCAL: 1.., in submitted order; GLOBAL: 0. Set by table_create */
    struct partition_map partitions;  /* GLOBAL: its own; LOCAL: none */
    int64_t partitions_wanted;        /* as of a table */
    struct table_units provisioned;   /* GLOBAL, as of a table: see table_settings */
    struct table_units on_demand_max;
    struct table_units warm;
    struct table_history history; /* of its throughput */
    struct table_insights insights; /* GLOBAL */
    struct build build;   /* GLOBAL: under way until the entries of older items are there */
    int64_t allocated_ms; /* CREATING, not yet backfilling before */
    int64_t updated_ms;   /* UPDATING before */
    int64_t warmed_ms;    /* its warm throughput is UPDATING before */
    int64_t deleting_ms;  /* 0, or when it was to be deleted */
};

/* The index of this name; NULL: there is none. */
const struct index *table_index(const struct table *table, slice name);

bool table_has_local_indexes(const struct table *table);

/* What rows of the table or index sort by. */
struct key_parts index_key_parts(const struct table *table, const struct index *index);

/* Whether the attribute is one of the keys of the index; of the table itself for NULL. */
bool index_has_key(const struct table *table, const struct index *index, slice attribute);

/* Whether entries of the index hold the attribute where the item has it. */
bool index_projects(const struct table *table, const struct index *index, slice attribute);

/*
 * The index keys in an item to be put: types, emptiness, sizes.
 *   Errors: VALIDATION in the words of Put (error texts captured from the service).
 */
error index_check_item(struct arena *arena, const struct table *table, slice item) MUST_CHECK;

/*
 * The same for the result of an update (NULL: one that changes nothing): attributes that it left
 * alone pass. db_write calls it.
 *   Errors: VALIDATION in the words of UpdateItem.
 */
error index_check_updated_item(struct arena *arena, const struct table *table,
                               const struct update *update, slice old_item,
                               slice new_item) MUST_CHECK;

/*
 * What is known of that before the item is: no index key is given an empty value outright. `update`
 * may be NULL.
 *   Errors: VALIDATION in the words of UpdateItem.
 */
error index_check_update(struct arena *arena, const struct table *table,
                         const struct update *update) MUST_CHECK;

/*
 * The shape of an ExclusiveStartKey: exactly the attributes of the table's key and the index's,
 * each once, of the right types and sizes. index NULL: as key_check.
 *   Errors: VALIDATION, which Query and Scan word in their own ways.
 */
error index_check_key(struct arena *arena, const struct table *table, const struct index *index,
                      slice key) MUST_CHECK;

/* Exact, as of the last durable change. */
error table_index_counts(struct db_session *session, const struct table *table,
                         const struct index *index, int64_t *item_count,
                         int64_t *bytes) MUST_CHECK;
