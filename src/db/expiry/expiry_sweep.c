#include "db/expiry/expiry_sweep.h"

#include "base/assert.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "db/expiry/expiry.h"
#include "db/write_wait.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    PAGE_ROWS_MAX = 256, /* deleted in one change set; beside clients a part of it (db/pace.h) */
    PAGE_ROWS_MIN = 8,
    PAGE_MEMORY_BYTES = 8 * 1024 * 1024, /* pages that took more become smaller */
    PAGES_PER_TURN = 16,
};

/* Where the sweep is: in the middle of a table, between two, or waiting for its time. */
struct expiry_sweep {
    bool is_under_way;
    bool was_early; /* it met a table whose rows are still being built: the next begins at once */
    int64_t begun_ms;
    slice table_name;       /* the table it is in, or the last one it was in; empty: none yet */
    uint32_t space;         /* of the table it is in; 0: in none */
    slice from;             /* its rows before this key are done */
    uint64_t second;        /* and so are those before this second */
    uint64_t until;         /* its rows from this second on have not expired */
    uint64_t deleted_count; /* of its items */
    uint32_t rows_max;      /* of the next page: as the last one's items were large or small */
};

struct expiry_sweep *expiry_sweep_new(void)
{
    return memory_alloc_zeroed(sizeof(struct expiry_sweep));
}

void expiry_sweep_free(struct expiry_sweep *sweep)
{
    free((char *)sweep->table_name.data);
    free((char *)sweep->from.data);
    free(sweep);
}

/* Replaces bytes that outlive a turn. */
static void keep(slice *kept, slice bytes)
{
    char *copy = memory_realloc((char *)kept->data, bytes.size);
    memcpy(copy, bytes.data, bytes.size);
    *kept = slice_of(copy, bytes.size);
}

/* ---- a page of expired items ---- */

static slice number_value_of(struct arena *arena, int64_t integer)
{
    char text[24];
    struct number number = {.digits = 0};
    int size = snprintf(text, sizeof text, "%" PRId64, integer);
    enum number_answer answer = number_parse(slice_of(text, (size_t)size), &number);
    assert_that(answer == NUMBER_OK);
    return value_make_number(arena, &number);
}

/* What makes an item expired, at the time of the sweep. */
static error make_condition(struct arena *arena, const struct table *table, int64_t now_ms,
                            const struct condition **condition)
{
    int64_t now = now_ms / 1000;
    struct placeholder_name name = {.placeholder = SLICE("#e"), .name = table->expiry.attribute};
    struct placeholder_value values[] = {
        {.placeholder = SLICE(":now"), .input = {.value = number_value_of(arena, now)}},
        {.placeholder = SLICE(":oldest"),
         .input = {.value = number_value_of(arena, now - EXPIRY_AGE_SECONDS_MAX)}},
    };
    struct placeholders placeholders = {.names_present = true,
                                        .values_present = true,
                                        .names = &name,
                                        .name_count = 1,
                                        .values = values,
                                        .value_count = 2};
    return condition_parse(arena, SLICE("ConditionExpression"), SLICE("#e < :now AND #e > :oldest"),
                           &placeholders, condition);
}

/* The key in the row key of an item: behind the hash stand its parts. */
static error read_key(struct arena *arena, const struct key_schema *schema, slice item_key,
                      slice *key)
{
    enum { PARTS_OFFSET = 1 + 4 + 1 + 8 };
    slice names[] = {schema->hash.name, schema->range.name};
    const enum value_type types[] = {schema->hash.type, schema->range.type};
    uint32_t count = schema->has_range ? 2 : 1;
    slice values[2];
    if (item_key.size <= PARTS_OFFSET)
        return FAILURE(ERROR_CORRUPT, "an expiry row has no good key");
    slice parts = slice_from(item_key, PARTS_OFFSET);
    for (uint32_t i = 0; i < count; i++) {
        size_t used;
        TRY(key_part_decode(arena, parts, types[i], &values[i], &used));
        parts = slice_from(parts, used);
    }
    *key = item_make(arena, names, values, count);
    return NULL;
}

