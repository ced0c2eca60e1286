/*
 * The bytes of a file that others wrote, plain or inflated, a piece at a time.
 *
 * What a compressed file becomes is bounded by whoever reads: nothing is inflated before it is
 * asked for. An empty file is an empty source, whatever its compression.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"

enum compression { COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_ZSTD, COMPRESSION_COUNT };

struct source;

/* `descriptor` is the source's from now on; both go with the arena. `name` is borrowed. */
struct source *source_open(struct arena *arena, int descriptor, slice name,
                           enum compression compression);

/*
 * At most `size` bytes; 0 at the end.
 *   Errors: CORRUPT naming file and place, STORAGE. They live in `arena`.
 */
error source_read(struct source *source, struct arena *arena, char *to, size_t size,
                  size_t *got) MUST_CHECK;
