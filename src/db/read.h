/*
 * The read path: one item by key, or a page of a range. Readers see durable rows only, as they
 * stand now, unless the database lets eventually consistent reads lag behind (db/views.h).
 */
#pragma once
#include "db/index/index.h"
#include "expr/condition.h"
#include "expr/key_condition.h"

/*
 * What the next reads of the session see: without consistent_read the past, when the database was
 * opened so; all of them the same past. Without this call, and in reads that decide writes: now.
 */
void db_read_consistently(struct db_session *session, bool consistent_read);

/*
 * `key` passed key_check. A missing item is ITEM_ABSENT. It is charged, as are pages:
 *   Errors: also those of throttle_refusal (db/partition/throttle.h).
 */
error db_read_item(struct db_session *session, const struct table *table, slice key,
                   slice *item) MUST_CHECK;

/*
 * Several at once: items[i] is that of keys[i], ITEM_ABSENT when it is missing. Whoever returns one
 * charges it, by its row key; when that is refused the others may still be returned.
 */
error db_read_uncharged(struct db_session *session, const struct table *table, const slice *keys,
                        uint32_t count, slice *row_keys, slice *items) MUST_CHECK;
error db_charge_item(struct db_session *session, const struct table *table, slice row_key,
                     slice item) MUST_CHECK;

struct read_target {
    const struct table *table;
    slice key; /* passed key_check */
};

/*
 * For a transaction: of several tables, all of them as they were at one moment. items[i] is that of
 * targets[i], and refusals[i] why it may not be read now, or NULL; the first of those comes back.
 */
error db_read_snapshot(struct db_session *session, const struct read_target *targets,
                       uint32_t count, slice *items, error *refusals) MUST_CHECK;

/* A range of the rows of a table or index, as bytes of keys. `index` NULL: the table. */
struct row_range {
    slice from; /* included */
    slice to;   /* excluded */
};

/* The rows that a key condition allows, resolved against index_key_parts. */
struct row_range row_range_of_condition(struct arena *arena, const struct table *table,
                                        const struct index *index,
                                        const struct key_condition *condition);

/* Segment of `segment_count` equal ranges of the hash space; 0 of 1 is the whole. */
struct row_range row_range_of_segment(struct arena *arena, const struct table *table,
                                      const struct index *index, uint32_t segment,
                                      uint32_t segment_count);

/*
 * Cut the range to what comes after the row with this key, in the direction read. `key` here and
 * below passed index_check_key.
 */
struct row_range row_range_after(struct arena *arena, const struct table *table,
                                 const struct index *index, struct row_range range, slice key,
                                 bool backward);

/* Whether the row of this key lies in the range: checks of ExclusiveStartKey. */
bool row_range_has(struct arena *arena, const struct table *table, const struct index *index,
                   struct row_range range, slice key);

struct read_plan {
    const struct table *table;
    const struct index *index; /* NULL: the table */
    struct row_range range;
    bool backward;
    bool fetch_base; /* LOCAL: evaluate the whole items, each fetched from the table */
    const struct condition *filter; /* NULL: none */
    uint32_t limit;                 /* rows evaluated; 0: only the page size limits */
    size_t bytes_before;            /* of the page, evaluated in other ranges already */
};

struct read_page {
    const slice *items; /* those that passed the filter, in order; of an index: its entries */
    uint32_t count;
    uint32_t scanned_count; /* evaluated */
    size_t scanned_bytes;   /* charged size of those evaluated: of an index, of its entries */
    uint64_t fetched_units; /* fetch_base: whole read units of the items fetched, each alone */
    slice last_key;         /* key of the last one evaluated when the page ended early; else absent:
                               of an index, the table's key and the index's */
};

/* Evaluates until the limit, PAGE_BYTES_MAX (the row that reaches it included) or the end. */
error db_read_page(struct db_session *session, const struct read_plan *plan,
                   struct read_page *page) MUST_CHECK;
