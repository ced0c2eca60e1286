/* PutItem, GetItem and DeleteItem on a table T with the keys pk (S) and sk (N). */
#include "tests/unit/ops/fixture.h"

#define KEY "'pk':{'S':'a'},'sk':{'N':'1'}"
#define PUT "{'TableName':'T','Item':{" KEY "}"
#define GET "{'TableName':'T','Key':{" KEY "}"
#define ONE "ValidationException: 1 validation error detected: "
#define NOT_FOUND "ResourceNotFoundException: Requested resource not found"

static void open_with_table(struct fixture *fixture)
{
    fixture_open_with_table(fixture, true);
}

TEST(put_get_and_delete_one_item)
{
    struct fixture fixture;
    open_with_table(&fixture);
    static const struct {
        const char *operation;
        const char *body;
        const char *answer;
    } steps[] = {
        {"GetItem", GET "}", "{}"},
        {"PutItem", "{'TableName':'T','Item':{" KEY ",'n':{'N':'1.50'}}}", "{}"},
        {"GetItem", GET "}", "{'Item':{'n':{'N':'1.5'}," KEY "}}"},
        {"GetItem", GET ",'ProjectionExpression':'n'}", "{'Item':{'n':{'N':'1.5'}}}"},
        {"GetItem", GET ",'AttributesToGet':['pk']}", "{'Item':{'pk':{'S':'a'}}}"},
        {"GetItem", GET ",'ProjectionExpression':'x'}", "{'Item':{}}"},
        {"PutItem", PUT ",'ReturnValues':'ALL_OLD'}", "{'Attributes':{'n':{'N':'1.5'}," KEY "}}"},
        {"DeleteItem", GET ",'ReturnValues':'ALL_OLD'}", "{'Attributes':{" KEY "}}"},
        {"DeleteItem", GET ",'ReturnValues':'ALL_OLD'}", "{}"},
        {"DeleteItem", GET "}", "{}"},
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        slice got = answer(&fixture, steps[i].operation, steps[i].body);
        test_check_slice(got, quoted(&fixture.arena, steps[i].answer), steps[i].body, __FILE__,
                         __LINE__);
    }
    fixture_close(&fixture);
}

TEST(a_condition_that_fails_changes_nothing_and_may_show_the_item)
{
    struct fixture fixture;
    open_with_table(&fixture);
    const char *put = PUT ",'ConditionExpression':'attribute_not_exists(pk)'}";
    CHECK_SLICE(answer(&fixture, "PutItem", put), SLICE("{}"));
    CHECK_SLICE(answer(&fixture, "PutItem", put),
                SLICE("ConditionalCheckFailedException: The conditional request failed"));
    CHECK_SLICE(answer(&fixture, "DeleteItem",
                       GET ",'ConditionExpression':'attribute_not_exists(pk)',"
                           "'ReturnValuesOnConditionCheckFailure':'ALL_OLD'}"),
                SLICE("ConditionalCheckFailedException: The conditional request failed"
                      "\"Item\":{\"pk\":{\"S\":\"a\"},\"sk\":{\"N\":\"1\"}}"));
    CHECK_SLICE(answer(&fixture, "GetItem", GET "}"), quoted(&fixture.arena, "{'Item':{" KEY "}}"));
    fixture_close(&fixture);
}

TEST(capacity_is_shown_in_the_detail_asked_for)
{
    struct fixture fixture;
    open_with_table(&fixture);
    CHECK_SLICE(answer(&fixture, "PutItem", PUT ",'ReturnConsumedCapacity':'TOTAL'}"),
                SLICE("{\"ConsumedCapacity\":{\"TableName\":\"T\",\"CapacityUnits\":1.0}}"));
    CHECK_SLICE(answer(&fixture, "DeleteItem", GET ",'ReturnConsumedCapacity':'INDEXES'}"),
                SLICE("{\"ConsumedCapacity\":{\"TableName\":\"T\",\"CapacityUnits\":1.0,"
                      "\"Table\":{\"CapacityUnits\":1.0}}}"));
    CHECK_SLICE(answer(&fixture, "GetItem", GET ",'ReturnConsumedCapacity':'TOTAL'}"),
                SLICE("{\"ConsumedCapacity\":{\"TableName\":\"T\",\"CapacityUnits\":0.5}}"));
    CHECK_SLICE(
        answer(&fixture, "GetItem", GET ",'ReturnConsumedCapacity':'TOTAL','ConsistentRead':true}"),
        SLICE("{\"ConsumedCapacity\":{\"TableName\":\"T\",\"CapacityUnits\":1.0}}"));
    CHECK_SLICE(answer(&fixture, "GetItem", GET ",'ReturnConsumedCapacity':'NONE'}"), SLICE("{}"));
    fixture_close(&fixture);
}

