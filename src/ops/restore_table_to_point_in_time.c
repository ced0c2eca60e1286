/*
 * RestoreTableToPointInTime: a new table with the items that another had at a moment.
 *
 * Source: AWS API Reference, RestoreTableToPointInTime; the control plane measured on the service.
 */
#include "base/limits.h"
#include "ops/child_arn.h"
#include "ops/restore_members.h"

struct input {
    struct restore_input overrides;
    slice source_arn;
    slice source_name;
    struct optional_boolean latest;
    struct optional_integer time_ms;
};

static const struct field fields[] = {
    FIELD(struct input, source_arn, "SourceTableArn", FIELD_STRING, OPTIONAL, .min = 1,
          .max = TABLE_ARN_BYTES_MAX),
    FIELD(struct input, source_name, "SourceTableName", FIELD_STRING, OPTIONAL, .is_name = true,
          .min = TABLE_NAME_BYTES_MIN, .max = TABLE_NAME_BYTES_MAX),
    FIELD(struct input, latest, "UseLatestRestorableTime", FIELD_BOOLEAN, OPTIONAL),
    FIELD(struct input, time_ms, "RestoreDateTime", FIELD_TIMESTAMP, OPTIONAL),
    RESTORE_FIELDS(struct input),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static error check(const struct input *in)
{
    if (is_given(in->source_name) && is_given(in->source_arn))
        return FAILURE(ERROR_VALIDATION, "One or more parameter values were invalid: Must provide "
                                         "exactly one of: sourceTableArn, sourceTableName");
    if (!is_given(in->source_name) && !is_given(in->source_arn))
        return FAILURE(ERROR_VALIDATION, "The parameter 'TableName' is required but was not "
                                         "present in the request");
    if (in->latest.value && in->time_ms.present)
        return FAILURE(ERROR_VALIDATION,
                       "Invalid Request: Both RestoreDateTime and UseLatestRestorableTime cannot "
                       "be set for point-in-time restore request. Please specify either "
                       "RestoreDateTime time or UseLatestRestorableTime");
    if (!in->latest.value && !in->time_ms.present)
        return FAILURE(ERROR_VALIDATION,
                       "Invalid Request: Either one of RestoreDateTime or UseLatestRestorableTime "
                       "must be specified, but not both");
    return NULL;
}

/* The table that the ARN names. Errors: those of another account's or region's. */
static error read_source(struct request *request, const struct input *in, slice *name)
{
    struct db *db = request->session->db;
    struct source_arn source;
    TRY(child_arn_of_source(request, SLICE("sourceTableArn"), in->source_arn, &source));
    if (source.name.size == 0)
        return FAILURE(ERROR_VALIDATION, "Invalid Request: Table ARN is invalid.");
    if (!slice_equal(source.account, db_account(db)))
        return FAILURE(ERROR_VALIDATION, "This action is only supported by accounts that match "
                                         "the resource owner\xe2\x80\x99s account.");
    if (!slice_equal(source.region, db_region(db)))
        return restore_from_elsewhere(&in->overrides,
                                      fail(request->arena, ERROR_TABLE_NOT_FOUND,
                                           "Table not found: %.*s", SLICE_ARGS(in->source_arn)));
    *name = source.name;
    return NULL;
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct restore_source source;
    slice name = in->source_name;
    TRY(check(in));
    if (is_given(in->source_arn))
        TRY(read_source(request, in, &name));
    TRY(restore_to_time(request->session, name, in->latest.value, in->time_ms.value, &source));
    return restore_table(request, &in->overrides, &source);
}

const struct operation operation_restore_table_to_point_in_time = {
    SLICE("RestoreTableToPointInTime"), &structure, run};
