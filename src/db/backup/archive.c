#include "db/backup/archive.h"

#include "base/log.h"
#include "base/memory.h"
#include "db/backup/archive_file.h"
#include "db/backup/backup_proof.h"
#include "db/backup/backup_row.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct record {
    struct backup backup;
    struct arena arena; /* of its text */
};

struct archive {
    struct arena arena;    /* of the directory's name */
    slice directory;
    int lock;              /* a descriptor of the directory; -1: there is none */
    _Atomic bool is_stopping;
    pthread_mutex_t files;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t change; /* a record has come, changed or gone, or it is stopping */
    struct record **records; /* by id */
    uint32_t count;
    uint32_t capacity;
};

static const slice endings[] = {
    [BACKUP_USER] = SLICE("backup"),
    [BACKUP_SYSTEM] = SLICE("backup"),
    [BACKUP_BASE] = SLICE("base"),
    [BACKUP_SEGMENT] = SLICE("segment"),
};

slice archive_directory(const struct archive *archive)
{
    return archive->directory;
}

slice archive_file_name(struct arena *arena, const struct backup *backup)
{
    return arena_format(arena, "%.*s.%.*s", SLICE_ARGS(backup->id),
                        SLICE_ARGS(endings[backup->type]));
}

/* ---- the records ---- */

static void copy_text(struct arena *arena, const struct backup *from, struct backup *to)
{
    *to = *from;
    to->id = arena_copy(arena, from->id);
    to->name = arena_copy(arena, from->name);
    to->table_name = arena_copy(arena, from->table_name);
    to->table_id = arena_copy(arena, from->table_id);
    to->table_row = arena_copy(arena, from->table_row);
}

static void free_record(struct record *record)
{
    arena_fini(&record->arena);
    free(record);
}

