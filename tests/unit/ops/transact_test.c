/* TransactWriteItems and TransactGetItems on tables T (pk S, sk N) and Other (id S, with indexes).
 */
#include "base/budget.h"
#include "tests/unit/ops/fixture.h"

#define INVALID "ValidationException: "
#define ONE INVALID "1 validation error detected: "
#define CANCELED(codes)                                                                            \
    "TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for "  \
    "specific reasons [" codes "]'CancellationReasons':"
#define NONE "{'Code':'None'}"
#define FAILED "{'Code':'ConditionalCheckFailed','Message':'The conditional request failed'}"
#define FAILED_ITEM(item)                                                                          \
    "{'Code':'ConditionalCheckFailed','Message':'The conditional request failed','Item':" item "}"
#define WRONG(message) "{'Code':'ValidationError','Message':'" message "'}"
#define WRITE(actions) "{'TransactItems':[" actions "]}"
#define PUT(item, more) "{'Put':{'TableName':'Other','Item':" item more "}}"
#define UPDATE(id, expression, more)                                                               \
    "{'Update':{'TableName':'Other','Key':{'id':{'S':'" id "'}},'UpdateExpression':'" expression   \
    "'" more "}}"
#define DELETE(id, more) "{'Delete':{'TableName':'Other','Key':{'id':{'S':'" id "'}}" more "}}"
#define CHECK_ITEM(id, condition, more)                                                            \
    "{'ConditionCheck':{'TableName':'Other','Key':{'id':{'S':'" id                                 \
    "'}},'ConditionExpression':'" condition "'" more "}}"
#define GET(key) "{'Get':{'TableName':'Other','Key':" key "}}"
#define SCHEMA "The provided key element does not match the schema"
#define ONE_ITEM INVALID "Transaction request cannot include multiple operations on one item"

static void open_with_tables(struct fixture *fixture)
{
    fixture_open_with_table(fixture, true);
    slice made =
        answer(fixture, "CreateTable",
               "{'TableName':'Other','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
               "{'AttributeName':'id','AttributeType':'S'},{'AttributeName':'g','AttributeType':"
               "'S'}],'KeySchema':[{'AttributeName':'id','KeyType':'HASH'}],"
               "'GlobalSecondaryIndexes':[{'IndexName':'by-g','KeySchema':[{'AttributeName':'g',"
               "'KeyType':'HASH'}],'Projection':{'ProjectionType':'KEYS_ONLY'}}]}");
    CHECK(slice_begins_with(made, SLICE("{\"TableDescription\"")));
}

/* Refused, each by itself, with nothing changed. */
static void check_refused(const struct step *steps, size_t count)
{
    struct fixture fixture;
    open_with_tables(&fixture);
    answer(&fixture, "PutItem", "{'TableName':'Other','Item':{'id':{'S':'x'},'n':{'N':'1'}}}");
    check_steps(&fixture, steps, count);
    slice left = answer(&fixture, "Scan", "{'TableName':'Other'}");
    CHECK_SLICE(left, quoted(&fixture.arena, "{'Items':[{'id':{'S':'x'},'n':{'N':'1'}}],'Count':1,"
                                             "'ScannedCount':1}"));
    fixture_close(&fixture);
}
#define CHECK_REFUSED(steps) check_refused((steps), sizeof(steps) / sizeof *(steps))

TEST(a_transaction_puts_updates_deletes_and_checks_in_several_tables)
{
    struct fixture fixture;
    open_with_tables(&fixture);
    static const struct step steps[] = {
        {"TransactWriteItems",
         WRITE(
             PUT("{'id':{'S':'a'}}", "") "," PUT("{'id':{'S':'b'}}", "") ","
                                                                         "{'Put':{'TableName':'T',"
                                                                         "'Item':{'pk':{'S':'a'},"
                                                                         "'sk':{'N':'1'}}}}"),
         "{}"},
        {"TransactWriteItems",
         WRITE(
             UPDATE("a", "SET n = :n", ",'ExpressionAttributeValues':{':n':{'N':'1'}}") "," DELETE(
                 "b", "") "," CHECK_ITEM("c", "attribute_not_exists(id)",
                                         "") "," DELETE("none", ",'ConditionExpression':'attribute_"
                                                                "not_exists(id)'")),
         "{}"},
        {"TransactGetItems",
         "{'TransactItems':[" GET(
             "{'id':{'S':'b'}}") ",{'Get':{'TableName':'T','Key':{'pk':{'S':"
                                 "'a'},'sk':{'N':'1'}},"
                                 "'ProjectionExpression':'#s',"
                                 "'ExpressionAttributeNames':{'#s':'sk'}}}," GET(
                                     "{'id':{'S':'a'}}") "]}",
         "{'Responses':[{},{'Item':{'sk':{'N':'1'}}},{'Item':{'id':{'S':'a'},'n':{'N':'1'}}}]}"},
    };
    CHECK_STEPS(&fixture, steps);
    fixture_close(&fixture);
}

