#include "http/gzip.h"

#include "base/assert.h"

enum {
    READER_WINDOW_BITS = 15 + 32, /* 32: whichever of the two it is */
    MEMORY_LEVEL = 8,
    LEVEL = 1,
};
static const int window_bits[GZIP_FORMAT_COUNT] = {[GZIP_MEMBER] = 15 + 16, [GZIP_ZLIB] = 15};
enum { OUTPUT_BYTES_FIRST = 4096, OUTPUT_GROWTH = 4 };

/* Each step is four times the last, so that the arena holds a third more than the result. */
static void grow(struct arena *arena, z_stream *stream, slice *output, size_t size_max)
{
    size_t done = output->size - stream->avail_out;
    size_t size = output->size ? output->size * OUTPUT_GROWTH : OUTPUT_BYTES_FIRST;
    if (size > size_max)
        size = size_max;
    char *bytes = arena_alloc_bytes(arena, size);
    if (done > 0)
        memcpy(bytes, output->data, done);
    *output = slice_of(bytes, size);
    stream->next_out = (Bytef *)bytes + done;
    stream->avail_out = (uInt)(size - done);
}

static void start(z_stream *stream, slice bytes)
{
    assert_that(bytes.size <= UINT32_MAX);
    stream->next_in = (Bytef *)(uintptr_t)bytes.data;
    stream->avail_in = (uInt)bytes.size;
    stream->avail_out = 0;
}

enum gzip_result gzip_read(struct gzip *gzip, struct arena *arena, slice bytes, size_t size_max,
                           slice *plain)
{
    z_stream *stream = &gzip->reader;
    int code = gzip->reader_ready ? inflateReset(stream) : inflateInit2(stream, READER_WINDOW_BITS);
    assert_that(code == Z_OK);
    gzip->reader_ready = true;

    slice output = SLICE_NONE;
    start(stream, bytes);
    do {
        if (stream->avail_out == 0) {
            if (output.size > size_max)
                return GZIP_TOO_LARGE;
            /* One byte more than allowed tells a body that ends there from one that goes on. */
            grow(arena, stream, &output, size_max + 1);
        }
        code = inflate(stream, Z_NO_FLUSH);
        if (code != Z_OK && code != Z_STREAM_END)
            return GZIP_BROKEN;
        bool is_followed = code == Z_STREAM_END && stream->avail_in > 0;
        if (is_followed) /* by another member, or what follows is broken */
            code = inflateReset(stream);
    } while (code != Z_STREAM_END);
    *plain = slice_first(output, output.size - stream->avail_out);
    return plain->size > size_max ? GZIP_TOO_LARGE : GZIP_DONE;
}

slice gzip_write(struct gzip *gzip, struct arena *arena, enum gzip_format format, slice plain)
{
    z_stream *stream = &gzip->writers[format];
    int code = gzip->writer_ready[format]
                   ? deflateReset(stream)
                   : deflateInit2(stream, LEVEL, Z_DEFLATED, window_bits[format], MEMORY_LEVEL,
                                  Z_DEFAULT_STRATEGY);
    assert_that(code == Z_OK);
    gzip->writer_ready[format] = true;

    slice output = SLICE_NONE;
    start(stream, plain);
    do {
        if (stream->avail_out == 0)
            grow(arena, stream, &output, SIZE_MAX);
        code = deflate(stream, Z_FINISH);
        assert_that(code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR);
    } while (code != Z_STREAM_END);
    return slice_first(output, output.size - stream->avail_out);
}

void gzip_fini(struct gzip *gzip)
{
    if (gzip->reader_ready)
        inflateEnd(&gzip->reader);
    for (int format = 0; format < GZIP_FORMAT_COUNT; format++) {
        if (gzip->writer_ready[format])
            deflateEnd(&gzip->writers[format]);
    }
    *gzip = (struct gzip){0};
}
