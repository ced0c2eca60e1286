#include "tests/unit/ops/fixture.h"

#define INVALID "ValidationException: One or more parameter values were invalid: "
#define ON_DEMAND "'BillingMode':'PAY_PER_REQUEST'"
#define PK "{'AttributeName':'pk','AttributeType':'S'}"
#define SK "{'AttributeName':'sk','AttributeType':'N'}"
#define HASH "{'AttributeName':'pk','KeyType':'HASH'}"
#define RANGE "{'AttributeName':'sk','KeyType':'RANGE'}"
#define ONE_KEY "'AttributeDefinitions':[" PK "],'KeySchema':[" HASH "]"

TEST(create_table_refuses_in_the_service_s_words_and_order)
{
    static const struct exchange exchanges[] = {
        {"{}", "ValidationException: The parameter 'TableName' is required but was not present in "
               "the request"},
        {"{'TableName':'ab'," ONE_KEY "}",
         "ValidationException: 1 validation error detected: Value 'ab' at 'tableName' failed to "
         "satisfy constraint: Member must have length greater than or equal to 3"},
        {"{'TableName':'abc'}",
         "ValidationException: 2 validation errors detected: Value null at 'attributeDefinitions' "
         "failed to satisfy constraint: Member must not be null; Value null at 'keySchema' failed "
         "to satisfy constraint: Member must not be null"},
        {"{'TableName':'abc','AttributeDefinitions':[],'KeySchema':[]}",
         "ValidationException: 1 validation error detected: Value '[]' at 'keySchema' failed to "
         "satisfy constraint: Member must have length greater than or equal to 1"},
        {"{'TableName':'abc','AttributeDefinitions':[],'KeySchema':[" HASH "," RANGE "," RANGE "]}",
         "ValidationException: 1 validation error detected: Value "
         "'[KeySchemaElement(attributeName=pk, keyType=HASH), KeySchemaElement(attributeName=sk, "
         "keyType=RANGE), KeySchemaElement(attributeName=sk, keyType=RANGE)]' at 'keySchema' "
         "failed "
         "to satisfy constraint: Member must have length less than or equal to 2"},
        {"{'TableName':'abc','AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'X'}],"
         "'KeySchema':[{'AttributeName':'pk','KeyType':'Y'}],'BillingMode':'Z',"
         "'ProvisionedThroughput':{'ReadCapacityUnits':0,'WriteCapacityUnits':0}}",
         "ValidationException: 5 validation errors detected: "
         "Value 'X' at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: "
         "Member must satisfy enum value set: [B, N, S]; "
         "Value 'Z' at 'billingMode' failed to satisfy constraint: Member must satisfy enum value "
         "set: [PROVISIONED, PAY_PER_REQUEST]; "
         "Value '0' at 'provisionedThroughput.writeCapacityUnits' failed to satisfy constraint: "
         "Member must have value greater than or equal to 1; "
         "Value '0' at 'provisionedThroughput.readCapacityUnits' failed to satisfy constraint: "
         "Member must have value greater than or equal to 1; "
         "Value 'Y' at 'keySchema.1.member.keyType' failed to satisfy constraint: Member must "
         "satisfy enum value set: [HASH, RANGE]"},
        {"{'TableName':'abc'," ONE_KEY ",'ProvisionedThroughput':{'ReadCapacityUnits':1}}",
         "ValidationException: 1 validation error detected: Value null at "
         "'provisionedThroughput.writeCapacityUnits' failed to satisfy constraint: Member must not "
         "be null"},
        {"{'TableName':'abc'," ONE_KEY "}",
         INVALID "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode "
                 "is PROVISIONED"},
        {"{'TableName':'abc'," ONE_KEY "," ON_DEMAND
         ",'ProvisionedThroughput':{'ReadCapacityUnits':1,'WriteCapacityUnits':1}}",
         INVALID "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when "
                 "BillingMode is PAY_PER_REQUEST"},
        {"{'TableName':'abc'," ONE_KEY
         ",'ProvisionedThroughput':{'ReadCapacityUnits':1000000000001,"
         "'WriteCapacityUnits':1}}",
         "ValidationException: Given value 1000000000001 for ReadCapacityUnits is out of bounds"},
        {"{'TableName':'abc'," ON_DEMAND ",'AttributeDefinitions':[" PK "," PK
         "],'KeySchema':[" HASH "]}",
         "ValidationException: Attribute Name is duplicated: pk"},
        {"{'TableName':'abc'," ON_DEMAND ",'AttributeDefinitions':[" PK "],'KeySchema':[" HASH
         "," RANGE "]}",
         "ValidationException: Invalid KeySchema: Some index key attribute have no definition"},
        {"{'TableName':'abc'," ON_DEMAND ",'AttributeDefinitions':[" SK "],'KeySchema':[" HASH "]}",
         INVALID "Some index key attributes are not defined in AttributeDefinitions. Keys: [pk], "
                 "AttributeDefinitions: [sk]"},
        {"{'TableName':'abc'," ON_DEMAND ",'AttributeDefinitions':[" PK "," SK
         "],'KeySchema':[" HASH ",{'AttributeName':'pk','KeyType':'RANGE'}]}",
         "ValidationException: Both the Hash Key and the Range Key element in the KeySchema have "
         "the same name"},
        {"{'TableName':'abc'," ON_DEMAND ",'AttributeDefinitions':[" PK "," SK
         "],'KeySchema':[" RANGE "," HASH "]}",
         "ValidationException: Invalid KeySchema: The first KeySchemaElement is not a HASH key "
         "type"},
        {"{'TableName':'abc'," ON_DEMAND ",'AttributeDefinitions':[" PK "," SK
         "],'KeySchema':[" HASH ",{'AttributeName':'sk','KeyType':'HASH'}]}",
         "ValidationException: Invalid KeySchema: The second KeySchemaElement is not a RANGE key "
         "type"},
        {"{'TableName':'abc'," ON_DEMAND ",'AttributeDefinitions':[" PK "," SK
         "],'KeySchema':[" HASH "]}",
         INVALID "Number of attributes in KeySchema does not exactly match number of attributes "
                 "defined in AttributeDefinitions"},
        {"{'TableName':'abc'," ONE_KEY ",'ProvisionedThroughput':{'ReadCapacityUnits':40001,"
         "'WriteCapacityUnits':1}}",
         "LimitExceededException: The requested ReadCapacityUnits, 40001, is above the per table "
         "maximum for the account in us-east-1. Per table maximum: 40000. Refer to the "
         "Amazon DynamoDB Developer Guide for current limits and how to request higher limits."},
    };
    struct fixture fixture;
    fixture_open(&fixture);
    CHECK_EXCHANGES(&fixture, "CreateTable", exchanges);
    fixture_close(&fixture);
}

