#include "db/table/shown.h"

struct table_units shown_provisioned(const struct table *table, int64_t now_ms)
{
    int64_t jobs = table_jobs_at(table, now_ms) & (TABLE_JOB_UNITS | TABLE_JOB_BILLING);
    return jobs == TABLE_JOB_UNITS ? table->history.provisioned_before
                                   : table->settings.provisioned;
}

struct table_units shown_warm(const struct table *table, int64_t now_ms)
{
    return now_ms < table->warmed_ms ? table->history.warm_before : table->settings.warm;
}

struct table_units shown_index_provisioned(const struct index *index, int64_t now_ms)
{
    return now_ms < index->updated_ms ? index->history.provisioned_before : index->provisioned;
}

struct table_units shown_index_warm(const struct index *index, int64_t now_ms)
{
    return now_ms < index->warmed_ms ? index->history.warm_before : index->warm;
}

struct shown_class shown_class(const struct table *table, int64_t now_ms)
{
    const struct table_history *history = &table->history;
    if (table_jobs_at(table, now_ms) & TABLE_JOB_CLASS)
        return (struct shown_class){history->class_before, history->class_changed_before_ms};
    return (struct shown_class){table->settings.table_class, history->class_changed_ms};
}

/* On the service the old key showed for 8 to 9 of the 21 to 23 seconds that it took. */
struct shown_encryption shown_encryption(const struct table *table, int64_t now_ms)
{
    int64_t began_ms = table->history.encryption_changed_ms;
    int64_t turned_ms = began_ms + (table->encrypted_ms - began_ms) * 2 / 5;
    return (struct shown_encryption){
        .key_arn = now_ms < turned_ms ? table->history.encryption_key_before
                                      : table->settings.encryption_key_arn,
        .is_updating = now_ms < table->encrypted_ms,
    };
}
