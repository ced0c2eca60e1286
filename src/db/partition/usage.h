/*
 * What tables are asked for: units consumed, items scanned and returned, items over a limit. Per
 * partition of a table or global index, and of each as a whole. A local index counts with its
 * table, whose partitions it shares.
 *
 * Counted in memory from the start of the process, by relaxed atomics that only grow: no lock and
 * no allocation where requests count, and a page reads them while requests go on. They belong to
 * an incarnation of a table (its gate, db/table/catalogue.h), keyed by space and number of the
 * partition, so they survive changes of the description; a partition that was split is forgotten
 * with the last description that has it, and what it counted stays in the sum of its table.
 *
 * Readers walk the tables they hold: usage_of(table, index)->sum, and ->partitions in the order
 * of the ranges, each next to that of the map with the same number. `index` NULL: the table.
 *
 * Whoever serves requests counts through db/partition/charge.h.
 */
#pragma once
#include "db/partition/allowance.h"
#include "db/partition/hot_keys.h"
#include "db/partition/gauge.h"
#include "db/partition/split_heat.h"

/* By kind. Half units, because an eventually consistent read costs half of one. */
struct usage_counters {
    _Atomic int64_t half_units[USAGE_KIND_COUNT];
    _Atomic int64_t scanned_items;  /* evaluated by Query and Scan, or looked up by key */
    _Atomic int64_t returned_items; /* of those, what was found and passed its filter */
    _Atomic int64_t throttled[USAGE_KIND_COUNT][USAGE_LIMIT_COUNT];      /* items refused */
    _Atomic int64_t would_throttle[USAGE_KIND_COUNT][USAGE_LIMIT_COUNT]; /* served, by `observe` */
};

struct usage_partition {
    uint32_t space;
    uint32_t number;     /* as in struct partition */
    uint32_t references; /* of descriptions; guarded by the mutex of struct usage */
    struct usage_counters counters;
    struct partition_gauge gauge;
    struct partition_heat heat;
    struct bucket buckets[USAGE_KIND_COUNT];
    struct hot_keys_slot hot_keys;
    struct usage_partition *next; /* of struct usage; guarded by its mutex */
};

/* A table or global index as a whole. */
struct usage_sum {
    uint32_t space;
    uint32_t references; /* as above */
    struct usage_counters counters;
    struct bucket buckets[USAGE_KIND_COUNT];
    struct peak peaks[USAGE_KIND_COUNT]; /* on demand */
    struct usage_sum *next;              /* as above */
};

/* As one description sees it: immutable. */
struct usage_view {
    struct usage_sum *sum;
    struct usage_partition *const *partitions; /* in the order of the ranges */
    uint32_t partition_count;
    struct allowance allowances[USAGE_KIND_COUNT];
};

/* Of a local index, that of its table. Never NULL; a database that does not count has zeros. */
const struct usage_view *usage_of(const struct table *table, const struct index *index);

/* Counters as they stand: of one moment each, not all of the same one. */
struct usage_counts {
    int64_t half_units[USAGE_KIND_COUNT];
    int64_t scanned_items;
    int64_t returned_items;
    int64_t throttled[USAGE_KIND_COUNT][USAGE_LIMIT_COUNT];
    int64_t would_throttle[USAGE_KIND_COUNT][USAGE_LIMIT_COUNT];
};
void usage_read(const struct usage_counters *counters, struct usage_counts *counts);

/* ---- for the catalogue ---- */

/* All counters of one incarnation of a table. */
struct usage;
struct usage *usage_new(void);
void usage_free(struct usage *usage);

/*
 * Views of a table and, behind it, of its indexes in their order; their arrays in `arena`. Each
 * counts as a reference until usage_release_views. What a description before it had goes on.
 */
const struct usage_view *usage_make_views(struct usage *usage, struct arena *arena,
                                          const struct table *table);
void usage_release_views(struct usage *usage, const struct table *table);
