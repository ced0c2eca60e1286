/* UpdateTable, tags and the settings of CreateTable. */
#include "tests/unit/ops/fixture.h"
#include "json/reader.h"

#define INVALID "ValidationException: One or more parameter values were invalid: "
#define KEYS                                                                                       \
    "'AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'}],"                         \
    "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}]"
#define REFER                                                                                      \
    " Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher "  \
    "limits."
#define UNITS(read, write)                                                                         \
    "'ProvisionedThroughput':{'ReadCapacityUnits':" read ",'WriteCapacityUnits':" write "}"
#define ARN "arn:aws:dynamodb:us-east-1:000000000000:table/PPP"
#define TAGS(tags) "{'ResourceArn':'" ARN "','Tags':[" tags "]}"
#define ALONE " must be the only operation in the request"

/* PPP is provisioned, T on demand. */
static void open_with_tables(struct fixture *fixture)
{
    fixture_open(fixture);
    clock_set_ms(&fixture->clock, INT64_C(1700000000000));
    create_table(fixture, false);
    slice created =
        answer(fixture, "CreateTable", "{'TableName':'PPP'," KEYS "," UNITS("5", "6") "}");
    CHECK(slice_begins_with(created, SLICE("{\"TableDescription\"")));
}

/* The text of one member of a reply's table; empty when it is absent. */
static slice member(struct fixture *fixture, slice reply, slice wanted)
{
    struct json_reader reader;
    slice name;
    slice value = SLICE("");
    json_reader_init(&reader, &fixture->arena, reply);
    CHECK(slice_begins_with(reply, SLICE("{")));
    json_object_begin(&reader);
    if (!json_object_next(&reader, &name))
        return value;
    json_object_begin(&reader);
    while (json_object_next(&reader, &name)) {
        slice json = json_raw(&reader);
        if (slice_equal(name, wanted))
            value = json;
    }
    return value;
}

static void check_member(struct fixture *fixture, const char *name, const char *wanted)
{
    slice reply = answer(fixture, "DescribeTable", "{'TableName':'PPP'}");
    slice got = member(fixture, reply, slice_of_string(name));
    test_check_slice(got, quoted(&fixture->arena, wanted), name, __FILE__, __LINE__);
}

