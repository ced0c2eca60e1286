/*
 * Linked into a test build of the server: fails the n-th call of one kind, once.
 *
 * Memory: our own calls of malloc, calloc, realloc and aligned_alloc (ld --wrap), and so libc's
 * streams, which archives are written and read through. Files: read, write, sync, open, rename and
 * removal, of the libraries too, because the program's own definition of a function comes before
 * libc's. Only regular files and sockets fail: an event descriptor cannot, and the log must be read.
 *
 * The file that STATOR_INJECT names is shared with the test: it arms a fault by writing there, and
 * reads how many calls there were. Its layout is known to inject.mjs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { NONE, MEMORY, READ, WRITE, SHORT_WRITE, SYNC, OPEN, RENAME, REMOVAL, KIND_COUNT };

struct control {
    _Atomic uint32_t armed;    /* enum kind */
    _Atomic int32_t countdown; /* the call that brings it to 0 fails */
    _Atomic uint32_t failed;   /* how many did */
    _Atomic uint32_t calls[KIND_COUNT];
};

static struct control *control;

/* Once main is over it is the libraries' own clean-up, and what counts coverage, that calls us. */
static void forget_control(void)
{
    control = NULL;
}

/* Before main, while there is one thread; without the variable nothing ever fails. */
__attribute__((constructor)) static void map_control(void)
{
    const char *path = getenv("STATOR_INJECT");
    if (!path)
        return;
    int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
    if (file < 0)
        abort();
    void *mapped = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    syscall(SYS_close, file);
    if (mapped == MAP_FAILED)
        abort();
    control = mapped;
    atexit(forget_control);
}

static bool strikes(enum kind kind)
{
    if (!control)
        return false;
    atomic_fetch_add(&control->calls[kind], 1);
    if (atomic_load(&control->armed) != kind || atomic_fetch_sub(&control->countdown, 1) != 1)
        return false;
    atomic_fetch_add(&control->failed, 1);
    return true;
}

/* ---- memory ---- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

void *__wrap_malloc(size_t size)
{
    return strikes(MEMORY) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return strikes(MEMORY) ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return strikes(MEMORY) ? NULL : __real_realloc(memory, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return strikes(MEMORY) ? NULL : __real_aligned_alloc(alignment, size);
}

/* ---- files and sockets ---- */

static bool can_fail(int file)
{
    if (file <= STDERR_FILENO)
        return false; /* what it says is how the test follows it */
    int saved = errno;
    struct stat status;
    bool can = fstat(file, &status) == 0 && (S_ISREG(status.st_mode) || S_ISSOCK(status.st_mode));
    errno = saved;
    return can;
}

static ssize_t fail(void)
{
    errno = EIO;
    return -1;
}

ssize_t read(int file, void *to, size_t size)
{
    return can_fail(file) && strikes(READ) ? fail() : syscall(SYS_read, file, to, size);
}

ssize_t pread(int file, void *to, size_t size, off_t offset)
{
    return can_fail(file) && strikes(READ) ? fail() : syscall(SYS_pread64, file, to, size, offset);
}

ssize_t pread64(int file, void *to, size_t size, off_t offset) __attribute__((alias("pread")));

/* A write that fails takes nothing; a short one takes the half and says so. */
static bool write_fails(int file, size_t *size)
{
    if (!can_fail(file))
        return false;
    if (strikes(WRITE))
        return true;
    if (strikes(SHORT_WRITE) && *size > 1)
        *size /= 2;
    return false;
}

ssize_t write(int file, const void *from, size_t size)
{
    return write_fails(file, &size) ? fail() : syscall(SYS_write, file, from, size);
}

ssize_t pwrite(int file, const void *from, size_t size, off_t offset)
{
    return write_fails(file, &size) ? fail() : syscall(SYS_pwrite64, file, from, size, offset);
}

ssize_t pwrite64(int file, const void *from, size_t size, off_t offset)
    __attribute__((alias("pwrite")));

/* Short: the first part alone. */
ssize_t writev(int file, const struct iovec *parts, int count)
{
    size_t part_count = (size_t)count;
    return write_fails(file, &part_count) ? fail() : syscall(SYS_writev, file, parts, part_count);
}

int fsync(int file)
{
    return strikes(SYNC) ? (int)fail() : (int)syscall(SYS_fsync, file);
}

int fdatasync(int file)
{
    return strikes(SYNC) ? (int)fail() : (int)syscall(SYS_fdatasync, file);
}

/* RocksDB and we open by path alone; libc's own files do not come this way. */
int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return strikes(OPEN) ? (int)fail() : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

int rename(const char *from, const char *to)
{
    return strikes(RENAME) ? (int)fail() : (int)syscall(SYS_rename, from, to);
}

int unlink(const char *path)
{
    return strikes(REMOVAL) ? (int)fail() : (int)syscall(SYS_unlink, path);
}

/* ---- streams ---- */

FILE *__real_fopen(const char *path, const char *mode);
size_t __real_fread(void *to, size_t size, size_t count, FILE *file);
size_t __real_fwrite(const void *from, size_t size, size_t count, FILE *file);
int __real_fflush(FILE *file);
FILE *__wrap_fopen(const char *path, const char *mode);
size_t __wrap_fread(void *to, size_t size, size_t count, FILE *file);
size_t __wrap_fwrite(const void *from, size_t size, size_t count, FILE *file);
int __wrap_fflush(FILE *file);

/* As libc marks it for ferror. */
static size_t fail_stream(FILE *file)
{
    file->_flags |= _IO_ERR_SEEN;
    errno = EIO;
    return 0;
}

static bool is_own(FILE *file)
{
    return file != stdout && file != stderr;
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
    if (!strikes(OPEN))
        return __real_fopen(path, mode);
    errno = EIO;
    return NULL;
}

size_t __wrap_fread(void *to, size_t size, size_t count, FILE *file)
{
    return strikes(READ) ? fail_stream(file) : __real_fread(to, size, count, file);
}

size_t __wrap_fwrite(const void *from, size_t size, size_t count, FILE *file)
{
    return is_own(file) && strikes(WRITE) ? fail_stream(file)
                                          : __real_fwrite(from, size, count, file);
}

int __wrap_fflush(FILE *file)
{
    if (!is_own(file) || !strikes(WRITE))
        return __real_fflush(file);
    fail_stream(file);
    return EOF;
}
