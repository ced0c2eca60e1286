#include "store/rocks/mark.h"

#include "base/bytes.h"
#include "store/rocks/crc32c.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

/* The file, numbers big-endian. Described in docs/formats.md. */
enum {
    AT_MAGIC = 0,
    AT_BOOT_ID = 8,
    AT_FLAGS = 44,
    AT_ACKNOWLEDGED = 48, /* log, bytes */
    AT_SYNCED = 64,       /* log, bytes */
    AT_CHECKSUM = 80,     /* CRC-32C of all before it */
    MARK_BYTES = 84,
};
static_assert(AT_BOOT_ID + BOOT_ID_BYTES == AT_FLAGS, "the boot id fills its field");

enum { FLAG_SYNCED_ALWAYS = 1, FLAG_CLOSED = 2 };

static const char magic[] = "statorM1";

static void put_position(uint8_t *to, struct log_position position)
{
    bytes_put_u64(to, position.log);
    bytes_put_u64(to + 8, position.bytes);
}

static struct log_position get_position(const uint8_t *from)
{
    return (struct log_position){bytes_get_u64(from), bytes_get_u64(from + 8)};
}

/* Without one, no two starts count as the same boot. */
static bool read_boot_id(char *boot_id)
{
    int file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    bool whole = file >= 0 && read(file, boot_id, BOOT_ID_BYTES) == BOOT_ID_BYTES;
    if (file >= 0)
        close(file);
    if (!whole)
        memset(boot_id, 0, BOOT_ID_BYTES);
    return whole;
}

static void read_mark(struct mark *mark)
{
    bool has_boot_id = read_boot_id(mark->boot_id);
    uint8_t bytes[MARK_BYTES];
    if (pread(mark->file, bytes, MARK_BYTES, 0) != MARK_BYTES ||
        memcmp(bytes + AT_MAGIC, magic, AT_BOOT_ID) != 0 ||
        crc32c(0, bytes, AT_CHECKSUM) != bytes_get_u32(bytes + AT_CHECKSUM))
        return;
    mark->known = true;
    mark->same_boot = has_boot_id && memcmp(bytes + AT_BOOT_ID, mark->boot_id, BOOT_ID_BYTES) == 0;
    uint32_t flags = bytes_get_u32(bytes + AT_FLAGS);
    mark->synced_always = flags & FLAG_SYNCED_ALWAYS;
    mark->closed = flags & FLAG_CLOSED;
    mark->acknowledged = get_position(bytes + AT_ACKNOWLEDGED);
    mark->synced = get_position(bytes + AT_SYNCED);
}

error mark_open(struct arena *arena, const char *directory, struct mark *mark)
{
    *mark = (struct mark){0};
    const char *path = arena_format(arena, "%s/ACKNOWLEDGED%c", directory, 0).data;
    mark->file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (mark->file < 0)
        mark->file = open(path, O_RDONLY | O_CLOEXEC); /* a medium that is read-only */
    if (mark->file < 0)
        return fail(arena, ERROR_STORAGE, "%s cannot be opened: %s", path, strerror(errno));
    if (flock(mark->file, LOCK_EX | LOCK_NB) != 0) {
        int number = errno;
        mark_close(mark);
        if (number == EWOULDBLOCK)
            return fail(arena, ERROR_STORAGE, "The directory %s is in use by another process",
                        directory);
        return fail(arena, ERROR_STORAGE, "%s cannot be locked: %s", path, strerror(number));
    }
    read_mark(mark);
    return NULL;
}

void mark_close(struct mark *mark)
{
    close(mark->file);
    mark->file = -1;
}

bool mark_write(const struct mark *mark)
{
    uint8_t bytes[MARK_BYTES];
    memcpy(bytes + AT_MAGIC, magic, AT_BOOT_ID);
    memcpy(bytes + AT_BOOT_ID, mark->boot_id, BOOT_ID_BYTES);
    bytes_put_u32(bytes + AT_FLAGS, (mark->synced_always ? FLAG_SYNCED_ALWAYS : 0u) |
                                        (mark->closed ? FLAG_CLOSED : 0u));
    put_position(bytes + AT_ACKNOWLEDGED, mark->acknowledged);
    put_position(bytes + AT_SYNCED, mark->synced);
    bytes_put_u32(bytes + AT_CHECKSUM, crc32c(0, bytes, AT_CHECKSUM));
    errno = EIO; /* what a short write is; it says nothing itself */
    return pwrite(mark->file, bytes, MARK_BYTES, 0) == MARK_BYTES;
}
