#include "db/write.h"

#include "base/assert.h"
#include "base/budget.h"
#include "base/fault.h"
#include "db/expiry/expiry.h"
#include "db/gates.h"
#include "db/write_charge.h"
#include "db/write_rows.h"
#include <sched.h>

static error read_store(struct db_session *session, slice key, slice *item,
                        struct row_version *version)
{
    struct store_row row;
    TRY(db_error_of(session, store_get(session->db->store, STORE_SHARD_WHOLE, session->arena, &key,
                                       1, session->tier, &row)));
    *item = ITEM_ABSENT;
    if (!row.found)
        return NULL;
    if (!row_value_open(row.value, item))
        return FAILURE(ERROR_CORRUPT, "A stored row is no item. Stop the server and run check.");
    *version = row_value_version(row.value);
    return NULL;
}

const struct overlay_entry *write_see_pending_locked(struct writing *writing, slice key)
{
    const struct overlay_entry *entry = overlay_find_locked(writing->session->db->locks, key);
    if (!entry)
        return NULL;
    store_pending_retain(entry->pending);
    writing->seen[writing->seen_count++] = entry->pending;
    return entry;
}

/* What is there now: in the overlay, else in the store. */
static error read_locked(struct writing *writing, uint32_t which)
{
    struct db_session *session = writing->session;
    slice *item = &writing->results[which].old_item;
    const struct overlay_entry *entry = write_see_pending_locked(writing, writing->keys[which]);
    if (!entry)
        return read_store(session, writing->keys[which], item, &writing->old_versions[which]);
    *item = item_exists(entry->item) ? arena_copy(session->arena, entry->item) : ITEM_ABSENT;
    writing->old_versions[which] = entry->version;
    return NULL;
}

static error new_item(struct arena *arena, const struct write_plan *plan, slice old_item,
                      slice *item)
{
    bool existed = item_exists(old_item);
    switch (plan->kind) {
    case WRITE_PUT:
        *item = plan->item;
        return NULL;
    case WRITE_DELETE:
        *item = ITEM_ABSENT;
        return NULL;
    case WRITE_CHECK:
        *item = old_item;
        return NULL;
    case WRITE_UPDATE:
        *item = ITEM_ABSENT;
        if (!existed && !update_creates(plan->update))
            return NULL;
        TRY(update_apply(arena, plan->update, existed ? old_item : plan->key, existed, item));
        return index_check_updated_item(arena, plan->table, plan->update, old_item, *item);
    }
    unreachable("every kind of write has its item");
}

bool write_is_decided(error refusal)
{
    return refusal->kind == ERROR_VALIDATION || throttle_is_refusal(refusal) ||
           refusal->kind == ERROR_ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED ||
           refusal->kind == ERROR_IDEMPOTENT_PARAMETER_MISMATCH;
}

/* It says no more of its condition then. Whether it is the refusal of all plans. */
static bool keep_throttled(struct writing *writing, uint32_t which, error throttled)
{
    writing->results[which].condition_failed = false;
    writing->results[which].refusal = throttled;
    return !writing->leaves_throttled;
}

/* `holds` becomes false when a condition fails. A refusal leaves the other plans to be judged. */
static error decide_locked(struct writing *writing, bool *holds)
{
    struct arena *arena = writing->session->arena;
    error first = NULL;
    *holds = true;
    for (uint32_t i = 0; i < writing->count; i++) {
        const struct write_plan *plan = &writing->plans[i];
        struct write_result *result = &writing->results[i];
        TRY(read_locked(writing, i));
        result->condition_failed = !condition_holds(plan->condition, result->old_item, arena);
        if (result->condition_failed) {
            error throttled = charge_write(writing->session, plan, result, writing->keys[i],
                                           writing->is_transaction);
            if (!throttled)
                *holds = writing->separate;
            else if (keep_throttled(writing, i, throttled) && !first)
                first = throttled;
            continue;
        }
        error refusal = new_item(arena, plan, result->old_item, &result->new_item);
        if (refusal && !write_is_decided(refusal))
            return refusal;
        if (refusal && (!first || writing->separate))
            first = result->refusal = refusal;
    }
    return writing->separate ? NULL : first;
}

