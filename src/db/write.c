#include "db/write.h"

#include "base/assert.h"
#include "base/fault.h"
#include "db/db_private.h"
#include "db/index_entry.h"
#include <sched.h>
#include <stdlib.h>

/* The writes of one request on their way: parallel arrays, one element a plan. */
struct writing {
    struct db_session *session;
    const struct write_plan *plans;
    struct write_result *results;
    uint32_t count;
    const struct request_token *token; /* NULL: none */
    bool repeated;                     /* the token was used for the same before */
    slice *keys;                       /* row keys; behind them the token's, if there is one */
    uint32_t key_count;
    struct store_pending **seen; /* pending change sets whose rows were read; each retained */
    uint32_t seen_count;
    struct lock_set locks;
};

static error read_store(struct db_session *session, slice key, slice *item)
{
    struct store_row row;
    TRY(db_error_of(session, store_get(session->db->store, STORE_SHARD_WHOLE, session->arena, &key,
                                       1, session->tier, &row)));
    *item = ITEM_ABSENT;
    if (row.found && !row_value_open(row.value, item))
        return FAILURE(ERROR_CORRUPT, "A stored row is no item. Stop the server and run check.");
    return NULL;
}

/* Whether the key's row is pending: `item` is a copy of it, or absent when it is being deleted. */
static bool read_pending_locked(struct writing *writing, slice key, slice *item)
{
    const struct overlay_entry *entry = overlay_find_locked(writing->session->db->locks, key);
    if (!entry)
        return false;
    *item =
        item_exists(entry->item) ? arena_copy(writing->session->arena, entry->item) : ITEM_ABSENT;
    store_pending_retain(entry->pending);
    writing->seen[writing->seen_count++] = entry->pending;
    return true;
}

/* What is there now: in the overlay, else in the store. */
static error read_locked(struct writing *writing, slice key, slice *item)
{
    if (read_pending_locked(writing, key, item))
        return NULL;
    return read_store(writing->session, key, item);
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

/* An answer for the client, rather than a reason to run again or a damaged store. */
static bool is_decided(error refusal)
{
    return refusal->kind == ERROR_VALIDATION ||
           refusal->kind == ERROR_IDEMPOTENT_PARAMETER_MISMATCH;
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
        TRY(read_locked(writing, writing->keys[i], &result->old_item));
        result->condition_failed = !condition_holds(plan->condition, result->old_item, arena);
        if (result->condition_failed) {
            *holds = false;
            continue;
        }
        error refusal = new_item(arena, plan, result->old_item, &result->new_item);
        if (refusal && !is_decided(refusal))
            return refusal;
        if (refusal && !first)
            first = result->refusal = refusal;
    }
    return first;
}

/* ---- tokens ---- */

static slice token_key(const struct writing *writing)
{
    return writing->keys[writing->count];
}

/* Whether the token was used: writing->repeated, or a refusal when it was for something else. */
static error look_up_token_locked(struct writing *writing)
{
    slice value = SLICE_NONE;
    if (!read_pending_locked(writing, token_key(writing), &value))
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
        TRY(read_locked(writing, writing->keys[i], &result->old_item));
        result->new_item = result->old_item;
    }
    return NULL;
}

static struct store_write add(slice key, int64_t addend)
{
    return (struct store_write){.kind = STORE_ADD,
                                .key = key,
                                .addend = addend,
                                .key_stamp = STORE_NO_STAMP,
                                .value_stamp = STORE_NO_STAMP};
}

/* ---- the rows that turn the old item into the new one ---- */

/* A row goes or comes, and two counters with it; the row of an index may go and come elsewhere. */
enum { WRITES_PER_ITEM_MAX = 3, WRITES_PER_INDEX_MAX = 4 };

struct writes {
    struct store_write *writes;
    uint32_t count;
};

static void add_put(struct db_session *session, struct writes *to, struct row_version version,
                    slice key, slice item)
{
    struct store_write *put = &to->writes[to->count++];
    *put = db_put(key, row_value_make(session->arena, version, item));
    put->value_stamp = ROW_STAMP_OFFSET;
}

