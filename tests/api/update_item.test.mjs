/*
 * UpdateItem. Source: service model; Developer Guide, expressions; error texts captured from the service.
 * AttributeUpdates: update_item_legacy.test.mjs.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { openEndpoint } from "../support/endpoint.mjs";
import {
    broken, expectError, NOT_NULL, PATTERN, refuses, refusesWrongAttributeValues, refusesWrongTypes,
    RETURN_CONSUMED_CAPACITY, RETURN_VALUES, sure, validationErrors, WRITE_MEMBERS,
} from "../support/expect.mjs";

const api = await openEndpoint();
const table = await api.table("pk S");
const pairs = await api.table("pk S, sk N");
const binary = await api.table("pk B");

let count = 0;
const freshKey = () => ({ pk: { S: `item ${count++}` } });
const get = (key, name = table) => api.item(name, key);
const update = (Key, UpdateExpression, values, more = {}) =>
    api.ok("UpdateItem", { TableName: table, Key, UpdateExpression, ExpressionAttributeValues: values, ...more });

/* An item with these attributes under a key of its own; its key. */
async function put(attributes) {
    const key = freshKey();
    await api.ok("PutItem", { TableName: table, Item: { ...key, ...attributes } });
    return key;
}

describe("UpdateItem, malformed", () => {
    refusesWrongTypes(api, "UpdateItem", { ...WRITE_MEMBERS, Key: ["Map", "AttributeValue"], AttributeUpdates: ["Map", "AttributeValueUpdate"], UpdateExpression: "String" });
    refusesWrongAttributeValues(api, "UpdateItem", (value) => ({ Key: { a: value } }));
    refusesWrongAttributeValues(api, "UpdateItem", (value) => ({ ExpressionAttributeValues: { ":a": value } }));
    refusesWrongAttributeValues(api, "UpdateItem", (value) => ({ AttributeUpdates: { a: { Value: value } } }), "Structure");
    refusesWrongTypes(api, "UpdateItem", { Action: "String" }, (_, value) => ({ AttributeUpdates: { a: { Action: value } } }));
    refusesWrongTypes(api, "UpdateItem", { "an update": ["Element", "AttributeValueUpdate"] }, (_, value) => ({ AttributeUpdates: { a: value } }));
});

