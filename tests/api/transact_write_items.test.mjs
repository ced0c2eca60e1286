/* TransactWriteItems. Source: service model; AWS API Reference, TransactWriteItems; error texts captured from the service. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { Endpoint, isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { broken, enumOf, expectError, lengthAtLeast, lengthAtMost, NOT_NULL, refuses, refusesWrongAttributeValues, refusesWrongTypes, RETURN_CONSUMED_CAPACITY, validationErrors } from "../support/expect.mjs";
import { exchange } from "../support/http.mjs";
import { startServer } from "../support/server.mjs";

const inMemory = (process.env.STATOR_TEST_FLAGS ?? "").includes("--in-memory");
const api = await openEndpoint();
const table = await api.table("pk S");
const pairs = await api.table("pk S, sk N");
const missing = api.tableName();
const key = (text) => ({ pk: { S: text } });
const put = (Item, more = {}, TableName = table) => ({ Put: { TableName, Item, ...more } });
const update = (text, UpdateExpression, more = {}) => ({ Update: { TableName: table, Key: key(text), UpdateExpression, ...more } });
const remove = (text, more = {}) => ({ Delete: { TableName: table, Key: key(text), ...more } });
const check = (text, ConditionExpression, more = {}) => ({ ConditionCheck: { TableName: table, Key: key(text), ConditionExpression, ...more } });
const actions = (...TransactItems) => ({ TransactItems });
const write = (...list) => api.ok("TransactWriteItems", actions(...list));
const read = (text, name = table) => api.item(name, key(text));

/* An answer that cancels: its reasons. */
async function reasonsOf(body) {
    const { status, json, text } = await api.call("TransactWriteItems", body);
    assert.equal(status, 400, text);
    assert.equal(json.__type, "com.amazonaws.dynamodb.v20120810#TransactionCanceledException", text);
    const codes = json.CancellationReasons.map(({ Code }) => Code).join(", ");
    assert.equal(json.Message, `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`);
    return json.CancellationReasons;
}
const NONE = { Code: "None" };
const FAILED = { Code: "ConditionalCheckFailed", Message: "The conditional request failed" };
const wrong = (Message) => ({ Code: "ValidationError", Message });

describe("TransactWriteItems, malformed", () => {
    const kinds = ["ConditionCheck", "Put", "Delete", "Update"];
    refusesWrongTypes(api, "TransactWriteItems", { TransactItems: "List", ReturnConsumedCapacity: "String", ReturnItemCollectionMetrics: "String", ClientRequestToken: "String" });
    refusesWrongTypes(api, "TransactWriteItems", { "an action": ["Element", "TransactWriteItem"] }, (_, value) => actions(value));
    refusesWrongTypes(api, "TransactWriteItems", Object.fromEntries(kinds.map((kind) => [kind, ["Structure", kind]])), (kind, value) => actions({ [kind]: value }));
    for (const kind of kinds)
        refusesWrongTypes(api, "TransactWriteItems", {
            TableName: "String",
            [kind === "Put" ? "Item" : "Key"]: ["Map", "AttributeValue"],
            ConditionExpression: "String",
            ExpressionAttributeNames: ["Map", "String"],
            ExpressionAttributeValues: ["Map", "AttributeValue"],
            ReturnValuesOnConditionCheckFailure: "String",
        }, (member, value) => actions({ [kind]: { [member]: value } }));
    refusesWrongTypes(api, "TransactWriteItems", { UpdateExpression: "String" }, (member, value) => actions({ Update: { [member]: value } }));
    refusesWrongAttributeValues(api, "TransactWriteItems", (value) => actions(put({ pk: value })));
    refusesWrongAttributeValues(api, "TransactWriteItems", (value) => actions(remove("a", { ExpressionAttributeValues: { ":v": value } })));
});