TEST(update_table_refuses_in_the_service_s_words_and_order)
{
    struct fixture fixture;
    open_with_tables(&fixture);
    static const struct exchange exchanges[] = {
        {"{}", "ValidationException: The parameter 'TableName' is required but was not present in "
               "the request"},
        {"{'TableName':'PPP'}",
         "ValidationException: At least one of ProvisionedThroughput, BillingMode, "
         "UpdateStreamEnabled, GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, "
         "MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, "
         "DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass is "
         "required"},
        {"{'TableName':'PPP','GlobalSecondaryIndexUpdates':[]}",
         "ValidationException: At least one of ProvisionedThroughput, BillingMode, "
         "UpdateStreamEnabled, GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, "
         "MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, "
         "DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass is "
         "required"},
        {"{'TableName':'PPP','GlobalSecondaryIndexUpdates':[],'TableClass':'STANDARD'}",
         INVALID "List of GlobalSecondaryIndexUpdates is empty"},
        {"{'TableName':'PPP'," UNITS("0", "0") "}",
         "ValidationException: 2 validation errors detected: Value '0' at "
         "'provisionedThroughput.writeCapacityUnits' failed to satisfy constraint: Member must "
         "have value greater than or equal to 1; Value '0' at "
         "'provisionedThroughput.readCapacityUnits' failed to satisfy constraint: Member must "
         "have value greater than or equal to 1"},
        {"{'TableName':'PPP','SSESpecification':{'Enabled':true},'TableClass':'STANDARD'}",
         INVALID "Server-Side Encryption modification" ALONE},
        {"{'TableName':'PPP','DeletionProtectionEnabled':true,'TableClass':'STANDARD'}",
         INVALID "TableClass modification" ALONE},
        {"{'TableName':'PPP','DeletionProtectionEnabled':true," UNITS("1", "1") "}",
         INVALID "DeletionProtection modification" ALONE},
        {"{'TableName':'PPP','WarmThroughput':{'ReadUnitsPerSecond':1}," UNITS("1", "1") "}",
         INVALID "WarmThroughput" ALONE},
        {"{'TableName':'PPP','OnDemandThroughput':{'MaxReadRequestUnits':1}," UNITS("1", "1") "}",
         INVALID "OnDemandThroughput can only be combined with BillingMode in an UpdateTable "
                 "request"},
        {"{'TableName':'none','BillingMode':'PAY_PER_REQUEST'," UNITS("1", "1") "}",
         INVALID "ProvisionedThroughput cannot be specified when BillingMode is PAY_PER_REQUEST"},
        {"{'TableName':'none'," UNITS("1", "1") "}",
         "ResourceNotFoundException: Requested resource not found: Table: none not found"},
        {"{'TableName':'PPP','BillingMode':'PROVISIONED'}",
         INVALID "ProvisionedThroughput must be specified when BillingMode is PROVISIONED"},
        {"{'TableName':'PPP'," UNITS("40001", "1") "}",
         "LimitExceededException: The requested ReadCapacityUnits, 40001, is above the per table "
         "maximum for the account in us-east-1. Per table maximum: 40000." REFER},
        {"{'TableName':'T','OnDemandThroughput':{'MaxReadRequestUnits':40001}}",
         "LimitExceededException: Subscriber limit exceeded: Requested MaxReadRequestUnits for "
         "OnDemandThroughput for table exceeds TableMaxReadCapacityUnits of the account in region "
         "us-east-1"},
        {"{'TableName':'T','WarmThroughput':{'WriteUnitsPerSecond':40001}}",
         "LimitExceededException: Subscriber limit exceeded: Requested WriteUnitsPerSecond for "
         "WarmThroughput for table exceeds TableMaxWriteCapacityUnits of the account in region "
         "us-east-1"},
        {"{'TableName':'PPP','TableClass':'GOLD'}",
         "ValidationException: Invalid table-class parameter provided. Please try again with a "
         "valid table-class value: [STANDARD, STANDARD_INFREQUENT_ACCESS]."},
        {"{'TableName':'PPP','OnDemandThroughput':{'MaxReadRequestUnits':0}}",
         INVALID "MaxReadRequestUnits for OnDemandThroughput cannot be specified when the table "
                 "BillingMode is PROVISIONED"},
        {"{'TableName':'T','OnDemandThroughput':{'MaxWriteRequestUnits':0}}",
         INVALID "Requested MaxWriteRequestUnits for OnDemandThroughput for table is outside of "
                 "valid range"},
        {"{'TableName':'T','OnDemandThroughput':{}}",
         INVALID "At least one of the members of OnDemandThroughput must be specified"},
        {"{'TableName':'T','WarmThroughput':{'WriteUnitsPerSecond':0}}",
         INVALID "Requested WriteUnitsPerSecond for WarmThroughput for table is lower than current "
                 "WarmThroughput, decreasing WarmThroughput is not supported"},
        {"{'TableName':'T'," UNITS("1", "1") "}",
         INVALID "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when "
                 "BillingMode is PAY_PER_REQUEST"},
        {"{'TableName':'PPP','SSESpecification':{}}",
         INVALID "Table is already encrypted by default"},
        {"{'TableName':'PPP','SSESpecification':{'Enabled':false,'SSEType':'KMS'}}",
         INVALID "SSEType can not be specified if Enabled is false"},
        {"{'TableName':'PPP','SSESpecification':{'Enabled':true,'SSEType':'AES256'}}",
         INVALID "SSEType AES256 is not supported"},
        {"{'TableName':'PPP','SSESpecification':{'Enabled':true,'KMSMasterKeyId':'k'}}",
         INVALID "SSEType KMS is required if KMSMasterKeyId is specified"},
    };
    CHECK_EXCHANGES(&fixture, "UpdateTable", exchanges);
    check_member(&fixture, "ProvisionedThroughput",
                 "{'NumberOfDecreasesToday':0,'ReadCapacityUnits':5,'WriteCapacityUnits':6}");
    fixture_close(&fixture);
}

