/* The calls that change a disk: carried out at once, and put on record. */
#include "tests/crash/powercut/powercut.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- calls on descriptors ---- */

struct file *file_of(int fd)
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

const char *as_after_boot(const char *path)
{
    const char *boot = getenv("POWERCUT_BOOT");
    return boot && strcmp(path, "/proc/sys/kernel/random/boot_id") == 0 ? boot : path;
}

int open_tracked(int directory_fd, const char *path, int flags, mode_t mode)
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

ssize_t write_tracked(int fd, const struct iovec *parts, int part_count, off_t at)
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

int resize_tracked(int fd, off_t size)
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

int sync_tracked(int fd, long number)
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

void sync_everything(void)
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

int unlink_tracked(int directory_fd, const char *path, int flags)
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

int rename_tracked(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
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

int make_tracked(int directory_fd, const char *path, mode_t mode)
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

int link_tracked(int from_fd, const char *from, int to_fd, const char *to, int flags)
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
