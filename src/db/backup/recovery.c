#include "db/backup/recovery.h"

#include "base/bytes.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/log.h"
#include "db/backup/backup_private.h"
#include "db/backup/kept.h"

static const int64_t DAY_MS = INT64_C(86400000);

struct log_position recovery_log_floor(struct db *db, slice table_id)
{
    SCOPED_ARENA(arena);
    struct log_position floor = LOG_END;
    struct backup backup;
    slice after = SLICE_NONE;
    bool has_base = false;
    if (fault_planted(FAULT_LOG_FLOOR))
        return floor;
    while (archive_after(db->archive, &arena, after, &backup)) {
        after = backup.id;
        if (!slice_equal(backup.table_id, table_id))
            continue;
        has_base = has_base || backup.type == BACKUP_BASE;
        if (!backup.is_available && log_position_compare(backup.at, floor) < 0)
            floor = backup.at;
    }
    if (has_base) {
        struct log_position any = {0, 0};
        struct log_position sealed = kept_find(db->archive, &arena, table_id, any).sealed;
        if (log_position_compare(sealed, floor) < 0)
            floor = sealed;
    }
    return floor;
}

/* ---- on and off ---- */

static error find_kept(struct db_session *session, const struct table *table, struct kept *kept)
{
    struct log_position log_begin;
    TRY(kept_log_begin(session, table, &log_begin));
    *kept = kept_find(session->db->archive, session->arena, table->id, log_begin);
    return NULL;
}

static error find_state(struct db_session *session, const struct table *table,
                        struct recovery_state *state)
{
    int64_t now_ms = db_now_ms(session->db);
    *state = (struct recovery_state){.is_on = table->recovery.since_ms != 0,
                                     .days = table->recovery.days};
    if (!state->is_on)
        return NULL;
    struct kept kept;
    TRY(find_kept(session, table, &kept));
    int64_t begun_ms = kept.has_base ? kept.first_base.created_ms : now_ms;
    state->horizon_ms = now_ms - state->days * DAY_MS;
    state->earliest_ms = begun_ms > state->horizon_ms ? begun_ms : state->horizon_ms;
    state->latest_ms = now_ms - RECOVERY_LAG_MS;
    if (state->latest_ms < state->earliest_ms)
        state->latest_ms = state->earliest_ms;
    return NULL;
}

error recovery_describe(struct db_session *session, slice table_name, struct recovery_state *state)
{
    const struct table *table;
    TRY(recovery_find_table(session, table_name, &table));
    return find_state(session, table, state);
}

error recovery_replace_locked(struct db *db, struct arena *arena, const struct table *table,
                              struct table *fields, const struct table **newer)
{
    uint32_t next_space = db->next_space;
    if (fields->log_space == 0)
        fields->log_space = next_space++;
    char stored[4];
    bytes_put_u32(stored, next_space);
    struct store_write write = db_put(META_NEXT_SPACE_KEY, slice_of(stored, sizeof stored));
    TRY(table_replace_locked(db, arena, table, fields, &write, next_space > db->next_space, NULL,
                             newer));
    db->next_space = next_space;
    return NULL;
}

static error change_locked(struct db_session *session, const struct table *table, bool on,
                           int64_t days, const struct table **newer)
{
    struct db *db = session->db;
    struct arena *arena = session->arena;
    struct table fields = *table;
    bool was_on = table->recovery.since_ms != 0;
    fields.recovery.since_ms = !on ? 0 : was_on ? table->recovery.since_ms : db_now_ms(db);
    fields.recovery.days = !on ? 0 : days > 0 ? days : was_on ? table->recovery.days
                                                              : RECOVERY_DAYS_MAX;
    *newer = table;
    if (fields.recovery.since_ms == table->recovery.since_ms &&
        fields.recovery.days == table->recovery.days)
        return NULL;
    TRY(recovery_replace_locked(db, arena, table, &fields, newer));
    log_write(LOG_INFO, "recovery_switched", "table=%.*s days=%lld", SLICE_ARGS(table->name),
              (long long)fields.recovery.days);
    archive_wake(db);
    struct backup base;
    return on && !was_on
               ? backup_begin_locked(db, arena, *newer, BACKUP_BASE, SLICE_NONE, &base)
               : NULL;
}

