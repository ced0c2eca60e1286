#include "db/partition/charge.h"

#include "base/fault.h"
#include "db/db_private.h"
#include "db/index/index.h"
#include "db/partition/hot_key_place.h"
#include "db/partition/partition.h"

struct charge_note {
    struct charge_note *next; /* the one before it */
    const struct usage_view *view;
    struct usage_partition *partition;
    struct charge charge;
    enum usage_limit limit; /* that it is over, and was served; its first part says so for a page */
    bool was_taken;         /* what it costs; not when it is over */
};

static bool counts(const struct db_session *session)
{
    return session->db->throughput != THROUGHPUT_OFF && !session->is_background;
}

/* As of the table; a clock for each charge would cost more than the charge. */
static int64_t now_of(struct db_session *session)
{
    if (session->now_ms == 0)
        session->now_ms = db_now_ms(session->db);
    return session->now_ms;
}

/* Where the row lies among the partitions of its view. */
static uint32_t place_of(const struct table *table, const struct index *index, slice row_key)
{
    const struct partition *first = partition_map_of(table, index).list;
    return (uint32_t)(partition_of(table, index, row_key) - first);
}

/* ---- limits ---- */

static enum usage_limit limit_of(struct db_session *session, const struct usage_view *view,
                                 struct usage_partition *partition, enum usage_kind kind)
{
    int64_t now_ms = now_of(session);
    enum usage_limit limit;
    struct bucket_rate rate =
        allowance_now(&view->allowances[kind], &view->sum->peaks[kind], &limit);
    bucket_fill(&view->sum->buckets[kind], rate, now_ms);
    bucket_fill(&partition->buckets[kind], allowance_of_partition(kind), now_ms);
    if (!bucket_has_any(&partition->buckets[kind]) && !fault_planted(FAULT_PARTITION_LIMIT))
        return USAGE_KEY_RANGE;
    return bucket_has_any(&view->sum->buckets[kind]) ? USAGE_WITHIN_LIMITS : limit;
}

/* Negative: given back. */
static void take(struct db_session *session, const struct charge_note *note, int64_t half_units)
{
    enum usage_kind kind = note->charge.kind;
    bucket_take(&note->partition->buckets[kind], half_units);
    bucket_take(&note->view->sum->buckets[kind], half_units);
    if (note->view->allowances[kind].on_demand)
        peak_note(&note->view->sum->peaks[kind], half_units, now_of(session));
}

static void add(_Atomic int64_t *counter, int64_t count)
{
    atomic_fetch_add_explicit(counter, count, memory_order_relaxed);
}

static error refuse(struct db_session *session, const struct usage_view *view,
                    struct usage_partition *partition, const struct charge *charge,
                    enum usage_limit limit)
{
    const struct index *index = charge->index;
    add(&view->sum->counters.throttled[charge->kind][limit], 1);
    add(&partition->counters.throttled[charge->kind][limit], 1);
    if (fault_planted(FAULT_REFUSED_CHARGE))
        bucket_take(&view->sum->buckets[charge->kind], charge->half_units);
    return throttle_refusal(session->arena, charge->table,
                            index && index->kind == INDEX_GLOBAL ? index : NULL, charge->kind,
                            limit);
}

/* ---- notes ---- */

static void note_at(struct db_session *session, const struct usage_view *view,
                    struct usage_partition *partition, const struct charge *charge,
                    enum usage_limit limit, bool takes)
{
    struct charge_note *note = arena_alloc(session->arena, sizeof *note);
    *note = (struct charge_note){session->charges, view, partition, *charge, limit, takes};
    session->charges = note;
    session->charge_count++;
    if (takes)
        take(session, note, charge->half_units);
}

error charge_note(struct db_session *session, const struct charge *charge)
{
    if (!counts(session))
        return NULL;
    const struct usage_view *view = usage_of(charge->table, charge->index);
    struct usage_partition *partition =
        view->partitions[place_of(charge->table, charge->index, charge->row_key)];
    enum usage_limit limit = limit_of(session, view, partition, charge->kind);
    if (limit != USAGE_WITHIN_LIMITS && session->db->throughput == THROUGHPUT_ENFORCE)
        return refuse(session, view, partition, charge, limit);
    note_at(session, view, partition, charge, limit, limit == USAGE_WITHIN_LIMITS);
    return NULL;
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

error page_charge_begin(struct db_session *session, struct page_charge *page)
{
    if (!counts(session))
        return NULL;
    struct charge charge = {.table = page->table, .index = page->index, .kind = USAGE_READ};
    const struct usage_view *view = usage_of(page->table, page->index);
    struct usage_partition *partition =
        view->partitions[place_of(page->table, page->index, page->from)];
    page->limit = limit_of(session, view, partition, USAGE_READ);
    if (page->limit != USAGE_WITHIN_LIMITS && session->db->throughput == THROUGHPUT_ENFORCE)
        return refuse(session, view, partition, &charge, page->limit);
    return NULL;
}

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
}

void page_charge_begin_batch(struct db_session *session, struct page_charge *page, slice first_key,
                             slice last_key)
{
    if (!counts(session))
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
    if (!counts(session))
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
    if (!counts(session))
        return;
    struct page_part empty = {.place = place_of(page->table, page->index, page->from),
                              .first_key = page->from};
    const struct usage_view *view = usage_of(page->table, page->index);
    int64_t left = half_units; /* the last one to be noted bears what rounding leaves */
    for (const struct page_part *part = page->parts ? page->parts : &empty; part;
         part = part->next) {
        struct charge charge = {.table = page->table,
                                .index = page->index,
                                .kind = USAGE_READ,
                                .row_key = part->first_key,
                                .reach = page->parts ? reach_of(page, part) : CHARGE_COLLECTIONS,
                                .half_units = left,
                                .scanned_items = part->scanned_items,
                                .returned_items = part->returned_items};
        if (part->next)
            charge.half_units = half_units * (int64_t)part->bytes / (int64_t)page->bytes;
        left -= charge.half_units;
        note_at(session, view, view->partitions[part->place], &charge,
                part->next ? USAGE_WITHIN_LIMITS : page->limit, page->limit == USAGE_WITHIN_LIMITS);
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
        const struct charge_note *note = session->charges;
        if (note->was_taken)
            take(session, note, -note->charge.half_units);
        session->charges = note->next;
        session->charge_count--;
    }
}

static void count(struct usage_counters *counters, const struct charge_note *note)
{
    const struct charge *charge = &note->charge;
    add(&counters->half_units[charge->kind], charge->half_units);
    if (charge->scanned_items > 0)
        add(&counters->scanned_items, charge->scanned_items);
    if (charge->returned_items > 0)
        add(&counters->returned_items, charge->returned_items);
    if (note->limit != USAGE_WITHIN_LIMITS)
        add(&counters->would_throttle[charge->kind][note->limit], 1);
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

void charges_settle(struct db_session *session, error failure)
{
    if (throttle_is_refusal(failure))
        charges_take_back(session, 0);
    for (const struct charge_note *note = session->charges; note; note = note->next) {
        count(&note->view->sum->counters, note);
        count(&note->partition->counters, note);
        note_heat(note->partition, &note->charge, now_of(session));
    }
    session->charges = NULL;
    session->charge_count = 0;
}