/* The first one that is not before the id. */
static uint32_t position_locked(const struct archive *archive, slice id)
{
    uint32_t low = 0;
    uint32_t high = archive->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (slice_compare(archive->records[middle]->backup.id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at_locked(const struct archive *archive, uint32_t position, slice id)
{
    return position < archive->count && slice_equal(archive->records[position]->backup.id, id);
}

static void insert_locked(struct archive *archive, uint32_t position, struct record *record)
{
    if (archive->count == archive->capacity) {
        archive->capacity = archive->capacity ? archive->capacity * 2 : 64;
        archive->records =
            memory_realloc(archive->records, archive->capacity * sizeof archive->records[0]);
    }
    memmove(archive->records + position + 1, archive->records + position,
            (archive->count - position) * sizeof archive->records[0]);
    archive->records[position] = record;
    archive->count++;
}

void archive_put(struct archive *archive, const struct backup *backup)
{
    struct record *record = memory_alloc_zeroed(sizeof *record);
    arena_init(&record->arena, NULL);
    copy_text(&record->arena, backup, &record->backup);
    pthread_mutex_lock(&archive->mutex);
    uint32_t position = position_locked(archive, backup->id);
    struct record *superfluous = NULL;
    if (!is_at_locked(archive, position, backup->id)) {
        insert_locked(archive, position, record);
    } else if (archive->records[position]->backup.is_available && !backup->is_available) {
        superfluous = record;
        archive->records[position]->backup.has_row = backup->has_row;
    } else {
        superfluous = archive->records[position];
        archive->records[position] = record;
    }
    pthread_cond_broadcast(&archive->change);
    pthread_mutex_unlock(&archive->mutex);
    if (superfluous)
        free_record(superfluous);
}

void archive_forget(struct archive *archive, slice id)
{
    struct record *forgotten = NULL;
    pthread_mutex_lock(&archive->mutex);
    uint32_t position = position_locked(archive, id);
    if (is_at_locked(archive, position, id)) {
        forgotten = archive->records[position];
        archive->count--;
        memmove(archive->records + position, archive->records + position + 1,
                (archive->count - position) * sizeof archive->records[0]);
    }
    pthread_cond_broadcast(&archive->change);
    pthread_mutex_unlock(&archive->mutex);
    if (forgotten)
        free_record(forgotten);
}

bool archive_find(struct archive *archive, struct arena *arena, slice id, struct backup *backup)
{
    pthread_mutex_lock(&archive->mutex);
    uint32_t position = position_locked(archive, id);
    bool found = is_at_locked(archive, position, id);
    if (found)
        copy_text(arena, &archive->records[position]->backup, backup);
    pthread_mutex_unlock(&archive->mutex);
    return found;
}

bool archive_after(struct archive *archive, struct arena *arena, slice after, struct backup *backup)
{
    pthread_mutex_lock(&archive->mutex);
    uint32_t position = position_locked(archive, after);
    if (is_at_locked(archive, position, after))
        position++;
    bool found = position < archive->count;
    if (found)
        copy_text(arena, &archive->records[position]->backup, backup);
    pthread_mutex_unlock(&archive->mutex);
    return found;
}

static bool makes_backup_locked(const struct archive *archive, slice table_id)
{
    bool found = false;
    for (uint32_t i = 0; i < archive->count && !found; i++) {
        const struct backup *backup = &archive->records[i]->backup;
        found = backup->type == BACKUP_USER && !backup->is_available &&
                slice_equal(backup->table_id, table_id);
    }
    return found;
}

bool archive_makes_backup(struct archive *archive, slice table_id)
{
    pthread_mutex_lock(&archive->mutex);
    bool makes_one = makes_backup_locked(archive, table_id);
    pthread_mutex_unlock(&archive->mutex);
    return makes_one;
}

void archive_await_backup(struct archive *archive, slice table_id)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += 1;
    int waited = 0;
    pthread_mutex_lock(&archive->mutex);
    while (waited == 0 && !archive_is_stopping(archive) && makes_backup_locked(archive, table_id))
        waited = pthread_cond_timedwait(&archive->change, &archive->mutex, &until);
    pthread_mutex_unlock(&archive->mutex);
}

void archive_stop(struct archive *archive)
{
    pthread_mutex_lock(&archive->mutex);
    atomic_store(&archive->is_stopping, true);
    pthread_cond_broadcast(&archive->change);
    pthread_mutex_unlock(&archive->mutex);
}

bool archive_is_stopping(const struct archive *archive)
{
    return atomic_load(&archive->is_stopping);
}

void archive_lock_files(struct archive *archive)
{
    pthread_mutex_lock(&archive->files);
}

void archive_unlock_files(struct archive *archive)
{
    pthread_mutex_unlock(&archive->files);
}

/* ---- the directory ---- */

static bool is_missing(const struct archive *archive, struct arena *arena,
                       const struct backup *backup)
{
    slice name = archive_file_name(arena, backup);
    const char *path =
        arena_format(arena, "%.*s/%.*s%c", SLICE_ARGS(archive->directory), SLICE_ARGS(name), 0).data;
    return access(path, F_OK) != 0 && errno == ENOENT;
}

uint32_t archive_forget_missing(struct archive *archive)
{
    struct backup backup;
    uint32_t count = 0;
    SCOPED_ARENA(cursor);
    slice after = SLICE_NONE;
    for (;;) {
        SCOPED_ARENA(arena);
        if (!archive_after(archive, &arena, after, &backup))
            return count;
        arena_reset(&cursor);
        after = arena_copy(&cursor, backup.id);
        if (!backup.is_available || !is_missing(archive, &arena, &backup))
            continue;
        log_write(LOG_ERROR, "archive_missing", "table=%.*s file=%s", SLICE_ARGS(backup.table_name),
                  LOG_VALUE(archive_file_name(&arena, &backup)));
        archive_forget(archive, backup.id);
        count++;
    }
}

void archive_pass_over(struct archive *archive, slice id, error why)
{
    log_write(LOG_ERROR, "archive_unreadable", "reason=%s", LOG_VALUE(why->message));
    archive_forget(archive, id);
}

static bool ends_with(slice name, slice ending)
{
    return name.size > ending.size && name.data[name.size - ending.size - 1] == '.' &&
           slice_equal(slice_from(name, name.size - ending.size), ending);
}

bool backup_is_file_name(slice name)
{
    bool is_one = false;
    for (enum backup_type type = BACKUP_SYSTEM; type <= BACKUP_SEGMENT; type++)
        is_one = is_one || ends_with(name, endings[type]);
    return is_one;
}

static void load_file(struct archive *archive, slice name)
{
    SCOPED_ARENA(arena);
    struct archive_reader *reader;
    struct backup backup;
    slice head;
    error failure = archive_open(&arena, archive->directory, name, &reader, &head);
    if (!failure && (!backup_head_open(head, &backup) ||
                     !slice_equal(archive_file_name(&arena, &backup), name)))
        failure = archive_damaged(reader, &arena, "its head does not fit");
    if (failure)
        log_write(LOG_ERROR, "archive_unreadable", "reason=%s", LOG_VALUE(failure->message));
    else
        archive_put(archive, &backup);
}

/* All names, sorted. */
static error list_directory(struct arena *arena, slice directory, slice **names, uint32_t *count)
{
    const char *path = arena_format(arena, "%.*s%c", SLICE_ARGS(directory), 0).data;
    struct dirent **entries;
    int found = scandir(path, &entries, NULL, alphasort);
    if (found < 0)
        return fail(arena, ERROR_USAGE, "cannot read %s: %s", path, strerror(errno));
    *count = (uint32_t)found;
    *names = arena_new_array(arena, slice, *count + 1);
    for (uint32_t i = 0; i < *count; i++) {
        (*names)[i] = arena_copy(arena, slice_of_string(entries[i]->d_name));
        free(entries[i]);
    }
    free(entries);
    return NULL;
}

error archive_list_files(struct arena *arena, slice directory, const slice **names,
                         uint32_t *count)
{
    slice *all;
    uint32_t all_count;
    TRY(list_directory(arena, directory, &all, &all_count));
    *count = 0;
    for (uint32_t i = 0; i < all_count; i++) {
        if (backup_is_file_name(all[i]))
            all[(*count)++] = all[i];
    }
    *names = all;
    return NULL;
}

static error load_files(struct arena *arena, struct archive *archive)
{
    const slice *names;
    uint32_t count;
    TRY(archive_list_files(arena, archive->directory, &names, &count));
    for (uint32_t i = 0; i < count; i++)
        load_file(archive, names[i]);
    return NULL;
}

/* What was being written when a process ended. */
static error remove_temporary(struct arena *arena, slice directory)
{
    slice *names;
    uint32_t count;
    TRY(list_directory(arena, directory, &names, &count));
    for (uint32_t i = 0; i < count; i++) {
        if (ends_with(names[i], SLICE("tmp")))
            TRY(archive_remove(arena, directory, names[i]));
    }
    return NULL;
}

static error lock_directory(struct arena *arena, struct archive *archive)
{
    const char *path = arena_format(arena, "%.*s%c", SLICE_ARGS(archive->directory), 0).data;
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return fail(arena, ERROR_USAGE, "cannot create %s: %s", path, strerror(errno));
    archive->lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (archive->lock < 0)
        return fail(arena, ERROR_USAGE, "cannot open %s: %s", path, strerror(errno));
    if (flock(archive->lock, LOCK_EX | LOCK_NB) != 0)
        return fail(arena, ERROR_USAGE,
                    "%s holds the backups of another stator that is running; give this one "
                    "another --backup-dir",
                    path);
    return remove_temporary(arena, archive->directory);
}

static error open_archive(struct arena *arena, slice directory, bool locks,
                          struct archive **opened)
{
    struct archive *archive = memory_alloc_zeroed(sizeof *archive);
    arena_init(&archive->arena, NULL);
    archive->directory = arena_copy(&archive->arena, directory);
    archive->lock = -1;
    pthread_mutex_init(&archive->files, NULL);
    pthread_mutex_init(&archive->mutex, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&archive->change, &monotonic);
    pthread_condattr_destroy(&monotonic);
    error failure = locks && directory.size > 0 ? lock_directory(arena, archive) : NULL;
    if (!failure && directory.size > 0)
        failure = load_files(arena, archive);
    if (failure) {
        archive_close(archive);
        return failure;
    }
    *opened = archive;
    return NULL;
}

error archive_open_directory(struct arena *arena, slice directory, struct archive **archive)
{
    return open_archive(arena, directory, true, archive);
}

error archive_look_into(struct arena *arena, slice directory, struct archive **archive)
{
    return open_archive(arena, directory, false, archive);
}

void archive_close(struct archive *archive)
{
    for (uint32_t i = 0; i < archive->count; i++)
        free_record(archive->records[i]);
    free(archive->records);
    if (archive->lock >= 0)
        close(archive->lock);
    pthread_mutex_destroy(&archive->files);
    pthread_cond_destroy(&archive->change);
    pthread_mutex_destroy(&archive->mutex);
    arena_fini(&archive->arena);
    free(archive);
}
