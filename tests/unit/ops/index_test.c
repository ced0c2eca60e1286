/* Secondary indexes as operations see them: CreateTable, DescribeTable, reads and writes. */
#include "tests/unit/ops/fixture.h"

#define INVALID "ValidationException: One or more parameter values were invalid: "
#define DEFINED(name, type) "{'AttributeName':'" name "','AttributeType':'" type "'}"
#define HASH(name) "{'AttributeName':'" name "','KeyType':'HASH'}"
#define RANGE(name) "{'AttributeName':'" name "','KeyType':'RANGE'}"
#define ALL ",'Projection':{'ProjectionType':'ALL'}"
#define INDEX(name, keys, more) "{'IndexName':'" name "','KeySchema':[" keys "]" more "}"
#define PROVISIONED "'ProvisionedThroughput':{'ReadCapacityUnits':3,'WriteCapacityUnits':4}"

/* ---- CreateTable ---- */

#define CREATE_HASH(definitions, more)                                                             \
    "{'TableName':'abc','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':[" DEFINED(         \
        "pk", "S") definitions "],'KeySchema':[" HASH("pk") "]," more "}"
#define CREATE(definitions, more)                                                                  \
    "{'TableName':'abc','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':[" DEFINED(         \
        "pk", "S") "," DEFINED("sk", "N") definitions                                              \
        "],'KeySchema':[" HASH("pk") "," RANGE("sk") "]," more "}"
#define LOCAL(index) "'LocalSecondaryIndexes':[" index "]"
#define GLOBAL(index) "'GlobalSecondaryIndexes':[" index "]"
#define A "," DEFINED("a", "S")
#define B "," DEFINED("b", "N")
#define LOCAL_KEYS HASH("pk") "," RANGE("a")
#define PROJECTING(projection) GLOBAL(INDEX("ind", HASH("a"), ",'Projection':{" projection "}"))

