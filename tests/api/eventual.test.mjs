/* --eventual-ms: reads without ConsistentRead, and all of global indexes, lag behind by the clock. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { BatchGetItemCommand, GetItemCommand, PutItemCommand, QueryCommand, ScanCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { Endpoint, isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { exchange } from "../support/http.mjs";

const inMemory = (process.env.STATOR_TEST_FLAGS ?? "").includes("--in-memory");
const LAG_MS = 1000;

const indexed = {
    AttributeDefinitions: [["pk", "S"], ["sk", "S"], ["color", "S"]].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    LocalSecondaryIndexes: [{
        IndexName: "local",
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "color", KeyType: "RANGE" }],
        Projection: { ProjectionType: "KEYS_ONLY" },
    }],
    GlobalSecondaryIndexes: [{
        IndexName: "global",
        KeySchema: [{ AttributeName: "color", KeyType: "HASH" }],
        Projection: { ProjectionType: "ALL" },
    }],
};

/* Every way to read the one item, each giving its color, or undefined. */
const Key = { pk: { S: "a" }, sk: { S: "1" } };
const byKey = { KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": { S: "a" } } };
const reads = {
    GetItem: async (client, TableName, ConsistentRead) => (await client.send(new GetItemCommand({ TableName, Key, ConsistentRead }))).Item,
    BatchGetItem: async (client, TableName, ConsistentRead) => {
        const { Responses } = await client.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [Key], ConsistentRead } } }));
        return Responses[TableName][0];
    },
    Query: async (client, TableName, ConsistentRead) => (await client.send(new QueryCommand({ TableName, ...byKey, ConsistentRead }))).Items[0],
    Scan: async (client, TableName, ConsistentRead) => (await client.send(new ScanCommand({ TableName, ConsistentRead }))).Items[0],
    "Query of a local index": async (client, TableName, ConsistentRead) =>
        (await client.send(new QueryCommand({ TableName, IndexName: "local", ...byKey, ConsistentRead }))).Items[0],
    "Query of a local index that fetches": async (client, TableName, ConsistentRead) =>
        (await client.send(new QueryCommand({ TableName, IndexName: "local", Select: "ALL_ATTRIBUTES", ...byKey, ConsistentRead }))).Items[0],
};
const readsOfGlobal = {
    "Query of a global index": async (client, TableName, color) => (await client.send(new QueryCommand({
        TableName, IndexName: "global", KeyConditionExpression: "color = :c", ExpressionAttributeValues: { ":c": { S: color } },
    }))).Count,
    "Scan of a global index": async (client, TableName, color) =>
        (await client.send(new ScanCommand({ TableName, IndexName: "global" }))).Items.filter((item) => item.color.S === color).length,
};

