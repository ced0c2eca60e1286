/* DeleteTable. Source: service model; error texts captured from the service; the control plane measured on the service. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openEndpoint, isOwnServer } from "../support/endpoint.mjs";
import { broken, expectError, PATTERN, refuses, refusesWrongTypes, validationErrors } from "../support/expect.mjs";

const api = await openEndpoint();

describe("DeleteTable, malformed", () => {
    refusesWrongTypes(api, "DeleteTable", { TableName: "String" });
});

describe("DeleteTable, invalid", () => {
    const missing = api.tableName();
    refuses(api, "DeleteTable", "ValidationException", [
        ["no table name", {}, /Value null at 'tableName' failed to satisfy constraint: Member must not be null$|The parameter 'TableName' is required/],
        ["a table name with a bad character", { TableName: "abc;" }, validationErrors(broken("abc;", "tableName", PATTERN))],
        ["a table that is not there", { TableName: missing }, `Requested resource not found: Table: ${missing} not found`, "ResourceNotFoundException"],
    ]);
});

describe("DeleteTable, working", () => {
    it("answers DELETING, then the table is gone for every operation", async () => {
        const name = await api.table();
        await api.ok("PutItem", { TableName: name, Item: { pk: { S: "a" } } });
        const { TableDescription } = await api.ok("DeleteTable", { TableName: name });
        assert.equal(TableDescription.TableStatus, "DELETING");
        assert.equal(TableDescription.TableName, name);
        await api.untilGone(name);
        const Key = { pk: { S: "a" } };
        for (const [operation, body] of Object.entries({ GetItem: { Key }, DeleteItem: { Key }, PutItem: { Item: Key }, Scan: {} }))
            expectError(await api.call(operation, { TableName: name, ...body }), "ResourceNotFoundException", "Requested resource not found");
        for (const operation of ["DescribeTable", "DeleteTable"])
            expectError(await api.call(operation, { TableName: name }), "ResourceNotFoundException", `Requested resource not found: Table: ${name} not found`);
        const { TableNames } = await api.ok("ListTables", { ExclusiveStartTableName: name.slice(0, -1) });
        assert.ok(!TableNames.includes(name));
    });

    it("answers what is left of a table: neither its keys nor its indexes nor its age", async () => {
        const name = await api.table("pk S, sk N", {
            AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }, { AttributeName: "sk", AttributeType: "N" }],
            LocalSecondaryIndexes: [{ IndexName: "again", KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "sk", KeyType: "RANGE" }], Projection: { ProjectionType: "ALL" } }],
        });
        const { TableDescription } = await api.ok("DeleteTable", { TableName: name });
        for (const member of ["AttributeDefinitions", "KeySchema", "CreationDateTime", "LocalSecondaryIndexes", "GlobalSecondaryIndexes"])
            assert.ok(!(member in TableDescription), member);
        for (const member of ["TableArn", "TableId", "ItemCount", "TableSizeBytes", "ProvisionedThroughput"])
            assert.ok(member in TableDescription, member);
        await api.untilGone(name);
    });

    it("a table made again under the name has another id, other keys and no old data", async () => {
        const name = await api.table("pk S");
        for (let index = 0; index < 20; index++)
            await api.ok("PutItem", { TableName: name, Item: { pk: { S: String(index) } } });
        const { Table: old } = await api.ok("DescribeTable", { TableName: name });
        await api.ok("DeleteTable", { TableName: name });
        await api.untilGone(name);
        await api.table("pk S, sk N", { TableName: name });
        const { Table: made } = await api.ok("DescribeTable", { TableName: name });
        assert.notEqual(made.TableId, old.TableId);
        assert.equal(made.TableArn, old.TableArn);
        assert.deepEqual([made.ItemCount, made.TableSizeBytes, made.KeySchema.length], [0, 0, 2]);
        assert.deepEqual(await api.ok("Scan", { TableName: name, ConsistentRead: true }), { Items: [], Count: 0, ScannedCount: 0 });
    });

    it("deleting and making a table many times over leaves nothing behind", { skip: !isOwnServer && "slow on the service" }, async () => {
        const TableName = api.tableName();
        for (let round = 0; round < 10; round++) {
            await api.table("pk S", { TableName });
            await api.ok("PutItem", { TableName, Item: { pk: { S: `round ${round}` } } });
            const { Items } = await api.ok("Scan", { TableName, ConsistentRead: true });
            assert.deepEqual(Items, [{ pk: { S: `round ${round}` } }]);
            await api.ok("DeleteTable", { TableName });
            await api.untilGone(TableName);
        }
    });
});
