#include "store/rocks/recovery.h"

#include "base/log.h"
#include "store/rocks/journal.h"
#include "store/rocks/table_file.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#define WHAT_TO_DO "Nothing was changed: keep this directory, and restore a backup to serve again."

static const char *path_make(struct arena *arena, const char *directory, const char *name)
{
    return arena_format(arena, "%s/%s%c", directory, name, 0).data;
}

static const char *numbered_path(struct arena *arena, const char *directory, uint64_t number,
                                 const char *suffix)
{
    return arena_format(arena, "%s/%06" PRIu64 "%s%c", directory, number, suffix, 0).data;
}

const char *recovery_log_path(struct arena *arena, const char *directory, uint64_t number)
{
    return numbered_path(arena, directory, number, ".log");
}

/* ---- what is there ---- */

struct numbers {
    uint64_t *values;
    uint32_t count;
    uint32_t capacity;
};

struct listing {
    bool has_current;
    struct numbers tables;
    struct numbers logs; /* ascending */
};

static void append(struct arena *arena, struct numbers *numbers, uint64_t number)
{
    if (numbers->count == numbers->capacity) {
        uint32_t capacity = numbers->capacity ? 2 * numbers->capacity : 16;
        uint64_t *values = arena_new_array(arena, uint64_t, capacity);
        if (numbers->count > 0)
            memcpy(values, numbers->values, numbers->count * sizeof *values);
        numbers->values = values;
        numbers->capacity = capacity;
    }
    numbers->values[numbers->count++] = number;
}

/* 000123.log and the like. */
static bool parse_number(const char *name, const char *suffix, uint64_t *number)
{
    if (name[0] < '0' || name[0] > '9')
        return false;
    char *end;
    *number = strtoull(name, &end, 10);
    return strcmp(end, suffix) == 0;
}

