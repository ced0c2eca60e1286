#include "db/write.h"

#include "base/assert.h"
#include "base/fault.h"
#include "db/db_private.h"
#include <sched.h>

/* What is there now, and the pending change set that says so when it is not durable yet. */
struct seen {
    slice item;
    struct store_pending *pending; /* NULL: read from the store */
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

static error read_locked(struct db_session *session, slice key, struct seen *seen)
{
    *seen = (struct seen){.item = ITEM_ABSENT};
    const struct overlay_entry *entry = overlay_find_locked(session->db->locks, key);
    if (!entry)
        return read_store(session, key, &seen->item);
    if (item_exists(entry->item))
        seen->item = arena_copy(session->arena, entry->item);
    seen->pending = entry->pending;
    store_pending_retain(entry->pending);
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

/* The rows that turn `old_item` into `new_item`. */
static uint32_t fill_writes(struct db_session *session, const struct table *table, slice key,
                            const struct write_result *result, struct store_write *writes)
{
    struct arena *arena = session->arena;
    bool exists_before = item_exists(result->old_item);
    bool exists_after = item_exists(result->new_item);
    uint32_t count = 0;
    if (exists_after) {
        writes[count] = db_put(
            key, row_value_make(arena, db_next_version(session->db), result->new_item));
        writes[count++].value_stamp = ROW_STAMP_OFFSET;
    } else if (exists_before) {
        writes[count++] = db_delete(key);
    }
    if (exists_before != exists_after)
        writes[count++] =
            add(row_key_of_counter(arena, table->space, COUNTER_ITEMS), exists_after ? 1 : -1);
    int64_t growth = (int64_t)item_charged_bytes(result->new_item) -
                     (int64_t)item_charged_bytes(result->old_item);
    if (growth != 0)
        writes[count++] = add(row_key_of_counter(arena, table->space, COUNTER_BYTES), growth);
    return count;
}

static struct change *make_change(struct db_session *session, const struct seen *seen)
{
    struct change *change = arena_new(session->arena, struct change);
    change->set.shard = STORE_SHARD_WHOLE;
    change->set.sink = session->sink;
    change->set.owner = session->owner;
    change->set.pending = store_pending_new();
    if (seen->pending) {
        struct store_pending **dependencies =
            arena_new_array(session->arena, struct store_pending *, 1);
        dependencies[0] = seen->pending;
        change->set.dependencies = dependencies;
        change->set.dependency_count = 1;
    }
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
static error submit_nothing(struct db_session *session, const struct seen *seen)
{
    if (!seen->pending)
        return NULL;
    if (fault_planted(FAULT_REPLY_WAIT)) {
        store_pending_release(seen->pending);
        return NULL;
    }
    return submit(session, make_change(session, seen));
}

static error submit_change(struct db_session *session, const struct table *table, slice key,
                           const struct seen *seen, const struct write_result *result)
{
    struct change *change = make_change(session, seen);
    change->set.writes = arena_new_array(session->arena, struct store_write, WRITES_PER_ITEM_MAX);
    change->set.write_count = fill_writes(session, table, key, result, change->set.writes);
    struct overlay_entry *entry = arena_new(session->arena, struct overlay_entry);
    entry->key = key;
    entry->item = result->new_item;
    entry->pending = change->set.pending;
    TRY(submit(session, change));
    overlay_add_locked(session->db->locks, entry);
    change->entries = entry;
    change->entry_count = 1;
    return NULL;
}

static error decide_locked(struct db_session *session, const struct write_plan *plan, slice key,
                           struct lock_set *locks, struct write_result *result)
{
    struct seen seen;
    TRY(read_locked(session, key, &seen));
    result->old_item = seen.item;
    result->new_item = plan->kind == WRITE_PUT ? plan->item : ITEM_ABSENT;
    result->condition_failed = !condition_holds(plan->condition, seen.item, session->arena);
    if (fault_planted(FAULT_KEY_LOCK)) {
        locks_release(locks);
        sched_yield();
        locks_acquire(session->db->locks, session->arena, &key, 1, locks);
    }
    bool nothing_there = !item_exists(result->old_item) && !item_exists(result->new_item);
    if (result->condition_failed || nothing_there)
        return submit_nothing(session, &seen);
    return submit_change(session, plan->table, key, &seen, result);
}

static error write_gated(struct db_session *session, const struct write_plan *plan, slice key,
                         struct write_result *result)
{
    if (table_gate(plan->table)->current != plan->table)
        return FAILURE(ERROR_CONFLICT, "The table has changed meanwhile.");
    struct lock_set locks;
    locks_acquire(session->db->locks, session->arena, &key, 1, &locks);
    error failure = decide_locked(session, plan, key, &locks, result);
    locks_release(&locks);
    return failure;
}

error db_write(struct db_session *session, const struct write_plan *plan,
               struct write_result *result)
{
    assert_that(!session->submitted);
    const struct table *table = plan->table;
    *result = (struct write_result){.condition_failed = false};
    slice key = row_key_of_item(session->arena, &table->keys, table->space,
                                plan->kind == WRITE_PUT ? plan->item : plan->key);
    /* A worker may wait for the disk, but not while it holds the lock: warm the row first. */
    if (session->tier == STORE_ANY) {
        slice warmed;
        TRY(read_store(session, key, &warmed));
    }
    struct table_gate *gate = table_gate(table);
    pthread_rwlock_rdlock(&gate->lock);
    error failure = write_gated(session, plan, key, result);
    pthread_rwlock_unlock(&gate->lock);
    return failure;
}
