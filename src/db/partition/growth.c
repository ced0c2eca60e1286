#include "db/partition/growth.h"

#include "base/log.h"
#include "db/db_private.h"
#include "db/index/index.h"
#include "db/partition/partition.h"
#include "db/partition/usage.h"
#include "db/table/table_private.h"
#include <inttypes.h>

/* A fair step: so many of them double what is warm. */
enum { STEPS_PER_WARM = 10 };

/* Raises what is warm to what it has grown to. Whether one of both has grown by a step. */
static bool raise_warm(const struct usage_view *view, int64_t now_ms, struct table_units *warm)
{
    int64_t *const units[] = {[USAGE_READ] = &warm->read, [USAGE_WRITE] = &warm->write};
    bool is_step = false;
    for (uint32_t kind = 0; kind < USAGE_KIND_COUNT; kind++) {
        const struct allowance *allowance = &view->allowances[kind];
        struct peak *peak = &view->sum->peaks[kind];
        peak_note(peak, 0, now_ms); /* minutes in which nobody comes pass as well */
        int64_t grown = allowance_grown(allowance, peak);
        is_step = is_step || grown - allowance->units >= allowance->units / STEPS_PER_WARM;
        if (grown > *units[kind])
            *units[kind] = grown;
    }
    return is_step;
}

static bool raise_index(const struct table *table, uint32_t position, int64_t now_ms,
                        struct index *index)
{
    uint32_t before = partition_count_of_index(table, index);
    bool is_step = raise_warm(usage_of(table, &table->indexes[position]), now_ms, &index->warm);
    partition_want(&index->partitions_wanted, index->partitions, before,
                   partition_count_of_index(table, index));
    return is_step;
}

/* The description of what it has grown to. Whether there is a step in it. */
static bool raise_table(struct arena *arena, const struct table *table, int64_t now_ms,
                        struct table *fields)
{
    *fields = *table;
    bool is_step = raise_warm(usage_of(table, NULL), now_ms, &fields->settings.warm);
    partition_want(&fields->partitions_wanted, table->partitions,
                   partition_count_of(&table->settings), partition_count_of(&fields->settings));
    struct index *indexes = arena_new_array(arena, struct index, table->index_count);
    for (uint32_t i = 0; i < table->index_count; i++) {
        indexes[i] = table->indexes[i];
        if (indexes[i].kind == INDEX_GLOBAL && indexes[i].deleting_ms == 0 &&
            raise_index(table, i, now_ms, &indexes[i]))
            is_step = true;
    }
    fields->indexes = indexes;
    return is_step;
}

static bool can_grow(const struct table *table, int64_t now_ms)
{
    enum table_status status = table_status_at(table, now_ms);
    return table->settings.billing_mode == BILLING_PAY_PER_REQUEST &&
           (status == TABLE_ACTIVE || status == TABLE_UPDATING);
}

/* One that another change came before has grown all the same, and is stored the next time. */
static error store_locked(struct db *db, struct arena *arena, const struct table *table,
                          const struct table *fields, bool *done)
{
    const struct table *current = catalogue_find(db->catalogue, table->name);
    const struct table *newer;
    error failure = NULL;
    *done = false;
    if (current == table) {
        failure = table_replace_locked(db, arena, table, fields, NULL, 0, NULL, &newer);
        *done = !failure;
    }
    if (current)
        table_release(current);
    return failure;
}

/* Whether it has grown, durably. */
static bool keep_growth(struct db *db, const struct table *table)
{
    SCOPED_ARENA(arena);
    int64_t now_ms = db_now_ms(db);
    struct table fields;
    bool done;
    if (!can_grow(table, now_ms) || !raise_table(&arena, table, now_ms, &fields))
        return false;
    pthread_mutex_lock(&db->control);
    error failure = store_locked(db, &arena, table, &fields, &done);
    pthread_mutex_unlock(&db->control);
    if (failure)
        log_write(LOG_WARN, "growth_failed", "table=%.*s reason=%s", SLICE_ARGS(table->name),
                  LOG_VALUE(failure->message));
    if (done)
        log_write(LOG_INFO, "table_grown", "table=%.*s read_units=%" PRId64 " write_units=%" PRId64,
                  SLICE_ARGS(table->name), fields.settings.warm.read, fields.settings.warm.write);
    return done;
}

unsigned growth_keep_due(struct db *db)
{
    SCOPED_ARENA(arena);
    int64_t now_ms = db_now_ms(db);
    int64_t passed_ms = now_ms - db->growth_ms;
    const struct table *table;
    slice after = SLICE_NONE;
    unsigned grown = 0;
    if (db->throughput == THROUGHPUT_OFF || (passed_ms >= 0 && passed_ms < GROWTH_PAUSE_MS))
        return 0;
    db->growth_ms = now_ms;
    while (catalogue_list(db->catalogue, after, &table, 1) == 1) {
        after = arena_copy(&arena, table->name);
        grown += keep_growth(db, table);
        table_release(table);
    }
    return grown;
}
