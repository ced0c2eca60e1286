/* BatchGetItem and BatchWriteItem on tables T (pk S, sk N) and Other (id S). */
#include "base/budget.h"
#include "tests/unit/ops/fixture.h"
#include "json/reader.h"

#define INVALID "ValidationException: "
#define ONE INVALID "1 validation error detected: "
#define DUPLICATES INVALID "Provided list of item keys contains duplicates"
#define SCHEMA INVALID "The provided key element does not match the schema"
#define KEY(n) "{'pk':{'S':'a'},'sk':{'N':'" n "'}}"
#define PUT(item) "{'PutRequest':{'Item':" item "}}"
#define DELETE(key) "{'DeleteRequest':{'Key':" key "}}"
#define KEYS_OF_MAP                                                                                \
    "Map keys must satisfy constraint: [Member must have length less than or equal to 255, "       \
    "Member must have length greater than or equal to 3, Member must satisfy regular expression "  \
    "pattern: [a-zA-Z0-9_.-]+]"
#define VALUES_OF_MAP                                                                              \
    "Map value must satisfy constraint: [Member must have length less than or equal to 25, "       \
    "Member must have length greater than or equal to 1]"
#define CAPACITY                                                                                   \
    "'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum "             \
    "value set: [INDEXES, TOTAL, NONE]"

static void open_with_tables(struct fixture *fixture)
{
    fixture_open_with_table(fixture, true);
    for (int i = 0; i < 2; i++) {
        slice body = arena_format(
            &fixture->arena,
            "{'TableName':'%s','AttributeDefinitions':[{'AttributeName':'id','AttributeType':'S'}],"
            "'KeySchema':[{'AttributeName':'id','KeyType':'HASH'}],'BillingMode':"
            "'PAY_PER_REQUEST'}%c",
            i == 0 ? "Other" : "TTT", '\0');
        slice created = answer(fixture, "CreateTable", body.data);
        CHECK(slice_begins_with(created, SLICE("{\"TableDescription\"")));
    }
}

TEST(a_batch_puts_deletes_and_gets_in_several_tables)
{
    struct fixture fixture;
    open_with_tables(&fixture);
    static const struct step steps[] = {
        {"BatchWriteItem",
         "{'RequestItems':{'Other':[" PUT(
             "{'id':{'S':'x'},'v':{'N':'1.0'}}") "],"
                                                 "'arn:aws:dynamodb:us-east-1:000000000000:table/"
                                                 "TTT':[" PUT(
                                                     "{'id':{'S':'y'}}") "]},"
                                                                         "'ReturnConsumedCapacity':"
                                                                         "'TOTAL'}",
         "{'UnprocessedItems':{},'ConsumedCapacity':[{'TableName':'Other','CapacityUnits':1.0},"
         "{'TableName':'arn:aws:dynamodb:us-east-1:000000000000:table/TTT','CapacityUnits':1.0}]}"},
        {"BatchGetItem",
         "{'RequestItems':{'Other':{'Keys':[{'id':{'S':'x'}},{'id':{'S':'none'}}]},"
         "'TTT':{'Keys':[{'id':{'S':'y'}}],'ConsistentRead':true,'ProjectionExpression':'#i',"
         "'ExpressionAttributeNames':{'#i':'id'}}},'ReturnConsumedCapacity':'INDEXES'}",
         "{'Responses':{'Other':[{'id':{'S':'x'},'v':{'N':'1'}}],'TTT':[{'id':{'S':'y'}}]},"
         "'UnprocessedKeys':{},'ConsumedCapacity':[{'TableName':'Other','CapacityUnits':1.0,"
         "'Table':{'CapacityUnits':1.0}},{'TableName':'TTT','CapacityUnits':1.0,"
         "'Table':{'CapacityUnits':1.0}}]}"},
        {"BatchWriteItem",
         "{'RequestItems':{'Other':[" DELETE("{'id':{'S':'x'}}") "," PUT("{'id':{'S':'z'}}") "]}}",
         "{'UnprocessedItems':{}}"},
        {"BatchGetItem",
         "{'RequestItems':{'Other':{'Keys':[{'id':{'S':'x'}},{'id':{'S':'z'}}],"
         "'AttributesToGet':['v']}}}",
         "{'Responses':{'Other':[{}]},'UnprocessedKeys':{}}"},
    };
    CHECK_STEPS(&fixture, steps);
    fixture_close(&fixture);
}

