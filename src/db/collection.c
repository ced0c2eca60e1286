#include "db/collection.h"

#include "base/bytes.h"
#include "base/limits.h"
#include "db/db_private.h"
#include "db/index/index.h"
#include "db/rows.h"

enum { COLLECTION_VALUE_BYTES = 8 };

/* ---- those that plans touch ---- */

static uint32_t find_or_add(struct collections *collections, slice key)
{
    for (uint32_t i = 0; i < collections->count; i++) {
        if (slice_equal(collections->list[i].key, key))
            return i;
    }
    collections->list[collections->count] = (struct collection){.key = key};
    return collections->count++;
}

void collections_find(struct arena *arena, const struct write_plan *plans, uint32_t plan_count,
                      struct collections *collections)
{
    *collections = (struct collections){.count = 0};
    for (uint32_t i = 0; i < plan_count; i++) {
        const struct table *table = plans[i].table;
        if (!table_has_local_indexes(table))
            continue;
        if (!collections->list) {
            collections->list = arena_new_array(arena, struct collection, plan_count);
            collections->of_plan = arena_new_array(arena, uint32_t, plan_count);
        }
        slice item = plans[i].kind == WRITE_PUT ? plans[i].item : plans[i].key;
        slice key = row_key_of_collection(arena, &table->keys, table->space, item);
        collections->of_plan[i] = find_or_add(collections, key) + 1;
    }
}

int64_t collection_growth(const struct table *table, const struct write_result *result)
{
    int64_t growth = (int64_t)item_charged_bytes(result->new_item) -
                     (int64_t)item_charged_bytes(result->old_item);
    for (uint32_t i = 0; i < table->index_count && result->index_changes; i++) {
        const struct index_change *change = &result->index_changes[i];
        if (table->indexes[i].kind == INDEX_LOCAL)
            growth += (int64_t)change->new_bytes - (int64_t)change->old_bytes;
    }
    return growth;
}

/* NULL: the plan's table has no local indexes. */
static struct collection *collection_of(const struct collections *collections, uint32_t plan)
{
    bool is_counted = collections->of_plan && collections->of_plan[plan] > 0;
    return is_counted ? &collections->list[collections->of_plan[plan] - 1] : NULL;
}

void collections_add(struct collections *collections, uint32_t plan, int64_t growth)
{
    struct collection *collection = collection_of(collections, plan);
    if (collection)
        collection->growth += growth;
}

error collections_check(const struct collections *collections, uint32_t plan, int64_t bytes_max)
{
    const struct collection *collection = collection_of(collections, plan);
    if (collection && collection->bytes + collection->growth < 0)
        return FAILURE(ERROR_CORRUPT, "The size of an item collection is wrong. Stop the server and "
                                      "run check.");
    if (!collection || collection->growth <= 0 ||
        collection->bytes + collection->growth <= bytes_max)
        return NULL;
    return FAILURE(ERROR_ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED, "Collection size exceeded.");
}

void collections_tell(const struct collections *collections, struct write_result *results,
                      uint32_t plan_count)
{
    for (uint32_t i = 0; i < plan_count; i++) {
        const struct collection *collection = collection_of(collections, i);
        results[i].collection_bytes = collection ? collection->bytes + collection->growth : 0;
    }
}

/* ---- the row that counts ---- */

error collection_read(struct db_session *session, slice key, slice *value)
{
    struct store_row row;
    TRY(db_error_of(session, store_get(session->db->store, STORE_SHARD_WHOLE, session->arena, &key,
                                       1, session->tier, &row)));
    *value = row.found ? row.value : SLICE_NONE;
    return NULL;
}

struct store_write collection_write(struct arena *arena, slice key, int64_t bytes)
{
    if (bytes == 0)
        return db_delete(key);
    char *value = arena_alloc_bytes(arena, COLLECTION_VALUE_BYTES);
    bytes_put_u64(value, (uint64_t)bytes);
    return db_put(key, slice_of(value, COLLECTION_VALUE_BYTES));
}

bool collection_value_open(slice value, int64_t *bytes)
{
    if (value.size != 0 && value.size != COLLECTION_VALUE_BYTES)
        return false;
    *bytes = value.size == 0 ? 0 : (int64_t)bytes_get_u64(value.data);
    return *bytes >= 0;
}

/* ---- by its rows ---- */