static error switch_locked(struct db_session *session, slice table_name, bool on, int64_t days,
                           struct recovery_state *state)
{
    const struct table *table;
    TRY(recovery_find_table(session, table_name, &table));
    TRY(recovery_check_state(session, table));
    if (on)
        TRY(archive_check_directory(session->db));
    TRY(change_locked(session, table, on, days, &table));
    if (!on)
        recovery_prune(session->db); /* on again it begins anew */
    return find_state(session, table, state);
}

error recovery_switch(struct db_session *session, slice table_name, bool on, int64_t days,
                      struct recovery_state *state)
{
    if (session->tier == STORE_CACHED)
        return db_error_of(session, STORE_WOULD_BLOCK);
    pthread_mutex_lock(&session->db->control);
    error failure = switch_locked(session, table_name, on, days, state);
    pthread_mutex_unlock(&session->db->control);
    return failure;
}

/* ---- the backup that a deleted table leaves ---- */

bool recovery_last_backup(struct db *db, struct arena *arena, const struct table *table,
                          struct backup *backup)
{
    if (table->recovery.since_ms == 0 || archive_directory(db->archive).size == 0)
        return false;
    struct db_session session = archive_session(db, arena);
    int64_t now_ms = db_now_ms(db);
    *backup = backup_fields_locked(db, arena, table, BACKUP_SYSTEM, now_ms);
    backup->name = arena_format(arena, "%.*s$DeletedTableBackup", SLICE_ARGS(table->name));
    backup->table_row = table_row_make(arena, table);
    backup->expires_ms = now_ms + RECOVERY_DAYS_MAX * DAY_MS;
    if (table_counts(&session, table, &backup->item_count, &backup->item_bytes))
        backup->item_count = backup->item_bytes = 0; /* the file has them all */
    archive_wake(db);
    return true;
}

bool recovery_holds_space(struct db *db, uint32_t space)
{
    SCOPED_ARENA(arena);
    struct backup backup;
    slice after = SLICE_NONE;
    bool holds = false;
    while (!holds && archive_after(db->archive, &arena, after, &backup)) {
        struct table table;
        after = backup.id;
        holds = backup.type == BACKUP_SYSTEM && !backup.is_available &&
                !table_row_open(&arena, backup.table_row, &table) && table.space == space;
    }
    return holds;
}

/* ---- segments ---- */

struct sealing {
    struct db *db;
    struct arena *arena; /* of what it fails with */
    const struct table *table;
    struct backup segment;
    struct archive_writer *writer; /* NULL: there has been no change yet */
};

static error add_change(struct sealing *sealing, struct arena *arena,
                        const struct log_record *record)
{
    enum { LEFT_OUT = 5 }; /* with the fault, every so many commits */
    struct db *db = sealing->db;
    struct archive_image image = {.item = record->change.new_item, .time_ms = record->time_ms};
    if (fault_planted(FAULT_SEGMENT_RECORD) && record->position.commit % LEFT_OUT == 0)
        return NULL;
    if (!item_exists(image.item)) {
        image.is_gone = true;
        image.item = key_of_item(arena, &sealing->table->keys, record->change.old_item);
    }
    if (!sealing->writer)
        TRY(archive_create(arena, archive_directory(db->archive),
                           archive_file_name(arena, &sealing->segment),
                           backup_head_make(arena, &sealing->segment), &sealing->writer));
    return archive_add(sealing->writer, arena, &image);
}

static error seal_page(struct sealing *sealing, struct arena *arena, uint32_t partition,
                       struct log_position *from, bool *more)
{
    uint32_t space = sealing->table->log_space;
    struct db_session session = archive_session(sealing->db, arena);
    struct store_scan scan = {.shard = STORE_SHARD_WHOLE,
                              .area = STORE_LOG,
                              .from = log_key(arena, space, partition, *from),
                              .to = log_key(arena, space, partition, sealing->segment.to),
                              .tier = STORE_ANY,
                              .background = true,
                              .row_count_max = STORE_SCAN_ROWS_MAX,
                              .bytes_max = STORE_SCAN_BYTES_MAX};
    struct store_page page;
    TRY(db_error_of(&session, store_scan(sealing->db->store, arena, &scan, &page)));
    for (uint32_t i = 0; i < page.count; i++) {
        struct log_record record;
        if (!log_record_open(&page.entries[i], &record))
            return FAILURE(ERROR_CORRUPT, "a record of the change log is damaged; run check");
        TRY(add_change(sealing, arena, &record));
        *from = log_position_after(record.position);
    }
    *more = page.more;
    return NULL;
}

