/* Parts of replies that several operations write. */
#pragma once
#include "db/table.h"
#include "expr/projection.h"
#include "ops/members.h"
#include "json/writer.h"

/* The member ConsumedCapacity, when it was asked for. */
void response_capacity(struct json_writer *out, const struct table_name *table_name,
                       enum capacity_detail detail, int64_t half_units);

/*
 * One element of the list that requests of several tables answer: ConsumedCapacity as a value.
 *   `detail`: response_wants_capacity.
 */
bool response_wants_capacity(enum capacity_detail detail);
void response_capacity_of_table(struct json_writer *out, const struct table_name *table_name,
                                enum capacity_detail detail, int64_t half_units);

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
    bool with_warm_throughput; /* DescribeTable, and where it was asked for */
};

/* A member that is a TableDescription (response_table.c). */
void response_table(struct json_writer *out, slice name, const struct table *table,
                    const struct table_state *state);

/* The same refusal with "1 validation error detected: " before it, once. */
error response_enveloped(struct arena *arena, error invalid);

/* A refusal of expressions and their parameters as the layer words it. */
error response_in_layer(struct arena *arena, enum value_layer layer, error invalid);

/*
 * ConditionalCheckFailedException, with the item when it was asked for and exists.
 */
error response_condition_failed(struct arena *arena, enum failure_values values, slice old_item);
