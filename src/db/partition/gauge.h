/*
 * How large partitions are: charged bytes and items of their rows, those of local indexes with
 * them. Counted in memory as rows are written, on top of what a scan has found
 * (db/partition/split_scan.h): near enough to decide by, and not exact, because rows change while
 * a scan goes by. Unknown from the start of the process, or a split, until the scan has been there.
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
    _Atomic bool is_known;
    _Atomic int64_t whole_bytes; /* with so many no place to split it was found; 0: not tried */
};

/*
 * An item was written: its row, and its entries in the indexes of the table, in their order (NULL:
 * it has none). Relaxed atomics, no lock.
 */
void partition_gauge_note(const struct table *table, slice row_key,
                         const struct write_result *result, const struct entry_change *entries);

/* What a scan found, which began when the size had so many bytes and items. */
struct partition_gauge_mark {
    int64_t bytes;
    int64_t items;
};
struct partition_gauge_mark partition_gauge_mark(const struct partition_gauge *gauge);
void partition_gauge_learn(struct partition_gauge *gauge, struct partition_gauge_mark since,
                          int64_t bytes, int64_t items);