describe("TransactWriteItems, invalid", () => {
    const ONE_ITEM = "Transaction request cannot include multiple operations on one item";
    const token = (ClientRequestToken) => ({ ...actions(remove("a")), ClientRequestToken });
    const long = "t".repeat(37);
    const nested = (levels) => levels === 0 ? { S: "leaf" } : { L: [nested(levels - 1)] };
    const TOO_DEEP = "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit";
    refuses(api, "TransactWriteItems", "ValidationException", [
        ["no actions", {}, validationErrors(broken(null, "transactItems", NOT_NULL))],
        ["an empty list", actions(), validationErrors(broken("[]", "transactItems", lengthAtLeast(1)))],
        ["101 actions", actions(...Array.from({ length: 101 }, (_, i) => remove(`k${i}`))), /^1 validation error detected: Value '\[TransactWriteItem\(.+\)\]' at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to 100$/],
        ["an empty token", token(""), validationErrors(broken("", "clientRequestToken", lengthAtLeast(1)))],
        ["a token of 37 characters", token(long), validationErrors(broken(long, "clientRequestToken", lengthAtMost(36)))],
        ["a token of 37 characters, before unknown enums", { ...token(long), ReturnConsumedCapacity: "no" }, validationErrors(broken(long, "clientRequestToken", lengthAtMost(36)), broken("no", "returnConsumedCapacity", RETURN_CONSUMED_CAPACITY))],
        ["unknown enums", { ...actions(remove("a")), ReturnConsumedCapacity: "no", ReturnItemCollectionMetrics: "no" }, validationErrors(broken("no", "returnConsumedCapacity", RETURN_CONSUMED_CAPACITY), broken("no", "returnItemCollectionMetrics", enumOf("SIZE", "NONE")))],
        ["an unknown enum of one action", actions(remove("a"), remove("b", { ReturnValuesOnConditionCheckFailure: "dog" })), validationErrors(broken("dog", "transactItems.2.member.delete.returnValuesOnConditionCheckFailure", enumOf("ALL_OLD", "NONE")))],
        ["a check without a condition", actions({ ConditionCheck: { TableName: table, Key: key("a") } }), validationErrors(broken(null, "transactItems.1.member.conditionCheck.conditionExpression", NOT_NULL))],
        ["an action of no kind", actions({}), /TransactWriteRequest should contain/],
        ["an action of two kinds", actions({ ...put(key("a")), ...remove("b") }), "TransactItems can only contain one of Check, Put, Update or Delete"],
        ["an empty attribute name", actions(put({ ...key("a"), "": { S: "a" } })), "Empty attribute name"],
        ["an empty attribute name before a value too deep", actions(put({ ...key("a"), d: nested(100), "": { S: "a" } })), "Empty attribute name"],
        ["a value too deep before an empty key of a map", actions(put({ ...key("a"), m: { M: { "": { S: "a" } } }, d: nested(40) })), TOO_DEEP],
        ["a value too deep before an empty attribute name of a later action", actions(put({ ...key("a"), d: nested(40) }), put({ ...key("b"), "": { S: "a" } })), TOO_DEEP],
        ["a duplicate in a set, in the older words", actions(put({ ...key("a"), s: { SS: ["b", "a", "b"] } })), "One or more parameter values were invalid: Input collection [b, a, b] contains duplicates."],
        ["a number that is none", actions(put({ ...key("a"), n: { N: "abc" } })), "The parameter cannot be converted to a numeric value: abc"],
        ["a bad condition", actions(put(key("a")), remove("b", { ConditionExpression: "a = " })), /^Invalid ConditionExpression: Syntax error; token: "<EOF>"/],
        ["a bad condition before a bad key of the same action", actions(remove("b", { Key: { pk: { N: "x" } }, ConditionExpression: "a = " }), remove("c", { ConditionExpression: "(" })), /^Invalid ConditionExpression: Syntax error; token: "<EOF>"/],
        ["a bad key before a bad condition of a later action", actions(remove("b", { Key: { pk: { N: "x" } } }), remove("c", { ConditionExpression: "(" })), "The parameter cannot be converted to a numeric value: x"],
        ["a name that is not defined", actions(remove("b", { ConditionExpression: "attribute_exists(#x)" })), "Invalid ConditionExpression: An expression attribute name used in the document path is not defined; attribute name: #x"],
        ["a value that is not used", actions(remove("b", { ConditionExpression: "attribute_exists(pk)", ExpressionAttributeValues: { ":v": { N: "1" } } })), "Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}"],
        ["a SET clause twice", actions(update("a", "SET a = :v SET b = :v", { ExpressionAttributeValues: { ":v": { N: "1" } } })), 'Invalid UpdateExpression: The "SET" section can only be used once in an update expression;'],
        ["an item of more than 400 KB", actions(put({ ...key("a"), p: { S: "x".repeat(409_600) } })), "Item size has exceeded the maximum allowed size"],
        ["more than 4 MB", actions(...Array.from({ length: 12 }, (_, i) => put({ ...key(`k${i}`), p: { S: "x".repeat(350_000) } }))), /size cannot exceed/],
        ["a put and a delete of one item", actions(put(key("a")), remove("a")), ONE_ITEM],
        ["a check and an update of one item", actions(check("a", "attribute_exists(pk)"), remove("b"), update("a", "REMOVE x")), ONE_ITEM],
        ["an empty key", actions(update("", "REMOVE x")), "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk"],
        ["a missing table", actions(put(key("a")), put(key("a"), {}, missing)), "Requested resource not found", "ResourceNotFoundException"],
        ["a bad expression before a missing table", actions(put(key("a"), { ConditionExpression: "(" }, missing)), /^Invalid ConditionExpression/],
        ["a missing table before two actions on one item", actions(remove("a"), remove("a"), put(key("a"), {}, missing)), "Requested resource not found", "ResourceNotFoundException"],
    ]);

    it("changes nothing when it is refused", async () => {
        await api.call("TransactWriteItems", actions(put(key("untouched")), put(key("a"), {}, missing)));
        await api.call("TransactWriteItems", actions(put(key("untouched")), remove("b", { ConditionExpression: "(" })));
        assert.equal(await read("untouched"), undefined);
    });
});

