#include "ops/transact.h"

#include "db/partition/throttle.h"
#include "db/read.h"
#include "ops/key_paths.h"
#include "ops/response_tables.h"

/* ---- cancelling ---- */

static slice code_of(const struct cancellation_reason *reason)
{
    return reason->code.size > 0 ? reason->code : SLICE("None");
}

static slice reasons_text(struct arena *arena, const struct cancellation_reason *reasons,
                          uint32_t count)
{
    struct buffer text;
    buffer_init(&text, arena);
    buffer_append(&text, SLICE("Transaction cancelled, please refer cancellation reasons for "
                               "specific reasons ["));
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_append(&text, SLICE(", "));
        buffer_append(&text, code_of(&reasons[i]));
    }
    buffer_append_byte(&text, ']');
    return buffer_slice(&text);
}

static slice reasons_member(struct arena *arena, const struct cancellation_reason *reasons,
                            uint32_t count)
{
    struct json_writer out;
    json_writer_init(&out, arena);
    json_write_name(&out, SLICE("CancellationReasons"));
    json_write_array_begin(&out);
    for (uint32_t i = 0; i < count; i++) {
        json_write_object_begin(&out);
        json_write_name(&out, SLICE("Code"));
        json_write_string(&out, code_of(&reasons[i]));
        if (reasons[i].message.size > 0) {
            json_write_name(&out, SLICE("Message"));
            json_write_string(&out, reasons[i].message);
        }
        response_item(&out, SLICE("Item"), reasons[i].item);
        json_write_object_end(&out);
    }
    json_write_array_end(&out);
    return json_writer_text(&out);
}

error transaction_canceled(struct arena *arena, const struct cancellation_reason *reasons,
                           uint32_t count)
{
    struct failure *failure = arena_new(arena, struct failure);
    failure->kind = ERROR_TRANSACTION_CANCELED;
    failure->message = reasons_text(arena, reasons, count);
    failure->members = reasons_member(arena, reasons, count);
    return failure;
}

/* What an error of one action is called among the reasons; empty: it is none of them. */
static slice reason_code(enum error_kind kind)
{
    static const struct {
        enum error_kind kind;
        slice code;
    } codes[] = {
        {ERROR_VALIDATION, SLICE("ValidationError")},
        {ERROR_ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED, SLICE("ItemCollectionSizeLimitExceeded")},
        {ERROR_PROVISIONED_THROUGHPUT_EXCEEDED, SLICE("ProvisionedThroughputExceeded")},
        {ERROR_THROTTLING, SLICE("ThrottlingError")},
        {ERROR_REQUEST_LIMIT_EXCEEDED, SLICE("ThrottlingError")},
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (codes[i].kind == kind)
            return codes[i].code;
    }
    return SLICE_NONE;
}

/* `refusals`: of each action, or NULL. */
static error canceled_by(struct arena *arena, const error *refusals, uint32_t count)
{
    struct cancellation_reason *reasons = arena_new_array(arena, struct cancellation_reason, count);
    for (uint32_t i = 0; i < count; i++) {
        if (!refusals[i])
            continue;
        reasons[i].code = reason_code(refusals[i]->kind);
        reasons[i].message = refusals[i]->message;
    }
    return transaction_canceled(arena, reasons, count);
}

static error canceled_by_one(struct arena *arena, uint32_t which, uint32_t count, error refusal)
{
    error *refusals = arena_new_array(arena, error, count);
    refusals[which] = refusal;
    return canceled_by(arena, refusals, count);
}

/* ---- keys and targets ---- */

/* What an action is about, once its table is known. */
struct target {
    const struct table *table;
    slice key;     /* absent when it is no key of the table */
    error refusal; /* by table and keys; NULL: none */
};

/* An empty key refuses the request, where what else is wrong with it cancels the transaction. */
static bool is_empty_key(error refusal)
{
    return slice_begins_with(refusal->message,
                             SLICE("One or more parameter values are not valid. "));
}

/* The first refusal is told, the other actions have no reason. */
static error check_targets(struct arena *arena, const struct target *targets, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (targets[i].refusal && is_empty_key(targets[i].refusal))
            return targets[i].refusal;
    }
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < i && item_exists(targets[i].key); j++) {
            if (targets[i].table->space == targets[j].table->space &&
                slice_equal(targets[i].key, targets[j].key))
                return FAILURE(ERROR_VALIDATION, "Transaction request cannot include multiple "
                                                 "operations on one item");
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        if (targets[i].refusal)
            return canceled_by_one(arena, i, count, targets[i].refusal);
    }
    return NULL;
}