/* Deletes of the items whose expiry rows these are. */
static error plan_deletes(struct db *db, struct arena *arena, const struct table *table,
                          const struct store_page *page, struct write_plan *plans)
{
    const struct condition *condition;
    TRY(make_condition(arena, table, db_now_ms(db), &condition));
    for (uint32_t i = 0; i < page->count; i++) {
        uint64_t second;
        slice item_key;
        plans[i] = (struct write_plan){.table = table,
                                       .kind = WRITE_DELETE,
                                       .condition = condition,
                                       .actor = LOG_BY_TIME_TO_LIVE};
        if (!row_key_open_expiry(arena, page->entries[i].key, &second, &item_key))
            return FAILURE(ERROR_CORRUPT, "an expiry row has no good key");
        TRY(read_key(arena, &table->keys, item_key, &plans[i].key));
    }
    return NULL;
}

/* All or nothing: those that were renewed or have gone are left out, and the others tried again. */
static error delete_expired(struct db *db, struct arena *arena, struct write_plan *plans,
                            uint32_t count, uint64_t *deleted)
{
    struct write_result *results = arena_new_array(arena, struct write_result, count);
    while (count > 0) {
        TRY(db_write_and_wait(db, arena, plans, count, results));
        uint32_t kept = 0;
        for (uint32_t i = 0; i < count; i++) {
            if (!results[i].condition_failed)
                plans[kept++] = plans[i];
        }
        if (kept == count) {
            *deleted += count;
            return NULL;
        }
        count = kept;
    }
    return NULL;
}

/* Whether the table has further rows that have expired. */
static error sweep_rows(struct db *db, struct arena *arena, const struct table *table, bool *more)
{
    struct expiry_sweep *sweep = db->expiry_sweep;
    struct store_scan scan = {.shard = STORE_SHARD_WHOLE,
                              .area = STORE_ROWS,
                              .from = sweep->from,
                              .to = row_key_begin_expiry(arena, table->space, sweep->until),
                              .tier = STORE_ANY,
                              .background = true,
                              .row_count_max = pace_rows(&db->sweep_pace, sweep->rows_max),
                              .bytes_max = STORE_SCAN_BYTES_MAX};
    struct store_page page;
    if (store_scan(db->store, arena, &scan, &page) != STORE_OK)
        return FAILURE(ERROR_CORRUPT, "expiry rows cannot be read");
    *more = page.more;
    if (page.count == 0)
        return NULL;
    struct write_plan *plans = arena_new_array(arena, struct write_plan, page.count);
    TRY(plan_deletes(db, arena, table, &page, plans));
    TRY(delete_expired(db, arena, plans, page.count, &sweep->deleted_count));
    slice last = page.entries[page.count - 1].key;
    slice item_key;
    keep(&sweep->from, row_key_successor(arena, last));
    row_key_open_expiry(arena, last, &sweep->second, &item_key);
    return NULL;
}

static uint32_t next_rows_max(uint32_t rows_max, size_t page_bytes)
{
    if (page_bytes > PAGE_MEMORY_BYTES)
        return rows_max / 2 > PAGE_ROWS_MIN ? rows_max / 2 : PAGE_ROWS_MIN;
    return 2 * rows_max < PAGE_ROWS_MAX ? 2 * rows_max : PAGE_ROWS_MAX;
}

/* Beside clients in small steps, with pauses. */
static error sweep_page(struct db *db, struct arena *arena, const struct table *table, bool *more)
{
    struct expiry_sweep *sweep = db->expiry_sweep;
    db_gives_way(db, &db->sweep_pace);
    uint64_t before_us = clock_monotonic_us();
    error failure = sweep_rows(db, arena, table, more);
    sweep->rows_max = next_rows_max(sweep->rows_max, arena_bytes(arena));
    usleep(pace_pause_us(&db->sweep_pace, clock_monotonic_us() - before_us));
    return failure;
}

/* ---- a table ---- */

