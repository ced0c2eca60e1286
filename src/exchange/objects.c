#include "exchange/objects.h"

#include "exchange/bucket.h"
#include "json/utf8.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

/* One step down: no way up, and no folder of two names. */
static bool is_step(slice name)
{
    return name.size > 0 && !slice_equal(name, SLICE(".")) && !slice_equal(name, SLICE("..")) &&
           !memchr(name.data, 0, name.size);
}

/* ---- listing ---- */

struct listing {
    struct arena *arena;
    slice prefix;
    slice *keys;
    uint32_t count;
    uint32_t capacity;
};

static error add_key(struct listing *listing, slice key)
{
    if (!utf8_check(key))
        return FAILURE(ERROR_STORAGE, "the bucket has a file whose name is not UTF-8");
    if (key.size > OBJECT_KEY_BYTES_MAX)
        return FAILURE(ERROR_STORAGE, "the bucket has a file whose key is longer than 1024 bytes");
    if (listing->count == OBJECTS_MAX)
        return FAILURE(ERROR_LIMIT_EXCEEDED, "More than 50000 objects begin with the prefix");
    if (listing->count == listing->capacity) {
        listing->capacity = listing->capacity ? 2 * listing->capacity : 64;
        slice *grown = arena_new_array(listing->arena, slice, listing->capacity);
        if (listing->count > 0)
            memcpy(grown, listing->keys, listing->count * sizeof *grown);
        listing->keys = grown;
    }
    listing->keys[listing->count++] = arena_copy(listing->arena, key);
    return NULL;
}

static error list_folder(struct listing *listing, int folder, slice above, uint32_t levels);

/* `key` is that of the entry, without a slash behind it. */
static error list_entry(struct listing *listing, int folder, slice key, const char *name,
                        uint32_t levels)
{
    SCOPED_ARENA(scratch);
    struct stat status;
    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? NULL : bucket_failure(listing->arena, "read", key);
    if (S_ISREG(status.st_mode))
        return slice_begins_with(key, listing->prefix) ? add_key(listing, key) : NULL;
    slice inside = arena_format(&scratch, "%.*s/", SLICE_ARGS(key));
    bool may_fit =
        slice_begins_with(inside, listing->prefix) || slice_begins_with(listing->prefix, inside);
    if (!S_ISDIR(status.st_mode) || !may_fit || levels == OBJECT_LEVELS_MAX)
        return NULL;
    int below = openat(folder, name, FOLDER_FLAGS);
    if (below < 0)
        return bucket_failure(listing->arena, "read", key);
    return list_folder(listing, below, inside, levels + 1);
}

/* `above` is what the keys in the folder begin with; the folder is closed. */
static error list_folder(struct listing *listing, int folder, slice above, uint32_t levels)
{
    error failure = NULL;
    DIR *stream = fdopendir(folder);
    if (!stream) {
        close(folder);
        return bucket_failure(listing->arena, "read", above);
    }
    for (struct dirent *entry; !failure && (entry = readdir(stream));) {
        SCOPED_ARENA(scratch);
        slice name = slice_of_string(entry->d_name);
        slice key = arena_format(&scratch, "%.*s%s", SLICE_ARGS(above), entry->d_name);
        if (is_step(name))
            failure = list_entry(listing, dirfd(stream), key, entry->d_name, levels);
    }
    closedir(stream);
    return failure;
}

static int by_bytes(const void *a, const void *b)
{
    return slice_compare(*(const slice *)a, *(const slice *)b);
}

error objects_list(struct arena *arena, int bucket, slice prefix, const slice **keys,
                   uint32_t *count)
{
    struct listing listing = {.arena = arena, .prefix = prefix};
    int folder = openat(bucket, ".", FOLDER_FLAGS);
    if (folder < 0)
        return bucket_failure(arena, "read", SLICE("the bucket"));
    TRY(list_folder(&listing, folder, SLICE_NONE, 0));
    if (listing.count > 0)
        qsort(listing.keys, listing.count, sizeof *listing.keys, by_bytes);
    *keys = listing.keys;
    *count = listing.count;
    return NULL;
}

/* ---- one object ---- */

static int open_step(struct arena *arena, int folder, slice step, int flags)
{
    if (is_step(step))
        return openat(folder, arena_format(arena, "%.*s%c", SLICE_ARGS(step), 0).data, flags);
    errno = ENOENT;
    return -1;
}

error objects_open(struct arena *arena, int bucket, slice key, int *descriptor)
{
    /* NONBLOCK: a pipe that came in the place of a file must not be waited for. */
    enum { FILE_FLAGS = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK };
    int folder = openat(bucket, ".", FOLDER_FLAGS);
    slice rest = key;
    while (folder >= 0) {
        const char *slash = memchr(rest.data, '/', rest.size);
        slice step = slice_first(rest, slash ? (size_t)(slash - rest.data) : rest.size);
        int next = open_step(arena, folder, step, slash ? FOLDER_FLAGS : FILE_FLAGS);
        int reason = errno;
        close(folder);
        errno = reason;
        folder = next;
        if (!slash)
            break;
        rest = slice_from(rest, step.size + 1);
    }
    *descriptor = folder;
    return folder < 0 ? bucket_failure(arena, "read", key) : NULL;
}
