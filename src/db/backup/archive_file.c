#include "db/backup/archive_file.h"

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/memory.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

static const slice magic = SLICE("statorA1");

/* Before the payload of a block: its size, kind, number in the file, and checksum. */
enum {
    BLOCK_KIND_OFFSET = 4,
    BLOCK_NUMBER_OFFSET = 5,
    BLOCK_CHECKSUM_OFFSET = 9,
    BLOCK_HEAD_BYTES = 17,
    PAYLOAD_BYTES_MAX = 4 * 1024 * 1024,
    BLOCK_FULL_BYTES = 256 * 1024, /* the next image goes into another block */
};

/* An image: kind, time, size, then the item or its key. */
enum image_kind { IMAGE_ITEM = 1, IMAGE_GONE = 2 }; /* stored */
enum { IMAGE_TIME_OFFSET = 1, IMAGE_SIZE_OFFSET = 9, IMAGE_HEAD_BYTES = 13 };
_Static_assert(BLOCK_HEAD_BYTES == 17 && IMAGE_HEAD_BYTES == 13, "archives are frozen on disk");

static uint64_t checksum_of(const char *head, slice payload)
{
    uint64_t seed = XXH3_64bits(head, BLOCK_CHECKSUM_OFFSET);
    return XXH3_64bits_withSeed(payload.data, payload.size, seed);
}

static error cannot(struct arena *arena, const char *what, const char *path)
{
    return fail(arena, ERROR_STORAGE, "cannot %s %s: %s", what, path, strerror(errno));
}

static const char *path_of(struct arena *arena, slice directory, slice name, const char *ending)
{
    return arena_format(arena, "%.*s/%.*s%s%c", SLICE_ARGS(directory), SLICE_ARGS(name), ending, 0)
        .data;
}

/* What was renamed or removed in a directory is so after a power cut once it was synced. */
static error sync_directory(struct arena *arena, slice directory)
{
    const char *path = path_of(arena, directory, SLICE("."), "");
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return cannot(arena, "open", path);
    int failed = fsync(descriptor);
    close(descriptor);
    return failed ? cannot(arena, "sync", path) : NULL;
}

/* ---- writing ---- */

struct archive_writer {
    struct arena arena; /* of the paths and the block that is being filled */
    slice directory;
    const char *path;
    const char *temporary_path;
    FILE *file;
    struct buffer images;
    uint32_t block_count;
    uint64_t image_count;
};

static error write_block(struct archive_writer *writer, struct arena *arena,
                         enum archive_block kind, slice payload)
{
    char head[BLOCK_HEAD_BYTES];
    bytes_put_u32(head, (uint32_t)payload.size);
    head[BLOCK_KIND_OFFSET] = (char)kind;
    bytes_put_u32(head + BLOCK_NUMBER_OFFSET, writer->block_count++);
    bytes_put_u64(head + BLOCK_CHECKSUM_OFFSET, checksum_of(head, payload));
    if (fwrite(head, sizeof head, 1, writer->file) != 1 ||
        fwrite(payload.data, 1, payload.size, writer->file) != payload.size)
        return cannot(arena, "write", writer->temporary_path);
    return NULL;
}

error archive_create(struct arena *arena, slice directory, slice name, slice head,
                     struct archive_writer **created)
{
    struct archive_writer *writer = memory_alloc_zeroed(sizeof *writer);
    arena_init(&writer->arena, NULL);
    writer->directory = arena_copy(&writer->arena, directory);
    writer->path = path_of(&writer->arena, directory, name, "");
    writer->temporary_path = path_of(&writer->arena, directory, name, ".tmp");
    buffer_init(&writer->images, &writer->arena);
    writer->file = fopen(writer->temporary_path, "we");
    error failure = NULL;
    if (!writer->file)
        failure = cannot(arena, "create", writer->temporary_path);
    else if (fwrite(magic.data, magic.size, 1, writer->file) != 1)
        failure = cannot(arena, "write", writer->temporary_path);
    else
        failure = write_block(writer, arena, ARCHIVE_HEAD, head);
    if (failure) {
        archive_abandon(writer);
        return failure;
    }
    *created = writer;
    return NULL;
}

