#include "db/table_update.h"

#include "base/limits.h"
#include "base/log.h"
#include "db/change_limits.h"
#include "db/db_private.h"
#include "db/table_private.h"
#include "db/table_row.h"
#include <inttypes.h>
#include <time.h>

#define INVALID "One or more parameter values were invalid: "

enum {
    DECREASES_FREE_PER_DAY = 4,
    DECREASE_PAUSE_MS = 3600 * 1000,
    CLASS_CHANGES_DAYS = 30,
};
static const int64_t DAY_MS = INT64_C(86400000);

/* ---- rules of the settings ---- */

static void raise_units(struct table_units *units, int64_t read, int64_t write)
{
    if (units->read < read)
        units->read = read;
    if (units->write < write)
        units->write = write;
}

void table_settings_warm_up(struct table_settings *settings)
{
    if (settings->billing_mode == BILLING_PAY_PER_REQUEST)
        raise_units(&settings->warm, WARM_READ_UNITS_ON_DEMAND, WARM_WRITE_UNITS_ON_DEMAND);
    else
        raise_units(&settings->warm, settings->provisioned.read, settings->provisioned.write);
}

error table_check_ceilings(struct arena *arena, slice subject, enum billing_mode billing_mode,
                           struct table_units wanted)
{
    const struct {
        const char *name;
        int64_t units;
    } parts[] = {{"MaxReadRequestUnits", wanted.read}, {"MaxWriteRequestUnits", wanted.write}};
    for (uint32_t i = 0; i < 2; i++) {
        if (parts[i].units != 0 && billing_mode == BILLING_PROVISIONED)
            return fail(arena, ERROR_VALIDATION,
                        INVALID "%s for OnDemandThroughput cannot be specified when the table "
                                "BillingMode is PROVISIONED",
                        parts[i].name);
    }
    for (uint32_t i = 0; i < 2; i++) {
        if (parts[i].units < -1)
            return fail(arena, ERROR_VALIDATION,
                        INVALID "Requested %s for OnDemandThroughput for %.*s is outside of valid "
                                "range",
                        parts[i].name, SLICE_ARGS(subject));
    }
    return NULL;
}

int64_t table_decreases_today(const struct table_history *history, int64_t now_ms)
{
    return history->decreased_ms / DAY_MS == now_ms / DAY_MS ? history->decrease_count : 0;
}

/* As the service writes a time in its messages. */
static slice time_text(struct arena *arena, int64_t epoch_ms)
{
    time_t seconds = (time_t)(epoch_ms / 1000);
    struct tm parts;
    char text[96];
    gmtime_r(&seconds, &parts);
    size_t size = strftime(text, sizeof text,
                           "%A, %B %-d, %Y at %-I:%M:%S %p Coordinated Universal Time", &parts);
    return arena_copy(arena, slice_of(text, size));
}

static error check_decreases(struct arena *arena, const struct table_history *history,
                             int64_t now_ms)
{
    int64_t count = table_decreases_today(history, now_ms);
    int64_t next_ms = history->decreased_ms + DECREASE_PAUSE_MS;
    slice last = time_text(arena, history->decreased_ms);
    slice next = time_text(arena, next_ms);
    if (count < DECREASES_FREE_PER_DAY || now_ms >= next_ms)
        return NULL;
    return fail(arena, ERROR_LIMIT_EXCEEDED,
                "Subscriber limit exceeded: Provisioned throughput decreases are limited within a "
                "given UTC day. After the first %d decreases, each subsequent decrease in the same "
                "UTC day can be performed at most once every 3600 seconds. Number of decreases "
                "today: %" PRId64 ". Last decrease at %.*s. Next decrease can be made at %.*s",
                DECREASES_FREE_PER_DAY, count, SLICE_ARGS(last), SLICE_ARGS(next));
}

/* ---- one change after the other, each on a copy of the description ---- */

