/* BatchGetItem. Source: service model; error texts captured from the service; Developer Guide, quotas, item sizes and capacity. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openEndpoint } from "../support/endpoint.mjs";
import { broken, NOT_NULL, refuses, refusesWrongAttributeValues, refusesWrongTypes, RETURN_CONSUMED_CAPACITY, validationErrors } from "../support/expect.mjs";

const api = await openEndpoint();
const table = await api.table("pk S");
const pairs = await api.table("pk S, sk N");
const keyed = (more, name = table) => ({ RequestItems: { [name]: more } });
const key = (text) => ({ pk: { S: text } });
const keys = (count) => Array.from({ length: count }, (_, i) => key(`k${i}`));

describe("BatchGetItem, malformed", () => {
    refusesWrongTypes(api, "BatchGetItem", { RequestItems: ["Map", "KeysAndAttributes"], ReturnConsumedCapacity: "String" });
    refusesWrongTypes(api, "BatchGetItem", { "a table's part": ["Element", "KeysAndAttributes"] }, (_, value) => keyed(value));
    refusesWrongTypes(api, "BatchGetItem", {
        Keys: "List",
        AttributesToGet: "List",
        ConsistentRead: "Boolean",
        ProjectionExpression: "String",
        ExpressionAttributeNames: ["Map", "String"],
    }, (member, value) => keyed({ [member]: value }));
    refusesWrongAttributeValues(api, "BatchGetItem", (value) => keyed({ Keys: [{ pk: value }] }));
});

describe("BatchGetItem, invalid", () => {
    const SCHEMA = "The provided key element does not match the schema";
    const missing = api.tableName();
    const MAP_KEYS = "Map keys must satisfy constraint: [Member must have length less than or equal to 255, Member must have length greater than or equal to 3, Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+]";
    const badName = keyed({ Keys: [{ pk: { S: "a" } }] }, "bad!name");
    const shown = broken(JSON.stringify(badName.RequestItems), "requestItems", MAP_KEYS);
    const capacity = broken("no", "returnConsumedCapacity", RETURN_CONSUMED_CAPACITY);
    const length = (side, bound) => `1 validation error detected: Value at 'RequestItems.${table}.member.Keys' failed to satisfy constraint: Member must have length ${side} than or equal to ${bound}`;
    refuses(api, "BatchGetItem", "ValidationException", [
        ["no request items", {}, validationErrors(broken(null, "requestItems", NOT_NULL))],
        ["empty request items", { RequestItems: {} }, "The requestItems parameter is required for BatchGetItem"],
        ["an unknown ReturnConsumedCapacity", { ...keyed({ Keys: [key("a")] }), ReturnConsumedCapacity: "no" }, validationErrors(capacity)],
        ["a malformed table name", badName, validationErrors(shown)],
        ["a malformed table name and an unknown enum", { ...badName, ReturnConsumedCapacity: "no" }, validationErrors(shown, capacity)],
        ["a short table name", keyed({ Keys: [{ pk: { S: "a" } }] }, "ab"), /^1 validation error detected: Value '\{"ab":.*Map keys must satisfy constraint/],
        ["no keys", keyed({ Keys: [] }), length("greater", 1)],
        ["101 keys of one table", keyed({ Keys: keys(101) }), length("less", 100)],
        ["101 keys of two tables", { RequestItems: { [table]: { Keys: keys(100) }, [pairs]: { Keys: [key("a")] } } }, "Too many items requested for the BatchGetItem call"],
        ["the same key twice", keyed({ Keys: [key("a"), key("b"), key("a")] }), "Provided list of item keys contains duplicates"],
        ["the same number twice", keyed({ Keys: [{ ...key("a"), sk: { N: "1" } }, { ...key("a"), sk: { N: "1.0" } }] }, pairs), "Provided list of item keys contains duplicates"],
        ["a bad number", keyed({ Keys: [{ pk: { N: "x" } }] }), "The parameter cannot be converted to a numeric value: x"],
        ["both kinds of projection in one part", keyed({ Keys: [key("a")], AttributesToGet: ["a"], ProjectionExpression: "a" }),
            "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}"],
        ["both kinds of projection in two parts", { RequestItems: { [table]: { Keys: [key("a")], AttributesToGet: ["a"] }, [pairs]: { Keys: [key("a")], ProjectionExpression: "a" } } }, /^Can not use both expression/],
        ["the same attribute twice", keyed({ Keys: [key("a")], AttributesToGet: ["a", "a"] }), "One or more parameter values were invalid: Duplicate value in attribute name: a"],
        ["a path twice", keyed({ Keys: [key("a")], ProjectionExpression: "a, a" }), /^Invalid ProjectionExpression: Two document paths overlap/],
        ["names without an expression", keyed({ Keys: [key("a")], ExpressionAttributeNames: { "#a": "a" } }), "ExpressionAttributeNames can only be specified when using expressions"],
        ["an empty key", keyed({ Keys: [{}] }), SCHEMA],
        ["a key of another type", keyed({ Keys: [{ pk: { N: "1" } }] }), SCHEMA],
        ["a key without the sort key", keyed({ Keys: [key("a")] }, pairs), SCHEMA],
        ["an empty string as key", keyed({ Keys: [key("")] }), "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk"],
        ["a table that is not there", keyed({ Keys: [key("a")] }, missing), "Requested resource not found", "ResourceNotFoundException"],
        ["one table that is not there", { RequestItems: { [table]: { Keys: [key("a")] }, [missing]: { Keys: [key("a")] } } }, "Requested resource not found", "ResourceNotFoundException"],
        ["an empty ProjectionExpression before a duplicate", keyed({ Keys: [key("a"), key("a")], ProjectionExpression: "" }), "Invalid ProjectionExpression: The expression can not be empty;"],
        ["a duplicate before a missing table", keyed({ Keys: [key("a"), key("a")] }, missing), "Provided list of item keys contains duplicates"],
        ["a missing table before a wrong key", keyed({ Keys: [{}] }, missing), "Requested resource not found", "ResourceNotFoundException"],
    ]);
});

describe("BatchGetItem, working", () => {
    const item = { ...key("one"), a: { N: "1" }, b: { L: [{ S: "x" }] } };
    const pair = { ...key("two"), sk: { N: "7" }, c: { BOOL: true } };

    it("gives the items that are there, by table", async () => {
        await api.ok("PutItem", { TableName: table, Item: item });
        await api.ok("PutItem", { TableName: pairs, Item: pair });
        const read = await api.ok("BatchGetItem", {
            RequestItems: { [table]: { Keys: [key("none"), key("one")] }, [pairs]: { Keys: [{ ...key("two"), sk: { N: "7.0" } }], ConsistentRead: true } },
        });
        assert.deepEqual(read, { Responses: { [table]: [item], [pairs]: [pair] }, UnprocessedKeys: {} });
    });

    it("gives an empty list for a table without finds", async () => {
        assert.deepEqual(await api.ok("BatchGetItem", keyed({ Keys: [key("nobody")] })), { Responses: { [table]: [] }, UnprocessedKeys: {} });
    });

    it("projects without adding the key", async () => {
        await api.ok("PutItem", { TableName: table, Item: item });
        for (const projection of [{ AttributesToGet: ["a"] }, { ProjectionExpression: "#a", ExpressionAttributeNames: { "#a": "a" } }])
            assert.deepEqual((await api.ok("BatchGetItem", keyed({ Keys: [key("one")], ...projection }))).Responses[table], [{ a: { N: "1" } }]);
    });

    it("charges each key by itself, missing ones too", async () => {
        await api.ok("PutItem", { TableName: table, Item: { ...key("big"), p: { S: "x".repeat(5000) } } });
        const Keys = [key("big"), key("nobody")];
        const units = async (more, detail) => (await api.ok("BatchGetItem", { ...keyed({ Keys, ...more }), ReturnConsumedCapacity: detail })).ConsumedCapacity;
        assert.deepEqual(await units({}, "TOTAL"), [{ TableName: table, CapacityUnits: 1.5 }]);
        assert.deepEqual(await units({ ConsistentRead: true }, "INDEXES"), [{ TableName: table, CapacityUnits: 3, Table: { CapacityUnits: 3 } }]);
    });

    it("takes an ARN for a table and repeats it", async () => {
        const { Table } = await api.ok("DescribeTable", { TableName: table });
        await api.ok("PutItem", { TableName: table, Item: item });
        const read = await api.ok("BatchGetItem", { ...keyed({ Keys: [key("one")] }, Table.TableArn), ReturnConsumedCapacity: "TOTAL" });
        assert.deepEqual(read.Responses, { [Table.TableArn]: [item] });
        assert.equal(read.ConsumedCapacity[0].TableName, Table.TableArn);
    });

    it("returns 16 MB and names the keys that are left, ready to be asked again", async () => {
        const ids = Array.from({ length: 45 }, (_, i) => `large${i}`);
        for (const id of ids)
            await api.ok("PutItem", { TableName: table, Item: { ...key(id), p: { S: "x".repeat(390_000) } } });
        const found = [];
        let asked = keyed({ Keys: ids.map(key), ProjectionExpression: "#k", ExpressionAttributeNames: { "#k": "pk" }, ConsistentRead: true });
        let rounds = 0;
        while (Object.keys(asked.RequestItems).length > 0) {
            const read = await api.ok("BatchGetItem", asked);
            found.push(...read.Responses[table].map((each) => each.pk.S));
            asked = { RequestItems: read.UnprocessedKeys };
            rounds++;
        }
        assert.equal(rounds, 2);
        assert.deepEqual(found, ids);
    });
});