/* Of four tables with 20000 units none may have more; who gives some back may ask for as many. */
TEST(all_tables_together_have_the_units_of_the_account)
{
    static const struct exchange too_many[] = {
        {"{'TableName':'more'," KEYS "," UNITS("1", "1") "}",
         "LimitExceededException: This request would have caused the ReadCapacityUnits limit to be "
         "exceeded for the account in us-east-1. Current ReadCapacityUnits reserved by the "
         "account: 80000. Limit: 80000. Requested: 1." REFER},
    };
    static const struct exchange raised[] = {
        {"{'TableName':'all'," UNITS("40000", "1") "}",
         "LimitExceededException: This request would have caused the ReadCapacityUnits limit to be "
         "exceeded for the account in us-east-1. Current ReadCapacityUnits reserved by the "
         "account: 60000. Limit: 80000. Requested: 40000." REFER},
    };
    struct fixture fixture;
    fixture_open(&fixture);
    static const char *const names[] = {"all", "the", "units", "taken"};
    for (int i = 0; i < 4; i++) {
        slice body = arena_format(&fixture.arena, "{'TableName':'%s'," KEYS "," UNITS("20000", "1") "}%c",
                                  names[i], 0);
        answer(&fixture, "CreateTable", body.data);
    }
    CHECK_EXCHANGES(&fixture, "CreateTable", too_many);
    CHECK_EXCHANGES(&fixture, "UpdateTable", raised);
    answer(&fixture, "DeleteTable", "{'TableName':'the'}");
    slice reply = answer(&fixture, "UpdateTable", "{'TableName':'all'," UNITS("40000", "1") "}");
    CHECK_SLICE(member(&fixture, reply, SLICE("TableStatus")), SLICE("\"UPDATING\""));
    fixture_close(&fixture);
}

TEST(update_table_shows_what_was_and_describe_table_what_is)
{
    struct fixture fixture;
    open_with_tables(&fixture);

    slice reply = answer(&fixture, "UpdateTable", "{'TableName':'PPP'," UNITS("4", "60") "}");

    CHECK_SLICE(member(&fixture, reply, SLICE("TableStatus")), SLICE("\"UPDATING\""));
    CHECK_SLICE(member(&fixture, reply, SLICE("ProvisionedThroughput")),
                SLICE("{\"LastIncreaseDateTime\":1700000000.000,"
                      "\"LastDecreaseDateTime\":1700000000.000,\"NumberOfDecreasesToday\":0,"
                      "\"ReadCapacityUnits\":5,\"WriteCapacityUnits\":6}"));
    check_member(&fixture, "TableStatus", "'ACTIVE'");
    check_member(&fixture, "ProvisionedThroughput",
                 "{'LastIncreaseDateTime':1700000000.000,'LastDecreaseDateTime':1700000000.000,"
                 "'NumberOfDecreasesToday':1,'ReadCapacityUnits':4,'WriteCapacityUnits':60}");
    check_member(&fixture, "WarmThroughput",
                 "{'ReadUnitsPerSecond':5,'WriteUnitsPerSecond':60,'Status':'ACTIVE'}");
    check_member(&fixture, "BillingModeSummary", "");
    answer(&fixture, "UpdateTable",
           "{'TableName':'PPP','BillingMode':'PAY_PER_REQUEST','OnDemandThroughput':"
           "{'MaxReadRequestUnits':7}}");
    check_member(&fixture, "BillingModeSummary",
                 "{'BillingMode':'PAY_PER_REQUEST',"
                 "'LastUpdateToPayPerRequestDateTime':1700000000.000}");
    check_member(&fixture, "TableThroughputModeSummary",
                 "{'TableThroughputMode':'PAY_PER_REQUEST',"
                 "'LastUpdateToPayPerRequestDateTime':1700000000.000}");
    check_member(&fixture, "OnDemandThroughput", "{'MaxReadRequestUnits':7}");
    reply = answer(&fixture, "UpdateTable",
                   "{'TableName':'PPP','OnDemandThroughput':{'MaxReadRequestUnits':-1}}");
    CHECK_SLICE(member(&fixture, reply, SLICE("OnDemandThroughput")),
                SLICE("{\"MaxReadRequestUnits\":-1}"));
    CHECK_SLICE(member(&fixture, reply, SLICE("TableStatus")), SLICE("\"ACTIVE\""));
    check_member(&fixture, "OnDemandThroughput", "");
    answer(&fixture, "UpdateTable",
           "{'TableName':'PPP','TableClass':'STANDARD_INFREQUENT_ACCESS'}");
    check_member(&fixture, "TableClassSummary",
                 "{'TableClass':'STANDARD_INFREQUENT_ACCESS','LastUpdateDateTime':1700000000.000}");
    answer(&fixture, "UpdateTable",
           "{'TableName':'PPP','SSESpecification':{'Enabled':true,'SSEType':'KMS',"
           "'KMSMasterKeyId':'alias/mine'}}");
    check_member(&fixture, "SSEDescription",
                 "{'Status':'ENABLED','SSEType':'KMS','KMSMasterKeyArn':"
                 "'arn:aws:kms:us-east-1:000000000000:key/cda1360b-ef89-6942-d0f5-83dba98203be'}");
    fixture_close(&fixture);
}