TEST(a_batch_write_that_is_refused_says_why_and_changes_nothing)
{
    struct fixture fixture;
    open_with_tables(&fixture);
    static const struct exchange exchanges[] = {
        {"{}", ONE "Value null at 'requestItems' failed to satisfy constraint: Member must not be "
                   "null"},
        {"{'RequestItems':{}}",
         INVALID "The requestItems parameter is required for BatchWriteItem"},
        {"{'RequestItems':{'TTT':[]}}",
         ONE "Value '{TTT=[]}' at 'requestItems' failed to satisfy constraint: " VALUES_OF_MAP},
        {"{'RequestItems':{'bad!':[" PUT("{'id':{'S':'x'}}") "]}}",
         ONE "Value '{bad!=[WriteRequest(putRequest=PutRequest(item={id={\"S\":\"x\"}}), "
             "deleteRequest=null)]}' at 'requestItems' failed to satisfy constraint: " KEYS_OF_MAP},
        {"{'RequestItems':{'bad!':[" PUT("{'id':{'S':'x'}}") "]},'ReturnConsumedCapacity':'no'}",
         ONE "Value 'no' at " CAPACITY},
        {"{'RequestItems':{'TTT':[{'PutRequest':{}}]}}",
         ONE "Value null at 'requestItems.TTT.member.1.member.putRequest.item' failed to satisfy "
             "constraint: Member must not be null"},
        {"{'RequestItems':{'TTT':[{}]}}",
         INVALID "Supplied AttributeValue has more than one datatypes set, must contain exactly "
                 "one of the supported datatypes"},
        {"{'RequestItems':{'TTT':[" PUT("{'id':{'NS':['1','1']}}") "]}}",
         INVALID "Input collection contains duplicates"},
        {"{'RequestItems':{'Nowhere':[" PUT("{'id':{'S':'x'}}") "]}}",
         "ResourceNotFoundException: Requested resource not found"},
        {"{'RequestItems':{'TTT':[" PUT("{'id':{'S':'x'}}") "," PUT("{}") "]}}", SCHEMA},
        {"{'RequestItems':{'TTT':[" PUT("{'id':{'S':'x'}}") "," PUT("{'id':{'N':'1'}}") "]}}",
         SCHEMA},
        {"{'RequestItems':{'TTT':[" PUT("{'id':{'S':'x'}}") "," DELETE("{'no':{'S':'1'}}") "]}}",
         SCHEMA},
        {"{'RequestItems':{'TTT':[" PUT("{'id':{'S':''}}") "]}}",
         INVALID "One or more parameter values are not valid. The AttributeValue for a key "
                 "attribute cannot contain an empty string value. Key: id"},
        {"{'RequestItems':{'TTT':[" PUT("{'id':{'S':'x'}}") "," DELETE("{'id':{'S':'x'}}") "]}}",
         DUPLICATES},
        {"{'RequestItems':{'TTT':[" PUT(
             "{'id':{'S':'x'}}") "],"
                                 "'arn:aws:dynamodb:us-east-1:000000000000:table/TTT':[" PUT(
                                     "{'id':{'S':'x'}}") "]}}",
         DUPLICATES},
        {"{'RequestItems':[]}",
         "SerializationException: Unrecognized collection type java.util.Map<java.lang.String, "
         "java.util.List<com.amazonaws.dynamodb.v20120810.WriteRequest>>"},
        {"{'RequestItems':{'TTT':{}}}",
         "SerializationException: Start of structure or map found where not expected"},
        {"{'RequestItems':{'TTT':['x']}}",
         "SerializationException: Unexpected value type in payload"},
    };

    CHECK_EXCHANGES(&fixture, "BatchWriteItem", exchanges);

    CHECK_SLICE(answer(&fixture, "Scan", "{'TableName':'TTT','Select':'COUNT'}"),
                quoted(&fixture.arena, "{'Count':0,'ScannedCount':0}"));
    fixture_close(&fixture);
}

