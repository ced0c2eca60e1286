/*
 * UpdateTimeToLive, DescribeTimeToLive and what becomes of expired items.
 * Source: service model; Developer Guide, "Time to Live"; the control plane measured on the service.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { DescribeTimeToLiveCommand, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { broken, expectError, lengthAtLeast, lengthAtMost, NOT_NULL, refuses, refusesWrongTypes, validationErrors } from "../support/expect.mjs";
import { exchange } from "../support/http.mjs";

const api = await openEndpoint();
const specification = (Enabled, AttributeName = "expires") => ({ TimeToLiveSpecification: { Enabled, AttributeName } });
const missing = api.tableName();
const TOO_SOON = "Time to live has been modified multiple times within a fixed interval";
const [fixed, on] = [await api.table(), await api.table()];
await api.ok("UpdateTimeToLive", { TableName: on, ...specification(true) });

describe("UpdateTimeToLive, malformed", () => {
    refusesWrongTypes(api, "UpdateTimeToLive", { TableName: "String", TimeToLiveSpecification: ["Structure", "TimeToLiveSpecification"] });
    refusesWrongTypes(api, "UpdateTimeToLive", { Enabled: "Boolean", AttributeName: "String" },
        (member, value) => ({ TableName: fixed, TimeToLiveSpecification: { [member]: value } }));
});

describe("UpdateTimeToLive, invalid", () => {
    const of = (TableName, more) => ({ TableName, ...more });
    refuses(api, "UpdateTimeToLive", "ValidationException", [
        ["nothing at all", {}, validationErrors(broken(null, "tableName", NOT_NULL), broken(null, "timeToLiveSpecification", NOT_NULL))],
        ["nothing specified", of(fixed, { TimeToLiveSpecification: {} }),
            validationErrors(broken(null, "timeToLiveSpecification.attributeName", NOT_NULL), broken(null, "timeToLiveSpecification.enabled", NOT_NULL))],
        ["an empty attribute name", of(fixed, specification(true, "")), validationErrors(broken("", "timeToLiveSpecification.attributeName", lengthAtLeast(1)))],
        ["an attribute name of 256 characters", of(fixed, specification(true, "a".repeat(256))),
            validationErrors(broken("a".repeat(256), "timeToLiveSpecification.attributeName", lengthAtMost(255)))],
        ["off where it is off", of(fixed, specification(false)), "TimeToLive is already disabled"],
        ["on where it is on", of(on, specification(true)), "TimeToLive is already enabled"],
        ["on for another attribute", of(on, specification(true, "other")), "TimeToLive is active on a different AttributeName: current AttributeName is expires"],
        ["off for another attribute", of(on, specification(false, "other")), "TimeToLive is active on a different AttributeName: current AttributeName is expires"],
        ["off right after on", of(on, specification(false)), TOO_SOON],
        ["a table that is not there", of(missing, specification(true)), `Requested resource not found: Table: ${missing} not found`, "ResourceNotFoundException"],
    ]);
});

describe("DescribeTimeToLive, malformed", () => {
    refusesWrongTypes(api, "DescribeTimeToLive", { TableName: "String" });
});

describe("DescribeTimeToLive, invalid", () => {
    refuses(api, "DescribeTimeToLive", "ValidationException", [
        ["no table name", {}, validationErrors(broken(null, "tableName", NOT_NULL))],
        ["a table that is not there", { TableName: missing }, `Requested resource not found: Table: ${missing} not found`, "ResourceNotFoundException"],
    ]);
});

/* ---- working: a server whose clock stands ---- */

