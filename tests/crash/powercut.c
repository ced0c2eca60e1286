/*
 * A disk that loses power: a library preloaded under the real server.
 *
 * Every change under POWERCUT_DIR takes effect at once, as in a page cache, and leaves an undo
 * record. A sync of a file forgets the records of its bytes; a sync of a directory forgets those
 * of its names (the strict reading of POSIX: syncing a new file does not make its name durable).
 * At the cut everything still on record is undone, newest first, and the process is gone. So what
 * stays is what was synced, and, when tearing, a random first part of what was not.
 *
 * What it cannot model (stdio and mapped writes) it refuses loudly; the one exception is stdio on
 * a descriptor opened before (RocksDB's LOG, which nothing reads), whose bytes are not on record.
 *
 *   POWERCUT_DIR=DIR          only what lies below is handled
 *   POWERCUT_CONTROL=PATH     a Unix socket that takes one command a line, see `obey`
 *   POWERCUT_SEED=N           chooses what is torn
 *   POWERCUT_TEAR=drop|prefix|sectors
 *                             what remains of the unsynced: nothing; a prefix of each file's
 *                             writes, the last one cut short, and a prefix of the names; or the
 *                             files' new ends with random sectors zeroed
 *   POWERCUT_CUT=KIND:N[:SUFFIX]          power fails at the N-th call of a kind
 *   POWERCUT_FAIL=KIND:N[+]:ERRNO[:SUFFIX] the N-th call (+: and all later ones) fails
 *                             KIND: write, sync, rename, any; SUFFIX: of the file's name
 *   POWERCUT_AT_EXIT=1        power also fails when the process ends by itself
 *   POWERCUT_SYNC_DELAY_US=N  every sync takes so long
 *   POWERCUT_FREE=BYTES       what statvfs says is free
 *   POWERCUT_BOOT=FILE        is read as the kernel's boot id: after a cut the machine has booted
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { DESCRIPTORS_MAX = 65536, SECTOR_BYTES = 512 };

/* ---- state, all guarded by `guard` ---- */

/* One write or truncation that is not synced: how to take it back. */
struct change {
    struct change *older;
    off_t offset;
    size_t written;  /* bytes written at offset; 0 for a truncation */
    off_t size_before;
    size_t saved;    /* old bytes from offset on that the change covered */
    char bytes[];
};

struct file {
    struct file *next;
    dev_t device;
    ino_t inode;
    struct change *newest; /* NULL: all is synced */
    int undo_fd;           /* open while there are changes */
    bool poisoned;         /* a sync failed: what was unsynced can never be made durable */
    char name[NAME_MAX + 1];
};

enum name_kind { NAME_CREATED, NAME_UNLINKED, NAME_RENAMED, DIRECTORY_MADE, DIRECTORY_REMOVED };

/* One change of a directory that is not synced. */
struct name_change {
    struct name_change *older;
    enum name_kind kind;
    char path[PATH_MAX];
    char from[PATH_MAX];  /* NAME_RENAMED */
    char grave[PATH_MAX]; /* where the file that lost this name is kept; empty: there was none */
};

enum call_kind { CALL_WRITE, CALL_SYNC, CALL_RENAME, CALL_ANY, CALL_KINDS };
static const char *const call_names[CALL_KINDS] = {"write", "sync", "rename", "any"};

/* "The N-th call of a kind on files whose names end so." */
struct trigger {
    bool set;
    bool onward; /* and every later one */
    enum call_kind kind;
    uint64_t number;
    uint64_t seen;
    int failure; /* errno */
    char suffix[64];
};

enum tear { TEAR_DROP, TEAR_PREFIX, TEAR_SECTORS };
static const char *const tear_names[] = {"drop", "prefix", "sectors"};

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t released = PTHREAD_COND_INITIALIZER;
static bool active;
static char root[PATH_MAX];
static char graveyard[PATH_MAX + 32];
static uint64_t grave_count;
static struct file *files;
static struct name_change *names;
static struct file *opened[DESCRIPTORS_MAX];
static char *opened_directory[DESCRIPTORS_MAX]; /* its path */
static struct trigger cut_trigger, fail_trigger;
static enum tear tear = TEAR_DROP;
static uint64_t seed = 1, random_state;
static uint64_t calls[CALL_KINDS];
static bool cut_at_exit;
static unsigned sync_delay_us;
static bool held;
static char held_suffix[64];
static uint64_t waiting;
static bool free_set;
static uint64_t free_bytes;

/* ---- small things ---- */