TEST(what_only_shows_against_tables_and_items_cancels_with_a_reason_for_each_action)
{
    static const struct step steps[] = {
        {"TransactWriteItems",
         WRITE(PUT("{'id':{'S':'a'}}", "") "," CHECK_ITEM("x", "n = id", "") "," DELETE("y", "")),
         CANCELED("None, ConditionalCheckFailed, None") "[" NONE "," FAILED "," NONE "]"},
        {"TransactWriteItems",
         WRITE(PUT(
             "{'id':{'S':'x'}}",
             ",'ConditionExpression':'attribute_not_exists(id)',"
             "'ReturnValuesOnConditionCheckFailure':'ALL_OLD'") "," DELETE("a",
                                                                           ",'ConditionExpression':"
                                                                           "'attribute_exists(id)',"
                                                                           "'ReturnValuesOnConditio"
                                                                           "nCheckFailure':'ALL_"
                                                                           "OLD'")),
         CANCELED("ConditionalCheckFailed, ConditionalCheckFailed") "[" FAILED_ITEM(
             "{'id':{'S':'x'},'n':{'N':'1'}}") "," FAILED "]"},
        /* A key of another type, or one too many: before any condition; only the first is told. */
        {"TransactWriteItems",
         WRITE(CHECK_ITEM("x", "n = id", "") "," PUT("{'id':{'N':'7'}}",
                                                     "") "," PUT("{'id':{'N':'8'}}", "")),
         CANCELED("None, ValidationError, None") "[" NONE "," WRONG(
             "One or more parameter values were invalid: Type mismatch for key id expected: S "
             "actual: N") "," NONE "]"},
        {"TransactWriteItems", WRITE(PUT("{'a':{'N':'7'}}", "")),
         CANCELED("ValidationError") "[" WRONG(
             "One or more parameter values were invalid: Missing the key id in the item") "]"},
        {"TransactWriteItems",
         WRITE("{'Delete':{'TableName':'Other','Key':{'id':{'S':'x'},'n':{'N':'1'}}}}"),
         CANCELED("ValidationError") "[" WRONG(SCHEMA) "]"},
        {"TransactWriteItems", WRITE(PUT("{'id':{'S':'x'},'g':{'N':'7'}}", "")),
         CANCELED("ValidationError") "[" WRONG(
             "One or more parameter values were invalid: Type mismatch for Index Key g Expected: S "
             "Actual: N IndexName: by-g") "]"},
        {"TransactWriteItems",
         WRITE(UPDATE("x", "SET id = :v", ",'ExpressionAttributeValues':{':v':{'S':'1'}}")),
         CANCELED("ValidationError") "[" WRONG(
             "One or more parameter values were invalid: Cannot update attribute id. This "
             "attribute is part of the key") "]"},
        /* What an update meets in the item: beside conditions, and only the first is told. */
        {"TransactWriteItems",
         WRITE(UPDATE("x", "SET a = b", "") "," CHECK_ITEM("y", "attribute_exists(id)",
                                                           "") "," UPDATE("z", "SET a = b", "")),
         CANCELED("ValidationError, ConditionalCheckFailed, None") "[" WRONG(
             "The provided expression refers to an attribute that does not exist in the "
             "item") "," FAILED "," NONE "]"},
        {"TransactWriteItems",
         WRITE(UPDATE("x", "ADD id2 :v, n :v", ",'ExpressionAttributeValues':{':v':{'SS':['1']}}")),
         CANCELED("ValidationError") "[" WRONG(
             "An operand in the update expression has an incorrect data type") "]"},
        {"TransactWriteItems",
         WRITE(UPDATE("x", "SET g = :v", ",'ExpressionAttributeValues':{':v':{'N':'1'}}")),
         CANCELED("ValidationError") "[" WRONG(
             "One or more parameter values were invalid: Type mismatch for Index Key g Expected: S "
             "Actual: N IndexName: by-g") "]"},
        {"TransactGetItems",
         "{'TransactItems':[" GET("{'id':{'S':'a'}}") "," GET("{}") "," GET(
             "{'id':{'N':'1'}}") "]}",
         CANCELED("None, ValidationError, None") "[" NONE "," WRONG(SCHEMA) "," NONE "]"},
    };
    CHECK_REFUSED(steps);
}

