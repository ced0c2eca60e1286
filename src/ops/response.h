/* Parts of replies that several operations write. */
#pragma once
#include "base/limits.h"
#include "db/read.h"
#include "db/write.h"
#include "expr/projection.h"
#include "ops/members.h"
#include "json/writer.h"

/* Transactions say in which way their units were consumed. */
enum consumed_kind { CONSUMED_UNSAID, CONSUMED_BY_READING, CONSUMED_BY_WRITING };

/* What a request consumed of one table, in half units. */
struct consumed {
    enum consumed_kind kind;
    const struct table *table; /* NULL: none of its indexes took part */
    int64_t table_half_units;
    int64_t index_half_units[INDEXES_MAX]; /* of the table's indexes in their order; 0: untouched */
    int64_t failed_half_units; /* of writes that failed: part of the sum and of no part */
};
void consumed_add_write(struct consumed *consumed, const struct table *table,
                        const struct write_result *result);
void consumed_add_read(struct consumed *consumed, const struct read_plan *plan,
                       const struct read_page *read, bool consistent_read);

/*
 * In a transaction the table's part is doubled, that of indexes is not: measured on the service.
 * `item`: what was read, or ITEM_ABSENT.
 */
void consumed_add_transact_write(struct consumed *consumed, const struct table *table,
                                 const struct write_result *result);
void consumed_add_transact_read(struct consumed *consumed, slice item);

/* The member ConsumedCapacity, when it was asked for. */
void response_capacity(struct json_writer *out, const struct table_name *table_name,
                       enum capacity_detail detail, const struct consumed *consumed);

/*
 * One element of the list that requests of several tables answer: ConsumedCapacity as a value.
 *   `detail`: response_wants_capacity.
 */
bool response_wants_capacity(enum capacity_detail detail);
void response_capacity_of_table(struct json_writer *out, const struct table_name *table_name,
                                enum capacity_detail detail, const struct consumed *consumed);

/*
 * The member ItemCollectionMetrics, when it was asked for and the table has local indexes; or
 * what it says of one collection, as a value. `item`: one of the collection, or its key; `bytes`:
 * of the collection, from a write_result.
 */
void response_collection_metrics(struct json_writer *out, enum collection_metrics metrics,
                                 const struct table *table, slice item, int64_t bytes);
bool response_wants_collection(enum collection_metrics metrics, const struct table *table);
void response_collection(struct json_writer *out, const struct table *table, slice item,
                         int64_t bytes);

/* A member that is an item; nothing for ITEM_ABSENT. */
void response_item(struct json_writer *out, slice name, slice item);

/* The member Items: what the projection leaves of each. `projection` NULL: whole items. */
void response_items(struct json_writer *out, const slice *items, uint32_t count,
                    const struct projection *projection, struct arena *arena);

/* The state of a table that its description does not hold. */
struct table_state {
    int64_t now_ms;
    enum table_status status;
    int64_t item_count;
    int64_t bytes;
    int64_t index_item_counts[INDEXES_MAX]; /* of the table's indexes in their order */
    int64_t index_bytes[INDEXES_MAX];
    bool switches_billing;     /* CreateTable and UpdateTable: the switch is not through */
    bool with_warm_throughput; /* DescribeTable, and where it was asked for */
    bool without_schema;       /* DeleteTable */
};

/* Fill in what is counted. */
error response_count_table(struct db_session *session, const struct table *table,
                           struct table_state *state) MUST_CHECK;

/* The member KeySchema (response_table.c). */
void response_key_schema(struct json_writer *out, const struct key_parts *keys);

/* Members of what a backup says of its table (response_table.c). */
void response_units(struct json_writer *out, const struct table_settings *settings);
void response_index_infos(struct json_writer *out, const struct table *table);
void response_stream_specification(struct json_writer *out, const struct table *table);

/* A member that is a TableDescription (response_table.c). */
void response_table(struct json_writer *out, slice name, const struct table *table,
                    const struct table_state *state);

/* TableCreationParameters of an import, as a value (response_table.c). */
void response_creation_parameters(struct json_writer *out,
                                  const struct table_definition *definition);

/* The same refusal with "1 validation error detected: " before it, once. */
error response_enveloped(struct arena *arena, error invalid);

/* A refusal of expressions and their parameters as the layer words it. */
error response_in_layer(struct arena *arena, enum value_layer layer, error invalid);

/*
 * ConditionalCheckFailedException, with the item when it was asked for and exists.
 */
error response_condition_failed(struct arena *arena, enum failure_values values, slice old_item);