describe("UpdateItem, invalid", () => {
    const Key = { pk: { S: "a" } };
    const given = { TableName: table, Key };
    const sets = { ...given, UpdateExpression: "SET a = :v", ExpressionAttributeValues: { ":v": { S: "x" } } };
    const INVALID = "One or more parameter values were invalid: ";
    const MIXED = "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: ";

    refuses(api, "UpdateItem", "ValidationException", [
        ["no table name", { Key }, /at 'tableName' failed to satisfy constraint: Member must not be null/],
        ["no key", { TableName: table }, validationErrors(broken(null, "key", NOT_NULL))],
        ["a bad table name alone", { TableName: "a;b", Key: {} }, validationErrors(broken("a;b", "tableName", PATTERN))],
        ["an unknown ReturnValues", { ...given, ReturnValues: "hi" }, validationErrors(broken("hi", "returnValues", RETURN_VALUES))],
        ["several enums, all together", { ...given, ReturnConsumedCapacity: "a", ReturnValues: "b" }, validationErrors(broken("a", "returnConsumedCapacity", RETURN_CONSUMED_CAPACITY), broken("b", "returnValues", RETURN_VALUES))],
        ["several enums and no key, all together", { TableName: "", ReturnConsumedCapacity: "a", ReturnValues: "b" }, validationErrors(
            broken("a", "returnConsumedCapacity", RETURN_CONSUMED_CAPACITY),
            broken("", "tableName", "Member must have length greater than or equal to 1"),
            broken("b", "returnValues", RETURN_VALUES),
            broken(null, "key", NOT_NULL))],
        ["a bad key value", { ...sets, Key: { pk: { N: "x" } } }, sure("The parameter cannot be converted to a numeric value: x")],
        ["an empty UpdateExpression", { ...given, UpdateExpression: "" }, sure("Invalid UpdateExpression: The expression can not be empty;")],
        ["an empty ConditionExpression", { ...sets, ConditionExpression: "" }, sure("Invalid ConditionExpression: The expression can not be empty;")],
        ["nonsense", { ...sets, UpdateExpression: "INVALID SYNTAX HERE" }, sure('Invalid UpdateExpression: Syntax error; token: "INVALID", near: "INVALID SYNTAX"')],
        ["names without an expression", { ...given, ExpressionAttributeNames: { "#a": "a" } },
            sure("ExpressionAttributeNames can only be specified when using expressions")],
        ["values without an expression", { ...given, ExpressionAttributeValues: { ":v": { S: "x" } } },
            /^(1 validation error detected: )?ExpressionAttributeValues can only be specified when using expressions(: UpdateExpression and ConditionExpression are null)?$/],
        ["a bad value", { ...sets, ExpressionAttributeValues: { ":v": { SS: [] } } }, `1 validation error detected: ${INVALID}An string set  may not be empty`],
        ["an undefined value", { ...given, UpdateExpression: "SET a = :v" },
            sure("Invalid UpdateExpression: An expression attribute value used in expression is not defined; attribute value: :v")],
        ["an undefined value in the condition", { ...sets, ConditionExpression: "a = :w" },
            "1 validation error detected: Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :w"],
        ["an undefined name", { ...sets, UpdateExpression: "SET #a = :v" },
            sure("Invalid UpdateExpression: An expression attribute name used in the document path is not defined; attribute name: #a")],
        ["an unused name", { ...sets, ExpressionAttributeNames: { "#unused": "a" } },
            sure("Value provided in ExpressionAttributeNames unused in expressions: keys: {#unused}")],
        ["an unused value", { ...sets, ExpressionAttributeValues: { ":v": { S: "x" }, ":unused": { S: "x" } } },
            sure("Value provided in ExpressionAttributeValues unused in expressions: keys: {:unused}")],
        ["overlapping paths", { ...sets, UpdateExpression: "SET a = :v REMOVE a" },
            sure("Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a]")],
        ["a clause used twice", { ...sets, UpdateExpression: "SET a = :v SET b = :v" },
            sure('Invalid UpdateExpression: The "SET" section can only be used once in an update expression;')],
        ["ADD of a string", { ...sets, UpdateExpression: "ADD a :v" },
            sure("Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: STRING")],
        ["an expression of 4,097 bytes", { ...sets, UpdateExpression: "SET a = :v".padEnd(4097) },
            /Invalid UpdateExpression: Expression size has exceeded the maximum allowed size;/],
        ["both kinds of updates", { ...sets, AttributeUpdates: { a: { Value: { S: "x" } } } },
            sure(`${MIXED}{AttributeUpdates} Expression parameters: {UpdateExpression}`)],
        ["both kinds of everything", { ...sets, ConditionExpression: "a = :v", AttributeUpdates: {}, Expected: {} },
            sure(`${MIXED}{AttributeUpdates, Expected} Expression parameters: {UpdateExpression, ConditionExpression}`)],
        ["a key with another name", { ...sets, Key: { no: { S: "a" } } }, "The provided key element does not match the schema"],
        ["a key of another type", { ...sets, Key: { pk: { N: "1" } } }, "The provided key element does not match the schema"],
        ["half a key", { ...sets, TableName: pairs }, "The provided key element does not match the schema"],
        ["an empty string as key", { ...sets, Key: { pk: { S: "" } } },
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk"],
        ["empty binary as key", { ...sets, TableName: binary, Key: { pk: { B: "" } } },
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty binary value. Key: pk"],
        ["SET of the partition key", { ...sets, UpdateExpression: "SET pk = :v" }, `${INVALID}Cannot update attribute pk. This attribute is part of the key`],
        ["REMOVE of the sort key", { TableName: pairs, Key: { pk: { S: "a" }, sk: { N: "1" } }, UpdateExpression: "REMOVE sk" },
            `${INVALID}Cannot update attribute sk. This attribute is part of the key`],
        ["a change below a key", { ...sets, UpdateExpression: "SET pk.a = :v" }, `${INVALID}Cannot update attribute pk. This attribute is part of the key`],
        ["a path into a key", { ...sets, UpdateExpression: "SET a = pk.b", ExpressionAttributeValues: undefined },
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: pk"],
        ["a table that is not there", { ...sets, TableName: api.tableName() }, "Requested resource not found", "ResourceNotFoundException"],
    ]);

    describe("in the service's order", () => {
        const missing = api.tableName();
        refuses(api, "UpdateItem", "ValidationException", [
            ["a wrong JSON type before a bad name", { TableName: ";", Key: "x" }, "Unexpected field type", "SerializationException"],
            ["a bad enum before mixed parameters", { ...sets, ReturnValues: "hi", AttributeUpdates: {} }, validationErrors(broken("hi", "returnValues", RETURN_VALUES))],
            ["mixed parameters before a bad key value", { ...sets, AttributeUpdates: {}, Key: { pk: { N: "x" } } }, /^(1 validation error detected: )?Can not use both/],
            ["a bad key value before a bad expression", { ...given, Key: { pk: { N: "x" } }, UpdateExpression: "" }, /numeric value: x$/],
            ["an empty condition before a bad update", { ...sets, UpdateExpression: "SET", ConditionExpression: "" }, /Invalid ConditionExpression: The expression can not be empty;$/],
            ["a bad update before a bad condition", { ...sets, UpdateExpression: "SET", ConditionExpression: "AND" }, /Invalid UpdateExpression: Syntax error/],
            ["a bad condition before an unused value", { ...sets, UpdateExpression: "REMOVE a", ConditionExpression: "a =" }, /Invalid ConditionExpression: Syntax error/],
            ["an unused value before a missing table", { ...sets, TableName: missing, UpdateExpression: "REMOVE a" }, /unused in expressions/],
            ["a missing table before a wrong key", { ...sets, TableName: missing, Key: { no: { S: "x" } } }, "Requested resource not found", "ResourceNotFoundException"],
            ["a wrong key before an update of the key", { ...sets, Key: { no: { S: "x" } }, UpdateExpression: "SET pk = :v" }, "The provided key element does not match the schema"],
            ["an update of the key before a failing condition", { ...sets, UpdateExpression: "SET pk = :v", ConditionExpression: "attribute_exists(nothing)" }, /part of the key$/],
            ["a failing condition before an update that does not fit", { ...given, UpdateExpression: "SET a = b", ConditionExpression: "attribute_exists(nothing)" },
                "The conditional request failed", "ConditionalCheckFailedException"],
        ]);
    });

    describe("on the item itself", () => {
        const before = { s: { S: "x" }, n: { N: "1" }, l: { L: [{ S: "a" }] }, m: { M: { k: { SS: ["a"] } } } };
        const MISSING = "The provided expression refers to an attribute that does not exist in the item";
        const WRONG_TYPE = "An operand in the update expression has an incorrect data type";
        const BAD_PATH = "The document path provided in the update expression is invalid for update";
        const cases = [
            ["SET a = nothing", MISSING],
            ["SET a = list_append(nothing, :l)", MISSING, { ":l": { L: [] } }],
            ["SET a = s + :n", WRONG_TYPE, { ":n": { N: "1" } }],
            ["SET a = list_append(s, l)", WRONG_TYPE],
            ["ADD s :n", WRONG_TYPE, { ":n": { N: "1" } }],
            ["DELETE m.k :ns", WRONG_TYPE, { ":ns": { NS: ["1"] } }],
            ["SET nothing.a = :n", BAD_PATH, { ":n": { N: "1" } }],
            ["SET l.a = :n", BAD_PATH, { ":n": { N: "1" } }],
            ["REMOVE s[0]", BAD_PATH],
            ["REMOVE nothing.a", BAD_PATH],
            ["SET n = n + :big", "Number overflow. Attempting to store a number with magnitude larger than supported range", { ":big": { N: "1e50" } }],
            ["SET n = :a - :b", "Number underflow. Attempting to store a number with magnitude smaller than supported range",
                { ":a": { N: "1.1e-130" }, ":b": { N: "1e-130" } }],
            ["SET a = :large", "Item size to update has exceeded the maximum allowed size", { ":large": { S: "x".repeat(409_600) } }],
        ];
        for (const [UpdateExpression, message, ExpressionAttributeValues] of cases)
            it(`refuses ${UpdateExpression} and changes nothing`, async () => {
                const key = await put(before);
                expectError(await api.call("UpdateItem", { TableName: table, Key: key, UpdateExpression, ExpressionAttributeValues }), "ValidationException", message);
                assert.deepEqual(await get(key), { ...key, ...before });
            });

        it("refuses what cannot be made of a missing item, and makes none", async () => {
            const key = freshKey();
            for (const UpdateExpression of ["SET a = b", "SET a.b = :v", "SET a[0] = :v"])
                expectError(await api.call("UpdateItem", {
                    TableName: table, Key: key, UpdateExpression, ...(UpdateExpression.includes(":v") && { ExpressionAttributeValues: { ":v": { S: "x" } } }),
                }), "ValidationException", UpdateExpression === "SET a = b" ? MISSING : BAD_PATH);
            assert.equal(await get(key), undefined);
        });
    });
});

describe("UpdateItem, working", () => {
    it("answers {}, and makes an item of the key alone when asked for nothing more", async () => {
        const key = freshKey();
        assert.deepEqual(await api.ok("UpdateItem", { TableName: table, Key: key }), {});
        assert.deepEqual(await get(key), key);
        assert.deepEqual(await api.ok("UpdateItem", { TableName: table, Key: key, ReturnValues: "UPDATED_NEW" }), {});
    });

    it("works through the SDK", async () => {
        const Key = freshKey();
        const { Attributes } = await api.client.send(new UpdateItemCommand({
            TableName: table, Key, UpdateExpression: "SET #b = :b, n = if_not_exists(n, :zero) + :one",
            ExpressionAttributeNames: { "#b": "blob" },
            ExpressionAttributeValues: { ":b": { B: Uint8Array.of(0, 255) }, ":zero": { N: "0" }, ":one": { N: "1" } }, ReturnValues: "ALL_NEW",
        }));
        const item = { ...Key, blob: { B: Uint8Array.of(0, 255) }, n: { N: "1" } };
        assert.deepEqual(Attributes, item);
        assert.deepEqual((await api.client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }))).Item, item);
    });

    it("keeps what it does not name", async () => {
        const key = await put({ a: { S: "old" }, b: { N: "1" } });
        await update(key, "SET a = :v, c = :v", { ":v": { S: "new" } });
        assert.deepEqual(await get(key), { ...key, a: { S: "new" }, b: { N: "1" }, c: { S: "new" } });
    });

    it("reads the item before the update", async () => {
        const key = await put({ a: { S: "1" }, b: { S: "2" } });
        await update(key, "SET a = b, b = a, c = a REMOVE d");
        assert.deepEqual(await get(key), { ...key, a: { S: "2" }, b: { S: "1" }, c: { S: "1" } });
    });

    it("all four clauses at once", async () => {
        const key = await put({ gone: { S: "x" }, n: { N: "40" }, set: { SS: ["a", "b"] }, deep: { M: { l: { L: [{ N: "1" }, { N: "2" }] } } } });
        await update(key, "SET deep.l[0] = :v, deep.l[9] = :v REMOVE gone ADD n :n DELETE #set :s",
            { ":v": { S: "v" }, ":n": { N: "2" }, ":s": { SS: ["a"] } }, { ExpressionAttributeNames: { "#set": "set" } });
        assert.deepEqual(await get(key), { ...key, n: { N: "42" }, set: { SS: ["b"] }, deep: { M: { l: { L: [{ S: "v" }, { N: "2" }, { S: "v" }] } } } });
    });

    it("numbers are exact to 38 digits", async () => {
        const key = await put({ n: { N: "99999999999999999999999999999999999998" } });
        await update(key, "ADD n :one", { ":one": { N: "1" } });
        assert.equal((await get(key)).n.N, "9".repeat(38));
    });

    it("REMOVE and DELETE on a missing item succeed and make none", async () => {
        const key = freshKey();
        for (const [expression, values] of [["REMOVE a"], ["REMOVE a.b, c[0]"], ["DELETE a :s", { ":s": { SS: ["x"] } }]]) {
            assert.deepEqual(await update(key, expression, values, { ReturnValues: "ALL_NEW" }), {});
            assert.equal(await get(key), undefined);
        }
    });

    it("SET and ADD on a missing item make it", async () => {
        for (const [expression, values, made] of [["SET a = :v REMOVE b.c", { ":v": { S: "x" } }, { a: { S: "x" } }], ["ADD a :n", { ":n": { N: "5" } }, { a: { N: "5" } }]]) {
            const key = freshKey();
            await update(key, expression, values);
            assert.deepEqual(await get(key), { ...key, ...made });
        }
    });

    it("a condition lets it through or keeps the item as it was", async () => {
        const key = await put({ stock: { N: "1" } });
        const buy = (more) => api.call("UpdateItem", {
            TableName: table, Key: key, UpdateExpression: "SET stock = stock - :one", ConditionExpression: "stock >= :one",
            ExpressionAttributeValues: { ":one": { N: "1" } }, ...more,
        });
        assert.equal((await buy()).status, 200);
        expectError(await buy(), "ConditionalCheckFailedException", "The conditional request failed");
        const shown = await buy({ ReturnValuesOnConditionCheckFailure: "ALL_OLD" });
        expectError(shown, "ConditionalCheckFailedException", "The conditional request failed");
        assert.deepEqual(shown.json.Item, { ...key, stock: { N: "0" } });
        assert.equal((await get(key)).stock.N, "0");
    });

    it("64 writers of one counter lose no update", async () => {
        const key = freshKey();
        const add = () => update(key, "ADD n :one SET latest = :one", { ":one": { N: "1" } }, { ReturnValues: "UPDATED_NEW" });
        const writers = Array.from({ length: 64 }, async () => {
            const seen = [];
            for (let round = 0; round < 10; round++)
                seen.push(Number((await add()).Attributes.n.N));
            return seen;
        });
        const seen = (await Promise.all(writers)).flat().sort((a, b) => a - b);
        assert.deepEqual(seen, Array.from({ length: 640 }, (_, index) => index + 1));
        assert.equal((await get(key)).n.N, "640");
    });

    it("an item grows to 409,600 bytes and not beyond", async () => {
        const key = { pk: { S: freshKey().pk.S.padEnd(32, "k") } }; /* longer than a SET is charged */
        const room = 409_600 - "pk".length - key.pk.S.length - "a".length;
        const set = (size) => api.call("UpdateItem", {
            TableName: table, Key: key, UpdateExpression: "SET a = :v", ExpressionAttributeValues: { ":v": { S: "x".repeat(size) } }, ReturnConsumedCapacity: "TOTAL",
        });
        expectError(await set(room + 1), "ValidationException", "Item size to update has exceeded the maximum allowed size");
        const full = await set(room);
        assert.equal(full.json.ConsumedCapacity.CapacityUnits, 400);
        const { ConsumedCapacity } = await update(key, "REMOVE a", undefined, { ReturnConsumedCapacity: "TOTAL" });
        assert.equal(ConsumedCapacity.CapacityUnits, 400, "the larger of before and after");
    });

    it("an expression writes 409,600 bytes and not beyond, 3 and 19 for its SET counted", async () => {
        const key = { pk: { S: "K" } };
        const set = (size, parameters = { UpdateExpression: "SET b = :v", ExpressionAttributeValues: { ":v": { S: "x".repeat(size) } } }) =>
            api.call("UpdateItem", { TableName: table, Key: key, ...parameters });
        const room = 409_600 - 3 - 19 - "b".length;
        expectError(await set(room + 1), "ValidationException", "Item size to update has exceeded the maximum allowed size");
        assert.equal((await set(room)).status, 200);
        const whole = 409_600 - "pk".length - "K".length - "b".length;
        const older = await set(whole, { AttributeUpdates: { b: { Action: "PUT", Value: { S: "x".repeat(whole) } } } });
        assert.equal(older.status, 200, "AttributeUpdates measures the item alone");
    });

    it("what an expression carries is measured before the condition, even if nothing of it would be stored", async () => {
        const key = await put({ kept: { S: "small" } });
        const carry = (size, ConditionExpression) => api.call("UpdateItem", {
            TableName: table, Key: key, UpdateExpression: "SET kept = if_not_exists(kept, :v)", ConditionExpression,
            ExpressionAttributeValues: { ":v": { S: "x".repeat(size) } },
        });
        for (const condition of [undefined, "attribute_exists(kept)", "attribute_exists(gone)"])
            expectError(await carry(409_601, condition), "ValidationException", "Item size to update has exceeded the maximum allowed size");
        expectError(await carry(400_000, "attribute_exists(gone)"), "ConditionalCheckFailedException", "The conditional request failed");
        assert.equal((await carry(400_000)).status, 200);
        assert.deepEqual((await get(key)).kept, { S: "small" });
    });

    it("a list takes what is set behind its end at its end, and nothing between", async () => {
        const key = await put({ l: { L: [{ S: "a" }, { S: "b" }] }, bare: { L: [] } });
        await update(key, "SET l[7] = :v, bare[3] = :v", { ":v": { S: "z" } });
        const { l, bare } = await get(key);
        assert.deepEqual([l, bare], [{ L: [{ S: "a" }, { S: "b" }, { S: "z" }] }, { L: [{ S: "z" }] }]);
    });

    it("an item is nested 32 levels deep and no deeper", async () => {
        const nested = (maps) => (maps === 0 ? { S: "leaf" } : { M: { n: nested(maps - 1) } });
        const key = await put({ a: { L: [] } });
        const set = (path, maps) => api.call("UpdateItem", { TableName: table, Key: key, UpdateExpression: `SET ${path} = :v`, ExpressionAttributeValues: { ":v": nested(maps) } });
        const deep = /Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit( for key :v)?$/;
        assert.equal((await set("b", 31)).status, 200);
        expectError(await set("b", 32), "ValidationException", deep);
        assert.equal((await set("a[0]", 30)).status, 200);
        expectError(await set("a[1]", 31), "ValidationException", deep);
    });

    it("accepts an expression of 4,096 bytes", async () => {
        await update(freshKey(), "SET a = :v".padEnd(4096), { ":v": { S: "x" } });
    });

    it("consumes the units of the larger image, with the table's part when asked", async () => {
        const key = freshKey();
        const ask = (ReturnConsumedCapacity, expression, values) => update(key, expression, values, { ReturnConsumedCapacity });
        assert.deepEqual((await ask("INDEXES", "SET a = :v", { ":v": { S: "x".repeat(1500) } })).ConsumedCapacity,
            { TableName: table, CapacityUnits: 2, Table: { CapacityUnits: 2 } });
        assert.deepEqual((await ask("TOTAL", "SET a = :v", { ":v": { S: "x" } })).ConsumedCapacity, { TableName: table, CapacityUnits: 2 });
        assert.equal((await ask("NONE", "REMOVE a")).ConsumedCapacity, undefined);
        assert.equal((await update(freshKey(), "REMOVE a", undefined, { ReturnConsumedCapacity: "TOTAL" })).ConsumedCapacity.CapacityUnits, 1);
    });
});

