/* Query and Scan on a table T with the keys pk (S) and sk (N). */
#include "tests/unit/ops/fixture.h"

#define ITEM(pk, sk, x) "{'pk':{'S':'" pk "'},'sk':{'N':'" sk "'},'x':{'S':'" x "'}}"
#define QUERY                                                                                      \
    "{'TableName':'T','KeyConditionExpression':'pk = :p',"                                         \
    "'ExpressionAttributeValues':{':p':{'S':'a'}}"
#define QUERY_AND(more, values)                                                                    \
    "{'TableName':'T','KeyConditionExpression':'pk = :p" more "',"                                 \
    "'ExpressionAttributeValues':{':p':{'S':'a'}" values "}"
#define ONE "ValidationException: 1 validation error detected: "
#define NOT_FOUND "ResourceNotFoundException: Requested resource not found"

static void open_with_items(struct fixture *fixture)
{
    fixture_open_with_table(fixture, true);
    CHECK_OK(put(fixture, ITEM("a", "1", "one")));
    CHECK_OK(put(fixture, ITEM("a", "2", "two")));
    CHECK_OK(put(fixture, ITEM("a", "10", "ten")));
    CHECK_OK(put(fixture, ITEM("b", "1", "other")));
}

static void check_replies(const char *operation, const struct exchange *exchanges, size_t count)
{
    struct fixture fixture;
    open_with_items(&fixture);
    for (size_t i = 0; i < count; i++) {
        slice got = answer(&fixture, operation, exchanges[i].body);
        slice wanted = quoted(&fixture.arena, exchanges[i].answer);
        test_check_slice(got, wanted, exchanges[i].body, __FILE__, __LINE__);
    }
    fixture_close(&fixture);
}
#define CHECK_REPLIES(operation, table)                                                            \
    check_replies((operation), (table), sizeof(table) / sizeof *(table))

TEST(query_gives_one_partition_in_order_and_in_pages)
{
    static const struct exchange exchanges[] = {
        {QUERY "}", "{'Items':[" ITEM("a", "1", "one") "," ITEM("a", "2", "two") "," ITEM(
                        "a", "10", "ten") "],'Count':3,'ScannedCount':3}"},
        {QUERY ",'ScanIndexForward':false,'Limit':1}",
         "{'Items':[" ITEM("a", "10",
                           "ten") "],'Count':1,'ScannedCount':1,"
                                  "'LastEvaluatedKey':{'pk':{'S':'a'},'sk':{'N':'10'}}}"},
        {QUERY ",'ScanIndexForward':false,'ExclusiveStartKey':{'pk':{'S':'a'},'sk':{'N':'10'}},"
               "'ProjectionExpression':'x'}",
         "{'Items':[{'x':{'S':'two'}},{'x':{'S':'one'}}],'Count':2,'ScannedCount':2}"},
        {QUERY_AND(" AND sk > :s", ",':s':{'N':'1'},':x':{'S':'two'}") ",'FilterExpression':'x = "
                                                                       ":x','Select':'COUNT'}",
         "{'Count':1,'ScannedCount':2}"},
        {QUERY ",'ProjectionExpression':'nothing','Limit':1,'ReturnConsumedCapacity':'TOTAL'}",
         "{'Items':[{}],'Count':1,'ScannedCount':1,"
         "'LastEvaluatedKey':{'pk':{'S':'a'},'sk':{'N':'1'}},"
         "'ConsumedCapacity':{'TableName':'T','CapacityUnits':0.5}}"},
        {QUERY_AND(" AND sk = :s", ",':s':{'N':'1'}") ",'Limit':1}",
         "{'Items':[" ITEM("a", "1", "one") "],'Count':1,'ScannedCount':1}"},
        {QUERY ",'AttributesToGet':['x']}",
         "ValidationException: Can not use both expression and non-expression parameters in the "
         "same request: Non-expression parameters: {AttributesToGet} Expression parameters: "
         "{KeyConditionExpression}"},
    };
    CHECK_REPLIES("Query", exchanges);
}