static error flush_images(struct archive_writer *writer, struct arena *arena)
{
    if (writer->images.size == 0)
        return NULL;
    TRY(write_block(writer, arena, ARCHIVE_IMAGES, buffer_slice(&writer->images)));
    writer->images.size = 0;
    return NULL;
}

error archive_add(struct archive_writer *writer, struct arena *arena,
                  const struct archive_image *image)
{
    char head[IMAGE_HEAD_BYTES];
    head[0] = image->is_gone ? IMAGE_GONE : IMAGE_ITEM;
    bytes_put_u64(head + IMAGE_TIME_OFFSET, (uint64_t)image->time_ms);
    bytes_put_u32(head + IMAGE_SIZE_OFFSET, (uint32_t)image->item.size);
    buffer_append(&writer->images, slice_of(head, sizeof head));
    buffer_append(&writer->images, image->item);
    writer->image_count++;
    return writer->images.size < BLOCK_FULL_BYTES ? NULL : flush_images(writer, arena);
}

uint64_t archive_image_count(const struct archive_writer *writer)
{
    return writer->image_count;
}

static void writer_free(struct archive_writer *writer)
{
    if (writer->file)
        fclose(writer->file);
    arena_fini(&writer->arena);
    free(writer);
}

static error finish(struct archive_writer *writer, struct arena *arena)
{
    char counts[8];
    bytes_put_u64(counts, writer->image_count);
    TRY(flush_images(writer, arena));
    TRY(write_block(writer, arena, ARCHIVE_END, slice_of(counts, sizeof counts)));
    if (fflush(writer->file) != 0 || fsync(fileno(writer->file)) != 0)
        return cannot(arena, "sync", writer->temporary_path);
    if (rename(writer->temporary_path, writer->path) != 0)
        return cannot(arena, "rename", writer->temporary_path);
    return sync_directory(arena, writer->directory);
}

error archive_finish(struct archive_writer *writer, struct arena *arena)
{
    error failure = finish(writer, arena);
    if (failure)
        unlink(writer->temporary_path);
    writer_free(writer);
    return failure;
}

void archive_abandon(struct archive_writer *writer)
{
    if (writer->file)
        unlink(writer->temporary_path);
    writer_free(writer);
}

error archive_remove(struct arena *arena, slice directory, slice name)
{
    const char *path = path_of(arena, directory, name, "");
    if (unlink(path) != 0 && errno != ENOENT)
        return cannot(arena, "remove", path);
    return sync_directory(arena, directory);
}

/* ---- reading ---- */

struct archive_reader {
    FILE *file;
    const char *path;
    uint64_t offset;       /* of the block that is being read */
    uint64_t next_offset;
    uint32_t block_count;
    uint64_t image_count;
};

static void close_reader(void *object)
{
    struct archive_reader *reader = object;
    fclose(reader->file);
}

error archive_damaged(const struct archive_reader *reader, struct arena *arena, const char *what)
{
    return fail(arena, ERROR_CORRUPT, "the archive %s is damaged at offset %llu: %s", reader->path,
                (unsigned long long)reader->offset, what);
}

static error read_bytes(struct archive_reader *reader, struct arena *arena, void *to, size_t size)
{
    if (fread(to, 1, size, reader->file) == size)
        return NULL;
    if (ferror(reader->file))
        return cannot(arena, "read", reader->path);
    return archive_damaged(reader, arena, "it ends too early");
}

static error read_block(struct archive_reader *reader, struct arena *arena,
                        enum archive_block *kind, slice *payload)
{
    char head[BLOCK_HEAD_BYTES];
    reader->offset = reader->next_offset;
    TRY(read_bytes(reader, arena, head, sizeof head));
    uint32_t size = bytes_get_u32(head);
    if (size > PAYLOAD_BYTES_MAX)
        return archive_damaged(reader, arena, "a block is too large");
    char *bytes = arena_alloc_bytes(arena, size);
    TRY(read_bytes(reader, arena, bytes, size));
    *payload = slice_of(bytes, size);
    if (checksum_of(head, *payload) != bytes_get_u64(head + BLOCK_CHECKSUM_OFFSET))
        return archive_damaged(reader, arena, "a checksum does not fit");
    if (bytes_get_u32(head + BLOCK_NUMBER_OFFSET) != reader->block_count++)
        return archive_damaged(reader, arena, "a block is missing");
    *kind = (enum archive_block)head[BLOCK_KIND_OFFSET];
    reader->next_offset += sizeof head + size;
    return NULL;
}

