/* ExecuteTransaction. Source: service model; Developer Guide, PartiQL for DynamoDB; error texts captured from the service. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExecuteTransactionCommand } from "@aws-sdk/client-dynamodb";
import { openEndpoint } from "../support/endpoint.mjs";
import {
    broken, enumOf, expectError, lengthAtLeast, lengthAtMost, NOT_NULL, refuses, refusesWrongAttributeValues, refusesWrongTypes, RETURN_CONSUMED_CAPACITY, validationErrors,
} from "../support/expect.mjs";

const api = await openEndpoint();
const plain = await api.table("pk S");
const pairs = await api.table("pk S, sk N");
const missing = api.tableName();

/* T, P and M in a statement stand for the tables; there is no M. */
const named = (statement) => statement.replace(/\b([TPM])\b/g, (letter) => `"${{ T: plain, P: pairs, M: missing }[letter]}"`);
const member = (statement) => (typeof statement === "string" ? { Statement: named(statement) } : { ...statement, Statement: named(statement.Statement) });
const transaction = (...statements) => ({ TransactStatements: statements.map(member) });
const run = (...statements) => api.ok("ExecuteTransaction", transaction(...statements));
const put = (TableName, Item) => api.ok("PutItem", { TableName, Item });
const stored = async (pk) => (await api.ok("GetItem", { TableName: plain, Key: { pk: { S: pk } } })).Item;
const inMember = (index, message) => `Validation failed in TransactStatements[${index}]: ${message}`;

/* `reasons`: of each statement null, or what is told of it. */
async function expectCanceled(statements, reasons) {
    const answer = await api.call("ExecuteTransaction", transaction(...statements));
    const codes = reasons.map((reason) => reason?.Code ?? "None");
    assert.equal(answer.json.__type, "com.amazonaws.dynamodb.v20120810#TransactionCanceledException", answer.text);
    assert.equal(answer.json.Message, `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes.join(", ")}]`);
    assert.deepEqual(answer.json.CancellationReasons, reasons.map((reason) => reason ?? { Code: "None" }));
}

describe("ExecuteTransaction, malformed", () => {
    refusesWrongTypes(api, "ExecuteTransaction", { TransactStatements: "List", ClientRequestToken: "String", ReturnConsumedCapacity: "String" });
    refusesWrongTypes(api, "ExecuteTransaction", { "a statement": ["Element", "ParameterizedStatement"] }, (_, value) => ({ TransactStatements: [value] }));
    refusesWrongTypes(api, "ExecuteTransaction", { Statement: "String", Parameters: "List", ReturnValuesOnConditionCheckFailure: "String" },
        (name, value) => ({ TransactStatements: [{ [name]: value }] }));
    refusesWrongAttributeValues(api, "ExecuteTransaction", (value) => ({ TransactStatements: [{ Statement: "x", Parameters: [value] }] }));
});

