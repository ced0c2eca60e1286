/* TransactGetItems. Source: service model; AWS API Reference, TransactGetItems; error texts captured from the service. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TransactGetItemsCommand } from "@aws-sdk/client-dynamodb";
import { openEndpoint } from "../support/endpoint.mjs";
import { broken, lengthAtLeast, NOT_NULL, refuses, refusesWrongAttributeValues, refusesWrongTypes, RETURN_CONSUMED_CAPACITY, validationErrors } from "../support/expect.mjs";

const api = await openEndpoint();
const table = await api.table("pk S");
const pairs = await api.table("pk S, sk N");
const missing = api.tableName();
const key = (text) => ({ pk: { S: text } });
const get = (Key, more = {}, TableName = table) => ({ Get: { TableName, Key, ...more } });
const gets = (...TransactItems) => ({ TransactItems });
const read = async (...list) => (await api.ok("TransactGetItems", gets(...list))).Responses;

describe("TransactGetItems, malformed", () => {
    refusesWrongTypes(api, "TransactGetItems", { TransactItems: "List", ReturnConsumedCapacity: "String" });
    refusesWrongTypes(api, "TransactGetItems", { "an element": ["Element", "TransactGetItem"] }, (_, value) => gets(value));
    refusesWrongTypes(api, "TransactGetItems", { Get: ["Structure", "Get"] }, (_, value) => gets({ Get: value }));
    refusesWrongTypes(api, "TransactGetItems", { TableName: "String", Key: ["Map", "AttributeValue"], ProjectionExpression: "String", ExpressionAttributeNames: ["Map", "String"] }, (member, value) => gets({ Get: { [member]: value } }));
    refusesWrongAttributeValues(api, "TransactGetItems", (value) => gets(get({ pk: value })));
});

describe("TransactGetItems, invalid", () => {
    refuses(api, "TransactGetItems", "ValidationException", [
        ["no list", {}, validationErrors(broken(null, "transactItems", NOT_NULL))],
        ["an empty list", gets(), validationErrors(broken("[]", "transactItems", lengthAtLeast(1)))],
        ["101 items", gets(...Array.from({ length: 101 }, (_, i) => get(key(`k${i}`)))), /^1 validation error detected: Value '\[TransactGetItem\(get=Get\(.+\)\)\]' at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to 100$/],
        ["an element without Get", gets({}), validationErrors(broken(null, "transactItems.1.member.get", NOT_NULL))],
        ["a Get without its members, and an unknown enum", { ...gets({ Get: {} }), ReturnConsumedCapacity: "no" }, validationErrors(broken("no", "returnConsumedCapacity", RETURN_CONSUMED_CAPACITY), broken(null, "transactItems.1.member.get.key", NOT_NULL), broken(null, "transactItems.1.member.get.tableName", NOT_NULL))],
        ["a bad projection", gets(get(key("a"), { ProjectionExpression: "!!!" })), 'Invalid ProjectionExpression: Syntax error; token: "!", near: "!!"'],
        ["a name that is not defined", gets(get(key("a"), { ProjectionExpression: "#x" })), "Invalid ProjectionExpression: An expression attribute name used in the document path is not defined; attribute name: #x"],
        ["a name that is not used", gets(get(key("a"), { ProjectionExpression: "a", ExpressionAttributeNames: { "#x": "x" } })), "Value provided in ExpressionAttributeNames unused in expressions: keys: {#x}"],
        ["an empty key", gets(get(key(""))), "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk"],
        ["one item twice", gets(get(key("a")), get(key("a"))), "Transaction request cannot include multiple operations on one item"],
        ["a missing table", gets(get(key("a")), get(key("a"), {}, missing)), "Requested resource not found", "ResourceNotFoundException"],
        ["a bad projection before a missing table", gets(get(key("a"), { ProjectionExpression: "!!!" }, missing)), /^Invalid ProjectionExpression/],
    ]);

    const SCHEMA = { Code: "ValidationError", Message: "The provided key element does not match the schema" };
    const NONE = { Code: "None" };
    for (const [claim, list, reasons] of [
        ["an empty key", [get({})], [SCHEMA]],
        ["a key of another type, and only the first", [get(key("a")), get({ pk: { N: "1" } }), get({ pk: { N: "2" } })], [NONE, SCHEMA, NONE]],
        ["a key without its sort key", [get(key("a"), {}, pairs)], [SCHEMA]],
    ])
        it(`is cancelled for ${claim}`, async () => {
            const { status, json } = await api.call("TransactGetItems", gets(...list));
            assert.equal(status, 400);
            assert.equal(json.__type, "com.amazonaws.dynamodb.v20120810#TransactionCanceledException");
            assert.equal(json.Message, `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(", ")}]`);
            assert.deepEqual(json.CancellationReasons, reasons);
        });
});

describe("TransactGetItems, working", () => {
    const item = { ...key("a"), n: { N: "1" }, m: { M: { x: { S: "y" } } } };
    const pair = { ...key("a"), sk: { N: "1" }, v: { S: "w" } };
    it("takes names that no expression uses, where there is no expression", async () => {
        const unused = { ExpressionAttributeNames: { "#x": "x" } };
        const { Responses } = await api.ok("TransactGetItems", gets(get(key("nobody"), unused)));
        assert.deepEqual(Responses, [{}]);
    });

    it("returns items of several tables in the order asked for, and nothing for those that are missing", async () => {
        await api.ok("TransactWriteItems", { TransactItems: [{ Put: { TableName: table, Item: item } }, { Put: { TableName: pairs, Item: pair } }] });
        const list = [get({ ...key("a"), sk: { N: "1" } }, {}, pairs), get(key("none")), get(key("a"))];
        assert.deepEqual(await read(...list), [{ Item: pair }, {}, { Item: item }]);
        const { Responses } = await api.client.send(new TransactGetItemsCommand(gets(...list)));
        assert.deepEqual(Responses, [{ Item: pair }, {}, { Item: item }]);
    });

    it("projects each item by itself", async () => {
        await api.ok("PutItem", { TableName: table, Item: item });
        assert.deepEqual(await read(get(key("a"), { ProjectionExpression: "#n, m.x", ExpressionAttributeNames: { "#n": "n" } })), [{ Item: { n: { N: "1" }, m: item.m } }]);
        assert.deepEqual(await read(get(key("a"), { ProjectionExpression: "nothing" })), [{}], "no Item, unlike GetItem's");
    });

    it("returns 100 items", async () => {
        const name = await api.table("pk S");
        await api.ok("TransactWriteItems", { TransactItems: Array.from({ length: 100 }, (_, i) => ({ Put: { TableName: name, Item: key(`k${i}`) } })) });
        const list = Array.from({ length: 100 }, (_, i) => get(key(`k${99 - i}`), {}, name));
        assert.deepEqual(await read(...list), list.map(({ Get }) => ({ Item: Get.Key })));
    });

    it("charges twice what a consistent read costs", async () => {
        await api.ok("PutItem", { TableName: table, Item: { ...key("large"), p: { S: "x".repeat(5000) } } });
        const units = (CapacityUnits) => ({ CapacityUnits, ReadCapacityUnits: CapacityUnits });
        const list = [get(key("large")), get({ ...key("none"), sk: { N: "1" } }, {}, pairs), get(key("none"), { ProjectionExpression: "a" })];
        const told = async (ReturnConsumedCapacity) => (await api.ok("TransactGetItems", { ...gets(...list), ReturnConsumedCapacity })).ConsumedCapacity;
        assert.deepEqual(await told("TOTAL"), [{ TableName: table, ...units(6) }, { TableName: pairs, ...units(2) }]);
        assert.deepEqual(await told("INDEXES"), [{ TableName: table, ...units(6), Table: units(6) }, { TableName: pairs, ...units(2), Table: units(2) }]);
        assert.equal(await told("NONE"), undefined);
    });

    it("never sees half of a transaction", async () => {
        const name = await api.table("pk S");
        const both = ["left", "right"];
        let done = false;
        const writing = (async () => {
            for (let i = 0; i < 200; i++)
                await api.ok("TransactWriteItems", { TransactItems: both.map((text) => ({ Put: { TableName: name, Item: { ...key(text), n: { N: String(i) } } } })) });
            done = true;
        })();
        while (!done) {
            const [left, right] = await read(...both.map((text) => get(key(text), {}, name)));
            assert.equal(left.Item?.n.N, right.Item?.n.N);
        }
        await writing;
    });
});
