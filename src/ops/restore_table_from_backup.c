/*
 * RestoreTableFromBackup: a new table with the items of a backup.
 *
 * Source: AWS API Reference, RestoreTableFromBackup; the control plane measured on the service.
 */
#include "base/limits.h"
#include "ops/backup_members.h"
#include "ops/child_arn.h"
#include "ops/restore_members.h"

struct input {
    struct restore_input overrides;
    slice arn;
};

static const struct field fields[] = {
    FIELD(struct input, arn, "BackupArn", FIELD_STRING, REQUIRED, .min = BACKUP_ARN_BYTES_MIN,
          .max = BACKUP_ARN_BYTES_MAX),
    RESTORE_FIELDS(struct input),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct restore_source source;
    slice arn;
    bool is_here;
    TRY(child_arn_of_backup(request, in->arn, &arn, &is_here));
    if (!is_here)
        return restore_from_elsewhere(&in->overrides,
                                      fail(request->arena, ERROR_BACKUP_NOT_FOUND,
                                           "Backup not found: %.*s", SLICE_ARGS(in->arn)));
    TRY(restore_from_backup(request->session, arn, &source));
    return restore_table(request, &in->overrides, &source);
}

const struct operation operation_restore_table_from_backup = {SLICE("RestoreTableFromBackup"),
                                                              &structure, run};
