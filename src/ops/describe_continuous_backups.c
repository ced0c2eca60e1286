/*
 * DescribeContinuousBackups: how far back a table can be restored.
 *
 * Source: AWS API Reference, DescribeContinuousBackups; the control plane measured on the service.
 */
#include "ops/backup_members.h"

struct input {
    struct table_name table_name;
};

static const struct field fields[] = {
    FIELD(struct input, table_name, "TableName", FIELD_TABLE_NAME, REQUIRED, .min = 1),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct recovery_state state;
    TRY(recovery_describe(request->session, in->table_name.name, &state));
    response_recovery(request->out, &state);
    return NULL;
}

const struct operation operation_describe_continuous_backups = {SLICE("DescribeContinuousBackups"),
                                                                &structure, run};
