#include "db/index/backfill.h"

#include "base/assert.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/task.h"
#include "db/expiry/expiry.h"
#include "db/index/build_reader.h"
#include "db/index/index_change.h"
#include "db/item_writes.h"
#include "db/table/table_private.h"
#include <stdlib.h>
#include <unistd.h>

enum {
    PAGES_PER_TURN = 32,
    PAGES_AHEAD = 8, /* are read at once */
    PAGES_PENDING_MAX = 4,
};
_Static_assert((int)PAGES_PENDING_MAX <= (int)BUILD_PAGES_MAX, "db/index/build.h knows all of them");

/* What is built: the entries of an index, or the expiry rows of the table. */
struct target {
    const struct table *table; /* the current description, held */
    const struct index *index; /* NULL: the expiry rows */
    struct row_version since;  /* of the build */
};

struct turn {
    struct store_sink sink; /* first */
    struct db *db;
    struct target target;
    uint32_t number; /* of the build */
    struct build_reader reader;
    struct arena *arena;
    struct page *first; /* submitted, in order */
    struct page *last;
    uint32_t page_count;
    uint32_t rows_max; /* of the next page */
    pthread_mutex_t mutex;
    pthread_cond_t told;
    uint32_t delivered_count; /* guarded by mutex: pages delivered and not yet settled */
};

/* An item whose row may be missing: it was last written before the build began. */
struct candidate {
    struct row_version version;
    struct index_entry entry; /* what it implies; an expiry row is its key alone */
    bool is_missing;          /* as far as is known */
};

/* A page, with all that its change set is made of. */
struct page {
    struct arena arena;
    struct page *next;
    struct store_change_set set;
    struct build_rows rows;
    struct candidate *candidates;
    slice *keys; /* theirs, in the same order */
    uint32_t count;
    struct store_pending **seen; /* what it depends on, each retained */
    uint32_t seen_count;
};

/* ---- what is built ---- */

static bool find_target(struct db *db, slice table_name, uint32_t number, struct target *target)
{
    target->table = catalogue_find(db->catalogue, table_name);
    if (!target->table)
        return false;
    if (target->table->expiry.build.number == number) {
        target->index = NULL;
        target->since = target->table->expiry.build.since;
        return true;
    }
    for (uint32_t i = 0; i < target->table->index_count; i++) {
        target->index = &target->table->indexes[i];
        target->since = target->index->build.since;
        if (target->index->build.number == number && target->index->deleting_ms == 0)
            return true;
    }
    table_release(target->table);
    return false;
}

/* What the item implies; an empty key: nothing. */
static struct index_entry entry_of(const struct target *target, struct arena *arena, slice key,
                                   slice item)
{
    if (target->index)
        return index_entry_of(arena, target->table, target->index, item);
    uint64_t second;
    if (!expiry_second(target->table, item, &second))
        return (struct index_entry){.item = ITEM_ABSENT};
    return (struct index_entry){.key = row_key_of_expiry(arena, key, second)};
}

static void add_expiry_rows(struct page *page, struct writes *to)
{
    for (uint32_t i = 0; i < page->count; i++) {
        if (page->candidates[i].is_missing)
            to->writes[to->count++] = db_put(page->candidates[i].entry.key, ROW_EXPIRY_VALUE);
    }
}

static void add_entries(struct turn *turn, struct page *page, struct writes *to)
{
    const struct target *target = &turn->target;
    int64_t items = 0;
    int64_t bytes = 0;
    for (uint32_t i = 0; i < page->count; i++) {
        const struct index_entry *entry = &page->candidates[i].entry;
        if (!page->candidates[i].is_missing)
            continue;
        writes_add_row(to, &page->arena, db_next_version(turn->db), entry->key, entry->item);
        items++;
        bytes += (int64_t)item_charged_bytes(entry->item);
    }
    writes_add_counts(to, &page->arena, index_place(target->table, target->index), items, bytes);
}

/* ---- reading a page, without locks ---- */

static void add_candidate(struct turn *turn, struct page *page, const struct store_entry *row)
{
    const struct target *target = &turn->target;
    slice item;
    if (!row_value_open(row->value, &item))
        return; /* no item: for check to find */
    struct row_version version = row_value_version(row->value);
    if (row_version_is_above(version, target->since))
        return;
    struct index_entry entry = entry_of(target, &page->arena, row->key, item);
    if (entry.key.size == 0)
        return;
    page->keys[page->count] = row->key;
    page->candidates[page->count++] = (struct candidate){.version = version, .entry = entry};
}