TEST(create_table_refuses_indexes_in_the_service_s_words)
{
    static const struct exchange exchanges[] = {
        {CREATE_HASH("", GLOBAL("{}") "," LOCAL("{'IndexName':'a;'}")),
         "ValidationException: 7 validation errors detected: "
         "Value null at 'globalSecondaryIndexes.1.member.projection' failed to satisfy constraint: "
         "Member must not be null; "
         "Value null at 'globalSecondaryIndexes.1.member.indexName' failed to satisfy constraint: "
         "Member must not be null; "
         "Value null at 'globalSecondaryIndexes.1.member.keySchema' failed to satisfy constraint: "
         "Member must not be null; "
         "Value null at 'localSecondaryIndexes.1.member.projection' failed to satisfy constraint: "
         "Member must not be null; "
         "Value 'a;' at 'localSecondaryIndexes.1.member.indexName' failed to satisfy constraint: "
         "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; "
         "Value 'a;' at 'localSecondaryIndexes.1.member.indexName' failed to satisfy constraint: "
         "Member must have length greater than or equal to 3; "
         "Value null at 'localSecondaryIndexes.1.member.keySchema' failed to satisfy constraint: "
         "Member must not be null"},
        {CREATE_HASH(A, PROJECTING("'ProjectionType':'SOME','NonKeyAttributes':['','x']")),
         "ValidationException: 2 validation errors detected: "
         "Value 'SOME' at 'globalSecondaryIndexes.1.member.projection.projectionType' failed to "
         "satisfy constraint: Member must satisfy enum value set: [ALL, INCLUDE, KEYS_ONLY]; "
         "Value '[, x]' at 'globalSecondaryIndexes.1.member.projection.nonKeyAttributes' failed to "
         "satisfy constraint: Member must satisfy constraint: [Member must have length less than "
         "or equal to 255, Member must have length greater than or equal to 1]"},
        {CREATE_HASH("", GLOBAL("")), INVALID "List of GlobalSecondaryIndexes is empty"},
        {CREATE_HASH("", LOCAL("")), INVALID "List of LocalSecondaryIndexes is empty"},
        {CREATE_HASH("", GLOBAL(INDEX("ind", HASH("a") "," RANGE("b"), ALL))),
         INVALID "Some index key attributes are not defined in AttributeDefinitions. Keys: [a, b], "
                 "AttributeDefinitions: [pk]"},
        {CREATE(A B, LOCAL(INDEX("ind", LOCAL_KEYS, ALL))),
         INVALID "Some AttributeDefinitions are not used. AttributeDefinitions: [pk, sk, a, b], "
                 "keys used: [pk, sk, a]"},
        {CREATE_HASH(A, LOCAL(INDEX("ind", LOCAL_KEYS, ALL))),
         INVALID "Table KeySchema does not have a range key, which is required when specifying a "
                 "LocalSecondaryIndex"},
        {CREATE("", LOCAL(INDEX("ind", HASH("pk"), ALL))),
         INVALID "Index KeySchema does not have a range key for index: ind"},
        {CREATE("", LOCAL(INDEX("ind", HASH("sk") "," RANGE("pk"), ALL))),
         INVALID "Index KeySchema does not have the same leading hash key as table KeySchema for "
                 "index: ind. index hash key: sk, table hash key: pk"},
        {CREATE("", LOCAL(INDEX("ind", HASH("pk") "," RANGE("pk"), ALL))),
         "ValidationException: Both the Hash Key and the Range Key element in the KeySchema have "
         "the same name"},
        {CREATE_HASH(A, GLOBAL(INDEX("ind", RANGE("a"), ALL))),
         "ValidationException: Invalid KeySchema: The first KeySchemaElement is not a HASH key "
         "type"},
        {CREATE(A, GLOBAL(INDEX("ind", HASH("a") "," RANGE("sk") "," HASH("pk"), ALL))),
         INVALID "All HASH key attributes must precede RANGE key attributes in the KeySchema"},
        {CREATE(A, GLOBAL(INDEX("ind", HASH("a") "," RANGE("a"), ALL))),
         "ValidationException: The KeySchema contains multiple key attributes with the same name"},
        {CREATE(A B "," DEFINED("c", "B"),
                GLOBAL(INDEX("ind",
                             HASH("a") "," HASH("b") "," HASH("c") "," HASH("pk") "," HASH("sk"),
                             ALL))),
         INVALID "The KeySchema exceeds the maximum allowed number of HASH key attributes"},
        {CREATE_HASH(A, PROJECTING("")), INVALID "Unknown ProjectionType: null"},
        {CREATE_HASH(A, PROJECTING("'ProjectionType':'INCLUDE'")),
         INVALID "ProjectionType is INCLUDE, but NonKeyAttributes is not specified"},
        {CREATE_HASH(A, PROJECTING("'ProjectionType':'KEYS_ONLY','NonKeyAttributes':['x']")),
         INVALID "ProjectionType is KEYS_ONLY, but NonKeyAttributes is specified"},
        {CREATE_HASH(A, PROJECTING("'ProjectionType':'INCLUDE','NonKeyAttributes':['x','y','x']")),
         INVALID "Duplicate element in NonKeyAttributes: x"},
        {CREATE_HASH(A, GLOBAL(INDEX("ind", HASH("a"), ALL "," PROVISIONED))),
         INVALID "ProvisionedThroughput should not be specified for index: ind when BillingMode is "
                 "PAY_PER_REQUEST"},
        {"{'TableName':'abc','AttributeDefinitions':[" DEFINED("pk", "S") "],'KeySchema':[" HASH(
             "pk") "]," PROVISIONED "," GLOBAL(INDEX("ind", HASH("pk"), ALL)) "}",
         INVALID "ProvisionedThroughput is not specified for index: ind"},
        {CREATE_HASH(A, GLOBAL(INDEX("ind", HASH("a"),
                                     ALL ",'OnDemandThroughput':{'MaxReadRequestUnits':0}"))),
         INVALID "Requested MaxReadRequestUnits for OnDemandThroughput for index : ind is outside "
                 "of valid range"},
        {"{'TableName':'abc','AttributeDefinitions':[" DEFINED("pk", "S") "],'KeySchema':[" HASH(
             "pk") "]," PROVISIONED "," GLOBAL(INDEX("ind", HASH("pk"),
                                                     ALL "," PROVISIONED
                                                         ",'OnDemandThroughput':{"
                                                         "'MaxWriteRequestUnits':1}")) "}",
         INVALID "MaxWriteRequestUnits for OnDemandThroughput for index: ind cannot be specified "
                 "when table BillingMode is PROVISIONED."},
        {CREATE(A, LOCAL(INDEX("ind", LOCAL_KEYS, ALL)) "," GLOBAL(INDEX("ind", HASH("a"), ALL))),
         INVALID "Duplicate index name: ind"},
    };
    struct fixture fixture;
    fixture_open(&fixture);
    CHECK_EXCHANGES(&fixture, "CreateTable", exchanges);
    CHECK_SLICE(answer(&fixture, "ListTables", "{}"), quoted(&fixture.arena, "{'TableNames':[]}"));
    fixture_close(&fixture);
}

