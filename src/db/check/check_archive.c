/*
 * The directory of backups: every file is read through, and those of each table with point-in-time
 * recovery must follow one another without a gap, up to where the table's log goes on.
 */
#include "base/bytes.h"
#include "db/backup/archive_file.h"
#include "db/backup/kept.h"
#include "db/check/check_private.h"
#include "store/queue.h"

static const int64_t DAY_MS = INT64_C(86400000);

static error check_files(struct check *check, slice directory)
{
    SCOPED_ARENA(of_names);
    const slice *names;
    uint32_t count;
    TRY(archive_list_files(&of_names, directory, &names, &count));
    for (uint32_t i = 0; i < count; i++) {
        SCOPED_ARENA(arena);
        error failure = archive_prove(&arena, directory, names[i], UINT64_MAX);
        if (failure)
            check_problem(check, "%.*s", SLICE_ARGS(failure->message));
    }
    return NULL;
}

/* When the last commit was: what is a period older may be on its way out. */
static int64_t last_commit_ms(struct check *check, struct arena *arena)
{
    struct store_row row;
    slice key = STORE_COMMIT_KEY;
    bool found = store_get(check->store, STORE_SHARD_WHOLE, arena, &key, 1, STORE_ANY, &row) ==
                     STORE_OK &&
                 row.found && row.value.size == 16;
    return found ? (int64_t)bytes_get_u64(row.value.data + 8) : 0;
}

static struct log_position log_begin(struct check *check, struct arena *arena,
                                     const struct table *table)
{
    struct log_position begin = {0, 0};
    uint32_t count;
    const uint32_t *parts = partition_log_parts(arena, table, &count);
    for (uint32_t i = 0; i < count; i++) {
        struct log_position mark = check_low_water(check, arena, table->log_space, parts[i]);
        if (log_position_compare(mark, begin) > 0)
            begin = mark;
    }
    return begin;
}

static void check_recovery(struct check *check, struct archive *archive, const struct table *table,
                           int64_t now_ms)
{
    SCOPED_ARENA(arena);
    struct backup orphan;
    struct kept kept =
        kept_find(archive, &arena, table->id, log_begin(check, &arena, table));
    if (kept.gap.size > 0)
        check_problem(check, "point-in-time recovery of table %.*s: %.*s", SLICE_ARGS(table->name),
                      SLICE_ARGS(kept.gap));
    if (kept_find_orphan(archive, &arena, table->id, now_ms - table->recovery.days * DAY_MS,
                         &orphan))
        check_problem(check,
                      "point-in-time recovery of table %.*s: the base that %.*s belongs to is "
                      "missing",
                      SLICE_ARGS(table->name),
                      SLICE_ARGS(archive_file_name(&arena, &orphan)));
}

error check_archives(struct check *check, slice directory)
{
    struct archive *archive;
    SCOPED_ARENA(arena);
    TRY(check_files(check, directory));
    TRY(archive_look_into(check->arena, directory, &archive));
    int64_t now_ms = last_commit_ms(check, &arena);
    for (uint32_t i = 0; i < check->space_count; i++) {
        const struct space *space = &check->spaces[i];
        if (!space->dead && !space->index && space->table->recovery.since_ms != 0)
            check_recovery(check, archive, space->table, now_ms);
    }
    archive_close(archive);
    return NULL;
}