TEST(a_batch_get_that_is_refused_says_why)
{
    struct fixture fixture;
    open_with_tables(&fixture);
    static const struct exchange exchanges[] = {
        {"{'RequestItems':{}}", INVALID "The requestItems parameter is required for BatchGetItem"},
        {"{'RequestItems':{'TTT':{'Keys':[]}}}",
         ONE "Value at 'RequestItems.TTT.member.Keys' failed to satisfy constraint: Member must "
             "have length greater than or equal to 1"},
        {"{'RequestItems':{ 'bad!': {'Keys': [{'pk':{'S':' \\' '}}]}},"
         "'ReturnConsumedCapacity':'no'}",
         INVALID "2 validation errors detected: Value "
                 "'{\"bad!\":{\"Keys\":[{\"pk\":{\"S\":\" \\\" \"}}]}}' at 'requestItems' failed "
                 "to satisfy constraint: " KEYS_OF_MAP "; Value 'no' at " CAPACITY},
        {"{'RequestItems':{'TTT':{'Keys':[{'id':{'S':'x'}},{'id':{'S':'x'}}]}}}", DUPLICATES},
        {"{'RequestItems':{'T.T':{'Keys':[" KEY("1") "," KEY("1.0") "]}}}", DUPLICATES},
        {"{'RequestItems':{'TTT':{'Keys':[{'id':{'S':'x'}}],'ProjectionExpression':'id'},"
         "'Other':{'Keys':[{'id':{'S':'x'}}],'AttributesToGet':['id']}}}",
         INVALID "Can not use both expression and non-expression parameters in the same request: "
                 "Non-expression parameters: {AttributesToGet} Expression parameters: "
                 "{ProjectionExpression}"},
        {"{'RequestItems':{'TTT':{'Keys':[{}],'AttributesToGet':['a','a']}}}",
         INVALID "One or more parameter values were invalid: Duplicate value in attribute name: a"},
        {"{'RequestItems':{'Nowhere':{'Keys':[{}]}}}",
         "ResourceNotFoundException: Requested resource not found"},
        {"{'RequestItems':{'TTT':{'Keys':[{}]}}}", SCHEMA},
        {"{'RequestItems':{'TTT':{'Keys':['x']}}}",
         "SerializationException: class "
         "sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class "
         "java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and "
         "java.lang.Class are in module java.base of loader 'bootstrap')"},
    };
    CHECK_EXCHANGES(&fixture, "BatchGetItem", exchanges);
    fixture_close(&fixture);
}

/* {"RequestItems": {"TTT": [PUT, …]}} of `count` items with `bytes` of payload each. */
static slice puts_body(struct arena *arena, uint32_t count, size_t bytes)
{
    struct buffer body;
    char *payload = arena_alloc_bytes(arena, bytes);
    memset(payload, 'x', bytes);
    buffer_init(&body, arena);
    buffer_append(&body, SLICE("{\"RequestItems\":{\"TTT\":["));
    for (uint32_t i = 0; i < count; i++)
        buffer_append(&body,
                      arena_format(arena,
                                   "%s{\"PutRequest\":{\"Item\":{\"id\":{\"S\":\"%u\"},\"p\":"
                                   "{\"S\":\"%.*s\"}}}}",
                                   i > 0 ? "," : "", i, (int)bytes, payload));
    buffer_append(&body, SLICE("]}}"));
    return buffer_slice(&body);
}

static slice keys_body(struct arena *arena, uint32_t count)
{
    struct buffer body;
    buffer_init(&body, arena);
    buffer_append(&body, SLICE("{\"RequestItems\":{\"TTT\":{\"ConsistentRead\":true,\"Keys\":["));
    for (uint32_t i = 0; i < count; i++)
        buffer_append(&body, arena_format(arena, "%s{\"id\":{\"S\":\"%u\"}}", i > 0 ? "," : "", i));
    buffer_append(&body, SLICE("]}}}"));
    return buffer_slice(&body);
}

static bool contains(slice text, slice part)
{
    return memmem(text.data, text.size, part.data, part.size) != NULL;
}

TEST(a_batch_write_gives_back_what_its_memory_does_not_hold)
{
    struct fixture fixture;
    open_with_tables(&fixture);
    enum { ITEM_BYTES = 100 * 1000 };
    struct budget memory = {.max_bytes = 2500 * 1000};
    slice body = puts_body(&fixture.arena, 10, ITEM_BYTES);

    slice reply = answer_within(&fixture, &memory, "BatchWriteItem", body);

    CHECK(contains(reply, SLICE("{\"PutRequest\":{\"Item\":{\"id\":{\"S\":\"9\"}")));
    CHECK(!contains(reply, SLICE("{\"PutRequest\":{\"Item\":{\"id\":{\"S\":\"0\"}")));
    slice written =
        answer(&fixture, "GetItem",
               "{'TableName':'TTT','Key':{'id':{'S':'0'}},'ProjectionExpression':'id'}");
    slice left = answer(&fixture, "GetItem", "{'TableName':'TTT','Key':{'id':{'S':'9'}}}");
    CHECK_SLICE(written, quoted(&fixture.arena, "{'Item':{'id':{'S':'0'}}}"));
    CHECK_SLICE(left, SLICE("{}"));
    CHECK(memory.used_bytes == 0);
    fixture_close(&fixture);
}