static error read_page(struct turn *turn, struct page *page)
{
    TRY(build_reader_take(&turn->reader, &page->arena, turn->rows_max, PAGES_AHEAD * turn->rows_max,
                          &page->rows));
    page->candidates = arena_new_array(&page->arena, struct candidate, page->rows.count);
    page->keys = arena_new_array(&page->arena, slice, page->rows.count);
    for (uint32_t i = 0; i < page->rows.count; i++)
        add_candidate(turn, page, &page->rows.entries[i]);
    return NULL;
}

/* ---- submitting it ---- */

static void depend_on(struct page *page, struct store_pending *pending)
{
    store_pending_retain(pending);
    page->seen[page->seen_count++] = pending;
}

/*
 * An item that is pending has been written since the build began: its rows come with it, and
 * where it is dropped, so is this page, which passes over it. What is pending is looked at before
 * the store, so that nothing slips from one into the other unseen.
 */
static bool is_pending_locked(struct turn *turn, struct page *page, slice key)
{
    const struct overlay_entry *entry = overlay_find_locked(turn->db->locks, key);
    if (entry)
        depend_on(page, entry->pending);
    return entry != NULL;
}

/* A candidate that may have been written since it was read lacks its row if it has not been. */
static error look_again_locked(struct turn *turn, struct page *page, struct candidate **doubted,
                               const slice *keys, uint32_t count)
{
    struct store_row *rows = arena_new_array(&page->arena, struct store_row, count);
    if (count > 0 && store_get(turn->db->store, STORE_SHARD_WHOLE, &page->arena, keys, count,
                               STORE_ANY, rows) != STORE_OK)
        return FAILURE(ERROR_CORRUPT, "the items cannot be read");
    for (uint32_t i = 0; i < count; i++) {
        slice item;
        doubted[i]->is_missing =
            rows[i].found && row_value_open(rows[i].value, &item) &&
            row_version_equal(doubted[i]->version, row_value_version(rows[i].value));
    }
    return NULL;
}

/* Which items are as they were read before they were locked. */
static error find_missing_locked(struct turn *turn, struct page *page)
{
    struct candidate **doubted = arena_new_array(&page->arena, struct candidate *, page->count);
    slice *keys = arena_new_array(&page->arena, slice, page->count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < page->count; i++) {
        struct candidate *candidate = &page->candidates[i];
        candidate->is_missing = !is_pending_locked(turn, page, page->keys[i]);
        if (!candidate->is_missing ||
            !overlay_moved_since_locked(turn->db->locks, turn->reader.moment, page->keys[i]))
            continue;
        doubted[count] = candidate;
        keys[count++] = page->keys[i];
    }
    return look_again_locked(turn, page, doubted, keys, count);
}

static error submit_locked(struct turn *turn, struct page *page)
{
    enum { COUNTERS_AND_CURSOR = 3 };
    struct db *db = turn->db;
    struct arena *arena = &page->arena;
    page->seen = arena_new_array(arena, struct store_pending *, page->count + 1);
    struct writes writes = {
        .writes = arena_new_array(arena, struct store_write, page->count + COUNTERS_AND_CURSOR)};
    TRY(find_missing_locked(turn, page));
    if (turn->target.index)
        add_entries(turn, page, &writes);
    else
        add_expiry_rows(page, &writes);
    writes.writes[writes.count++] = db_put(row_key_of_build(arena, turn->number), page->rows.end);
    if (turn->last)
        depend_on(page, turn->last->set.pending);
    page->set = (struct store_change_set){.writes = writes.writes,
                                          .write_count = writes.count,
                                          .dependencies = page->seen,
                                          .dependency_count = page->seen_count,
                                          .pending = store_pending_new(),
                                          .sink = &turn->sink,
                                          .owner = page};
    if (store_submit(db->store, &page->set) != STORE_OK) {
        store_pending_release(page->set.pending);
        return FAILURE(ERROR_BUSY, "the commit queue takes nothing now");
    }
    builds_page_submitted(db->builds, turn->number, page->rows.end, page->set.pending);
    return NULL;
}

/* As a write does: the description is current from the gate on until submit. */
static error submit_page(struct turn *turn, struct page *page)
{
    struct table_gate *gate = table_gate(turn->target.table);
    error failure = NULL;
    pthread_rwlock_rdlock(&gate->lock);
    if (gate->current != turn->target.table) {
        failure = FAILURE(ERROR_CONFLICT, "the description has changed");
    } else {
        struct lock_set locks;
        locks_acquire(turn->db->locks, &page->arena, page->keys, page->count, &locks);
        failure = submit_locked(turn, page);
        locks_release(&locks);
    }
    pthread_rwlock_unlock(&gate->lock);
    return failure;
}

