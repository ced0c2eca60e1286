#include "db/partition/split.h"

#include "base/fault.h"
#include "base/log.h"
#include "db/partition/partition.h"
#include "db/table/table_private.h"
#include "db/table/table_row.h"
#include <inttypes.h>
#include <stdio.h>

static const char *const reason_words[] = {
    [SPLIT_FOR_SIZE] = "size",
    [SPLIT_FOR_THROUGHPUT] = "throughput",
    [SPLIT_FOR_HEAT] = "heat",
};

/* A change of one map on its way. */
struct splitting {
    struct db *db;
    struct arena *arena;
    const struct split *split;
    struct table fields;           /* the newer description */
    struct partition_map map;      /* its changed map */
    struct partition children[2];
    struct stream_change stream;
};

/* The index of a copy of the description, to be changed. */
static struct index *copied_index(struct splitting *splitting, const struct index *index)
{
    struct table *fields = &splitting->fields;
    struct index *copies = arena_new_array(splitting->arena, struct index, fields->index_count);
    memcpy(copies, fields->indexes, fields->index_count * sizeof *copies);
    uint32_t position = (uint32_t)(index - fields->indexes);
    fields->indexes = copies;
    return &copies[position];
}

/* Its part of the log, if the table has one, takes no more records and is kept for its day. */
static void seal(struct splitting *splitting, struct partition_map before)
{
    struct table *fields = &splitting->fields;
    uint32_t position = partition_position(before, splitting->split->partition);
    struct sealed_partition sealed = {.partition = before.list[position],
                                      .to = partition_end(before, position),
                                      .sealed_ms = db_now_ms(splitting->db)};
    fields->partitions = splitting->map;
    if (fields->log_space == 0)
        return;
    fields->sealed = partition_seal(splitting->arena, fields->sealed, &sealed);
    stream_change_split(splitting->db, splitting->arena, splitting->split->table,
                        splitting->split->partition, splitting->children, &splitting->stream);
}

/* False: there is nothing to split there. */
static bool make_fields(struct splitting *splitting)
{
    const struct split *split = splitting->split;
    const struct index *index = NULL;
    splitting->fields = *split->table;
    if (split->index_name.size > 0) {
        index = table_index(split->table, split->index_name);
        if (!index || index->kind != INDEX_GLOBAL || index->deleting_ms != 0)
            return false;
    }
    struct partition_map before = partition_map_of(split->table, index);
    if (!partition_map_split(splitting->arena, before, split->partition, split->at,
                             &splitting->map))
        return false;
    uint32_t position = partition_position(before, split->partition);
    memcpy(splitting->children, splitting->map.list + position, sizeof splitting->children);
    if (index)
        copied_index(splitting, index)->partitions = splitting->map;
    else
        seal(splitting, before);
    return true;
}

/* Stored and seen in one moment; taken back should the store not take it. */
static error put(struct splitting *splitting)
{
    struct db *db = splitting->db;
    const struct table *older = splitting->split->table;
    struct store_write writes[] = {
        db_put(row_key_of_table(splitting->arena, older->name),
               table_row_make(splitting->arena, &splitting->fields)),
        splitting->stream.write,
    };
    struct store_waiter waiter;
    struct store_change_set set = {.shard = STORE_SHARD_WHOLE,
                                   .writes = writes,
                                   .write_count = splitting->stream.is_any ? 2 : 1,
                                   .pending = store_pending_new(),
                                   .sink = &waiter.sink};
    const struct table *newer = table_new(&splitting->fields, table_gate(older));
    store_waiter_init(&waiter);
    table_retain(newer);
    if (fault_planted(FAULT_SPLIT_EARLY)) {
        table_retain(newer);
        catalogue_put(db->catalogue, newer);
        fault_dawdle(); /* the children take records, and nothing says so yet */
    }
    enum store_answer answer = catalogue_put_submitted(db->catalogue, newer, db->store, &set);
    if (answer == STORE_OK) {
        answer = store_waiter_wait(&waiter, &set);
        if (answer == STORE_OK)
            stream_change_done(db, splitting->arena, &splitting->stream);
        catalogue_settle(db->catalogue, newer, answer == STORE_OK ? NULL : older);
    } else {
        table_release(newer);
    }
    table_release(newer);
    store_waiter_fini(&waiter);
    store_pending_release(set.pending);
    if (answer == STORE_OK)
        return NULL;
    return FAILURE(ERROR_STORAGE, "The store takes no writes now.");
}

/* Where, without what the keys are: a hash, and how many bytes of the key's parts behind it. */
static void say(const struct splitting *splitting)
{
    const struct split *split = splitting->split;
    enum { HASH_BYTES = 8 };
    char hash[2 * HASH_BYTES + 1];
    for (size_t i = 0; i < HASH_BYTES; i++)
        snprintf(hash + 2 * i, 3, "%02x", i < split->at.size ? (uint8_t)split->at.data[i] : 0);
    size_t more = split->at.size > HASH_BYTES ? split->at.size - HASH_BYTES : 0;
    log_write(LOG_INFO, "partition_split",
              "table=%.*s%s%.*s partition=%" PRIu32 " children=%" PRIu32 ",%" PRIu32
              " reason=%s at_hash=%s key_bytes=%zu partitions=%" PRIu32,
              SLICE_ARGS(split->table->name), split->index_name.size > 0 ? " index=" : "",
              SLICE_ARGS(split->index_name), split->partition,
              splitting->children[0].number, splitting->children[1].number,
              reason_words[split->reason], hash, more, splitting->map.count);
}

static error split_locked(struct db *db, struct arena *arena, const struct split *split, bool *done)
{
    struct splitting splitting = {.db = db, .arena = arena, .split = split};
    int64_t now_ms = db_now_ms(db);
    enum table_status status = table_status_at(split->table, now_ms);
    if ((status != TABLE_ACTIVE && status != TABLE_UPDATING) || !make_fields(&splitting))
        return NULL;
    TRY(put(&splitting));
    say(&splitting);
    *done = true;
    return NULL;
}

error partition_split(struct db *db, const struct split *split, bool *done)
{
    SCOPED_ARENA(arena);
    error failure = NULL;
    *done = false;
    pthread_mutex_lock(&db->control);
    const struct table *current = catalogue_find(db->catalogue, split->table->name);
    if (current == split->table)
        failure = split_locked(db, &arena, split, done);
    pthread_mutex_unlock(&db->control);
    if (current)
        table_release(current);
    return failure;
}
