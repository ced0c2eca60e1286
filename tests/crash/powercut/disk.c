/* What is written and not synced, and how it is taken back. */
#include "tests/crash/powercut/powercut.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

const char *const call_names[CALL_KINDS] = {"write", "sync", "rename", "any"};
const char *const tear_names[] = {"drop", "prefix", "sectors"};

pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t released = PTHREAD_COND_INITIALIZER;
bool active;
char root[PATH_MAX];
char graveyard[PATH_MAX + 32];
static uint64_t grave_count;
struct file *files;
struct name_change *names;
struct file *opened[DESCRIPTORS_MAX];
char *opened_directory[DESCRIPTORS_MAX]; /* its path */
struct trigger cut_trigger, fail_trigger;
enum tear tear = TEAR_DROP;
uint64_t seed = 1;
static uint64_t random_state;
uint64_t calls[CALL_KINDS];
bool cut_at_exit;
unsigned sync_delay_us;
bool held;
char held_suffix[64];
uint64_t waiting;
bool free_set;
uint64_t free_bytes;

/* ---- small things ---- */

void say(const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (size > 0)
        syscall(SYS_write, 2, line, size < (int)sizeof line ? (size_t)size : sizeof line - 1);
}

void refuse(const char *what, const char *path)
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

bool ends_with(const char *text, const char *suffix)
{
    size_t size = strlen(text), suffix_size = strlen(suffix);
    return size >= suffix_size && strcmp(text + size - suffix_size, suffix) == 0;
}

const char *name_of(const char *path)
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
bool resolve(int directory_fd, const char *path, char *resolved)
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

void undo_change(const struct file *file, const struct change *change, size_t kept)
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
void cut_locked(const char *why)
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
int count_call_locked(enum call_kind kind, const char *name)
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

struct file *file_find(int fd, bool fresh)
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

void forget_changes(struct file *file)
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
void record_change(int fd, struct file *file, off_t offset, size_t size, bool truncates)
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

void record_name(enum name_kind kind, const char *path, const char *from, const char *grave)
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
bool bury(const char *path, char *grave)
{
    snprintf(grave, PATH_MAX, "%.*s/%lu", PATH_MAX - 32, graveyard, (unsigned long)grave_count++);
    return syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, grave, 0) == 0;
}

void sync_directory(const char *directory)
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
