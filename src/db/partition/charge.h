/*
 * What requests are charged: the one place where the read path and the write path count.
 *
 * A session notes its charges while it runs, and counts them when it is answered
 * (charges_settle): a run that is to be done again has taken nothing (charges_take_back).
 * Source: Developer Guide, quotas, item sizes and capacity.
 */
#pragma once
#include "db/partition/usage.h"

/* What a charge is for: one item, items of one partition key, of several. */
enum charge_reach { CHARGE_ITEM, CHARGE_COLLECTION, CHARGE_COLLECTIONS };

struct charge {
    const struct table *table;
    const struct index *index; /* NULL: the table */
    enum usage_kind kind;
    slice row_key; /* of the row that is asked for, or the range; it says in which partition */
    enum charge_reach reach;
    int64_t half_units;
    uint32_t scanned_items;
    uint32_t returned_items;
};

/* Does nothing where the database does not count. */
void charge_note(struct db_session *session, const struct charge *charge);

/*
 * A page of rows is charged as one; its partitions share that by the bytes that they gave.
 * Evaluated rows come in order, forward or backward, in batches of which the ends are known.
 */
struct page_part;
struct page_charge {
    const struct table *table;
    const struct index *index; /* NULL: the table */
    slice from;                /* where the range begins: it is charged when there is no row */
    struct page_part *parts;   /* the latest first */
    uint32_t part_count;
    bool batch_stays; /* the batch lies in the partition of the latest part */
    size_t bytes;
};
void page_charge_begin_batch(struct db_session *session, struct page_charge *page, slice first_key,
                             slice last_key);
void page_charge_add(struct db_session *session, struct page_charge *page, slice row_key,
                     size_t bytes, bool is_returned);
void page_charge_note(struct db_session *session, const struct page_charge *page,
                      int64_t half_units);

/* How many were noted; take back those after the first `count`. */
uint32_t charges_noted(const struct db_session *session);
void charges_take_back(struct db_session *session, uint32_t count);

/* The session has been answered: what it noted counts. */
void charges_settle(struct db_session *session);
