#include "store/rocks/journal.h"

#include "store/rocks/crc32c.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { BLOCK_BYTES = 32 * 1024, HEADER_BYTES = 7 };

enum fragment_type { FRAGMENT_FULL = 1, FRAGMENT_FIRST, FRAGMENT_MIDDLE, FRAGMENT_LAST };

struct fragment {
    uint32_t checksum;
    uint32_t payload_bytes;
    uint8_t type; /* enum fragment_type, or anything when damaged */
};

struct block {
    uint64_t offset;
    size_t size; /* less than BLOCK_BYTES: the last one */
    uint8_t bytes[BLOCK_BYTES];
};

/* ---- fragments ---- */

static struct fragment header_at(const struct block *block, size_t position)
{
    const uint8_t *at = block->bytes + position;
    return (struct fragment){
        .checksum = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24,
        .payload_bytes = at[4] | (uint32_t)at[5] << 8,
        .type = at[6],
    };
}

static bool type_is_known(const struct fragment *fragment)
{
    return fragment->type >= FRAGMENT_FULL && fragment->type <= FRAGMENT_LAST;
}

static bool begins_record(const struct fragment *fragment)
{
    return fragment->type == FRAGMENT_FULL || fragment->type == FRAGMENT_FIRST;
}

static bool ends_record(const struct fragment *fragment)
{
    return fragment->type == FRAGMENT_FULL || fragment->type == FRAGMENT_LAST;
}

/* RocksDB masks a stored checksum, so that data holding checksums is checksummed well. */
static bool checksum_holds(const struct block *block, size_t position, uint32_t checksum,
                           size_t payload_bytes)
{
    enum { TYPE_POSITION = 6 };
    uint32_t crc = crc32c(0, block->bytes + position + TYPE_POSITION, 1 + payload_bytes);
    return checksum == ((crc >> 15 | crc << 17) + 0xa282ead8u);
}

static bool fragment_at(const struct block *block, size_t position, struct fragment *fragment)
{
    if (block->size - position < HEADER_BYTES)
        return false;
    *fragment = header_at(block, position);
    return type_is_known(fragment) &&
           fragment->payload_bytes <= block->size - position - HEADER_BYTES &&
           checksum_holds(block, position, fragment->checksum, fragment->payload_bytes);
}

/* ---- what follows damage ---- */

/*
 * Whether what stands at `position` can be an append that was cut off by the end of the file: a
 * sound beginning, all of which would have fitted its block. A whole fragment whose size field was
 * damaged looks the same, except that its checksum still fits what is there.
 */
static bool is_cut_off(const struct block *block, size_t position, bool in_record)
{
    size_t there = block->size - position;
    if (there < HEADER_BYTES)
        return true;
    struct fragment fragment = header_at(block, position);
    size_t end = position + HEADER_BYTES + fragment.payload_bytes;
    if (!type_is_known(&fragment) || begins_record(&fragment) == in_record)
        return false;
    if (end <= block->size || end > BLOCK_BYTES)
        return false;
    if (!ends_record(&fragment) && end != BLOCK_BYTES)
        return false;
    return !checksum_holds(block, position, fragment.checksum, there - HEADER_BYTES);
}

/* Sizes cannot be trusted in the damaged block: try every byte. */
static bool record_begins_after(const struct block *block, size_t position)
{
    struct fragment fragment;
    for (position++; position < block->size; position++) {
        if (fragment_at(block, position, &fragment) && begins_record(&fragment))
            return true;
    }
    return false;
}

/* Blocks after it begin with a fragment. */
static bool record_begins_in(const struct block *block)
{
    struct fragment fragment;
    for (size_t position = 0; fragment_at(block, position, &fragment);
         position += HEADER_BYTES + fragment.payload_bytes) {
        if (begins_record(&fragment))
            return true;
    }
    return false;
}

static bool is_zeros(const struct block *block, size_t position)
{
    while (position < block->size && block->bytes[position] == 0)
        position++;
    return position == block->size;
}

/* ---- the walk ---- */

struct walk {
    int file;
    struct block *block;
    bool in_record;
    struct journal_end *end;
};

static bool read_block(struct walk *walk, uint64_t offset)
{
    struct block *block = walk->block;
    block->offset = offset;
    block->size = 0;
    while (block->size < BLOCK_BYTES) {
        ssize_t got = pread(walk->file, block->bytes + block->size, BLOCK_BYTES - block->size,
                            (off_t)(offset + block->size));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0)
            break;
        block->size += (size_t)got;
    }
    return true;
}

/* Up to the block's end or the first damage, whose position is the result. */
static size_t walk_block(struct walk *walk)
{
    struct block *block = walk->block;
    struct fragment fragment;
    size_t position = 0;
    while (fragment_at(block, position, &fragment) && begins_record(&fragment) != walk->in_record) {
        position += HEADER_BYTES + fragment.payload_bytes;
        walk->in_record = !ends_record(&fragment);
        if (!walk->in_record)
            walk->end->whole_bytes = block->offset + position;
    }
    bool only_filler = block->size == BLOCK_BYTES && block->size - position < HEADER_BYTES;
    return only_filler ? block->size : position;
}

static bool describe_damage(struct walk *walk, size_t position)
{
    struct block *block = walk->block;
    struct journal_end *end = walk->end;
    end->damaged = true;
    end->torn = block->offset + block->size == end->file_bytes &&
                is_cut_off(block, position, walk->in_record);
    end->zeros = is_zeros(block, position);
    end->record_follows = record_begins_after(block, position);
    while (block->offset + block->size < end->file_bytes) {
        if (!read_block(walk, block->offset + BLOCK_BYTES))
            return false;
        if (block->size == 0)
            break;
        end->zeros = end->zeros && is_zeros(block, 0);
        end->record_follows = end->record_follows || record_begins_in(block);
    }
    return true;
}

static bool walk_file(struct walk *walk)
{
    struct journal_end *end = walk->end;
    for (uint64_t offset = 0; offset < end->file_bytes; offset += BLOCK_BYTES) {
        if (!read_block(walk, offset))
            return false;
        size_t position = walk_block(walk);
        if (position < walk->block->size)
            return describe_damage(walk, position);
    }
    if (walk->in_record) /* cut off between two fragments */
        end->damaged = end->torn = true;
    return true;
}

error journal_inspect(struct arena *arena, const char *path, struct journal_end *end)
{
    *end = (struct journal_end){0};
    int file = open(path, O_RDONLY | O_CLOEXEC);
    off_t file_bytes = file < 0 ? -1 : lseek(file, 0, SEEK_END);
    bool was_read = file_bytes >= 0;
    if (was_read) {
        end->file_bytes = (uint64_t)file_bytes;
        struct walk walk = {.file = file, .block = arena_new(arena, struct block), .end = end};
        was_read = walk_file(&walk);
    }
    int number = errno;
    if (file >= 0)
        close(file);
    if (!was_read)
        return fail(arena, ERROR_STORAGE, "%s cannot be read: %s", path, strerror(number));
    return NULL;
}
