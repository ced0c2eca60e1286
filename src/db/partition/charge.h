/*
 * What requests are charged: the one place where the read path and the write path count, and where
 * throughput is enforced.
 *
 * A charge is admitted when there is anything left of what its partition and its table or index
 * may be asked for; then it takes all that it costs, in advance if need be. One that is not is
 * refused with --throughput enforce, else it is counted as one that would have been, and takes
 * nothing.
 *
 * A session notes its charges while it runs, and counts them when it is answered
 * (charges_settle): a run that is to be done again gives back what it took (charges_take_back).
 * Source: Developer Guide, quotas, item sizes and capacity; burst and adaptive capacity.
 */
#pragma once
#include "db/partition/throttle.h"
#include "db/partition/usage.h"

/* What a charge is for: one item, items of one partition key, of several. */
enum charge_reach { CHARGE_ITEM, CHARGE_COLLECTION, CHARGE_COLLECTIONS };

struct charge {
    const struct table *table;
    const struct index *index; /* NULL: the table */
    enum usage_kind kind;
    slice row_key; /* of the row that is asked for, or of one of them: it says in which partition */
    enum charge_reach reach;
    int64_t half_units;
    uint32_t scanned_items;
    uint32_t returned_items;
};

/*
 * Does nothing where the database does not count, and for the database's own work in the
 * background: what time to live deletes is not charged, nor what a restore writes. Errors: as
 * throttle_refusal; then nothing was noted.
 */
error charge_note(struct db_session *session, const struct charge *charge) MUST_CHECK;

/*
 * A page of rows is admitted by the partition where its range begins, and charged as one when it
 * has been read; its partitions share that by the bytes that they gave. Evaluated rows come in
 * order, forward or backward, in batches of which the ends are known.
 */
struct page_part;
struct page_charge {
    const struct table *table;
    const struct index *index; /* NULL: the table */
    slice from;                /* where the range begins, in the direction read */
    enum usage_limit limit;    /* that it would have been refused for */
    struct page_part *parts;   /* the latest first */
    bool batch_stays;          /* the batch lies in the partition of the latest part */
    size_t bytes;
};
/*   Errors: as throttle_refusal. */
error page_charge_begin(struct db_session *session, struct page_charge *page) MUST_CHECK;
void page_charge_begin_batch(struct db_session *session, struct page_charge *page, slice first_key,
                             slice last_key);
void page_charge_add(struct db_session *session, struct page_charge *page, slice row_key,
                     size_t bytes, bool is_returned);
void page_charge_note(struct db_session *session, const struct page_charge *page,
                      int64_t half_units);

/* How many were noted; give back those after the first `count`. */
uint32_t charges_noted(const struct db_session *session);
void charges_take_back(struct db_session *session, uint32_t count);

/*
 * The session has been answered: what it noted counts, unless it was throttled, which is not
 * charged. `failure` NULL: it was done.
 */
void charges_settle(struct db_session *session, error failure);
