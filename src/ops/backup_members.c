#include "ops/backup_members.h"

#include "db/expiry/expiry.h"
#include "ops/response.h"

static const struct field arn_fields[] = {
    FIELD(struct backup_arn_input, arn, "BackupArn", FIELD_STRING, REQUIRED,
          .min = BACKUP_ARN_BYTES_MIN, .max = BACKUP_ARN_BYTES_MAX),
};
const struct structure backup_arn_structure = STRUCTURE(struct backup_arn_input, arn_fields);

static void write_text(struct json_writer *out, slice name, slice text)
{
    json_write_name(out, name);
    json_write_string(out, text);
}

static void write_time(struct json_writer *out, slice name, int64_t epoch_ms)
{
    json_write_name(out, name);
    json_write_timestamp(out, epoch_ms);
}

static void write_integer(struct json_writer *out, slice name, int64_t integer)
{
    json_write_name(out, name);
    json_write_integer(out, integer);
}

slice backup_status(const struct backup *backup)
{
    return backup->is_available ? SLICE("AVAILABLE") : SLICE("CREATING");
}

static void write_details(struct json_writer *out, const struct backup *backup, slice status)
{
    write_text(out, SLICE("BackupArn"), backup->arn);
    write_text(out, SLICE("BackupName"), backup->name);
    write_integer(out, SLICE("BackupSizeBytes"), backup->item_bytes);
    write_text(out, SLICE("BackupStatus"), status);
    write_text(out, SLICE("BackupType"),
               backup->type == BACKUP_SYSTEM ? SLICE("SYSTEM") : SLICE("USER"));
    write_time(out, SLICE("BackupCreationDateTime"), backup->created_ms);
    if (backup->expires_ms != 0)
        write_time(out, SLICE("BackupExpiryDateTime"), backup->expires_ms);
}

void response_backup_details(struct json_writer *out, const struct backup *backup, slice status)
{
    json_write_name(out, SLICE("BackupDetails"));
    json_write_object_begin(out);
    write_details(out, backup, status);
    json_write_object_end(out);
}

void response_backup_summary(struct request *request, const struct backup *backup)
{
    struct json_writer *out = request->out;
    json_write_object_begin(out);
    write_text(out, SLICE("TableName"), backup->table_name);
    write_text(out, SLICE("TableId"), backup->table_id);
    write_text(out, SLICE("TableArn"),
               slice_first(backup->arn, backup->arn.size - SLICE("/backup/0").size -
                                            backup->id.size));
    write_details(out, backup, backup_status(backup));
    json_write_object_end(out);
}

static void write_source(struct json_writer *out, const struct backup *backup,
                         const struct table *table)
{
    struct key_parts keys = key_parts_of_schema(&table->keys);
    json_write_name(out, SLICE("SourceTableDetails"));
    json_write_object_begin(out);
    write_text(out, SLICE("TableName"), table->name);
    write_text(out, SLICE("TableId"), table->id);
    write_text(out, SLICE("TableArn"), table->arn);
    write_integer(out, SLICE("TableSizeBytes"), backup->item_bytes);
    response_key_schema(out, &keys);
    write_time(out, SLICE("TableCreationDateTime"), table->created_ms);
    response_units(out, &table->settings);
    write_integer(out, SLICE("ItemCount"), backup->item_count);
    write_text(out, SLICE("BillingMode"),
               table->settings.billing_mode == BILLING_PAY_PER_REQUEST ? SLICE("PAY_PER_REQUEST")
                                                                       : SLICE("PROVISIONED"));
    json_write_object_end(out);
}

static void write_features(struct json_writer *out, const struct table *table)
{
    json_write_name(out, SLICE("SourceTableFeatureDetails"));
    json_write_object_begin(out);
    response_index_infos(out, table);
    response_stream_specification(out, table);
    if (expiry_is_kept(table)) {
        json_write_name(out, SLICE("TimeToLiveDescription"));
        json_write_object_begin(out);
        write_text(out, SLICE("TimeToLiveStatus"), SLICE("ENABLED"));
        write_text(out, SLICE("AttributeName"), table->expiry.attribute);
        json_write_object_end(out);
    }
    json_write_object_end(out);
}

error response_backup(struct request *request, const struct backup *backup, slice status)
{
    struct json_writer *out = request->out;
    struct table table;
    TRY(backup_table(request->session, backup, &table));
    json_write_object_begin(out);
    json_write_name(out, SLICE("BackupDescription"));
    json_write_object_begin(out);
    response_backup_details(out, backup, status);
    write_source(out, backup, &table);
    write_features(out, &table);
    json_write_object_end(out);
    json_write_object_end(out);
    return NULL;
}

void response_recovery(struct json_writer *out, const struct recovery_state *state)
{
    json_write_object_begin(out);
    json_write_name(out, SLICE("ContinuousBackupsDescription"));
    json_write_object_begin(out);
    write_text(out, SLICE("ContinuousBackupsStatus"), SLICE("ENABLED"));
    json_write_name(out, SLICE("PointInTimeRecoveryDescription"));
    json_write_object_begin(out);
    write_text(out, SLICE("PointInTimeRecoveryStatus"),
               state->is_on ? SLICE("ENABLED") : SLICE("DISABLED"));
    if (state->is_on) {
        write_integer(out, SLICE("RecoveryPeriodInDays"), state->days);
        write_time(out, SLICE("EarliestRestorableDateTime"), state->earliest_ms);
        write_time(out, SLICE("LatestRestorableDateTime"), state->latest_ms);
    }
    json_write_object_end(out);
    json_write_object_end(out);
    json_write_object_end(out);
}
