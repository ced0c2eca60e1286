/*
 * Writing a group: one batch, one sync, then the mark, and only then the answer.
 *
 * Any error of a write or a sync ends the process. After a failed sync the kernel may have dropped
 * the pages and report success next time, so trying again would acknowledge what is not there.
 */
#include "store/rocks/rocks_private.h"

#include "base/assert.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/log.h"
#include "store/rocks/recovery.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_DISK_FAILED = 70 };

_Noreturn static void end_process(const struct rocks *rocks, const char *action,
                                  const char *problem)
{
    log_write(LOG_ERROR, "disk_failed",
              "directory=%s action=%s problem=%s reason=\"nothing can be acknowledged after "
              "this: check the disk, then start again; what was acknowledged is on it\"",
              LOG_VALUE(slice_of_string(rocks->directory)), action,
              LOG_VALUE(slice_of_string(problem)));
    _exit(EXIT_DISK_FAILED);
}

static void check_write(const struct rocks *rocks, const char *action, const char *problem)
{
    if (problem)
        end_process(rocks, action, problem);
}

/* ---- the log's end and the mark ---- */

static uint64_t size_of_log(const struct rocks *rocks)
{
    struct stat status;
    if (fstat(rocks->tail.file, &status) != 0)
        end_process(rocks, "fstat", strerror(errno));
    return (uint64_t)status.st_size;
}

static void open_newest_log(struct rocks *rocks)
{
    SCOPED_ARENA(arena);
    struct log_tail *tail = &rocks->tail;
    if (tail->file >= 0)
        close(tail->file);
    error failed = recovery_newest_log(&arena, rocks->directory, &tail->end.log);
    if (failed)
        end_process(rocks, "list", failed->message.data);
    const char *path = recovery_log_path(&arena, rocks->directory, tail->end.log);
    tail->file = open(path, O_RDONLY | O_CLOEXEC);
    if (tail->file < 0)
        end_process(rocks, "open", path);
    tail->end.bytes = size_of_log(rocks);
}

/* After a write: either the log has grown, or RocksDB has begun a new one. */
static void follow_log(struct rocks *rocks)
{
    uint64_t bytes = size_of_log(rocks);
    if (bytes > rocks->tail.end.bytes)
        rocks->tail.end.bytes = bytes;
    else
        open_newest_log(rocks);
}

static void write_mark(const struct rocks *rocks)
{
    if (!mark_write(&rocks->mark))
        end_process(rocks, "write ACKNOWLEDGED", strerror(errno));
}

static void acknowledge(struct rocks *rocks, bool synced)
{
    rocks->mark.acknowledged = rocks->tail.end;
    if (synced)
        rocks->mark.synced = rocks->tail.end;
    write_mark(rocks);
}

static void sync_mark(const struct rocks *rocks)
{
    if (fdatasync(rocks->mark.file) != 0)
        end_process(rocks, "sync ACKNOWLEDGED", strerror(errno));
}

/* ---- groups ---- */

static bool must_sync(const struct rocks *rocks)
{
    if (fault_planted(FAULT_SYNC))
        return false;
    switch (rocks->sync) {
    case STORE_SYNC_ALWAYS:
        return true;
    case STORE_SYNC_INTERVAL:
        return clock_monotonic_us() - rocks->synced_us >= rocks->sync_interval_us;
    case STORE_SYNC_NEVER:
        return false;
    }
    unreachable("sync mode");
}

static void note_synced(struct rocks *rocks)
{
    rocks->owes_sync = false;
    if (rocks->sync == STORE_SYNC_INTERVAL)
        rocks->synced_us = clock_monotonic_us();
}

