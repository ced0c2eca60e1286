/*
 * Gzip of whole bodies, both ways, and its bare stream, zlib, which HTTP calls deflate. The streams
 * are kept between bodies, once for each loop.
 */
#pragma once
#include "base/arena.h"
#include <zlib.h>

enum gzip_format { GZIP_MEMBER, GZIP_ZLIB, GZIP_FORMAT_COUNT };

struct gzip {
    z_stream reader;
    z_stream writers[GZIP_FORMAT_COUNT];
    bool reader_ready;
    bool writer_ready[GZIP_FORMAT_COUNT];
};

enum gzip_result { GZIP_DONE, GZIP_BROKEN, GZIP_TOO_LARGE };

/* Gzip members, or one zlib stream, and nothing after them; at most `size_max` bytes come out, into `arena`. */
enum gzip_result gzip_read(struct gzip *gzip, struct arena *arena, slice bytes, size_t size_max,
                           slice *plain);

/* Fast rather than small. */
slice gzip_write(struct gzip *gzip, struct arena *arena, enum gzip_format format, slice plain);

/* Zeroed is the start. */
void gzip_fini(struct gzip *gzip);