/* ---- pages on their way ---- */

static void free_page(struct page *page)
{
    for (uint32_t i = 0; i < page->seen_count; i++)
        store_pending_release(page->seen[i]);
    arena_fini(&page->arena);
    free(page);
}

static void count_delivered(struct store_sink *sink, struct store_change_set *first)
{
    struct turn *turn = OBJECT_OF(sink, struct turn, sink);
    uint32_t count = 0;
    for (; first; first = first->next)
        count++;
    pthread_mutex_lock(&turn->mutex);
    turn->delivered_count += count;
    pthread_cond_signal(&turn->told);
    pthread_mutex_unlock(&turn->mutex);
}

/* Waits for the oldest page. */
static error settle_page(struct turn *turn)
{
    pthread_mutex_lock(&turn->mutex);
    while (turn->delivered_count == 0)
        pthread_cond_wait(&turn->told, &turn->mutex);
    turn->delivered_count--;
    pthread_mutex_unlock(&turn->mutex);
    struct page *page = turn->first;
    enum store_answer answer = page->set.answer;
    builds_page_settled(turn->db->builds, turn->number);
    store_pending_release(page->set.pending);
    turn->first = page->next;
    if (!turn->first)
        turn->last = NULL;
    turn->page_count--;
    free_page(page);
    return answer == STORE_OK ? NULL : FAILURE(ERROR_BUSY, "a page was not written");
}

static error add_page(struct turn *turn)
{
    struct page *page = memory_alloc_zeroed(sizeof *page);
    arena_init(&page->arena, NULL);
    error failure = read_page(turn, page);
    if (!failure)
        failure = submit_page(turn, page);
    if (failure) {
        free_page(page);
        return failure;
    }
    *(turn->last ? &turn->last->next : &turn->first) = page;
    turn->last = page;
    turn->page_count++;
    return NULL;
}

static error settle_pages(struct turn *turn)
{
    error failure = NULL;
    while (turn->page_count > 0) {
        error unsettled = settle_page(turn);
        failure = failure ? failure : unsettled;
    }
    return failure;
}

/* Where clients have many requests, the pages before are settled first. */
static error give_way(struct turn *turn)
{
    struct pace *pace = &turn->db->build_pace;
    bool gives_way = db_gives_way(turn->db, pace);
    turn->rows_max = pace_rows(pace, turn->db->backfill_page_rows);
    if (!gives_way)
        return NULL;
    uint64_t before_us = clock_monotonic_us();
    TRY(settle_pages(turn));
    usleep(pace_pause_us(pace, clock_monotonic_us() - before_us));
    return NULL;
}

/* All pages of the turn, settled when it returns; whether the build has come to the end. */
static error add_pages(struct turn *turn, bool *at_end)
{
    error failure = NULL;
    for (uint32_t i = 0; i < PAGES_PER_TURN && !failure; i++) {
        if (build_reader_is_at_end(&turn->reader))
            break;
        failure = give_way(turn);
        if (!failure && turn->page_count == PAGES_PENDING_MAX)
            failure = settle_page(turn);
        if (!failure)
            failure = add_page(turn);
    }
    error unsettled = settle_pages(turn);
    failure = failure ? failure : unsettled;
    *at_end = !failure && build_reader_is_at_end(&turn->reader);
    return failure;
}

/* ---- the build as a whole ---- */

/* It leaves the description, and its cursor the store. */
static error finish_target_locked(struct db *db, struct arena *arena, const struct target *target,
                                  uint32_t number)
{
    struct table fields = *target->table;
    if (target->index) {
        struct index *indexes = arena_new_array(arena, struct index, fields.index_count);
        memcpy(indexes, fields.indexes, fields.index_count * sizeof *indexes);
        indexes[target->index - fields.indexes].build = (struct build){0};
        fields.indexes = indexes;
    } else {
        fields.expiry.build = (struct build){0};
    }
    struct store_write write = db_delete(row_key_of_build(arena, number));
    const struct table *newer;
    TRY(table_replace_locked(db, arena, target->table, &fields, &write, 1, NULL, &newer));
    if (target->index)
        log_write(LOG_INFO, "index_built", "table=%.*s index=%.*s", SLICE_ARGS(fields.name),
                  SLICE_ARGS(target->index->name));
    else
        log_write(LOG_INFO, "expiry_built", "table=%.*s", SLICE_ARGS(fields.name));
    return NULL;
}

