#include "exchange/object.h"
#include "exchange/bucket.h"
#include "tests/test.h"
#include "tests/unit/exchange/fixture.h"
#include <unistd.h>

static int open_folder(struct arena *arena, slice path)
{
    int bucket;
    const char *slash = memrchr(path.data, '/', path.size);
    size_t before = (size_t)(slash - path.data);
    CHECK_OK(bucket_open(arena, slice_first(path, before), slice_from(path, before + 1), &bucket));
    return bucket;
}

TEST(an_object_has_its_bytes_and_its_sums)
{
    SCOPED_ARENA(arena);
    slice path = fixture_folder(&arena);
    int folder = open_folder(&arena, path);
    struct object_sums sums;
    CHECK_OK(object_write(&arena, folder, SLICE("o"), SLICE("message digest"), &sums));
    CHECK_SLICE(fixture_read(&arena, path, SLICE("o")), SLICE("message digest"));
    CHECK_SLICE(sums.md5, SLICE("+WtpfXy3k41SWi8xqvFh0A=="));
    CHECK_SLICE(sums.etag, SLICE("77199fbac311931f6849b99b8610ed77-1"));
    CHECK(sums.bytes == 14);
    close(folder);
}

TEST(what_is_compressed_is_read_as_it_was)
{
    enum { LINES = 30000 };
    SCOPED_ARENA(arena);
    slice path = fixture_folder(&arena);
    int folder = open_folder(&arena, path);
    struct object_writer *writer;
    struct object_sums sums;
    size_t size = 0;
    CHECK_OK(object_create(&arena, folder, SLICE("o.gz"), OBJECT_GZIP, &writer));
    for (unsigned i = 0; i < LINES; i++) {
        slice line = arena_format(&arena, "%u %u\n", i, i * 2654435761U);
        CHECK_OK(object_add(writer, &arena, line));
        size += line.size;
    }
    CHECK_OK(object_finish(writer, &arena, &sums));
    slice read = fixture_read(&arena, path, SLICE("o.gz"));
    CHECK(read.size == size && sums.bytes < (int64_t)size);
    CHECK(slice_begins_with(read, SLICE("0 0\n1 2654435761\n")));
    close(folder);
}

TEST(an_object_that_was_abandoned_is_not_there)
{
    SCOPED_ARENA(arena);
    slice path = fixture_folder(&arena);
    int folder = open_folder(&arena, path);
    struct object_writer *writer;
    CHECK_OK(object_create(&arena, folder, SLICE("o"), OBJECT_GZIP, &writer));
    CHECK_OK(object_add(writer, &arena, SLICE("x")));
    CHECK(faccessat(folder, "o", F_OK, 0) != 0);
    object_abandon(writer);
    CHECK(faccessat(folder, "o", F_OK, 0) != 0 && faccessat(folder, "o.tmp", F_OK, 0) != 0);
    close(folder);
}
