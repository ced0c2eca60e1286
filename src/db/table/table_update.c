#include "db/table/table_update.h"

#include "base/bytes.h"
#include "base/limits.h"
#include "base/log.h"
#include "db/db_private.h"
#include "db/index/index_change.h"
#include "db/partition/partition.h"
#include "db/table/admission.h"
#include "db/table/change_limits.h"
#include "db/table/shown.h"
#include "db/table/table_private.h"
#include "db/table/table_row.h"
#include "db/table/throughput.h"
#include <inttypes.h>

#define INVALID "One or more parameter values were invalid: "
#define IN_USE "Attempt to change a resource which is still in use: "

enum { CLASS_CHANGES_DAYS = 30 };
static const int64_t DAY_MS = INT64_C(86400000);

/* ---- one change after the other, each on a copy of the description ---- */

static error set_provisioned(struct arena *arena, struct table *table, struct table_units wanted,
                             int64_t now_ms)
{
    const struct table_units current = table->settings.provisioned;
    bool changed;
    TRY(throughput_change(arena, &table->settings.provisioned, &table->history, wanted, now_ms,
                          &changed));
    table->history.provisioned_before = current;
    if (changed)
        return NULL;
    return fail(arena, ERROR_VALIDATION,
                "The provisioned throughput for the table will not change. The requested value "
                "equals the current value. Current ReadCapacityUnits provisioned for the "
                "table: %" PRId64 ". Requested ReadCapacityUnits: %" PRId64
                ". Current WriteCapacityUnits provisioned for the table: %" PRId64
                ". Requested WriteCapacityUnits: %" PRId64
                ". Refer to the Amazon DynamoDB Developer Guide for current limits and how to "
                "request higher limits.",
                current.read, wanted.read, current.write, wanted.write);
}

/* A switch is neither an increase nor a decrease, and takes the ceilings with it. */
static void switch_billing(struct table *table, const struct table_change *change, int64_t now_ms)
{
    table->settings.billing_mode = change->billing_mode;
    table->settings.provisioned = change->provisioned;
    table->settings.on_demand_max = (struct table_units){0};
    if (change->billing_mode == BILLING_PAY_PER_REQUEST)
        table->history.on_demand_ms = now_ms;
}

static error change_billing(struct arena *arena, struct table *table,
                            const struct table_change *change, int64_t now_ms)
{
    enum billing_mode current = table->settings.billing_mode;
    if (change->changes_billing_mode && change->billing_mode != current) {
        switch_billing(table, change, now_ms);
        return NULL;
    }
    if (change->provisioned.read == 0)
        return NULL;
    if (current == BILLING_PAY_PER_REQUEST)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified "
                               "when BillingMode is PAY_PER_REQUEST");
    return set_provisioned(arena, table, change->provisioned, now_ms);
}

static error change_class(struct table *table, const struct table_change *change, int64_t now_ms)
{
    struct table_history *history = &table->history;
    enum table_class current = table->settings.table_class;
    if (current == TABLE_CLASS_UNSAID)
        current = TABLE_CLASS_STANDARD;
    if (change->table_class == TABLE_CLASS_UNSAID)
        return NULL;
    if (history->class_changed_before_ms != 0 &&
        now_ms < history->class_changed_before_ms + CLASS_CHANGES_DAYS * DAY_MS)
        return FAILURE(ERROR_LIMIT_EXCEEDED, "Subscriber limit exceeded: Updates to TableClass are "
                                             "limited to 2 times in 30 day(s).");
    if (change->table_class == current)
        return NULL;
    history->class_before = table->settings.table_class;
    table->settings.table_class = change->table_class;
    history->class_changed_before_ms = history->class_changed_ms;
    history->class_changed_ms = now_ms;
    return NULL;
}

static error change_encryption(struct arena *arena, struct table *table,
                               const struct table_change *change, int64_t now_ms, int64_t ready_ms)
{
    slice *current = &table->settings.encryption_key_arn;
    if (!change->changes_encryption)
        return NULL;
    TRY(change_limit_encryption(arena, table, now_ms));
    bool disables = change->encryption_key_arn.size == 0;
    if (disables && now_ms < table->encrypted_ms)
        return FAILURE(ERROR_RESOURCE_IN_USE,
                       IN_USE "Server-Side Encryption is still being updated");
    if (disables && current->size == 0)
        return FAILURE(ERROR_VALIDATION, INVALID "Table is already encrypted by default");
    if (change->names_key_arn && slice_equal(*current, change->encryption_key_arn))
        return FAILURE(ERROR_VALIDATION,
                       INVALID "Table is already encrypted with given KMSMasterKeyId. Use "
                               "KMSMasterKeyId parameter if you want to change Master Key");
    table->history.encryption_key_before = shown_encryption(table, now_ms).key_arn;
    *current = change->encryption_key_arn;
    table->encrypted_ms = ready_ms;
    change_note_encryption(table, now_ms);
    return NULL;
}

static error change_protection(struct arena *arena, struct table *table,
                               const struct table_change *change, int64_t now_ms)
{
    if (!change->changes_protection)
        return NULL;
    TRY(change_limit_protection(arena, table, now_ms));
    if (table->settings.deletion_protected != change->deletion_protected)
        change_note_protection(table, now_ms);
    table->settings.deletion_protected = change->deletion_protected;
    return NULL;
}

bool table_change_takes_time(const struct table_change *change)
{
    return change->changes_billing_mode || change->provisioned.read != 0 ||
           change->stream != STREAM_AS_IT_IS || change->table_class != TABLE_CLASS_UNSAID;
}

/* ---- the whole change, on a copy of the description ---- */

