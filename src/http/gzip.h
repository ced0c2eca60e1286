/* Gzip of whole bodies, both ways. The streams are kept between bodies, one pair for each loop. */
#pragma once
#include "base/arena.h"
#include <zlib.h>

struct gzip {
    z_stream reader;
    z_stream writer;
    bool reader_ready;
    bool writer_ready;
};

enum gzip_result { GZIP_DONE, GZIP_BROKEN, GZIP_TOO_LARGE };

/* Gzip members, or one zlib stream, and nothing after them; at most `size_max` bytes come out, into `arena`. */
enum gzip_result gzip_read(struct gzip *gzip, struct arena *arena, slice bytes, size_t size_max,
                           slice *plain);

/* Fast rather than small. */
slice gzip_write(struct gzip *gzip, struct arena *arena, slice plain);

/* Zeroed is the start. */
void gzip_fini(struct gzip *gzip);
