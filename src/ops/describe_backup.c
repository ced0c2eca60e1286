/*
 * DescribeBackup: a backup, and the table that it is of as it was.
 *
 * Source: AWS API Reference, DescribeBackup.
 */
#include "ops/backup_members.h"

static error run(struct request *request, const void *decoded)
{
    const struct backup_arn_input *in = decoded;
    struct backup backup;
    TRY(backup_find(request->session, in->arn, &backup));
    return response_backup(request, &backup, backup_status(&backup));
}

const struct operation operation_describe_backup = {SLICE("DescribeBackup"), &backup_arn_structure,
                                                    run};
