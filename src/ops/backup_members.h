/* Members of the operations on backups and point-in-time recovery. */
#pragma once
#include "db/backup/recovery.h"
#include "ops/decode.h"
#include "ops/operation.h"

enum { BACKUP_ARN_BYTES_MIN = 37, BACKUP_ARN_BYTES_MAX = 1024 };

/* What DescribeBackup and DeleteBackup take. */
struct backup_arn_input {
    slice arn;
};
extern const struct structure backup_arn_structure;

/* The member BackupDetails; and all that there is to say of a backup. */
void response_backup_details(struct json_writer *out, const struct backup *backup, slice status);
error response_backup(struct request *request, const struct backup *backup,
                      slice status) MUST_CHECK;

/* One element of a list of summaries. */
void response_backup_summary(struct request *request, const struct backup *backup);

slice backup_status(const struct backup *backup);

/* The whole reply of the operations on continuous backups. */
void response_recovery(struct json_writer *out, const struct recovery_state *state);
