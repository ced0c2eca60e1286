#include "exchange/source.h"

#include "base/assert.h"
#include <errno.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum {
    INPUT_BYTES = 64 * 1024,
    GZIP_WINDOW_BITS = 15 + 16, /* 16: gzip, not zlib */
    ZSTD_WINDOW_LOG_MAX = 27,   /* 128 MB: what zstd itself reads without being asked for more */
};

struct source {
    int descriptor;
    slice name;
    enum compression compression;
    bool at_end;         /* of the file */
    bool is_between;     /* of members or frames: the file may end here */
    uint64_t read_bytes; /* of the file */
    size_t begin, end;   /* of what is left in `input` */
    z_stream gzip;
    ZSTD_DStream *zstd;
    char input[INPUT_BYTES];
};

static void source_close(void *opened)
{
    struct source *source = opened;
    if (source->compression == COMPRESSION_GZIP)
        inflateEnd(&source->gzip);
    if (source->zstd)
        ZSTD_freeDStream(source->zstd);
    close(source->descriptor);
}

struct source *source_open(struct arena *arena, int descriptor, slice name,
                           enum compression compression)
{
    struct source *source = arena_new(arena, struct source);
    source->descriptor = descriptor;
    source->name = name;
    source->compression = compression;
    source->is_between = true;
    if (compression == COMPRESSION_GZIP) {
        int code = inflateInit2(&source->gzip, GZIP_WINDOW_BITS);
        assert_that(code == Z_OK);
    } else if (compression == COMPRESSION_ZSTD) {
        source->zstd = ZSTD_createDStream();
        assert_that(source->zstd);
        ZSTD_DCtx_setParameter(source->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG_MAX);
    }
    arena_defer(arena, source_close, source);
    return source;
}

static error read_file(struct source *source, struct arena *arena, char *to, size_t size,
                       size_t *got)
{
    ssize_t count;
    do
        count = read(source->descriptor, to, size);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return fail(arena, ERROR_STORAGE, "%.*s cannot be read: %s", SLICE_ARGS(source->name),
                    strerror(errno));
    *got = (size_t)count;
    source->read_bytes += (size_t)count;
    source->at_end = count == 0;
    return NULL;
}

static error damaged(struct source *source, struct arena *arena, const char *format,
                     const char *why)
{
    return fail(arena, ERROR_CORRUPT, "%.*s: byte %llu of the file: it is no whole %s file (%s)",
                SLICE_ARGS(source->name),
                (unsigned long long)(source->read_bytes - (source->end - source->begin)), format,
                why);
}

static error refill(struct source *source, struct arena *arena)
{
    if (source->begin < source->end || source->at_end)
        return NULL;
    source->begin = source->end = 0;
    return read_file(source, arena, source->input, INPUT_BYTES, &source->end);
}

/* Members that follow one another are one file, as gzip itself reads it. */
static error inflate_step(struct source *source, struct arena *arena, char *to, size_t size,
                          size_t *got)
{
    z_stream *stream = &source->gzip;
    if (source->is_between && inflateReset(stream) != Z_OK)
        return damaged(source, arena, "gzip", "zlib");
    source->is_between = false;
    stream->next_in = (Bytef *)source->input + source->begin;
    stream->avail_in = (uInt)(source->end - source->begin);
    stream->next_out = (Bytef *)to;
    stream->avail_out = (uInt)size;
    int code = inflate(stream, Z_NO_FLUSH);
    source->begin = source->end - stream->avail_in;
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
        return damaged(source, arena, "gzip", stream->msg ? stream->msg : "damaged");
    source->is_between = code == Z_STREAM_END;
    *got = size - stream->avail_out;
    return NULL;
}

static error decompress_step(struct source *source, struct arena *arena, char *to, size_t size,
                             size_t *got)
{
    ZSTD_inBuffer input = {source->input, source->end, source->begin};
    ZSTD_outBuffer output = {to, size, 0};
    size_t code = ZSTD_decompressStream(source->zstd, &output, &input);
    source->begin = input.pos;
    if (ZSTD_isError(code))
        return damaged(source, arena, "zstd", ZSTD_getErrorName(code));
    source->is_between = code == 0;
    *got = output.pos;
    return NULL;
}

error source_read(struct source *source, struct arena *arena, char *to, size_t size, size_t *got)
{
    bool is_gzip = source->compression == COMPRESSION_GZIP;
    *got = 0;
    assert_that(size > 0 && size <= UINT32_MAX);
    if (source->compression == COMPRESSION_NONE)
        return source->at_end ? NULL : read_file(source, arena, to, size, got);
    while (*got == 0) {
        TRY(refill(source, arena));
        bool is_empty = source->begin == source->end;
        if (is_empty && source->is_between)
            return NULL;
        TRY(is_gzip ? inflate_step(source, arena, to, size, got)
                    : decompress_step(source, arena, to, size, got));
        if (is_empty && *got == 0 && !source->is_between)
            return damaged(source, arena, is_gzip ? "gzip" : "zstd", "it ends too soon");
    }
    return NULL;
}
