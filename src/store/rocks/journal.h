/*
 * RocksDB's journal format, read by ourselves: write-ahead logs (*.log) and MANIFEST files.
 *
 * A journal is a row of 32 KB blocks. A block holds fragments: checksum (4 bytes, CRC-32C of type
 * and payload, masked), payload size (2), type (1), payload; numbers are little-endian. A record is
 * one FULL fragment or FIRST, MIDDLE…, LAST. Fewer than 7 bytes at a block's end are filler.
 *
 * Why not leave it to RocksDB: its reader takes zeros for space never written, even in its
 * strictest mode, and in a MANIFEST a size that points past the end of the file for a torn write.
 * So it can open a store without records that had been acknowledged (damage_test.c,
 * a_last_record_that_is_zeroed_or_seems_too_long_is_refused).
 * Source: RocksDB wiki, "Write Ahead Log File Format"; tests/unit/store/rocks/journal_test.c.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"

struct journal_end {
    uint64_t file_bytes;
    uint64_t whole_bytes; /* up to here there are only whole records */
    bool damaged;         /* what follows is not a record */
    /* Of a damaged one: */
    bool torn;           /* the rest is the beginning of one record and nothing else */
    bool zeros;          /* the rest is zeros */
    bool record_follows; /* a whole fragment that begins a record comes after the damage */
};

/* Read the whole file. Errors: STORAGE when it cannot be read. */
error journal_inspect(struct arena *arena, const char *path, struct journal_end *end) MUST_CHECK;
