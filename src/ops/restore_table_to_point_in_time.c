/*
 * RestoreTableToPointInTime: a new table with the items that another had at a moment.
 *
 * Source: AWS API Reference, RestoreTableToPointInTime; the control plane measured on the service.
 */
#include "base/limits.h"
#include "ops/restore_members.h"

struct input {
    struct restore_input overrides;
    struct table_name source_arn;
    slice source_name;
    struct optional_boolean latest;
    struct optional_integer time_ms;
};

static const struct field fields[] = {
    FIELD(struct input, source_arn, "SourceTableArn", FIELD_TABLE_NAME, OPTIONAL, .min = 1),
    FIELD(struct input, source_name, "SourceTableName", FIELD_STRING, OPTIONAL, .is_name = true,
          .min = TABLE_NAME_BYTES_MIN, .max = TABLE_NAME_BYTES_MAX),
    FIELD(struct input, latest, "UseLatestRestorableTime", FIELD_BOOLEAN, OPTIONAL),
    FIELD(struct input, time_ms, "RestoreDateTime", FIELD_TIMESTAMP, OPTIONAL),
    RESTORE_FIELDS(struct input),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static error check(const struct input *in)
{
    if (is_given(in->source_name) == is_given(in->source_arn.given))
        return FAILURE(ERROR_VALIDATION, "Invalid Request: Either one of SourceTableName or "
                                         "SourceTableArn must be specified, but not both");
    if (in->latest.value == in->time_ms.present)
        return FAILURE(ERROR_VALIDATION,
                       "Invalid Request: Either one of RestoreDateTime or UseLatestRestorableTime "
                       "must be specified, but not both");
    return NULL;
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct restore_source source;
    TRY(check(in));
    slice name = is_given(in->source_name) ? in->source_name : in->source_arn.name;
    TRY(restore_to_time(request->session, name, in->latest.value, in->time_ms.value, &source));
    return restore_table(request, &in->overrides, &source);
}

const struct operation operation_restore_table_to_point_in_time = {
    SLICE("RestoreTableToPointInTime"), &structure, run};