TEST(put_item_refuses_in_the_service_s_order)
{
    struct fixture fixture;
    open_with_table(&fixture);
    static const struct exchange exchanges[] = {
        {"{'TableName':'T','Item':7,'ReturnValues':'X'}",
         "SerializationException: Unexpected field type"},
        {"{'Item':{'pk':{'N':'x'}},'ReturnValues':'X'}",
         ONE "Value null at 'tableName' failed to satisfy constraint: Member must not be null"},
        {"{'TableName':'T','ReturnValues':'X','Item':{'pk':{'N':'x'}}}",
         ONE "Value 'X' at 'returnValues' failed to satisfy constraint: Member must satisfy enum "
             "value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]"},
        {"{'TableName':'T','Item':{'pk':{'N':'x'}},'ConditionExpression':''}",
         "ValidationException: 1 validation error detected: The parameter cannot be converted to a numeric value: x"},
        {PUT ",'ExpressionAttributeNames':{'#a':'a'}}",
         "ValidationException: 1 validation error detected: ExpressionAttributeNames can only be specified when using expressions"},
        {PUT ",'ExpressionAttributeValues':{':a':{'S':'a'}}}",
         "ValidationException: ExpressionAttributeValues can only be specified when using "
         "expressions: ConditionExpression is null"},
        {PUT ",'ConditionExpression':'','ReturnValues':'ALL_NEW'}",
         "ValidationException: 1 validation error detected: Invalid ConditionExpression: The expression can not be empty;"},
        {PUT ",'ConditionExpression':'attribute_exists(pk)','ReturnValues':'ALL_NEW',"
             "'ExpressionAttributeNames':{'#u':'a'}}",
         "ValidationException: 1 validation error detected: Value provided in ExpressionAttributeNames unused in expressions: keys: {#u}"},
        {"{'TableName':'Other','Item':{},'ReturnValues':'ALL_NEW'}",
         "ValidationException: 1 validation error detected: ReturnValues can only be ALL_OLD or NONE"},
        {"{'TableName':'Other','Item':{}}", NOT_FOUND},
        {"{'TableName':'T','Item':{'pk':{'S':'a'}}}",
         "ValidationException: One or more parameter values were invalid: Missing the key sk in "
         "the item"},
    };
    CHECK_EXCHANGES(&fixture, "PutItem", exchanges);
    fixture_close(&fixture);
}

TEST(put_item_takes_409600_bytes_and_not_one_more)
{
    struct fixture fixture;
    open_with_table(&fixture);
    for (int extra = 0; extra < 2; extra++) {
        /* pk a, sk 1 and the name x are 8 bytes */
        int size = 409600 - 8 + extra;
        char *text = arena_alloc_bytes(&fixture.arena, (size_t)size + 1);
        memset(text, 'x', (size_t)size);
        text[size] = '\0';
        slice body = arena_format(&fixture.arena,
                                  "{'TableName':'T','Item':{" KEY ",'x':{'S':'%s'}}}%c", text, 0);
        CHECK_SLICE(answer(&fixture, "PutItem", body.data),
                    extra ? SLICE("ValidationException: Item size has exceeded the maximum allowed "
                                  "size")
                          : SLICE("{}"));
    }
    fixture_close(&fixture);
}

