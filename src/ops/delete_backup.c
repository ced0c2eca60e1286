/*
 * DeleteBackup: a backup goes, with its file.
 *
 * Source: AWS API Reference, DeleteBackup; the control plane measured on the service.
 */
#include "ops/backup_members.h"
#include "ops/child_arn.h"

static error run(struct request *request, const void *decoded)
{
    const struct backup_arn_input *in = decoded;
    struct backup backup;
    slice arn;
    bool is_here;
    TRY(child_arn_of_backup(request, in->arn, &arn, &is_here));
    TRY(backup_delete(request->session, arn, &backup));
    backup.arn = in->arn;
    return response_backup(request, &backup, SLICE("DELETED"));
}

const struct operation operation_delete_backup = {SLICE("DeleteBackup"), &backup_arn_structure,
                                                  run};