static void write_batch_locked(struct rocks *rocks, bool synced)
{
    char *problem = NULL;
    rocksdb_write(rocks->db, synced ? rocks->write_synced : rocks->write_unsynced, rocks->batch,
                  &problem);
    check_write(rocks, synced ? "write and sync" : "write", problem);
    rocks->owes_sync = true;
    if (synced)
        note_synced(rocks);
    follow_log(rocks);
    /* What --sync always has not synced yet was promised to nobody. */
    if (synced || !rocks->mark.synced_always)
        acknowledge(rocks, synced);
}

static void sync_locked(struct rocks *rocks)
{
    if (!rocks->owes_sync || fault_planted(FAULT_SYNC))
        return;
    char *problem = NULL;
    rocksdb_flush_wal(rocks->db, true, &problem);
    check_write(rocks, "sync", problem);
    note_synced(rocks);
    acknowledge(rocks, true);
}

static void sync_owed_locked(struct rocks *rocks)
{
    if (rocks->sync != STORE_SYNC_NEVER)
        sync_locked(rocks);
}

void rocks_sync(struct store *store)
{
    struct rocks *rocks = rocks_of(store);
    pthread_mutex_lock(&rocks->write_mutex);
    sync_locked(rocks);
    pthread_mutex_unlock(&rocks->write_mutex);
}

static void fill_batch(struct rocks *rocks, const struct store_final_write *writes,
                       uint32_t write_count)
{
    rocksdb_writebatch_clear(rocks->batch);
    size_t bytes = 0;
    for (uint32_t i = 0; i < write_count; i++) {
        const struct store_final_write *write = &writes[i];
        rocksdb_column_family_handle_t *area = rocks->areas[write->area];
        if (write->value.size == 0)
            rocksdb_writebatch_delete_cf(rocks->batch, area, write->key.data, write->key.size);
        else
            rocksdb_writebatch_put_cf(rocks->batch, area, write->key.data, write->key.size,
                                      write->value.data, write->value.size);
        bytes += write->key.size + write->value.size;
    }
    atomic_fetch_add_explicit(&rocks->disk.written_bytes, bytes, memory_order_relaxed);
}

static void write_rows_locked(struct rocks *rocks, const struct store_final_write *writes,
                              uint32_t write_count, bool synced)
{
    fill_batch(rocks, writes, write_count);
    row_cache_write_begin(rocks->row_cache, writes, write_count);
    write_batch_locked(rocks, synced);
    row_cache_write_end(rocks->row_cache, writes, write_count);
}

enum store_answer rocks_write_group(struct store *store, const struct store_final_write *writes,
                                    uint32_t write_count)
{
    struct rocks *rocks = rocks_of(store);
    rocks_count_nothing();
    if (write_count > 0 && !disk_has_room(rocks))
        return STORE_UNAVAILABLE;
    pthread_mutex_lock(&rocks->write_mutex);
    if (write_count == 0)
        sync_owed_locked(rocks);
    else
        write_rows_locked(rocks, writes, write_count, must_sync(rocks));
    pthread_mutex_unlock(&rocks->write_mutex);
    return STORE_OK;
}

/* ---- ranges ---- */

/* Files that lie in the range whole go at once; most of a large range does. */
static void drop_files(struct rocks *rocks, enum store_area area, slice from, slice to)
{
    char *problem = NULL;
    row_cache_clear_begin(rocks->row_cache);
    rocksdb_delete_file_in_range_cf(rocks->db, rocks->areas[area], from.data, from.size, to.data,
                                    to.size, &problem);
    check_write(rocks, "drop files", problem);
    row_cache_clear_end(rocks->row_cache);
}

static void delete_rows(struct rocks *rocks, struct arena *arena, enum store_area area,
                        const struct store_page *page)
{
    struct store_final_write *deletes =
        arena_new_array(arena, struct store_final_write, page->count);
    for (uint32_t i = 0; i < page->count; i++)
        deletes[i] = (struct store_final_write){.area = area, .key = page->entries[i].key};
    pthread_mutex_lock(&rocks->write_mutex);
    write_rows_locked(rocks, deletes, page->count, false);
    pthread_mutex_unlock(&rocks->write_mutex);
}

