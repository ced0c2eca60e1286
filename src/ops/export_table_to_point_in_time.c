/*
 * ExportTableToPointInTime: a table as it was, or what changed in it, as files in a bucket, made in
 * the background.
 *
 * Source: AWS API Reference, ExportTableToPointInTime; the control plane measured on the service.
 */
#include "base/limits.h"
#include "ops/bucket_members.h"
#include "ops/export_members.h"

static const slice format_names[] = {SLICE("DYNAMODB_JSON"), SLICE("ION")};
static const struct choices format_choices = CHOICES(format_names);
static const slice view_names[] = {SLICE("NEW_IMAGE"), SLICE("NEW_AND_OLD_IMAGES")};
static const struct choices view_choices = CHOICES(view_names);
static const slice sse_names[] = {SLICE("AES256"), SLICE("KMS")};
static const struct choices sse_choices = CHOICES(sse_names);

struct span {
    enum export_view view;
    struct optional_integer from_ms;
    struct optional_integer to_ms;
};

static const struct field span_fields[] = {
    FIELD(struct span, view, "ExportViewType", FIELD_ENUM, OPTIONAL, .choices = &view_choices),
    FIELD(struct span, from_ms, "ExportFromTime", FIELD_TIMESTAMP, OPTIONAL),
    FIELD(struct span, to_ms, "ExportToTime", FIELD_TIMESTAMP, OPTIONAL),
};
static const struct structure span_structure =
    STRUCTURE(struct span, span_fields, .shape = SLICE("IncrementalExportSpecification"));

struct input {
    struct table_name table_arn;
    slice token;
    slice bucket;
    slice bucket_owner;
    slice prefix;
    uint32_t sse_algorithm;
    slice kms_key_id;
    enum export_format format;
    enum export_type type;
    const struct span *span;
    struct optional_integer time_ms;
};

static const struct field fields[] = {
    FIELD(struct input, table_arn, "TableArn", FIELD_TABLE_NAME, REQUIRED, .min = 1),
    FIELD(struct input, token, "ClientToken", FIELD_STRING, OPTIONAL,
          .pattern = &pattern_of_client_token),
    FIELD(struct input, bucket, "S3Bucket", FIELD_STRING, REQUIRED, .pattern = &pattern_of_bucket,
          .max = BUCKET_BYTES_MAX),
    FIELD(struct input, bucket_owner, "S3BucketOwner", FIELD_STRING, OPTIONAL,
          .pattern = &pattern_of_bucket_owner),
    FIELD(struct input, prefix, "S3Prefix", FIELD_STRING, OPTIONAL,
          .max = BUCKET_PREFIX_BYTES_MAX),
    FIELD(struct input, sse_algorithm, "S3SseAlgorithm", FIELD_ENUM, OPTIONAL,
          .choices = &sse_choices),
    FIELD(struct input, kms_key_id, "S3SseKmsKeyId", FIELD_STRING, OPTIONAL, .min = 1,
          .max = KMS_KEY_ID_BYTES_MAX),
    FIELD(struct input, format, "ExportFormat", FIELD_ENUM, OPTIONAL, .choices = &format_choices),
    FIELD(struct input, type, "ExportType", FIELD_ENUM, OPTIONAL, .choices = &export_type_choices),
    FIELD(struct input, span, "IncrementalExportSpecification", FIELD_STRUCTURE, OPTIONAL,
          .structure = &span_structure),
    FIELD(struct input, time_ms, "ExportTime", FIELD_TIMESTAMP, OPTIONAL),
    NOT_BUILT("FilterSpecification", FIELD_STRUCTURE, .structure = SHAPE("FilterSpecification")),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static error check(const struct input *in)
{
    if (in->type != EXPORT_TYPE_INCREMENTAL)
        return in->span ? FAILURE(ERROR_VALIDATION,
                                  "IncrementalExportSpecification can only be given when ExportType "
                                  "is INCREMENTAL_EXPORT")
                        : NULL;
    if (!in->span || !in->span->from_ms.present)
        return FAILURE(ERROR_VALIDATION, "IncrementalExportSpecification with ExportFromTime must be "
                                         "given when ExportType is INCREMENTAL_EXPORT");
    return in->time_ms.present
               ? FAILURE(ERROR_VALIDATION,
                         "ExportTime cannot be given when ExportType is INCREMENTAL_EXPORT")
               : NULL;
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct export export;
    TRY(check(in));
    struct export_request wanted = {
        .table_name = in->table_arn.name,
        .token = in->token,
        .bucket = in->bucket,
        .bucket_owner = in->bucket_owner,
        .prefix = in->prefix,
        .sse_algorithm = in->sse_algorithm > 0 ? sse_names[in->sse_algorithm - 1] : SLICE_NONE,
        .kms_key_id = in->kms_key_id,
        .format = in->format,
        .type = in->type,
        .view = in->span ? in->span->view : 0,
        .time_ms = in->time_ms.value,
        .from_ms = in->span ? in->span->from_ms.value : 0,
        .to_ms = in->span ? in->span->to_ms.value : 0,
    };
    TRY(export_begin(request->session, &wanted, &export));
    response_export(request->out, &export);
    return NULL;
}

const struct operation operation_export_table_to_point_in_time = {
    SLICE("ExportTableToPointInTime"), &structure, run};
