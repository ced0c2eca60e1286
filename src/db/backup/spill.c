#include "db/backup/spill.h"

#include "base/memory.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHUNK_BYTES = 32 * 1024 }; /* the next run goes into another chunk */

struct chunk {
    uint64_t offset;
    uint64_t size;
};

struct part {
    char *bytes; /* of the chunk that is being filled */
    size_t size;
    size_t capacity;
    struct chunk *chunks;
    uint32_t chunk_count;
    uint32_t chunk_capacity;
};

struct spill {
    int file;
    uint64_t size;
    struct part *parts;
    uint32_t part_count;
};

static error cannot(struct arena *arena, const char *what)
{
    return fail(arena, ERROR_STORAGE, "cannot %s a temporary file: %s", what, strerror(errno));
}

static void spill_close(void *object)
{
    struct spill *spill = object;
    for (uint32_t i = 0; i < spill->part_count; i++) {
        free(spill->parts[i].bytes);
        free(spill->parts[i].chunks);
    }
    free(spill->parts);
    close(spill->file);
    free(spill);
}

error spill_open(struct arena *arena, slice directory, uint32_t part_count, struct spill **opened)
{
    char *path = (char *)arena_format(arena, "%.*s/spill-XXXXXX%c", SLICE_ARGS(directory), 0).data;
    int file = mkostemp(path, O_CLOEXEC);
    if (file < 0)
        return cannot(arena, "make");
    unlink(path);
    struct spill *spill = memory_alloc_zeroed(sizeof *spill);
    spill->file = file;
    spill->part_count = part_count;
    spill->parts = memory_alloc_zeroed(part_count * sizeof *spill->parts);
    arena_defer(arena, spill_close, spill);
    *opened = spill;
    return NULL;
}

static void add_chunk(struct part *part, struct chunk chunk)
{
    if (part->chunk_count == part->chunk_capacity) {
        part->chunk_capacity = part->chunk_capacity ? 2 * part->chunk_capacity : 8;
        part->chunks = memory_realloc(part->chunks, part->chunk_capacity * sizeof *part->chunks);
    }
    part->chunks[part->chunk_count++] = chunk;
}

static error flush(struct spill *spill, struct arena *arena, struct part *part)
{
    for (size_t done = 0; done < part->size;) {
        ssize_t written = pwrite(spill->file, part->bytes + done, part->size - done,
                                 (off_t)(spill->size + done));
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return cannot(arena, "write");
        done += (size_t)written;
    }
    if (part->size > 0)
        add_chunk(part, (struct chunk){spill->size, part->size});
    spill->size += part->size;
    part->size = 0;
    return NULL;
}

static void append(struct part *part, slice bytes)
{
    if (part->capacity - part->size < bytes.size) {
        size_t wanted = part->size + bytes.size;
        part->capacity = wanted > CHUNK_BYTES ? wanted : CHUNK_BYTES;
        part->bytes = memory_realloc(part->bytes, part->capacity);
    }
    memcpy(part->bytes + part->size, bytes.data, bytes.size);
    part->size += bytes.size;
}

error spill_add(struct spill *spill, struct arena *arena, uint32_t index, slice head, slice body)
{
    struct part *part = &spill->parts[index];
    if (part->size + head.size + body.size > CHUNK_BYTES)
        TRY(flush(spill, arena, part));
    append(part, head);
    append(part, body);
    return NULL;
}

error spill_end(struct spill *spill, struct arena *arena)
{
    for (uint32_t i = 0; i < spill->part_count; i++) {
        struct part *part = &spill->parts[i];
        TRY(flush(spill, arena, part));
        free(part->bytes);
        part->bytes = NULL;
        part->capacity = 0;
    }
    return NULL;
}

error spill_read(struct spill *spill, struct arena *arena, uint64_t offset, size_t size,
                 slice *bytes)
{
    char *to = arena_alloc_bytes(arena, size);
    for (size_t done = 0; done < size;) {
        ssize_t count = pread(spill->file, to + done, size - done, (off_t)(offset + done));
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return cannot(arena, "read");
        done += (size_t)count;
    }
    *bytes = slice_of(to, size);
    return NULL;
}

error spill_chunk(struct spill *spill, struct arena *arena, uint32_t index, uint32_t chunk,
                  slice *bytes, uint64_t *offset, bool *found)
{
    const struct part *part = &spill->parts[index];
    *found = chunk < part->chunk_count;
    if (!*found)
        return NULL;
    *offset = part->chunks[chunk].offset;
    return spill_read(spill, arena, *offset, part->chunks[chunk].size, bytes);
}