/* So many indexes of one kind, all alike but for their names. */
static const char *with_indexes(struct arena *arena, const char *kind, const char *keys,
                                const char *projection, uint32_t count)
{
    struct buffer body;
    buffer_init(&body, arena);
    buffer_append(
        &body, arena_format(arena,
                            "{'TableName':'%s%u','BillingMode':'PAY_PER_REQUEST',"
                            "'AttributeDefinitions':[" DEFINED("pk", "S") "," DEFINED(
                                "sk", "N") "],'KeySchema':[" HASH("pk") "," RANGE("sk") "],'%s':[",
                            kind, count, kind));
    for (uint32_t i = 0; i < count; i++)
        buffer_append(&body, arena_format(arena,
                                          "%s{'IndexName':'i-%u','KeySchema':[%s],"
                                          "'Projection':{%s}}",
                                          i > 0 ? "," : "", i, keys, projection));
    buffer_append(&body, SLICE("]}"));
    buffer_append_byte(&body, '\0');
    return buffer_slice(&body).data;
}

TEST(create_table_counts_indexes_and_what_they_include)
{
    static const char *const included = "'ProjectionType':'INCLUDE','NonKeyAttributes':['a','b',"
                                        "'c','d','e','f','g','h','i','j','k','l','m','n','o','p',"
                                        "'q','r','s','t']";
    static const char *const all = "'ProjectionType':'ALL'";
    struct {
        const char *kind;
        const char *keys;
        const char *projection;
        uint32_t most;
        const char *answer;
    } cases[] = {
        {"LocalSecondaryIndexes", HASH("pk") "," RANGE("sk"), all, 5,
         INVALID "Number of LocalSecondaryIndexes exceeds per-table limit of 5"},
        {"GlobalSecondaryIndexes", HASH("sk"), all, 20,
         INVALID "GlobalSecondaryIndex count exceeds the per-table limit of 20"},
        {"GlobalSecondaryIndexes", HASH("sk"), included, 5,
         INVALID "Number of NonKeyAttributes over all indexes exceeds the per-table limit of 100"},
    };
    struct fixture fixture;
    fixture_open(&fixture);
    struct arena *arena = &fixture.arena;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(slice_begins_with(answer(&fixture, "CreateTable",
                                       with_indexes(arena, cases[i].kind, cases[i].keys,
                                                    cases[i].projection, cases[i].most)),
                                SLICE("{\"TableDescription\"")));
        CHECK_SLICE(answer(&fixture, "CreateTable",
                           with_indexes(arena, cases[i].kind, cases[i].keys, cases[i].projection,
                                        cases[i].most + 1)),
                    slice_of_string(cases[i].answer));
    }
    fixture_close(&fixture);
}

/* ---- a table with one index of each kind and projection ---- */

#define BY_A                                                                                       \
    INDEX("local", HASH("pk") "," RANGE("a"),                                                      \
          ",'Projection':{'ProjectionType':'INCLUDE','NonKeyAttributes':['z','in']}")
#define BY_B INDEX("global", HASH("b"), ",'Projection':{'ProjectionType':'KEYS_ONLY'}")
#define BY_BOTH INDEX("both", HASH("a") "," HASH("pk") "," RANGE("b") "," RANGE("sk"), ALL)
#define WITH_INDEXES CREATE(B A, LOCAL(BY_A) "," GLOBAL(BY_B "," BY_BOTH))

#define ITEM(pk, sk, more) "{'pk':{'S':'" pk "'},'sk':{'N':'" sk "'}" more "}"
#define OF(a, b) ",'a':{'S':'" a "'},'b':{'N':'" b "'}"
#define PUT(item) "{'TableName':'abc','Item':" item "}"

static void open_with_indexes(struct fixture *fixture)
{
    fixture_open(fixture);
    CHECK(slice_begins_with(answer(fixture, "CreateTable", WITH_INDEXES),
                            SLICE("{\"TableDescription\"")));
}

static void check_replies(struct fixture *fixture, const char *operation,
                          const struct exchange *exchanges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        slice got = answer(fixture, operation, exchanges[i].body);
        slice wanted = quoted(&fixture->arena, exchanges[i].answer);
        test_check_slice(got, wanted, exchanges[i].body, __FILE__, __LINE__);
    }
}
#define CHECK_REPLIES(fixture, operation, table)                                                   \
    check_replies((fixture), (operation), (table), sizeof(table) / sizeof *(table))

/* The part of a reply from one member's name to another's. */
static slice part(struct arena *arena, slice reply, const char *from, const char *to)
{
    slice begin = quoted(arena, from);
    slice end = quoted(arena, to);
    while (reply.size > 0 && !slice_begins_with(reply, begin))
        reply = slice_from(reply, 1);
    size_t size = 0;
    while (size < reply.size && !slice_begins_with(slice_from(reply, size), end))
        size++;
    return slice_first(reply, size);
}