function describeReads(where, options) {
    describe(`reads that lag behind, ${where}`, { skip: !isOwnServer && "the lag is an option of our own" }, async () => {
        const api = isOwnServer && (await openEndpoint({ eventualMs: LAG_MS, clock: "manual", ...options }));
        const put = (TableName, color) => api.client.send(new PutItemCommand({ TableName, Item: { ...Key, color: { S: color } } }));
        const pass = async (milliseconds) => {
            const moved = await exchange(api, { method: "PUT", path: "/_stator/clock", body: JSON.stringify({ AdvanceMilliseconds: milliseconds }) });
            assert.equal(moved.status, 200);
        };
        const settledTable = async () => {
            const TableName = await api.table("pk S, sk S", indexed);
            await put(TableName, "red");
            await pass(LAG_MS);
            return TableName;
        };

        for (const [name, read] of Object.entries(reads))
            it(`${name} without ConsistentRead sees a change once the lag has passed, with it at once`, async () => {
                const TableName = await settledTable();
                const color = async (consistent) => (await read(api.client, TableName, consistent))?.color.S;
                assert.equal(await color(false), "red");
                await put(TableName, "blue");
                assert.equal(await color(undefined), "red");
                assert.equal(await color(true), "blue");
                await pass(LAG_MS - 1);
                assert.equal(await color(false), "red");
                await pass(1);
                assert.equal(await color(false), "blue");
            });

        for (const [name, count] of Object.entries(readsOfGlobal))
            it(`${name} sees a change once the lag has passed`, async () => {
                const TableName = await settledTable();
                const counts = async () => [await count(api.client, TableName, "red"), await count(api.client, TableName, "blue")];
                await put(TableName, "blue");
                assert.deepEqual(await counts(), [1, 0]);
                await pass(LAG_MS);
                assert.deepEqual(await counts(), [0, 1]);
            });

        it("a deletion lags behind too", async () => {
            const TableName = await settledTable();
            await api.ok("DeleteItem", { TableName, Key });
            assert.ok((await api.ok("GetItem", { TableName, Key })).Item);
            assert.equal((await api.ok("GetItem", { TableName, Key, ConsistentRead: true })).Item, undefined);
            await pass(LAG_MS);
            assert.equal((await api.ok("GetItem", { TableName, Key })).Item, undefined);
        });

        it("a write sees what is there now: its condition, its update, its old item", async () => {
            const TableName = await settledTable();
            await put(TableName, "blue");
            const { Attributes } = await api.client.send(new UpdateItemCommand({
                TableName, Key, ReturnValues: "ALL_OLD", UpdateExpression: "SET color = :new",
                ConditionExpression: "color = :old", ExpressionAttributeValues: { ":new": { S: "green" }, ":old": { S: "blue" } },
            }));
            assert.equal(Attributes.color.S, "blue");
        });

        it("tables of one BatchGetItem are read as each asks", async () => {
            const [late, prompt] = [await settledTable(), await settledTable()];
            await put(late, "blue");
            await put(prompt, "blue");
            const { Responses } = await api.ok("BatchGetItem", {
                RequestItems: { [late]: { Keys: [Key] }, [prompt]: { Keys: [Key], ConsistentRead: true } },
            });
            assert.deepEqual([Responses[late][0].color.S, Responses[prompt][0].color.S], ["red", "blue"]);
        });

        it("an index that was added is whole as soon as it is ACTIVE, and lags behind once that is past", async () => {
            const TableName = await api.table();
            const Item = (pk) => ({ pk: { S: pk }, color: { S: "red" } });
            for (const pk of ["a", "b", "c"])
                await api.ok("PutItem", { TableName, Item: Item(pk) });
            await pass(LAG_MS);
            const [Create] = indexed.GlobalSecondaryIndexes;
            await api.ok("UpdateTable", { TableName, AttributeDefinitions: [{ AttributeName: "color", AttributeType: "S" }], GlobalSecondaryIndexUpdates: [{ Create }] });
            for (let status = ""; status !== "ACTIVE";) {
                await pause(2);
                status = (await api.ok("DescribeTable", { TableName })).Table.GlobalSecondaryIndexes[0].IndexStatus;
            }
            const count = () => readsOfGlobal["Query of a global index"](api.client, TableName, "red");
            assert.equal(await count(), 3);
            await pass(LAG_MS);
            assert.equal(await count(), 3);
            await api.ok("PutItem", { TableName, Item: Item("d") });
            assert.equal(await count(), 3);
            await pass(LAG_MS);
            assert.equal(await count(), 4);
        });

        it("a new table is empty until the lag has passed, and one of an old name shows nothing of the old one", async () => {
            const TableName = await settledTable();
            await api.ok("DeleteTable", { TableName });
            await api.untilGone(TableName);
            await api.table("pk S, sk S", { TableName, ...indexed });
            for (const name of ["GetItem", "Query", "Scan", "Query of a local index"])
                assert.equal(await reads[name](api.client, TableName, false), undefined, name);
            await put(TableName, "green");
            for (const name of Object.keys(reads))
                assert.equal(await reads[name](api.client, TableName, false), undefined, name);
            await pass(LAG_MS);
            assert.equal((await reads.GetItem(api.client, TableName, false)).color.S, "green");
        });
    });
}

describeReads("in memory", { inMemory: true });
describeReads("on disk", { sync: "never" });

describe("the lag", { skip: !isOwnServer && "the lag is an option of our own" }, async () => {
    it("what was there at the start is there at once", { skip: inMemory && "nothing outlives the process" }, async () => {
        const api = await openEndpoint({ eventualMs: 60_000 });
        const TableName = await api.table();
        await api.ok("PutItem", { TableName, Item: { pk: { S: "a" } } });
        assert.equal((await api.ok("Scan", { TableName })).Count, 0);
        await api.server.stop();
        await api.server.start();
        const again = new Endpoint(api.server.url);
        assert.equal((await again.ok("Scan", { TableName })).Count, 1);
        await again.close();
    });

    it("by the machine's clock a change shows after the lag, without anybody's help", async () => {
        const api = await openEndpoint({ eventualMs: 120, inMemory: true });
        const TableName = await api.table();
        const written = performance.now();
        await api.ok("PutItem", { TableName, Item: { pk: { S: "a" } } });
        let seen = 0;
        while (seen === 0 && performance.now() - written < 20_000)
            seen = (await api.ok("Scan", { TableName })).Count;
        assert.equal(seen, 1);
        assert.ok(performance.now() - written >= 119, `seen after ${performance.now() - written} ms`);
    });

    it("without the option every read sees what is there", async () => {
        const api = await openEndpoint({ inMemory: true });
        const TableName = await api.table();
        await api.ok("PutItem", { TableName, Item: { pk: { S: "a" } } });
        assert.equal((await api.ok("Scan", { TableName })).Count, 1);
    });
});
