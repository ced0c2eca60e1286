#include "exchange/bucket.h"
#include "tests/test.h"
#include "tests/unit/exchange/fixture.h"
#include <sys/stat.h>
#include <unistd.h>

static const char *in(struct arena *arena, slice root, const char *name)
{
    return arena_format(arena, "%.*s/%s%c", SLICE_ARGS(root), name, 0).data;
}

TEST(a_bucket_is_a_folder_of_the_root)
{
    SCOPED_ARENA(arena);
    slice root = fixture_folder(&arena);
    int bucket, folder;
    CHECK(mkdir(in(&arena, root, "there"), 0777) == 0);
    CHECK_OK(bucket_open(&arena, root, SLICE("there"), &bucket));
    CHECK_OK(bucket_make_folder(&arena, bucket, SLICE("a/b/"), &folder));
    CHECK(access(in(&arena, root, "there/a/b"), F_OK) == 0);
    close(folder);
    CHECK_OK(bucket_make_folder(&arena, bucket, SLICE(""), &folder));
    close(folder);
    close(bucket);
}

TEST(what_is_no_folder_of_the_root_is_no_bucket)
{
    static const slice names[] = {SLICE("missing"), SLICE(".."),   SLICE("."),    SLICE(""),
                                  SLICE("a/b"),     SLICE("link"), SLICE("/etc")};
    SCOPED_ARENA(arena);
    slice root = fixture_folder(&arena);
    int bucket;
    CHECK(mkdir(in(&arena, root, "a"), 0777) == 0 && mkdir(in(&arena, root, "a/b"), 0777) == 0);
    CHECK(symlink("/tmp", in(&arena, root, "link")) == 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        CHECK_FAILS(bucket_open(&arena, root, names[i], &bucket), ERROR_RESOURCE_NOT_FOUND,
                    SLICE("The specified bucket does not exist"));
}

TEST(no_path_leads_out_of_a_bucket)
{
    static const slice paths[] = {SLICE("../x"), SLICE("a/../../x"), SLICE("/etc"), SLICE("a//b"),
                                  SLICE("."),    SLICE("a\0b")};
    SCOPED_ARENA(arena);
    slice root = fixture_folder(&arena);
    int bucket, folder;
    CHECK(mkdir(in(&arena, root, "b"), 0777) == 0);
    CHECK_OK(bucket_open(&arena, root, SLICE("b"), &bucket));
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        CHECK(!bucket_can_hold(paths[i]));
        CHECK_KIND(bucket_make_folder(&arena, bucket, paths[i], &folder), ERROR_VALIDATION);
    }
    CHECK(symlink("/tmp", in(&arena, root, "b/link")) == 0);
    CHECK_KIND(bucket_make_folder(&arena, bucket, SLICE("link/x"), &folder), ERROR_STORAGE);
    close(bucket);
}
