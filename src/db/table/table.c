/*
 * The life of a table: created, described, deleted, its rows dropped.
 *
 * A deletion retires the table in one change set: the catalogue row goes, a tombstone of its space
 * comes. The housekeeper then drops the rows and, once that is durable, the tombstone.
 */
#include "db/table/table.h"

#include "base/assert.h"
#include "base/bytes.h"
#include "base/limits.h"
#include "base/log.h"
#include "db/backup/backup_row.h"
#include "db/backup/recovery.h"
#include "db/backup/restore.h"
#include "db/db_private.h"
#include "db/index/index_change.h"
#include "db/stream/log_trim.h"
#include "db/stream/stream_change.h"
#include "db/table/admission.h"
#include "db/table/table_private.h"
#include "db/table/table_row.h"
#include "db/table/tagging.h"

static void release_table(void *table)
{
    table_release(table);
}

static const struct table *keep(struct db_session *session, const struct table *table)
{
    arena_defer(session->arena, release_table, (void *)table);
    return table;
}

/* Whether a table that is being deleted has stopped being there. */
static bool is_gone_at(const struct db *db, const struct table *table, int64_t now_ms)
{
    return table->deleting_ms != 0 && now_ms >= table->deleting_ms + db->transition_delay_ms;
}

enum table_status table_status_at(const struct table *table, int64_t now_ms)
{
    if (table->deleting_ms != 0)
        return TABLE_DELETING;
    if (now_ms < table->active_ms)
        return TABLE_CREATING;
    bool is_updating = now_ms < table->updated_ms || table_allocated_index(table, now_ms);
    return is_updating ? TABLE_UPDATING : TABLE_ACTIVE;
}

int64_t table_jobs_at(const struct table *table, int64_t now_ms)
{
    return now_ms < table->updated_ms ? table->jobs : 0;
}

slice table_class_name(enum table_class table_class)
{
    assert_that(table_class != TABLE_CLASS_UNSAID);
    return table_class == TABLE_CLASS_STANDARD ? SLICE("STANDARD")
                                               : SLICE("STANDARD_INFREQUENT_ACCESS");
}

#define IN_USE "Attempt to change a resource which is still in use: "

error table_is_updating(struct arena *arena, const struct table *table)
{
    return fail(arena, ERROR_RESOURCE_IN_USE,
                IN_USE "Table: %.*s is in the process of being updated.", SLICE_ARGS(table->name));
}

error table_check_there(struct arena *arena, const struct table *table, int64_t now_ms)
{
    if (table->deleting_ms != 0)
        return fail(arena, ERROR_RESOURCE_IN_USE, IN_USE "Table is being deleted: %.*s",
                    SLICE_ARGS(table->name));
    if (now_ms < table->active_ms)
        return fail(arena, ERROR_RESOURCE_IN_USE, IN_USE "Table is being created: %.*s",
                    SLICE_ARGS(table->name));
    return NULL;
}

/* The table unless it is gone; held by the session's arena. */
static const struct table *find_live(struct db_session *session, slice name, int64_t now_ms)
{
    const struct table *table = catalogue_find(session->db->catalogue, name);
    if (!table)
        return NULL;
    keep(session, table);
    return is_gone_at(session->db, table, now_ms) ? NULL : table;
}

error table_find(struct db_session *session, slice name, const struct table **found)
{
    session->now_ms = db_now_ms(session->db);
    const struct table *table = find_live(session, name, session->now_ms);
    enum table_status status = table ? table_status_at(table, session->now_ms) : TABLE_DELETING;
    if (status == TABLE_CREATING || status == TABLE_DELETING)
        return FAILURE(ERROR_RESOURCE_NOT_FOUND, "Requested resource not found");
    if (!session->table)
        session->table = table;
    *found = table;
    return NULL;
}

static error not_found(struct arena *arena, slice name)
{
    return fail(arena, ERROR_RESOURCE_NOT_FOUND,
                "Requested resource not found: Table: %.*s not found", SLICE_ARGS(name));
}

error table_describe(struct db_session *session, slice name, const struct table **found)
{
    const struct table *table = find_live(session, name, db_now_ms(session->db));
    if (!table)
        return not_found(session->arena, name);
    *found = table;
    return NULL;
}