/* ---- tokens ---- */

static slice token_key(const struct writing *writing)
{
    return writing->keys[writing->key_count - 1];
}

/* Whether the token was used: writing->repeated, or a refusal when it was for something else. */
static error look_up_token_locked(struct writing *writing)
{
    const struct overlay_entry *entry = write_see_pending_locked(writing, token_key(writing));
    slice value = entry ? arena_copy(writing->session->arena, entry->item) : SLICE_NONE;
    if (!entry)
        TRY(request_token_read(writing->session, writing->token, &value));
    if (value.size == 0)
        return NULL;
    TRY(request_token_compare(writing->token, value));
    writing->repeated = true;
    return NULL;
}

/* What a repeated request is told of: the items as they are. */
static error read_all_locked(struct writing *writing)
{
    for (uint32_t i = 0; i < writing->count; i++) {
        struct write_result *result = &writing->results[i];
        TRY(read_locked(writing, i));
        result->new_item = result->old_item;
        TRY(charge_repeated(writing->session, &writing->plans[i], result, writing->keys[i]));
    }
    TRY(write_read_collections_locked(writing));
    collections_tell(&writing->collections, writing->results, writing->count);
    return NULL;
}

/* ---- deciding done: on to the queue ---- */

static struct change *make_change(struct writing *writing)
{
    struct db_session *session = writing->session;
    struct change *change = arena_new(session->arena, struct change);
    change->set.shard = STORE_SHARD_WHOLE;
    change->set.sink = session->sink;
    change->set.owner = session->owner;
    change->set.pending = store_pending_new();
    change->set.dependencies = writing->seen;
    change->set.dependency_count = writing->seen_count;
    writing->seen_count = 0; /* the change releases them now */
    return change;
}

static error submit(struct db_session *session, struct change *change)
{
    struct db *db = session->db;
    enum store_answer answer =
        db_has_begun(db) ? store_submit(db->store, &change->set) : STORE_UNAVAILABLE;
    if (answer == STORE_OK) {
        session->submitted = &change->set;
        return NULL;
    }
    for (uint32_t i = 0; i < change->set.dependency_count; i++)
        store_pending_release(change->set.dependencies[i]);
    store_pending_release(change->set.pending);
    return db_error_of(session, answer);
}

/* Nothing changes; but what was seen may still be lost, so the reply waits for it. */
static error submit_nothing(struct writing *writing)
{
    if (writing->seen_count == 0 || fault_planted(FAULT_REPLY_WAIT))
        return NULL;
    return submit(writing->session, make_change(writing));
}

/* A planted fault: the first half is durable before the rest is submitted. */
static error commit_first_half(struct writing *writing, struct writes *writes)
{
    uint32_t half = writes->count / 2;
    TRY(db_commit_rows(writing->session->db, writing->session->arena, writes->writes, half));
    writes->writes += half;
    writes->count -= half;
    return NULL;
}

/*
 * All of it in one change set. That it may be one batch, of several items, of indexes elsewhere,
 * with counters and a token, is what this engine offers; which of it would have to go apart on one
 * whose batches end at a shard, and how, stands in ARCHITECTURE.md, "Transactions".
 */