describe("UpdateItem, ReturnValues", () => {
    const answers = async (attributes, expression, values) => {
        const given = {};
        for (const ReturnValues of ["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"]) {
            const key = attributes ? await put(attributes) : freshKey();
            const { Attributes } = await update(key, expression, values, { ReturnValues });
            if (Attributes?.pk)
                delete Attributes.pk;
            given[ReturnValues] = Attributes;
        }
        return given;
    };
    const dog = { a: { M: { b: { S: "dog" }, c: { L: [{ N: "1" }, { N: "2" }, { N: "3" }] } } }, d: { S: "cat" } };
    const v = { ":v": { S: "v" } };

    it("of a whole attribute", async () => {
        assert.deepEqual(await answers({ x: { N: "1" }, y: { S: "kept" } }, "SET x = :v, z = :v", v), {
            NONE: undefined,
            ALL_OLD: { x: { N: "1" }, y: { S: "kept" } },
            UPDATED_OLD: { x: { N: "1" } },
            ALL_NEW: { x: { S: "v" }, y: { S: "kept" }, z: { S: "v" } },
            UPDATED_NEW: { x: { S: "v" }, z: { S: "v" } },
        });
    });

    it("of a new item", async () => {
        assert.deepEqual(await answers(null, "SET x = :v", v),
            { NONE: undefined, ALL_OLD: undefined, UPDATED_OLD: undefined, ALL_NEW: { x: { S: "v" } }, UPDATED_NEW: { x: { S: "v" } } });
    });

    it("of an attribute removed", async () => {
        const { UPDATED_OLD, UPDATED_NEW } = await answers(dog, "REMOVE d");
        assert.deepEqual([UPDATED_OLD, UPDATED_NEW], [{ d: { S: "cat" } }, undefined]);
    });

    it("of nested parts, with the structure around them", async () => {
        const { UPDATED_OLD, UPDATED_NEW } = await answers(dog, "SET a.c[1] = :v, a.b = :v", v);
        assert.deepEqual(UPDATED_OLD, { a: { M: { b: { S: "dog" }, c: { L: [{ N: "2" }] } } } });
        assert.deepEqual(UPDATED_NEW, { a: { M: { b: { S: "v" }, c: { L: [{ S: "v" }] } } } });
    });

    it("of an element beyond the end: nothing", async () => {
        const { UPDATED_OLD, UPDATED_NEW } = await answers(dog, "SET a.c[100] = :v", v);
        assert.deepEqual([UPDATED_OLD, UPDATED_NEW], [undefined, undefined]);
    });

    it("of an element removed: the one that took its place", async () => {
        const { UPDATED_OLD, UPDATED_NEW } = await answers(dog, "REMOVE a.c[1], a.c[3]");
        assert.deepEqual(UPDATED_OLD, { a: { M: { c: { L: [{ N: "2" }] } } } });
        assert.deepEqual(UPDATED_NEW, { a: { M: { c: { L: [{ N: "3" }] } } } });
    });

    it("ALL_OLD and ALL_NEW show the key", async () => {
        const key = await put({});
        assert.deepEqual((await update(key, "SET x = :v", v, { ReturnValues: "ALL_OLD" })).Attributes, key);
        assert.deepEqual((await update(key, "SET x = :v", v, { ReturnValues: "ALL_NEW" })).Attributes, { ...key, x: { S: "v" } });
    });
});