bool table_is_being_restored(const struct table *table)
{
    return table->restore.time_ms != 0 && table->active_ms == TABLE_RESTORING;
}

error table_find_settled(struct db_session *session, slice name, const struct table **found)
{
    TRY(table_describe(session, name, found));
    return table_is_being_restored(*found) ? not_found(session->arena, name) : NULL;
}

error table_names(struct db_session *session, slice after, uint32_t limit, const slice **names,
                  uint32_t *count, bool *more)
{
    assert_that(limit > 0 && limit <= LIST_TABLES_LIMIT_MAX);
    const struct table *tables[LIST_TABLES_LIMIT_MAX + 1];
    slice *listed = arena_new_array(session->arena, slice, limit);
    int64_t now_ms = db_now_ms(session->db);
    uint32_t listed_count = 0;
    uint32_t got;
    *more = false;
    do { /* again only where tables on their way out were passed over */
        got = catalogue_list(session->db->catalogue, after, tables, limit + 1);
        for (uint32_t i = 0; i < got; i++) {
            after = keep(session, tables[i])->name;
            if (is_gone_at(session->db, tables[i], now_ms))
                continue;
            if (listed_count == limit)
                *more = true;
            else
                listed[listed_count++] = after;
        }
    } while (got == limit + 1 && !*more);
    *names = listed;
    *count = listed_count;
    return NULL;
}

static void add_units(struct table_units *sum, struct table_units units)
{
    sum->read += units.read;
    sum->write += units.write;
}

struct table_units table_units_reserved(struct db *db)
{
    SCOPED_ARENA(arena);
    struct table_units sum = {0};
    const struct table *table;
    slice after = SLICE_NONE;
    while (catalogue_list(db->catalogue, after, &table, 1) == 1) {
        after = arena_copy(&arena, table->name);
        if (table->deleting_ms == 0) {
            add_units(&sum, table->settings.provisioned);
            for (uint32_t i = 0; i < table->index_count; i++)
                add_units(&sum, table->indexes[i].provisioned);
        }
        table_release(table);
    }
    return sum;
}

uint32_t table_list(struct db *db, slice after, const struct table **tables, uint32_t limit)
{
    return catalogue_list(db->catalogue, after, tables, limit);
}

error db_read_counters(struct db_session *session, struct row_place place, int64_t *item_count,
                       int64_t *bytes)
{
    slice keys[] = {row_key_of_counter(session->arena, place, COUNTER_ITEMS),
                    row_key_of_counter(session->arena, place, COUNTER_BYTES)};
    struct store_row rows[2];
    TRY(db_error_of(session, store_get(session->db->store, STORE_SHARD_WHOLE, session->arena, keys,
                                       2, session->tier, rows)));
    *item_count = rows[0].found ? (int64_t)bytes_get_u64(rows[0].value.data) : 0;
    *bytes = rows[1].found ? (int64_t)bytes_get_u64(rows[1].value.data) : 0;
    return NULL;
}

error table_counts(struct db_session *session, const struct table *table, int64_t *item_count,
                   int64_t *bytes)
{
    return db_read_counters(session, (struct row_place){.space = table->space}, item_count, bytes);
}

slice db_make_uuid_locked(struct db *db, struct arena *arena)
{
    uint64_t high = (random_next(&db->random) & ~0xf000ull) | 0x4000u;
    uint64_t low = (random_next(&db->random) >> 2) | (1ull << 63);
    return arena_format(arena, "%08llx-%04llx-%04llx-%04llx-%012llx",
                        (unsigned long long)(high >> 32), (unsigned long long)(high >> 16 & 0xffff),
                        (unsigned long long)(high & 0xffff), (unsigned long long)(low >> 48),
                        (unsigned long long)(low & 0xffffffffffff));
}

struct store_write table_bury(struct arena *arena, const struct table *table, uint32_t space)
{
    struct table fields = *table;
    fields.space = space;
    fields.index_count = 0;
    fields.expiry = (struct table_expiry){0};
    return db_put(row_key_of_tombstone(arena, space), table_row_make(arena, &fields));
}