/* The charged bytes of the rows with this prefix; rows that are no items count nothing. */
static enum store_answer measure_rows(struct store *store, slice prefix, int64_t *bytes)
{
    SCOPED_ARENA(bounds);
    struct store_scan scan = {.shard = STORE_SHARD_WHOLE,
                              .area = STORE_ROWS,
                              .from = prefix,
                              .to = row_key_after_prefix(&bounds, prefix),
                              .tier = STORE_ANY,
                              .background = true,
                              .row_count_max = STORE_SCAN_ROWS_MAX,
                              .bytes_max = STORE_SCAN_BYTES_MAX};
    struct store_page page = {.more = true};
    struct arena keys[2]; /* the next page begins where this one ended */
    arena_init(&keys[0], NULL);
    arena_init(&keys[1], NULL);
    enum store_answer answer = STORE_OK;
    for (uint32_t turn = 0; page.more && answer == STORE_OK; turn++) {
        struct arena *arena = &keys[turn % 2];
        arena_reset(arena);
        answer = store_scan(store, arena, &scan, &page);
        for (uint32_t i = 0; i < page.count && answer == STORE_OK; i++) {
            slice item;
            if (row_value_open(page.entries[i].value, &item))
                *bytes += (int64_t)item_charged_bytes(item);
        }
        if (page.count > 0)
            scan.from = row_key_successor(arena, page.entries[page.count - 1].key);
    }
    arena_fini(&keys[0]);
    arena_fini(&keys[1]);
    return answer;
}

enum store_answer collection_measure(struct store *store, const struct table *table, slice key,
                                     int64_t *bytes)
{
    *bytes = 0;
    for (uint8_t number = 0; number <= LOCAL_INDEXES_MAX; number++) {
        SCOPED_ARENA(arena);
        struct row_place place = {table->space, number};
        enum store_answer answer =
            measure_rows(store, row_key_collection_in(&arena, key, place), bytes);
        if (answer != STORE_OK)
            return answer;
    }
    return STORE_OK;
}

/* ---- counting anew ---- */

enum { COUNTED_AT_ONCE = 32 }; /* each with an item at hand */

static error cannot_count(struct arena *arena, struct store *store, const struct table *table)
{
    slice problem = store_problem(store, arena);
    return fail(arena, problem.size > 0 ? ERROR_CORRUPT : ERROR_STORAGE,
                "the item collections of table %.*s cannot be counted: %.*s",
                SLICE_ARGS(table->name), SLICE_ARGS(problem));
}

/*
 * The collection of the first item at or after `from`: the write of its row is added to the set,
 * and `from` moves behind it. A row that is no item is passed over: check tells of it. `found`
 * false: there is none.
 */
static enum store_answer count_next(struct store *store, struct arena *arena,
                                    const struct table *table, slice *from, slice to,
                                    struct store_change_set *set, bool *found)
{
    struct store_scan scan = {.shard = STORE_SHARD_WHOLE,
                              .area = STORE_ROWS,
                              .from = *from,
                              .to = to,
                              .tier = STORE_ANY,
                              .background = true,
                              .row_count_max = 1,
                              .bytes_max = SIZE_MAX};
    struct store_page page;
    enum store_answer answer = store_scan(store, arena, &scan, &page);
    *found = answer == STORE_OK && page.count > 0;
    if (!*found)
        return answer;
    slice item;
    if (!row_value_open(page.entries[0].value, &item) || item_check(item) ||
        key_check_item(arena, &table->keys, item)) {
        *from = row_key_successor(arena, page.entries[0].key);
        return STORE_OK;
    }
    slice key = row_key_of_collection(arena, &table->keys, table->space, item);
    int64_t bytes;
    answer = collection_measure(store, table, key, &bytes);
    set->writes[set->write_count++] = collection_write(arena, key, bytes);
    *from = row_key_after_prefix(
        arena, row_key_collection_in(arena, key, (struct row_place){.space = table->space}));
    return answer;
}

error collections_count_anew(struct arena *arena, struct store *store, const struct table *table)
{
    slice prefix = row_key_begin_collections(arena, table->space);
    if (store_drop_range(store, STORE_SHARD_WHOLE, STORE_ROWS, prefix,
                         row_key_after_prefix(arena, prefix)) != STORE_OK)
        return cannot_count(arena, store, table);
    slice items = row_key_begin_place(arena, (struct row_place){.space = table->space});
    slice to = row_key_after_prefix(arena, items);
    struct arena turns[2]; /* where the next turn begins outlives the one that found it */
    arena_init(&turns[0], NULL);
    arena_init(&turns[1], NULL);
    slice from = items;
    bool found = true;
    enum store_answer answer = STORE_OK;
    for (uint32_t turn = 0; found && answer == STORE_OK; turn++) {
        struct arena *turns_arena = &turns[turn % 2];
        arena_reset(turns_arena);
        struct store_write writes[COUNTED_AT_ONCE];
        struct store_change_set set = {.writes = writes};
        while (found && answer == STORE_OK && set.write_count < COUNTED_AT_ONCE)
            answer = count_next(store, turns_arena, table, &from, to, &set, &found);
        if (answer == STORE_OK && set.write_count > 0)
            answer = store_submit_and_wait(store, &set);
    }
    arena_fini(&turns[0]);
    arena_fini(&turns[1]);
    return answer == STORE_OK ? NULL : cannot_count(arena, store, table);
}
