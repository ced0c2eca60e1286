/*
 * ListBackups: the backups of all tables or of one, also of tables that are gone.
 *
 * Users' backups unless a type is named; from the lower bound on and before the upper one.
 *
 * Source: AWS API Reference, ListBackups; the control plane measured on the service.
 */
#include "ops/backup_members.h"
#include "ops/child_arn.h"

enum { LIST_BACKUPS_LIMIT_MAX = 100 };

enum type_filter { TYPE_UNSAID, TYPE_USER, TYPE_SYSTEM, TYPE_AWS_BACKUP, TYPE_ALL };
static const slice type_names[] = {SLICE("USER"), SLICE("SYSTEM"), SLICE("AWS_BACKUP"),
                                   SLICE("ALL")};
static const struct choices type_choices = CHOICES(type_names);

struct input {
    struct table_name table_name;
    struct optional_integer limit;
    struct optional_integer from_ms;
    struct optional_integer to_ms;
    slice start_arn;
    enum type_filter type;
};

static const struct field fields[] = {
    FIELD(struct input, table_name, "TableName", FIELD_TABLE_NAME, OPTIONAL, .min = 1),
    FIELD(struct input, limit, "Limit", FIELD_INTEGER, OPTIONAL, .min = 1,
          .max = LIST_BACKUPS_LIMIT_MAX),
    FIELD(struct input, from_ms, "TimeRangeLowerBound", FIELD_TIMESTAMP, OPTIONAL),
    FIELD(struct input, to_ms, "TimeRangeUpperBound", FIELD_TIMESTAMP, OPTIONAL),
    FIELD(struct input, start_arn, "ExclusiveStartBackupArn", FIELD_STRING, OPTIONAL,
          .min = BACKUP_ARN_BYTES_MIN, .max = BACKUP_ARN_BYTES_MAX),
    FIELD(struct input, type, "BackupType", FIELD_ENUM, OPTIONAL, .choices = &type_choices),
};
static const struct structure structure = STRUCTURE(struct input, fields);

/* A cursor only: the backup need not be there. */
static error read_start(struct request *request, slice arn, slice *after_id)
{
    slice ours;
    bool is_here;
    TRY(child_arn_of_backup(request, arn, &ours, &is_here));
    if (!is_here)
        return FAILURE(ERROR_VALIDATION, "Invalid Request: The supplied ExclusiveStartBackupArn "
                                         "does not match the region");
    *after_id = backup_id_of_arn(request->session->db, ours);
    return after_id->size > 0
               ? NULL
               : FAILURE(ERROR_VALIDATION, "Invalid Request: BackupArn is not valid");
}

static error make_filter(struct request *request, const struct input *in,
                         struct backup_filter *filter)
{
    *filter = (struct backup_filter){
        .table_name = in->table_name.name,
        .from_ms = in->from_ms.present ? in->from_ms.value : 0,
        .to_ms = in->to_ms.present ? in->to_ms.value : INT64_MAX,
        .with_user = in->type == TYPE_UNSAID || in->type == TYPE_USER || in->type == TYPE_ALL,
        .with_system = in->type == TYPE_SYSTEM || in->type == TYPE_ALL,
    };
    if (filter->from_ms > filter->to_ms)
        return FAILURE(ERROR_VALIDATION,
                       "One or more parameter values were invalid: Time range lower bound must be "
                       "less than or equal to upper bound");
    return is_given(in->start_arn) ? read_start(request, in->start_arn, &filter->after_id) : NULL;
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct json_writer *out = request->out;
    uint32_t limit = in->limit.present ? (uint32_t)in->limit.value : LIST_BACKUPS_LIMIT_MAX;
    struct backup_filter filter;
    const struct backup *backups;
    uint32_t count;
    bool more;
    TRY(make_filter(request, in, &filter));
    backup_list(request->session, &filter, limit, &backups, &count, &more);
    json_write_object_begin(out);
    json_write_name(out, SLICE("BackupSummaries"));
    json_write_array_begin(out);
    for (uint32_t i = 0; i < count; i++)
        response_backup_summary(request, &backups[i]);
    json_write_array_end(out);
    if (more) {
        json_write_name(out, SLICE("LastEvaluatedBackupArn"));
        json_write_string(out, backups[count - 1].arn);
    }
    json_write_object_end(out);
    return NULL;
}

const struct operation operation_list_backups = {SLICE("ListBackups"), &structure, run};
