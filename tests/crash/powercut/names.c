/* The C library's names for those calls, which the program above finds here first. */
#include "tests/crash/powercut/powercut.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

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