TEST(create_table_takes_settings)
{
    struct fixture fixture;
    fixture_open(&fixture);
    clock_set_ms(&fixture.clock, INT64_C(1700000000000));
    slice reply = answer(
        &fixture, "CreateTable",
        "{'TableName':'PPP'," KEYS ",'BillingMode':'PAY_PER_REQUEST','TableClass':'STANDARD',"
        "'DeletionProtectionEnabled':true,'WarmThroughput':{'ReadUnitsPerSecond':13000},"
        "'OnDemandThroughput':{'MaxWriteRequestUnits':9},'Tags':[{'Key':'b','Value':'2'},"
        "{'Key':'a','Value':''}],'SSESpecification':{'Enabled':true}}");

    CHECK_SLICE(member(&fixture, reply, SLICE("TableStatus")), SLICE("\"CREATING\""));
    CHECK_SLICE(member(&fixture, reply, SLICE("Tags")), SLICE(""));
    check_member(&fixture, "TableClassSummary", "{'TableClass':'STANDARD'}");
    check_member(&fixture, "DeletionProtectionEnabled", "true");
    check_member(&fixture, "OnDemandThroughput", "{'MaxWriteRequestUnits':9}");
    check_member(&fixture, "WarmThroughput",
                 "{'ReadUnitsPerSecond':13000,'WriteUnitsPerSecond':4000,'Status':'ACTIVE'}");
    check_member(&fixture, "SSEDescription",
                 "{'Status':'ENABLED','SSEType':'KMS','KMSMasterKeyArn':"
                 "'arn:aws:kms:us-east-1:000000000000:key/a3c27016-7cb5-fecb-f7ba-c26ff943b3f4'}");
    CHECK_SLICE(
        answer(&fixture, "ListTagsOfResource", "{'ResourceArn':'" ARN "'}"),
        quoted(&fixture.arena, "{'Tags':[{'Key':'a','Value':''},{'Key':'b','Value':'2'}]}"));
    static const struct exchange exchanges[] = {
        {"{'TableName':'QQQ'," KEYS
         "," UNITS("5", "5") ",'WarmThroughput':{'WriteUnitsPerSecond':4}}",
         INVALID "Requested WriteUnitsPerSecond for WarmThroughput for table is lower than "
                 "WriteCapacityUnits of ProvisionedThroughput"},
        {"{'TableName':'QQQ'," KEYS
         "," UNITS("5", "5") ",'OnDemandThroughput':{'MaxReadRequestUnits':4}}",
         INVALID "MaxReadRequestUnits for OnDemandThroughput cannot be specified when table "
                 "BillingMode is PROVISIONED."},
        {"{'TableName':'QQQ'," KEYS ",'BillingMode':'PAY_PER_REQUEST',"
         "'OnDemandThroughput':{'MaxReadRequestUnits':-1}}",
         INVALID "Requested MaxReadRequestUnits for OnDemandThroughput for table is outside of "
                 "valid range"},
        {"{'TableName':'QQQ'," KEYS "," UNITS("5", "5") ",'ResourcePolicy':'{}'}",
         "ValidationException: Stator does not support the parameter ResourcePolicy of "
         "CreateTable yet."},
    };
    CHECK_EXCHANGES(&fixture, "CreateTable", exchanges);
    fixture_close(&fixture);
}