static error submit_writes_locked(struct writing *writing)
{
    struct db_session *session = writing->session;
    assert_that(store_caps(session->db->store).batch_spans_shards);
    struct writes writes = {
        .writes = arena_new_array(session->arena, struct store_write, write_rows_max(writing))};
    struct overlay_entry *entries =
        arena_new_array(session->arena, struct overlay_entry, writing->key_count);
    uint32_t entry_count = 0;
    TRY(write_rows_add_locked(writing, &writes, entries, &entry_count));
    if (writing->token) {
        struct store_write *put = &writes.writes[writes.count++];
        *put = request_token_put(session, writing->token);
        entries[entry_count++] =
            (struct overlay_entry){.key = token_key(writing), .item = put->value};
    }
    if (writes.count == 0)
        return submit_nothing(writing);
    if (writing->count > 1 && fault_planted(FAULT_SPLIT_BATCH))
        TRY(commit_first_half(writing, &writes));
    struct change *change = make_change(writing);
    change->set.writes = writes.writes;
    change->set.write_count = writes.count;
    TRY(submit(session, change));
    for (uint32_t i = 0; i < entry_count; i++) {
        entries[i].pending = change->set.pending;
        overlay_add_locked(session->db->locks, &entries[i]);
    }
    for (uint32_t i = 0; i < writing->count; i++) {
        if (expiry_is_kept(writing->plans[i].table))
            expiry_note_submitted(writing->plans[i].table, writing->results[i].new_item);
        if (writing->is_written[i])
            partition_gauge_note(writing->plans[i].table, writing->keys[i], &writing->results[i],
                                 writing->entries[i]);
    }
    change->entries = entries;
    change->entry_count = entry_count;
    return NULL;
}

/*
 * The rows of several items, each once more in every index, may take more memory than is left:
 * then they are refused before they are made.
 */
static error check_memory(const struct writing *writing)
{
    const struct budget *budget = writing->session->arena->budget;
    size_t left = budget ? budget_left_bytes(budget) : SIZE_MAX;
    size_t bytes = 0;
    for (uint32_t i = 0; i < writing->count; i++)
        bytes += writing->results[i].new_item.size * (1 + writing->plans[i].table->index_count);
    if (writing->count == 1 || bytes <= left)
        return NULL;
    return FAILURE(ERROR_THROTTLING, "The request writes more than the memory that is left holds. "
                                     "Send it again later, or give the server more: --memory-mb.");
}

/* A planted fault: others get between deciding and submitting. */
static void let_others_in(struct writing *writing)
{
    struct db_session *session = writing->session;
    locks_release(&writing->locks);
    sched_yield();
    locks_acquire(session->db->locks, session->arena, writing->keys, writing->key_count,
                  &writing->locks);
}

static error write_locked(struct writing *writing)
{
    bool holds = false;
    error refusal = writing->token ? look_up_token_locked(writing) : NULL;
    if (writing->repeated)
        refusal = read_all_locked(writing);
    else if (!refusal)
        refusal = decide_locked(writing, &holds);
    if (holds && !refusal)
        refusal = check_memory(writing);
    if (fault_planted(FAULT_KEY_LOCK))
        let_others_in(writing);
    if (holds && !refusal) {
        refusal = submit_writes_locked(writing);
        if (!refusal)
            return NULL;
    }
    if (refusal && !write_is_decided(refusal))
        return refusal;
    if (throttle_is_refusal(refusal))
        charges_take_back(writing->session, 0);
    TRY(submit_nothing(writing));
    return refusal;
}

/*
 * Where the gate is the planted fault: descriptions are replaced meanwhile, and what replaces one,
 * a build or a split, is done before this write goes on with the old one.
 */
static void let_descriptions_change(const struct writing *writing)
{
    enum { BUILD_OR_SPLIT_TURNS = 20 };
    struct gates gates;
    fault_dawdle();
    bool are_current = gates_take(writing->session->arena, writing->plans, writing->count, &gates);
    gates_release(&gates);
    for (int i = 0; i < BUILD_OR_SPLIT_TURNS && !are_current; i++)
        fault_dawdle();
}

static error write_gated(struct writing *writing)
{
    struct db_session *session = writing->session;
    struct gates gates;
    error failure = NULL;
    if (fault_planted(FAULT_GATE))
        let_descriptions_change(writing);
    if (!gates_take(session->arena, writing->plans, writing->count, &gates) &&
        !fault_planted(FAULT_GATE)) {
        failure = db_error_of(session, STORE_STALE);
    } else {
        writing->seen_count = gates_unsettled(&gates, writing->seen);
        locks_acquire(session->db->locks, session->arena, writing->keys, writing->key_count,
                      &writing->locks);
        failure = write_locked(writing);
        locks_release(&writing->locks);
    }
    gates_release(&gates);
    for (uint32_t i = 0; i < writing->seen_count; i++)
        store_pending_release(writing->seen[i]);
    return failure;
}

