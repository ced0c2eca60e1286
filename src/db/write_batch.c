#include "db/write_batch.h"

#include "db/db_private.h"
#include "db/write_wait.h"
#include <time.h>

static void pause_shortly(void)
{
    struct timespec pause = {.tv_nsec = 1000 * 1000};
    nanosleep(&pause, NULL);
}

/* By the table's description as it is now, which changes when a partition is split. */
static error write_all(struct write_batch *batch)
{
    struct write_result results[WRITE_BATCH_ITEMS_MAX];
    const struct table *table = catalogue_find(batch->db->catalogue, batch->table->name);
    bool is_same = table && slice_equal(table->id, batch->table->id);
    error failure = NULL;
    for (uint32_t i = 0; i < batch->count; i++)
        batch->plans[i].table = table;
    if (is_same)
        failure = db_write_and_wait(batch->db, batch->arena, batch->plans, batch->count, results);
    if (table)
        table_release(table);
    return is_same ? failure : FAILURE(ERROR_RESOURCE_NOT_FOUND, "the table is gone");
}

error write_batch_flush(struct write_batch *batch)
{
    error failure = NULL;
    while (batch->count > 0) {
        failure = batch->stops(batch->db) ? FAILURE(ERROR_BUSY, "the server stops")
                                          : write_all(batch);
        bool tries_again =
            failure && (failure->kind == ERROR_BUSY || failure->kind == ERROR_CONFLICT);
        if (!tries_again || batch->stops(batch->db))
            break;
        pause_shortly();
    }
    batch->count = 0;
    batch->bytes = 0;
    return failure;
}

static bool is_in_batch(const struct write_batch *batch, slice key)
{
    for (uint32_t i = 0; i < batch->count; i++) {
        if (slice_equal(batch->keys[i], key))
            return true;
    }
    return false;
}

error write_batch_add(struct write_batch *batch, const struct write_plan *plan)
{
    const struct table *table = batch->table;
    slice item = plan->kind == WRITE_PUT ? plan->item : plan->key;
    slice key = row_key_of_item(batch->arena, &table->keys, table->space, item);
    if (write_batch_is_full(batch) || is_in_batch(batch, key))
        TRY(write_batch_flush(batch));
    batch->keys[batch->count] = key;
    batch->plans[batch->count++] = *plan;
    batch->bytes += item.size;
    return NULL;
}
