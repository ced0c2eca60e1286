/*
 * Members of replies to requests of several tables: one entry for each table, in the order in
 * which the request names them.
 */
#pragma once
#include "ops/response.h"

/* What a request consumed of each of its tables. */
struct consumed_table {
    const struct table_name *table_name; /* as it was named first */
    const struct table *table;
    struct consumed consumed;
};
struct consumed_tables {
    struct consumed_table *tables;
    uint32_t count;
};

/* For a request that names at most `table_count_max` tables. */
void consumed_tables_init(struct consumed_tables *consumed, struct arena *arena,
                          uint32_t table_count_max);

/* What it consumed of this table: zero at first. */
struct consumed *consumed_of_table(struct consumed_tables *consumed,
                                   const struct table_name *table_name, const struct table *table);

/* The member ConsumedCapacity. `detail`: response_wants_capacity. */
void response_capacity_of_tables(struct json_writer *out, enum capacity_detail detail,
                                 const struct consumed_tables *consumed);

/* An item that a request wrote, by its key or whole. */
struct collection_item {
    const struct table_name *table_name;
    const struct table *table;
    slice item;
    int64_t bytes; /* of the collection, from the write_result */
};

/*
 * The member ItemCollectionMetrics, when it was asked for: the collections of those tables that
 * have local indexes, each once; without any it is left out.
 */
void response_collections(struct json_writer *out, enum collection_metrics metrics,
                          const struct collection_item *items, uint32_t count);