error table_retire_locked(struct db *db, struct arena *arena, const struct table *table)
{
    table_retain(table);
    catalogue_remove(db->catalogue, table->name);
    uint32_t spaces[2 + INDEXES_MAX];
    struct store_write writes[1 + 2 + INDEXES_MAX + 2];
    uint32_t space_count = 0;
    spaces[space_count++] = table->space;
    if (table->log_space != 0 && !log_has_stream(db, table->log_space, 0))
        spaces[space_count++] = table->log_space; /* else it goes with its last stream */
    for (uint32_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].kind == INDEX_GLOBAL)
            spaces[space_count++] = table->indexes[i].space;
    }
    writes[0] = db_delete(row_key_of_table(arena, table->name));
    for (uint32_t i = 0; i < space_count; i++)
        writes[1 + i] = table_bury(arena, table, spaces[i]);
    uint32_t count = 1 + space_count;
    struct stream_change stream;
    stream_change_end(db, arena, table, &stream);
    if (stream.is_any)
        writes[count++] = stream.write;
    struct backup backup;
    bool leaves_backup = recovery_last_backup(db, arena, table, &backup);
    if (leaves_backup)
        writes[count++] = backup_row_write(arena, &backup);
    error failure = db_commit_rows(db, arena, writes, count);
    if (failure) {
        catalogue_put(db->catalogue, table);
        return failure;
    }
    stream_change_done(db, arena, &stream);
    if (leaves_backup)
        backup_row_committed(db, arena, &writes[count - 1]);
    for (uint32_t i = 0; i < space_count; i++)
        catalogue_add_dead_space(db->catalogue, spaces[i]);
    log_write(LOG_INFO, "table_deleted", "table=%.*s", SLICE_ARGS(table->name));
    table_release(table);
    return NULL;
}

/* Copies of the indexes asked for, each with its place; `next_space` is the first free one. */
static const struct index *place_indexes(struct arena *arena,
                                         const struct table_definition *definition,
                                         uint32_t table_space, uint32_t *next_space)
{
    assert_that(definition->index_count <= INDEXES_MAX);
    struct index *indexes = arena_new_array(arena, struct index, definition->index_count);
    uint8_t local_count = 0;
    for (uint32_t i = 0; i < definition->index_count; i++) {
        bool local = definition->indexes[i].kind == INDEX_LOCAL;
        indexes[i] = definition->indexes[i];
        indexes[i].insights = (struct table_insights){.mode = INSIGHTS_OFF}; /* not restored */
        indexes[i].space = local ? table_space : (*next_space)++;
        indexes[i].number = local ? ++local_count : 0;
    }
    assert_that(local_count <= LOCAL_INDEXES_MAX);
    return indexes;
}

/* The description of a new table; `next_space` is the first space that is free then. */
static struct table make_fields(struct db *db, struct arena *arena,
                                const struct table_definition *definition, int64_t now_ms,
                                uint32_t *next_space)
{
    bool awaits_items = definition->awaits_items || definition->restore.time_ms != 0;
    struct table fields = {
        .name = definition->name,
        .arn = db_table_arn(db, arena, definition->name),
        .id = definition->id.size > 0 ? definition->id : db_make_uuid_locked(db, arena),
        .space = db->next_space,
        .keys = definition->keys,
        .index_count = definition->index_count,
        .settings = definition->settings,
        .restore = definition->restore,
        .created_ms = now_ms,
        .active_ms = awaits_items ? TABLE_RESTORING : now_ms + db->transition_delay_ms,
    };
    table_settings_warm_up(&fields.settings);
    if (fields.settings.billing_mode == BILLING_PAY_PER_REQUEST)
        fields.history.on_demand_ms = now_ms;
    fields.partitions = partition_map_make(arena, db->partition_count > 0
                                                      ? db->partition_count
                                                      : partition_count_of(&fields.settings));
    *next_space = db->next_space + 1;
    fields.indexes = place_indexes(arena, definition, fields.space, next_space);
    partition_indexes(arena, &fields, db->partition_count);
    return fields;
}

