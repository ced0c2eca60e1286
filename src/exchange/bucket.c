#include "exchange/bucket.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

error bucket_failure(struct arena *arena, const char *what, slice name)
{
    int reason = errno;
    bool is_denied = reason == EACCES || reason == EPERM || reason == EROFS;
    return fail(arena, is_denied ? ERROR_ACCESS_DENIED : ERROR_STORAGE, "cannot %s %.*s: %s", what,
                SLICE_ARGS(name), strerror(reason));
}

static bool is_part(slice part)
{
    return part.size > 0 && !slice_equal(part, SLICE(".")) && !slice_equal(part, SLICE("..")) &&
           !memchr(part.data, 0, part.size);
}

/* The part at the front of the path, which moves behind it. */
static slice next_part(slice *path)
{
    const char *slash = memchr(path->data, '/', path->size);
    slice part = slice_first(*path, slash ? (size_t)(slash - path->data) : path->size);
    *path = slice_from(*path, slash ? part.size + 1 : part.size);
    return part;
}

static slice without_end(slice path)
{
    while (path.size > 0 && path.data[path.size - 1] == '/')
        path.size--;
    return path;
}

bool bucket_can_hold(slice key)
{
    key = without_end(key);
    while (key.size > 0) {
        if (!is_part(next_part(&key)))
            return false;
    }
    return true;
}

error bucket_open(struct arena *arena, slice root, slice name, int *bucket)
{
    const char *root_path = arena_format(arena, "%.*s%c", SLICE_ARGS(root), 0).data;
    const char *name_text = arena_format(arena, "%.*s%c", SLICE_ARGS(name), 0).data;
    if (!is_part(name) || memchr(name.data, '/', name.size))
        return FAILURE(ERROR_RESOURCE_NOT_FOUND, "The specified bucket does not exist");
    int directory = open(root_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return bucket_failure(arena, "open", root);
    *bucket = openat(directory, name_text, FOLDER_FLAGS);
    int reason = errno;
    close(directory);
    errno = reason;
    if (*bucket >= 0)
        return NULL;
    if (reason == ENOENT || reason == ENOTDIR || reason == ELOOP)
        return FAILURE(ERROR_RESOURCE_NOT_FOUND, "The specified bucket does not exist");
    return bucket_failure(arena, "open", name);
}

static error step_into(struct arena *arena, int *folder, slice part)
{
    const char *name = arena_format(arena, "%.*s%c", SLICE_ARGS(part), 0).data;
    if (mkdirat(*folder, name, 0777) != 0 && errno != EEXIST)
        return bucket_failure(arena, "make", part);
    int inner = openat(*folder, name, FOLDER_FLAGS);
    if (inner < 0)
        return bucket_failure(arena, "open", part);
    close(*folder);
    *folder = inner;
    return NULL;
}

error bucket_make_folder(struct arena *arena, int bucket, slice path, int *folder)
{
    if (!bucket_can_hold(path))
        return fail(arena, ERROR_VALIDATION, "%.*s cannot be a path in a folder",
                    SLICE_ARGS(path));
    *folder = openat(bucket, ".", FOLDER_FLAGS);
    if (*folder < 0)
        return bucket_failure(arena, "open", SLICE("the bucket"));
    path = without_end(path);
    error failure = NULL;
    while (!failure && path.size > 0)
        failure = step_into(arena, folder, next_part(&path));
    if (failure)
        close(*folder);
    return failure;
}

error bucket_sync(struct arena *arena, int folder)
{
    return fsync(folder) == 0 ? NULL : bucket_failure(arena, "sync", SLICE("a folder"));
}