TEST(describe_table_shows_indexes_as_they_were_asked_for)
{
    struct fixture fixture;
    open_with_indexes(&fixture);
    struct arena *arena = &fixture.arena;
    answer(&fixture, "PutItem", PUT(ITEM("p", "1", OF("aa", "1"))));
    answer(&fixture, "PutItem", PUT(ITEM("p", "2", ",'b':{'N':'1'},'in':{'S':'not'}")));

    slice got = answer(&fixture, "DescribeTable", "{'TableName':'abc'}");

#define ARN "'IndexArn':'arn:aws:dynamodb:us-east-1:000000000000:table/abc/index/"
#define UNITS                                                                                      \
    "'ProvisionedThroughput':{'NumberOfDecreasesToday':0,'ReadCapacityUnits':0,"                   \
    "'WriteCapacityUnits':0},'WarmThroughput':{'ReadUnitsPerSecond':12000,"                        \
    "'WriteUnitsPerSecond':4000,'Status':'ACTIVE'},"
    CHECK_SLICE(part(arena, got, "'AttributeDefinitions':", ",'TableName'"),
                quoted(arena, "'AttributeDefinitions':[" DEFINED("a", "S") "," DEFINED(
                                  "b", "N") "," DEFINED("pk", "S") "," DEFINED("sk", "N") "]"));
    CHECK_SLICE(
        part(arena, got, "'LocalSecondaryIndexes':", ",'DeletionProtectionEnabled'"),
        quoted(arena,
               "'LocalSecondaryIndexes':[{'IndexName':'local','KeySchema':[" HASH("pk") "," RANGE(
                   "a") "],'Projection':{'ProjectionType':'INCLUDE','NonKeyAttributes':['in','z']},"
                        "'IndexSizeBytes':10,'ItemCount':1," ARN "local'}],"
                        "'GlobalSecondaryIndexes':[{'IndexName':'global','KeySchema':[" HASH(
                            "b") "],"
                                 "'Projection':{'ProjectionType':'KEYS_ONLY'},'IndexStatus':'"
                                 "ACTIVE'," UNITS "'IndexSizeBytes':20,'ItemCount':2," ARN
                                 "global'},"
                                 "{'IndexName':'both','KeySchema':[" HASH("a") "," HASH(
                                     "pk") "," RANGE("b") "," RANGE("sk") "],'Projection':{'"
                                                                          "ProjectionType':'ALL'},'"
                                                                          "IndexStatus':'ACTIVE'"
                                                                          "," UNITS
                                                                          "'IndexSizeBytes':13,'"
                                                                          "ItemCount':1," ARN
                                                                          "both'}]"));
    fixture_close(&fixture);
}

TEST(writes_are_charged_for_each_index_that_changes)
{
#define CONSUMED(total, local, global)                                                             \
    "'ConsumedCapacity':{'TableName':'abc','CapacityUnits':" total ",'Table':{'CapacityUnits':"    \
    "1.0}" local global "}}"
#define LOCALLY(units) ",'LocalSecondaryIndexes':{'local':{'CapacityUnits':" units "}}"
#define KEYS(units) "'global':{'CapacityUnits':" units "}"
#define BOTH(units) "'both':{'CapacityUnits':" units "}"
#define GLOBALLY(indexes) ",'GlobalSecondaryIndexes':{" indexes "}"
#define COUNTED(item)                                                                              \
    "{'TableName':'abc','ReturnConsumedCapacity':'INDEXES','Item':" ITEM("p", "1", item) "}"
    static const struct exchange puts[] = {
        {COUNTED(""), "{" CONSUMED("1.0", "", "")},
        {COUNTED(OF("a", "1")),
         "{" CONSUMED("4.0", LOCALLY("1.0"), GLOBALLY(KEYS("1.0") "," BOTH("1.0")))},
        {COUNTED(OF("a", "1")), "{" CONSUMED("1.0", "", "")},
        {COUNTED(OF("a", "1") ",'more':{'S':''}"), "{" CONSUMED("2.0", "", GLOBALLY(BOTH("1.0")))},
        {COUNTED(OF("a", "2")), "{" CONSUMED("5.0", "", GLOBALLY(KEYS("2.0") "," BOTH("2.0")))},
        {"{'TableName':'abc','ReturnConsumedCapacity':'TOTAL','Item':" ITEM("p", "1", "") "}",
         "{'ConsumedCapacity':{'TableName':'abc','CapacityUnits':4.0}}"},
        {COUNTED(",'a':{'N':'1'}"), INVALID "Type mismatch for Index Key a Expected: S Actual: N "
                                            "IndexName: both"},
    };
    struct fixture fixture;
    open_with_indexes(&fixture);
    CHECK_REPLIES(&fixture, "PutItem", puts);
    static const struct exchange batches[] = {
        {"{'ReturnConsumedCapacity':'INDEXES','RequestItems':{'abc':[{'PutRequest':{'Item':" ITEM(
             "p", "1", ",'b':{'N':'7'}") "}},{'PutRequest':{'Item':" ITEM("p", "2",
                                                                          ",'b':{'N':'7'}") "}}]}}",
         "{'UnprocessedItems':{},'ConsumedCapacity':[{'TableName':'abc','CapacityUnits':4.0,"
         "'Table':{'CapacityUnits':2.0}" GLOBALLY(KEYS("2.0")) "}]}"},
        {"{'RequestItems':{'abc':[{'PutRequest':{'Item':" ITEM("p", "1", ",'b':{'S':'x'}") "}}]}}",
         INVALID "Type mismatch for Index Key b Expected: N Actual: S IndexName: both"},
    };
    CHECK_REPLIES(&fixture, "BatchWriteItem", batches);
    static const struct exchange updates[] = {
        {"{'TableName':'abc','ReturnConsumedCapacity':'INDEXES','Key':" ITEM(
             "p", "1", "") ","
                           "'UpdateExpression':'REMOVE b'}",
         "{" CONSUMED("2.0", "", GLOBALLY(KEYS("1.0")))},
    };
    CHECK_REPLIES(&fixture, "UpdateItem", updates);
    static const struct exchange deletes[] = {
        {"{'TableName':'abc','ReturnConsumedCapacity':'INDEXES','Key':" ITEM("p", "2", "") "}",
         "{" CONSUMED("2.0", "", GLOBALLY(KEYS("1.0")))},
    };
    CHECK_REPLIES(&fixture, "DeleteItem", deletes);
    fixture_close(&fixture);
}