/* From the mark on, but not what is so old that it counts as a mistake. */
static error enter_table(struct db *db, struct arena *arena, const struct table *table,
                         uint64_t mark)
{
    struct expiry_sweep *sweep = db->expiry_sweep;
    int64_t oldest = (int64_t)sweep->until - EXPIRY_AGE_SECONDS_MAX;
    sweep->second = oldest > 0 && mark < (uint64_t)oldest ? (uint64_t)oldest : mark;
    keep(&sweep->from, row_key_begin_expiry(arena, table->space, sweep->second));
    sweep->deleted_count = 0;
    sweep->rows_max = PAGE_ROWS_MIN;
    return db_commit_rows(db, arena, NULL, 0);
}

static void leave_table(struct expiry_sweep *sweep, const struct table *table, error failure)
{
    sweep->space = 0;
    if (failure)
        expiry_lower_mark(table, sweep->second);
    if (failure && failure->kind != ERROR_CONFLICT && failure->kind != ERROR_BUSY)
        log_write(LOG_WARN, "sweep_stopped", "table=%.*s reason=%s", SLICE_ARGS(table->name),
                  LOG_VALUE(failure->message));
    counter_add_shared(&table_counters(table)->expired_items, sweep->deleted_count);
    if (sweep->deleted_count > 0)
        log_write(LOG_INFO, "items_expired", "table=%.*s count=%" PRIu64, SLICE_ARGS(table->name),
                  sweep->deleted_count);
}

static void sweep_table(struct db *db, const struct table *table)
{
    struct expiry_sweep *sweep = db->expiry_sweep;
    error failure = NULL;
    bool more = true;
    SCOPED_ARENA(arena);
    if (sweep->space != table->space) {
        int64_t now = db_now_ms(db) / 1000;
        sweep->until = now > 0 ? (uint64_t)now : 0;
        uint64_t mark = expiry_take_mark(table, sweep->until);
        if (mark >= sweep->until)
            return;
        sweep->space = table->space;
        failure = enter_table(db, &arena, table, mark);
    }
    for (uint32_t i = 0; i < PAGES_PER_TURN && more && !failure; i++) {
        arena_reset(&arena);
        failure = sweep_page(db, &arena, table, &more);
    }
    if (failure || !more)
        leave_table(sweep, table, failure);
}

static bool is_swept(struct expiry_sweep *sweep, const struct table *table)
{
    if (table->deleting_ms != 0)
        return false;
    enum expiry_status status = expiry_status_of(table);
    sweep->was_early = sweep->was_early || status == EXPIRY_ENABLING;
    return status == EXPIRY_ENABLED;
}

/* The table it is in if that is still there, else the next one; with a reference. NULL: the end. */
static const struct table *find_table(struct db *db)
{
    struct expiry_sweep *sweep = db->expiry_sweep;
    const struct table *table = NULL;
    if (sweep->space != 0)
        table = catalogue_find(db->catalogue, sweep->table_name);
    if (table && table->space == sweep->space && is_swept(sweep, table))
        return table;
    if (table)
        table_release(table);
    sweep->space = 0;
    while (catalogue_list(db->catalogue, sweep->table_name, &table, 1) == 1) {
        keep(&sweep->table_name, table->name);
        if (is_swept(sweep, table))
            return table;
        table_release(table);
    }
    return NULL;
}

bool db_expire(struct db *db)
{
    struct expiry_sweep *sweep = db->expiry_sweep;
    int64_t since_ms = db_now_ms(db) - sweep->begun_ms;
    bool is_time = sweep->was_early || since_ms < 0 || since_ms >= db->expiry_sweep_ms;
    if (!db_has_begun(db) || !store_is_writable(db->store) || (!sweep->is_under_way && !is_time))
        return false;
    if (!sweep->is_under_way) {
        sweep->is_under_way = true;
        sweep->was_early = false;
        sweep->begun_ms = db_now_ms(db);
        sweep->table_name = slice_first(sweep->table_name, 0);
    }
    const struct table *table = find_table(db);
    sweep->is_under_way = table != NULL;
    if (table) {
        sweep_table(db, table);
        table_release(table);
    }
    return sweep->is_under_way;
}
