#include "server/data_directory.h"

#include "base/arena.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static error cannot(struct arena *arena, const char *what, const char *path)
{
    return fail(arena, ERROR_USAGE, "cannot %s %s: %s", what, path, strerror(errno));
}

/* A new name is only there after a power cut if its directory was synced. */
static error sync_directory(struct arena *arena, const char *path)
{
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return cannot(arena, "open", path);
    int failed = fsync(descriptor);
    close(descriptor);
    return failed ? cannot(arena, "sync", path) : NULL;
}

static error make_directory(struct arena *arena, const char *path)
{
    if (mkdir(path, 0700) != 0)
        return errno == EEXIST ? NULL : cannot(arena, "create", path);
    const char *parent = arena_format(arena, "%s/..", path).data;
    return sync_directory(arena, parent);
}

error data_directory_open(struct arena *arena, slice path, bool create,
                          struct data_directory *directory)
{
    const char *name = arena_format(arena, "%.*s", SLICE_ARGS(path)).data;
    const char *lock_name = arena_format(arena, "%s/stator.lock", name).data;
    if (create)
        TRY(make_directory(arena, name));
    directory->lock = open(lock_name, O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0), 0600);
    if (directory->lock < 0 && errno == ENOENT)
        return fail(arena, ERROR_USAGE, "%s is no data directory: it has no stator.lock", name);
    if (directory->lock < 0)
        return cannot(arena, "open", lock_name);
    if (flock(directory->lock, LOCK_EX | LOCK_NB) != 0) {
        close(directory->lock);
        return fail(arena, ERROR_USAGE,
                    "%s is in use by another stator; stop that one first, or take another "
                    "directory",
                    name);
    }
    directory->store_path = arena_format(arena, "%s/rocks", name);
    return NULL;
}

void data_directory_close(struct data_directory *directory)
{
    close(directory->lock);
}
