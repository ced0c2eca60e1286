/* A disk that is as full as the test says. */
#include "tests/unit/store/rocks/directory.h"

#include "base/clock.h"
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/statvfs.h>
#include <unistd.h>

static _Atomic int64_t pretended_free_bytes = -1; /* -1: the truth */

/* Stands before the C library's in the test program. */
int statvfs(const char *path, struct statvfs *status)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    int result = file < 0 ? -1 : fstatvfs(file, status);
    if (file >= 0)
        close(file);
    int64_t free_bytes = pretended_free_bytes;
    if (result == 0 && free_bytes >= 0)
        status->f_bavail = (unsigned long)free_bytes / status->f_frsize;
    return result;
}

enum { GIGABYTE = 1024 * 1024 * 1024 };

/* The disk is looked at again after a tenth of a second. */
static bool becomes_writable(struct store *store)
{
    uint64_t deadline_us = clock_monotonic_us() + 5 * 1000 * 1000;
    while (!store_is_writable(store)) {
        if (clock_monotonic_us() > deadline_us)
            return false;
    }
    return true;
}

TEST(below_the_disk_reserve_writes_are_refused_reads_go_on_and_writes_resume)
{
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make(&directory);
    struct store_options options = directory_options(&directory);
    options.disk_reserve_bytes = GIGABYTE;
    struct store *store = NULL;
    pretended_free_bytes = 2 * (int64_t)GIGABYTE;
    CHECK_OK(store_open_rocks(&arena, &options, &store));
    CHECK(store_put(store, STORE_ROWS, SLICE("k"), SLICE("v")) == STORE_OK);
    store_close(store);

    pretended_free_bytes = GIGABYTE;
    CHECK_OK(store_open_rocks(&arena, &options, &store));
    CHECK(!store_is_writable(store));
    CHECK(store_put(store, STORE_ROWS, SLICE("k"), SLICE("w")) == STORE_UNAVAILABLE);
    CHECK_SLICE(store_value(&arena, store, SLICE("k")), SLICE("v"));

    pretended_free_bytes = 2 * (int64_t)GIGABYTE;
    CHECK(becomes_writable(store));
    CHECK(store_put(store, STORE_ROWS, SLICE("k"), SLICE("w")) == STORE_OK);
    CHECK_SLICE(store_value(&arena, store, SLICE("k")), SLICE("w"));

    pretended_free_bytes = -1;
    store_close(store);
    directory_remove(&directory);
}

TEST(a_start_on_a_full_disk_opens_read_only)
{
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make_with_row(&directory);

    pretended_free_bytes = 0;
    struct store *store = directory_open(&directory);
    CHECK(!store_is_writable(store));
    CHECK_SLICE(store_value(&arena, store, SLICE("k")), SLICE("v"));
    CHECK(store_put(store, STORE_ROWS, SLICE("k"), SLICE("w")) == STORE_UNAVAILABLE);
    CHECK(!store_is_to_be_reopened(store));
    pretended_free_bytes = -1;
    CHECK(store_is_to_be_reopened(store));
    CHECK(!store_is_writable(store));
    store_close(store);

    store = directory_open(&directory);
    CHECK(becomes_writable(store));
    CHECK(!store_is_to_be_reopened(store));
    CHECK(store_put(store, STORE_ROWS, SLICE("k"), SLICE("w")) == STORE_OK);
    store_close(store);
    directory_remove(&directory);
}
