#include "ops/export_members.h"

static const slice type_names[] = {SLICE("FULL_EXPORT"), SLICE("INCREMENTAL_EXPORT")};
const struct choices export_type_choices = CHOICES(type_names);

static const slice status_names[] = {
    [EXPORT_IN_PROGRESS] = SLICE("IN_PROGRESS"),
    [EXPORT_COMPLETED] = SLICE("COMPLETED"),
    [EXPORT_FAILED] = SLICE("FAILED"),
};

/* Nothing for what is empty, or 0. */
static void write_text(struct json_writer *out, slice name, slice text)
{
    if (text.size == 0)
        return;
    json_write_name(out, name);
    json_write_string(out, text);
}

static void write_time(struct json_writer *out, slice name, int64_t epoch_ms)
{
    if (epoch_ms == 0)
        return;
    json_write_name(out, name);
    json_write_timestamp(out, epoch_ms);
}

static void write_integer(struct json_writer *out, slice name, int64_t integer)
{
    json_write_name(out, name);
    json_write_integer(out, integer);
}

static void write_bucket(struct json_writer *out, const struct export *export)
{
    const struct export_labels *labels = &export->labels;
    write_text(out, SLICE("S3Bucket"), labels->bucket);
    write_text(out, SLICE("S3BucketOwner"), export->bucket_owner);
    write_text(out, SLICE("S3Prefix"), labels->prefix);
    write_text(out, SLICE("S3SseAlgorithm"), labels->sse_algorithm);
    write_text(out, SLICE("S3SseKmsKeyId"), labels->kms_key_id);
}

/* What is known once it has ended. */
static void write_outcome(struct json_writer *out, const struct export *export)
{
    SCOPED_ARENA(arena);
    write_time(out, SLICE("EndTime"), export->end_ms);
    write_text(out, SLICE("FailureCode"), export->failure_code);
    write_text(out, SLICE("FailureMessage"), export->failure_message);
    if (export->status != EXPORT_COMPLETED)
        return;
    write_text(out, SLICE("ExportManifest"),
               export_key(&arena, &export->labels, SLICE("manifest-summary.json")));
    write_integer(out, SLICE("BilledSizeBytes"),
                  export_billed_bytes(&export->labels, &export->counts));
    write_integer(out, SLICE("ItemCount"), export->counts.item_count);
}

static void write_span(struct json_writer *out, const struct export_labels *labels)
{
    json_write_name(out, SLICE("IncrementalExportSpecification"));
    json_write_object_begin(out);
    write_time(out, SLICE("ExportFromTime"), labels->from_ms);
    write_time(out, SLICE("ExportToTime"), labels->to_ms);
    write_text(out, SLICE("ExportViewType"), export_view_names[labels->view - 1]);
    json_write_object_end(out);
}

void response_export(struct json_writer *out, const struct export *export)
{
    const struct export_labels *labels = &export->labels;
    json_write_object_begin(out);
    json_write_name(out, SLICE("ExportDescription"));
    json_write_object_begin(out);
    write_text(out, SLICE("ExportArn"), labels->arn);
    write_text(out, SLICE("ExportStatus"), status_names[export->status]);
    write_time(out, SLICE("StartTime"), labels->start_ms);
    write_text(out, SLICE("TableArn"), labels->table_arn);
    write_text(out, SLICE("TableId"), labels->table_id);
    write_time(out, SLICE("ExportTime"), labels->time_ms);
    write_text(out, SLICE("ClientToken"), export->token);
    write_bucket(out, export);
    write_text(out, SLICE("DestinationType"), SLICE("S3")); /* measured; no model has it */
    write_text(out, SLICE("ExportFormat"), export_format_names[labels->format - 1]);
    if (export->type != EXPORT_TYPE_UNSAID)
        write_text(out, SLICE("ExportType"), type_names[export->type - 1]);
    if (labels->is_incremental)
        write_span(out, labels);
    write_outcome(out, export);
    json_write_object_end(out);
    json_write_object_end(out);
}

void response_export_summary(struct json_writer *out, const struct export *export)
{
    json_write_object_begin(out);
    write_text(out, SLICE("ExportArn"), export->labels.arn);
    write_text(out, SLICE("ExportStatus"), status_names[export->status]);
    write_text(out, SLICE("ExportType"), type_names[export->labels.is_incremental]);
    json_write_object_end(out);
}