#define LENGTH " at 'transactItems' failed to satisfy constraint: Member must have length "
#define UNUSED "Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}"
#define EMPTY_KEY                                                                                  \
    INVALID "One or more parameter values are not valid. The AttributeValue for a key attribute "  \
            "cannot contain an empty string value. Key: id"

TEST(what_the_request_alone_shows_refuses_it)
{
    static const struct step steps[] = {
        {"TransactWriteItems", "{}",
         ONE "Value null at 'transactItems' failed to satisfy constraint: Member must not be null"},
        {"TransactWriteItems", "{'TransactItems':[]}",
         ONE "Value '[]'" LENGTH "greater than or equal to 1"},
        {"TransactGetItems", "{'TransactItems':[]}",
         ONE "Value '[]'" LENGTH "greater than or equal to 1"},
        {"TransactWriteItems", "{'TransactItems':[" DELETE("x", "") "],'ClientRequestToken':''}",
         ONE "Value '' at 'clientRequestToken' failed to satisfy constraint: Member must have "
             "length greater than or equal to 1"},
        {"TransactWriteItems",
         "{'TransactItems':[" DELETE(
             "x", "") "],'ClientRequestToken':'1234567890123456789012345678901234567'}",
         ONE "Value '1234567890123456789012345678901234567' at 'clientRequestToken' failed to "
             "satisfy constraint: Member must have length less than or equal to 36"},
        {"TransactWriteItems", WRITE("{'Update':{'TableName':'Other','Key':{'id':{'S':'x'}}}}"),
         ONE "Value null at 'transactItems.1.member.update.updateExpression' failed to satisfy "
             "constraint: Member must not be null"},
        {"TransactWriteItems", WRITE("{}"),
         INVALID "Invalid Request: TransactWriteRequest should contain Delete or Put or Update "
                 "request"},
        {"TransactWriteItems",
         WRITE("{'Put':{'TableName':'Other','Item':{'id':{'S':'x'}}},'Delete':{'TableName':'Other',"
               "'Key':{'id':{'S':'x'}}}}"),
         INVALID "TransactItems can only contain one of Check, Put, Update or Delete"},
        /* The first action that is wrong by itself, even where its table is not there. */
        {"TransactWriteItems",
         WRITE("{'Delete':{'TableName':'Nowhere','Key':{'id':{'S':'x'}}}},"
               "{'Put':{'TableName':'Nowhere','Item':{'id':{'S':'x'},'n':{'N':'abc'}}}},"
               "{'Delete':{'TableName':'Nowhere','Key':{'id':{'S':'x'}},'ConditionExpression':"
               "'('}}"),
         INVALID "The parameter cannot be converted to a numeric value: abc"},
        {"TransactWriteItems", WRITE(DELETE("x", ",'ConditionExpression':'('")),
         INVALID "Invalid ConditionExpression: Syntax error; token: '<EOF>', near: '('"},
        {"TransactWriteItems", WRITE(DELETE("x", ",'ConditionExpression':''")),
         INVALID "Invalid ConditionExpression: The expression can not be empty;"},
        {"TransactWriteItems", WRITE(UPDATE("x", "", "")),
         INVALID "Invalid UpdateExpression: The expression can not be empty;"},
        {"TransactWriteItems",
         WRITE(UPDATE("x", "REMOVE n", ",'ExpressionAttributeValues':{':v':{'N':'1'}}")),
         INVALID UNUSED},
        {"TransactWriteItems", WRITE(DELETE("x", ",'ExpressionAttributeValues':{'v':{'N':'1'}}")),
         INVALID "ExpressionAttributeValues contains invalid key: Syntax error; key: 'v'"},
        {"TransactWriteItems",
         WRITE(DELETE("x", "") ",{'Delete':{'TableName':'Nowhere','Key':{'id':{'S':'x'}}}}"),
         "ResourceNotFoundException: Requested resource not found"},
        {"TransactGetItems", "{'TransactItems':[{'Get':{'TableName':'Nowhere','Key':{}}}]}",
         "ResourceNotFoundException: Requested resource not found"},
        {"TransactWriteItems", WRITE(DELETE("x", "") "," PUT("{'id':{'S':'x'},'a':{'S':'b'}}", "")),
         ONE_ITEM},
        {"TransactWriteItems",
         WRITE(PUT("{'id':{'N':'7'}}", "") "," DELETE(
             "x", "") ",{'ConditionCheck':{'TableName':'arn:aws:dynamodb:us-east-1:000000000000:"
                      "table/Other','Key':{'id':{'S':'x'}},'ConditionExpression':"
                      "'attribute_exists(id)'}}"),
         ONE_ITEM},
        {"TransactGetItems",
         "{'TransactItems':[" GET("{'id':{'S':'a'}}") "," GET("{'id':{'S':'a'}}") "]}", ONE_ITEM},
        {"TransactWriteItems", WRITE(UPDATE("", "REMOVE n", "")), EMPTY_KEY},
        {"TransactGetItems", "{'TransactItems':[" GET("{'id':{'S':''}}") "]}", EMPTY_KEY},
        {"TransactWriteItems", WRITE(PUT("{'id':{'S':'x'},'g':{'S':''}}", "")),
         INVALID "One or more parameter values are not valid. A value specified for a secondary "
                 "index key is not supported. The AttributeValue for a key attribute cannot "
                 "contain an empty string value. IndexName: by-g, IndexKey: g"},
        {"TransactGetItems",
         "{'TransactItems':[{'Get':{'TableName':'Other','Key':{'id':{'S':'x'}},"
         "'ProjectionExpression':'!!!'}}]}",
         INVALID "Invalid ProjectionExpression: Syntax error; token: '!', near: '!!'"},
    };
    CHECK_REFUSED(steps);
}

