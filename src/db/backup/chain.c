#include "db/backup/chain.h"

#include "db/backup/backup_private.h"
#include <stdlib.h>

error chain_check_image(const struct archive_reader *reader, struct arena *arena,
                        const struct key_schema *keys, const struct archive_image *image)
{
    error failure = item_check(image->item);
    if (!failure)
        failure = image->is_gone ? key_check(arena, keys, image->item)
                                 : key_check_item(arena, keys, image->item);
    return failure ? archive_damaged(reader, arena, "it holds no item of its table") : NULL;
}

static void chain_add(struct chain *chain, struct arena *arena, const struct backup *backup)
{
    if (chain->count == chain->capacity) {
        chain->capacity = chain->capacity ? 2 * chain->capacity : 16;
        struct backup *grown = arena_new_array(arena, struct backup, chain->capacity);
        if (chain->count > 0)
            memcpy(grown, chain->archives, chain->count * sizeof *grown);
        chain->archives = grown;
    }
    chain->archives[chain->count++] = *backup;
}

static int by_position(const void *a, const void *b)
{
    return log_position_compare(((const struct backup *)a)->at, ((const struct backup *)b)->at);
}

bool chain_find_base(struct db *db, struct arena *arena, const struct table_restore *restore,
                     struct backup *base)
{
    struct backup backup;
    slice after = SLICE_NONE;
    bool found = false;
    while (archive_after(db->archive, arena, after, &backup)) {
        after = backup.id;
        if (backup.type != BACKUP_BASE || backup.created_ms > restore->time_ms ||
            !slice_equal(backup.table_id, restore->table_id) ||
            (found && log_position_compare(backup.at, base->at) < 0))
            continue;
        *base = backup;
        found = true;
    }
    return found;
}

static void add_segments(struct chain *chain, struct db *db, struct arena *arena,
                         const struct backup *base)
{
    struct backup backup;
    slice after = SLICE_NONE;
    while (archive_after(db->archive, arena, after, &backup)) {
        after = backup.id;
        if (backup.type == BACKUP_SEGMENT && slice_equal(backup.table_id, base->table_id) &&
            log_position_compare(backup.to, base->at) > 0)
            chain_add(chain, arena, &backup);
    }
    qsort(chain->archives + 1, chain->count - 1, sizeof *chain->archives, by_position);
}

/*
 * Without a gap, and without what another one holds already: a file that was lost and is put back
 * stands beside the one that was written in its place, and what is younger must not come before it.
 */
static error join_segments(struct chain *chain, struct arena *arena)
{
    struct log_position reached = chain->archives[0].at;
    uint32_t count = 1;
    for (uint32_t i = 1; i < chain->count; i++) {
        const struct backup *segment = &chain->archives[i];
        if (log_position_compare(segment->to, reached) <= 0)
            continue;
        if (log_position_compare(segment->at, reached) > 0)
            return fail(arena, ERROR_CORRUPT,
                        "an archive before %.*s is missing: changes are lost between the two",
                        SLICE_ARGS(archive_file_name(arena, segment)));
        reached = segment->to;
        chain->archives[count++] = *segment;
    }
    chain->count = count;
    return NULL;
}

error chain_find(struct db *db, struct arena *arena, const struct table_restore *restore,
                 struct chain *chain)
{
    struct backup first;
    *chain = (struct chain){.count = 0};
    bool of_backup = restore->backup_arn.size > 0;
    bool found = of_backup ? archive_find(db->archive, arena,
                                          backup_id_of_arn(db, restore->backup_arn), &first)
                           : chain_find_base(db, arena, restore, &first);
    if (!found)
        return FAILURE(ERROR_CORRUPT, "the archive that it is restored from is not there");
    chain_add(chain, arena, &first);
    chain->is_waiting = !first.is_available;
    if (of_backup)
        return NULL;
    add_segments(chain, db, arena, &first);
    return join_segments(chain, arena);
}

void chain_pass_over_damaged(struct db *db, const struct backup *backup, error failure)
{
    if (!failure || failure->kind != ERROR_CORRUPT || backup->type < BACKUP_BASE)
        return;
    SCOPED_ARENA(arena);
    struct backup kept;
    pthread_mutex_lock(&db->control); /* so nobody removes it because it is too old */
    if (archive_find(db->archive, &arena, backup->id, &kept))
        archive_pass_over(db->archive, backup->id, failure);
    pthread_mutex_unlock(&db->control);
    archive_wake(db);
}

error chain_prove(struct db *db, struct arena *arena, const struct chain *chain)
{
    for (uint32_t i = 0; i < chain->count && !chain->is_waiting; i++) {
        const struct backup *backup = &chain->archives[i];
        error failure = archive_prove(arena, archive_directory(db->archive),
                                      archive_file_name(arena, backup), ARCHIVE_AWAITED_BYTES_MAX);
        chain_pass_over_damaged(db, backup, failure);
        TRY(failure);
    }
    return NULL;
}
