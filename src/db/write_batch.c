#include "db/write_batch.h"

#include "db/rows.h"
#include "db/table/table.h"
#include "db/write_wait.h"
#include <time.h>

static void pause_shortly(void)
{
    struct timespec pause = {.tv_nsec = 1000 * 1000};
    nanosleep(&pause, NULL);
}

error write_batch_flush(struct write_batch *batch)
{
    struct write_result results[WRITE_BATCH_ITEMS_MAX];
    error failure = NULL;
    while (batch->count > 0) {
        failure = batch->stops(batch->db) ? FAILURE(ERROR_BUSY, "the server stops")
                                          : db_write_and_wait(batch->db, batch->arena, batch->plans,
                                                              batch->count, results);
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