/* A worker may wait for the disk, but not while it holds locks: bring the rows in first. */
static error warm(const struct writing *writing)
{
    slice warmed;
    struct row_version version;
    for (uint32_t i = 0; i < writing->count; i++)
        TRY(read_store(writing->session, writing->keys[i], &warmed, &version));
    for (uint32_t i = 0; i < writing->collections.count; i++)
        TRY(collection_read(writing->session, writing->collections.list[i].key, &warmed));
    if (writing->token)
        TRY(request_token_read(writing->session, writing->token, &warmed));
    return NULL;
}

/*
 * A pending row for each key, a pending page for each build that an item may be in, and the pending
 * description of each table.
 */
static uint32_t seen_max(const struct writing *writing)
{
    uint32_t count = writing->key_count;
    for (uint32_t i = 0; i < writing->count; i++)
        count += writing->plans[i].table->index_count + 1;
    return count;
}

/* `writing` says what; its results and keys are made here. */
static error write_plans(struct writing *writing)
{
    struct db_session *session = writing->session;
    struct arena *arena = session->arena;
    assert_that(!session->submitted);
    if (writing->count > session->rows_left)
        return db_error_of(session, STORE_WOULD_BLOCK);
    collections_find(arena, writing->plans, writing->count, &writing->collections);
    writing->key_count = writing->count + writing->collections.count + (writing->token ? 1 : 0);
    writing->keys = arena_new_array(arena, slice, writing->key_count);
    writing->old_versions = arena_new_array(arena, struct row_version, writing->count);
    writing->entries = arena_new_array(arena, const struct entry_change *, writing->count);
    writing->is_written = arena_new_array(arena, bool, writing->count);
    writing->seen = arena_new_array(arena, struct store_pending *, seen_max(writing));
    for (uint32_t i = 0; i < writing->count; i++) {
        const struct write_plan *plan = &writing->plans[i];
        writing->results[i] = (struct write_result){.condition_failed = false};
        writing->keys[i] = row_key_of_item(arena, &plan->table->keys, plan->table->space,
                                           plan->kind == WRITE_PUT ? plan->item : plan->key);
    }
    for (uint32_t i = 0; i < writing->collections.count; i++)
        writing->keys[writing->count + i] = writing->collections.list[i].key;
    if (writing->token)
        writing->keys[writing->key_count - 1] = request_token_lock_key(arena, writing->token);
    if (session->tier == STORE_ANY)
        TRY(warm(writing));
    return write_gated(writing);
}

error db_write_once(struct db_session *session, const struct write_plan *plans, uint32_t plan_count,
                    const struct request_token *token, struct write_result *results, bool *repeated)
{
    struct writing writing = {.session = session,
                              .plans = plans,
                              .results = results,
                              .count = plan_count,
                              .token = token,
                              .is_transaction = true};
    error failure = write_plans(&writing);
    *repeated = writing.repeated;
    return failure;
}

error db_write(struct db_session *session, const struct write_plan *plans, uint32_t plan_count,
               struct write_result *results)
{
    struct writing writing = {
        .session = session, .plans = plans, .results = results, .count = plan_count};
    return write_plans(&writing);
}

error db_write_some(struct db_session *session, const struct write_plan *plans, uint32_t plan_count,
                    struct write_result *results)
{
    struct writing writing = {.session = session,
                              .plans = plans,
                              .results = results,
                              .count = plan_count,
                              .leaves_throttled = true};
    return write_plans(&writing);
}

error db_write_each(struct db_session *session, const struct write_plan *plans, uint32_t plan_count,
                    struct write_result *results)
{
    struct writing writing = {.session = session,
                              .plans = plans,
                              .results = results,
                              .count = plan_count,
                              .separate = true,
                              .leaves_throttled = true};
    return write_plans(&writing);
}
