/*
 * Transfer-Encoding: chunked, decoded as strictly as RFC 9112 section 7.1 writes it: lines end
 * with CR LF, sizes are bare hexadecimal digits. What two readers could understand differently
 * is refused. Chunk extensions and trailers are skipped, and bounded together.
 */
#pragma once
#include "base/slice.h"

enum chunked_state {
    CHUNKED_SIZE,
    CHUNKED_EXTENSION,
    CHUNKED_SIZE_LF,
    CHUNKED_DATA,
    CHUNKED_DATA_CR,
    CHUNKED_DATA_LF,
    CHUNKED_TRAILER_START,
    CHUNKED_TRAILER,
    CHUNKED_TRAILER_LF,
    CHUNKED_LAST_LF
};

struct chunked {
    enum chunked_state state;
    uint32_t digit_count;
    uint32_t skipped_bytes; /* extensions and trailers so far */
    uint64_t left;          /* bytes of this chunk still to come */
};

enum chunked_result {
    CHUNKED_GAVE_DATA, /* *data holds some; call again with the rest */
    CHUNKED_NEEDS_MORE,
    CHUNKED_ENDED,
    CHUNKED_BROKEN
};

/* Zeroed is the start. Reads from bytes[*used] on and moves *used; *data borrows from `bytes`. */
enum chunked_result chunked_read(struct chunked *chunked, slice bytes, size_t *used, slice *data);