static error seal_part(struct sealing *sealing, uint32_t partition)
{
    struct log_position from = sealing->segment.at;
    bool more = true;
    while (more) {
        SCOPED_ARENA(arena);
        TRY(error_keep(sealing->arena, seal_page(sealing, &arena, partition, &from, &more)));
    }
    return NULL;
}

/* Parents before their children; whoever has a record before the end is known by now. */
static error seal_parts(struct sealing *sealing)
{
    SCOPED_ARENA(arena);
    uint32_t count;
    const uint32_t *parts = log_parts(sealing->db, &arena, sealing->table, &count);
    for (uint32_t i = 0; i < count; i++)
        TRY(seal_part(sealing, parts[i]));
    return NULL;
}

/* Everything that is committed now, and nothing later, has its place before `to`. */
static error choose_end(struct db *db, struct arena *arena, struct backup *segment)
{
    enum { TO_COME = 100 }; /* with the fault */
    segment->to_ms = db_now_ms(db);
    TRY(db_commit_rows(db, arena, NULL, 0));
    segment->to = (struct log_position){store_commit_number(db->store) + 1, 0};
    if (fault_planted(FAULT_SEGMENT_END))
        segment->to.commit += TO_COME;
    return NULL;
}

static error seal_from(struct db *db, struct arena *arena, const struct table *table,
                       struct log_position from)
{
    struct sealing sealing = {.db = db, .arena = arena, .table = table};
    pthread_mutex_lock(&db->control);
    sealing.segment = backup_fields_locked(db, arena, table, BACKUP_SEGMENT, db_now_ms(db));
    pthread_mutex_unlock(&db->control);
    sealing.segment.created_ms = db_now_ms(db);
    sealing.segment.at = from;
    TRY(choose_end(db, arena, &sealing.segment));
    error failure = seal_parts(&sealing);
    if (failure && sealing.writer)
        archive_abandon(sealing.writer);
    if (failure || !sealing.writer)
        return failure;
    store_sync(db->store); /* stamps that a power cut took back would be given out again */
    TRY(archive_finish(sealing.writer, arena));
    sealing.segment.is_available = true;
    archive_put(db->archive, &sealing.segment);
    return NULL;
}

error recovery_seal(struct db *db, const struct table *table)
{
    SCOPED_ARENA(arena);
    error failure = NULL;
    archive_lock_files(db->archive);
    struct db_session session = archive_session(db, &arena);
    struct kept kept = {.has_base = false};
    failure = find_kept(&session, table, &kept);
    if (!failure && kept.has_base)
        failure = seal_from(db, &arena, table, kept.sealed);
    archive_unlock_files(db->archive);
    if (failure)
        log_write(LOG_WARN, "seal_failed", "table=%.*s reason=%s", SLICE_ARGS(table->name),
                  LOG_VALUE(failure->message));
    return failure ? FAILURE(ERROR_STORAGE, "Changes could not be put into the archive.") : NULL;
}

/* ---- what is due ---- */

/* Five bases in a period, so that less than a quarter more than the period is kept. */
static int64_t base_age_ms_max(const struct table *table)
{
    int64_t age_ms = table->recovery.days * DAY_MS / 5;
    return age_ms > DAY_MS ? age_ms : DAY_MS;
}

static error begin_base(struct db *db, struct arena *arena, const struct table *table)
{
    struct backup base;
    pthread_mutex_lock(&db->control);
    const struct table *current = catalogue_find(db->catalogue, table->name);
    error failure = NULL;
    if (current == table)
        failure = backup_begin_locked(db, arena, table, BACKUP_BASE, SLICE_NONE, &base);
    pthread_mutex_unlock(&db->control);
    if (current)
        table_release(current);
    return failure;
}

static error keep(struct db_session *session, const struct table *table, bool tells)
{
    struct db *db = session->db;
    struct kept kept;
    TRY(find_kept(session, table, &kept));
    if (tells && kept.gap.size > 0)
        log_write(LOG_ERROR, "archive_gap", "table=%.*s reason=%s", SLICE_ARGS(table->name),
                  LOG_VALUE(kept.gap));
    bool is_old = kept.has_base && db_now_ms(db) - kept.last_base.created_ms >=
                                       base_age_ms_max(table);
    return kept.has_base && !is_old ? NULL : begin_base(db, session->arena, table);
}