/* ---- writing ---- */

static error check_payload(const struct transact_write *write)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < write->count; i++)
        bytes += write->actions[i].payload_bytes;
    if (bytes > TRANSACTION_BYTES_MAX)
        return FAILURE(ERROR_VALIDATION, "Transaction payload size cannot exceed 4194304 bytes");
    return NULL;
}

static error check_update(struct arena *arena, const struct write_plan *plan)
{
    TRY(update_check_keys(arena, plan->update, &plan->table->keys));
    const slice *entered;
    uint32_t entered_count = update_entered(arena, plan->update, &entered);
    TRY(key_paths_check(arena, plan->table, entered, entered_count));
    return index_check_update(arena, plan->table, plan->update);
}

static error check_put(struct arena *arena, const struct write_plan *plan, slice *key)
{
    TRY(key_check_item(arena, &plan->table->keys, plan->item));
    *key = key_of_item(arena, &plan->table->keys, plan->item);
    return index_check_item(arena, plan->table, plan->item);
}

static error check_plan(struct arena *arena, const struct write_plan *plan, slice *key)
{
    if (plan->kind == WRITE_PUT)
        return check_put(arena, plan, key);
    TRY(key_check(arena, &plan->table->keys, plan->key));
    *key = plan->key;
    return plan->kind == WRITE_UPDATE ? check_update(arena, plan) : NULL;
}

static struct cancellation_reason reason_of(const struct transact_action *action,
                                            const struct write_result *result)
{
    struct cancellation_reason reason = {.item = ITEM_ABSENT};
    if (result->refusal) {
        reason.code = reason_code(result->refusal->kind);
        reason.message = result->refusal->message;
    } else if (result->condition_failed && action->inserts) {
        reason.code = SLICE("DuplicateItem");
        reason.message = SLICE("Duplicate primary key exists in table");
    } else if (result->condition_failed) {
        reason.code = SLICE("ConditionalCheckFailed");
        reason.message = SLICE("The conditional request failed");
    }
    if (result->condition_failed && action->failure_values == FAILURE_VALUES_ALL_OLD)
        reason.item = result->old_item;
    return reason;
}

/* NULL when nothing is in the way of any action. */
static error cancellation_of(struct arena *arena, const struct transact_write *write)
{
    struct cancellation_reason *reasons =
        arena_new_array(arena, struct cancellation_reason, write->count);
    bool canceled = false;
    for (uint32_t i = 0; i < write->count; i++) {
        reasons[i] = reason_of(&write->actions[i], &write->results[i]);
        canceled |= reasons[i].code.size > 0;
    }
    return canceled ? transaction_canceled(arena, reasons, write->count) : NULL;
}

error transact_write_run(struct request *request, struct transact_write *write)
{
    struct arena *arena = request->arena;
    TRY(check_payload(write));
    for (uint32_t i = 0; i < write->count; i++)
        TRY(table_find(request->session, write->actions[i].table_name->name,
                       &write->actions[i].plan.table));
    struct target *targets = arena_new_array(arena, struct target, write->count);
    struct write_plan *plans = arena_new_array(arena, struct write_plan, write->count);
    for (uint32_t i = 0; i < write->count; i++) {
        plans[i] = write->actions[i].plan;
        targets[i].table = plans[i].table;
        targets[i].refusal = check_plan(arena, &plans[i], &targets[i].key);
    }
    TRY(check_targets(arena, targets, write->count));

    write->results = arena_new_array(arena, struct write_result, write->count);
    error refusal = db_write_once(request->session, plans, write->count, write->token,
                                  write->results, &write->repeated);
    error canceled = cancellation_of(arena, write);
    bool is_reason = refusal && reason_code(refusal->kind).size > 0;
    return refusal && !(is_reason && canceled) ? refusal : canceled;
}

static void write_capacity(struct request *request, const struct transact_write *write,
                           enum capacity_detail detail)
{
    struct consumed_tables consumed;
    consumed_tables_init(&consumed, request->arena, write->count);
    for (uint32_t i = 0; i < write->count; i++) {
        const struct transact_action *action = &write->actions[i];
        struct consumed *of_table =
            consumed_of_table(&consumed, action->table_name, action->plan.table);
        if (write->repeated)
            consumed_add_transact_read(of_table, write->results[i].old_item);
        else
            consumed_add_transact_write(of_table, action->plan.table, &write->results[i]);
    }
    response_capacity_of_tables(request->out, detail, &consumed);
}

