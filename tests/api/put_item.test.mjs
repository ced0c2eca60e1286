/* PutItem. Source: service model; error texts captured from the service. Values: values.test.mjs. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DynamoDBClient, PutItemCommand, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { openEndpoint } from "../support/endpoint.mjs";
import {
    broken, enumOf, expectError, NOT_NULL, PATTERN, refuses, refusesWrongAttributeValues, refusesWrongTypes,
    RETURN_CONSUMED_CAPACITY, RETURN_VALUES, sure, validationErrors, WRITE_MEMBERS,
} from "../support/expect.mjs";

const api = await openEndpoint();
const table = await api.table("pk S");
const pairs = await api.table("pk S, sk N");
const binary = await api.table("pk B");

const get = (key, name = table) => api.item(name, key);

describe("PutItem, malformed", () => {
    refusesWrongTypes(api, "PutItem", { ...WRITE_MEMBERS, Item: ["Map", "AttributeValue"] });
    refusesWrongAttributeValues(api, "PutItem", (value) => ({ Item: { a: value } }));
    refusesWrongAttributeValues(api, "PutItem", (value) => ({ ExpressionAttributeValues: { ":a": value } }));
    refusesWrongTypes(api, "PutItem", { "a name": "String" }, (_, value) => ({ ExpressionAttributeNames: { "#a": value } }));
});

describe("PutItem, invalid", () => {
    const item = { pk: { S: "a" } };
    const given = { TableName: table, Item: item };
    const value = { ":v": { S: "x" } };
    const INVALID = "One or more parameter values were invalid: ";

    refuses(api, "PutItem", "ValidationException", [
        ["no table name", { Item: item }, /at 'tableName' failed to satisfy constraint: Member must not be null/],
        ["no item", { TableName: table }, validationErrors(broken(null, "item", NOT_NULL))],
        ["a null item", { TableName: table, Item: null }, validationErrors(broken(null, "item", NOT_NULL))],
        ["a table name with a bad character", { TableName: "a;b", Item: item }, validationErrors(broken("a;b", "tableName", PATTERN))],
        ["an empty table name", { TableName: "", Item: item }, /at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 1/],
        ["a table name of 1,025", { TableName: "a".repeat(1025), Item: item }, /Member must have length less than or equal to/],
        ["an unknown ReturnConsumedCapacity", { ...given, ReturnConsumedCapacity: "hi" },
            validationErrors(broken("hi", "returnConsumedCapacity", RETURN_CONSUMED_CAPACITY))],
        ["an unknown ReturnItemCollectionMetrics", { ...given, ReturnItemCollectionMetrics: "hi" },
            validationErrors(broken("hi", "returnItemCollectionMetrics", enumOf("SIZE", "NONE")))],
        ["an unknown ReturnValues", { ...given, ReturnValues: "hi" }, validationErrors(broken("hi", "returnValues", RETURN_VALUES))],
        ["an unknown ReturnValuesOnConditionCheckFailure", { ...given, ReturnValuesOnConditionCheckFailure: "hi" },
            /^1 validation error detected: Value 'hi' at 'returnValuesOnConditionCheckFailure' failed to satisfy constraint: Member must satisfy enum value set: \[/],
        ["several enums at once, all named", { ...given, ReturnConsumedCapacity: "a", ReturnValues: "b" }, /^2 validation errors detected: (?=.*'returnConsumedCapacity')(?=.*'returnValues')/],
        ["ReturnValues ALL_NEW", { ...given, ReturnValues: "ALL_NEW" }, sure("ReturnValues can only be ALL_OLD or NONE")],
        ["ReturnValues UPDATED_OLD", { ...given, ReturnValues: "UPDATED_OLD" }, sure("ReturnValues can only be ALL_OLD or NONE")],
        ["an empty ConditionExpression", { ...given, ConditionExpression: "" }, sure("Invalid ConditionExpression: The expression can not be empty;")],
        ["names without an expression", { ...given, ExpressionAttributeNames: { "#a": "a" } },
            "1 validation error detected: ExpressionAttributeNames can only be specified when using expressions"],
        ["values without an expression", { ...given, ExpressionAttributeValues: value },
            /^(1 validation error detected: )?ExpressionAttributeValues can only be specified when using expressions(: ConditionExpression is null)?$/],
        ["empty names", { ...given, ConditionExpression: "attribute_exists(a)", ExpressionAttributeNames: {} }, sure("ExpressionAttributeNames must not be empty")],
        ["empty values", { ...given, ConditionExpression: "attribute_exists(a)", ExpressionAttributeValues: {} }, sure("ExpressionAttributeValues must not be empty")],
        ["a name without #", { ...given, ConditionExpression: "attribute_exists(a)", ExpressionAttributeNames: { a: "a" } },
            sure('ExpressionAttributeNames contains invalid key: Syntax error; key: "a"')],
        ["a value without :", { ...given, ConditionExpression: "attribute_exists(a)", ExpressionAttributeValues: { v: { S: "a" } } },
            sure('ExpressionAttributeValues contains invalid key: Syntax error; key: "v"')],
        ["an unused name", { ...given, ConditionExpression: "attribute_exists(a)", ExpressionAttributeNames: { "#unused": "a" } },
            sure("Value provided in ExpressionAttributeNames unused in expressions: keys: {#unused}")],
        ["an unused value", { ...given, ConditionExpression: "attribute_exists(a)", ExpressionAttributeValues: { ":unused": { S: "a" } } },
            sure("Value provided in ExpressionAttributeValues unused in expressions: keys: {:unused}")],
        ["an expression beside Expected", { ...given, ConditionExpression: "attribute_exists(a)", Expected: { a: { Exists: false } } },
            sure("Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}")],
        ["an item without the key", { TableName: table, Item: { a: { S: "a" } } }, sure(`${INVALID}Missing the key pk in the item`)],
        ["an empty item", { TableName: table, Item: {} }, sure(`${INVALID}Missing the key pk in the item`)],
        ["an item without the sort key", { TableName: pairs, Item: item }, sure(`${INVALID}Missing the key sk in the item`)],
        ["a key of another type", { TableName: table, Item: { pk: { N: "1" } } }, sure(`${INVALID}Type mismatch for key pk expected: S actual: N`)],
        ["a sort key of another type", { TableName: pairs, Item: { pk: { S: "a" }, sk: { S: "1" } } }, sure(`${INVALID}Type mismatch for key sk expected: N actual: S`)],
        ["an empty string as key", { TableName: table, Item: { pk: { S: "" } } },
            sure("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk")],
        ["empty binary as key", { TableName: binary, Item: { pk: { B: "" } } },
            sure("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty binary value. Key: pk")],
        ["a partition key of 2,049 bytes", { TableName: table, Item: { pk: { S: "a".repeat(2049) } } },
            sure(`${INVALID}Size of hashkey has exceeded the maximum size limit of2048 bytes`)],
        ["a table that is not there", { TableName: api.tableName(), Item: item }, "Requested resource not found", "ResourceNotFoundException"],
    ]);

    describe("in the service's order", () => {
        const missing = api.tableName();
        refuses(api, "PutItem", "ValidationException", [
            ["a wrong JSON type before a bad name", { TableName: ";", Item: "x" }, "Unexpected field type", "SerializationException"],
            ["a bad enum before a bad value", { ...given, ReturnValues: "hi", Item: { pk: { N: "x" } } }, validationErrors(broken("hi", "returnValues", RETURN_VALUES))],
            ["a bad value before a bad expression", { ...given, Item: { pk: { N: "x" } }, ConditionExpression: "" }, /numeric value: x$/],
            ["an empty expression before ReturnValues", { ...given, ConditionExpression: "", ReturnValues: "ALL_NEW" }, /can not be empty;$/],
            ["a bad expression before a missing table", { TableName: missing, Item: item, ConditionExpression: "a =" }, /Syntax error/],
            ["ReturnValues before a missing table", { TableName: missing, Item: item, ReturnValues: "ALL_NEW" }, /ReturnValues can only be/],
            ["the item's size before a missing table", { TableName: missing, Item: { pk: { S: "a" }, x: { S: "x".repeat(410_000) } } }, /Item size has exceeded/],
            ["an unused value before a missing table", { TableName: missing, Item: item, ConditionExpression: "attribute_exists(a)", ExpressionAttributeValues: value }, /unused in expressions/],
            ["a missing table before a missing key", { TableName: missing, Item: { a: { S: "a" } } }, "Requested resource not found", "ResourceNotFoundException"],
        ]);
    });

    it("accepts a key of 2,048 bytes, not of 2,049 after decoding base64", async () => {
        const bytes = (size) => ({ TableName: binary, Item: { pk: { B: Buffer.alloc(size, 1).toString("base64") } } });
        assert.deepEqual(await api.ok("PutItem", bytes(2048)), {});
        expectError(await api.call("PutItem", bytes(2049)), "ValidationException", sure(`${INVALID}Size of hashkey has exceeded the maximum size limit of2048 bytes`));
    });

    it("accepts a sort key of 1,024 bytes, not of 1,025", async () => {
        const strings = await api.table("pk S, sk S");
        const sized = (size) => ({ TableName: strings, Item: { pk: { S: "a" }, sk: { S: "s".repeat(size) } } });
        assert.deepEqual(await api.ok("PutItem", sized(1024)), {});
        expectError(await api.call("PutItem", sized(1025)), "ValidationException",
            sure(`${INVALID}Aggregated size of all range keys has exceeded the size limit of 1024 bytes`));
    });
});

describe("PutItem, working", () => {
    it("answers {} and stores the item", async () => {
        const item = { pk: { S: "plain" }, a: { N: "1" } };
        assert.deepEqual(await api.ok("PutItem", { TableName: table, Item: item }), {});
        assert.deepEqual(await get({ pk: { S: "plain" } }), item);
    });

    it("replaces the whole item", async () => {
        await api.ok("PutItem", { TableName: table, Item: { pk: { S: "replaced" }, a: { N: "1" }, b: { S: "gone" } } });
        await api.ok("PutItem", { TableName: table, Item: { pk: { S: "replaced" }, c: { N: "2" } } });
        assert.deepEqual(await get({ pk: { S: "replaced" } }), { pk: { S: "replaced" }, c: { N: "2" } });
    });

    it("works through the SDK, binary and all", async () => {
        assert.ok(api.client instanceof DynamoDBClient);
        const Item = { pk: { S: "sdk" }, blob: { B: Uint8Array.of(0, 255) }, list: { L: [{ NULL: true }] } };
        await api.client.send(new PutItemCommand({ TableName: table, Item }));
        const read = await api.client.send(new GetItemCommand({ TableName: table, Key: { pk: { S: "sdk" } }, ConsistentRead: true }));
        assert.deepEqual(read.Item, Item);
        assert.match(read.$metadata.requestId, /^[A-Z0-9]{52}$/);
    });

    it("numbers that are equal are the same key", async () => {
        await api.ok("PutItem", { TableName: pairs, Item: { pk: { S: "n" }, sk: { N: "10" }, a: { S: "first" } } });
        await api.ok("PutItem", { TableName: pairs, Item: { pk: { S: "n" }, sk: { N: "1.0e1" }, a: { S: "second" } } });
        const { Items } = await api.ok("Query", {
            TableName: pairs, ConsistentRead: true, KeyConditionExpression: "pk = :p", ExpressionAttributeValues: { ":p": { S: "n" } },
        });
        assert.deepEqual(Items, [{ pk: { S: "n" }, sk: { N: "10" }, a: { S: "second" } }]);
    });

    it("ReturnValues ALL_OLD gives the old item, and nothing when there was none", async () => {
        const put = (item) => api.ok("PutItem", { TableName: table, Item: item, ReturnValues: "ALL_OLD" });
        assert.deepEqual(await put({ pk: { S: "old" }, a: { N: "1" } }), {});
        assert.deepEqual(await put({ pk: { S: "old" }, a: { N: "2" } }), { Attributes: { pk: { S: "old" }, a: { N: "1" } } });
    });

    it("a condition that holds lets the item in, one that fails keeps it out", async () => {
        const put = (more) => api.call("PutItem", { TableName: table, Item: { pk: { S: "guarded" }, n: { N: "1" } }, ConditionExpression: "attribute_not_exists(pk)", ...more });
        assert.equal((await put({})).status, 200);
        expectError(await put({ Item: { pk: { S: "guarded" }, n: { N: "2" } } }), "ConditionalCheckFailedException", "The conditional request failed");
        assert.deepEqual(await get({ pk: { S: "guarded" } }), { pk: { S: "guarded" }, n: { N: "1" } });
    });

    it("ReturnValuesOnConditionCheckFailure ALL_OLD shows the item that stood in the way", async () => {
        const item = { pk: { S: "shown" }, n: { N: "1" } };
        await api.ok("PutItem", { TableName: table, Item: item });
        const fails = { TableName: table, Item: item, ConditionExpression: "n > :n", ExpressionAttributeValues: { ":n": { N: "1" } } };
        const shown = await api.call("PutItem", { ...fails, ReturnValuesOnConditionCheckFailure: "ALL_OLD" });
        expectError(shown, "ConditionalCheckFailedException", "The conditional request failed");
        assert.deepEqual(shown.json.Item, item);
        for (const ReturnValuesOnConditionCheckFailure of ["NONE", undefined])
            assert.equal((await api.call("PutItem", { ...fails, ReturnValuesOnConditionCheckFailure })).json.Item, undefined);
        const absent = await api.call("PutItem", { ...fails, Item: { pk: { S: "nobody" } }, ReturnValuesOnConditionCheckFailure: "ALL_OLD" });
        expectError(absent, "ConditionalCheckFailedException", "The conditional request failed");
        assert.equal(absent.json.Item, undefined);
    });

    it("of many conditional writers of one key exactly one wins", async () => {
        const attempts = Array.from({ length: 40 }, (_, index) =>
            api.call("PutItem", { TableName: table, Item: { pk: { S: "race" }, who: { N: String(index) } }, ConditionExpression: "attribute_not_exists(pk)" }));
        const winners = (await Promise.all(attempts)).map(({ status }, index) => (status === 200 ? index : null)).filter((index) => index !== null);
        assert.equal(winners.length, 1);
        assert.equal((await get({ pk: { S: "race" } })).who.N, String(winners[0]));
    });

    it("null members count as absent, unknown members are ignored", async () => {
        const body = { TableName: table, Item: { pk: { S: "nulls" } }, ConditionExpression: null, ReturnValues: null, Nonsense: { deep: [1, { x: null }] } };
        assert.deepEqual(await api.ok("PutItem", body), {});
    });

    it("accepts the table's ARN in place of its name", async () => {
        const { Table } = await api.ok("DescribeTable", { TableName: table });
        assert.deepEqual(await api.ok("PutItem", { TableName: Table.TableArn, Item: { pk: { S: "by arn" } } }), {});
        assert.deepEqual(await get({ pk: { S: "by arn" } }), { pk: { S: "by arn" } });
    });
});
