#include "store/rocks/mark.h"

#include "base/bytes.h"
#include "store/rocks/crc32c.h"
#include "store/rocks/recovery.h"
#include "tests/unit/store/rocks/directory.h"
#include <fcntl.h>
#include <unistd.h>

#define MARK "ACKNOWLEDGED"

static struct mark written(struct arena *arena, const struct directory *directory)
{
    struct mark mark;
    CHECK_OK(mark_open(arena, directory->path, &mark));
    CHECK(!mark.known);
    mark.synced_always = true;
    mark.acknowledged = (struct log_position){7, 1234};
    mark.synced = (struct log_position){6, 999};
    CHECK(mark_write(&mark));
    mark_close(&mark);
    return mark;
}

static struct mark reopened(struct arena *arena, const struct directory *directory)
{
    struct mark mark;
    CHECK_OK(mark_open(arena, directory->path, &mark));
    mark_close(&mark);
    return mark;
}

TEST(a_mark_comes_back_as_it_was_written)
{
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make(&directory);
    written(&arena, &directory);

    struct mark mark = reopened(&arena, &directory);

    CHECK(mark.known && mark.same_boot && mark.synced_always && !mark.closed);
    CHECK(mark.acknowledged.log == 7 && mark.acknowledged.bytes == 1234);
    CHECK(mark.synced.log == 6 && mark.synced.bytes == 999);
    directory_remove(&directory);
}

TEST(a_damaged_mark_is_not_known)
{
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make(&directory);
    written(&arena, &directory);
    slice whole = file_read(&arena, &directory, MARK);

    for (size_t at = 0; at < whole.size; at++) {
        char *bytes = arena_alloc_bytes(&arena, whole.size);
        memcpy(bytes, whole.data, whole.size);
        bytes[at] ^= 0x10;
        file_write(&directory, MARK, slice_of(bytes, whole.size));
        CHECK(!reopened(&arena, &directory).known);
        file_write(&directory, MARK, slice_first(whole, at));
        CHECK(!reopened(&arena, &directory).known);
    }
    directory_remove(&directory);
}

TEST(a_mark_of_another_boot_is_told_from_this_ones)
{
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make(&directory);
    written(&arena, &directory);
    slice whole = file_read(&arena, &directory, MARK);
    char *bytes = arena_alloc_bytes(&arena, whole.size);
    memcpy(bytes, whole.data, whole.size);
    size_t checksum_at = whole.size - sizeof(uint32_t);

    bytes[8] ^= 1; /* the first byte of the boot's id */
    bytes_put_u32(bytes + checksum_at, crc32c(0, bytes, checksum_at));
    file_write(&directory, MARK, slice_of(bytes, whole.size));
    struct mark mark = reopened(&arena, &directory);

    CHECK(mark.known && !mark.same_boot);
    directory_remove(&directory);
}

TEST(a_directory_has_one_owner_at_a_time)
{
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make(&directory);
    struct mark first, second;
    CHECK_OK(mark_open(&arena, directory.path, &first));

    CHECK_FAILS(
        mark_open(&arena, directory.path, &second), ERROR_STORAGE,
        arena_format(&arena, "The directory %s is in use by another process", directory.path));

    mark_close(&first);
    CHECK_OK(mark_open(&arena, directory.path, &second));
    mark_close(&second);
    directory_remove(&directory);
}

TEST(a_mark_that_cannot_be_written_says_so)
{
    struct mark mark = {.file = open("/dev/full", O_RDWR | O_CLOEXEC)};
    CHECK(mark.file >= 0);

    CHECK(!mark_write(&mark));

    close(mark.file);
}

TEST(a_directory_that_is_not_there_is_a_storage_error)
{
    SCOPED_ARENA(arena);
    struct mark mark;
    struct recovery_plan plan;
    uint64_t number;
    const char *nowhere = "/nowhere/at/all";

    CHECK_KIND(mark_open(&arena, nowhere, &mark), ERROR_STORAGE);
    CHECK_KIND(recovery_newest_log(&arena, nowhere, &number), ERROR_STORAGE);
    mark = (struct mark){.file = -1};
    CHECK_KIND(recovery_inspect(&arena, nowhere, &mark, &plan), ERROR_STORAGE);
}

TEST(an_empty_directory_is_a_new_store_without_a_log)
{
    SCOPED_ARENA(arena);
    struct directory directory;
    directory_make(&directory);
    struct mark mark = {.file = -1};
    struct recovery_plan plan;
    uint64_t number = 1;

    CHECK_OK(recovery_newest_log(&arena, directory.path, &number));
    CHECK_OK(recovery_inspect(&arena, directory.path, &mark, &plan));

    CHECK(number == 0 && plan.is_new);
    file_write(&directory, "000004.sst", SLICE("a table"));
    CHECK_KIND(recovery_inspect(&arena, directory.path, &mark, &plan), ERROR_CORRUPT);
    directory_remove(&directory);
}