static void write_collections(struct request *request, const struct transact_write *write,
                              enum collection_metrics metrics)
{
    struct collection_item *items =
        arena_new_array(request->arena, struct collection_item, write->count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < write->count; i++) {
        const struct write_plan *plan = &write->actions[i].plan;
        if (plan->kind != WRITE_CHECK)
            items[count++] =
                (struct collection_item){.table_name = write->actions[i].table_name,
                                         .table = plan->table,
                                         .item = plan->kind == WRITE_PUT ? plan->item : plan->key,
                                         .bytes = write->results[i].collection_bytes};
    }
    response_collections(request->out, metrics, items, count);
}

void transact_write_reply(struct request *request, const struct transact_write *write,
                          enum capacity_detail capacity, enum collection_metrics metrics)
{
    if (response_wants_capacity(capacity))
        write_capacity(request, write, capacity);
    if (metrics == COLLECTION_METRICS_SIZE && !write->repeated)
        write_collections(request, write, metrics);
}

/* ---- reading ---- */

static error check_get(struct arena *arena, const struct transact_get *get, slice *key)
{
    TRY(key_check(arena, &get->table->keys, get->key));
    *key = get->key;
    const slice *entered;
    uint32_t entered_count = projection_entered(arena, get->projection, &entered);
    return key_paths_check(arena, get->table, entered, entered_count);
}

error transact_get_run(struct request *request, struct transact_get *gets, uint32_t count)
{
    struct arena *arena = request->arena;
    for (uint32_t i = 0; i < count; i++)
        TRY(table_find(request->session, gets[i].table_name->name, &gets[i].table));
    struct target *targets = arena_new_array(arena, struct target, count);
    struct read_target *reads = arena_new_array(arena, struct read_target, count);
    slice *items = arena_new_array(arena, slice, count);
    for (uint32_t i = 0; i < count; i++) {
        targets[i].table = gets[i].table;
        targets[i].refusal = check_get(arena, &gets[i], &targets[i].key);
        reads[i] = (struct read_target){.table = gets[i].table, .key = gets[i].key};
    }
    TRY(check_targets(arena, targets, count));

    error *refusals = arena_new_array(arena, error, count);
    error refusal = db_read_snapshot(request->session, reads, count, items, refusals);
    if (refusal)
        return throttle_is_refusal(refusal) ? canceled_by(arena, refusals, count) : refusal;
    size_t bytes = 0;
    for (uint32_t i = 0; i < count; i++) {
        gets[i].item = items[i];
        bytes += item_charged_bytes(items[i]);
    }
    if (bytes > TRANSACTION_BYTES_MAX)
        return FAILURE(ERROR_VALIDATION, "Transaction payload size cannot exceed 4194304 bytes");
    return NULL;
}

void transact_get_capacity(struct request *request, const struct transact_get *gets, uint32_t count,
                           enum capacity_detail capacity)
{
    if (!response_wants_capacity(capacity))
        return;
    struct consumed_tables consumed;
    consumed_tables_init(&consumed, request->arena, count);
    for (uint32_t i = 0; i < count; i++)
        consumed_add_transact_read(consumed_of_table(&consumed, gets[i].table_name, gets[i].table),
                                   gets[i].item);
    response_capacity_of_tables(request->out, capacity, &consumed);
}

/* No Item where the projection leaves nothing: captured from the service, unlike GetItem's. */
void transact_get_reply(struct request *request, const struct transact_get *gets, uint32_t count,
                        enum capacity_detail capacity)
{
    struct json_writer *out = request->out;
    transact_get_capacity(request, gets, count, capacity);
    json_write_name(out, SLICE("Responses"));
    json_write_array_begin(out);
    for (uint32_t i = 0; i < count; i++) {
        slice item = projection_apply(gets[i].projection, gets[i].item, request->arena);
        bool is_empty = !item_exists(item) || item_attribute_count(item) == 0;
        json_write_object_begin(out);
        response_item(out, SLICE("Item"), is_empty ? ITEM_ABSENT : item);
        json_write_object_end(out);
    }
    json_write_array_end(out);
}