describe("ExecuteTransaction, invalid", () => {
    const NO_KEY = "Select statements within ExecuteTransaction must specify the primary key in the where clause.";
    const EXISTS = "EXISTS() must contain a single item read with additional condition";
    const RETURNING = "RETURNING clause is not supported in ExecuteTransaction.";
    refuses(api, "ExecuteTransaction", "ValidationException", [
        ["no statements", {}, validationErrors(broken(null, "transactStatements", NOT_NULL))],
        ["an empty list of them", { TransactStatements: [] }, validationErrors(broken("[]", "transactStatements", lengthAtLeast(1)))],
        ["more than 100", { TransactStatements: Array.from({ length: 101 }, () => ({ Statement: "x" })) }, /at 'transactStatements' failed to satisfy constraint: Member must have length less than or equal to 100$/],
        ["a member without its statement", { TransactStatements: [{}] }, validationErrors(broken(null, "transactStatements.1.member.statement", NOT_NULL))],
        ["an empty token", { ...transaction("x"), ClientRequestToken: "" }, validationErrors(broken("", "clientRequestToken", lengthAtLeast(1)))],
        ["a long token", { ...transaction("x"), ClientRequestToken: "t".repeat(37) }, validationErrors(broken("t".repeat(37), "clientRequestToken", lengthAtMost(36)))],
        ["an unknown ReturnConsumedCapacity", { ...transaction("x"), ReturnConsumedCapacity: "x" }, validationErrors(broken("x", "returnConsumedCapacity", RETURN_CONSUMED_CAPACITY))],
        ["an unknown ReturnValuesOnConditionCheckFailure", { TransactStatements: [{ Statement: "x", ReturnValuesOnConditionCheckFailure: "x" }] },
            validationErrors(broken("x", "transactStatements.1.member.returnValuesOnConditionCheckFailure", enumOf("ALL_OLD", "NONE")))],
        ["a bad parameter before bad statements", transaction("x", { Statement: "x", Parameters: [{ N: "x" }] }), "The parameter cannot be converted to a numeric value: x"],
        ["a bad statement", transaction("DELETE FROM T WHERE pk = 'a'", "DELETE FROM T WHERE"), inMember(1, "Statement wasn't well formed, can't be processed: Unexpected term")],
        ["reads and writes together", transaction("SELECT * FROM T WHERE pk = 'a'", "DELETE FROM T WHERE pk = 'b'"), "ExecuteTransaction API does not support both read and write operations in the same request."],
        ["reads and EXISTS together", transaction("SELECT * FROM T WHERE pk = 'a'", "EXISTS(SELECT * FROM T WHERE pk = 'b' AND c = 1)"),
            "ExecuteTransaction API does not support both read and write operations in the same request."],
        ["two reads of one item", transaction("SELECT * FROM T WHERE pk = 'a'", "SELECT b FROM T WHERE pk = 'a'"), "Transaction request cannot include multiple operations on one item"],
        ["two writes of one item", transaction("EXISTS(SELECT * FROM T WHERE pk = 'a' AND b = 1)", "DELETE FROM T WHERE pk = 'a'"), "Transaction request cannot include multiple operations on one item"],
        ["RETURNING", transaction("UPDATE M SET a = 1 WHERE pk = 'a'", "UPDATE T SET a = 1 WHERE pk = 'a' RETURNING ALL NEW *"), inMember(1, RETURNING)],
        ["a read of an index", transaction("SELECT * FROM T.\"index\" WHERE pk = 'a'"), inMember(0, "Reads on indices are not supported within transactions.")],
        ["a read by a part of the key", transaction("SELECT * FROM P WHERE pk = 'a'"), inMember(0, NO_KEY)],
        ["a read with more than the key", transaction("SELECT * FROM T WHERE pk = 'a' AND attribute_exists(b)"), inMember(0, NO_KEY)],
        ["a check of nothing but a key", transaction("EXISTS(SELECT * FROM T WHERE pk = 'a')"), inMember(0, EXISTS)],
        ["a check without a key", transaction("EXISTS(SELECT * FROM T WHERE b = 1)"), inMember(0, EXISTS)],
    ]);
    it("more than 4 MB", async () => {
        const large = Array.from({ length: 11 }, (_, n) => ({ Statement: named(`INSERT INTO T VALUE {'pk': 'large${n}', 'a': ?}`), Parameters: [{ S: "x".repeat(400_000) }] }));
        expectError(await api.call("ExecuteTransaction", { TransactStatements: large }), "ValidationException", "Transaction payload size cannot exceed 4194304 bytes");
    });
    const SCHEMA = { Code: "ValidationError", Message: "The provided key element does not match the schema" };
    const NOT_FOUND = { Code: "ResourceNotFound", Message: "Requested resource not found" };
    for (const [claim, statements, reasons] of [
        ["tables that are not there", ["DELETE FROM T WHERE pk = 'a'", "DELETE FROM M WHERE pk = 'a' RETURNING ALL OLD *"], [null, NOT_FOUND]],
        ["a read of a table that is not there", ["SELECT * FROM M.\"index\" WHERE pk = 'a'"], [NOT_FOUND]],
        ["writes that name no item, or one by a wrong key", ["DELETE FROM P WHERE pk = 'a'", "UPDATE P SET a = 1 WHERE pk = 'a' AND sk = 'b'", "DELETE FROM T WHERE pk = 'a'"], [SCHEMA, SCHEMA, null]],
        ["a read by a wrong key, before duplicates", ["SELECT * FROM T WHERE pk = 'a'", "SELECT * FROM T WHERE pk = 'a'", "SELECT * FROM T WHERE pk = 1"], [null, null, SCHEMA]],
        ["an item without its key", ["INSERT INTO P VALUE {'pk': 'a'}"], [{ Code: "ValidationError", Message: "One or more parameter values were invalid: Missing the key sk in the item" }]],
    ])
        it(`${claim}: canceled`, () => expectCanceled(statements, reasons));
});