TEST(get_item_refuses_in_the_service_s_order)
{
    struct fixture fixture;
    open_with_table(&fixture);
    static const struct exchange exchanges[] = {
        {"{}",
         "ValidationException: 2 validation errors detected: Value null at 'tableName' failed "
         "to satisfy constraint: Member must not be null; Value null at 'key' failed to "
         "satisfy constraint: Member must not be null"},
        {GET ",'AttributesToGet':[]}", ONE
         "Value '[]' at 'attributesToGet' failed to satisfy constraint: Member must have length "
         "greater than or equal to 1"},
        {"{'TableName':'T','Key':{'pk':{'N':'x'}},'AttributesToGet':['a'],"
         "'ProjectionExpression':'a'}",
         "ValidationException: Can not use both expression and non-expression parameters in the "
         "same request: Non-expression parameters: {AttributesToGet} Expression parameters: "
         "{ProjectionExpression}"},
        {"{'TableName':'T','Key':{'pk':{'N':'x'}},'AttributesToGet':['a','a']}",
         "ValidationException: The parameter cannot be converted to a numeric value: x"},
        {"{'TableName':'T','Key':{},'AttributesToGet':['a','a']}",
         "ValidationException: One or more parameter values were invalid: Duplicate value in "
         "attribute name: a"},
        {"{'TableName':'Other','Key':{},'ProjectionExpression':''}",
         "ValidationException: Invalid ProjectionExpression: The expression can not be empty;"},
        {"{'TableName':'Other','Key':{}}", NOT_FOUND},
        {"{'TableName':'T','Key':{}}",
         "ValidationException: The provided key element does not match the schema"},
    };
    CHECK_EXCHANGES(&fixture, "GetItem", exchanges);
    fixture_close(&fixture);
}

TEST(delete_item_refuses_in_the_service_s_order)
{
    struct fixture fixture;
    open_with_table(&fixture);
    static const struct exchange exchanges[] = {
        {"{'TableName':'','Key':{}}", ONE "Value '' at 'tableName' failed to satisfy constraint: "
                                          "Member must have length greater than or equal to 1"},
        {"{'TableName':'Other','Key':{'pk':{'SS':[]}},'ReturnValues':'ALL_NEW'}",
         "ValidationException: 1 validation error detected: One or more parameter values were invalid: An string set  may not be empty"},
        {"{'TableName':'Other','Key':{},'ReturnValues':'ALL_NEW'}",
         "ValidationException: 1 validation error detected: ReturnValues can only be ALL_OLD or NONE"},
        {"{'TableName':'Other','Key':{}}", NOT_FOUND},
        {"{'TableName':'T','Key':{'pk':{'S':'a'},'sk':{'S':'1'}}}",
         "ValidationException: The provided key element does not match the schema"},
    };
    CHECK_EXCHANGES(&fixture, "DeleteItem", exchanges);
    fixture_close(&fixture);
}

TEST(put_and_delete_take_expected_as_a_condition)
{
    struct fixture fixture;
    open_with_table(&fixture);
    static const struct {
        const char *operation;
        struct exchange exchange;
    } steps[] = {
        {"PutItem", {PUT ",'Expected':{'pk':{'Exists':false}}}", "{}"}},
        {"PutItem",
         {PUT ",'Expected':{'pk':{'Exists':false}}}",
          "ConditionalCheckFailedException: The conditional request failed"}},
        {"PutItem",
         {PUT ",'Expected':{'a':{'Exists':true}}}",
          "ValidationException: 1 validation error detected: One or more parameter values were invalid: Value must be provided when Exists is "
              "true for Attribute: a"}},
        {"PutItem",
         {PUT ",'Expected':{'a':{'Value':{'N':'x'}}}}",
          "ValidationException: 1 validation error detected: The parameter cannot be converted to a numeric value: x"}},
        {"PutItem",
         {PUT ",'Expected':{'a':{'Exists':true}},'ConditionExpression':'b'}",
          "ValidationException: Can not use both expression and non-expression parameters in the same request: "
              "Non-expression parameters: {Expected} Expression parameters: "
              "{ConditionExpression}"}},
        {"PutItem",
         {PUT ",'Expected':{'a':{'ComparisonOperator':'X'}}}",
          ONE "Value 'X' at 'expected.a.member.comparisonOperator' failed to satisfy constraint: "
              "Member must satisfy enum value set: [IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, "
              "NOT_NULL, NE, LE, BEGINS_WITH, GE, CONTAINS]"}},
        {"DeleteItem",
         {GET ",'ConditionalOperator':'OR','Expected':{'a':{'Value':{'S':'b'}},"
              "'sk':{'ComparisonOperator':'LT','AttributeValueList':[{'N':'2'}]}}}",
          "{}"}},
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        check_exchanges(&fixture, steps[i].operation, &steps[i].exchange, 1);
    fixture_close(&fixture);
}