TEST(a_batch_write_counts_the_rows_of_indexes)
{
    struct fixture fixture;
    fixture_open(&fixture);
    enum { INDEXES = 20, ITEM_BYTES = 100 * 1000 }; /* 21 rows each: seven items are 16 MB */
    struct buffer table;
    buffer_init(&table, &fixture.arena);
    buffer_append(&table, SLICE("{'TableName':'TTT','BillingMode':'PAY_PER_REQUEST',"
                                "'AttributeDefinitions':[{'AttributeName':'id',"
                                "'AttributeType':'S'}],'KeySchema':[{'AttributeName':'id',"
                                "'KeyType':'HASH'}],'GlobalSecondaryIndexes':["));
    for (uint32_t i = 0; i < INDEXES; i++)
        buffer_append(&table, arena_format(&fixture.arena,
                                           "%s{'IndexName':'index-%u','KeySchema':[{"
                                           "'AttributeName':'id','KeyType':'HASH'}],"
                                           "'Projection':{'ProjectionType':'ALL'}}",
                                           i > 0 ? "," : "", i));
    buffer_append(&table, SLICE("]}\0"));
    slice made = answer(&fixture, "CreateTable", buffer_slice(&table).data);
    CHECK(contains(made, SLICE("\"TableStatus\"")));
    struct budget memory = {.max_bytes = SIZE_MAX};

    slice reply = answer_within(&fixture, &memory, "BatchWriteItem",
                                puts_body(&fixture.arena, 10, ITEM_BYTES));

    CHECK(contains(reply, SLICE("{\"PutRequest\":{\"Item\":{\"id\":{\"S\":\"7\"}")));
    CHECK(!contains(reply, SLICE("{\"PutRequest\":{\"Item\":{\"id\":{\"S\":\"6\"}")));
    fixture_close(&fixture);
}

TEST(a_batch_get_returns_16_megabytes_and_names_the_rest)
{
    struct fixture fixture;
    open_with_tables(&fixture);
    enum { BATCHES = 2, ITEM_BYTES = 390 * 1000 };
    struct budget memory = {.max_bytes = SIZE_MAX};
    for (uint32_t i = 0; i < BATCHES; i++) {
        slice body = puts_body(&fixture.arena, 25, ITEM_BYTES);
        /* The second batch has ids of its own: 10, 11, … become 0, 1, … with a letter. */
        for (char *c = (char *)body.data; i == 1 && c + 13 < body.data + body.size; c++) {
            if (memcmp(c, "\"id\":{\"S\":\"", 11) == 0)
                c[11] = (char)(c[11] + 'A' - '0');
        }
        slice reply = answer_within(&fixture, &memory, "BatchWriteItem", body);
        CHECK_SLICE(reply, SLICE("{\"UnprocessedItems\":{}}"));
    }
    slice keys = keys_body(&fixture.arena, 25);
    struct buffer body;
    buffer_init(&body, &fixture.arena);
    buffer_append(&body, slice_first(keys, keys.size - 4));
    for (uint32_t i = 0; i < 10; i++)
        buffer_append(&body,
                      arena_format(&fixture.arena, ",{\"id\":{\"S\":\"%c\"}}", 'A' + (int)i));
    for (uint32_t i = 0; i < 10; i++)
        buffer_append(&body,
                      arena_format(&fixture.arena, ",{\"id\":{\"S\":\"B%c\"}}", '0' + (int)i));
    buffer_append(&body, SLICE("]}}}"));

    slice reply = answer_within(&fixture, &memory, "BatchGetItem", buffer_slice(&body));

    CHECK(reply.size < BATCHES * 25 * ITEM_BYTES && reply.size > 15 * 1000 * 1000);
    CHECK(contains(reply, SLICE("\"UnprocessedKeys\":{\"TTT\":{\"Keys\":[{\"id\":{\"S\":\"B")));
    CHECK(contains(reply, SLICE("{\"id\":{\"S\":\"B9\"}}],\"ConsistentRead\":true}}}")));
    fixture_close(&fixture);
}

TEST(a_refusal_shows_a_bounded_part_of_a_large_request)
{
    struct fixture fixture;
    open_with_tables(&fixture);
    enum { NAME_BYTES = 1000 * 1000 };
    char *name = arena_alloc_bytes(&fixture.arena, NAME_BYTES);
    for (size_t i = 0; i < NAME_BYTES; i += 2)
        memcpy(name + i, "\xc3\xa9", 2);
    slice body = arena_format(&fixture.arena,
                              "{'RequestItems':{'%.*s':[{'PutRequest':{}},{'PutRequest':{}}]}}%c",
                              NAME_BYTES, name, '\0');

    slice refusal = answer(&fixture, "BatchWriteItem", body.data);

    CHECK(slice_begins_with(refusal, SLICE(INVALID "2 validation errors detected: ")));
    CHECK(refusal.size > 100 * 1000 && refusal.size < 200 * 1000);
    fixture_close(&fixture);
}