TEST(query_refuses_in_the_service_s_order)
{
    static const struct exchange exchanges[] = {
        {"{'TableName':'T','Limit':0}", ONE
         "Value at 'Limit' failed to satisfy constraint: Member must have value greater than or "
         "equal to 1"},
        {"{'TableName':'T','Select':'X'}",
         ONE "Value 'X' at 'select' failed to satisfy constraint: Member must satisfy enum value "
             "set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]"},
        {QUERY ",'IndexName':'other'}",
         "ValidationException: The table does not have the specified index: other"},
        {"{'TableName':'Other','ExclusiveStartKey':{'pk':{'N':'x'}}}",
         "ValidationException: The parameter cannot be converted to a numeric value: x"},
        {"{'TableName':'Other'}", "ValidationException: Either the KeyConditions or "
                                  "KeyConditionExpression parameter must be specified in the "
                                  "request."},
        {QUERY ",'Select':'SPECIFIC_ATTRIBUTES'}",
         ONE "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
             "SPECIFIC_ATTRIBUTES"},
        {QUERY ",'Select':'COUNT','ProjectionExpression':''}",
         ONE "Cannot specify the ProjectionExpression when choosing to get only the Count"},
        {QUERY ",'Select':'ALL_PROJECTED_ATTRIBUTES'}",
         ONE "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an "
             "IndexName"},
        {QUERY ",'FilterExpression':''}",
         "ValidationException: Invalid FilterExpression: The expression can not be empty;"},
        {"{'TableName':'T','ProjectionExpression':'x','KeyConditionExpression':'pk = :p',"
         "'ExpressionAttributeValues':{':p':{'S':'a'},':u':{'S':'b'}}}",
         "ValidationException: Value provided in ExpressionAttributeValues unused in expressions: "
         "keys: {:u}"},
        {"{'TableName':'Other','KeyConditionExpression':'x = :p',"
         "'ExpressionAttributeValues':{':p':{'S':'a'}}}",
         NOT_FOUND},
        {"{'TableName':'T','KeyConditionExpression':'x = :p',"
         "'ExpressionAttributeValues':{':p':{'S':'a'}}}",
         "ValidationException: Query condition missed key schema element: pk"},
        {QUERY ",'FilterExpression':'sk = :p'}",
         "ValidationException: Filter Expression can only contain non-primary key attributes: "
         "Primary key attribute: sk"},
        {QUERY ",'ExclusiveStartKey':{'pk':{'S':'a'}}}",
         "ValidationException: The provided starting key is invalid"},
        {"{'TableName':'T','KeyConditionExpression':'x = :p','ExclusiveStartKey':{'sk':{'N':'1'}},"
         "'ExpressionAttributeValues':{':p':{'S':'a'}}}",
         "ValidationException: The provided starting key is invalid"},
        {QUERY_AND(" AND sk > :s", ",':s':{'N':'1'}") ",'ExclusiveStartKey':{'pk':{'S':'b'},"
                                                      "'sk':{'N':'2'}}}",
         "ValidationException: The query can return at most one row and cannot be restarted"},
        {QUERY ",'ExclusiveStartKey':{'pk':{'S':'b'},'sk':{'N':'1'}}}",
         "ValidationException: The provided starting key is outside query boundaries based on "
         "provided conditions"},
        {QUERY_AND(" AND sk = :s", ",':s':{'N':'1'}") ",'ExclusiveStartKey':{'pk':{'S':'a'},"
                                                      "'sk':{'N':'1'}}}",
         "ValidationException: The query can return at most one row and cannot be restarted"},
        {QUERY_AND(" AND sk > :s", ",':s':{'N':'1'}") ",'ExclusiveStartKey':{'pk':{'S':'a'},"
                                                      "'sk':{'N':'1'}}}",
         "ValidationException: The provided starting key does not match the range key predicate"},
    };
    struct fixture fixture;
    open_with_items(&fixture);
    CHECK_EXCHANGES(&fixture, "Query", exchanges);
    fixture_close(&fixture);
}

TEST(scan_in_segments_finds_every_item_once)
{
    struct fixture fixture;
    open_with_items(&fixture);
    slice found = SLICE_NONE;
    for (int segment = 0; segment < 5; segment++) {
        slice body = arena_format(&fixture.arena,
                                  "{'TableName':'T','Segment':%d,'TotalSegments':5,"
                                  "'ProjectionExpression':'x'}%c",
                                  segment, 0);
        found = arena_format(&fixture.arena, "%.*s%.*s", SLICE_ARGS(found),
                             SLICE_ARGS(answer(&fixture, "Scan", body.data)));
    }
    static const char *const words[] = {"one", "two", "ten", "other"};
    for (size_t i = 0; i < 4; i++) {
        uint32_t times = 0;
        slice wanted = arena_format(&fixture.arena, "{\"S\":\"%s\"}", words[i]);
        for (size_t at = 0; at < found.size; at++)
            times += slice_begins_with(slice_from(found, at), wanted);
        CHECK(times == 1);
    }
    fixture_close(&fixture);
}

