/*
 * Making a backup: its rows, each as it is when the scan comes by, then the log backwards to the
 * cut, which takes back what changed since. What is read twice does no harm: the last image of an
 * item is the one before its first change behind the cut.
 */
#include "base/fault.h"
#include "base/limits.h"
#include "base/log.h"
#include "db/backup/backup_private.h"

struct making {
    struct db *db;
    struct arena *arena; /* of what it fails with */
    const struct backup *backup;
    const struct table *table; /* as the backup has it */
    struct archive_writer *writer;
};

static error read_page(struct making *making, struct arena *arena, enum store_area area, slice from,
                       slice to, bool backward, struct store_page *page)
{
    struct db_session session = archive_session(making->db, arena);
    struct store_scan scan = {.shard = STORE_SHARD_WHOLE,
                              .area = area,
                              .from = from,
                              .to = to,
                              .backward = backward,
                              .tier = STORE_ANY,
                              .background = true,
                              .row_count_max = STORE_SCAN_ROWS_MAX,
                              .bytes_max = STORE_SCAN_BYTES_MAX};
    if (archive_is_stopping(making->db->archive))
        return FAILURE(ERROR_BUSY, "the server stops");
    return db_error_of(&session, store_scan(making->db->store, arena, &scan, page));
}

static error add_rows(struct making *making, struct arena *arena, const struct store_page *page)
{
    for (uint32_t i = 0; i < page->count; i++) {
        struct archive_image image = {.is_gone = false};
        if (!row_value_open(page->entries[i].value, &image.item))
            return FAILURE(ERROR_CORRUPT, "a stored row is no item; run check");
        TRY(archive_add(making->writer, arena, &image));
    }
    return NULL;
}

static error add_items(struct making *making)
{
    SCOPED_ARENA(bounds);
    slice from = row_key_begin_place(&bounds, (struct row_place){.space = making->table->space});
    slice to = row_key_after_prefix(&bounds, from);
    struct store_page page = {.more = true};
    while (page.more) {
        SCOPED_ARENA(arena);
        TRY(error_keep(making->arena,
                       read_page(making, &arena, STORE_ROWS, from, to, false, &page)));
        TRY(error_keep(making->arena, add_rows(making, &arena, &page)));
        if (page.count > 0) {
            arena_reset(&bounds);
            from = row_key_successor(&bounds, page.entries[page.count - 1].key);
            to = row_key_after_prefix(
                &bounds, row_key_begin_place(&bounds,
                                             (struct row_place){.space = making->table->space}));
        }
    }
    return NULL;
}

/* What the item was before the change. */
static error take_back(struct making *making, struct arena *arena, const struct log_change *change)
{
    struct archive_image image = {.item = change->old_item};
    if (!item_exists(change->old_item)) {
        image.is_gone = true;
        image.item = key_of_item(arena, &making->table->keys, change->new_item);
    }
    return archive_add(making->writer, arena, &image);
}

static error take_back_part(struct making *making, uint32_t partition)
{
    uint32_t space = making->table->log_space;
    SCOPED_ARENA(bounds);
    slice from = log_key(&bounds, space, partition, making->backup->at);
    slice to = log_key(&bounds, space, partition, LOG_END);
    struct store_page page = {.more = true};
    while (page.more) {
        SCOPED_ARENA(arena);
        struct log_record record;
        TRY(error_keep(making->arena,
                       read_page(making, &arena, STORE_LOG, from, to, true, &page)));
        for (uint32_t i = 0; i < page.count; i++) {
            if (!log_record_open(&page.entries[i], &record))
                return FAILURE(ERROR_CORRUPT, "a record of the change log is damaged; run check");
            TRY(error_keep(making->arena, take_back(making, &arena, &record.change)));
        }
        if (page.count > 0)
            to = log_key(&bounds, space, partition, record.position);
    }
    return NULL;
}

/* Children before their parents: partitions may have been split since the cut. */
static error take_back_all(struct making *making)
{
    SCOPED_ARENA(arena);
    uint32_t count;
    const uint32_t *parts = log_parts(making->db, &arena, making->table, &count);
    for (uint32_t i = count; i > 0; i--)
        TRY(take_back_part(making, parts[i - 1]));
    return NULL;
}

static error write_file(struct making *making, struct arena *arena)
{
    struct db *db = making->db;
    TRY(archive_create(arena, archive_directory(db->archive),
                       archive_file_name(arena, making->backup),
                       backup_head_make(arena, making->backup), &making->writer));
    error failure = add_items(making);
    /* Of a table that is gone nothing changes any more, and its cut is its end. */
    if (!failure && making->backup->type != BACKUP_SYSTEM && !fault_planted(FAULT_BACKUP_CUT))
        failure = take_back_all(making);
    if (failure) {
        archive_abandon(making->writer);
        return failure;
    }
    store_sync(db->store); /* a base must not know more than what recovery adds to it */
    return archive_finish(making->writer, arena);
}

error backup_drop_row(struct db *db, struct arena *arena, slice id)
{
    struct store_write write = db_delete(backup_row_key(arena, id));
    return db_commit_rows(db, arena, &write, 1);
}

bool backup_put_if_known(struct db *db, struct arena *arena, const struct backup *backup)
{
    struct backup before;
    pthread_mutex_lock(&db->control);
    bool is_known = archive_find(db->archive, arena, backup->id, &before);
    if (is_known)
        archive_put(db->archive, backup);
    pthread_mutex_unlock(&db->control);
    return is_known;
}

static error make(struct db *db, struct arena *arena, const struct backup *backup)
{
    struct table table;
    TRY(table_row_open(arena, backup->table_row, &table));
    struct making making = {
        .db = db, .arena = arena, .backup = backup, .table = &table};
    TRY(write_file(&making, arena));
    struct backup done = *backup;
    done.is_available = true; /* its row goes next (db/backup/archive_turn.c) */
    if (backup_put_if_known(db, arena, &done))
        return NULL;
    return archive_remove(arena, archive_directory(db->archive), archive_file_name(arena, backup));
}

/* What could not be made is given up, and said to be; a base is asked for anew. */
static void give_up(struct db *db, struct arena *arena, const struct backup *backup, error why)
{
    log_write(LOG_ERROR, "backup_failed", "backup=%.*s table=%.*s reason=%s",
              SLICE_ARGS(backup->id), SLICE_ARGS(backup->table_name), LOG_VALUE(why->message));
    error failure = backup_drop_row(db, arena, backup->id);
    if (failure)
        log_write(LOG_WARN, "backup_stays", "reason=%s", LOG_VALUE(failure->message));
    else
        archive_forget(db->archive, backup->id);
}

void backup_make(struct db *db, const struct backup *backup)
{
    SCOPED_ARENA(arena);
    error failure = make(db, &arena, backup);
    bool is_stopping = archive_is_stopping(db->archive);
    if (failure && !is_stopping)
        give_up(db, &arena, backup, failure);
    else if (!failure && backup->type <= BACKUP_SYSTEM)
        log_write(LOG_INFO, "backup_made", "backup=%.*s",
                  SLICE_ARGS(backup_arn_of(db, &arena, backup)));
}