/* `got` with what differs from run to run cut out: the value of one member, up to its end. */
static slice without(struct arena *arena, slice got, const char *member)
{
    slice name = arena_format(arena, "\"%s\":", member);
    struct buffer kept;
    buffer_init(&kept, arena);
    bool found = false;
    size_t i = 0;
    while (i < got.size) {
        bool is_here = slice_begins_with(slice_from(got, i), name);
        size_t size = is_here ? name.size : 1;
        buffer_append(&kept, slice_of(got.data + i, size));
        i += size;
        found |= is_here;
        while (is_here && got.data[i] != ',' && got.data[i] != '}')
            i++;
    }
    CHECK(found);
    return buffer_slice(&kept);
}

#define KEYS                                                                                       \
    "'AttributeDefinitions':[" PK "," SK "],'TableName':'abc','KeySchema':[" HASH "," RANGE "],"
#define REST "'TableArn':'arn:aws:dynamodb:us-east-1:000000000000:table/abc','TableId':,"

TEST(create_table_describes_what_it_makes)
{
    struct fixture fixture;
    fixture_open(&fixture);
    struct arena *arena = &fixture.arena;
    slice got = answer(&fixture, "CreateTable",
                       "{'TableName':'abc','AttributeDefinitions':[" SK "," PK
                       "],'KeySchema':[" HASH "," RANGE
                       "],'ProvisionedThroughput':{'ReadCapacityUnits':3,'WriteCapacityUnits':4}}");
    got = without(arena, without(arena, got, "CreationDateTime"), "TableId");
    CHECK_SLICE(got, quoted(arena, "{'TableDescription':{" KEYS
                                   "'TableStatus':'CREATING','CreationDateTime':,"
                                   "'ProvisionedThroughput':{'NumberOfDecreasesToday':0,"
                                   "'ReadCapacityUnits':3,'WriteCapacityUnits':4},"
                                   "'TableSizeBytes':0,'ItemCount':0," REST
                                   "'DeletionProtectionEnabled':false}}"));
    CHECK_SLICE(answer(&fixture, "CreateTable", "{'TableName':'abc'," ONE_KEY "," ON_DEMAND "}"),
                SLICE("ResourceInUseException: Table already exists: abc"));
    fixture_close(&fixture);
}

