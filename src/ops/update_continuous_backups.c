/*
 * UpdateContinuousBackups: point-in-time recovery on or off.
 *
 * Source: AWS API Reference, UpdateContinuousBackups; the control plane measured on the service.
 */
#include "ops/backup_members.h"

struct specification {
    struct optional_boolean enabled;
    struct optional_integer days;
};

static const struct field specification_fields[] = {
    FIELD(struct specification, enabled, "PointInTimeRecoveryEnabled", FIELD_BOOLEAN, REQUIRED),
    FIELD(struct specification, days, "RecoveryPeriodInDays", FIELD_INTEGER, OPTIONAL, .min = 1,
          .max = RECOVERY_DAYS_MAX),
};
static const struct structure specification_structure = STRUCTURE(
    struct specification, specification_fields, .shape = SLICE("PointInTimeRecoverySpecification"));

struct input {
    struct table_name table_name;
    const struct specification *specification;
};

static const struct field fields[] = {
    FIELD(struct input, table_name, "TableName", FIELD_TABLE_NAME, REQUIRED, .min = 1),
    FIELD(struct input, specification, "PointInTimeRecoverySpecification", FIELD_STRUCTURE,
          REQUIRED, .structure = &specification_structure),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    const struct specification *wanted = in->specification;
    struct recovery_state state;
    if (!wanted->enabled.value && wanted->days.present)
        return FAILURE(ERROR_VALIDATION,
                       "Invalid Request: Cannot specify RecoveryPeriodInDays when disabling "
                       "point-in-time recovery.");
    TRY(recovery_switch(request->session, in->table_name.name, wanted->enabled.value,
                        wanted->days.value, &state));
    response_recovery(request->out, &state);
    return NULL;
}

const struct operation operation_update_continuous_backups = {SLICE("UpdateContinuousBackups"),
                                                              &structure, run};