TEST(scan_filters_pages_and_counts)
{
    static const struct exchange exchanges[] = {
        {"{'TableName':'T','Select':'COUNT'}", "{'Count':4,'ScannedCount':4}"},
        {"{'TableName':'T','AttributesToGet':['x'],'Select':'SPECIFIC_ATTRIBUTES','Segment':0,"
         "'TotalSegments':1,'ExclusiveStartKey':{'pk':{'S':'a'},'sk':{'N':'x'}}}",
         "ValidationException: The provided starting key is invalid: The parameter cannot be "
         "converted to a numeric value: x"},
        {"{'TableName':'T','FilterExpression':'x = :x AND pk = :p','ExpressionAttributeValues':"
         "{':x':{'S':'other'},':p':{'S':'b'}}}",
         "{'Items':[" ITEM("b", "1", "other") "],'Count':1,'ScannedCount':4}"},
    };
    CHECK_REPLIES("Scan", exchanges);
}

TEST(scan_refuses_in_the_service_s_order)
{
    static const struct exchange exchanges[] = {
        {"{'TableName':'T','Limit':0,'TotalSegments':0,'Segment':-1}",
         "ValidationException: 3 validation errors detected: Value '0' at 'limit' failed to "
         "satisfy "
         "constraint: Member must have value greater than or equal to 1; Value '-1' at 'segment' "
         "failed to satisfy constraint: Member must have value greater than or equal to 0; Value "
         "'0' at 'totalSegments' failed to satisfy constraint: Member must have value greater than "
         "or equal to 1"},
        {"{'TableName':'T','Select':'SPECIFIC_ATTRIBUTES'}",
         "ValidationException: Must specify the AttributesToGet or ProjectionExpression when "
         "choosing to get SPECIFIC_ATTRIBUTES"},
        {"{'TableName':'T','Segment':0}",
         "ValidationException: The TotalSegments parameter is required but was not present in the "
         "request when Segment parameter is present"},
        {"{'TableName':'T','TotalSegments':4}", "ValidationException: The Segment parameter is "
                                                "required but was not present in the request "
                                                "when parameter TotalSegments is present"},
        {"{'TableName':'T','Segment':5,'TotalSegments':5,'FilterExpression':''}",
         "ValidationException: The Segment parameter is zero-based and must be less than parameter "
         "TotalSegments: Segment: 5 is not less than TotalSegments: 5"},
        {"{'TableName':'Other','FilterExpression':''}",
         "ValidationException: Invalid FilterExpression: The expression can not be empty;"},
        {"{'TableName':'Other','ProjectionExpression':'#x','ExpressionAttributeNames':{'#x':'x'},"
         "'ExpressionAttributeValues':{':v':{'S':'a'}}}",
         "ValidationException: ExpressionAttributeValues can only be specified when using "
         "expressions: FilterExpression is null"},
        {"{'TableName':'Other'}", NOT_FOUND},
        {"{'TableName':'T','ExclusiveStartKey':{'pk':{'S':'a'}}}",
         "ValidationException: The provided starting key is invalid: The provided key element does "
         "not match the schema"},
    };
    struct fixture fixture;
    open_with_items(&fixture);
    CHECK_EXCHANGES(&fixture, "Scan", exchanges);
    fixture_close(&fixture);
}

TEST(scan_refuses_a_start_key_of_another_segment)
{
    struct fixture fixture;
    open_with_items(&fixture);
    uint32_t refused = 0;
    for (int segment = 0; segment < 4; segment++) {
        slice body = arena_format(&fixture.arena,
                                  "{'TableName':'T','Segment':%d,'TotalSegments':4,"
                                  "'ExclusiveStartKey':{'pk':{'S':'a'},'sk':{'N':'1'}}}%c",
                                  segment, 0);
        slice wanted = arena_format(&fixture.arena,
                                    "ValidationException: The provided starting key is invalid: "
                                    "Invalid ExclusiveStartKey. Please use ExclusiveStartKey with "
                                    "correct Segment. TotalSegments: 4 Segment: %d",
                                    segment);
        refused += slice_equal(answer(&fixture, "Scan", body.data), wanted);
    }
    CHECK(refused == 3);
    fixture_close(&fixture);
}

