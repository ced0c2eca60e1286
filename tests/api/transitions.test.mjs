/* Tables on their way: CREATING and DELETING, made to last by --transition-delay-ms. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { expectError } from "../support/expect.mjs";

describe("tables on their way", { skip: !isOwnServer && "the delay is an option of our own" }, async () => {
    const api = isOwnServer && (await openEndpoint({ transitionDelayMs: 1500 }));
    const definition = {
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        BillingMode: "PAY_PER_REQUEST",
    };

    it("a table being created is described, refuses data and deletion, then is ACTIVE", async () => {
        const TableName = api.tableName();
        await api.ok("CreateTable", { TableName, ...definition });
        assert.equal((await api.ok("DescribeTable", { TableName })).Table.TableStatus, "CREATING");
        expectError(await api.call("PutItem", { TableName, Item: { pk: { S: "a" } } }), "ResourceNotFoundException", "Requested resource not found");
        expectError(await api.call("DeleteTable", { TableName }), "ResourceInUseException",
            `Attempt to change a resource which is still in use: Table is being created: ${TableName}`);
        expectError(await api.call("CreateTable", { TableName, ...definition }), "ResourceInUseException",
            `Attempt to change a resource which is still in use: Table is being created: ${TableName}`);
        await api.untilActive(TableName);
        await api.ok("PutItem", { TableName, Item: { pk: { S: "a" } } });
    });

    it("a table being updated is described, serves data, refuses changes and deletion, then is ACTIVE", async () => {
        const TableName = await api.table();
        const toUnits = (units) => ({ TableName, BillingMode: "PROVISIONED", ProvisionedThroughput: { ReadCapacityUnits: units, WriteCapacityUnits: units } });
        const inUse = `Attempt to change a resource which is still in use: Table: ${TableName} is in the process of being updated.`;
        await api.ok("UpdateTable", toUnits(5));
        assert.equal((await api.ok("DescribeTable", { TableName })).Table.TableStatus, "UPDATING");
        await api.ok("PutItem", { TableName, Item: { pk: { S: "a" } } });
        expectError(await api.call("UpdateTable", toUnits(6)), "ResourceInUseException",
            `Attempt to change a resource which is still in use: Table IOPS are currently being updated. Table: ${TableName}`);
        expectError(await api.call("DeleteTable", { TableName }), "ResourceInUseException", inUse);
        await api.untilActive(TableName);
        await api.ok("UpdateTable", toUnits(6));
    });

    it("a table being deleted is described, refuses data and a namesake, then is gone", async () => {
        const TableName = await api.table();
        await api.ok("DeleteTable", { TableName });
        assert.equal((await api.ok("DescribeTable", { TableName })).Table.TableStatus, "DELETING");
        expectError(await api.call("GetItem", { TableName, Key: { pk: { S: "a" } } }), "ResourceNotFoundException", "Requested resource not found");
        expectError(await api.call("CreateTable", { TableName, ...definition }), "ResourceInUseException", /./);
        expectError(await api.call("DeleteTable", { TableName }), "ResourceInUseException",
            `Attempt to change a resource which is still in use: Table is being deleted: ${TableName}`);
        expectError(await api.call("DescribeTimeToLive", { TableName }), "ValidationException",
            "Cannot describe time to live while table is in DELETING state: Current table state is DELETING");
        await api.untilGone(TableName);
        await api.ok("CreateTable", { TableName, ...definition });
    });
});