#define TOKEN(more) ",'ClientRequestToken':'t'" more "}"
#define ADD_ONE                                                                                    \
    "{'TransactItems':[{'Update':{'TableName':'Other','Key':{'id':{'S':'x'}},"                     \
    "'UpdateExpression':'ADD #n :one','ExpressionAttributeNames':{'#n':'n'},"                      \
    "'ExpressionAttributeValues':{':one':{'N':'1'}}}}]"

TEST(a_token_stands_for_what_is_asked_however_it_is_spelled)
{
    struct fixture fixture;
    open_with_tables(&fixture);
    static const struct step steps[] = {
        {"TransactWriteItems", ADD_ONE TOKEN(""), "{}"},
        {"TransactWriteItems",
         "{'ClientRequestToken':'t','TransactItems':[{'Update':{'ExpressionAttributeValues':{"
         "':one':{'N':'1.00'}},'Key':{'id':{'S':'x'}},'ExpressionAttributeNames':{'#n':'n'},"
         "'UpdateExpression':'ADD #n :one','TableName':'arn:aws:dynamodb:us-east-1:000000000000:"
         "table/Other'}}]}",
         "{}"},
        {"TransactGetItems", "{'TransactItems':[" GET("{'id':{'S':'x'}}") "]}",
         "{'Responses':[{'Item':{'id':{'S':'x'},'n':{'N':'1'}}}]}"},
    };
    CHECK_STEPS(&fixture, steps);
    static const char *const others[] = {
        "{'TransactItems':[" DELETE("x", "") "]" TOKEN(""),
        "{'TransactItems':[" DELETE("y", "") "," DELETE("x", "") "]" TOKEN(""),
        ADD_ONE TOKEN(",'ReturnConsumedCapacity':'TOTAL'"),
        "{'TransactItems':[{'Update':{'TableName':'Other','Key':{'id':{'S':'x'}},"
        "'UpdateExpression':'ADD #n :one','ExpressionAttributeNames':{'#n':'n'},"
        "'ExpressionAttributeValues':{':one':{'N':'2'}}}}]" TOKEN(""),
        "{'TransactItems':[{'Update':{'TableName':'Other','Key':{'id':{'S':'x'}},"
        "'UpdateExpression':'ADD #n :one','ExpressionAttributeNames':{'#n':'n'},"
        "'ExpressionAttributeValues':{':one':{'N':'1'}},'ReturnValuesOnConditionCheckFailure':"
        "'ALL_OLD'}}]" TOKEN(""),
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        slice got = answer(&fixture, "TransactWriteItems", others[i]);
        test_check(slice_begins_with(got, SLICE("IdempotentParameterMismatchException: ")),
                   others[i], __FILE__, __LINE__);
    }
    fixture_close(&fixture);
}