static error set_provisioned(struct arena *arena, struct table *table, struct table_units wanted,
                             int64_t now_ms)
{
    struct table_units *current = &table->settings.provisioned;
    struct table_history *history = &table->history;
    bool increases = wanted.read > current->read || wanted.write > current->write;
    bool decreases = wanted.read < current->read || wanted.write < current->write;
    if (!increases && !decreases)
        return fail(arena, ERROR_VALIDATION,
                    "The provisioned throughput for the table will not change. The requested value "
                    "equals the current value. Current ReadCapacityUnits provisioned for the "
                    "table: %" PRId64 ". Requested ReadCapacityUnits: %" PRId64
                    ". Current WriteCapacityUnits provisioned for the table: %" PRId64
                    ". Requested WriteCapacityUnits: %" PRId64
                    ". Refer to the Amazon DynamoDB Developer Guide for current limits and how to "
                    "request higher limits.",
                    current->read, wanted.read, current->write, wanted.write);
    if (decreases) {
        TRY(check_decreases(arena, history, now_ms));
        history->decrease_count = table_decreases_today(history, now_ms) + 1;
        history->decreased_ms = now_ms;
    }
    if (increases)
        history->increased_ms = now_ms;
    *current = wanted;
    return NULL;
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

/* -1 removes a ceiling, 0 leaves it. */
static int64_t ceiling(int64_t current, int64_t wanted)
{
    if (wanted == 0)
        return current;
    return wanted == -1 ? 0 : wanted;
}

static error change_ceilings(struct arena *arena, struct table *table,
                             const struct table_change *change)
{
    struct table_units wanted = change->on_demand_max;
    struct table_units *current = &table->settings.on_demand_max;
    TRY(table_check_ceilings(arena, SLICE("table"), table->settings.billing_mode, wanted));
    current->read = ceiling(current->read, wanted.read);
    current->write = ceiling(current->write, wanted.write);
    return NULL;
}

static error change_warm(struct arena *arena, struct table *table,
                         const struct table_change *change, int64_t ready_ms)
{
    struct table_units *current = &table->settings.warm;
    bool lower_reads = change->warm.read != 0 && change->warm.read < current->read;
    bool lower_writes = change->warm.write != 0 && change->warm.write < current->write;
    if (lower_reads || lower_writes)
        return fail(arena, ERROR_VALIDATION,
                    INVALID "Requested %s for WarmThroughput for table is lower than current "
                            "WarmThroughput, decreasing WarmThroughput is not supported",
                    lower_reads ? "ReadUnitsPerSecond" : "WriteUnitsPerSecond");
    if (change->warm.read > current->read || change->warm.write > current->write)
        table->warmed_ms = ready_ms;
    raise_units(current, change->warm.read, change->warm.write);
    return NULL;
}

static error change_class(struct table *table, const struct table_change *change, int64_t now_ms)
{
    struct table_history *history = &table->history;
    enum table_class current = table->settings.table_class;
    if (current == TABLE_CLASS_UNSAID)
        current = TABLE_CLASS_STANDARD;
    if (change->table_class == TABLE_CLASS_UNSAID || change->table_class == current)
        return NULL;
    if (history->class_changed_before_ms != 0 &&
        now_ms < history->class_changed_before_ms + CLASS_CHANGES_DAYS * DAY_MS)
        return FAILURE(ERROR_LIMIT_EXCEEDED,
                       "Updates to TableClass are limited to 2 times in 30 day(s).");
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
    if (slice_equal(*current, change->encryption_key_arn))
        return change->encryption_key_arn.size > 0
                   ? FAILURE(ERROR_VALIDATION,
                             INVALID "Table is already encrypted with given KMSMasterKeyId")
                   : FAILURE(ERROR_VALIDATION, INVALID "Table is already encrypted by default");
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
           change->table_class != TABLE_CLASS_UNSAID;
}

static error apply(struct db_session *session, struct table *table,
                   const struct table_change *change)
{
    struct db *db = session->db;
    struct arena *arena = session->arena;
    int64_t now_ms = db_now_ms(db);
    int64_t ready_ms = now_ms + db->transition_delay_ms;
    TRY(table_check_idle(arena, table, now_ms));
    TRY(change_billing(arena, table, change, now_ms));
    TRY(change_ceilings(arena, table, change));
    table_settings_warm_up(&table->settings);
    TRY(change_warm(arena, table, change, ready_ms));
    TRY(change_class(table, change, now_ms));
    TRY(change_encryption(arena, table, change, now_ms, ready_ms));
    TRY(change_protection(arena, table, change, now_ms));
    if (table_change_takes_time(change))
        table->updated_ms = ready_ms;
    return NULL;
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
static error replace_locked(struct db_session *session, const struct table *older,
                            const struct table *fields, const struct table **newer)
{
    struct db *db = session->db;
    struct arena *arena = session->arena;
    struct store_write write =
        db_put(row_key_of_table(arena, fields->name), table_row_make(arena, fields));
    TRY(db_commit_rows(db, arena, &write, 1));
    const struct table *table = table_new(fields, table_gate(older));
    table_retain(table);
    arena_defer(arena, release_table, (void *)table);
    catalogue_put(db->catalogue, table);
    log_write(LOG_INFO, "table_updated", "table=%.*s", SLICE_ARGS(fields->name));
    *newer = table;
    return NULL;
}

static error update_locked(struct db_session *session, slice name,
                           const struct table_change *change, struct table_changed *changed)
{
    TRY(table_describe(session, name, &changed->before));
    struct table fields = *changed->before;
    TRY(apply(session, &fields, change));
    return replace_locked(session, changed->before, &fields, &changed->after);
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

/* ---- tags ---- */

/* What becomes of a table's tags: some are set, or some keys go. */
struct tagging {
    const struct table_tag *set;
    uint32_t set_count;
    const slice *removed;
    uint32_t removed_count;
};

static bool is_replaced(const struct tagging *tagging, slice key)
{
    for (uint32_t i = 0; i < tagging->set_count; i++) {
        if (slice_equal(tagging->set[i].key, key))
            return true;
    }
    for (uint32_t i = 0; i < tagging->removed_count; i++) {
        if (slice_equal(tagging->removed[i], key))
            return true;
    }
    return false;
}

static error apply_tags(struct arena *arena, struct table_settings *settings,
                        const struct tagging *tagging)
{
    struct table_tag *tags =
        arena_new_array(arena, struct table_tag, settings->tag_count + tagging->set_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < settings->tag_count; i++) {
        if (!is_replaced(tagging, settings->tags[i].key))
            tags[count++] = settings->tags[i];
    }
    for (uint32_t i = 0; i < tagging->set_count; i++)
        tags[count++] = tagging->set[i];
    if (count > TAGS_MAX)
        return FAILURE(ERROR_VALIDATION, "Number of Tags exceed the current limit for the provided "
                                         "ResourceArn");
    settings->tags = tags;
    settings->tag_count = count;
    return NULL;
}

static error retag_locked(struct db_session *session, slice name, const struct tagging *tagging)
{
    const struct table *table;
    TRY(table_describe(session, name, &table));
    int64_t now_ms = db_now_ms(session->db);
    enum table_status status = table_status_at(table, now_ms);
    if (status == TABLE_CREATING)
        return FAILURE(ERROR_RESOURCE_NOT_FOUND, "Requested resource not found");
    if (status == TABLE_DELETING)
        return table_check_idle(session->arena, table, now_ms);
    struct table fields = *table;
    TRY(apply_tags(session->arena, &fields.settings, tagging));
    return replace_locked(session, table, &fields, &table);
}

static error retag(struct db_session *session, slice name, const struct tagging *tagging)
{
    if (session->tier == STORE_CACHED)
        return db_error_of(session, STORE_WOULD_BLOCK);
    pthread_mutex_lock(&session->db->control);
    error failure = retag_locked(session, name, tagging);
    pthread_mutex_unlock(&session->db->control);
    return failure;
}

error table_tag(struct db_session *session, slice name, const struct table_tag *tags,
                uint32_t count)
{
    struct tagging tagging = {.set = tags, .set_count = count};
    return retag(session, name, &tagging);
}

error table_untag(struct db_session *session, slice name, const slice *keys, uint32_t count)
{
    struct tagging tagging = {.removed = keys, .removed_count = count};
    return retag(session, name, &tagging);
}