/* A billing mode or class that it has already is taken, and nothing comes of it. */
static int64_t jobs_of(const struct table *before, const struct table *after,
                       const struct table_change *change)
{
    bool switches = before->settings.billing_mode != after->settings.billing_mode;
    bool changes_class = before->settings.table_class != after->settings.table_class;
    return (switches || change->provisioned.read != 0 ? TABLE_JOB_UNITS : 0) |
           (switches ? TABLE_JOB_BILLING : 0) |
           (change->stream != STREAM_AS_IT_IS ? TABLE_JOB_STREAM : 0) |
           (changes_class ? TABLE_JOB_CLASS : 0);
}

static error apply(struct db_session *session, struct table *table,
                   const struct table_change *change, uint32_t *next_space)
{
    struct db *db = session->db;
    struct arena *arena = session->arena;
    int64_t now_ms = db_now_ms(db);
    int64_t ready_ms = now_ms + db->transition_delay_ms;
    const struct table before = *table;
    uint32_t count_before = partition_count_of(&table->settings);
    TRY(admission_check(arena, table, change, now_ms));
    TRY(change_billing(arena, table, change, now_ms));
    TRY(ceilings_change(arena, SLICE("table"), table->settings.billing_mode,
                        &table->settings.on_demand_max, change->on_demand_max));
    table_settings_warm_up(&table->settings);
    TRY(warm_change(arena, SLICE("table"), &table->settings.warm, change->warm, ready_ms,
                    &table->warmed_ms));
    table->history.warm_before = shown_warm(&before, now_ms);
    partition_want(&table->partitions_wanted, table->partitions, count_before,
                   partition_count_of(&table->settings));
    TRY(change_class(table, change, now_ms));
    TRY(change_encryption(arena, table, change, now_ms, ready_ms));
    TRY(change_protection(arena, table, change, now_ms));
    int64_t jobs = jobs_of(&before, table, change);
    if (jobs != 0) {
        table->updated_ms = ready_ms;
        table->jobs = jobs;
    }
    bool switched = before.settings.billing_mode != table->settings.billing_mode;
    return index_actions_apply(session, table, change->index_actions, change->index_action_count,
                               switched, next_space);
}

/* ---- replacing a description ---- */

static void release_table(void *table)
{
    table_release(table);
}

/*
 * Durable first: what is seen is never lost. Writes in between may still see the older
 * description, whose keys are the same.
 */
error table_replace_locked(struct db *db, struct arena *arena, const struct table *older,
                           const struct table *fields, const struct store_write *others,
                           uint32_t other_count, const struct stream_change *stream,
                           const struct table **newer)
{
    struct store_write *writes = arena_new_array(arena, struct store_write, 2 + other_count);
    uint32_t count = 0;
    writes[count++] = db_put(row_key_of_table(arena, fields->name), table_row_make(arena, fields));
    for (uint32_t i = 0; i < other_count; i++)
        writes[count++] = others[i];
    if (stream && stream->is_any)
        writes[count++] = stream->write;
    TRY(db_commit_rows(db, arena, writes, count));
    if (stream)
        stream_change_done(db, arena, stream);
    const struct table *table = table_new(fields, table_gate(older));
    table_retain(table);
    arena_defer(arena, release_table, (void *)table);
    builds_add_new(db, older, table);
    catalogue_put(db->catalogue, table);
    *newer = table;
    return NULL;
}

/* The deletion is durable. Where its second step fails, the housekeeper makes it. */
static void retire_at_once(struct db *db, struct arena *arena, const struct table *table)
{
    error failure = index_retire_deleted_locked(db, arena, table);
    if (failure)
        log_write(LOG_WARN, "retire_failed", "reason=%s", LOG_VALUE(failure->message));
}

/* The stream is closed already; what is left to do the housekeeper can do as well. */
static void seal_or_leave(struct db *db, struct arena *arena)
{
    unsigned sealed;
    error failure = stream_seal_closed(db, arena, &sealed);
    if (failure)
        log_write(LOG_WARN, "seal_failed", "reason=%s", LOG_VALUE(failure->message));
}

static error update_locked(struct db_session *session, slice name,
                           const struct table_change *change, struct table_changed *changed)
{
    struct db *db = session->db;
    struct arena *arena = session->arena;
    TRY(table_find_settled(session, name, &changed->before));
    if (change->seen && change->seen != changed->before)
        return db_error_of(session, STORE_CONFLICT);
    struct table fields = *changed->before;
    uint32_t next_space = db->next_space;
    TRY(apply(session, &fields, change, &next_space));
    struct stream_change stream;
    TRY(stream_change_make(db, arena, &fields, change->stream, change->stream_view, next_space,
                           &stream));
    char stored_next_space[4];
    bytes_put_u32(stored_next_space, stream.next_space);
    struct store_write write =
        db_put(META_NEXT_SPACE_KEY, slice_of(stored_next_space, sizeof stored_next_space));
    TRY(table_replace_locked(db, arena, changed->before, &fields, &write,
                             stream.next_space > db->next_space, &stream, &changed->after));
    db->next_space = stream.next_space;
    log_write(LOG_INFO, "table_updated", "table=%.*s", SLICE_ARGS(name));
    if (change->stream == STREAM_DISABLE)
        seal_or_leave(db, arena);
    if (db->transition_delay_ms == 0)
        retire_at_once(db, arena, changed->after);
    return NULL;
}

error table_update(struct db_session *session, slice name, const struct table_change *change,
                   struct table_changed *changed)
{
    if (session->tier == STORE_CACHED)
        return db_error_of(session, STORE_WOULD_BLOCK);
    pthread_mutex_lock(&session->db->control);
    error failure = update_locked(session, name, change, changed);
    pthread_mutex_unlock(&session->db->control);
    return failure;
}