TEST(capacity_is_doubled_for_tables_and_told_by_table)
{
    struct fixture fixture;
    open_with_tables(&fixture);
    static const struct step steps[] = {
        {"TransactWriteItems",
         "{'TransactItems':[" PUT("{'id':{'S':'a'},'g':{'S':'g'}}",
                                  "") ",{'Put':{'TableName':'T','Item':{'pk':{'S':'a'},'sk':{'N':"
                                      "'1'}}}}," CHECK_ITEM("none", "attribute_not_exists(id)",
                                                            "") "],'ReturnConsumedCapacity':"
                                                                "'INDEXES'" TOKEN(""),
         "{'ConsumedCapacity':[{'TableName':'Other','CapacityUnits':5.0,'WriteCapacityUnits':5.0,"
         "'Table':{'CapacityUnits':4.0,'WriteCapacityUnits':4.0},'GlobalSecondaryIndexes':{'by-g':"
         "{'CapacityUnits':1.0,'WriteCapacityUnits':1.0}}},{'TableName':'T','CapacityUnits':2.0,"
         "'WriteCapacityUnits':2.0,'Table':{'CapacityUnits':2.0,'WriteCapacityUnits':2.0}}]}"},
        /* Again: only reads. */
        {"TransactWriteItems",
         "{'TransactItems':[" PUT("{'id':{'S':'a'},'g':{'S':'g'}}",
                                  "") ",{'Put':{'TableName':'T','Item':{'pk':{'S':'a'},'sk':{'N':"
                                      "'1'}}}}," CHECK_ITEM("none", "attribute_not_exists(id)",
                                                            "") "],'ReturnConsumedCapacity':"
                                                                "'INDEXES'" TOKEN(""),
         "{'ConsumedCapacity':[{'TableName':'Other','CapacityUnits':4.0,'ReadCapacityUnits':4.0,"
         "'Table':{'CapacityUnits':4.0,'ReadCapacityUnits':4.0}},{'TableName':'T','CapacityUnits':"
         "2.0,'ReadCapacityUnits':2.0,'Table':{'CapacityUnits':2.0,'ReadCapacityUnits':2.0}}]}"},
        {"TransactWriteItems",
         "{'TransactItems':[" DELETE("a", "") "],'ReturnConsumedCapacity':'TOTAL'}",
         "{'ConsumedCapacity':[{'TableName':'Other','CapacityUnits':3.0,"
         "'WriteCapacityUnits':3.0}]}"},
        {"TransactGetItems",
         "{'TransactItems':[" GET("{'id':{'S':'a'}}") ",{'Get':{'TableName':'T','Key':{'pk':{'S':"
                                                      "'a'},'sk':{'N':'1'}}}}],"
                                                      "'ReturnConsumedCapacity':'TOTAL'}",
         "{'ConsumedCapacity':[{'TableName':'Other','CapacityUnits':2.0,'ReadCapacityUnits':2.0},"
         "{'TableName':'T','CapacityUnits':2.0,'ReadCapacityUnits':2.0}],'Responses':[{},{'Item':{"
         "'pk':{'S':'a'},'sk':{'N':'1'}}}]}"},
    };
    CHECK_STEPS(&fixture, steps);
    fixture_close(&fixture);
}

/* {"TransactItems": [PUT, …]} of `count` items with `bytes` of payload each, in C quotes. */
static const char *puts_body(struct arena *arena, uint32_t count, size_t bytes)
{
    struct buffer body;
    char *payload = arena_alloc_bytes(arena, bytes);
    memset(payload, 'x', bytes);
    buffer_init(&body, arena);
    buffer_append(&body, SLICE("{'TransactItems':["));
    for (uint32_t i = 0; i < count; i++)
        buffer_append(&body,
                      arena_format(arena, "%s" PUT("{'id':{'S':'%02u'},'p':{'S':'%.*s'}}", ""),
                                   i > 0 ? "," : "", i, (int)bytes, payload));
    buffer_append(&body, SLICE("]}\0"));
    return buffer_slice(&body).data;
}

