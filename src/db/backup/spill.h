/*
 * A spill: more bytes than memory should hold, sorted into parts and read again part by part. They lie
 * in one file without a name, which goes with the process.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"

struct spill;

/*
 * A file in `directory`; it is closed with the arena.
 *   Errors: STORAGE, here and below.
 */
error spill_open(struct arena *arena, slice directory, uint32_t part_count,
                 struct spill **spill) MUST_CHECK;

/* A run of bytes at the end of a part; it is read in one piece. */
error spill_add(struct spill *spill, struct arena *arena, uint32_t part, slice head,
                slice body) MUST_CHECK;

/* Everything is added; from here on it is read. */
error spill_end(struct spill *spill, struct arena *arena) MUST_CHECK;

/*
 * The next chunk of a part, whole runs, in `arena`, and where in the file it begins. `chunk` counts
 * from 0; false in `found` behind the last one.
 */
error spill_chunk(struct spill *spill, struct arena *arena, uint32_t part, uint32_t chunk,
                  slice *bytes, uint64_t *offset, bool *found) MUST_CHECK;

/* Bytes anywhere in the file. */
error spill_read(struct spill *spill, struct arena *arena, uint64_t offset, size_t size,
                 slice *bytes) MUST_CHECK;