#define CONDITION(operator, value)                                                                 \
    "{'ComparisonOperator':'" operator"','AttributeValueList':[" value "]}"
#define KEY_CONDITIONS "{'TableName':'T','KeyConditions':{'pk':" CONDITION("EQ", "{'S':'a'}")

TEST(query_takes_the_parameters_that_expressions_replaced)
{
    static const struct exchange exchanges[] = {
        {KEY_CONDITIONS ",'sk':" CONDITION("GT", "{'N':'1'}") "},'Select':'COUNT'}",
         "{'Count':2,'ScannedCount':2}"},
        {KEY_CONDITIONS
         "},'AttributesToGet':['x'],'QueryFilter':{'x':" CONDITION("EQ", "{'S':'two'}") "}}",
         "{'Items':[{'x':{'S':'two'}}],'Count':1,'ScannedCount':3}"},
        {KEY_CONDITIONS
         "},'Select':'COUNT','ConditionalOperator':'OR','QueryFilter':{'x':" CONDITION(
             "EQ", "{'S':'two'}") ",'y':{'ComparisonOperator':'NOT_NULL'}}}",
         "{'Count':1,'ScannedCount':3}"},
        {KEY_CONDITIONS "},'Select':'COUNT','FilterExpression':'attribute_exists(y)'}",
         "{'Count':0,'ScannedCount':3}"},
    };
    CHECK_REPLIES("Query", exchanges);
}

TEST(query_refuses_the_older_parameters_in_the_service_s_words)
{
    static const struct exchange exchanges[] = {
        {"{'TableName':'T','ConditionalOperator':'XOR','Select':'X'}",
         "ValidationException: Failed to satisfy constraint: Member must satisfy enum value set: "
         "[ALL, OR]"},
        {"{'TableName':'T','KeyConditions':{'pk':{}}}",
         ONE "Value null at 'keyConditions.pk.member.comparisonOperator' failed to satisfy "
             "constraint: Member must not be null"},
        {QUERY ",'KeyConditions':{},'QueryFilter':{},'ConditionalOperator':'OR'}",
         "ValidationException: Can not use both expression and non-expression parameters in the "
         "same request: Non-expression parameters: {QueryFilter, ConditionalOperator, "
         "KeyConditions} Expression parameters: {KeyConditionExpression}"},
        {KEY_CONDITIONS "},'QueryFilter':{'sk':" CONDITION("EQ", "{'N':'1'}") "}}",
         "ValidationException: QueryFilter can only contain non-primary key attributes: Primary "
         "key attribute: sk"},
        {KEY_CONDITIONS "},'QueryFilter':{'x':" CONDITION("EQ", "") "}}",
         "ValidationException: One or more parameter values were invalid: Invalid number of "
         "argument(s) for the EQ ComparisonOperator"},
        {KEY_CONDITIONS
         "},'QueryFilter':{'x':" CONDITION("EQ", "{'S':'a'}") "},"
                                                              "'ConditionalOperator':'AND'}",
         "ValidationException: ConditionalOperator can only be used when Filter or Expected has "
         "two "
         "or more elements"},
    };
    struct fixture fixture;
    open_with_items(&fixture);
    CHECK_EXCHANGES(&fixture, "Query", exchanges);
    fixture_close(&fixture);
}

TEST(scan_takes_the_parameters_that_expressions_replaced)
{
    static const struct exchange exchanges[] = {
        {"{'TableName':'T','AttributesToGet':['x'],'ScanFilter':{'pk':" CONDITION("BEGINS_WITH",
                                                                                  "{'S':'b'}") "}}",
         "{\"Items\":[{\"x\":{\"S\":\"other\"}}],\"Count\":1,\"ScannedCount\":4}"},
        {"{'TableName':'T','ScanFilter':{},'FilterExpression':'a = b'}",
         "ValidationException: Can not use both expression and non-expression parameters in the "
         "same request: Non-expression parameters: {ScanFilter} Expression parameters: "
         "{FilterExpression}"},
        {"{'TableName':'T','ConditionalOperator':'XOR'}",
         "ValidationException: 1 validation error detected: Value 'XOR' at 'conditionalOperator' "
         "failed to satisfy constraint: Member must satisfy enum value set: [OR, AND]"},
    };
    struct fixture fixture;
    open_with_items(&fixture);
    CHECK_EXCHANGES(&fixture, "Scan", exchanges);
    fixture_close(&fixture);
}
