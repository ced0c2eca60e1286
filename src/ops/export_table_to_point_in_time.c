/*
 * ExportTableToPointInTime: a table as it was, or what changed in it, as files in a bucket, made in
 * the background.
 *
 * Source: AWS API Reference, ExportTableToPointInTime; the control plane measured on the service.
 */
#include "base/limits.h"
#include "ops/bucket_members.h"
#include "ops/child_arn.h"
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
    slice table_arn;
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
    FIELD(struct input, table_arn, "TableArn", FIELD_STRING, REQUIRED, .min = 1,
          .max = TABLE_ARN_BYTES_MAX),
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

#define INVALID "Invalid Request: "

static error check_span(const struct input *in)
{
    if (in->type == EXPORT_TYPE_UNSAID && in->span)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "Export Type expected to be Incremental Export when incremental "
                               "export specification is provided");
    if (in->type == EXPORT_TYPE_FULL && in->span)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "When Export Type is Full Export , Incremental Export Specification "
                               "should not be provided");
    if (in->type != EXPORT_TYPE_INCREMENTAL)
        return NULL;
    if (!in->span)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "Incremental Export Specification expected when export type is set "
                               "as Incremental Export");
    if (!in->span->from_ms.present)
        return FAILURE(ERROR_VALIDATION, INVALID "ExportFromTime must be provided in "
                                                 "IncrementalExportSpecification");
    return in->time_ms.present
               ? FAILURE(ERROR_VALIDATION,
                         INVALID "ExportTime cannot be given when ExportType is "
                                 "INCREMENTAL_EXPORT")
               : NULL;
}

static error check(const struct input *in)
{
    bool by_key = in->sse_algorithm > 0 &&
                  slice_equal(sse_names[in->sse_algorithm - 1], SLICE("KMS"));
    if (is_given(in->kms_key_id) && !by_key)
        return FAILURE(ERROR_VALIDATION,
                       INVALID "KMS Key Id is not supported for this encryption type");
    return check_span(in);
}

static error no_table(struct request *request, const struct input *in)
{
    return fail(request->arena, ERROR_TABLE_NOT_FOUND, "Table not found: %.*s",
                SLICE_ARGS(in->table_arn));
}

/* Another region's tables are not here, and are named in full as those that are nowhere are. */
static error read_table(struct request *request, const struct input *in, slice *name)
{
    struct db *db = request->session->db;
    struct source_arn source;
    TRY(child_arn_of_source(request, SLICE("tableArn"), in->table_arn, &source));
    if (source.name.size == 0)
        return FAILURE(ERROR_VALIDATION, INVALID "Table ARN is invalid.");
    if (!slice_equal(source.account, db_account(db)))
        return FAILURE(ERROR_ACCESS_DENIED, "Access is denied");
    *name = source.name;
    return slice_equal(source.region, db_region(db)) ? NULL : no_table(request, in);
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct export export;
    slice table_name;
    TRY(check(in));
    TRY(read_table(request, in, &table_name));
    struct export_request wanted = {
        .table_name = table_name,
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
    error failure = export_begin(request->session, &wanted, &export);
    if (failure)
        return failure->kind == ERROR_TABLE_NOT_FOUND ? no_table(request, in) : failure;
    response_export(request->out, &export);
    return NULL;
}

const struct operation operation_export_table_to_point_in_time = {
    SLICE("ExportTableToPointInTime"), &structure, run};
