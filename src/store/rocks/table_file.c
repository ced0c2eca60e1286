#include "store/rocks/table_file.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

/*
 * A table ends with its metaindex and its footer, and the properties stand before them.
 *
 * Footer: kind of checksum (1), place of the metaindex, place of the index, filler, version (4),
 * magic (8). A place is two varints: offset, and bytes without the trailer.
 * Block: entries, positions of restarts (4 each), their count (4); a trailer follows.
 * Trailer: kind of compression (1), checksum of block and kind (4).
 * Entry: bytes shared with the entry before (none here), bytes of the rest of the key, bytes of the
 * value, all varints; key; value.
 */
enum {
    FOOTER_BYTES = 53,
    FOOTER_PLACES = 1,
    MAGIC_BYTES = 8,
    TRAILER_BYTES = 5,
    METAINDEX_BYTES_MAX = 64 * 1024,   /* it has a few entries of some 30 bytes */
    PROPERTIES_BYTES_MAX = 256 * 1024, /* they have a kilobyte or two */
};
static const slice magic = SLICE("\xf7\xcf\xf4\x85\xb7\x41\xe2\x88");

struct place {
    uint64_t offset;
    uint64_t size;
};

/* Takes a varint from the front of `rest`. */
static bool take_varint(slice *rest, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 64 && rest->size > 0; shift += 7) {
        uint8_t byte = (uint8_t)rest->data[0];
        *rest = slice_from(*rest, 1);
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

static bool take_bytes(slice *rest, uint64_t size, slice *bytes)
{
    if (size > rest->size)
        return false;
    *bytes = slice_first(*rest, (size_t)size);
    *rest = slice_from(*rest, (size_t)size);
    return true;
}

static bool take_place(slice *rest, struct place *place)
{
    return take_varint(rest, &place->offset) && take_varint(rest, &place->size);
}

static bool take_entry(slice *rest, slice *key, slice *value)
{
    uint64_t shared, key_bytes, value_bytes;
    return take_varint(rest, &shared) && take_varint(rest, &key_bytes) &&
           take_varint(rest, &value_bytes) && shared == 0 && take_bytes(rest, key_bytes, key) &&
           take_bytes(rest, value_bytes, value);
}

static bool find_properties(slice metaindex, struct place *place)
{
    slice key, value;
    while (take_entry(&metaindex, &key, &value)) {
        if (slice_equal(key, SLICE("rocksdb.properties")))
            return take_place(&value, place);
    }
    return false;
}

/* The kind of compression is the last byte of what is summed, and is mixed in by itself. */
static bool is_as_summed(slice block_and_trailer)
{
    static const uint32_t odd_factor = 0x6b9083d9;
    size_t size = block_and_trailer.size - TRAILER_BYTES;
    const char *trailer = block_and_trailer.data + size;
    uint32_t sum = (uint32_t)XXH3_64bits(block_and_trailer.data, size);
    uint32_t kept;
    memcpy(&kept, trailer + 1, sizeof kept);
    return (sum ^ (uint8_t)trailer[0] * odd_factor) == le32toh(kept);
}

/* ---- reading ---- */

struct table_file {
    const char *path;
    int file;
    uint64_t size;
};

/* `found`: the place lies in the file, and `bytes` are what stands there. */
static error read_at(struct arena *arena, const struct table_file *table, struct place place,
                     bool *found, slice *bytes)
{
    *found = place.offset <= table->size && place.size <= table->size - place.offset;
    if (!*found)
        return NULL;
    char *into = arena_alloc_bytes(arena, (size_t)place.size);
    ssize_t size = pread(table->file, into, (size_t)place.size, (off_t)place.offset);
    if (size < 0)
        return fail(arena, ERROR_STORAGE, "%s cannot be read: %s", table->path, strerror(errno));
    *found = (uint64_t)size == place.size;
    *bytes = slice_of(into, (size_t)size);
    return NULL;
}

static error inspect(struct arena *arena, const struct table_file *table, bool *damaged)
{
    slice bytes;
    bool found = table->size >= FOOTER_BYTES;
    struct place place = {found ? table->size - FOOTER_BYTES : 0, FOOTER_BYTES};
    if (found)
        TRY(read_at(arena, table, place, &found, &bytes));
    if (!found || bytes.data[0] != TABLE_FILE_XXH3 ||
        !slice_equal(slice_from(bytes, FOOTER_BYTES - MAGIC_BYTES), magic))
        return NULL;
    bytes = slice_from(bytes, FOOTER_PLACES);
    if (!take_place(&bytes, &place) || place.size > METAINDEX_BYTES_MAX)
        return NULL;
    TRY(read_at(arena, table, place, &found, &bytes));
    if (!found || !find_properties(bytes, &place) || place.size > PROPERTIES_BYTES_MAX)
        return NULL;
    place.size += TRAILER_BYTES;
    TRY(read_at(arena, table, place, &found, &bytes));
    *damaged = found && !is_as_summed(bytes);
    return NULL;
}

error table_file_inspect(struct arena *arena, const char *path, bool *damaged)
{
    *damaged = false;
    struct table_file table = {.path = path, .file = open(path, O_RDONLY | O_CLOEXEC)};
    struct stat status;
    if (table.file < 0 || fstat(table.file, &status) != 0) {
        error failed = fail(arena, ERROR_STORAGE, "%s cannot be read: %s", path, strerror(errno));
        if (table.file >= 0)
            close(table.file);
        return failed;
    }
    table.size = (uint64_t)status.st_size;
    error failed = inspect(arena, &table, damaged);
    close(table.file);
    return failed;
}