describe("TransactWriteItems, cancelled", () => {
    const indexed = api.tableName();
    it("makes a table with an index", () => api.table("pk S", {
        TableName: indexed,
        AttributeDefinitions: ["pk", "g"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
        GlobalSecondaryIndexes: [{ IndexName: "by-g", KeySchema: [{ AttributeName: "g", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } }],
    }));

    it("but an index key that is given an empty value refuses the request, before conditions", async () => {
        const EMPTY = "One or more parameter values are not valid. The update expression attempted to update a secondary index key to a value that is not supported. "
            + "The AttributeValue for a key attribute cannot contain an empty string value.";
        const given = (more) => ({ Update: { TableName: indexed, Key: key("e"), UpdateExpression: "SET g = :g", ExpressionAttributeValues: { ":g": { S: "" } }, ...more } });
        expectError(await api.call("TransactWriteItems", actions(given())), "ValidationException", EMPTY);
        expectError(await api.call("TransactWriteItems", actions(given({ ConditionExpression: "attribute_exists(pk)" }))), "ValidationException", EMPTY);
        expectError(await api.call("UpdateItem", given({ ConditionExpression: "attribute_exists(pk)" }).Update), "ValidationException", EMPTY);
    });
    it("names the failed conditions, each in its place", async () => {
        const body = actions(put(key("c1")), check("c2", "attribute_exists(pk)"), put(key("c3"), { ConditionExpression: "attribute_not_exists(pk)" }), remove("c4", { ConditionExpression: "attribute_exists(pk)" }));
        assert.deepEqual(await reasonsOf(body), [NONE, FAILED, NONE, FAILED]);
        for (const text of ["c1", "c3"])
            assert.equal(await read(text), undefined);
    });

    it("returns the item that was in the way, where it was asked for and exists", async () => {
        const item = { ...key("old"), a: { S: "b" } };
        await write(put(item));
        const condition = { ConditionExpression: "attribute_not_exists(pk)" };
        const all = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" };
        assert.deepEqual(await reasonsOf(actions(put(key("old"), { ...condition, ...all }))), [{ ...FAILED, Item: item }]);
        assert.deepEqual(await reasonsOf(actions(put(key("old"), { ...condition, ReturnValuesOnConditionCheckFailure: "NONE" }))), [FAILED]);
        assert.deepEqual(await reasonsOf(actions(remove("new", { ConditionExpression: "attribute_exists(pk)", ...all }))), [FAILED]);
        assert.deepEqual(await reasonsOf(actions(check("old", "a = pk", all))), [{ ...FAILED, Item: item }]);
        assert.deepEqual(await reasonsOf(actions(update("old", "REMOVE a", { ConditionExpression: "a = pk", ...all }))), [{ ...FAILED, Item: item }]);
        assert.deepEqual(await read("old"), item);
    });

    it("is known to the SDK", async () => {
        const command = new TransactWriteItemsCommand(actions(check("nobody", "attribute_exists(pk)")));
        await assert.rejects(api.client.send(command), (error) => {
            assert.equal(error.name, "TransactionCanceledException");
            assert.equal(error.CancellationReasons[0].Code, "ConditionalCheckFailed");
            return true;
        });
    });

    const SCHEMA = "The provided key element does not match the schema";
    const one = { ExpressionAttributeValues: { ":v": { N: "1" } } };
    const cases = [
        ["a key of another type, before conditions, and only the first", () => actions(check("no", "attribute_exists(pk)"), put({ pk: { N: "7" } }), put({ pk: { N: "8" } })),
            [NONE, wrong("One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N"), NONE]],
        ["an item without its key", () => actions(put({ a: { S: "b" } })), [wrong("One or more parameter values were invalid: Missing the key pk in the item")]],
        ["a key with an attribute too many", () => actions({ Delete: { TableName: table, Key: { ...key("a"), b: { S: "b" } } } }), [wrong(SCHEMA)]],
        ["a key without its sort key", () => actions(remove("a"), { Update: { TableName: pairs, Key: key("a"), UpdateExpression: "REMOVE b" } }), [NONE, wrong(SCHEMA)]],
        ["an index key of another type", () => actions(put({ ...key("a"), g: { N: "1" } }, {}, indexed)), [wrong("One or more parameter values were invalid: Type mismatch for Index Key g Expected: S Actual: N IndexName: by-g")]],
        ["an operand of another type", () => actions(update("typed", "SET a = a + :v", one)), [wrong("An operand in the update expression has an incorrect data type")]],
        ["an attribute that is not there", () => actions(update("typed", "SET a = b", {}), put(key("c5"))), [wrong("The provided expression refers to an attribute that does not exist in the item"), NONE]],
        ["a path that leads nowhere", () => actions(update("typed", "SET x.y = :v", one)), [wrong("The document path provided in the update expression is invalid for update")]],
        ["an update of the key", () => actions(update("typed", "SET pk = :v", one)), [wrong("One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key")]],
        ["a result that is too large", () => actions(update("large", "SET b = a", {})), [wrong("Item size to update has exceeded the maximum allowed size")]],
        ["an update that fails and a condition that does not hold", () => actions(update("typed", "SET a = b", {}), check("no", "attribute_exists(pk)"), update("typed2", "SET a = b", {})),
            [wrong("The provided expression refers to an attribute that does not exist in the item"), FAILED, NONE]],
    ];
    for (const [claim, body, reasons] of cases)
        it(`for ${claim}`, async () => {
            await write(put({ ...key("typed"), a: { S: "text" } }), put({ ...key("large"), a: { S: "x".repeat(250_000) } }));
            assert.deepEqual(await reasonsOf(body()), reasons);
            assert.deepEqual(await read("typed"), { ...key("typed"), a: { S: "text" } });
            assert.equal(await read("c5"), undefined);
        });
});

describe("TransactWriteItems, working", () => {
    it("takes placeholders that no expression uses, where there is no expression", async () => {
        const unused = { ExpressionAttributeNames: { "#x": "x" }, ExpressionAttributeValues: { ":v": { N: "1" } } };
        await write(put(key("idle"), unused), remove("nobody", unused));
        assert.deepEqual(await read("idle"), key("idle"));
    });

    it("puts, updates, deletes and checks in several tables", async () => {
        const pair = { ...key("w"), sk: { N: "1" } };
        await write(put({ ...key("w1"), n: { N: "1" } }), put(key("w2")), put(key("w3")));
        assert.deepEqual(await write(
            put(pair, {}, pairs),
            update("w1", "SET n = n + :v", { ExpressionAttributeValues: { ":v": { N: "41" } }, ConditionExpression: "n < :v" }),
            remove("w2"),
            check("w3", "attribute_exists(pk)"),
            check("w4", "attribute_not_exists(pk)"),
        ), {});
        assert.deepEqual(await read("w1"), { ...key("w1"), n: { N: "42" } });
        assert.equal(await read("w2"), undefined);
        assert.deepEqual(await read("w3"), key("w3"));
        assert.equal(await read("w4"), undefined);
        assert.deepEqual((await api.ok("GetItem", { TableName: pairs, Key: pair })).Item, pair);
    });

    it("takes the same key in two tables, and tables by their ARN", async () => {
        const other = await api.table("pk S");
        const { Table } = await api.ok("DescribeTable", { TableName: other });
        await write(put(key("both")), put(key("both"), {}, Table.TableArn));
        assert.deepEqual(await read("both"), key("both"));
        assert.deepEqual(await read("both", other), key("both"));
    });

    it("keeps counts and indexes exact", async () => {
        const name = await api.table("pk S", {
            AttributeDefinitions: ["pk", "g"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
            GlobalSecondaryIndexes: [{ IndexName: "by-g", KeySchema: [{ AttributeName: "g", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } }],
        });
        const item = (text, g) => ({ ...key(text), g: { S: g } });
        await write(put(item("a", "x"), {}, name), put(item("b", "x"), {}, name), put(item("c", "x"), {}, name));
        await write({ Delete: { TableName: name, Key: key("a") } }, { Update: { TableName: name, Key: key("b"), UpdateExpression: "SET g = :g", ExpressionAttributeValues: { ":g": { S: "y" } } } });
        const { Table } = await api.ok("DescribeTable", { TableName: name });
        if (isOwnServer)
            assert.equal(Table.ItemCount, 2);
        const found = async (g) => (await api.ok("Query", { TableName: name, IndexName: "by-g", KeyConditionExpression: "g = :g", ExpressionAttributeValues: { ":g": { S: g } } })).Items;
        assert.deepEqual(await found("x"), [item("c", "x")]);
        assert.deepEqual(await found("y"), [item("b", "y")]);
    });

    it("takes 100 actions", async () => {
        const name = await api.table("pk S");
        await write(...Array.from({ length: 100 }, (_, i) => put(key(`k${i}`), {}, name)));
        assert.equal((await api.ok("Scan", { TableName: name, Select: "COUNT" })).Count, 100);
    });

    it("deletes more than it could carry", async () => {
        const name = await api.table("pk S");
        const p = { S: "x".repeat(400_000) };
        for (let i = 0; i < 12; i++)
            await api.ok("PutItem", { TableName: name, Item: { ...key(`k${i}`), p } });
        await write(...Array.from({ length: 12 }, (_, i) => ({ Delete: { TableName: name, Key: key(`k${i}`) } })));
        assert.equal((await api.ok("Scan", { TableName: name, Select: "COUNT" })).Count, 0);
    });

    it("charges each table twice what a single write of it costs, and indexes once", async () => {
        const name = await api.table("pk S, sk S", {
            AttributeDefinitions: ["pk", "sk", "l", "g"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
            LocalSecondaryIndexes: [{ IndexName: "by-l", KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "l", KeyType: "RANGE" }], Projection: { ProjectionType: "ALL" } }],
            GlobalSecondaryIndexes: [{ IndexName: "by-g", KeySchema: [{ AttributeName: "g", KeyType: "HASH" }], Projection: { ProjectionType: "KEYS_ONLY" } }],
        });
        const item = { pk: { S: "a" }, sk: { S: "b" }, l: { S: "c" }, g: { S: "d" }, p: { S: "x".repeat(2000) } };
        const body = (ReturnConsumedCapacity) => ({ ...actions(put(item, {}, name), put(key("small")), check("nobody", "attribute_not_exists(pk)")), ReturnConsumedCapacity });
        const units = (CapacityUnits) => ({ CapacityUnits, WriteCapacityUnits: CapacityUnits });
        const { ConsumedCapacity } = await api.ok("TransactWriteItems", body("INDEXES"));
        assert.deepEqual(ConsumedCapacity, [
            { TableName: name, ...units(7), Table: units(4), LocalSecondaryIndexes: { "by-l": units(2) }, GlobalSecondaryIndexes: { "by-g": units(1) } },
            { TableName: table, ...units(4), Table: units(4) },
        ]);
        await api.ok("DeleteItem", { TableName: name, Key: { pk: item.pk, sk: item.sk } });
        assert.deepEqual((await api.ok("TransactWriteItems", body("TOTAL"))).ConsumedCapacity, [{ TableName: name, ...units(7) }, { TableName: table, ...units(4) }]);
        assert.deepEqual(await api.ok("TransactWriteItems", body("NONE")), {});
    });

    it("tells the collections of tables with local indexes", async () => {
        const name = await api.table("pk S, sk S", {
            AttributeDefinitions: ["pk", "sk", "l"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
            LocalSecondaryIndexes: [{ IndexName: "by-l", KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "l", KeyType: "RANGE" }], Projection: { ProjectionType: "ALL" } }],
        });
        const pair = (pk, sk) => ({ pk: { S: pk }, sk: { S: sk } });
        const { ItemCollectionMetrics } = await api.ok("TransactWriteItems", {
            ...actions(put(pair("a", "1"), {}, name), put(key("c")), put(pair("b", "1"), {}, name), put(pair("a", "2"), {}, name)),
            ReturnItemCollectionMetrics: "SIZE",
        });
        assert.deepEqual(Object.keys(ItemCollectionMetrics), [name]);
        assert.deepEqual(ItemCollectionMetrics[name].map((each) => each.ItemCollectionKey), [key("a"), key("b")]);
    });
});

describe("TransactWriteItems, ClientRequestToken", () => {
    const increment = (text, more = {}) => ({ ...actions(update(text, "ADD n :one", { ExpressionAttributeValues: { ":one": { N: "1" } } })), ...more });
    const counted = async (text) => Number((await read(text))?.n.N ?? 0);

    it("makes a repeated transaction take effect once", async () => {
        const body = increment("t1", { ClientRequestToken: randomUUID() });
        for (let i = 0; i < 3; i++)
            await api.ok("TransactWriteItems", body);
        assert.equal(await counted("t1"), 1);
        await api.ok("TransactWriteItems", increment("t1"));
        await api.ok("TransactWriteItems", increment("t1"));
        assert.equal(await counted("t1"), 3);
    });

    it("makes it take effect once when all are sent at the same time", async () => {
        const body = increment("t2", { ClientRequestToken: randomUUID() });
        await Promise.all(Array.from({ length: 20 }, () => api.ok("TransactWriteItems", body)));
        assert.equal(await counted("t2"), 1);
    });

    it("is sent by the SDK of itself", async () => {
        await api.client.send(new TransactWriteItemsCommand(increment("t3")));
        await api.client.send(new TransactWriteItemsCommand(increment("t3")));
        assert.equal(await counted("t3"), 2);
    });

    it("is refused for another request", async () => {
        const ClientRequestToken = randomUUID();
        await api.ok("TransactWriteItems", increment("t4", { ClientRequestToken }));
        const { status, json } = await api.call("TransactWriteItems", increment("t5", { ClientRequestToken }));
        assert.equal(status, 400);
        assert.equal(json.__type, "com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException");
        assert.equal(typeof json.Message, "string");
        assert.equal(await counted("t5"), 0);
    });

    it("is free again after a transaction that was cancelled", async () => {
        const ClientRequestToken = randomUUID();
        assert.deepEqual(await reasonsOf({ ...actions(check("t6", "attribute_exists(pk)"), put(key("t6a"))), ClientRequestToken }), [FAILED, NONE]);
        await api.ok("TransactWriteItems", increment("t6", { ClientRequestToken }));
        assert.equal(await counted("t6"), 1);
    });

    it("makes a repetition cost what reading costs", async () => {
        const body = { ...actions(put({ ...key("t7"), p: { S: "x".repeat(5000) } }), check("t8", "attribute_not_exists(pk)")), ClientRequestToken: randomUUID(), ReturnConsumedCapacity: "TOTAL" };
        assert.deepEqual((await api.ok("TransactWriteItems", body)).ConsumedCapacity, [{ TableName: table, CapacityUnits: 12, WriteCapacityUnits: 12 }]);
        assert.deepEqual((await api.ok("TransactWriteItems", body)).ConsumedCapacity, [{ TableName: table, CapacityUnits: 6, ReadCapacityUnits: 6 }]);
    });

    it("is kept for ten minutes, across a kill", { skip: (!isOwnServer && "no clock to move") || (inMemory && "nothing outlives the process") }, async () => {
        const server = await startServer({ clock: "manual" });
        try {
            const own = () => new Endpoint(server.url, server);
            const name = await own().table("pk S");
            const TransactItems = [{ Update: { ...increment("a").TransactItems[0].Update, TableName: name } }];
            const total = async () => {
                await own().ok("TransactWriteItems", { TransactItems, ClientRequestToken: "token" });
                return (await own().ok("GetItem", { TableName: name, Key: key("a") })).Item.n.N;
            };
            const advance = (AdvanceMilliseconds) => exchange(own(), { method: "PUT", path: "/_stator/clock", body: JSON.stringify({ AdvanceMilliseconds }) });
            assert.equal(await total(), "1");
            await server.kill();
            await server.start();
            assert.equal(await total(), "1");
            await advance(9 * 60_000);
            assert.equal(await total(), "1");
            await advance(60_000);
            assert.equal(await total(), "2");
        } finally {
            await server.dispose();
        }
    });
});