static void end_drop(struct rocks *rocks, const struct store_drop *drop)
{
    pthread_mutex_lock(&rocks->write_mutex);
    sync_owed_locked(rocks);
    pthread_mutex_unlock(&rocks->write_mutex);

    /* Only a hint: the space comes back sooner. */
    char *problem = NULL;
    rocksdb_suggest_compact_range_cf(rocks->db, rocks->areas[drop->area], drop->from.data,
                                     drop->from.size, drop->to.data, drop->to.size, &problem);
    rocksdb_free(problem);
}

/*
 * Whole files with the first piece, then what is left of the range, row by row: RocksDB's own
 * deletion of ranges is not used (see rocks_read_options_make). Each piece goes on where the one
 * before ended, not over and over past what was deleted. A kill in between leaves some rows of a
 * range that is dead already; whoever drops it does so again.
 */
enum store_answer rocks_drop_piece(struct store *store, struct arena *arena,
                                   const struct store_drop *drop, slice *end)
{
    struct rocks *rocks = rocks_of(store);
    if (drop->at.size == 0)
        drop_files(rocks, drop->area, drop->from, drop->to);
    struct store_scan scan = {.shard = drop->shard,
                              .area = drop->area,
                              .from = drop->at.size > 0 ? drop->at : drop->from,
                              .to = drop->to,
                              .tier = STORE_ANY,
                              .background = true,
                              .row_count_max = drop->row_count_max,
                              .bytes_max = STORE_SCAN_BYTES_MAX};
    struct store_page page;
    enum store_answer answer = rocks_scan(store, arena, &scan, &page);
    if (answer != STORE_OK)
        return answer;
    if (page.count > 0 && !disk_has_room(rocks))
        return STORE_UNAVAILABLE;
    if (page.count > 0)
        delete_rows(rocks, arena, drop->area, &page);
    if (page.more)
        *end = page.entries[page.count - 1].key;
    else
        end_drop(rocks, drop);
    return STORE_OK;
}

/* ---- begin and end ---- */

/*
 * What recovery left is on disk now, and from here on a journal may be torn again. A mark that was
 * lost stays so until the store is open: nothing is known yet of what the logs must hold.
 */
void rocks_mark_opening(struct rocks *rocks)
{
    struct mark *mark = &rocks->mark;
    if (!mark->known)
        return;
    mark->acknowledged = mark->synced = mark_held(mark);
    mark->closed = false;
    write_mark(rocks);
    sync_mark(rocks);
}

void rocks_writing_begin(struct rocks *rocks)
{
    rocks->batch = rocksdb_writebatch_create();
    rocks->write_synced = rocksdb_writeoptions_create();
    rocksdb_writeoptions_set_sync(rocks->write_synced, 1);
    rocks->write_unsynced = rocksdb_writeoptions_create();
    rocks->synced_us = clock_monotonic_us();
    rocks->mark.synced_always = rocks->sync == STORE_SYNC_ALWAYS && !fault_planted(FAULT_SYNC);
    pthread_mutex_lock(&rocks->write_mutex);
    open_newest_log(rocks);
    acknowledge(rocks, true);
    sync_mark(rocks);
    pthread_mutex_unlock(&rocks->write_mutex);
}

void rocks_writing_end(struct rocks *rocks)
{
    pthread_mutex_lock(&rocks->write_mutex);
    sync_locked(rocks);
    pthread_mutex_unlock(&rocks->write_mutex);
    close(rocks->tail.file);
    rocksdb_writebatch_destroy(rocks->batch);
    rocksdb_writeoptions_destroy(rocks->write_synced);
    rocksdb_writeoptions_destroy(rocks->write_unsynced);
}

void rocks_mark_closed(struct rocks *rocks)
{
    rocks->mark.closed = !fault_planted(FAULT_SYNC);
    write_mark(rocks);
    sync_mark(rocks);
}