describe("ExecuteTransaction, working", () => {
    it("writes all of it", async () => {
        await put(plain, { pk: { S: "u" }, n: { N: "1" } });
        await put(plain, { pk: { S: "d" } });
        await put(plain, { pk: { S: "c" }, state: { S: "open" } });
        assert.deepEqual(await run("INSERT INTO T VALUE {'pk': 'i', 'n': 1}", "UPDATE T SET n = n + 1 WHERE pk = 'u'", "DELETE FROM T WHERE pk = 'd'", "EXISTS(SELECT * FROM T WHERE pk = 'c' AND state = 'open')",
            { Statement: "INSERT INTO P VALUE {'pk': ?, 'sk': 1}", Parameters: [{ S: "i" }] }), { Responses: [] });
        assert.deepEqual([await stored("i"), await stored("u"), await stored("d")], [{ pk: { S: "i" }, n: { N: "1" } }, { pk: { S: "u" }, n: { N: "2" } }, undefined]);
    });
    it("or nothing, and says why of each", async () => {
        await put(plain, { pk: { S: "there" }, n: { N: "1" } });
        await put(plain, { pk: { S: "text" }, n: { S: "x" } });
        const FAILED = { Code: "ConditionalCheckFailed", Message: "The conditional request failed" };
        await expectCanceled(["INSERT INTO T VALUE {'pk': 'new'}", "INSERT INTO T VALUE {'pk': 'there'}", "UPDATE T SET a = 1 WHERE pk = 'absent'", "DELETE FROM T WHERE pk = 'text' AND n = 'y'"],
            [null, { Code: "DuplicateItem", Message: "Duplicate primary key exists in table" }, FAILED, FAILED]);
        await expectCanceled(["EXISTS(SELECT * FROM T WHERE pk = 'there' AND n IS MISSING)", "DELETE FROM T WHERE pk = 'text'"], [FAILED, null]);
        await expectCanceled(["EXISTS(SELECT * FROM T WHERE pk = 'there' AND pk = 'other' AND n = 1)", "DELETE FROM T WHERE pk = 'text'"], [FAILED, null]);
        await expectCanceled([{ Statement: "UPDATE T SET n = 2 WHERE pk = 'there' AND n = 5", ReturnValuesOnConditionCheckFailure: "ALL_OLD" }],
            [{ ...FAILED, Item: { pk: { S: "there" }, n: { N: "1" } } }]);
        await expectCanceled(["UPDATE T SET n = n + 1 WHERE pk = 'text'"], [{ Code: "ValidationError", Message: "An operand in the update expression has an incorrect data type" }]);
        assert.equal(await stored("new"), undefined);
        assert.ok(await stored("text"));
    });
    it("reads items by their keys, and projects them", async () => {
        await put(plain, { pk: { S: "r" }, m: { M: { k: { S: "v" } } } });
        assert.deepEqual(await run("SELECT m.k FROM T WHERE pk = 'r'", "SELECT * FROM T WHERE pk = 'nothing'", "SELECT other FROM T WHERE pk = 'i'"), { Responses: [{ Item: { k: { S: "v" } } }, {}, { Item: {} }] });
    });
    it("is charged twice, reads of them too", async () => {
        const capacity = async (...statements) => (await api.ok("ExecuteTransaction", { ...transaction(...statements), ReturnConsumedCapacity: "TOTAL" })).ConsumedCapacity;
        assert.deepEqual(await capacity("SELECT pk FROM T WHERE pk = 'r'"), [{ TableName: plain, CapacityUnits: 2, ReadCapacityUnits: 2 }]);
        assert.deepEqual(await capacity("UPDATE T SET a = 1 WHERE pk = 'r'", "INSERT INTO P VALUE {'pk': 'charged', 'sk': 1}"),
            [{ TableName: plain, CapacityUnits: 2, WriteCapacityUnits: 2 }, { TableName: pairs, CapacityUnits: 2, WriteCapacityUnits: 2 }]);
    });
    it("takes effect once under its token, whatever is asked to be told of it", async () => {
        await put(plain, { pk: { S: "once" }, n: { N: "0" } });
        const given = { ...transaction("UPDATE T SET n = n + 1 WHERE pk = 'once'"), ClientRequestToken: "once" };
        await api.ok("ExecuteTransaction", given);
        const { ConsumedCapacity, Responses } = await api.ok("ExecuteTransaction", { ...given, ReturnConsumedCapacity: "TOTAL" });
        assert.deepEqual([Responses, ConsumedCapacity], [[], [{ TableName: plain, CapacityUnits: 2, ReadCapacityUnits: 2 }]]);
        assert.deepEqual((await stored("once")).n, { N: "1" });
        const other = await api.call("ExecuteTransaction", { ...transaction("UPDATE T SET n = n + 2 WHERE pk = 'once'"), ClientRequestToken: "once" });
        assert.equal(other.json.__type, "com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException");
    });
    it("the SDK reads it", async () => {
        const { Responses } = await api.client.send(new ExecuteTransactionCommand(transaction("SELECT * FROM T WHERE pk = 'once'")));
        assert.deepEqual(Responses, [{ Item: { pk: { S: "once" }, n: { N: "1" } } }]);
    });
});