/* What the counters of a table or index follow: its rows before and after. */
static void add_counts(struct db_session *session, struct writes *to, struct row_place place,
                       slice old_item, slice new_item)
{
    int64_t items = (int64_t)item_exists(new_item) - (int64_t)item_exists(old_item);
    int64_t bytes = (int64_t)item_charged_bytes(new_item) - (int64_t)item_charged_bytes(old_item);
    if (items != 0)
        to->writes[to->count++] =
            add(row_key_of_counter(session->arena, place, COUNTER_ITEMS), items);
    if (bytes != 0)
        to->writes[to->count++] =
            add(row_key_of_counter(session->arena, place, COUNTER_BYTES), bytes);
}

/* Only what differs: an entry that stays as it is costs nothing. */
static void add_entry_writes(struct db_session *session, struct writes *to,
                             const struct write_plan *plan, const struct index *index,
                             const struct write_result *result, struct row_version version,
                             struct index_change *change)
{
    struct arena *arena = session->arena;
    struct index_entry before = index_entry_of(arena, plan->table, index, result->old_item);
    struct index_entry after = index_entry_of(arena, plan->table, index, result->new_item);
    bool existed = item_exists(before.item);
    bool exists = item_exists(after.item);
    bool same_key = slice_equal(before.key, after.key);
    change->old_bytes = item_charged_bytes(before.item);
    change->new_bytes = item_charged_bytes(after.item);
    change->changed = !same_key || !slice_equal(before.item, after.item);
    change->moved = existed && exists && !same_key;
    if (!change->changed)
        return;
    if (existed && !same_key && !fault_planted(FAULT_STALE_INDEX_ROW))
        to->writes[to->count++] = db_delete(before.key);
    if (exists && !fault_planted(FAULT_INDEX_ROW))
        add_put(session, to, version, after.key, after.item);
    add_counts(session, to, index_place(plan->table, index), before.item, after.item);
}

static void add_index_writes(struct db_session *session, struct writes *to,
                             const struct write_plan *plan, struct write_result *result,
                             struct row_version version)
{
    const struct table *table = plan->table;
    struct index_change *changes =
        arena_new_array(session->arena, struct index_change, table->index_count);
    result->index_changes = changes;
    for (uint32_t i = 0; i < table->index_count; i++)
        add_entry_writes(session, to, plan, &table->indexes[i], result, version, &changes[i]);
}

/* Whether there is anything to write. */
static bool add_item_writes(struct writing *writing, uint32_t which, struct writes *to)
{
    struct db_session *session = writing->session;
    const struct write_plan *plan = &writing->plans[which];
    struct write_result *result = &writing->results[which];
    struct row_version version = {0};
    uint32_t count_before = to->count;
    if (plan->kind == WRITE_CHECK)
        return false;
    if (item_exists(result->new_item)) {
        version = db_next_version(session->db);
        add_put(session, to, version, writing->keys[which], result->new_item);
    } else if (item_exists(result->old_item)) {
        to->writes[to->count++] = db_delete(writing->keys[which]);
    }
    add_counts(session, to, (struct row_place){.space = plan->table->space}, result->old_item,
               result->new_item);
    if (plan->table->index_count > 0)
        add_index_writes(session, to, plan, result, version);
    return to->count > count_before;
}

static uint32_t writes_max(const struct writing *writing)
{
    uint32_t count = writing->token ? 1 : 0;
    for (uint32_t i = 0; i < writing->count; i++)
        count += WRITES_PER_ITEM_MAX + WRITES_PER_INDEX_MAX * writing->plans[i].table->index_count;
    return count;
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
        .writes = arena_new_array(session->arena, struct store_write, writes_max(writing))};
    struct overlay_entry *entries =
        arena_new_array(session->arena, struct overlay_entry, writing->key_count);
    uint32_t entry_count = 0;
    for (uint32_t i = 0; i < writing->count; i++) {
        if (add_item_writes(writing, i, &writes))
            entries[entry_count++] = (struct overlay_entry){.key = writing->keys[i],
                                                            .item = writing->results[i].new_item};
    }
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
    change->entries = entries;
    change->entry_count = entry_count;
    return NULL;
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
    if (fault_planted(FAULT_KEY_LOCK))
        let_others_in(writing);
    if (refusal && !is_decided(refusal))
        return refusal;
    if (holds && !refusal)
        return submit_writes_locked(writing);
    TRY(submit_nothing(writing));
    return refusal;
}

