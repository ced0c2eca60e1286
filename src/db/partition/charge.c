#include "db/partition/charge.h"

#include "base/assert.h"
#include "db/db_private.h"
#include "db/index/index.h"
#include "db/partition/hot_key_place.h"
#include "db/partition/partition.h"

struct charge_note {
    struct charge_note *next; /* the one before it */
    struct usage_sum *sum;
    struct usage_partition *partition;
    struct charge charge;
};

/* Where the row lies among the partitions of its view. */
static uint32_t place_of(const struct table *table, const struct index *index, slice row_key)
{
    const struct partition *first = partition_map_of(table, index).list;
    return (uint32_t)(partition_of(table, index, row_key) - first);
}

static void note_at(struct db_session *session, uint32_t place, const struct charge *charge)
{
    const struct usage_view *view = usage_of(charge->table, charge->index);
    struct charge_note *note = arena_alloc(session->arena, sizeof *note);
    note->next = session->charges;
    note->sum = view->sum;
    note->partition = view->partitions[place];
    note->charge = *charge;
    session->charges = note;
    session->charge_count++;
}

void charge_note(struct db_session *session, const struct charge *charge)
{
    if (session->db->throughput != THROUGHPUT_OFF)
        note_at(session, place_of(charge->table, charge->index, charge->row_key), charge);
}

/* ---- pages ---- */

struct page_part {
    struct page_part *next; /* the one before it */
    uint32_t place;
    slice first_key;
    slice last_key;
    size_t bytes;
    uint32_t scanned_items;
    uint32_t returned_items;
};

static void begin_part(struct db_session *session, struct page_charge *page, uint32_t place,
                       slice row_key)
{
    if (page->parts && page->parts->place == place)
        return;
    struct page_part *part = arena_new(session->arena, struct page_part);
    part->next = page->parts;
    part->place = place;
    part->first_key = row_key;
    page->parts = part;
    page->part_count++;
}

void page_charge_begin_batch(struct db_session *session, struct page_charge *page, slice first_key,
                             slice last_key)
{
    if (session->db->throughput == THROUGHPUT_OFF)
        return;
    uint32_t place = place_of(page->table, page->index, first_key);
    begin_part(session, page, place, first_key);
    page->batch_stays = place == place_of(page->table, page->index, last_key);
    if (page->batch_stays)
        page->parts->last_key = last_key;
}

void page_charge_add(struct db_session *session, struct page_charge *page, slice row_key,
                     size_t bytes, bool is_returned)
{
    if (session->db->throughput == THROUGHPUT_OFF)
        return;
    if (!page->batch_stays) {
        begin_part(session, page, place_of(page->table, page->index, row_key), row_key);
        page->parts->last_key = row_key;
    }
    page->bytes += bytes;
    page->parts->bytes += bytes;
    page->parts->scanned_items++;
    page->parts->returned_items += is_returned;
}

static enum charge_reach reach_of(const struct page_charge *page, const struct page_part *part)
{
    return hot_place_is_same_collection(page->index, part->first_key, part->last_key)
               ? CHARGE_COLLECTION
               : CHARGE_COLLECTIONS;
}

void page_charge_note(struct db_session *session, const struct page_charge *page,
                      int64_t half_units)
{
    struct charge charge = {.table = page->table,
                            .index = page->index,
                            .kind = USAGE_READ,
                            .row_key = page->from,
                            .reach = CHARGE_COLLECTIONS,
                            .half_units = half_units};
    if (!page->parts) {
        charge_note(session, &charge);
        return;
    }
    int64_t left = half_units; /* the last one to be noted bears what rounding leaves */
    for (const struct page_part *part = page->parts; part; part = part->next) {
        charge.row_key = part->first_key;
        charge.reach = reach_of(page, part);
        charge.half_units =
            part->next ? half_units * (int64_t)part->bytes / (int64_t)page->bytes : left;
        left -= charge.half_units;
        charge.scanned_items = part->scanned_items;
        charge.returned_items = part->returned_items;
        note_at(session, part->place, &charge);
    }
}

/* ---- counting ---- */

uint32_t charges_noted(const struct db_session *session)
{
    return session->charge_count;
}

void charges_take_back(struct db_session *session, uint32_t count)
{
    while (session->charge_count > count) {
        session->charges = session->charges->next;
        session->charge_count--;
    }
}

static void add(_Atomic int64_t *counter, int64_t count)
{
    atomic_fetch_add_explicit(counter, count, memory_order_relaxed);
}

static void count(struct usage_counters *counters, const struct charge *charge)
{
    add(&counters->half_units[charge->kind], charge->half_units);
    if (charge->scanned_items > 0)
        add(&counters->scanned_items, charge->scanned_items);
    if (charge->returned_items > 0)
        add(&counters->returned_items, charge->returned_items);
}

/* A page of many partition keys has no key that it were the heat of. */
static void note_heat(struct usage_partition *partition, const struct charge *charge,
                      int64_t now_ms)
{
    const struct hot_access access = {.table = charge->table,
                                      .index = charge->index,
                                      .row_key = charge->row_key,
                                      .is_item = charge->reach == CHARGE_ITEM,
                                      .is_write = charge->kind == USAGE_WRITE,
                                      .half_units = charge->half_units};
    if (charge->reach != CHARGE_COLLECTIONS && charge->half_units > 0)
        hot_keys_note(&partition->hot_keys, &access, now_ms);
}

void charges_settle(struct db_session *session)
{
    if (!session->charges)
        return;
    int64_t now_ms = db_now_ms(session->db);
    for (const struct charge_note *note = session->charges; note; note = note->next) {
        count(&note->sum->counters, &note->charge);
        count(&note->partition->counters, &note->charge);
        note_heat(note->partition, &note->charge, now_ms);
    }
    session->charges = NULL;
    session->charge_count = 0;
}