describe("UpdateTimeToLive and DescribeTimeToLive, working", async () => {
    it("are understood by the SDK", async () => {
        const TableName = await api.table();
        const describeTtl = async () => (await api.client.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription;
        assert.deepEqual(await describeTtl(), { TimeToLiveStatus: "DISABLED" });
        const { TimeToLiveSpecification } = await api.client.send(new UpdateTimeToLiveCommand({ TableName, ...specification(true, "pk") }));
        assert.deepEqual(TimeToLiveSpecification, { Enabled: true, AttributeName: "pk" });
        assert.deepEqual(await describeTtl(), { TimeToLiveStatus: "ENABLED", AttributeName: "pk" });
    });
});

describe("expired items", { skip: !isOwnServer && "the clock is moved" }, async () => {
    const moved = isOwnServer && (await openEndpoint({ clock: "manual", ttlSweepS: 20 }));
    const stator = async (method, body) => JSON.parse((await exchange(moved, { method, path: "/_stator/clock", body: body && JSON.stringify(body) })).text);
    const now = async () => Math.floor((await stator("GET")).EpochMilliseconds / 1000);
    const advance = (seconds) => stator("PUT", { AdvanceMilliseconds: seconds * 1000 });
    const statusOf = async (TableName) => (await moved.ok("DescribeTimeToLive", { TableName })).TimeToLiveDescription.TimeToLiveStatus;
    const becomes = async (look, wanted) => {
        for (let tries = 0; tries < 1000; tries++) {
            const found = await look();
            if (JSON.stringify(found) === JSON.stringify(wanted))
                return;
            await pause(10);
        }
        assert.deepEqual(await look(), wanted);
    };
    const put = (TableName, pk, expires, more = {}) => moved.ok("PutItem", { TableName, Item: { pk: { S: pk }, ...(expires !== undefined && { expires: { N: String(expires) } }), ...more } });
    const names = async (TableName, more = {}) => (await moved.ok("Scan", { TableName, ...more })).Items.map(({ pk }) => pk.S).sort();
    const enabled = async (more) => {
        const TableName = await moved.table("pk S", more);
        await moved.ok("UpdateTimeToLive", { TableName, ...specification(true) });
        await becomes(() => statusOf(TableName), "ENABLED");
        return TableName;
    };

    it("go by themselves, those that were there before too; others stay", async () => {
        const TableName = await moved.table();
        await put(TableName, "before", (await now()) + 5);
        await moved.ok("UpdateTimeToLive", { TableName, ...specification(true) });
        await becomes(() => statusOf(TableName), "ENABLED");
        await put(TableName, "soon", (await now()) + 5);
        await put(TableName, "later", (await now()) + 1000);
        await put(TableName, "never");
        await put(TableName, "text", undefined, { expires: { S: "1" } });
        await put(TableName, "milliseconds", (await now()) * 1000);
        assert.equal((await names(TableName)).length, 6);
        await advance(30);
        await becomes(() => names(TableName), ["later", "milliseconds", "never", "text"]);
        const { Table } = await moved.ok("DescribeTable", { TableName });
        assert.equal(Table.ItemCount, 4);
    });

    it("are there until they are gone, and survive when they are renewed", async () => {
        const TableName = await enabled();
        await advance(20);
        await put(TableName, "a", (await now()) - 1);
        await put(TableName, "b", (await now()) - 1);
        assert.deepEqual(await names(TableName), ["a", "b"]);
        const renewed = { TableName, Key: { pk: { S: "a" } }, UpdateExpression: "SET expires = :e", ExpressionAttributeValues: { ":e": { N: String((await now()) + 60) } } };
        await moved.ok("UpdateItem", renewed);
        await advance(20);
        await becomes(() => names(TableName), ["a"]);
        await advance(60);
        await becomes(() => names(TableName), []);
    });

    it("leave the indexes too", async () => {
        const TableName = await enabled({
            AttributeDefinitions: ["pk", "g"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
            GlobalSecondaryIndexes: [{ IndexName: "by-g", KeySchema: [{ AttributeName: "g", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } }],
        });
        await put(TableName, "a", (await now()) - 1, { g: { S: "x" } });
        await put(TableName, "b", (await now()) + 900, { g: { S: "x" } });
        await advance(20);
        await becomes(() => names(TableName, { IndexName: "by-g" }), ["b"]);
    });

    it("stand in the stream as deleted by the service", async () => {
        const TableName = await enabled({ StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" }, BillingMode: "PROVISIONED", ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 } });
        const item = { pk: { S: "a" }, expires: { N: String((await now()) - 1) } };
        await moved.ok("PutItem", { TableName, Item: item });
        await advance(20);
        await becomes(() => names(TableName), []);
        const StreamArn = (await moved.ok("DescribeTable", { TableName })).Table.LatestStreamArn;
        const [{ ShardId }] = (await moved.ok("DescribeStream", { StreamArn })).StreamDescription.Shards;
        const { ShardIterator } = await moved.ok("GetShardIterator", { StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" });
        const { Records } = await moved.ok("GetRecords", { ShardIterator });
        assert.deepEqual(Records.map(({ eventName, userIdentity }) => [eventName, userIdentity]),
            [["INSERT", undefined], ["REMOVE", { PrincipalId: "dynamodb.amazonaws.com", Type: "Service" }]]);
        assert.deepEqual(Records[1].dynamodb.OldImage, item);
        assert.equal(Records[1].dynamodb.NewImage, undefined);
    });

    it("stay once it is switched off, which takes its time", async () => {
        const TableName = await enabled();
        await put(TableName, "a", (await now()) + 3600);
        expectError(await moved.call("UpdateTimeToLive", { TableName, ...specification(false) }), "ValidationException", TOO_SOON);
        await advance(31 * 60);
        await moved.ok("UpdateTimeToLive", { TableName, ...specification(false) });
        await becomes(async () => (await moved.ok("DescribeTimeToLive", { TableName })).TimeToLiveDescription, { TimeToLiveStatus: "DISABLED" });
        expectError(await moved.call("UpdateTimeToLive", { TableName, ...specification(true) }), "ValidationException", TOO_SOON);
        await advance(3600);
        const other = await enabled();
        await put(other, "b", 1);
        await put(other, "c", (await now()) - 1);
        await advance(20);
        await becomes(() => names(other), ["b"]);
        assert.deepEqual(await names(TableName), ["a"]);
    });
});

describe("time to live of a table on its way", { skip: !isOwnServer && "the delay is an option of our own" }, async () => {
    const slow = isOwnServer && (await openEndpoint({ clock: "manual", transitionDelayMs: 1000 }));
    const advance = (AdvanceMilliseconds) => exchange(slow, { method: "PUT", path: "/_stator/clock", body: JSON.stringify({ AdvanceMilliseconds }) });
    it("is refused while the table is being created or deleted", async () => {
        const TableName = slow.tableName();
        await slow.ok("CreateTable", { TableName, AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }], KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }], BillingMode: "PAY_PER_REQUEST" });
        expectError(await slow.call("UpdateTimeToLive", { TableName, ...specification(true) }), "ResourceInUseException",
            `Attempt to change a resource which is still in use: Table ${TableName} is being created`);
        expectError(await slow.call("DescribeTimeToLive", { TableName }), "ValidationException",
            "Cannot describe time to live while table is in CREATING state: Current table state is CREATING");
        await advance(1000);
        await slow.ok("UpdateTimeToLive", { TableName, ...specification(true) });
        assert.deepEqual(await slow.ok("DescribeTimeToLive", { TableName }), { TimeToLiveDescription: { TimeToLiveStatus: "ENABLING", AttributeName: "expires" } });
        await advance(1000);
        assert.deepEqual(await slow.ok("DescribeTimeToLive", { TableName }), { TimeToLiveDescription: { TimeToLiveStatus: "ENABLED", AttributeName: "expires" } });
        await slow.ok("DeleteTable", { TableName });
        expectError(await slow.call("UpdateTimeToLive", { TableName, ...specification(true) }), "ResourceInUseException",
            `Attempt to change a resource which is still in use: Table is being deleted: ${TableName}`);
    });
});
