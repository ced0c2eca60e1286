/*
 * CreateBackup: a backup of a table as it is at this moment, made in the background.
 *
 * Source: AWS API Reference, CreateBackup; the control plane measured on the service.
 */
#include "ops/backup_members.h"

struct input {
    struct table_name table_name;
    slice name;
};

static const struct field fields[] = {
    FIELD(struct input, table_name, "TableName", FIELD_TABLE_NAME, REQUIRED, .min = 1),
    FIELD(struct input, name, "BackupName", FIELD_STRING, REQUIRED, .is_name = true,
          .min = BACKUP_NAME_BYTES_MIN, .max = BACKUP_NAME_BYTES_MAX),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct backup backup;
    TRY(backup_create(request->session, in->table_name.name, in->name, &backup));
    json_write_object_begin(request->out);
    response_backup_details(request->out, &backup, backup_status(&backup));
    json_write_object_end(request->out);
    return NULL;
}

const struct operation operation_create_backup = {SLICE("CreateBackup"), &structure, run};
