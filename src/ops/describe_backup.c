/*
 * DescribeBackup: a backup, and the table that it is of as it was.
 *
 * Source: AWS API Reference, DescribeBackup.
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
    TRY(backup_find(request->session, arn, &backup));
    backup.arn = in->arn;
    return response_backup(request, &backup, backup_status(&backup));
}

const struct operation operation_describe_backup = {SLICE("DescribeBackup"), &backup_arn_structure,
                                                    run};
