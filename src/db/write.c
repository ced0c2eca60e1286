#include "db/write.h"

#include "base/assert.h"
#include "base/fault.h"
#include "db/db_private.h"
#include <sched.h>
#include <stdlib.h>

/* The writes of one request on their way: parallel arrays, one element a plan. */
struct writing {
    struct db_session *session;
    const struct write_plan *plans;
    struct write_result *results;
    uint32_t count;
    slice *keys;                  /* row keys */
    struct store_pending **seen;  /* pending change sets whose rows were read; each retained */
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

/* What is there now: in the overlay, else in the store. */
static error read_locked(struct writing *writing, slice key, slice *item)
{
    const struct overlay_entry *entry = overlay_find_locked(writing->session->db->locks, key);
    if (!entry)
        return read_store(writing->session, key, item);
    *item = item_exists(entry->item) ? arena_copy(writing->session->arena, entry->item)
                                     : ITEM_ABSENT;
    store_pending_retain(entry->pending);
    writing->seen[writing->seen_count++] = entry->pending;
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
    case WRITE_UPDATE:
        *item = ITEM_ABSENT;
        if (!existed && !update_creates(plan->update))
            return NULL;
        return update_apply(arena, plan->update, existed ? old_item : plan->key, existed, item);
    }
    unreachable("every kind of write has its item");
}

/* `holds` becomes false when a condition fails. */
static error decide_locked(struct writing *writing, bool *holds)
{
    struct arena *arena = writing->session->arena;
    *holds = true;
    for (uint32_t i = 0; i < writing->count; i++) {
        const struct write_plan *plan = &writing->plans[i];
        struct write_result *result = &writing->results[i];
        TRY(read_locked(writing, writing->keys[i], &result->old_item));
        result->condition_failed = !condition_holds(plan->condition, result->old_item, arena);
        if (result->condition_failed)
            *holds = false;
        else
            TRY(new_item(arena, plan, result->old_item, &result->new_item));
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

enum { WRITES_PER_ITEM_MAX = 3 }; /* the row and two counters */

/* The rows that turn the old item into the new one. */
static uint32_t fill_writes(struct writing *writing, uint32_t index, struct store_write *writes)
{
    struct db_session *session = writing->session;
    const struct write_result *result = &writing->results[index];
    struct row_place place = {.space = writing->plans[index].table->space};
    slice key = writing->keys[index];
    bool exists_before = item_exists(result->old_item);
    bool exists_after = item_exists(result->new_item);
    uint32_t count = 0;
    if (exists_after) {
        struct row_version version = db_next_version(session->db);
        writes[count] = db_put(key, row_value_make(session->arena, version, result->new_item));
        writes[count++].value_stamp = ROW_STAMP_OFFSET;
    } else if (exists_before) {
        writes[count++] = db_delete(key);
    }
    if (exists_before != exists_after)
        writes[count++] = add(row_key_of_counter(session->arena, place, COUNTER_ITEMS),
                              exists_after ? 1 : -1);
    int64_t growth = (int64_t)item_charged_bytes(result->new_item) -
                     (int64_t)item_charged_bytes(result->old_item);
    if (growth != 0)
        writes[count++] = add(row_key_of_counter(session->arena, place, COUNTER_BYTES), growth);
    return count;
}

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
    enum store_answer answer = store_submit(session->db->store, &change->set);
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

static error submit_writes_locked(struct writing *writing)
{
    struct db_session *session = writing->session;
    struct store_write *writes =
        arena_new_array(session->arena, struct store_write, writing->count * WRITES_PER_ITEM_MAX);
    struct overlay_entry *entries =
        arena_new_array(session->arena, struct overlay_entry, writing->count);
    uint32_t write_count = 0;
    uint32_t entry_count = 0;
    for (uint32_t i = 0; i < writing->count; i++) {
        uint32_t added = fill_writes(writing, i, writes + write_count);
        write_count += added;
        if (added > 0)
            entries[entry_count++] = (struct overlay_entry){
                .key = writing->keys[i], .item = writing->results[i].new_item};
    }
    if (write_count == 0)
        return submit_nothing(writing);
    struct change *change = make_change(writing);
    change->set.writes = writes;
    change->set.write_count = write_count;
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
    locks_acquire(session->db->locks, session->arena, writing->keys, writing->count,
                  &writing->locks);
}

static error write_locked(struct writing *writing)
{
    bool holds;
    error refusal = decide_locked(writing, &holds);
    if (fault_planted(FAULT_KEY_LOCK))
        let_others_in(writing);
    if (refusal && refusal->kind != ERROR_VALIDATION)
        return refusal; /* nothing was decided: it runs again, or the store is damaged */
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
        current = current && table_gate(writing->plans[i].table)->current == writing->plans[i].table;
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
        locks_acquire(session->db->locks, session->arena, writing->keys, writing->count,
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
    for (uint32_t i = 0; i < writing->count; i++) {
        slice warmed;
        TRY(read_store(writing->session, writing->keys[i], &warmed));
    }
    return NULL;
}

error db_write(struct db_session *session, const struct write_plan *plans, uint32_t plan_count,
               struct write_result *results)
{
    assert_that(!session->submitted);
    struct arena *arena = session->arena;
    struct writing writing = {.session = session,
                              .plans = plans,
                              .results = results,
                              .count = plan_count,
                              .keys = arena_new_array(arena, slice, plan_count),
                              .seen = arena_new_array(arena, struct store_pending *, plan_count)};
    for (uint32_t i = 0; i < plan_count; i++) {
        const struct write_plan *plan = &plans[i];
        results[i] = (struct write_result){.condition_failed = false};
        writing.keys[i] = row_key_of_item(arena, &plan->table->keys, plan->table->space,
                                          plan->kind == WRITE_PUT ? plan->item : plan->key);
    }
    if (session->tier == STORE_ANY)
        TRY(warm(&writing));
    return write_gated(&writing);
}