static int compare_numbers(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static error list(struct arena *arena, const char *directory, struct listing *listing)
{
    *listing = (struct listing){0};
    DIR *entries = opendir(directory);
    if (!entries)
        return fail(arena, ERROR_STORAGE, "The directory %s cannot be read: %s", directory,
                    strerror(errno));
    uint64_t number;
    for (struct dirent *entry; (entry = readdir(entries));) {
        if (strcmp(entry->d_name, "CURRENT") == 0)
            listing->has_current = true;
        else if (parse_number(entry->d_name, ".sst", &number))
            append(arena, &listing->tables, number);
        else if (parse_number(entry->d_name, ".log", &number))
            append(arena, &listing->logs, number);
    }
    closedir(entries);
    if (listing->logs.count > 0)
        qsort(listing->logs.values, listing->logs.count, sizeof number, compare_numbers);
    return NULL;
}

error recovery_newest_log(struct arena *arena, const char *directory, uint64_t *number)
{
    struct listing listing;
    TRY(list(arena, directory, &listing));
    *number = listing.logs.count ? listing.logs.values[listing.logs.count - 1] : 0;
    return NULL;
}

/* ---- CURRENT and the MANIFEST it names ---- */

static error read_current(struct arena *arena, const char *directory, const char **manifest)
{
    enum { NAME_BYTES_MAX = 40 };
    const char *path = path_make(arena, directory, "CURRENT");
    char *name = arena_alloc_bytes(arena, NAME_BYTES_MAX + 1);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = file < 0 ? -1 : read(file, name, NAME_BYTES_MAX);
    int number = errno;
    if (file >= 0)
        close(file);
    if (size < 0)
        return fail(arena, ERROR_STORAGE, "%s cannot be read: %s", path, strerror(number));
    name[size] = 0;

    static const char prefix[] = "MANIFEST-";
    uint64_t ignored;
    bool is_a_name = strncmp(name, prefix, sizeof prefix - 1) == 0 &&
                     parse_number(name + sizeof prefix - 1, "\n", &ignored);
    if (!is_a_name)
        return fail(arena, ERROR_CORRUPT, "%s is damaged: it names no MANIFEST. " WHAT_TO_DO, path);
    name[size - 1] = 0;
    *manifest = path_make(arena, directory, name);
    if (access(*manifest, F_OK) != 0)
        return fail(arena, ERROR_CORRUPT,
                    "%s names %s, which is missing: one of the two is damaged. " WHAT_TO_DO, path,
                    name);
    return NULL;
}

/*
 * RocksDB syncs each record of a MANIFEST before it acts on it, so what is torn was never acted
 * on. A kill leaves the beginning of a record; only a power cut leaves one with holes.
 */
static error inspect_manifest(struct arena *arena, const struct mark *mark,
                              struct recovery_plan *plan)
{
    struct journal_end end;
    TRY(journal_inspect(arena, plan->manifest, &end));
    plan->manifest_bytes = end.whole_bytes;
    plan->cuts_manifest = end.damaged;
    bool power_cut = mark->known && !mark->same_boot;
    bool may_be_torn = !(mark->known && mark->closed) && !end.record_follows;
    if (!end.damaged || (may_be_torn && (end.torn || power_cut)))
        return NULL;
    return fail(arena, ERROR_CORRUPT, "%s is damaged after byte %" PRIu64 ". " WHAT_TO_DO,
                plan->manifest, end.whole_bytes);
}

/* ---- tables ---- */

static error inspect_tables(struct arena *arena, const char *directory,
                            const struct numbers *tables)
{
    for (uint32_t i = 0; i < tables->count; i++) {
        const char *path = numbered_path(arena, directory, tables->values[i], ".sst");
        bool damaged;
        TRY(table_file_inspect(arena, path, &damaged));
        if (damaged)
            return fail(arena, ERROR_CORRUPT, "%s is damaged: its properties. " WHAT_TO_DO, path);
    }
    return NULL;
}

/* ---- logs ---- */

/* NULL: damage at `whole` (and what follows) may be cut. Else why not. */
static const char *why_not_cut(const struct mark *mark, struct log_position whole, bool is_newest,
                               const struct journal_end *end)
{
    if (mark->known && mark->closed)
        return "the store had been closed in order";
    if (mark->known && log_position_is_before(whole, mark_held(mark)))
        return "what follows was acknowledged";
    if (mark->known && !mark->synced_always)
        return NULL;
    if (!is_newest)
        return "a newer log follows";
    if (end->record_follows)
        return "records follow the damage";
    if (!mark->known && !end->torn)
        return "it is not merely torn, and the file ACKNOWLEDGED is missing or damaged";
    return NULL;
}

static error inspect_logs(struct arena *arena, const char *directory, const struct mark *mark,
                          struct recovery_plan *plan)
{
    for (uint32_t i = 0; i < plan->log_count; i++) {
        uint64_t number = plan->logs[i];
        const char *path = recovery_log_path(arena, directory, number);
        struct journal_end end;
        TRY(journal_inspect(arena, path, &end));
        plan->log_bytes += end.file_bytes;

        struct log_position held = mark_held(mark);
        if (mark->known && number == held.log && end.file_bytes < held.bytes)
            return fail(arena, ERROR_CORRUPT,
                        "%s ends at byte %" PRIu64 ", but was acknowledged up to byte %" PRIu64
                        ". " WHAT_TO_DO,
                        path, end.file_bytes, held.bytes);
        if (!end.damaged || plan->cuts)
            continue;
        struct log_position whole = {number, end.whole_bytes};
        const char *objection = why_not_cut(mark, whole, i + 1 == plan->log_count, &end);
        if (objection)
            return fail(arena, ERROR_CORRUPT,
                        "%s is damaged after byte %" PRIu64 ": %s. " WHAT_TO_DO, path,
                        end.whole_bytes, objection);
        plan->cuts = true;
        plan->cut = whole;
    }
    return NULL;
}

static error check_newest_log_is_there(struct arena *arena, const char *directory,
                                       const struct mark *mark, const struct recovery_plan *plan)
{
    struct log_position held = mark_held(mark);
    uint64_t newest = plan->log_count ? plan->logs[plan->log_count - 1] : 0;
    if (!mark->known || newest >= held.log)
        return NULL;
    return fail(arena, ERROR_CORRUPT, "%s is missing. " WHAT_TO_DO,
                recovery_log_path(arena, directory, held.log));
}

error recovery_inspect(struct arena *arena, const char *directory, const struct mark *mark,
                       struct recovery_plan *plan)
{
    struct listing listing;
    TRY(list(arena, directory, &listing));
    *plan = (struct recovery_plan){.logs = listing.logs.values, .log_count = listing.logs.count};
    TRY(check_newest_log_is_there(arena, directory, mark, plan));
    if (!listing.has_current) {
        /* A first start that was cut short leaves neither logs nor tables. */
        if (listing.logs.count > 0 || listing.tables.count > 0)
            return fail(arena, ERROR_CORRUPT, "%s/CURRENT is missing. " WHAT_TO_DO, directory);
        plan->is_new = true;
        return NULL;
    }
    TRY(read_current(arena, directory, &plan->manifest));
    TRY(inspect_manifest(arena, mark, plan));
    TRY(inspect_tables(arena, directory, &listing.tables));
    return inspect_logs(arena, directory, mark, plan);
}

/* ---- cutting ---- */

static error cut_and_sync(struct arena *arena, const char *path, uint64_t kept_bytes)
{
    int file = open(path, O_RDWR | O_CLOEXEC);
    off_t size = file < 0 ? -1 : lseek(file, 0, SEEK_END);
    bool done = size >= 0;
    if (done && (uint64_t)size > kept_bytes) {
        log_write(LOG_WARN, "log_cut",
                  "file=%s offset=%" PRIu64 " bytes=%" PRIu64
                  " reason=\"a write in flight when the process ended, never acknowledged\"",
                  LOG_VALUE(slice_of_string(path)), kept_bytes, (uint64_t)size - kept_bytes);
        done = ftruncate(file, (off_t)kept_bytes) == 0;
    }
    done = done && fsync(file) == 0;
    int number = errno;
    if (file >= 0)
        close(file);
    return done ? NULL
                : fail(arena, ERROR_STORAGE, "%s cannot be brought to rest: %s", path,
                       strerror(number));
}

static uint64_t kept_bytes_of(const struct recovery_plan *plan, uint64_t log)
{
    if (!plan->cuts || log < plan->cut.log)
        return UINT64_MAX;
    return log == plan->cut.log ? plan->cut.bytes : 0;
}

error recovery_apply(struct arena *arena, const char *directory, const struct recovery_plan *plan)
{
    if (plan->cuts_manifest)
        TRY(cut_and_sync(arena, plan->manifest, plan->manifest_bytes));
    for (uint32_t i = 0; i < plan->log_count; i++)
        TRY(cut_and_sync(arena, recovery_log_path(arena, directory, plan->logs[i]),
                         kept_bytes_of(plan, plan->logs[i])));
    return NULL;
}