error archive_open(struct arena *arena, slice directory, slice name, struct archive_reader **opened,
                   slice *head)
{
    struct archive_reader *reader = arena_new(arena, struct archive_reader);
    reader->path = path_of(arena, directory, name, "");
    reader->file = fopen(reader->path, "re");
    if (!reader->file)
        return cannot(arena, "open", reader->path);
    arena_defer(arena, close_reader, reader);
    char begin[8];
    TRY(read_bytes(reader, arena, begin, sizeof begin));
    if (!slice_equal(slice_of(begin, sizeof begin), magic))
        return archive_damaged(reader, arena, "it is no archive of this version");
    reader->next_offset = sizeof begin;
    enum archive_block kind;
    TRY(read_block(reader, arena, &kind, head));
    if (kind != ARCHIVE_HEAD)
        return archive_damaged(reader, arena, "it has no head");
    *opened = reader;
    return NULL;
}

static error read_end(struct archive_reader *reader, struct arena *arena, slice payload)
{
    if (payload.size != 8 || bytes_get_u64(payload.data) != reader->image_count)
        return archive_damaged(reader, arena, "it does not have all of its images");
    if (fgetc(reader->file) != EOF)
        return archive_damaged(reader, arena, "something stands behind its end");
    return NULL;
}

/* The image at the front of the payload, which moves behind it. */
static bool read_image(slice *payload, struct archive_image *image)
{
    if (payload->size < IMAGE_HEAD_BYTES)
        return false;
    const char *head = payload->data;
    size_t size = bytes_get_u32(head + IMAGE_SIZE_OFFSET);
    slice rest = slice_from(*payload, IMAGE_HEAD_BYTES);
    if (size > rest.size || size == 0 || (head[0] != IMAGE_ITEM && head[0] != IMAGE_GONE))
        return false;
    *image = (struct archive_image){
        .item = slice_first(rest, size),
        .is_gone = head[0] == IMAGE_GONE,
        .time_ms = (int64_t)bytes_get_u64(head + IMAGE_TIME_OFFSET),
    };
    *payload = slice_from(rest, size);
    return true;
}

error archive_next(struct archive_reader *reader, struct arena *arena,
                   const struct archive_image **images, uint32_t *count)
{
    enum archive_block kind;
    slice payload;
    *count = 0;
    TRY(read_block(reader, arena, &kind, &payload));
    if (kind == ARCHIVE_END)
        return read_end(reader, arena, payload);
    if (kind != ARCHIVE_IMAGES || payload.size == 0)
        return archive_damaged(reader, arena, "a block is of an unknown kind");
    struct archive_image *read =
        arena_new_array(arena, struct archive_image, payload.size / (IMAGE_HEAD_BYTES + 1));
    while (payload.size > 0) {
        if (!read_image(&payload, &read[*count]))
            return archive_damaged(reader, arena, "an image is none");
        ++*count;
    }
    reader->image_count += *count;
    *images = read;
    return NULL;
}

uint64_t archive_size(struct arena *arena, slice directory, slice name)
{
    struct stat status;
    return stat(path_of(arena, directory, name, ""), &status) == 0 ? (uint64_t)status.st_size : 0;
}

error archive_prove(struct arena *arena, slice directory, slice name, uint64_t bytes_max)
{
    SCOPED_ARENA(of_reader);
    struct archive_reader *reader;
    struct stat status;
    slice head;
    error failure = archive_open(&of_reader, directory, name, &reader, &head);
    bool more = !failure && fstat(fileno(reader->file), &status) == 0 &&
                (uint64_t)status.st_size <= bytes_max;
    while (!failure && more) {
        SCOPED_ARENA(of_block);
        const struct archive_image *images;
        uint32_t count;
        failure = archive_next(reader, &of_block, &images, &count);
        more = count > 0;
        failure = error_keep(arena, failure);
    }
    return error_keep(arena, failure);
}