/* Another build of the number may have begun meanwhile. */
static error finish_locked(struct db *db, struct arena *arena, slice table_name, uint32_t number,
                           struct row_version since)
{
    struct target target;
    if (!find_target(db, table_name, number, &target))
        return NULL;
    error failure = row_version_equal(target.since, since)
                        ? finish_target_locked(db, arena, &target, number)
                        : FAILURE(ERROR_CONFLICT, "the description has changed");
    table_release(target.table);
    if (!failure)
        builds_remove(db->builds, number);
    return failure;
}

static error finish(struct db *db, struct arena *arena, slice table_name, uint32_t number,
                    struct row_version since)
{
    pthread_mutex_lock(&db->control);
    error failure = finish_locked(db, arena, table_name, number, since);
    pthread_mutex_unlock(&db->control);
    return failure;
}

/* An index waits for what the service allocates; both then last as long as changes of tables do. */
static int64_t begin_of(const struct target *target)
{
    return target->index ? target->index->allocated_ms : target->table->expiry.changed_ms;
}

/* An empty change set is settled when all that was submitted before it is. */
static error settle_older(struct db *db, struct arena *arena, uint32_t number)
{
    if (builds_is_settled(db->builds, number))
        return NULL;
    TRY(db_commit_rows(db, arena, NULL, 0));
    builds_settle(db->builds, number);
    return NULL;
}

static error take_turn(struct turn *turn, slice table_name, bool *more)
{
    struct db *db = turn->db;
    int64_t now_ms = db_now_ms(db);
    int64_t begin_ms = begin_of(&turn->target);
    *more = false;
    if (now_ms < begin_ms)
        return NULL;
    TRY(settle_older(db, turn->arena, turn->number));
    slice prefix = row_key_begin_place(turn->arena, index_place(turn->target.table, NULL));
    slice cursor = builds_cursor(db->builds, turn->arena, turn->number);
    build_reader_init(&turn->reader, turn->arena, db->store, db->locks,
                      cursor.size > 0 ? cursor : prefix, row_key_after_prefix(turn->arena, prefix));
    bool at_end;
    error failure = add_pages(turn, &at_end);
    build_reader_fini(&turn->reader);
    TRY(failure);
    *more = !at_end;
    if (!at_end || now_ms < begin_ms + db->transition_delay_ms)
        return NULL;
    return finish(db, turn->arena, table_name, turn->number, turn->target.since);
}

/*
 * No description has the build: it was deleted with all that it had. Or not yet: a build is known
 * before the description that brings it is shown. While somebody is changing one it is left alone.
 */
static void give_up(struct db *db, slice table_name, uint32_t number)
{
    struct target target;
    if (pthread_mutex_trylock(&db->control) != 0)
        return;
    if (find_target(db, table_name, number, &target))
        table_release(target.table);
    else
        builds_remove(db->builds, number);
    pthread_mutex_unlock(&db->control);
}

/* Whether the build goes on at once. */
static bool go_on(struct db *db, struct arena *arena, slice table_name, uint32_t number)
{
    struct turn turn = {.sink = {count_delivered},
                        .db = db,
                        .number = number,
                        .arena = arena,
                        .mutex = PTHREAD_MUTEX_INITIALIZER,
                        .told = PTHREAD_COND_INITIALIZER};
    if (!find_target(db, table_name, number, &turn.target)) {
        give_up(db, table_name, number);
        return false;
    }
    bool more;
    error failure = take_turn(&turn, table_name, &more);
    table_release(turn.target.table);
    if (failure && failure->kind != ERROR_CONFLICT && failure->kind != ERROR_BUSY)
        log_write(LOG_WARN, "backfill_stopped", "table=%.*s reason=%s", SLICE_ARGS(table_name),
                  LOG_VALUE(failure->message));
    return failure ? failure->kind == ERROR_CONFLICT : more;
}

bool db_backfill(struct db *db)
{
    bool more = false;
    uint32_t number = 0;
    SCOPED_ARENA(arena);
    slice table_name;
    while (db_has_begun(db) && store_is_writable(db->store) &&
           builds_next(db->builds, &arena, number, &number, &table_name))
        more = go_on(db, &arena, table_name, number) || more;
    return more;
}