TEST(collections_are_reported_for_tables_with_local_indexes)
{
#define SIZED "'ReturnItemCollectionMetrics':'SIZE',"
#define COLLECTION(pk) "{'ItemCollectionKey':{'pk':{'S':'" pk "'}},'SizeEstimateRangeGB':[0.0,1.0]}"
#define PUT_REQUEST(pk, sk) "{'PutRequest':{'Item':" ITEM(pk, sk, "") "}}"
    struct fixture fixture;
    open_with_indexes(&fixture);
    answer(&fixture, "CreateTable",
           "{'TableName':'plain','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':[" DEFINED(
               "pk", "S") "," DEFINED("sk", "N") "],'KeySchema':[" HASH("pk") "," RANGE("sk") "]}");
    static const struct exchange puts[] = {
        {"{'TableName':'abc'," SIZED "'Item':" ITEM("p", "1", "") "}",
         "{'ItemCollectionMetrics':" COLLECTION("p") "}"},
        {"{'TableName':'abc','ReturnItemCollectionMetrics':'NONE','Item':" ITEM("p", "1", "") "}",
         "{}"},
        {"{'TableName':'plain'," SIZED "'Item':" ITEM("p", "1", "") "}", "{}"},
    };
    CHECK_REPLIES(&fixture, "PutItem", puts);
    static const struct exchange others[] = {
        {"{'TableName':'abc'," SIZED "'Key':" ITEM("p", "1", "") "}",
         "{'ItemCollectionMetrics':" COLLECTION("p") "}"},
    };
    CHECK_REPLIES(&fixture, "UpdateItem", others);
    CHECK_REPLIES(&fixture, "DeleteItem", others);
    static const struct exchange batches[] = {
        {"{" SIZED "'RequestItems':{'plain':[" PUT_REQUEST("p", "1") "],'abc':[" PUT_REQUEST(
             "p", "1") "," PUT_REQUEST("q", "1") "," PUT_REQUEST("p", "2") "]}}",
         "{'UnprocessedItems':{},'ItemCollectionMetrics':{'abc':[" COLLECTION("p") "," COLLECTION(
             "q") "]}}"},
        {"{" SIZED "'RequestItems':{'plain':[" PUT_REQUEST("p", "1") "]}}",
         "{'UnprocessedItems':{}}"},
    };
    CHECK_REPLIES(&fixture, "BatchWriteItem", batches);
    fixture_close(&fixture);
}

/* ---- reading ---- */

#define ONE ITEM("p", "1", ",'a':{'S':'x'},'b':{'N':'5'},'in':{'S':'i'},'out':{'S':'o'}")
#define TWO ITEM("p", "2", ",'a':{'S':'w'},'b':{'N':'5'},'out':{'S':'o'}")
#define THREE ITEM("p", "3", ",'a':{'S':'x'}")

static void open_with_items(struct fixture *fixture)
{
    open_with_indexes(fixture);
    static const char *const puts[] = {PUT(ONE), PUT(TWO), PUT(THREE)};
    for (size_t i = 0; i < 3; i++)
        CHECK_SLICE(answer(fixture, "PutItem", puts[i]), SLICE("{}"));
}