TEST(a_transaction_carries_at_most_100_actions_and_4_megabytes)
{
    struct fixture fixture;
    open_with_tables(&fixture);
    enum { KEY_BYTES = 2 + 2 + 1, ELEVENTH = 4 * 1024 * 1024 / 11 - KEY_BYTES };
    slice large = SLICE(INVALID "Transaction payload size cannot exceed 4194304 bytes");
    CHECK_SLICE(answer(&fixture, "TransactWriteItems", puts_body(&fixture.arena, 11, ELEVENTH)),
                SLICE("{}"));
    CHECK_SLICE(answer(&fixture, "TransactWriteItems", puts_body(&fixture.arena, 11, ELEVENTH + 1)),
                large);
    CHECK_SLICE(answer(&fixture, "TransactWriteItems", puts_body(&fixture.arena, 1, 400 * 1024)),
                SLICE(INVALID "Item size has exceeded the maximum allowed size"));
    CHECK_SLICE(answer(&fixture, "TransactWriteItems", puts_body(&fixture.arena, 100, 1)),
                SLICE("{}"));
    slice many = answer(&fixture, "TransactWriteItems", puts_body(&fixture.arena, 101, 1));
    CHECK(slice_begins_with(many, SLICE(ONE "Value '[TransactWriteItem(conditionCheck=null, put="
                                            "Put(item={id={\"S\":\"00\"}")));
    slice end = SLICE(LENGTH "less than or equal to 100");
    CHECK_SLICE(slice_from(many, many.size - end.size), end);
    fixture_close(&fixture);
}

TEST(a_deleted_item_of_any_size_is_no_payload_and_one_that_is_read_is)
{
    struct fixture fixture;
    open_with_tables(&fixture);
    struct buffer gets, deletes;
    buffer_init(&gets, &fixture.arena);
    buffer_init(&deletes, &fixture.arena);
    buffer_append(&gets, SLICE("{'TransactItems':["));
    buffer_append(&deletes, SLICE("{'TransactItems':["));
    for (uint32_t i = 0; i < 11; i++) {
        slice put = arena_format(&fixture.arena,
                                 "{'TableName':'Other','Item':{'id':{'S':'%02u'},'p':{'S':'%0*u'}}}"
                                 "%c",
                                 i, 400 * 1000, i, '\0');
        CHECK_SLICE(answer(&fixture, "PutItem", put.data), SLICE("{}"));
        const char *comma = i > 0 ? "," : "";
        buffer_append(&gets,
                      arena_format(&fixture.arena, "%s" GET("{'id':{'S':'%02u'}}"), comma, i));
        buffer_append(&deletes, arena_format(&fixture.arena, "%s" DELETE("%02u", ""), comma, i));
    }
    buffer_append(&gets, SLICE("]}\0"));
    buffer_append(&deletes, SLICE("]}\0"));
    CHECK_SLICE(answer(&fixture, "TransactGetItems", buffer_slice(&gets).data),
                SLICE(INVALID "Transaction payload size cannot exceed 4194304 bytes"));
    CHECK_SLICE(answer(&fixture, "TransactWriteItems", buffer_slice(&deletes).data), SLICE("{}"));
    fixture_close(&fixture);
}

TEST(a_transaction_that_its_memory_does_not_hold_changes_nothing)
{
    struct fixture fixture;
    open_with_tables(&fixture);
    enum { ITEMS = 10, ITEM_BYTES = 100 * 1000 };
    slice body = quoted(&fixture.arena, puts_body(&fixture.arena, ITEMS, ITEM_BYTES));
    struct budget little = {.max_bytes = 2500 * 1000};
    struct budget enough = {.max_bytes = 16 * 1000 * 1000};

    slice refused = answer_within(&fixture, &little, "TransactWriteItems", body);
    slice nothing = answer(&fixture, "Scan", "{'TableName':'Other','Select':'COUNT'}");
    slice written = answer_within(&fixture, &enough, "TransactWriteItems", body);

    CHECK(slice_begins_with(refused, SLICE("ThrottlingException: ")));
    CHECK_SLICE(nothing, SLICE("{\"Count\":0,\"ScannedCount\":0}"));
    CHECK_SLICE(written, SLICE("{}"));
    CHECK(little.used_bytes == 0);
    fixture_close(&fixture);
}
