#include "db/write_rows.h"

#include "base/fault.h"
#include "db/expiry/expiry.h"
#include "db/index/index_change.h"
#include "db/write_charge.h"

/*
 * What the old item implies in the index: nothing as long as the index is being built and the
 * build has not come to the item. What is pending is depended on.
 */
static struct index_entry old_entry(struct writing *writing, uint32_t which,
                                    const struct index *index)
{
    struct db_session *session = writing->session;
    struct store_pending *pending = NULL;
    slice old_item = writing->results[which].old_item;
    if (build_is_under_way(&index->build) &&
        !build_covers(session->db, &index->build, writing->keys[which],
                      writing->old_versions[which], &pending))
        old_item = ITEM_ABSENT;
    if (pending)
        writing->seen[writing->seen_count++] = pending;
    return index_entry_of(session->arena, writing->plans[which].table, index, old_item);
}

static error add_index_writes(struct writing *writing, uint32_t which, struct writes *to,
                              struct row_version version)
{
    struct arena *arena = writing->session->arena;
    const struct table *table = writing->plans[which].table;
    struct write_result *result = &writing->results[which];
    struct index_change *changes = arena_new_array(arena, struct index_change, table->index_count);
    struct entry_change *entries = arena_new_array(arena, struct entry_change, table->index_count);
    result->index_changes = changes;
    writing->entries[which] = entries;
    for (uint32_t i = 0; i < table->index_count; i++) {
        const struct index *index = &table->indexes[i];
        if (index_is_leaving(index))
            continue; /* its rows are about to be dropped (db/index/index_retire.c) */
        struct index_entry before = old_entry(writing, which, index);
        struct index_entry after = index_entry_of(arena, table, index, result->new_item);
        writes_add_entry(to, arena, index_place(table, index), version, &before, &after,
                         &changes[i]);
        entries[i] = (struct entry_change){index, before.key, after.key, &changes[i]};
        TRY(charge_entry(writing->session, &writing->plans[which], &entries[i],
                         writing->keys[which]));
    }
    return NULL;
}

static void add_log_record(struct writing *writing, uint32_t which, struct writes *to)
{
    const struct write_plan *plan = &writing->plans[which];
    const struct write_result *result = &writing->results[which];
    struct log_change change = {result->old_item, result->new_item, plan->actor};
    if (slice_equal(change.old_item, change.new_item))
        return; /* nothing has changed */
    uint32_t count = fault_planted(FAULT_LOG_MISSING)   ? 0
                     : fault_planted(FAULT_LOG_DOUBLED) ? 2
                                                        : 1;
    for (uint32_t i = 0; i < count; i++)
        to->writes[to->count++] =
            log_write_of(writing->session, plan->table, writing->keys[which], &change);
}

/* One that is throttled is an error. */
static error add_item_writes(struct writing *writing, uint32_t which, struct writes *to,
                             struct row_version *version)
{
    struct db_session *session = writing->session;
    const struct table *table = writing->plans[which].table;
    const struct write_result *result = &writing->results[which];
    if (result->condition_failed || result->refusal)
        return NULL;
    TRY(charge_write(session, &writing->plans[which], result, writing->keys[which],
                     writing->is_transaction));
    if (writing->plans[which].kind == WRITE_CHECK)
        return NULL;
    *version = db_next_version(session->db);
    writes_add_item(to, session->arena, table, *version, writing->keys[which], result->old_item,
                    result->new_item);
    if (table->index_count > 0)
        TRY(add_index_writes(writing, which, to, *version));
    if (expiry_is_kept(table))
        expiry_add_writes(to, session->arena, table, writing->keys[which], result->old_item,
                          result->new_item);
    if (log_is_wanted(table))
        add_log_record(writing, which, to);
    return NULL;
}

uint32_t write_rows_max(const struct writing *writing)
{
    uint32_t count = writing->token ? 1 : 0;
    for (uint32_t i = 0; i < writing->count; i++)
        count += WRITES_PER_ITEM_MAX + EXPIRY_WRITES_MAX + WRITES_PER_RECORD_MAX +
                 WRITES_PER_INDEX_MAX * writing->plans[i].table->index_count;
    return count + writing->collections.count;
}

