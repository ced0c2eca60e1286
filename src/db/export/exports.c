#include "db/export/export_private.h"

#include "base/memory.h"
#include <stdlib.h>

struct record {
    struct export export;
    struct arena arena; /* of its text */
};

struct exports {
    pthread_mutex_t mutex; /* guards what follows */
    struct record *records[EXPORTS_MAX];
    uint32_t count;
};

struct exports *exports_new(void)
{
    struct exports *exports = memory_alloc_zeroed(sizeof *exports);
    pthread_mutex_init(&exports->mutex, NULL);
    return exports;
}

static void record_free(struct record *record)
{
    arena_fini(&record->arena);
    free(record);
}

void exports_free(struct exports *exports)
{
    for (uint32_t i = 0; i < exports->count; i++)
        record_free(exports->records[i]);
    pthread_mutex_destroy(&exports->mutex);
    free(exports);
}

void export_copy(struct arena *arena, const struct export *from, struct export *to)
{
    struct export_labels *labels = &to->labels;
    *to = *from;
    slice *texts[] = {&labels->id,       &labels->arn,           &labels->table_arn,
                      &labels->table_id, &labels->bucket,        &labels->prefix,
                      &to->table_name,   &labels->sse_algorithm, &labels->kms_key_id,
                      &to->token,        &to->bucket_owner,      &to->request,
                      &to->failure_code, &to->failure_message};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = arena_copy(arena, *texts[i]);
}

void exports_add(struct exports *exports, const struct export *export)
{
    struct record *record = memory_alloc_zeroed(sizeof *record);
    arena_init(&record->arena, NULL);
    export_copy(&record->arena, export, &record->export);
    pthread_mutex_lock(&exports->mutex);
    bool fits = exports->count < EXPORTS_MAX;
    if (fits)
        exports->records[exports->count++] = record;
    pthread_mutex_unlock(&exports->mutex);
    if (!fits)
        record_free(record); /* its row stays; a later process goes on with it */
}

uint32_t exports_count(struct exports *exports)
{
    pthread_mutex_lock(&exports->mutex);
    uint32_t count = exports->count;
    pthread_mutex_unlock(&exports->mutex);
    return count;
}

bool exports_at(struct exports *exports, struct arena *arena, uint32_t index,
                struct export *export)
{
    pthread_mutex_lock(&exports->mutex);
    bool found = index < exports->count;
    if (found)
        export_copy(arena, &exports->records[index]->export, export);
    pthread_mutex_unlock(&exports->mutex);
    return found;
}

void exports_remove(struct exports *exports, slice id)
{
    pthread_mutex_lock(&exports->mutex);
    for (uint32_t i = 0; i < exports->count; i++) {
        if (!slice_equal(exports->records[i]->export.labels.id, id))
            continue;
        record_free(exports->records[i]);
        memmove(&exports->records[i], &exports->records[i + 1],
                (--exports->count - i) * sizeof exports->records[0]);
        break;
    }
    pthread_mutex_unlock(&exports->mutex);
}

bool exports_read_table(struct exports *exports, slice table_id)
{
    bool found = false;
    pthread_mutex_lock(&exports->mutex);
    for (uint32_t i = 0; i < exports->count && !found; i++)
        found = slice_equal(exports->records[i]->export.labels.table_id, table_id);
    pthread_mutex_unlock(&exports->mutex);
    return found;
}
