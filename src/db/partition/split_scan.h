/*
 * A scan of one partition, in pieces: how large it is, and where it would be split into halves.
 *
 * Between partition keys by preference, so that a collection stays together where that comes near
 * the middle; else inside the collection, by sort key; never there in a table with local indexes,
 * whose collections are not divided; never inside an item.
 */
#pragma once
#include "db/partition/partition.h"

enum { SPLIT_SAMPLES_MAX = 256 };

/* A place between two rows, and what lies before it. */
struct split_sample {
    slice at;
    int64_t bytes;
    int64_t items;
};

/* Evenly spaced by bytes; the spacing doubles when there is no more room. */
struct split_samples {
    struct split_sample list[SPLIT_SAMPLES_MAX];
    uint32_t count;
    int64_t spacing_bytes;
};

struct split_scan {
    struct arena arena; /* of all slices */
    /* What is scanned. */
    slice table_name;
    slice table_id;
    slice index_name; /* empty: the table */
    uint32_t space;
    uint32_t partition;
    slice from;
    slice to;
    uint8_t local_count; /* of local indexes, whose rows count with the items */
    /* How far it is. */
    uint8_t local_number; /* of the place that is scanned; 0: the items */
    slice next;           /* row key */
    slice last_place;     /* of the row before; empty: none was */
    /* What it found. */
    int64_t bytes;
    int64_t item_bytes; /* without those of local indexes */
    int64_t items;
    struct split_samples collections; /* between partition keys */
    struct split_samples rows;        /* anywhere */
};

/* Of the partition at a position in the map of the table, or of its index (not NULL). */
void split_scan_begin(struct split_scan *scan, const struct table *table, const struct index *index,
                      uint32_t position);
void split_scan_end(struct split_scan *scan);

/*
 * Go on for so many rows, or a few more. Any thread that may wait for the disk.
 *   Errors: as of reads.
 */
error split_scan_go_on(struct db *db, struct split_scan *scan, uint32_t row_count,
                       bool *is_done) MUST_CHECK;

/* The place nearest to the middle; NULL: there is none to split at. */
const struct split_sample *split_scan_middle(const struct split_scan *scan);