#define ENTRY(sk, a, more) "{'a':{'S':'" a "'}" more ",'pk':{'S':'p'},'sk':{'N':'" sk "'}}"
#define LOCAL_QUERY(more)                                                                          \
    "{'TableName':'abc','IndexName':'local','KeyConditionExpression':'pk = :p" more
#define VALUES(more) "','ExpressionAttributeValues':{':p':{'S':'p'}" more "}"
#define FOUND(items, count) "{'Items':[" items "],'Count':" count ",'ScannedCount':" count

TEST(query_reads_a_local_index_and_the_table_where_it_must)
{
    static const struct exchange exchanges[] = {
        {LOCAL_QUERY("") VALUES("") "}",
         FOUND(ENTRY("2", "w", "") "," ENTRY("1", "x", ",'in':{'S':'i'}") "," ENTRY("3", "x", ""),
               "3") "}"},
        {LOCAL_QUERY(" AND a = :a")
             VALUES(",':a':{'S':'x'}") ",'ConsistentRead':true,"
                                       "'ReturnConsumedCapacity':'INDEXES','Select':'COUNT'}",
         "{'Count':2,'ScannedCount':2,'ConsumedCapacity':{'TableName':'abc','CapacityUnits':1.0,"
         "'Table':{'CapacityUnits':0.0},'LocalSecondaryIndexes':{'local':{'CapacityUnits':1.0}}}}"},
        {LOCAL_QUERY(" AND a = :a") VALUES(",':a':{'S':'w'}") ",'Select':'ALL_ATTRIBUTES',"
                                                              "'ReturnConsumedCapacity':'INDEXES'}",
         FOUND("{'a':{'S':'w'},'b':{'N':'5'},'out':{'S':'o'},'pk':{'S':'p'},'sk':{'N':'2'}}",
               "1") ",'ConsumedCapacity':{'TableName':'abc','CapacityUnits':1.0,"
                    "'Table':{'CapacityUnits':0.5},'LocalSecondaryIndexes':{'local':{'"
                    "CapacityUnits':0.5}}}}"},
        {LOCAL_QUERY("") VALUES("") ",'ProjectionExpression':'#o','ExpressionAttributeNames':"
                                    "{'#o':'out'}}",
         FOUND("{'out':{'S':'o'}},{'out':{'S':'o'}},{}", "3") "}"},
        {LOCAL_QUERY("") VALUES("") ",'Limit':2,'ProjectionExpression':'sk'}",
         FOUND("{'sk':{'N':'2'}},{'sk':{'N':'1'}}", "2") ",'LastEvaluatedKey':{'a':{'S':'x'},"
                                                         "'pk':{'S':'p'},'sk':{'N':'1'}}}"},
        {LOCAL_QUERY("") VALUES("") ",'ProjectionExpression':'sk','ExclusiveStartKey':{'a':{'S':"
                                    "'x'},'pk':{'S':'p'},'sk':{'N':'1'}}}",
         FOUND("{'sk':{'N':'3'}}", "1") "}"},
        {LOCAL_QUERY(" AND a = :a") VALUES(",':a':{'S':'x'}") ",'ProjectionExpression':'sk',"
                                                              "'ExclusiveStartKey':{'a':{'S':'x'},'"
                                                              "pk':{'S':'p'},'sk':{'N':'1'}}}",
         FOUND("{'sk':{'N':'3'}}", "1") "}"},
        {LOCAL_QUERY("") VALUES("") ",'ExclusiveStartKey':{'pk':{'S':'p'},'sk':{'N':'1'}}}",
         "ValidationException: The provided starting key is invalid"},
        {LOCAL_QUERY("") VALUES("") ",'ExclusiveStartKey':" ENTRY("1", "x", ",'z':{'S':'x'}") "}",
         "ValidationException: The provided starting key is invalid"},
        {LOCAL_QUERY(" AND a > :a")
             VALUES(",':a':{'S':'w'}") ",'ExclusiveStartKey':" ENTRY("2", "w", "") "}",
         "ValidationException: The provided starting key does not match the range key predicate"},
        {LOCAL_QUERY(" AND sk > :a") VALUES(",':a':{'N':'1'}") "}",
         "ValidationException: Query condition missed key schema element: a"},
        {LOCAL_QUERY("") VALUES(",':f':{'S':'x'}") ",'FilterExpression':'a = :f'}",
         "ValidationException: Filter Expression can only contain non-primary key attributes: "
         "Primary key attribute: a"},
        {LOCAL_QUERY("")
             VALUES(",':f':{'N':'1'}") ",'FilterExpression':'sk > :f','Select':'COUNT'}",
         "{'Count':2,'ScannedCount':3}"},
        {LOCAL_QUERY("") VALUES(",':f':{'S':'x'}") ",'FilterExpression':'#o = :f OR b = :f',"
                                                   "'ExpressionAttributeNames':{'#o':'out'}}",
         INVALID "Secondary index local does not project one or more filter attributes: [b, out]"},
    };
    struct fixture fixture;
    open_with_items(&fixture);
    CHECK_REPLIES(&fixture, "Query", exchanges);
    fixture_close(&fixture);
}

