#include "tests/unit/store/rocks/directory.h"

#include "base/assert.h"
#include "base/clock.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void directory_make(struct directory *directory)
{
    snprintf(directory->path, sizeof directory->path, "/tmp/stator-rocks-XXXXXX");
    assert_that(mkdtemp(directory->path));
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

uint32_t directory_files(struct arena *arena, const struct directory *directory, const char *prefix,
                         const char *suffix, const char ***names)
{
    enum { NAMES_MAX = 256 };
    *names = arena_new_array(arena, const char *, NAMES_MAX);
    uint32_t count = 0;
    DIR *entries = opendir(directory->path);
    assert_that(entries);
    for (struct dirent *entry; (entry = readdir(entries));) {
        size_t size = strlen(entry->d_name);
        if (entry->d_name[0] == '.' || strncmp(entry->d_name, prefix, strlen(prefix)) != 0 ||
            size < strlen(suffix) || strcmp(entry->d_name + size - strlen(suffix), suffix) != 0)
            continue;
        assert_that(count < NAMES_MAX);
        (*names)[count++] = arena_copy(arena, slice_of(entry->d_name, size + 1)).data;
    }
    closedir(entries);
    qsort(*names, count, sizeof **names, compare_names);
    return count;
}

static int open_file(const struct directory *directory, const char *name, int flags)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", directory->path, name);
    int file = open(path, flags | O_CLOEXEC, 0644);
    assert_that(file >= 0);
    return file;
}

slice file_read(struct arena *arena, const struct directory *directory, const char *name)
{
    int file = open_file(directory, name, O_RDONLY);
    off_t size = lseek(file, 0, SEEK_END);
    char *bytes = arena_alloc_bytes(arena, (size_t)size);
    assert_that(pread(file, bytes, (size_t)size, 0) == size);
    close(file);
    return slice_of(bytes, (size_t)size);
}

void file_write(const struct directory *directory, const char *name, slice bytes)
{
    int file = open_file(directory, name, O_WRONLY | O_CREAT | O_TRUNC);
    assert_that(bytes.size == 0 || write(file, bytes.data, bytes.size) == (ssize_t)bytes.size);
    close(file);
}

static void remove_files(const struct directory *directory)
{
    SCOPED_ARENA(arena);
    const char **names;
    uint32_t count = directory_files(&arena, directory, "", "", &names);
    for (uint32_t i = 0; i < count; i++) {
        char path[400];
        snprintf(path, sizeof path, "%s/%s", directory->path, names[i]);
        assert_that(unlink(path) == 0);
    }
}

void directory_remove(struct directory *directory)
{
    remove_files(directory);
    assert_that(rmdir(directory->path) == 0);
}

void directory_copy(const struct directory *from, struct directory *to)
{
    SCOPED_ARENA(arena);
    remove_files(to);
    const char **names;
    uint32_t count = directory_files(&arena, from, "", "", &names);
    for (uint32_t i = 0; i < count; i++)
        file_write(to, names[i], file_read(&arena, from, names[i]));
}

/* ---- stores ---- */

struct store_options directory_options(const struct directory *directory)
{
    static struct clock clock;
    clock_init(&clock, false);
    return (struct store_options){
        .directory = slice_of_string(directory->path),
        .clock = &clock,
        .sync = STORE_SYNC_ALWAYS,
        .cache_bytes = 8 * 1024 * 1024,
    };
}

struct store *directory_open(const struct directory *directory)
{
    SCOPED_ARENA(arena);
    struct store_options options = directory_options(directory);
    struct store *store = NULL;
    CHECK_OK(store_open_rocks(&arena, &options, &store));
    return store;
}

void directory_make_with_row(struct directory *directory)
{
    directory_make(directory);
    struct store *store = directory_open(directory);
    CHECK(store_put(store, STORE_ROWS, SLICE("k"), SLICE("v")) == STORE_OK);
    store_close(store);
}

enum store_answer store_put(struct store *store, enum store_area area, slice key, slice value)
{
    struct store_write write = {
        .kind = STORE_PUT,
        .area = area,
        .key = key,
        .value = value,
        .key_stamp = STORE_NO_STAMP,
        .value_stamp = STORE_NO_STAMP,
    };
    struct store_change_set change_set = {.writes = &write, .write_count = 1};
    return store_submit_and_wait(store, &change_set);
}

slice store_value(struct arena *arena, struct store *store, slice key)
{
    struct store_row row = {0};
    CHECK(store_get(store, STORE_SHARD_WHOLE, arena, &key, 1, STORE_ANY, &row) == STORE_OK);
    return row.found ? row.value : SLICE_NONE;
}