static error check_free(struct arena *arena, const struct table *existing, bool is_restored,
                        int64_t now_ms)
{
    const struct table_restore *restore = &existing->restore;
    bool is_created = existing->deleting_ms == 0 && now_ms < existing->active_ms;
    if (is_created && !is_restored && !table_is_being_restored(existing))
        return table_check_there(arena, existing, now_ms);
    if (!table_is_being_restored(existing))
        return fail(arena, is_restored ? ERROR_TABLE_ALREADY_EXISTS : ERROR_RESOURCE_IN_USE,
                    "Table already exists: %.*s", SLICE_ARGS(existing->name));
    if (!is_restored)
        return fail(arena, ERROR_RESOURCE_IN_USE, "Table is being used: %.*s",
                    SLICE_ARGS(existing->name));
    bool from_backup = restore->backup_arn.size > 0;
    return fail(arena, ERROR_TABLE_IN_USE, "Table: %.*s is already being restored from %s: %.*s",
                SLICE_ARGS(existing->name), from_backup ? "backup" : "table",
                SLICE_ARGS(from_backup ? restore->backup_arn : restore->table_arn));
}

/* The name is free, or becomes so: a table that is on its way out goes. */
static error check_creatable(struct db_session *session, const struct table_definition *definition,
                             int64_t now_ms)
{
    struct db *db = session->db;
    const struct table *existing = catalogue_find(db->catalogue, definition->name);
    bool is_restored = definition->restore.time_ms != 0;
    if (existing) {
        keep(session, existing);
        if (!is_gone_at(db, existing, now_ms))
            return check_free(session->arena, existing, is_restored, now_ms);
        TRY(table_retire_locked(db, session->arena, existing));
    }
    if (is_restored)
        TRY(restore_check_locked(db, session->arena, &definition->restore));
    if (catalogue_count(db->catalogue) >= TABLES_MAX)
        return FAILURE(ERROR_LIMIT_EXCEEDED,
                       "Too many operations for a given subscriber or too many tables");
    return NULL;
}

error table_create_locked(struct db_session *session, const struct table_definition *definition,
                          const struct store_write *with, const struct table **created)
{
    struct db *db = session->db;
    struct arena *arena = session->arena;
    int64_t now_ms = db_now_ms(db);
    uint32_t next_space;
    TRY(check_creatable(session, definition, now_ms));
    struct table fields = make_fields(db, arena, definition, now_ms, &next_space);
    struct stream_change stream;
    TRY(stream_change_make(db, arena, &fields,
                           definition->stream_view == STREAM_VIEW_NONE ? STREAM_AS_IT_IS
                                                                       : STREAM_ENABLE,
                           definition->stream_view, next_space, &stream));
    char stored_next_space[4];
    bytes_put_u32(stored_next_space, stream.next_space);
    struct store_write writes[4] = {
        db_put(row_key_of_table(arena, fields.name), table_row_make(arena, &fields)),
        db_put(META_NEXT_SPACE_KEY, slice_of(stored_next_space, sizeof stored_next_space)),
    };
    uint32_t count = 2;
    if (stream.is_any)
        writes[count++] = stream.write;
    if (with)
        writes[count++] = *with;
    TRY(db_commit_rows(db, arena, writes, count));
    db->next_space = stream.next_space;
    stream_change_done(db, arena, &stream);
    const struct table *table = table_new(&fields, NULL);
    table_retain(table);
    catalogue_put(db->catalogue, table);
    *created = keep(session, table);
    log_write(LOG_INFO, "table_created", "table=%.*s", SLICE_ARGS(fields.name));
    return NULL;
}

error table_create(struct db_session *session, const struct table_definition *definition,
                   const struct table **table)
{
    if (session->tier == STORE_CACHED)
        return db_error_of(session, STORE_WOULD_BLOCK);
    pthread_mutex_lock(&session->db->control);
    error failure = table_create_locked(session, definition, NULL, table);
    pthread_mutex_unlock(&session->db->control);
    return failure;
}

static error check_deletable(struct db *db, struct arena *arena, const struct table *table,
                             int64_t now_ms)
{
    if (table->settings.deletion_protected)
        return FAILURE(ERROR_VALIDATION, "Resource cannot be deleted as it is currently protected "
                                         "against deletion. Disable deletion protection first.");
    TRY(admission_check_deletion(arena, table, now_ms));
    /* Changes may still be recorded for a backup that is there already. */
    if (table->recovery.backs_up && archive_makes_backup(db->archive, table->id))
        return fail(arena, ERROR_RESOURCE_IN_USE, IN_USE "Table is being backed up: %.*s",
                    SLICE_ARGS(table->name));
    if (table_busy_index(table, now_ms))
        return FAILURE(ERROR_RESOURCE_IN_USE, IN_USE "Cannot delete table while indexes are being "
                                                     "created, updated, or deleted.");
    TRY(table_check_tagged(arena, table, now_ms));
    bool is_updating = now_ms < table->encrypted_ms || now_ms < table->warmed_ms;
    return is_updating ? table_is_updating(arena, table) : NULL;
}

