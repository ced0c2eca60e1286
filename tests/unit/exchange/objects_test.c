/* Objects of a bucket: all whose key begins with the prefix, and nothing outside. */
#include "exchange/objects.h"

#include "exchange/bucket.h"
#include "tests/test.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const files[] = {"b/data.json",     "b/data/1.json", "b/data/2.json",
                                    "b/data/deep/x",   "b/other",       "outside",
                                    "b/a b\xc3\xa9.gz"};
static const char *const folders[] = {"b", "b/data", "b/data/deep"};
enum { FILE_COUNT = sizeof files / sizeof *files, FOLDER_COUNT = sizeof folders / sizeof *folders };

static slice make_root(struct arena *arena)
{
    char *root = (char *)arena_copy(arena, SLICE("/tmp/stator-bucket-XXXXXX\0")).data;
    CHECK(mkdtemp(root) != NULL);
    for (unsigned i = 0; i < FOLDER_COUNT; i++)
        CHECK(mkdir(arena_format(arena, "%s/%s%c", root, folders[i], 0).data, 0700) == 0);
    for (unsigned i = 0; i < FILE_COUNT; i++) {
        FILE *file = fopen(arena_format(arena, "%s/%s%c", root, files[i], 0).data, "w");
        CHECK(file != NULL);
        fputs(files[i], file);
        fclose(file);
    }
    CHECK(symlink("../outside", arena_format(arena, "%s/b/link%c", root, 0).data) == 0);
    CHECK(symlink("..", arena_format(arena, "%s/b/up%c", root, 0).data) == 0);
    CHECK(symlink("b", arena_format(arena, "%s/alias%c", root, 0).data) == 0);
    CHECK(mkfifo(arena_format(arena, "%s/b/pipe%c", root, 0).data, 0600) == 0);
    return slice_of_string(root);
}

static void remove_root(struct arena *arena, slice root)
{
    static const char *const others[] = {"b/link", "b/up", "alias", "b/pipe"};
    for (unsigned i = 0; i < sizeof others / sizeof *others; i++)
        unlink(arena_format(arena, "%s/%s%c", root.data, others[i], 0).data);
    for (unsigned i = 0; i < FILE_COUNT; i++)
        unlink(arena_format(arena, "%s/%s%c", root.data, files[i], 0).data);
    for (unsigned i = FOLDER_COUNT; i-- > 0;)
        rmdir(arena_format(arena, "%s/%s%c", root.data, folders[i], 0).data);
    CHECK(rmdir(root.data) == 0);
}

TEST(objects_are_those_whose_key_begins_with_the_prefix_in_order)
{
    static const struct {
        slice prefix;
        const char *keys;
    } rows[] = {
        {SLICE(""), "a b\xc3\xa9.gz data.json data/1.json data/2.json data/deep/x other "},
        {SLICE("data"), "data.json data/1.json data/2.json data/deep/x "},
        {SLICE("data/"), "data/1.json data/2.json data/deep/x "},
        {SLICE("data/d"), "data/deep/x "},
        {SLICE("data/2.json"), "data/2.json "},
        {SLICE("data/2.json/"), ""},
        {SLICE("../"), ""},
        {SLICE("/"), ""},
        {SLICE("link"), ""},
        {SLICE("up/"), ""},
        {SLICE("nothing"), ""},
    };
    SCOPED_ARENA(arena);
    slice root = make_root(&arena);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCOPED_ARENA(scratch);
        const slice *keys;
        uint32_t count;
        int bucket;
        slice all = SLICE_NONE;
        CHECK_OK(bucket_open(&scratch, root, SLICE("b"), &bucket));
        CHECK_OK(objects_list(&scratch, bucket, rows[i].prefix, &keys, &count));
        close(bucket);
        for (uint32_t k = 0; k < count; k++)
            all = arena_format(&scratch, "%.*s%.*s ", SLICE_ARGS(all), SLICE_ARGS(keys[k]));
        CHECK_SLICE(all, slice_of_string(rows[i].keys));
    }
    remove_root(&arena, root);
}

TEST(an_object_is_a_file_below_its_bucket_and_nothing_else)
{
    static const slice none[] = {SLICE("nothing"),    SLICE("../outside"),   SLICE("link"),
                                 SLICE("up/outside"), SLICE("data//1.json"), SLICE("./other"),
                                 SLICE("/other"),     SLICE("data/"),        SLICE("")};
    SCOPED_ARENA(arena);
    slice root = make_root(&arena);
    int bucket, descriptor;
    char text[64];
    CHECK_OK(bucket_open(&arena, root, SLICE("b"), &bucket));
    CHECK_OK(objects_open(&arena, bucket, SLICE("data/deep/x"), &descriptor));
    CHECK(read(descriptor, text, sizeof text) == 13);
    close(descriptor);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        CHECK_KIND(objects_open(&arena, bucket, none[i], &descriptor), ERROR_STORAGE);
    }
    close(bucket);
    remove_root(&arena, root);
}
