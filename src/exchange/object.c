#include "exchange/object.h"

#include "base/assert.h"
#include "base/memory.h"
#include "exchange/bucket.h"
#include "exchange/md5.h"
#include "json/base64.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

enum {
    OUTPUT_BYTES = 64 * 1024,
    GZIP_LEVEL = 6,
    GZIP_WINDOW_BITS = 15 + 16, /* zlib: with the head and the end of a gzip file */
    GZIP_MEMORY_LEVEL = 8,
    INPUT_BYTES_MAX = 1 << 30, /* of one call of zlib, which counts in 32 bits */
};

struct object_writer {
    struct arena arena; /* of the names */
    int folder;
    int file;
    const char *name;
    const char *temporary_name;
    enum object_compression compression;
    z_stream stream;
    struct md5 md5;
    size_t output_bytes; /* that are filled */
    char output[OUTPUT_BYTES];
};

static error flush(struct object_writer *writer, struct arena *arena)
{
    slice left = slice_of(writer->output, writer->output_bytes);
    md5_add(&writer->md5, left);
    while (left.size > 0) {
        ssize_t written = write(writer->file, left.data, left.size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return bucket_failure(arena, "write", slice_of_string(writer->name));
        left = slice_from(left, (size_t)written);
    }
    writer->output_bytes = 0;
    return NULL;
}

error object_create(struct arena *arena, int folder, slice name,
                    enum object_compression compression, struct object_writer **created)
{
    struct object_writer *writer = memory_alloc_zeroed(sizeof *writer);
    arena_init(&writer->arena, NULL);
    writer->folder = folder;
    writer->compression = compression;
    writer->name = arena_format(&writer->arena, "%.*s%c", SLICE_ARGS(name), 0).data;
    writer->temporary_name = arena_format(&writer->arena, "%.*s.tmp%c", SLICE_ARGS(name), 0).data;
    md5_init(&writer->md5);
    if (compression == OBJECT_GZIP) {
        int answer = deflateInit2(&writer->stream, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW_BITS,
                                  GZIP_MEMORY_LEVEL, Z_DEFAULT_STRATEGY);
        assert_that(answer == Z_OK);
    }
    writer->file = openat(folder, writer->temporary_name,
                          O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (writer->file < 0) {
        error failure = bucket_failure(arena, "create", name);
        object_abandon(writer);
        return failure;
    }
    *created = writer;
    return NULL;
}

static error add_plain(struct object_writer *writer, struct arena *arena, slice bytes)
{
    while (bytes.size > 0) {
        size_t room = OUTPUT_BYTES - writer->output_bytes;
        size_t taken = room < bytes.size ? room : bytes.size;
        memcpy(writer->output + writer->output_bytes, bytes.data, taken);
        writer->output_bytes += taken;
        bytes = slice_from(bytes, taken);
        if (writer->output_bytes == OUTPUT_BYTES)
            TRY(flush(writer, arena));
    }
    return NULL;
}

static error deflate_bytes(struct object_writer *writer, struct arena *arena, slice bytes, int mode)
{
    z_stream *stream = &writer->stream;
    int answer = Z_OK;
    stream->next_in = (unsigned char *)(uintptr_t)bytes.data;
    stream->avail_in = (unsigned)bytes.size;
    do {
        stream->next_out = (unsigned char *)writer->output + writer->output_bytes;
        stream->avail_out = (unsigned)(OUTPUT_BYTES - writer->output_bytes);
        answer = deflate(stream, mode);
        assert_that(answer != Z_STREAM_ERROR);
        writer->output_bytes = OUTPUT_BYTES - stream->avail_out;
        if (writer->output_bytes == OUTPUT_BYTES)
            TRY(flush(writer, arena));
    } while (mode == Z_FINISH ? answer != Z_STREAM_END : stream->avail_in > 0);
    return NULL;
}

error object_add(struct object_writer *writer, struct arena *arena, slice bytes)
{
    if (writer->compression == OBJECT_PLAIN)
        return add_plain(writer, arena, bytes);
    while (bytes.size > INPUT_BYTES_MAX) {
        TRY(deflate_bytes(writer, arena, slice_first(bytes, INPUT_BYTES_MAX), Z_NO_FLUSH));
        bytes = slice_from(bytes, INPUT_BYTES_MAX);
    }
    return deflate_bytes(writer, arena, bytes, Z_NO_FLUSH);
}

static void writer_free(struct object_writer *writer)
{
    if (writer->file >= 0)
        close(writer->file);
    if (writer->compression == OBJECT_GZIP)
        deflateEnd(&writer->stream);
    arena_fini(&writer->arena);
    free(writer);
}

static slice base64_of(struct arena *arena, slice bytes)
{
    char *text = arena_alloc_bytes(arena, base64_encoded_size(bytes.size));
    base64_encode(bytes, text);
    return slice_of(text, base64_encoded_size(bytes.size));
}

/* The MD5 of the MD5s of all parts, which is one, and how many they are. */
static slice etag_of(struct arena *arena, slice md5_of_part)
{
    struct md5 md5;
    char sum[MD5_BYTES];
    char hex[2 * MD5_BYTES + 1];
    md5_init(&md5);
    md5_add(&md5, md5_of_part);
    md5_finish(&md5, sum);
    for (unsigned i = 0; i < MD5_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", (unsigned)(unsigned char)sum[i]);
    return arena_format(arena, "%s-1", hex);
}

static error finish(struct object_writer *writer, struct arena *arena, struct object_sums *sums)
{
    char sum[MD5_BYTES];
    if (writer->compression == OBJECT_GZIP)
        TRY(deflate_bytes(writer, arena, SLICE(""), Z_FINISH));
    TRY(flush(writer, arena));
    sums->bytes = (int64_t)writer->md5.byte_count;
    md5_finish(&writer->md5, sum);
    sums->md5 = base64_of(arena, slice_of(sum, sizeof sum));
    sums->etag = etag_of(arena, slice_of(sum, sizeof sum));
    if (fsync(writer->file) != 0)
        return bucket_failure(arena, "sync", slice_of_string(writer->name));
    if (renameat(writer->folder, writer->temporary_name, writer->folder, writer->name) != 0)
        return bucket_failure(arena, "rename", slice_of_string(writer->name));
    return NULL;
}

error object_finish(struct object_writer *writer, struct arena *arena, struct object_sums *sums)
{
    error failure = finish(writer, arena, sums);
    if (failure)
        unlinkat(writer->folder, writer->temporary_name, 0);
    writer_free(writer);
    return failure;
}

void object_abandon(struct object_writer *writer)
{
    if (writer->file >= 0)
        unlinkat(writer->folder, writer->temporary_name, 0);
    writer_free(writer);
}

error object_write(struct arena *arena, int folder, slice name, slice bytes,
                   struct object_sums *sums)
{
    struct object_writer *writer;
    struct object_sums unasked;
    TRY(object_create(arena, folder, name, OBJECT_PLAIN, &writer));
    error failure = object_add(writer, arena, bytes);
    if (!failure)
        return object_finish(writer, arena, sums ? sums : &unasked);
    object_abandon(writer);
    return failure;
}
