#include "db/read.h"

#include "base/assert.h"
#include "base/fault.h"
#include "base/limits.h"
#include "db/capacity.h"
#include "db/db_private.h"
#include "db/index/index_entry.h"
#include "db/partition/charge.h"
#include "db/table/table_row.h"

static error open_row(struct db_session *session, slice value, slice *item)
{
    if (row_value_open(value, item))
        return NULL;
    return fail(session->arena, ERROR_CORRUPT,
                "A stored row is no item. Stop the server and run check.");
}

void db_read_consistently(struct db_session *session, bool consistent_read)
{
    struct views *views = session->db->views;
    if (views && !consistent_read && !session->past) {
        session->past = views_find(views);
        arena_defer(session->arena, store_view_release, session->past);
    }
    session->view = consistent_read ? NULL : session->past;
    session->reads_consistently = consistent_read;
}

static error get_rows(struct db_session *session, const slice *keys, uint32_t count,
                      struct store_row *rows)
{
    struct arena *arena = session->arena;
    if (session->view)
        return db_error_of(session, store_view_get(session->view, STORE_SHARD_WHOLE, arena, keys,
                                                   count, session->tier, rows));
    return db_error_of(session, store_get(session->db->store, STORE_SHARD_WHOLE, arena, keys,
                                          count, session->tier, rows));
}

/* All of them as they were at one moment. */
static error read_rows(struct db_session *session, const slice *row_keys, uint32_t count,
                       slice *items)
{
    struct store_row *rows = arena_new_array(session->arena, struct store_row, count);
    if (count > session->rows_left)
        return db_error_of(session, STORE_WOULD_BLOCK);
    TRY(get_rows(session, row_keys, count, rows));
    session->rows_left -= count < session->rows_left ? count : session->rows_left;
    for (uint32_t i = 0; i < count; i++) {
        items[i] = ITEM_ABSENT;
        if (rows[i].found)
            TRY(open_row(session, rows[i].value, &items[i]));
    }
    return NULL;
}

/* One that is not there is charged too. */
static error charge_item(struct db_session *session, const struct table *table, slice row_key,
                         slice item, int64_t half_units)
{
    struct charge charge = {.table = table,
                            .kind = USAGE_READ,
                            .row_key = row_key,
                            .half_units = half_units,
                            .scanned_items = item_exists(item),
                            .returned_items = item_exists(item)};
    return charge_note(session, &charge);
}

error db_read_uncharged(struct db_session *session, const struct table *table, const slice *keys,
                        uint32_t count, slice *row_keys, slice *items)
{
    for (uint32_t i = 0; i < count; i++)
        row_keys[i] = row_key_of_item(session->arena, &table->keys, table->space, keys[i]);
    return read_rows(session, row_keys, count, items);
}

error db_charge_item(struct db_session *session, const struct table *table, slice row_key,
                     slice item)
{
    return charge_item(session, table, row_key, item,
                       capacity_of_read(item_charged_bytes(item), session->reads_consistently));
}

error db_read_item(struct db_session *session, const struct table *table, slice key, slice *item)
{
    slice row_key;
    TRY(db_read_uncharged(session, table, &key, 1, &row_key, item));
    return db_charge_item(session, table, row_key, *item);
}

/* All of them as they were at one moment, unless a planted fault reads one by one. */
static error read_snapshot(struct db_session *session, const slice *row_keys, uint32_t count,
                           slice *items)
{
    if (!fault_planted(FAULT_SNAPSHOT))
        return read_rows(session, row_keys, count, items);
    for (uint32_t i = 0; i < count; i++) {
        TRY(read_rows(session, &row_keys[i], 1, &items[i]));
        if (i == 0)
            fault_dawdle(); /* the others are changed meanwhile */
    }
    return NULL;
}

error db_read_snapshot(struct db_session *session, const struct read_target *targets,
                       uint32_t count, slice *items, error *refusals)
{
    slice *row_keys = arena_new_array(session->arena, slice, count);
    for (uint32_t i = 0; i < count; i++)
        row_keys[i] = row_key_of_item(session->arena, &targets[i].table->keys,
                                      targets[i].table->space, targets[i].key);
    TRY(read_snapshot(session, row_keys, count, items));
    error first = NULL;
    for (uint32_t i = 0; i < count; i++) {
        refusals[i] = charge_item(session, targets[i].table, row_keys[i], items[i],
                                  2 * capacity_of_read(item_charged_bytes(items[i]), true));
        first = first ? first : refusals[i];
    }
    if (first)
        charges_take_back(session, 0);
    return first;
}

/* The items of a page, growing. */
struct items {
    slice *items;
    uint32_t count;
    uint32_t capacity;
};

static void add_item(struct arena *arena, struct items *items, slice item)
{
    if (items->count == items->capacity) {
        uint32_t capacity = items->capacity ? items->capacity * 2 : 16;
        slice *grown = arena_new_array(arena, slice, capacity);
        if (items->count > 0)
            memcpy(grown, items->items, items->count * sizeof grown[0]);
        items->items = grown;
        items->capacity = capacity;
    }
    items->items[items->count++] = item;
}

/* True when the page ends here: its limit or its size is reached. */
static bool page_is_full(const struct read_plan *plan, const struct read_page *page)
{
    return (plan->limit > 0 && page->scanned_count == plan->limit) ||
           plan->bytes_before + page->scanned_bytes >= PAGE_BYTES_MAX;
}

