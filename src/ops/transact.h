/*
 * Transactions, as TransactWriteItems, TransactGetItems and ExecuteTransaction share them: from
 * parsed actions to what the reply says of them.
 *
 * What can be judged by the request alone refuses the request. What only shows against a table or
 * an item cancels the transaction: TransactionCanceledException with a reason for each action.
 * Source: AWS API Reference, TransactWriteItems; error texts captured from the service.
 */
#pragma once
#include "ops/operation.h"
#include "ops/response.h"

/* One write or check, parsed as far as it can be without its table. */
struct transact_action {
    const struct table_name *table_name;
    struct write_plan plan; /* the table is found here; an item to be put is not too large */
    size_t payload_bytes;   /* of the item or key, the expressions and their values */
    enum failure_values failure_values;
    bool inserts; /* its condition is that there was no item: else it is a duplicate */
};

struct transact_write {
    struct transact_action *actions;
    uint32_t count;
    const struct request_token *token; /* NULL: none */
    /* Filled by transact_write_run. */
    struct write_result *results; /* of the actions in their order */
    bool repeated;                /* the token was used for the same before: nothing was done */
};

/*
 *   Errors: VALIDATION, RESOURCE_NOT_FOUND, TRANSACTION_CANCELED, IDEMPOTENT_PARAMETER_MISMATCH.
 */
error transact_write_run(struct request *request, struct transact_write *write) MUST_CHECK;

/* The members ConsumedCapacity and ItemCollectionMetrics, where they were asked for. */
void transact_write_reply(struct request *request, const struct transact_write *write,
                          enum capacity_detail capacity, enum collection_metrics metrics);

struct transact_get {
    const struct table_name *table_name;
    slice key;
    const struct projection *projection; /* NULL: the whole item */
    /* Filled by transact_get_run. */
    const struct table *table;
    slice item; /* whole */
};

/*
 * All items as they are at one moment.
 *   Errors: VALIDATION, RESOURCE_NOT_FOUND, TRANSACTION_CANCELED.
 */
error transact_get_run(struct request *request, struct transact_get *gets,
                       uint32_t count) MUST_CHECK;

/* The member ConsumedCapacity, where it was asked for; with Responses. */
void transact_get_capacity(struct request *request, const struct transact_get *gets, uint32_t count,
                           enum capacity_detail capacity);
void transact_get_reply(struct request *request, const struct transact_get *gets, uint32_t count,
                        enum capacity_detail capacity);

/* Why one action cancels its transaction. */
struct cancellation_reason {
    slice code; /* empty: it does not */
    slice message;
    slice item; /* what was there, where it was asked for and exists; else ITEM_ABSENT */
};

/* TransactionCanceledException. */
error transaction_canceled(struct arena *arena, const struct cancellation_reason *reasons,
                           uint32_t count);
