/* BatchExecuteStatement. Source: service model; Developer Guide, PartiQL for DynamoDB; error texts captured from the service. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BatchExecuteStatementCommand } from "@aws-sdk/client-dynamodb";
import { openEndpoint } from "../support/endpoint.mjs";
import {
    broken, enumOf, lengthAtLeast, lengthAtMost, NOT_NULL, refuses, refusesWrongAttributeValues, refusesWrongTypes, RETURN_CONSUMED_CAPACITY, validationErrors,
} from "../support/expect.mjs";

const api = await openEndpoint();
const plain = await api.table("pk S");
const pairs = await api.table("pk S, sk N");
const indexed = await api.table("pk S", {
    AttributeDefinitions: ["pk", "g"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
    GlobalSecondaryIndexes: [{ IndexName: "global", KeySchema: [{ AttributeName: "g", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } }],
});

/* T, P and I in a statement stand for the tables. */
const named = (statement) => statement.replace(/\b([TPI])\b/g, (letter) => `"${{ T: plain, P: pairs, I: indexed }[letter]}"`);
const member = (statement) => (typeof statement === "string" ? { Statement: named(statement) } : { ...statement, Statement: named(statement.Statement) });
const batch = (...statements) => ({ Statements: statements.map(member) });
const responses = async (...statements) => (await api.ok("BatchExecuteStatement", batch(...statements))).Responses;
const put = (TableName, Item) => api.ok("PutItem", { TableName, Item });
const stored = async (pk) => (await api.ok("GetItem", { TableName: plain, Key: { pk: { S: pk } } })).Item;
const failure = (Code, Message) => ({ Error: { Code, Message } });

describe("BatchExecuteStatement, malformed", () => {
    refusesWrongTypes(api, "BatchExecuteStatement", { Statements: "List", ReturnConsumedCapacity: "String" });
    refusesWrongTypes(api, "BatchExecuteStatement", { "a statement": ["Element", "BatchStatementRequest"] }, (_, value) => ({ Statements: [value] }));
    refusesWrongTypes(api, "BatchExecuteStatement", {
        Statement: "String",
        Parameters: "List",
        ConsistentRead: "Boolean",
        ReturnValuesOnConditionCheckFailure: "String",
    }, (name, value) => ({ Statements: [{ [name]: value }] }));
    refusesWrongAttributeValues(api, "BatchExecuteStatement", (value) => ({ Statements: [{ Statement: "x", Parameters: [value] }] }));
});

describe("BatchExecuteStatement, invalid", () => {
    const many = Array.from({ length: 26 }, () => ({ Statement: "x" }));
    refuses(api, "BatchExecuteStatement", "ValidationException", [
        ["no statements", {}, validationErrors(broken(null, "statements", NOT_NULL))],
        ["an empty list of them", { Statements: [] }, validationErrors(broken("[]", "statements", lengthAtLeast(1)))],
        ["more than 25", { Statements: many }, /at 'statements' failed to satisfy constraint: Member must have length less than or equal to 25$/],
        ["a member without its statement", { Statements: [{}] }, validationErrors(broken(null, "statements.1.member.statement", NOT_NULL))],
        ["a statement that is too long", { Statements: [{ Statement: "x".repeat(8193) }] }, validationErrors(broken("x".repeat(8193), "statements.1.member.statement", lengthAtMost(8192)))],
        ["an unknown ReturnValuesOnConditionCheckFailure", { Statements: [{ Statement: "x", ReturnValuesOnConditionCheckFailure: "x" }] },
            validationErrors(broken("x", "statements.1.member.returnValuesOnConditionCheckFailure", enumOf("ALL_OLD", "NONE")))],
        ["an unknown ReturnConsumedCapacity", { ...batch("x"), ReturnConsumedCapacity: "x" }, validationErrors(broken("x", "returnConsumedCapacity", RETURN_CONSUMED_CAPACITY))],
        ["reads and writes together", batch("SELECT * FROM T WHERE pk = 'a'", "DELETE FROM T WHERE pk = 'b'"), "Read and write requests together in the same batch is not supported."],
        ["two reads of one item", batch("SELECT * FROM T WHERE pk = 'a'", "SELECT pk FROM T WHERE 'a' = pk"), "Provided list of item keys contains duplicates"],
        ["two writes of one item", batch("DELETE FROM T WHERE pk = 'a'", "INSERT INTO T VALUE {'pk': 'a'}"), "Provided list of item keys contains duplicates"],
    ]);

    const NO_KEY = "Select statements within BatchExecuteStatement must specify the primary key in the where clause.";
    const missing = api.tableName();
    for (const [claim, statement, code, message] of [
        ["a bad statement", "SLECT * FROM T", "ValidationError", "Statement wasn't well formed, can't be processed: Expected data manipulation"],
        ["a bad parameter", { Statement: "SELECT * FROM T WHERE pk = ?", Parameters: [{ N: "x" }] }, "ValidationError", "The parameter cannot be converted to a numeric value: x"],
        ["a table that is not there", `SELECT * FROM "${missing}" WHERE pk = 'a'`, "ResourceNotFound", "Requested resource not found"],
        ["a read by a part of the key", "SELECT * FROM P WHERE pk = 'a'", "ValidationError", NO_KEY],
        ["a read with more than the key", "SELECT * FROM T WHERE pk = 'a' AND b = 1", "ValidationError", NO_KEY],
        ["a read with two keys", "SELECT * FROM T WHERE pk = 'a' AND pk = 'b'", "ValidationError", NO_KEY],
        ["a read of an index", "SELECT * FROM I.\"global\" WHERE pk = 'a'", "ValidationError", NO_KEY],
        ["a read by a key of another type", "SELECT * FROM T WHERE pk = 1", "ValidationError", "The provided key element does not match the schema"],
        ["a write without the key", "DELETE FROM P WHERE pk = 'a'", "ValidationError", "Where clause does not contain a mandatory equality on all key attributes"],
        ["EXISTS", "EXISTS(SELECT * FROM T WHERE pk = 'a' AND b = 1)", "ValidationError", "EXISTS can only be used in ExecuteTransaction write requests."],
        ["another RETURNING of DELETE", "DELETE FROM T WHERE pk = 'a' RETURNING ALL NEW *", "ValidationError",
            "Invalid returning clause: RETURNING ALL NEW *. Only RETURNING ALL OLD * is allowed in DELETE statements."],
    ])
        it(`tells of ${claim} in its place, and runs the others`, async () => {
            const isRead = /^SELECT|^SLECT/.test(statement.Statement ?? statement);
            const other = isRead ? "SELECT * FROM T WHERE pk = 'other'" : "INSERT INTO T VALUE {'pk': 'other'}";
            await api.ok("DeleteItem", { TableName: plain, Key: { pk: { S: "other" } } });
            assert.deepEqual(await responses(statement, other), [failure(code, message), { TableName: plain }]);
        });
});