static int by_address(const void *a, const void *b)
{
    struct table_gate *const *left = a;
    struct table_gate *const *right = b;
    return (*left > *right) - (*left < *right);
}

/*
 * The gates of all tables, each once, in one order for everybody. They are held from seeing that
 * the descriptions are current (else false) through submit.
 */
static bool take_gates(const struct writing *writing, struct table_gate **gates, uint32_t *count)
{
    for (uint32_t i = 0; i < writing->count; i++)
        gates[i] = table_gate(writing->plans[i].table);
    if (writing->count > 1)
        qsort(gates, writing->count, sizeof gates[0], by_address);
    *count = 0;
    for (uint32_t i = 0; i < writing->count; i++) {
        if (*count == 0 || gates[*count - 1] != gates[i])
            gates[(*count)++] = gates[i];
    }
    for (uint32_t i = 0; i < *count; i++)
        pthread_rwlock_rdlock(&gates[i]->lock);
    bool current = true;
    for (uint32_t i = 0; i < writing->count; i++)
        current =
            current && table_gate(writing->plans[i].table)->current == writing->plans[i].table;
    return current;
}

static error write_gated(struct writing *writing)
{
    struct db_session *session = writing->session;
    struct table_gate **gates =
        arena_new_array(session->arena, struct table_gate *, writing->count);
    uint32_t gate_count;
    error failure = NULL;
    if (!take_gates(writing, gates, &gate_count)) {
        failure = db_error_of(session, STORE_STALE);
    } else {
        locks_acquire(session->db->locks, session->arena, writing->keys, writing->key_count,
                      &writing->locks);
        failure = write_locked(writing);
        locks_release(&writing->locks);
    }
    for (uint32_t i = 0; i < gate_count; i++)
        pthread_rwlock_unlock(&gates[i]->lock);
    for (uint32_t i = 0; i < writing->seen_count; i++)
        store_pending_release(writing->seen[i]);
    return failure;
}

/* A worker may wait for the disk, but not while it holds locks: bring the rows in first. */
static error warm(const struct writing *writing)
{
    slice warmed;
    for (uint32_t i = 0; i < writing->count; i++)
        TRY(read_store(writing->session, writing->keys[i], &warmed));
    if (writing->token)
        TRY(request_token_read(writing->session, writing->token, &warmed));
    return NULL;
}

error db_write_once(struct db_session *session, const struct write_plan *plans, uint32_t plan_count,
                    const struct request_token *token, struct write_result *results, bool *repeated)
{
    assert_that(!session->submitted);
    struct arena *arena = session->arena;
    uint32_t key_count = plan_count + (token ? 1 : 0);
    if (session->tier == STORE_CACHED && plan_count > session->rows_left)
        return db_error_of(session, STORE_WOULD_BLOCK);
    struct writing writing = {.session = session,
                              .plans = plans,
                              .results = results,
                              .count = plan_count,
                              .token = token,
                              .keys = arena_new_array(arena, slice, key_count),
                              .key_count = key_count,
                              .seen = arena_new_array(arena, struct store_pending *, key_count)};
    for (uint32_t i = 0; i < plan_count; i++) {
        const struct write_plan *plan = &plans[i];
        results[i] = (struct write_result){.condition_failed = false};
        writing.keys[i] = row_key_of_item(arena, &plan->table->keys, plan->table->space,
                                          plan->kind == WRITE_PUT ? plan->item : plan->key);
    }
    if (token)
        writing.keys[plan_count] = request_token_lock_key(arena, token);
    if (session->tier == STORE_ANY)
        TRY(warm(&writing));
    error failure = write_gated(&writing);
    *repeated = writing.repeated;
    return failure;
}

error db_write(struct db_session *session, const struct write_plan *plans, uint32_t plan_count,
               struct write_result *results)
{
    bool repeated = false;
    return db_write_once(session, plans, plan_count, NULL, results, &repeated);
}