TEST(query_reads_global_indexes)
{
#define GLOBAL_QUERY(more)                                                                         \
    "{'TableName':'abc','IndexName':'global','KeyConditionExpression':'b = :b',"                   \
    "'ExpressionAttributeValues':{':b':{'N':'5'}}" more "}"
#define BOTH_QUERY(condition, values)                                                              \
    "{'TableName':'abc','IndexName':'both','ProjectionExpression':'sk','KeyConditionExpression':"  \
    "'" condition "','ExpressionAttributeValues':{" values "}}"
#define X "':x':{'S':'x'}"
#define P ",':p':{'S':'p'}"
#define FIVE ",':n':{'N':'5'}"
    static const struct exchange exchanges[] = {
        {GLOBAL_QUERY(",'ReturnConsumedCapacity':'INDEXES'"),
         FOUND("{'b':{'N':'5'},'pk':{'S':'p'},'sk':{'N':'1'}},"
               "{'b':{'N':'5'},'pk':{'S':'p'},'sk':{'N':'2'}}",
               "2") ",'ConsumedCapacity':{'TableName':'abc','CapacityUnits':0.5,'Table':{'"
                    "CapacityUnits':0.0},"
                    "'GlobalSecondaryIndexes':{'global':{'CapacityUnits':0.5}}}}"},
        {GLOBAL_QUERY(",'Limit':1,'ScanIndexForward':false"),
         FOUND("{'b':{'N':'5'},'pk':{'S':'p'},'sk':{'N':'2'}}",
               "1") ",'LastEvaluatedKey':{'b':{'N':'5'},'pk':{'S':'p'},'sk':{'N':'2'}}}"},
        {GLOBAL_QUERY(",'ScanIndexForward':false,'Select':'ALL_PROJECTED_ATTRIBUTES',"
                      "'ExclusiveStartKey':{'b':{'N':'5'},'pk':{'S':'p'},'sk':{'N':'2'}}"),
         FOUND("{'b':{'N':'5'},'pk':{'S':'p'},'sk':{'N':'1'}}", "1") "}"},
        {GLOBAL_QUERY(",'ExclusiveStartKey':{'b':{'N':'6'},'pk':{'S':'p'},'sk':{'N':'2'}}"),
         "ValidationException: The provided starting key is outside query boundaries based on "
         "provided conditions"},
        {GLOBAL_QUERY(",'ConsistentRead':true"),
         "ValidationException: Consistent reads are not supported on global secondary indexes"},
        {GLOBAL_QUERY(",'Select':'ALL_ATTRIBUTES'"),
         INVALID "Select type ALL_ATTRIBUTES is not supported for global secondary index global "
                 "because its projection type is not ALL"},
        {GLOBAL_QUERY(",'ProjectionExpression':'sk, z, c.d'"),
         INVALID "Global secondary index global does not project [c, z]"},
        {BOTH_QUERY("a = :x AND pk = :p", X P), FOUND("{'sk':{'N':'1'}}", "1") "}"},
        {BOTH_QUERY("pk = :p AND b = :n AND a = :x", X P FIVE), FOUND("{'sk':{'N':'1'}}", "1") "}"},
        {BOTH_QUERY("pk = :p AND b = :n AND a = :x AND sk < :n", X P FIVE),
         FOUND("{'sk':{'N':'1'}}", "1") "}"},
        {BOTH_QUERY("a = :x", X), "ValidationException: HASH key attributes pk must have equality "
                                  "conditions specified in the query"},
    };
    struct fixture fixture;
    open_with_items(&fixture);
    CHECK_REPLIES(&fixture, "Query", exchanges);
    fixture_close(&fixture);
}

