/* ARNs of backups, exports and imports, each refused in its own way. */
#include "tests/unit/ops/fixture.h"

#define INVALID_BACKUP "ValidationException: Invalid Request: BackupArn is not valid"
#define NO_BACKUP "ValidationException: Invalid Backup ARN"
#define DENIED "AccessDeniedException: Access is denied"
#define OURS "arn:aws:dynamodb:us-east-1:000000000000:table/TTT"
#define ID "01700000000000-0123abcd"

static const struct exchange backups[] = {
    {"{'BackupArn':'" OURS "/backup/" ID "'}",
     "BackupNotFoundException: Backup not found: " OURS "/backup/" ID},
    {"{'BackupArn':'arn:aws:dynamodb:ap-east-2:000000000000:table/TTT/backup/" ID "'}",
     "BackupNotFoundException: Backup not found: " OURS "/backup/" ID},
    {"{'BackupArn':'arn:aws:dynamodb:us-east-1:000000000000:table/TTT'}", NO_BACKUP},
    {"{'BackupArn':'" OURS "/backup/'}", NO_BACKUP},
    {"{'BackupArn':'" OURS "/export/" ID "'}", NO_BACKUP},
    {"{'BackupArn':'arn:aws:dynamodb:us-east-1:000000000000:table//backup/" ID "'}", NO_BACKUP},
    {"{'BackupArn':'" ID ID "'}", NO_BACKUP},
    {"{'BackupArn':'arn:aws:dynamodb:us-east-9:000000000000:table/TTT/backup/" ID "'}",
     INVALID_BACKUP},
    {"{'BackupArn':'arn:aws-cn:dynamodb:us-east-1:000000000000:table/TTT/backup/" ID "'}",
     INVALID_BACKUP},
    {"{'BackupArn':'arn:aws:s3:us-east-1:000000000000:table/TTT/backup/" ID "'}", INVALID_BACKUP},
    {"{'BackupArn':'arn:aws:dynamodb::000000000000:table/TTT/backup/" ID "'}", DENIED},
    {"{'BackupArn':'arn:aws:dynamodb:us-east-1:000000000001:table/TTT/backup/" ID "'}", DENIED},
};

TEST(arns_of_backups_are_refused_by_their_parts_and_found_in_any_region)
{
    struct fixture fixture;
    fixture_open(&fixture);
    CHECK_EXCHANGES(&fixture, "DescribeBackup", backups);
    CHECK_EXCHANGES(&fixture, "DeleteBackup", backups);
    fixture_close(&fixture);
}

static const struct exchange exports[] = {
    {"{'ExportArn':'" OURS "/export/" ID "'}",
     "ExportNotFoundException: Export not found: Export not found: " OURS "/export/" ID},
    {"{'ExportArn':'" OURS "/export/x'}",
     "ExportNotFoundException: Export not found: Export not found: " OURS "/export/x"},
    {"{'ExportArn':'" OURS "/backup/" ID "'}", "ValidationException: Invalid Export ARN"},
    {"{'ExportArn':'" OURS "'}", "ValidationException: Invalid Export ARN"},
    {"{'ExportArn':'arx:aws:dynamodb:us-east-1:000000000001:table/TTT'}",
     "ValidationException: Invalid Export ARN"},
    {"{'ExportArn':'arn:aws:dynamodb:us-east-1:000000000001:table/TTT/export/" ID "'}", DENIED},
    {"{'ExportArn':'arn:aws:dynamodb:us-east-1:mine:table/TTT'}", DENIED},
    {"{'ExportArn':'arn:none:dynamodb:us-east-1:000000000001:table/TTT'}", DENIED},
    {"{'ExportArn':'arn:aws:none:us-east-1:000000000001:table/TTT'}", DENIED},
    {"{'ExportArn':'arn:aws:dynamodb:us-west-2:000000000000:table/TTT/export/" ID "'}",
     "ExportNotFoundException: Export not found: Invalid export arn"},
};
static const struct exchange imports[] = {
    {"{'ImportArn':'" OURS "/import/" ID "'}",
     "ImportNotFoundException: Import not found: Import not found: " OURS "/import/" ID},
    {"{'ImportArn':'" OURS "/export/" ID "'}", "ValidationException: Invalid Import ARN"},
    {"{'ImportArn':'arn:aws:dynamodb:us-east-1:000000000000:table/TT/import/" ID "'}",
     "ValidationException: Invalid Import ARN"},
    {"{'ImportArn':'arn:aws:dynamodb:us-east-1:000000000001:table/TTT/import/" ID "'}", DENIED},
    {"{'ImportArn':'arn:aws:dynamodb:us-west-2:000000000000:table/TTT/import/" ID "'}",
     "ImportNotFoundException: Import not found: Invalid import arn"},
};

TEST(arns_of_exports_and_imports_are_found_in_their_region_only)
{
    struct fixture fixture;
    fixture_open(&fixture);
    CHECK_EXCHANGES(&fixture, "DescribeExport", exports);
    CHECK_EXCHANGES(&fixture, "DescribeImport", imports);
    fixture_close(&fixture);
}

#define SOURCE(arn) "{'TableArn':'" arn "','S3Bucket':'bucket'}"

static const struct exchange sources[] = {
    {SOURCE("TTT"),
     "ValidationException: One or more parameter values were invalid: tableArn is not a valid ARN"},
    {SOURCE("arn:aws:dynamodb"),
     "ValidationException: One or more parameter values were invalid: tableArn is not a valid ARN"},
    {SOURCE(OURS "/index/III"), "ValidationException: Invalid Request: Table ARN is invalid."},
    {SOURCE("arn:aws:s3:us-east-1:000000000000:table/TTT"),
     "ValidationException: Invalid Request: Table ARN is invalid."},
    {SOURCE("arn:aws:dynamodb:us-east-1:000000000001:table/TTT"), DENIED},
    {SOURCE("arn:aws:dynamodb:us-west-2:000000000000:table/TTT"),
     "TableNotFoundException: Table not found: arn:aws:dynamodb:us-west-2:000000000000:table/TTT"},
    {SOURCE(OURS), "TableNotFoundException: Table not found: " OURS},
};

TEST(a_table_to_export_is_named_by_its_arn_alone)
{
    struct fixture fixture;
    fixture_open(&fixture);
    CHECK_EXCHANGES(&fixture, "ExportTableToPointInTime", sources);
    fixture_close(&fixture);
}