static error begin_deleting_locked(struct db *db, struct arena *arena, const struct table *table,
                                   const struct table *deleting)
{
    table_retain(deleting);
    catalogue_put(db->catalogue, deleting);
    struct stream_change stream;
    stream_change_end(db, arena, table, &stream);
    struct store_write writes[] = {
        db_put(row_key_of_table(arena, table->name), table_row_make(arena, deleting)),
        stream.write,
    };
    error failure = db_commit_rows(db, arena, writes, stream.is_any ? 2 : 1);
    if (failure) {
        table_retain(table);
        catalogue_put(db->catalogue, table);
        return failure;
    }
    stream_change_done(db, arena, &stream);
    return NULL;
}

static error delete_locked(struct db_session *session, slice name, const struct table **deleted)
{
    struct db *db = session->db;
    struct arena *arena = session->arena;
    const struct table *table;
    TRY(table_describe(session, name, &table));
    int64_t now_ms = db_now_ms(db);
    TRY(check_deletable(db, arena, table, now_ms));
    struct table fields = *table;
    fields.deleting_ms = now_ms;
    fields.stream.view = STREAM_VIEW_NONE;
    const struct table *deleting = keep(session, table_new(&fields, table_gate(table)));
    if (db->transition_delay_ms == 0)
        TRY(table_retire_locked(db, arena, table));
    else
        TRY(begin_deleting_locked(db, arena, table, deleting));
    *deleted = deleting;
    return NULL;
}

error table_delete(struct db_session *session, slice name, const struct table **table)
{
    if (session->tier == STORE_CACHED)
        return db_error_of(session, STORE_WOULD_BLOCK);
    backup_await(session->db, name);
    pthread_mutex_lock(&session->db->control);
    error failure = delete_locked(session, name, table);
    pthread_mutex_unlock(&session->db->control);
    return failure;
}

/* Whether it, or an index of it, has been DELETING for long enough. */
static bool is_due(const struct db *db, const struct table *table, int64_t now_ms)
{
    const struct index *deleted = table_deleted_index(table);
    return is_gone_at(db, table, now_ms) ||
           (deleted && now_ms >= deleted->deleting_ms + db->transition_delay_ms);
}

/* The first such table, with a reference; NULL: none. */
static const struct table *find_due(struct db *db)
{
    enum { BATCH = 64 };
    const struct table *tables[BATCH];
    const struct table *due = NULL;
    SCOPED_ARENA(arena);
    slice after = SLICE_NONE;
    uint32_t count;
    do {
        count = catalogue_list(db->catalogue, after, tables, BATCH);
        if (count > 0)
            after = arena_copy(&arena, tables[count - 1]->name);
        for (uint32_t i = 0; i < count; i++) {
            if (!due && is_due(db, tables[i], db_now_ms(db)))
                due = tables[i];
            else
                table_release(tables[i]);
        }
    } while (count == BATCH && !due);
    return due;
}

unsigned table_retire_due(struct db *db)
{
    enum { RETIRED_A_TURN = 32 }; /* each waits for the disk, and others wait meanwhile */
    unsigned retired = 0;
    const struct table *due;
    pthread_mutex_lock(&db->control);
    while (retired < RETIRED_A_TURN && (due = find_due(db))) {
        SCOPED_ARENA(arena);
        error failure = is_gone_at(db, due, db_now_ms(db))
                            ? table_retire_locked(db, &arena, due)
                            : index_retire_deleted_locked(db, &arena, due);
        table_release(due);
        if (failure) {
            log_write(LOG_WARN, "retire_failed", "reason=%s", LOG_VALUE(failure->message));
            break;
        }
        retired++;
    }
    pthread_mutex_unlock(&db->control);
    return retired;
}