/*
 * The whole item of an entry. It may have changed since the entry was read: absent when it has
 * left the place in the index that is being read, so that no page shows what was never there.
 */
static error fetch_base(struct db_session *session, const struct read_plan *plan, slice entry_key,
                        slice entry, struct read_page *page, slice *item)
{
    struct arena *arena = session->arena;
    slice key = key_of_item(arena, &plan->table->keys, entry);
    TRY(db_read_item(session, plan->table, key, item));
    page->fetched_units += read_units_of(item_charged_bytes(*item));
    struct index_entry now = index_entry_of(arena, plan->table, plan->index, *item);
    if (!slice_equal(now.key, entry_key))
        *item = ITEM_ABSENT;
    return NULL;
}

static error evaluate(struct db_session *session, const struct read_plan *plan,
                      const struct store_page *rows, struct items *items, struct read_page *page,
                      struct page_charge *charge)
{
    if (rows->count > 0)
        page_charge_begin_batch(session, charge, rows->entries[0].key,
                                rows->entries[rows->count - 1].key);
    for (uint32_t i = 0; i < rows->count; i++) {
        slice entry;
        TRY(open_row(session, rows->entries[i].value, &entry));
        page->scanned_count++;
        page->scanned_bytes += item_charged_bytes(entry);
        slice item = entry;
        if (plan->fetch_base)
            TRY(fetch_base(session, plan, rows->entries[i].key, entry, page, &item));
        bool passes = item_exists(item) && condition_holds(plan->filter, item, session->arena);
        if (passes)
            add_item(session->arena, items, item);
        page_charge_add(session, charge, rows->entries[i].key, item_charged_bytes(entry), passes);
        if (page_is_full(plan, page)) {
            page->last_key = index_key_of_entry(session->arena, plan->table, plan->index, entry);
            return NULL;
        }
    }
    return NULL;
}

/* How many rows to ask the store for next; 0: a loop has read its share. */
static uint32_t rows_wanted(const struct db_session *session, const struct read_plan *plan,
                            const struct read_page *page)
{
    uint32_t wanted = READ_STEP_ROWS_MAX;
    if (plan->limit > 0 && plan->limit - page->scanned_count < wanted)
        wanted = plan->limit - page->scanned_count;
    if (session->rows_left < wanted)
        wanted = session->rows_left;
    return wanted;
}

/*
 * A global index that was still being built then is read as it is now: whoever finds it ACTIVE finds
 * in it all that was there before. Where its table was not there either, there is nothing to find.
 */
static error leave_past_of_build(struct db_session *session, const struct read_plan *plan)
{
    if (!session->view || !plan->index || plan->index->kind != INDEX_GLOBAL)
        return NULL;
    slice key = row_key_of_table(session->arena, plan->table->name);
    struct store_row row;
    TRY(get_rows(session, &key, 1, &row));
    if (!row.found)
        return NULL;
    struct table past;
    TRY(table_row_open(session->arena, row.value, &past));
    bool was_whole = past.space != plan->table->space;
    for (uint32_t i = 0; i < past.index_count; i++)
        was_whole |= past.indexes[i].space == plan->index->space &&
                     !build_is_under_way(&past.indexes[i].build);
    if (!was_whole)
        session->view = NULL;
    return NULL;
}

error db_read_page(struct db_session *session, const struct read_plan *plan, struct read_page *page)
{
    assert_that(!plan->fetch_base || (plan->index && plan->index->kind == INDEX_LOCAL));
    *page = (struct read_page){.last_key = ITEM_ABSENT};
    TRY(leave_past_of_build(session, plan));
    struct items items = {.items = NULL};
    struct page_charge charge = {.table = plan->table,
                                 .index = plan->index,
                                 .from = plan->backward ? plan->range.to : plan->range.from};
    TRY(page_charge_begin(session, &charge));
    struct store_scan scan = {.shard = STORE_SHARD_WHOLE,
                              .view = session->view,
                              .area = STORE_ROWS,
                              .from = plan->range.from,
                              .to = plan->range.to,
                              .backward = plan->backward,
                              .tier = session->tier,
                              .bytes_max = STORE_SCAN_BYTES_MAX};
    struct store_page rows = {.more = slice_compare(scan.from, scan.to) < 0};
    while (rows.more && !item_exists(page->last_key)) {
        if (page->scanned_count > 0 && session->between_steps)
            session->between_steps(session);
        scan.row_count_max = rows_wanted(session, plan, page);
        if (scan.row_count_max == 0)
            return db_error_of(session, STORE_WOULD_BLOCK);
        TRY(db_error_of(session, store_scan(session->db->store, session->arena, &scan, &rows)));
        TRY(evaluate(session, plan, &rows, &items, page, &charge));
        session->rows_left -= rows.count < session->rows_left ? rows.count : session->rows_left;
        if (rows.count == 0)
            break;
        slice last = rows.entries[rows.count - 1].key;
        if (plan->backward)
            scan.to = last;
        else
            scan.from = row_key_successor(session->arena, last);
    }
    page_charge_note(session, &charge,
                     capacity_of_read(page->scanned_bytes, session->reads_consistently));
    page->items = items.items;
    page->count = items.count;
    return NULL;
}
