/*
 * How large partitions are: charged bytes and items of their rows, those of local indexes with
 * them. Counted in memory as rows are written, on top of what a scan has found
 * (db/partition/split_scan.h). Unknown from the start of the process, or a split, until a scan has
 * been there. When rows changed while it went by, what it found is near enough to decide by; it is
 * exact, and stays so, once a scan has had the partition to itself.
 */
#pragma once
#include "base/slice.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct table;
struct index;
struct write_result;
struct entry_change;

/* Of one partition; zeros at first. */
struct partition_gauge {
    _Atomic int64_t bytes; /* unless is_known, of what was written since */
    _Atomic int64_t items;
    _Atomic uint64_t notes; /* how often they changed */
    _Atomic bool is_known;
    _Atomic bool is_exact;       /* and known */
    _Atomic int64_t whole_bytes; /* with so many no place to split it was found; 0: not tried */
    /* Of the splitter alone: */
    uint32_t scans_disturbed; /* as many as count */
    uint32_t looks_left;      /* until the next try for an exact size */
};

/*
 * An item was written: its row, and its entries in the indexes of the table, in their order (NULL:
 * it has none). Relaxed atomics, no lock.
 */
void partition_gauge_note(const struct table *table, slice row_key,
                         const struct write_result *result, const struct entry_change *entries);

/* How a size stood when a scan began. */
struct partition_gauge_mark {
    int64_t bytes;
    int64_t items;
    uint64_t notes;
};
struct partition_gauge_mark partition_gauge_mark(const struct partition_gauge *gauge);
/*
 * Whether it has not changed since the mark. Without db/table/catalogue.h, catalogue_let_through,
 * before, a writer may be about to note what the scan has seen.
 */
bool partition_gauge_has_rested(const struct partition_gauge *gauge,
                               struct partition_gauge_mark since);

/* What a scan found. What is exact already is not made worse. */
void partition_gauge_learn(struct partition_gauge *gauge, struct partition_gauge_mark since,
                          int64_t bytes, int64_t items, bool is_exact);