TEST(tags_are_set_listed_and_removed)
{
    struct fixture fixture;
    open_with_tables(&fixture);
    CHECK_SLICE(
        answer(&fixture, "TagResource", TAGS("{'Key':'b','Value':'1'},{'Key':'a','Value':'2'}")),
        SLICE(""));
    CHECK_SLICE(answer(&fixture, "TagResource", TAGS("{'Key':'b','Value':'3'}")), SLICE(""));
    CHECK_SLICE(
        answer(&fixture, "UntagResource", "{'ResourceArn':'" ARN "','TagKeys':['a','none']}"),
        SLICE(""));
    CHECK_SLICE(answer(&fixture, "ListTagsOfResource", "{'ResourceArn':'" ARN "'}"),
                quoted(&fixture.arena, "{'Tags':[{'Key':'b','Value':'3'}]}"));
    fixture_close(&fixture);
}

TEST(tag_resource_refuses_in_the_service_s_words)
{
    struct fixture fixture;
    open_with_tables(&fixture);
    static const struct exchange exchanges[] = {
        {"{'ResourceArn':'nothing','Tags':[]}", INVALID "ARNs must start with 'arn:': nothing"},
        {"{'ResourceArn':'arn:','Tags':[]}",
         INVALID "Provided Arn is not a DynamoDB resource arn: arn:"},
        {"{'ResourceArn':'arn:aws:s3:::bucket','Tags':[]}",
         INVALID "Provided Arn is not a DynamoDB resource arn: arn:aws:s3:::bucket"},
        {"{'ResourceArn':'arn:aws:dynamodb:us-east-1:000000000000:PPP','Tags':[]}",
         INVALID "Invalid resource arn provided, only table or stream is accepted. Provided "
                 "resource arn: arn:aws:dynamodb:us-east-1:000000000000:PPP"},
        {"{'ResourceArn':'arn:aws:dynamodb:eu-west-1:000000000000:table/PPP','Tags':[]}",
         "ValidationException: Invalid TableArn: Invalid ResourceArn provided as input "
         "arn:aws:dynamodb:eu-west-1:000000000000:table/PPP"},
        {"{'ResourceArn':'arn:aws:dynamodb:us-east-1:111111111111:table/PPP','Tags':[]}",
         "AccessDeniedException: Access is denied"},
        {TAGS(""), "ValidationException: Atleast one Tag needs to be provided as Input."},
        {TAGS("{'Key':'aws:a','Value':''}"),
         "ValidationException: Tag Key cannot be prefixed with aws:, Key: aws:a"},
        {TAGS("{'Key':'a;','Value':''}"),
         "ValidationException: The Tag Key provided is invalid, Key: a;"},
        {TAGS("{'Key':'a','Value':'?'}"),
         "ValidationException: The Tag Value provided is invalid, Value: ?"},
        {TAGS("{'Key':'a','Value':''},{'Key':'a','Value':''}"),
         "ValidationException: Duplicate Tag Keys provided as input: Duplicate Tag Key found a"},
        {"{'ResourceArn':'" ARN "no','Tags':[{'Key':'a','Value':''}]}",
         "ResourceNotFoundException: Requested resource not found: ResourceArn: " ARN
         "no not found"},
    };
    CHECK_EXCHANGES(&fixture, "TagResource", exchanges);
    CHECK_SLICE(answer(&fixture, "ListTagsOfResource", "{'ResourceArn':'" ARN "'}"),
                SLICE("{\"Tags\":[]}"));
    CHECK_SLICE(answer(&fixture, "UntagResource", "{'ResourceArn':'" ARN "','TagKeys':[]}"),
                SLICE("ValidationException: Atleast one Tag Key needs to be provided as Input."));
    fixture_close(&fixture);
}

TEST(limits_are_described)
{
    struct fixture fixture;
    fixture_open(&fixture);
    CHECK_SLICE(answer(&fixture, "DescribeLimits", "{}"),
                quoted(&fixture.arena,
                       "{'AccountMaxReadCapacityUnits':80000,'AccountMaxWriteCapacityUnits':80000,"
                       "'TableMaxReadCapacityUnits':40000,'TableMaxWriteCapacityUnits':40000}"));
    fixture_close(&fixture);
}