TEST(scan_reads_indexes_in_pages_and_segments)
{
#define SCAN(index, more) "{'TableName':'abc','IndexName':'" index "'" more "}"
    static const struct exchange exchanges[] = {
        {SCAN("global", ",'Select':'COUNT'"), "{'Count':2,'ScannedCount':2}"},
        {SCAN("local", ",'Select':'COUNT','ConsistentRead':true"), "{'Count':3,'ScannedCount':3}"},
        {SCAN("both", ",'FilterExpression':'pk = :p','Select':'COUNT','ExpressionAttributeValues':"
                      "{':p':{'S':'p'}}"),
         "{'Count':2,'ScannedCount':2}"},
        {SCAN("global", ",'FilterExpression':'a = :a','Select':'COUNT','ExpressionAttributeValues':"
                        "{':a':{'S':'x'}}"),
         "{'Count':0,'ScannedCount':2}"},
        {SCAN("local", ",'Select':'ALL_ATTRIBUTES','Limit':1,'FilterExpression':'b = :b',"
                       "'ExpressionAttributeValues':{':b':{'N':'5'}}"),
         FOUND("{'a':{'S':'w'},'b':{'N':'5'},'out':{'S':'o'},'pk':{'S':'p'},'sk':{'N':'2'}}",
               "1") ",'LastEvaluatedKey':{'a':{'S':'w'},'pk':{'S':'p'},'sk':{'N':'2'}}}"},
        {SCAN("local", ",'Select':'COUNT','ExclusiveStartKey':" ENTRY("2", "w", "")),
         "{'Count':2,'ScannedCount':2}"},
        {SCAN("local", ",'ExclusiveStartKey':{'pk':{'S':'p'}}"),
         "ValidationException: The provided starting key is invalid"},
        {SCAN("global", ",'ConsistentRead':true"),
         "ValidationException: Consistent reads are not supported on global secondary indexes"},
        {SCAN("other", ""),
         "ValidationException: The table does not have the specified index: other"},
        {SCAN("global", ",'AttributesToGet':['a']"),
         INVALID "Global secondary index global does not project [a]"},
    };
    struct fixture fixture;
    open_with_items(&fixture);
    CHECK_REPLIES(&fixture, "Scan", exchanges);
    uint32_t found = 0;
    for (uint32_t segment = 0; segment < 4; segment++) {
        slice body = arena_format(&fixture.arena,
                                  SCAN("global", ",'Select':'COUNT','TotalSegments':4,"
                                                 "'Segment':%u"),
                                  segment);
        slice got = answer(&fixture, "Scan",
                           arena_format(&fixture.arena, "%.*s%c", SLICE_ARGS(body), 0).data);
        found += slice_begins_with(got, SLICE("{\"Count\":2")) ? 2 : 0;
    }
    CHECK(found == 2);
    fixture_close(&fixture);
}

/* ---- UpdateTable ---- */

TEST(a_table_with_global_indexes_stays_on_demand_until_they_get_throughput)
{
    static const struct exchange exchanges[] = {
        {"{'TableName':'abc','BillingMode':'PROVISIONED'," PROVISIONED "}",
         INVALID "ProvisionedThroughput must be specified for index: global"},
    };
    struct fixture fixture;
    open_with_indexes(&fixture);
    CHECK_EXCHANGES(&fixture, "UpdateTable", exchanges);
    fixture_close(&fixture);
}

TEST(a_table_that_goes_on_demand_takes_its_global_indexes_along)
{
#define CREATE_PROVISIONED                                                                         \
    "{'TableName':'abc','AttributeDefinitions':[" DEFINED("pk", "S") "],'KeySchema':[" HASH(       \
        "pk") "]," PROVISIONED "," GLOBAL(INDEX("ind", HASH("pk"), ALL "," PROVISIONED)) "}"
#define SHOWN(reads, writes, warm_reads, warm_writes)                                              \
    "'ProvisionedThroughput':{'NumberOfDecreasesToday':0,'ReadCapacityUnits':" reads ","           \
    "'WriteCapacityUnits':" writes "},'WarmThroughput':{'ReadUnitsPerSecond':" warm_reads ","      \
    "'WriteUnitsPerSecond':" warm_writes ",'Status':'ACTIVE'}"
    struct fixture fixture;
    fixture_open(&fixture);
    struct arena *arena = &fixture.arena;
    answer(&fixture, "CreateTable", CREATE_PROVISIONED);
    slice before = answer(&fixture, "DescribeTable", "{'TableName':'abc'}");

    answer(&fixture, "UpdateTable", "{'TableName':'abc','BillingMode':'PAY_PER_REQUEST'}");

    slice after = answer(&fixture, "DescribeTable", "{'TableName':'abc'}");
    CHECK_SLICE(part(arena, part(arena, before, "'IndexStatus'", "]"), "'ProvisionedThroughput'",
                     ",'IndexSizeBytes'"),
                quoted(arena, SHOWN("3", "4", "3", "4")));
    CHECK_SLICE(part(arena, part(arena, after, "'IndexStatus'", "]"), "'ProvisionedThroughput'",
                     ",'IndexSizeBytes'"),
                quoted(arena, SHOWN("0", "0", "12000", "4000")));
    fixture_close(&fixture);
}