/* ---- item collections ---- */

error write_read_collections_locked(struct writing *writing)
{
    for (uint32_t i = 0; i < writing->collections.count; i++) {
        struct collection *collection = &writing->collections.list[i];
        const struct overlay_entry *entry = write_see_pending_locked(writing, collection->key);
        slice value = entry ? arena_copy(writing->session->arena, entry->item) : SLICE_NONE;
        if (!entry)
            TRY(collection_read(writing->session, collection->key, &value));
        if (!collection_value_open(value, &collection->bytes))
            return FAILURE(ERROR_CORRUPT,
                           "The size of an item collection is damaged. Stop the server and run "
                           "check.");
    }
    return NULL;
}

/*
 * What the plan adds to its collection. A plan for itself is refused when that is too much, and its
 * writes are taken back: then true.
 */
static bool grows_too_far(struct writing *writing, uint32_t which)
{
    struct write_result *result = &writing->results[which];
    struct collections *collections = &writing->collections;
    int64_t growth = collection_growth(writing->plans[which].table, result);
    collections_add(collections, which, growth);
    if (!writing->separate)
        return false;
    result->refusal =
        collections_check(collections, which, writing->session->db->collection_bytes_max);
    if (!result->refusal)
        return false;
    collections_add(collections, which, -growth);
    return true;
}

/* Of all plans together, when they are to be done together: the first one that asks for too much.
 */
static error check_collections(struct writing *writing)
{
    for (uint32_t i = 0; i < writing->count && !writing->separate; i++) {
        error refusal =
            collections_check(&writing->collections, i, writing->session->db->collection_bytes_max);
        if (refusal && !write_is_decided(refusal))
            return refusal;
        if (refusal && collection_growth(writing->plans[i].table, &writing->results[i]) > 0)
            return writing->results[i].refusal = refusal;
    }
    return NULL;
}

/* The rows that count collections follow what is written. */
static void add_collection_writes(struct writing *writing, struct writes *to,
                                  struct overlay_entry *entries, uint32_t *entry_count)
{
    struct arena *arena = writing->session->arena;
    for (uint32_t i = 0; i < writing->collections.count; i++) {
        const struct collection *collection = &writing->collections.list[i];
        if (collection->growth == 0)
            continue;
        struct store_write *write = &to->writes[to->count++];
        *write = collection_write(arena, collection->key, collection->bytes + collection->growth);
        entries[(*entry_count)++] =
            (struct overlay_entry){.key = collection->key, .item = write->value};
    }
    collections_tell(&writing->collections, writing->results, writing->count);
}

/* What was added for the plan is taken back. The error is that of all plans, or NULL. */
static error leave_out(struct writing *writing, uint32_t which, error throttled,
                       uint32_t charge_count)
{
    writing->results[which].refusal = throttled;
    charges_take_back(writing->session, charge_count);
    return writing->leaves_throttled ? NULL : throttled;
}

error write_rows_add_locked(struct writing *writing, struct writes *to,
                            struct overlay_entry *entries, uint32_t *entry_count)
{
    error first = NULL;
    TRY(write_read_collections_locked(writing));
    for (uint32_t i = 0; i < writing->count; i++) {
        struct row_version version;
        uint32_t count_before = to->count;
        uint32_t charge_count = charges_noted(writing->session);
        error throttled = add_item_writes(writing, i, to, &version);
        if (throttled) {
            to->count = count_before;
            error refusal = leave_out(writing, i, throttled, charge_count);
            first = first ? first : refusal;
        } else if (to->count > count_before && grows_too_far(writing, i)) {
            to->count = count_before;
        } else if (to->count > count_before) {
            writing->is_written[i] = true;
            entries[(*entry_count)++] = (struct overlay_entry){
                .key = writing->keys[i], .item = writing->results[i].new_item, .version = version};
        }
    }
    if (first)
        return first;
    TRY(check_collections(writing));
    add_collection_writes(writing, to, entries, entry_count);
    return NULL;
}