describe("BatchExecuteStatement, working", () => {
    it("reads items of several tables, each by its key", async () => {
        await put(plain, { pk: { S: "r" }, a: { N: "1" }, m: { M: { k: { S: "v" } } } });
        await put(pairs, { pk: { S: "r" }, sk: { N: "1" } });
        assert.deepEqual(await responses("SELECT a, m.k FROM T WHERE pk = 'r'", "SELECT * FROM P WHERE pk IN ['r'] AND sk = 1", "SELECT * FROM T WHERE pk = 'none'"), [
            { TableName: plain, Item: { a: { N: "1" }, k: { S: "v" } } },
            { TableName: pairs, Item: { pk: { S: "r" }, sk: { N: "1" } } },
            { TableName: plain },
        ]);
    });
    it("writes what can be written, and tells what could not", async () => {
        await put(plain, { pk: { S: "w1" }, n: { N: "1" } });
        await put(plain, { pk: { S: "w2" }, n: { N: "1" } });
        await put(plain, { pk: { S: "w3" }, n: { S: "text" } });
        await put(plain, { pk: { S: "w4" }, n: { N: "4" } });
        assert.deepEqual(await responses(
            "UPDATE T SET n = n + 1 WHERE pk = 'w1' RETURNING MODIFIED NEW *",
            { Statement: "UPDATE T SET n = n + 1 WHERE pk = 'w2' AND n > 5", ReturnValuesOnConditionCheckFailure: "ALL_OLD" },
            "UPDATE T SET n = n + 1 WHERE pk = 'w3'",
            "DELETE FROM T WHERE pk = 'w4' RETURNING ALL OLD *",
            { Statement: "INSERT INTO T VALUE {'pk': ?, 'n': 5}", Parameters: [{ S: "w5" }] },
        ), [
            { TableName: plain, Item: { n: { N: "2" } } },
            { TableName: plain, ...failure("ConditionalCheckFailed", "The conditional request failed") },
            { TableName: plain, ...failure("ValidationError", "An operand in the update expression has an incorrect data type") },
            { TableName: plain, Item: { pk: { S: "w4" }, n: { N: "4" } } },
            { TableName: plain },
        ]);
        assert.deepEqual(await Promise.all(["w1", "w2", "w3", "w4", "w5"].map(async (pk) => (await stored(pk))?.n)), [{ N: "2" }, { N: "1" }, { S: "text" }, undefined, { N: "5" }]);
    });
    it("a duplicate leaves the item as it is", async () => {
        await put(plain, { pk: { S: "dup" }, n: { N: "1" } });
        assert.deepEqual(await responses("INSERT INTO T VALUE {'pk': 'dup', 'n': 2}"), [{ TableName: plain, ...failure("DuplicateItem", "Duplicate primary key exists in table") }]);
        assert.deepEqual((await stored("dup")).n, { N: "1" });
    });
    it("each read is charged as it asks to be, failed writes to their table's sum", async () => {
        const capacity = async (...statements) => (await api.ok("BatchExecuteStatement", { ...batch(...statements), ReturnConsumedCapacity: "INDEXES" })).ConsumedCapacity;
        assert.deepEqual(await capacity("SELECT * FROM T WHERE pk = 'c1'", { Statement: "SELECT * FROM T WHERE pk = 'c2'", ConsistentRead: true }, "SELECT * FROM P WHERE pk = 'c' AND sk = 1"), [
            { TableName: plain, CapacityUnits: 1.5, Table: { CapacityUnits: 1.5 } },
            { TableName: pairs, CapacityUnits: 0.5, Table: { CapacityUnits: 0.5 } },
        ]);
        await put(plain, { pk: { S: "c3" }, a: { S: "x".repeat(2500) } });
        assert.deepEqual(await capacity("INSERT INTO T VALUE {'pk': 'c3'}", "INSERT INTO T VALUE {'pk': 'c4'}"), [{ TableName: plain, CapacityUnits: 4, Table: { CapacityUnits: 1 } }]);
        assert.equal(await capacity("INSERT INTO T VALUE {'pk': 'c3'}"), undefined);
    });
    it("the SDK reads it", async () => {
        const { Responses } = await api.client.send(new BatchExecuteStatementCommand(batch("SELECT pk FROM T WHERE pk = 'r'", "SELECT")));
        assert.equal(Responses[1].Error.Code, "ValidationError");
    });
});