static void say(const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (size > 0)
        syscall(SYS_write, 2, line, size < (int)sizeof line ? (size_t)size : sizeof line - 1);
}

static void refuse(const char *what, const char *path)
{
    say("powercut: %s of %s is not modelled\n", what, path);
    syscall(SYS_exit_group, 86);
}

/* splitmix64 */
static uint64_t random_next(void)
{
    uint64_t mixed = random_state += 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

static uint64_t random_below(uint64_t bound)
{
    return bound ? random_next() % bound : 0;
}

static bool ends_with(const char *text, const char *suffix)
{
    size_t size = strlen(text), suffix_size = strlen(suffix);
    return size >= suffix_size && strcmp(text + size - suffix_size, suffix) == 0;
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool is_below_root(const char *path)
{
    size_t size = strlen(root);
    return strncmp(path, root, size) == 0 && (path[size] == '/' || path[size] == 0);
}

/* The path with its directory resolved; false: it is not below the root. */
static bool resolve(int directory_fd, const char *path, char *resolved)
{
    char whole[PATH_MAX];
    if (path[0] == '/' || directory_fd == AT_FDCWD) {
        snprintf(whole, sizeof whole, "%s", path);
    } else {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", directory_fd);
        ssize_t size = readlink(link, whole, sizeof whole - 1);
        if (size < 0)
            return false;
        snprintf(whole + size, sizeof whole - (size_t)size, "/%s", path);
    }
    for (size_t size = strlen(whole); size > 1 && whole[size - 1] == '/'; size--)
        whole[size - 1] = 0;
    char directory[PATH_MAX];
    snprintf(directory, sizeof directory, "%s", whole);
    char *slash = strrchr(directory, '/');
    if (slash)
        slash[slash == directory ? 1 : 0] = 0;
    char real[PATH_MAX];
    if (!realpath(slash ? directory : ".", real))
        return false;
    if (snprintf(resolved, PATH_MAX, "%s/%s", real, name_of(whole)) >= PATH_MAX)
        return false;
    return is_below_root(resolved);
}

/* ---- the cut ---- */

static void undo_change(const struct file *file, const struct change *change, size_t kept)
{
    off_t end = change->offset + (off_t)kept;
    off_t size = change->size_before;
    if (kept > 0 && end > size)
        size = end;
    if (kept < change->saved)
        syscall(SYS_pwrite64, file->undo_fd, change->bytes + kept, change->saved - kept, end);
    syscall(SYS_ftruncate, file->undo_fd, size);
}

static uint64_t undo_to_prefix(struct file *file)
{
    uint64_t count = 0, dropped = 0;
    for (struct change *change = file->newest; change; change = change->older)
        count++;
    uint64_t keep = tear == TEAR_PREFIX ? random_below(count + 1) : 0;
    for (struct change *change = file->newest; change && count > keep; change = change->older) {
        bool torn = tear == TEAR_PREFIX && count == keep + 1;
        size_t kept = torn ? (size_t)random_below(change->written) : 0;
        undo_change(file, change, kept);
        dropped += change->written - kept;
        count--;
    }
    return dropped;
}

static uint64_t zero_sectors(struct file *file)
{
    static const char zeros[SECTOR_BYTES];
    struct stat status;
    off_t synced = file->newest->size_before;
    for (struct change *change = file->newest; change; change = change->older)
        synced = change->size_before;
    if (fstat(file->undo_fd, &status) || status.st_size <= synced)
        return undo_to_prefix(file);
    uint64_t dropped = 0;
    for (off_t at = synced; at < status.st_size; at = (at / SECTOR_BYTES + 1) * SECTOR_BYTES) {
        off_t end = (at / SECTOR_BYTES + 1) * SECTOR_BYTES;
        size_t size = (size_t)((end < status.st_size ? end : status.st_size) - at);
        if (random_below(2)) {
            syscall(SYS_pwrite64, file->undo_fd, zeros, size, at);
            dropped += size;
        }
    }
    return dropped;
}

static void undo_name(const struct name_change *change)
{
    char grave[sizeof graveyard + 32];
    switch (change->kind) {
    case NAME_CREATED:
        syscall(SYS_unlinkat, AT_FDCWD, change->path, 0);
        break;
    case NAME_UNLINKED:
        syscall(SYS_renameat2, AT_FDCWD, change->grave, AT_FDCWD, change->path, 0);
        break;
    case NAME_RENAMED:
        syscall(SYS_renameat2, AT_FDCWD, change->path, AT_FDCWD, change->from, 0);
        if (change->grave[0])
            syscall(SYS_renameat2, AT_FDCWD, change->grave, AT_FDCWD, change->path, 0);
        break;
    case DIRECTORY_MADE:
        snprintf(grave, sizeof grave, "%s/%lu", graveyard, (unsigned long)grave_count++);
        syscall(SYS_renameat2, AT_FDCWD, change->path, AT_FDCWD, grave, 0);
        break;
    case DIRECTORY_REMOVED:
        syscall(SYS_mkdirat, AT_FDCWD, change->path, 0755);
        break;
    }
}

/* Never returns, and never gives `guard` back: no other thread changes anything any more. */
static void cut_locked(const char *why)
{
    random_state = seed ^ (calls[CALL_ANY] << 20);
    uint64_t dropped_bytes = 0, dropped_names = 0, name_count = 0;
    for (struct file *file = files; file; file = file->next)
        if (file->newest)
            dropped_bytes += tear == TEAR_SECTORS ? zero_sectors(file) : undo_to_prefix(file);
    for (struct name_change *change = names; change; change = change->older)
        name_count++;
    uint64_t keep = tear == TEAR_DROP ? 0 : random_below(name_count + 1);
    for (struct name_change *change = names; change && name_count > keep; change = change->older) {
        undo_name(change);
        dropped_names++;
        name_count--;
    }
    say("powercut: cut why=%s seed=%lu tear=%s calls=%lu dropped_bytes=%lu dropped_names=%lu\n",
        why, (unsigned long)seed, tear_names[tear], (unsigned long)calls[CALL_ANY],
        (unsigned long)dropped_bytes, (unsigned long)dropped_names);
    syscall(SYS_exit_group, 137);
}

/* ---- triggers ---- */

static bool trigger_fires(struct trigger *trigger, enum call_kind kind, const char *name)
{
    if (!trigger->set || (trigger->kind != CALL_ANY && trigger->kind != kind) ||
        !ends_with(name, trigger->suffix))
        return false;
    trigger->seen++;
    return trigger->onward ? trigger->seen >= trigger->number : trigger->seen == trigger->number;
}

/* Count a call. Returns the errno it must fail with, or 0; a cut during it does not return. */
static int count_call_locked(enum call_kind kind, const char *name)
{
    calls[CALL_ANY]++;
    if (kind != CALL_ANY)
        calls[kind]++;
    if (trigger_fires(&cut_trigger, kind, name))
        cut_locked(call_names[kind]);
    if (!trigger_fires(&fail_trigger, kind, name))
        return 0;
    say("powercut: failed call=%s file=%s error=%s\n", call_names[kind], name,
        strerrorname_np(fail_trigger.failure));
    return fail_trigger.failure;
}

/* ---- what is on record ---- */

static struct file *file_find(int fd, bool fresh)
{
    struct stat status;
    if (fstat(fd, &status))
        return NULL;
    struct file *file = files;
    while (file && (file->inode != status.st_ino || file->device != status.st_dev))
        file = file->next;
    if (!file) {
        file = calloc(1, sizeof *file);
        file->device = status.st_dev;
        file->inode = status.st_ino;
        file->undo_fd = -1;
        file->next = files;
        files = file;
    } else if (fresh) {
        file->poisoned = false; /* the number of a file long gone */
    }
    return file;
}

static void forget_changes(struct file *file)
{
    while (file->newest) {
        struct change *change = file->newest;
        file->newest = change->older;
        free(change);
    }
    if (file->undo_fd >= 0)
        syscall(SYS_close, file->undo_fd);
    file->undo_fd = -1;
}

/* Put on record that `size` bytes at `offset` are about to change. */
static void record_change(int fd, struct file *file, off_t offset, size_t size, bool truncates)
{
    if (file->undo_fd < 0) {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        file->undo_fd = (int)syscall(SYS_openat, AT_FDCWD, link, O_RDWR | O_CLOEXEC, 0);
        if (file->undo_fd < 0)
            refuse("undo", file->name);
    }
    struct stat status;
    if (fstat(file->undo_fd, &status))
        refuse("fstat", file->name);
    size_t covered = 0;
    if (offset < status.st_size) {
        covered = (size_t)(status.st_size - offset);
        if (!truncates && covered > size)
            covered = size;
    }
    struct change *change = malloc(sizeof *change + covered);
    change->offset = offset;
    change->written = truncates ? 0 : size;
    change->size_before = status.st_size;
    change->saved = covered;
    if (covered && pread(file->undo_fd, change->bytes, covered, offset) != (ssize_t)covered)
        refuse("pread", file->name);
    change->older = file->newest;
    file->newest = change;
}

static void record_name(enum name_kind kind, const char *path, const char *from, const char *grave)
{
    struct name_change *change = calloc(1, sizeof *change);
    change->kind = kind;
    snprintf(change->path, sizeof change->path, "%s", path);
    snprintf(change->from, sizeof change->from, "%s", from ? from : "");
    snprintf(change->grave, sizeof change->grave, "%s", grave ? grave : "");
    change->older = names;
    names = change;
}

/* Keep the file that is about to lose this name. */
static bool bury(const char *path, char *grave)
{
    snprintf(grave, PATH_MAX, "%.*s/%lu", PATH_MAX - 32, graveyard, (unsigned long)grave_count++);
    return syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, grave, 0) == 0;
}

static void sync_directory(const char *directory)
{
    size_t size = strlen(directory);
    for (struct name_change **at = &names; *at;) {
        struct name_change *change = *at;
        bool inside = strncmp(change->path, directory, size) == 0 && change->path[size] == '/' &&
                      !strchr(change->path + size + 1, '/');
        if (!inside) {
            at = &change->older;
            continue;
        }
        if (change->grave[0])
            syscall(SYS_unlinkat, AT_FDCWD, change->grave, 0);
        *at = change->older;
        free(change);
    }
}

/* ---- calls on descriptors ---- */

static struct file *file_of(int fd)
{
    return active && fd >= 0 && fd < DESCRIPTORS_MAX ? opened[fd] : NULL;
}

static void remember_descriptor(int fd, const char *path, bool created)
{
    if (fd < 0 || fd >= DESCRIPTORS_MAX)
        return;
    struct stat status;
    if (fstat(fd, &status))
        return;
    if (S_ISDIR(status.st_mode)) {
        char real[PATH_MAX];
        opened_directory[fd] = realpath(path, real) ? strdup(real) : NULL;
    } else if (S_ISREG(status.st_mode)) {
        opened[fd] = file_find(fd, created);
        if (opened[fd])
            snprintf(opened[fd]->name, sizeof opened[fd]->name, "%.*s", NAME_MAX, name_of(path));
    }
}

static const char *as_after_boot(const char *path)
{
    const char *boot = getenv("POWERCUT_BOOT");
    return boot && strcmp(path, "/proc/sys/kernel/random/boot_id") == 0 ? boot : path;
}

static int open_tracked(int directory_fd, const char *path, int flags, mode_t mode)
{
    char resolved[PATH_MAX];
    path = as_after_boot(path);
    if (!active || !resolve(directory_fd, path, resolved))
        return (int)syscall(SYS_openat, directory_fd, path, flags, mode);
    pthread_mutex_lock(&guard);
    struct stat status;
    bool existed = lstat(resolved, &status) == 0;
    bool creates = (flags & O_CREAT) && !existed;
    int failure = creates ? count_call_locked(CALL_ANY, name_of(resolved)) : 0;
    if (failure) {
        pthread_mutex_unlock(&guard);
        errno = failure;
        return -1;
    }
    bool truncates = existed && (flags & O_TRUNC) && (flags & O_ACCMODE) != O_RDONLY;
    int fd = (int)syscall(SYS_openat, directory_fd, path, flags & ~(truncates ? O_TRUNC : 0), mode);
    int saved_errno = errno;
    if (fd >= 0) {
        remember_descriptor(fd, resolved, creates);
        if (creates)
            record_name(NAME_CREATED, resolved, NULL, NULL);
        if (truncates && file_of(fd)) {
            record_change(fd, opened[fd], 0, 0, true);
            syscall(SYS_ftruncate, fd, 0);
        }
    }
    pthread_mutex_unlock(&guard);
    errno = saved_errno;
    return fd;
}

static ssize_t write_tracked(int fd, const struct iovec *parts, int part_count, off_t at)
{
    struct file *file = file_of(fd);
    if (!file)
        return at < 0 ? syscall(SYS_writev, fd, parts, part_count)
                      : syscall(SYS_pwritev, fd, parts, part_count, at, (long)0);
    pthread_mutex_lock(&guard);
    size_t size = 0;
    for (int i = 0; i < part_count; i++)
        size += parts[i].iov_len;
    off_t offset = at;
    struct stat status;
    if (at < 0 && fstat(fd, &status) == 0)
        offset = fcntl(fd, F_GETFL) & O_APPEND ? status.st_size : lseek(fd, 0, SEEK_CUR);
    record_change(fd, file, offset, size, false);
    /* Written before it is counted, so that a cut at this very call can tear it. */
    ssize_t written = syscall(SYS_pwritev, file->undo_fd, parts, part_count, offset, (long)0);
    int failure = count_call_locked(CALL_WRITE, file->name);
    if (failure) {
        undo_change(file, file->newest, 0);
        struct change *change = file->newest;
        file->newest = change->older;
        free(change);
        errno = failure;
        written = -1;
    } else if (at < 0 && written > 0) {
        lseek(fd, offset + written, SEEK_SET);
    }
    int saved_errno = errno;
    pthread_mutex_unlock(&guard);
    errno = saved_errno;
    return written;
}

static int resize_tracked(int fd, off_t size)
{
    struct file *file = file_of(fd);
    if (!file)
        return (int)syscall(SYS_ftruncate, fd, size);
    pthread_mutex_lock(&guard);
    struct stat status;
    if (fstat(fd, &status) == 0 && status.st_size != size) {
        count_call_locked(CALL_ANY, file->name);
        record_change(fd, file, size, 0, true);
    }
    int result = (int)syscall(SYS_ftruncate, fd, size);
    pthread_mutex_unlock(&guard);
    return result;
}

static int sync_tracked(int fd, long number)
{
    struct file *file = file_of(fd);
    const char *directory = active && fd >= 0 && fd < DESCRIPTORS_MAX ? opened_directory[fd] : NULL;
    if (!file && !directory)
        return (int)syscall(number, fd);
    if (sync_delay_us)
        usleep(sync_delay_us);
    const char *name = file ? file->name : name_of(directory);
    pthread_mutex_lock(&guard);
    waiting++;
    while (held && ends_with(name, held_suffix))
        pthread_cond_wait(&released, &guard);
    waiting--;
    int failure = count_call_locked(CALL_SYNC, name);
    if (failure && file)
        file->poisoned = true;
    if (!failure && file && !file->poisoned)
        forget_changes(file);
    if (!failure && directory)
        sync_directory(directory);
    pthread_mutex_unlock(&guard);
    errno = failure;
    return failure ? -1 : 0;
}

static void sync_everything(void)
{
    pthread_mutex_lock(&guard);
    for (struct file *file = files; file; file = file->next)
        if (!file->poisoned)
            forget_changes(file);
    while (names) {
        char directory[PATH_MAX];
        snprintf(directory, sizeof directory, "%s", names->path);
        *strrchr(directory, '/') = 0;
        sync_directory(directory);
    }
    pthread_mutex_unlock(&guard);
}

/* ---- calls on names ---- */

static int unlink_tracked(int directory_fd, const char *path, int flags)
{
    char resolved[PATH_MAX], grave[PATH_MAX];
    if (!active || !resolve(directory_fd, path, resolved))
        return (int)syscall(SYS_unlinkat, directory_fd, path, flags);
    pthread_mutex_lock(&guard);
    int failure = count_call_locked(CALL_ANY, name_of(resolved));
    int result = -1;
    if (failure)
        errno = failure;
    else if (flags & AT_REMOVEDIR) {
        result = (int)syscall(SYS_unlinkat, directory_fd, path, flags);
        if (result == 0)
            record_name(DIRECTORY_REMOVED, resolved, NULL, NULL);
    } else if (bury(resolved, grave)) {
        result = (int)syscall(SYS_unlinkat, directory_fd, path, flags);
        record_name(NAME_UNLINKED, resolved, NULL, grave);
    }
    int saved_errno = errno;
    pthread_mutex_unlock(&guard);
    errno = saved_errno;
    return result;
}

static int rename_tracked(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    char resolved_from[PATH_MAX], resolved_to[PATH_MAX], grave[PATH_MAX];
    if (!active || !resolve(from_fd, from, resolved_from) || !resolve(to_fd, to, resolved_to))
        return (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
    if (flags)
        refuse("renameat2 with flags", from);
    pthread_mutex_lock(&guard);
    int failure = count_call_locked(CALL_RENAME, name_of(resolved_to));
    int result = -1;
    if (failure) {
        errno = failure;
    } else {
        bool replaces = bury(resolved_to, grave);
        result = (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, 0);
        if (result == 0)
            record_name(NAME_RENAMED, resolved_to, resolved_from, replaces ? grave : NULL);
        else if (replaces)
            syscall(SYS_unlinkat, AT_FDCWD, grave, 0);
    }
    int saved_errno = errno;
    pthread_mutex_unlock(&guard);
    errno = saved_errno;
    return result;
}

static int make_tracked(int directory_fd, const char *path, mode_t mode)
{
    char resolved[PATH_MAX];
    bool tracked = active && resolve(directory_fd, path, resolved);
    pthread_mutex_lock(&guard);
    int failure = tracked ? count_call_locked(CALL_ANY, name_of(resolved)) : 0;
    int result = failure ? -1 : (int)syscall(SYS_mkdirat, directory_fd, path, mode);
    if (result == 0 && tracked)
        record_name(DIRECTORY_MADE, resolved, NULL, NULL);
    int saved_errno = failure ? failure : errno;
    pthread_mutex_unlock(&guard);
    errno = saved_errno;
    return result;
}

static int link_tracked(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
    char resolved[PATH_MAX];
    bool tracked = active && resolve(to_fd, to, resolved);
    pthread_mutex_lock(&guard);
    int result = (int)syscall(SYS_linkat, from_fd, from, to_fd, to, flags);
    if (result == 0 && tracked)
        record_name(NAME_CREATED, resolved, NULL, NULL);
    int saved_errno = errno;
    pthread_mutex_unlock(&guard);
    errno = saved_errno;
    return result;
}

/* ---- the C library's names ---- */

#define OPEN_MODE(flags)                                                                           \
    mode_t mode = 0;                                                                               \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                                                         \
        va_list arguments;                                                                         \
        va_start(arguments, flags);                                                                \
        mode = (mode_t)va_arg(arguments, unsigned);                                                \
        va_end(arguments);                                                                         \
    }

int open(const char *path, int flags, ...)
{
    OPEN_MODE(flags)
    return open_tracked(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    OPEN_MODE(flags)
    return open_tracked(AT_FDCWD, path, flags, mode);
}

int openat(int directory_fd, const char *path, int flags, ...)
{
    OPEN_MODE(flags)
    return open_tracked(directory_fd, path, flags, mode);
}

int openat64(int directory_fd, const char *path, int flags, ...)
{
    OPEN_MODE(flags)
    return open_tracked(directory_fd, path, flags, mode);
}

int creat(const char *path, mode_t mode)
{
    return open_tracked(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int creat64(const char *path, mode_t mode)
{
    return creat(path, mode);
}

FILE *fopen(const char *path, const char *mode)
{
    static FILE *(*real)(const char *, const char *);
    if (!real)
        real = (FILE * (*)(const char *, const char *)) dlsym(RTLD_NEXT, "fopen");
    char resolved[PATH_MAX];
    if (active && strpbrk(mode, "wa+") && resolve(AT_FDCWD, path, resolved))
        refuse("fopen for writing", path);
    return real(as_after_boot(path), mode);
}

FILE *fopen64(const char *path, const char *mode)
{
    return fopen(path, mode);
}

int close(int fd)
{
    if (active && fd >= 0 && fd < DESCRIPTORS_MAX) {
        pthread_mutex_lock(&guard);
        opened[fd] = NULL;
        free(opened_directory[fd]);
        opened_directory[fd] = NULL;
        pthread_mutex_unlock(&guard);
    }
    return (int)syscall(SYS_close, fd);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    if (!file_of(fd))
        return syscall(SYS_write, fd, bytes, size);
    return write_tracked(fd, &(struct iovec){(void *)(uintptr_t)bytes, size}, 1, -1);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    return write_tracked(fd, &(struct iovec){(void *)(uintptr_t)bytes, size}, 1, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset)
{
    return pwrite(fd, bytes, size, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int part_count)
{
    return write_tracked(fd, parts, part_count, -1);
}

ssize_t pwritev(int fd, const struct iovec *parts, int part_count, off_t offset)
{
    return write_tracked(fd, parts, part_count, offset);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int part_count, off64_t offset)
{
    return write_tracked(fd, parts, part_count, offset);
}

int ftruncate(int fd, off_t size)
{
    return resize_tracked(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
    return resize_tracked(fd, size);
}

int fallocate(int fd, int mode, off_t offset, off_t size)
{
    struct stat status;
    if (file_of(fd) && !(mode & FALLOC_FL_KEEP_SIZE) && fstat(fd, &status) == 0 &&
        offset + size > status.st_size)
        return resize_tracked(fd, offset + size);
    return (int)syscall(SYS_fallocate, fd, mode, offset, size);
}

int fallocate64(int fd, int mode, off64_t offset, off64_t size)
{
    return fallocate(fd, mode, offset, size);
}

int posix_fallocate(int fd, off_t offset, off_t size)
{
    return fallocate(fd, 0, offset, size) ? errno : 0;
}

int posix_fallocate64(int fd, off64_t offset, off64_t size)
{
    return posix_fallocate(fd, offset, size);
}

int fsync(int fd)
{
    return sync_tracked(fd, SYS_fsync);
}

int fdatasync(int fd)
{
    return sync_tracked(fd, SYS_fdatasync);
}

void sync(void)
{
    sync_everything();
}

int syncfs(int fd)
{
    (void)fd;
    sync_everything();
    return 0;
}

int unlink(const char *path)
{
    return unlink_tracked(AT_FDCWD, path, 0);
}

int unlinkat(int directory_fd, const char *path, int flags)
{
    return unlink_tracked(directory_fd, path, flags);
}

int rmdir(const char *path)
{
    return unlink_tracked(AT_FDCWD, path, AT_REMOVEDIR);
}

int remove(const char *path)
{
    struct stat status;
    bool directory = lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
    return unlink_tracked(AT_FDCWD, path, directory ? AT_REMOVEDIR : 0);
}

int rename(const char *from, const char *to)
{
    return rename_tracked(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    return rename_tracked(from_fd, from, to_fd, to, 0);
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    return rename_tracked(from_fd, from, to_fd, to, flags);
}

int mkdir(const char *path, mode_t mode)
{
    return make_tracked(AT_FDCWD, path, mode);
}

int mkdirat(int directory_fd, const char *path, mode_t mode)
{
    return make_tracked(directory_fd, path, mode);
}

int link(const char *from, const char *to)
{
    return link_tracked(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
    return link_tracked(from_fd, from, to_fd, to, flags);
}

void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
    struct file *file = file_of(fd);
    if (file && (protection & PROT_WRITE) && (flags & MAP_SHARED))
        refuse("mapped writing", file->name);
    return (void *)syscall(SYS_mmap, address, size, protection, flags, fd, offset);
}

void *mmap64(void *address, size_t size, int protection, int flags, int fd, off64_t offset)
{
    return mmap(address, size, protection, flags, fd, offset);
}

static int answer_space(int result, struct statvfs *space)
{
    if (result == 0 && active && free_set) {
        space->f_bavail = free_bytes / space->f_frsize;
        space->f_bfree = space->f_bavail;
    }
    return result;
}

int statvfs(const char *path, struct statvfs *space)
{
    static int (*real)(const char *, struct statvfs *);
    if (!real)
        real = (int (*)(const char *, struct statvfs *))dlsym(RTLD_NEXT, "statvfs");
    return answer_space(real(path, space), space);
}

int fstatvfs(int fd, struct statvfs *space)
{
    static int (*real)(int, struct statvfs *);
    if (!real)
        real = (int (*)(int, struct statvfs *))dlsym(RTLD_NEXT, "fstatvfs");
    return answer_space(real(fd, space), space);
}

int statvfs64(const char *path, struct statvfs64 *space)
{
    return statvfs(path, (struct statvfs *)space);
}

int fstatvfs64(int fd, struct statvfs64 *space)
{
    return fstatvfs(fd, (struct statvfs *)space);
}

/* ---- configuration and control ---- */

static void parse_trigger(const char *text, bool fails, struct trigger *trigger)
{
    *trigger = (struct trigger){0};
    char copy[256], *rest = copy;
    snprintf(copy, sizeof copy, "%s", text);
    const char *kind = strsep(&rest, ":");
    const char *number = rest ? strsep(&rest, ":") : "";
    const char *failure = fails && rest ? strsep(&rest, ":") : "";
    for (int i = 0; i < CALL_KINDS; i++)
        if (strcmp(kind, call_names[i]) == 0) {
            trigger->kind = (enum call_kind)i;
            trigger->set = true;
        }
    trigger->number = strtoull(number, NULL, 10);
    trigger->onward = strchr(number, '+') != NULL;
    trigger->failure = strcmp(failure, "ENOSPC") == 0 ? ENOSPC : EIO;
    snprintf(trigger->suffix, sizeof trigger->suffix, "%s", rest ? rest : "");
    if (!trigger->set || !trigger->number)
        refuse("the trigger", text);
}

/*
 * cut                power fails now
 * hold [SUFFIX]      syncs of such files wait      release   until this
 * fail TRIGGER       as POWERCUT_FAIL              mend      no more failures
 * free BYTES|off     what statvfs answers
 * state              one line of counts
 */
static void obey(int connection, char *line)
{
    char *argument = line;
    const char *verb = strsep(&argument, " ");
    if (!argument)
        argument = line + strlen(line);
    pthread_mutex_lock(&guard);
    if (strcmp(verb, "cut") == 0)
        cut_locked("command");
    if (strcmp(verb, "hold") == 0) {
        snprintf(held_suffix, sizeof held_suffix, "%s", argument);
        held = true;
    } else if (strcmp(verb, "release") == 0) {
        held = false;
        pthread_cond_broadcast(&released);
    } else if (strcmp(verb, "fail") == 0) {
        parse_trigger(argument, true, &fail_trigger);
    } else if (strcmp(verb, "mend") == 0) {
        fail_trigger.set = false;
    } else if (strcmp(verb, "free") == 0) {
        free_set = strcmp(argument, "off") != 0;
        free_bytes = strtoull(argument, NULL, 10);
    }
    char answer[200];
    int size = snprintf(answer, sizeof answer, "calls=%lu writes=%lu syncs=%lu renames=%lu waiting=%lu\n",
                        (unsigned long)calls[CALL_ANY], (unsigned long)calls[CALL_WRITE],
                        (unsigned long)calls[CALL_SYNC], (unsigned long)calls[CALL_RENAME],
                        (unsigned long)waiting);
    pthread_mutex_unlock(&guard);
    syscall(SYS_write, connection, answer, (size_t)size);
}

static void *serve_control(void *unused)
{
    (void)unused;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", getenv("POWERCUT_CONTROL"));
    syscall(SYS_unlinkat, AT_FDCWD, address.sun_path, 0); /* of a launcher that became the server */
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) ||
        listen(listener, 4))
        refuse("the control socket", address.sun_path);
    for (;;) {
        int connection = accept(listener, NULL, NULL);
        char line[256];
        size_t size = 0;
        char byte;
        while (connection >= 0 && syscall(SYS_read, connection, &byte, (size_t)1) == 1) {
            if (byte != '\n') {
                if (size < sizeof line - 1)
                    line[size++] = byte;
                continue;
            }
            line[size] = 0;
            size = 0;
            obey(connection, line);
        }
        if (connection >= 0)
            syscall(SYS_close, connection);
    }
    return NULL;
}

/* Another thread may be amid a call; this one is not, or it would not get here. */
static void cut_at_end(const char *why)
{
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += 2;
    if (pthread_mutex_timedlock(&guard, &deadline) == 0)
        cut_locked(why);
}

static void on_abort(int signal_number)
{
    (void)signal_number;
    cut_at_end("abort");
}

__attribute__((destructor)) static void on_exit_of_process(void)
{
    if (active && cut_at_exit)
        cut_at_end("exit");
}

void _exit(int status)
{
    on_exit_of_process();
    for (;;)
        syscall(SYS_exit_group, status);
}

static uint64_t number_from(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

__attribute__((constructor)) static void start(void)
{
    const char *directory = getenv("POWERCUT_DIR");
    if (!directory || !realpath(directory, root))
        return;
    snprintf(graveyard, sizeof graveyard, "%s.graveyard.%d", root, getpid());
    syscall(SYS_mkdirat, AT_FDCWD, graveyard, 0755);
    seed = number_from("POWERCUT_SEED", 1);
    sync_delay_us = (unsigned)number_from("POWERCUT_SYNC_DELAY_US", 0);
    cut_at_exit = number_from("POWERCUT_AT_EXIT", 0) != 0;
    if (getenv("POWERCUT_FREE")) {
        free_set = true;
        free_bytes = number_from("POWERCUT_FREE", 0);
    }
    const char *tear_name = getenv("POWERCUT_TEAR");
    for (int i = 0; tear_name && i < 3; i++)
        if (strcmp(tear_name, tear_names[i]) == 0)
            tear = (enum tear)i;
    if (getenv("POWERCUT_CUT"))
        parse_trigger(getenv("POWERCUT_CUT"), false, &cut_trigger);
    if (getenv("POWERCUT_FAIL"))
        parse_trigger(getenv("POWERCUT_FAIL"), true, &fail_trigger);
    if (cut_at_exit)
        signal(SIGABRT, on_abort);
    active = true;
    pthread_t thread;
    if (getenv("POWERCUT_CONTROL") && pthread_create(&thread, NULL, serve_control, NULL) == 0)
        pthread_detach(thread);
}
