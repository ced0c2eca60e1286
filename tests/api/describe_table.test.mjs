/* DescribeTable. Source: service model; error texts captured from the service. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { broken, PATTERN, refuses, refusesWrongTypes, validationErrors } from "../support/expect.mjs";

const api = await openEndpoint();

describe("DescribeTable, malformed", () => {
    refusesWrongTypes(api, "DescribeTable", { TableName: "String" });
});

describe("DescribeTable, invalid", () => {
    const missing = api.tableName();
    refuses(api, "DescribeTable", "ValidationException", [
        ["no table name", {}, /Value null at 'tableName' failed to satisfy constraint: Member must not be null$|The parameter 'TableName' is required/],
        ["a table name with a bad character", { TableName: "abc;" }, validationErrors(broken("abc;", "tableName", PATTERN))],
        ["a table that is not there", { TableName: missing }, `Requested resource not found: Table: ${missing} not found`, "ResourceNotFoundException"],
    ]);
});

describe("DescribeTable, working", () => {
    it("says what CreateTable said, now ACTIVE", async () => {
        const TableName = api.tableName();
        api.willDelete(TableName);
        const { TableDescription } = await api.ok("CreateTable", {
            TableName,
            AttributeDefinitions: [{ AttributeName: "a", AttributeType: "N" }],
            KeySchema: [{ AttributeName: "a", KeyType: "HASH" }],
            ProvisionedThroughput: { ReadCapacityUnits: 3, WriteCapacityUnits: 4 },
        });
        await api.untilActive(TableName);
        const { Table } = await api.ok("DescribeTable", { TableName });
        for (const member of Object.keys(TableDescription).filter((name) => name !== "TableStatus"))
            assert.deepEqual(Table[member], TableDescription[member], member);
        assert.equal(Table.TableStatus, "ACTIVE");
    });

    it("takes the ARN", async () => {
        const name = await api.table();
        const { Table } = await api.ok("DescribeTable", { TableName: name });
        assert.deepEqual(await api.ok("DescribeTable", { TableName: Table.TableArn }), { Table });
    });

    it("counts items and bytes exactly", { skip: !isOwnServer && "the service counts every six hours" }, async () => {
        const name = await api.table("pk S");
        const counts = async () => {
            const { Table } = await api.ok("DescribeTable", { TableName: name });
            return [Table.ItemCount, Table.TableSizeBytes];
        };
        const put = (pk, more = {}) => api.ok("PutItem", { TableName: name, Item: { pk: { S: pk }, ...more } });
        const remove = (pk) => api.ok("DeleteItem", { TableName: name, Key: { pk: { S: pk } } });
        assert.deepEqual(await counts(), [0, 0]);
        await put("a");
        const [, one] = await counts();
        assert.ok(one >= 3, "names and values count");
        await put("b", { fill: { S: "x".repeat(100) } });
        const [count, two] = await counts();
        assert.deepEqual([count, two - 2 * one], [2, "fill".length + 100]);
        await put("b", { fill: { S: "x".repeat(10) } });
        assert.deepEqual(await counts(), [2, two - 90]);
        await put("b", { fill: { S: "x".repeat(10) } });
        assert.deepEqual(await counts(), [2, two - 90]);
        await api.call("PutItem", { TableName: name, Item: { pk: { S: "b" } }, ConditionExpression: "attribute_not_exists(pk)" });
        assert.deepEqual(await counts(), [2, two - 90]);
        await remove("b");
        await remove("never there");
        assert.deepEqual(await counts(), [1, one]);
        await Promise.all(Array.from({ length: 100 }, (_, index) => put(`many ${index % 40}`)));
        assert.equal((await counts())[0], 41);
        await Promise.all(Array.from({ length: 40 }, (_, index) => remove(`many ${index}`)));
        await remove("a");
        assert.deepEqual(await counts(), [0, 0]);
    });
});
