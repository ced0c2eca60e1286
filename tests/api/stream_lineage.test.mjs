/*
 * The shards of a stream whose table's partitions are split: where a parent ends and its children
 * begin, read as a consumer does, with the SDK.
 * Source: Developer Guide, DynamoDB Streams; API Reference, DescribeStream with ShardFilter.
 */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { DynamoDBStreamsClient, DescribeStreamCommand, GetRecordsCommand, GetShardIteratorCommand } from "@aws-sdk/client-dynamodb-streams";
import { isOwnServer, makeClient, openEndpoint } from "../support/endpoint.mjs";
import { exchange } from "../support/http.mjs";

const ONE_PARTITION = { BillingMode: "PROVISIONED", ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 } };
const STREAM = { StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" } };
const DAY_MS = 24 * 3600 * 1000;
const ITEM_BYTES = 300; /* four of them are more than a partition of a kilobyte takes */

/* Splits come when they come, so they are waited for. */
async function until(claim, holds) {
    for (let tries = 0; tries < 1000; tries++) {
        if (await holds())
            return;
        await new Promise((settle) => setTimeout(settle, 10));
    }
    assert.fail(`it did not become true that ${claim}`);
}

describe("shards of partitions that are split", { skip: !isOwnServer && "an option of our own" }, async () => {
    const api = isOwnServer && (await openEndpoint({ partitionKb: 1, clock: "manual" }));
    const sdk = isOwnServer && makeClient(api.url, {}, DynamoDBStreamsClient);
    after(() => sdk && sdk.destroy());

    const described = async (StreamArn, more) => (await sdk.send(new DescribeStreamCommand({ StreamArn, ...more }))).StreamDescription;
    const iterator = async (StreamArn, { ShardId }, ShardIteratorType = "TRIM_HORIZON", SequenceNumber = undefined) =>
        (await sdk.send(new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType, SequenceNumber }))).ShardIterator;
    const read = (ShardIterator, Limit) => sdk.send(new GetRecordsCommand({ ShardIterator, Limit }));
    const put = (TableName, pk, text) => api.ok("PutItem", { TableName, Item: { pk: { S: pk }, text: { S: text.padEnd(ITEM_BYTES, ".") } } });
    const told = (page) => page.Records.map(({ eventName, dynamodb }) => `${eventName} ${dynamodb.Keys.pk.S}`).sort();
    const PKS = ["a", "b", "c", "d"];

    async function streamed() {
        const TableName = await api.table("pk S", { ...ONE_PARTITION, ...STREAM });
        return { TableName, StreamArn: (await api.ok("DescribeTable", { TableName })).Table.LatestStreamArn };
    }

    /* Four items that were put before a split, and once more behind it. */
    async function splitOnce() {
        const { TableName, StreamArn } = await streamed();
        const [only] = (await described(StreamArn)).Shards;
        const early = await iterator(StreamArn, only);
        for (const pk of PKS)
            await put(TableName, pk, "before");
        const late = await iterator(StreamArn, only, "LATEST");
        await until("a shard has children", async () => (await described(StreamArn)).Shards.length === 3);
        for (const pk of PKS)
            await put(TableName, pk, "behind");
        const [parent, ...children] = (await described(StreamArn)).Shards;
        return { TableName, StreamArn, parent, children, early, late };
    }

    const split = isOwnServer && (await splitOnce());

    it("the parent has an end, and the children name it and begin there", () => {
        const { parent, children } = split;
        const { StartingSequenceNumber, EndingSequenceNumber } = parent.SequenceNumberRange;
        assert.equal(parent.ParentShardId, undefined);
        assert.ok(BigInt(EndingSequenceNumber) > BigInt(StartingSequenceNumber));
        assert.equal(children.length, 2);
        for (const child of children) {
            assert.equal(child.ParentShardId, parent.ShardId);
            assert.ok(child.ShardId > parent.ShardId);
            assert.ok(BigInt(child.SequenceNumberRange.StartingSequenceNumber) >= BigInt(EndingSequenceNumber));
            assert.equal(child.SequenceNumberRange.EndingSequenceNumber, undefined);
        }
    });

    it("the parent is read page by page to its end, where there is no next iterator", async () => {
        const first = await read(await iterator(split.StreamArn, split.parent), 3);
        assert.equal(first.Records.length, 3);
        const rest = await read(first.NextShardIterator, 3);
        assert.deepEqual([...told(first), ...told(rest)].sort(), PKS.map((pk) => `INSERT ${pk}`));
        assert.equal(rest.NextShardIterator, undefined);
    });

    it("iterators from before the split lead to the end of the parent", async () => {
        const whole = await read(split.early);
        assert.equal(whole.Records.length, PKS.length);
        assert.equal(whole.NextShardIterator, undefined);
        const none = await read(split.late);
        assert.deepEqual([none.Records, none.NextShardIterator], [[], undefined]);
    });

    it("LATEST of the parent is its end", async () => {
        const page = await read(await iterator(split.StreamArn, split.parent, "LATEST"));
        assert.deepEqual([page.Records, page.NextShardIterator], [[], undefined]);
    });

    it("TRIM_HORIZON of the children gives what came behind the split, and goes on", async () => {
        const found = [];
        for (const child of split.children) {
            const page = await read(await iterator(split.StreamArn, child));
            assert.ok(page.Records.length > 0 && page.NextShardIterator);
            assert.deepEqual((await read(page.NextShardIterator)).Records, []);
            found.push(...told(page));
        }
        assert.deepEqual(found.sort(), PKS.map((pk) => `MODIFY ${pk}`));
    });

    it("sequence numbers lead to places on their own side of the seam", async () => {
        const { StreamArn, parent, children: [child] } = split;
        const numbers = async (shard) => (await read(await iterator(StreamArn, shard))).Records.map(({ dynamodb }) => dynamodb.SequenceNumber);
        const last = (await numbers(parent)).at(-1);
        const first = (await numbers(child))[0];
        const { EndingSequenceNumber: end } = parent.SequenceNumberRange;
        assert.ok(BigInt(last) < BigInt(end) && BigInt(end) <= BigInt(first));
        for (const [shard, type, number, count, goesOn] of [
            [parent, "AT_SEQUENCE_NUMBER", last, 1, false],
            [parent, "AFTER_SEQUENCE_NUMBER", last, 0, false],
            [parent, "AT_SEQUENCE_NUMBER", end, 0, false],
            [child, "AT_SEQUENCE_NUMBER", child.SequenceNumberRange.StartingSequenceNumber, (await numbers(child)).length, true],
            [child, "AT_SEQUENCE_NUMBER", first, (await numbers(child)).length, true],
            [child, "AFTER_SEQUENCE_NUMBER", first, (await numbers(child)).length - 1, true],
        ]) {
            const page = await read(await iterator(StreamArn, shard, type, number));
            assert.deepEqual([page.Records.length, Boolean(page.NextShardIterator)], [count, goesOn], `${shard.ShardId} ${type} ${number}`);
        }
        for (const [shard, number] of [[parent, first], [child, last]])
            await assert.rejects(iterator(StreamArn, shard, "AT_SEQUENCE_NUMBER", number), { name: "ValidationException", message: /Invalid SequenceNumber/ });
    });

    it("CHILD_SHARDS asks for the children of one shard, in pages too", async () => {
        const { StreamArn, parent, children } = split;
        const childrenOf = ({ ShardId }, more) => described(StreamArn, { ShardFilter: { Type: "CHILD_SHARDS", ShardId }, ...more });
        assert.deepEqual((await childrenOf(parent)).Shards, children);
        assert.deepEqual((await childrenOf(children[0])).Shards, []);
        const page = await childrenOf(parent, { Limit: 1 });
        assert.deepEqual([page.Shards, page.LastEvaluatedShardId], [[children[0]], children[0].ShardId]);
        const rest = await childrenOf(parent, { Limit: 1, ExclusiveStartShardId: page.LastEvaluatedShardId });
        assert.deepEqual([rest.Shards, rest.LastEvaluatedShardId], [[children[1]], undefined]);
    });

    it("a hundred shards are a page, and each comes once, parents before their children", async () => {
        const { TableName, StreamArn } = await streamed();
        const pks = Array.from({ length: 240 }, (_, i) => `k${i}`);
        for (const pk of pks)
            await put(TableName, pk, "once");
        const shardsIn = async (Limit) => {
            const shards = [];
            const pages = [];
            let ExclusiveStartShardId;
            do {
                const page = await described(StreamArn, { Limit, ExclusiveStartShardId });
                shards.push(...page.Shards);
                pages.push(page.Shards.length);
                ExclusiveStartShardId = page.LastEvaluatedShardId;
            } while (ExclusiveStartShardId);
            return { shards, pages };
        };
        const isOpen = ({ SequenceNumberRange }) => !SequenceNumberRange.EndingSequenceNumber;
        await until("no partition is too large any more", async () => (await shardsIn()).shards.filter(isOpen).length >= 80);
        let before = [];
        let now = await shardsIn();
        while (now.shards.length !== before.length) { /* until nothing is split any more */
            before = now.shards;
            await new Promise((settle) => setTimeout(settle, 500));
            now = await shardsIn();
        }
        const ids = now.shards.map(({ ShardId }) => ShardId);
        assert.equal(now.pages[0], 100);
        assert.deepEqual(ids, [...new Set(ids)].sort());
        assert.deepEqual((await shardsIn(7)).shards, now.shards);
        const found = [];
        for (const shard of now.shards) {
            if (shard.ParentShardId)
                assert.ok(ids.indexOf(shard.ParentShardId) < ids.indexOf(shard.ShardId));
            found.push(...told(await read(await iterator(StreamArn, shard))));
        }
        assert.equal(now.shards.filter(({ ParentShardId }) => !ParentShardId).length, 1);
        assert.deepEqual(found.sort(), pks.map((pk) => `INSERT ${pk}`).sort());
    });

    it("a day later the parent is gone, and its children are not", async () => {
        const { StreamArn, parent, children } = await splitOnce();
        await exchange(api, { method: "PUT", path: "/_stator/clock", body: JSON.stringify({ AdvanceMilliseconds: DAY_MS }) });
        const ids = async () => (await described(StreamArn)).Shards.map(({ ShardId }) => ShardId);
        await until("the parent is gone", async () => !(await ids()).includes(parent.ShardId));
        assert.deepEqual(await ids(), children.map(({ ShardId }) => ShardId));
        assert.equal((await described(StreamArn)).Shards[0].ParentShardId, parent.ShardId);
        await assert.rejects(iterator(StreamArn, parent), { name: "ResourceNotFoundException", message: /Shard does not exist/ });
    });
});