void recovery_keep(struct db *db, const struct table *table, bool seals, bool tells)
{
    SCOPED_ARENA(arena);
    struct db_session session = archive_session(db, &arena);
    error failure = keep(&session, table, tells);
    if (failure)
        log_write(LOG_WARN, "base_failed", "table=%.*s reason=%s", SLICE_ARGS(table->name),
                  LOG_VALUE(failure->message));
    else if (seals && recovery_seal(db, table))
        return; /* said there */
}

/* ---- what goes ---- */

/* The base that is needed for the earliest moment: bases and segments before its cut are not. */
static struct log_position horizon_of(struct db *db, struct arena *arena, const struct table *table,
                                      int64_t now_ms)
{
    int64_t horizon_ms = now_ms - table->recovery.days * DAY_MS;
    struct log_position horizon = {0, 0};
    struct backup backup;
    slice after = SLICE_NONE;
    while (archive_after(db->archive, arena, after, &backup)) {
        after = backup.id;
        if (backup.type == BACKUP_BASE && backup.is_available &&
            slice_equal(backup.table_id, table->id) && backup.created_ms <= horizon_ms &&
            log_position_compare(backup.at, horizon) > 0)
            horizon = backup.at;
    }
    return horizon;
}

static bool is_superfluous_of(struct db *db, struct arena *arena, const struct table *table,
                              const struct backup *backup, int64_t now_ms)
{
    bool is_its_table = table && slice_equal(table->id, backup->table_id);
    if (!is_its_table || table->recovery.since_ms == 0)
        return true;
    if (backup->type == BACKUP_BASE && backup->is_available &&
        backup->created_ms < table->recovery.since_ms)
        return true; /* changes were not recorded all the time since */
    struct log_position horizon = horizon_of(db, arena, table, now_ms);
    struct log_position end = backup->type == BACKUP_BASE ? backup->at : backup->to;
    int order = log_position_compare(end, horizon);
    return backup->type == BACKUP_BASE ? order < 0 : order <= 0;
}

/* db->control is held. */
static bool is_superfluous(struct db *db, struct arena *arena, const struct backup *backup,
                           int64_t now_ms)
{
    switch (backup->type) {
    case BACKUP_USER:
        return false;
    case BACKUP_SYSTEM:
        return backup->is_available && now_ms >= backup->expires_ms &&
               !restore_needs_locked(db, backup);
    case BACKUP_BASE:
    case BACKUP_SEGMENT:
        break;
    }
    if (restore_reads_table_locked(db, backup->table_id) ||
        exports_read_table(db->exports, backup->table_id))
        return false;
    const struct table *table = catalogue_find(db->catalogue, backup->table_name);
    bool superfluous = is_superfluous_of(db, arena, table, backup, now_ms);
    if (table)
        table_release(table);
    return superfluous;
}

/*
 * The row goes first; that of the first archive if there is none as well: with it the store knows
 * a time at which all of them were superfluous. Check would miss a base that went before its
 * segments, if the process ended in between.
 */
static error remove_archive(struct db *db, struct arena *arena, const struct backup *backup,
                            bool *is_time_known)
{
    if (backup->has_row || !*is_time_known)
        TRY(backup_drop_row(db, arena, backup->id));
    if (!*is_time_known)
        store_sync(db->store);
    *is_time_known = true;
    TRY(archive_remove(arena, archive_directory(db->archive), archive_file_name(arena, backup)));
    archive_forget(db->archive, backup->id);
    return NULL;
}

void recovery_prune(struct db *db)
{
    struct backup backup;
    SCOPED_ARENA(cursor);
    slice after = SLICE_NONE;
    int64_t now_ms = db_now_ms(db);
    bool is_time_known = false;
    for (bool more = true; more;) {
        SCOPED_ARENA(arena);
        more = archive_after(db->archive, &arena, after, &backup);
        if (!more)
            break;
        after = arena_copy(&cursor, backup.id);
        error failure = NULL;
        if (is_superfluous(db, &arena, &backup, now_ms))
            failure = remove_archive(db, &arena, &backup, &is_time_known);
        if (failure)
            log_write(LOG_WARN, "archive_stays", "reason=%s", LOG_VALUE(failure->message));
    }
}
