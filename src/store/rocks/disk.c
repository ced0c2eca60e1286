/*
 * The disk reserve: a full disk is refused before RocksDB meets it, because RocksDB aborts inside
 * a write on ENOSPC, and a flush or compaction that meets it fails every write after it.
 *
 * What must stay free besides the operator's margin:
 *   - logs: the cap, and one write buffer that may be filled while old logs wait for a flush;
 *   - flushes: as much again, since tables are written before their logs are deleted;
 *   - one compaction, which writes new tables before it deletes the old: at most as much as all
 *     tables hold, and COMPACTION_BYTES_MAX, which is the first level with what falls into it.
 */
#include "store/rocks/rocks_private.h"

#include "base/clock.h"
#include "base/log.h"
#include <inttypes.h>
#include <sys/statvfs.h>

enum {
    LOG_ROOM_BYTES = LOGS_BYTES_MAX + WRITE_BUFFER_BYTES,
    COMPACTION_BYTES_MAX = 512 * 1024 * 1024,
    OPEN_ROOM_BYTES = 16 * 1024 * 1024, /* a new MANIFEST and log, besides the tables of old logs */
    CHECKED_EVERY_US = 100 * 1000,
    CHECKED_EVERY_BYTES = 1024 * 1024,
};

static uint64_t free_bytes_of(const char *directory)
{
    struct statvfs status;
    if (statvfs(directory, &status) != 0)
        return 0;
    return (uint64_t)status.f_bavail * status.f_frsize;
}

static uint64_t compaction_room_bytes(const struct rocks *rocks)
{
    uint64_t sum = 0;
    for (enum store_area area = 0; area < STORE_AREA_COUNT; area++) {
        uint64_t bytes = 0;
        if (rocksdb_property_int_cf(rocks->db, rocks->areas[area], "rocksdb.total-sst-files-size",
                                    &bytes) == 0)
            sum += bytes;
    }
    return sum < COMPACTION_BYTES_MAX ? sum : COMPACTION_BYTES_MAX;
}

void disk_measure(const struct rocks *rocks, uint64_t *free_bytes, uint64_t *needed_bytes)
{
    uint64_t room_bytes = 2 * (uint64_t)LOG_ROOM_BYTES + compaction_room_bytes(rocks);
    *free_bytes = free_bytes_of(rocks->directory);
    if (__builtin_add_overflow(room_bytes, rocks->disk.margin_bytes, needed_bytes))
        *needed_bytes = UINT64_MAX;
}

static void look(struct rocks *rocks)
{
    struct disk *disk = &rocks->disk;
    uint64_t free_bytes;
    uint64_t needed_bytes;
    disk_measure(rocks, &free_bytes, &needed_bytes);
    bool has_room = free_bytes >= needed_bytes;
    if (atomic_exchange(&disk->has_room, has_room) == has_room)
        return;
    if (has_room)
        log_write(LOG_INFO, "writes_resumed", "directory=%s free_bytes=%" PRIu64,
                  LOG_VALUE(slice_of_string(rocks->directory)), free_bytes);
    else
        log_write(LOG_ERROR, "writes_refused",
                  "directory=%s free_bytes=%" PRIu64 " needed_bytes=%" PRIu64
                  " reason=\"the disk is nearly full: free some space; reads go on\"",
                  LOG_VALUE(slice_of_string(rocks->directory)), free_bytes, needed_bytes);
}

/* Any thread; two that look at once both find the truth. */
bool disk_has_room(struct rocks *rocks)
{
    struct disk *disk = &rocks->disk;
    uint64_t now_us = clock_monotonic_us();
    if (now_us - atomic_load(&disk->checked_us) >= CHECKED_EVERY_US ||
        atomic_load(&disk->written_bytes) >= CHECKED_EVERY_BYTES) {
        atomic_store(&disk->checked_us, now_us);
        atomic_store(&disk->written_bytes, 0);
        look(rocks);
    }
    return atomic_load(&disk->has_room);
}

bool rocks_is_writable(const struct store *store)
{
    /* Looking changes what is remembered about the disk, nothing of the store. */
    struct rocks *rocks = rocks_of((struct store *)(uintptr_t)store);
    return !rocks->read_only && disk_has_room(rocks);
}

bool rocks_is_to_be_reopened(const struct store *store)
{
    const struct rocks *rocks = rocks_of((struct store *)(uintptr_t)store);
    uint64_t free_bytes;
    return rocks->lacks_room &&
           disk_has_room_to_open(rocks->directory, rocks->log_bytes, &free_bytes);
}

bool disk_has_room_to_open(const char *directory, uint64_t log_bytes, uint64_t *free_bytes)
{
    *free_bytes = free_bytes_of(directory);
    return *free_bytes >= OPEN_ROOM_BYTES + log_bytes;
}