TEST(describe_table_counts_exactly)
{
    struct fixture fixture;
    fixture_open(&fixture);
    struct arena *arena = &fixture.arena;
    answer(&fixture, "CreateTable",
           "{'TableName':'abc','AttributeDefinitions':[" PK "," SK "],'KeySchema':[" HASH "," RANGE
           "]," ON_DEMAND "}");
    answer(&fixture, "PutItem", "{'TableName':'abc','Item':{'pk':{'S':'a'},'sk':{'N':'1'}}}");
    slice got = answer(&fixture, "DescribeTable", "{'TableName':'abc'}");
    got = without(arena, without(arena, got, "CreationDateTime"), "TableId");
    got = without(arena, got, "LastUpdateToPayPerRequestDateTime");
    CHECK_SLICE(got, quoted(arena, "{'Table':{" KEYS "'TableStatus':'ACTIVE','CreationDateTime':,"
                                   "'ProvisionedThroughput':{'NumberOfDecreasesToday':0,"
                                   "'ReadCapacityUnits':0,'WriteCapacityUnits':0},"
                                   "'TableSizeBytes':7,'ItemCount':1," REST
                                   "'BillingModeSummary':{'BillingMode':'PAY_PER_REQUEST',"
                                   "'LastUpdateToPayPerRequestDateTime':},"
                                   "'TableThroughputModeSummary':{"
                                   "'TableThroughputMode':'PAY_PER_REQUEST',"
                                   "'LastUpdateToPayPerRequestDateTime':},"
                                   "'DeletionProtectionEnabled':false,"
                                   "'WarmThroughput':{'ReadUnitsPerSecond':12000,"
                                   "'WriteUnitsPerSecond':4000,'Status':'ACTIVE'}}}"));
    fixture_close(&fixture);
}

TEST(list_tables_pages_in_the_order_of_names)
{
    struct fixture fixture;
    fixture_open(&fixture);
    static const char *const names[] = {"ccc", "aaa", "bbb"};
    for (size_t i = 0; i < 3; i++) {
        slice body = arena_format(&fixture.arena, "{'TableName':'%s'," ONE_KEY "," ON_DEMAND "}%c",
                                  names[i], 0);
        answer(&fixture, "CreateTable", body.data);
    }
    static const struct exchange exchanges[] = {
        {"{}", "{\"TableNames\":[\"aaa\",\"bbb\",\"ccc\"]}"},
        {"{'Limit':2}", "{\"TableNames\":[\"aaa\",\"bbb\"],\"LastEvaluatedTableName\":\"bbb\"}"},
        {"{'Limit':2,'ExclusiveStartTableName':'bbb'}", "{\"TableNames\":[\"ccc\"]}"},
        {"{'Limit':0}", "ValidationException: 1 validation error detected: Value '0' at 'limit' "
                        "failed to satisfy constraint: Member must have value greater than or "
                        "equal to 1"},
    };
    CHECK_EXCHANGES(&fixture, "ListTables", exchanges);
    fixture_close(&fixture);
}

TEST(delete_table_frees_the_name_and_forgets_the_items)
{
    struct fixture fixture;
    fixture_open(&fixture);
    const char *create = "{'TableName':'abc'," ONE_KEY "," ON_DEMAND "}";
    const char *get = "{'TableName':'abc','Key':{'pk':{'S':'a'}}}";
    answer(&fixture, "CreateTable", create);
    answer(&fixture, "PutItem", "{'TableName':'abc','Item':{'pk':{'S':'a'}}}");

    slice got = answer(&fixture, "DeleteTable", "{'TableName':'abc'}");
    CHECK(slice_begins_with(got, SLICE("{\"TableDescription\":{")));
    CHECK_SLICE(answer(&fixture, "DescribeTable", "{'TableName':'abc'}"),
                SLICE("ResourceNotFoundException: Requested resource not found: Table: abc not "
                      "found"));
    CHECK_SLICE(answer(&fixture, "DeleteTable", "{'TableName':'abc'}"),
                SLICE("ResourceNotFoundException: Requested resource not found: Table: abc not "
                      "found"));
    CHECK_SLICE(answer(&fixture, "GetItem", get),
                SLICE("ResourceNotFoundException: Requested resource not found"));
    answer(&fixture, "CreateTable", create);
    CHECK_SLICE(answer(&fixture, "GetItem", get), SLICE("{}"));
    fixture_close(&fixture);
}
