/*
 * ListStreams, DescribeStream, GetShardIterator, GetRecords, and StreamSpecification.
 * Source: service model of DynamoDB Streams; Developer Guide, DynamoDB Streams; the control plane
 * measured on the service.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DynamoDBStreamsClient, DescribeStreamCommand, GetRecordsCommand, GetShardIteratorCommand, ListStreamsCommand } from "@aws-sdk/client-dynamodb-streams";
import { isOwnServer, makeClient, openEndpoint } from "../support/endpoint.mjs";
import { broken, enumOf, expectError, lengthAtLeast, lengthAtMost, NOT_NULL, refuses, refusesWrongTypes, validationErrors, valueAtLeast, valueAtMost } from "../support/expect.mjs";
import { exchange } from "../support/http.mjs";
import { until } from "../support/until.mjs";

const INVALID = "One or more parameter values were invalid: ";
const DAY_MS = 24 * 3600 * 1000;

/* The manual clock stands still until a test moves it. */
const api = await openEndpoint({ clock: "manual" });
const advance = (ms, at = api) => exchange(at, { method: "PUT", path: "/_stator/clock", body: JSON.stringify({ AdvanceMilliseconds: ms }) });
const streamOf = (StreamViewType) => ({ StreamSpecification: { StreamEnabled: true, StreamViewType } });

/* A table with a stream in one shard; { TableName, StreamArn, ShardId }. */
const ONE_SHARD = { BillingMode: "PROVISIONED", ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 } };
async function streamed(view = "NEW_AND_OLD_IMAGES", keys = "pk S") {
    const TableName = await api.table(keys, { ...ONE_SHARD, ...streamOf(view) });
    const StreamArn = await latestArn(TableName);
    return { TableName, StreamArn, ShardId: (await shardsOf(StreamArn))[0].ShardId };
}

const latestArn = async (TableName) => (await api.ok("DescribeTable", { TableName })).Table.LatestStreamArn;
const described = async (StreamArn, more) => (await api.ok("DescribeStream", { StreamArn, ...more })).StreamDescription;
const shardsOf = async (StreamArn) => (await described(StreamArn)).Shards;
const iterator = async ({ StreamArn, ShardId }, ShardIteratorType = "TRIM_HORIZON", SequenceNumber = undefined, Timestamp = undefined) =>
    (await api.ok("GetShardIterator", { StreamArn, ShardId, ShardIteratorType, SequenceNumber, Timestamp })).ShardIterator;
const records = async (stream, ...place) => (await api.ok("GetRecords", { ShardIterator: await iterator(stream, ...place) })).Records;
const put = (TableName, pk, more = {}) => api.ok("PutItem", { TableName, Item: { pk: { S: pk }, ...more } });

const known = await streamed();
const missingArn = known.StreamArn.replace(known.TableName, `${known.TableName}-missing`);
const missingShard = "shardId-00000000000000000000-00000000";
await put(known.TableName, "a");

const MISSING = [["a stream that is not there", { StreamArn: missingArn }, `Requested resource not found: Stream: ${missingArn} not found`, "ResourceNotFoundException"]];
const ARN_LENGTHS = [
    ["an ARN that is too short", { StreamArn: "arn:aws:dynamodb:table/stream" }, new RegExp(lengthAtLeast(37))],
    ["an ARN that is too long", { StreamArn: "a".repeat(1025) }, new RegExp(lengthAtMost(1024))],
    ["what is no ARN", { StreamArn: "a".repeat(40) }, "Invalid StreamArn"],
    ["the ARN of a table", { StreamArn: known.StreamArn.split("/stream/")[0].padEnd(40, "x") }, "Invalid StreamArn"],
];

describe("ListStreams, malformed", () => {
    refusesWrongTypes(api, "ListStreams", { TableName: "String", Limit: "Integer", ExclusiveStartStreamArn: "String" });
});

describe("ListStreams, invalid", () => {
    refuses(api, "ListStreams", "ValidationException", [
        ["a limit of 0", { Limit: 0 }, validationErrors(broken(0, "limit", valueAtLeast(1)))],
        ["a limit of 101", { Limit: 101 }, validationErrors(broken(101, "limit", valueAtMost(100)))],
        ["a table name that is too short", { TableName: "ab" }, validationErrors(broken("ab", "tableName", lengthAtLeast(3)))],
        ["a start that is no ARN", { ExclusiveStartStreamArn: "a".repeat(40) }, "Invalid StreamArn"],
    ]);
});

describe("DescribeStream, malformed", () => {
    refusesWrongTypes(api, "DescribeStream", { StreamArn: "String", Limit: "Integer", ExclusiveStartShardId: "String", ShardFilter: ["Structure", "ShardFilter"] });
    refusesWrongTypes(api, "DescribeStream", { Type: "String", ShardId: "String" }, (member, value) => ({ ShardFilter: { [member]: value } }));
});

describe("DescribeStream, invalid", () => {
    refuses(api, "DescribeStream", "ValidationException", [
        ["nothing at all", {}, validationErrors(broken(null, "streamArn", NOT_NULL))],
        ["a limit of 0", { StreamArn: known.StreamArn, Limit: 0 }, validationErrors(broken(0, "limit", valueAtLeast(1)))],
        ["a limit of 101", { StreamArn: known.StreamArn, Limit: 101 }, validationErrors(broken(101, "limit", valueAtMost(100)))],
        ["a filter of another type", { StreamArn: known.StreamArn, ShardFilter: { Type: "ALL", ShardId: known.ShardId } },
            validationErrors(broken("ALL", "shardFilter.type", enumOf("CHILD_SHARDS")))],
        ["the children of a shard that is not there", { StreamArn: known.StreamArn, ShardFilter: { Type: "CHILD_SHARDS", ShardId: missingShard } },
            "Requested resource not found: Shard does not exist", "ResourceNotFoundException"],
        ...ARN_LENGTHS, ...MISSING,
    ]);
});

describe("GetShardIterator, malformed", () => {
    refusesWrongTypes(api, "GetShardIterator", { StreamArn: "String", ShardId: "String", ShardIteratorType: "String", SequenceNumber: "String" });
});

describe("GetShardIterator, invalid", () => {
    const given = { StreamArn: known.StreamArn, ShardId: known.ShardId, ShardIteratorType: "LATEST" };
    const at = (SequenceNumber) => ({ ...given, ShardIteratorType: "AT_SEQUENCE_NUMBER", SequenceNumber });
    refuses(api, "GetShardIterator", "ValidationException", [
        ["nothing at all", {}, validationErrors(...["streamArn", "shardId", "shardIteratorType"].map((member) => broken(null, member, NOT_NULL)))],
        ["another type", { ...given, ShardIteratorType: "AT_COMMIT" },
            validationErrors(broken("AT_COMMIT", "shardIteratorType", enumOf("TRIM_HORIZON", "LATEST", "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER", "AT_TIMESTAMP")))],
        ["a shard id that is too short", { ...given, ShardId: "shardId-1" }, validationErrors(broken("shardId-1", "shardId", lengthAtLeast(28)))],
        ["no sequence number where one is needed", at(undefined), /SequenceNumber/],
        ["a sequence number where none has a place", { ...given, SequenceNumber: `1${"0".repeat(25)}` }, /SequenceNumber/],
        ["no time where one is needed", { ...given, ShardIteratorType: "AT_TIMESTAMP" }, /Timestamp/],
        ["a time where none has a place", { ...given, Timestamp: 1 }, /Timestamp/],
        ["a sequence number beside a time", { ...at(`1${"0".repeat(25)}`), ShardIteratorType: "AT_TIMESTAMP", Timestamp: 1 }, /SequenceNumber/],
        ["a time in the future", { ...given, ShardIteratorType: "AT_TIMESTAMP", Timestamp: Date.now() / 1000 + 365 * 86400 }, /Timestamp/],
        ["a sequence number that is too short", at("1"), validationErrors(broken("1", "sequenceNumber", lengthAtLeast(21)))],
        ["a sequence number that is none", at("x".repeat(26)), "Invalid SequenceNumber"],
        ["a sequence number of another kind", at("1".repeat(30)), "Invalid SequenceNumber"],
        ["a sequence number before the shard", at(`1${"0".repeat(25)}`), "Invalid SequenceNumber"],
        ["a sequence number that was not given yet", at(`100000000000099999999${"0".repeat(5)}`), "Invalid SequenceNumber"],
        ["a shard that is not there", { ...given, ShardId: missingShard }, "Requested resource not found: Shard does not exist", "ResourceNotFoundException"],
        ...[...ARN_LENGTHS, ...MISSING].map(([claim, input, ...rest]) => [claim, { ...given, ...input }, ...rest]),
    ]);
});

describe("GetRecords, malformed", () => {
    refusesWrongTypes(api, "GetRecords", { ShardIterator: "String", Limit: "Integer" });
});

describe("GetRecords, invalid", async () => {
    const good = await iterator(known);
    const [arn, version, encoded] = good.split("|");
    const flip = (text, place) => text.slice(0, place) + (text[place] === "A" ? "B" : "A") + text.slice(place + 1);
    refuses(api, "GetRecords", "ValidationException", [
        ["nothing at all", {}, validationErrors(broken(null, "shardIterator", NOT_NULL))],
        ["an empty iterator", { ShardIterator: "" }, validationErrors(broken("", "shardIterator", lengthAtLeast(1)))],
        ["a limit of 0", { ShardIterator: good, Limit: 0 }, validationErrors(broken(0, "limit", valueAtLeast(1)))],
        ["a limit of 1001", { ShardIterator: good, Limit: 1001 }, validationErrors(broken(1001, "limit", valueAtMost(1000)))],
        ["any text", { ShardIterator: "any text" }, "Invalid ShardIterator"],
        ["an iterator of nothing", { ShardIterator: "||" }, "Invalid ShardIterator"],
        ["an iterator without its end", { ShardIterator: good.slice(0, -4) }, "Invalid ShardIterator"],
        ["an iterator without its stream", { ShardIterator: `|${version}|${encoded}` }, "Invalid ShardIterator"],
        ["an iterator of another version", { ShardIterator: `${arn}|2|${encoded}` }, "Invalid ShardIterator"],
        ...[0, 3, 9, 17, 25, 33].map((place) => [`an iterator with character ${place} changed`, { ShardIterator: `${arn}|${version}|${flip(encoded, place)}` }, "Invalid ShardIterator"]),
        ["an iterator of a stream that is not there", { ShardIterator: `${missingArn}|${version}|${encoded}` },
            `Requested resource not found: Stream: ${missingArn} not found`, "ResourceNotFoundException"],
    ]);

    it("an iterator of another stream", async () => {
        const other = await streamed();
        expectError(await api.call("GetRecords", { ShardIterator: `${other.StreamArn}|${version}|${encoded}` }), "ValidationException", "Invalid ShardIterator");
    });

    it("an iterator is good for fifteen minutes", async () => {
        const ShardIterator = await iterator(known);
        await advance(15 * 60_000);
        await api.ok("GetRecords", { ShardIterator });
        await advance(1);
        expectError(await api.call("GetRecords", { ShardIterator }), "ExpiredIteratorException",
            /^Iterator expired\. The iterator was created at time \w{3} \w{3} \d\d [\d:]{8} UTC \d{4} while right now it is .* which is further in the future than the tolerated delay of 900000 milliseconds\.$/);
    });
});

describe("the two APIs", () => {
    it("keep to their own names", async () => {
        for (const [operation, target] of [["GetRecords", "DynamoDB_20120810.GetRecords"], ["ListTables", "DynamoDBStreams_20120810.ListTables"]])
            expectError(await api.call(operation, {}, { "x-amz-target": target }), "UnknownOperationException", undefined);
    });
});

describe("StreamSpecification, invalid", () => {
    const create = (StreamSpecification) => ({
        TableName: api.tableName(), AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }], BillingMode: "PAY_PER_REQUEST", StreamSpecification,
    });
    const VIEWS = enumOf("OLD_IMAGE", "KEYS_ONLY", "NEW_AND_OLD_IMAGES", "NEW_IMAGE");
    for (const operation of ["CreateTable", "UpdateTable"])
        refusesWrongTypes(api, operation, { StreamSpecification: ["Structure", "StreamSpecification"] });
    refuses(api, "CreateTable", "ValidationException", [
        ["a stream that is not said to be enabled", create({}), validationErrors(broken(null, "streamSpecification.streamEnabled", NOT_NULL))],
        ["another view", create({ StreamEnabled: true, StreamViewType: "ALL" }), validationErrors(broken("ALL", "streamSpecification.streamViewType", VIEWS))],
        ["a stream without a view", create({ StreamEnabled: true }), `${INVALID}Table is being created with a stream enabled, UpdateViewType is required`],
        ["no stream with a view", create({ StreamEnabled: false, StreamViewType: "KEYS_ONLY" }),
            `${INVALID}Table is being created with a stream disabled, UpdateViewType should not be specified`],
    ]);
    const { TableName } = known;
    const stream = streamOf("KEYS_ONLY");
    const units = { ReadCapacityUnits: 2, WriteCapacityUnits: 2 };
    refuses(api, "UpdateTable", "ValidationException", [
        ["a stream without a view", { TableName, StreamSpecification: { StreamEnabled: true } }, `${INVALID}If stream is being enabled then UpdateViewType is required`],
        ["a view to be disabled", { TableName, StreamSpecification: { StreamEnabled: false, StreamViewType: "KEYS_ONLY" } },
            `${INVALID}If stream is being disabled, then UpdateViewType must not be specified`],
        ["a second stream", { TableName, ...stream }, `Table already has an enabled stream: TableName: ${TableName}`],
        ["the same stream again", { TableName, ...streamOf("NEW_AND_OLD_IMAGES") }, `Table already has an enabled stream: TableName: ${TableName}`],
        ["throughput with it", { TableName, ...stream, ProvisionedThroughput: units }, `${INVALID}You cannot modify stream status while updating table IOPS`],
        ["another billing mode with it", { TableName, ...stream, BillingMode: "PROVISIONED", ProvisionedThroughput: units }, `${INVALID}You cannot modify stream status while updating table IOPS`],
        ["ceilings with it", { TableName, ...stream, OnDemandThroughput: { MaxReadRequestUnits: 5 } }, `${INVALID}OnDemandThroughput can only be combined with BillingMode in an UpdateTable request`],
        ["protection with it", { TableName, ...stream, DeletionProtectionEnabled: true }, `${INVALID}DeletionProtection modification must be the only operation in the request`],
    ]);

    it("refuses to disable what is not enabled", async () => {
        const name = await api.table();
        expectError(await api.call("UpdateTable", { TableName: name, StreamSpecification: { StreamEnabled: false } }), "ValidationException",
            `Table has no stream to disable: TableName: ${name}`);
    });
});

describe("StreamSpecification, working", () => {
    it("a table can be created without a stream in so many words", async () => {
        const TableName = await api.table("pk S", { StreamSpecification: { StreamEnabled: false } });
        const { Table } = await api.ok("DescribeTable", { TableName });
        assert.deepEqual([Table.StreamSpecification, Table.LatestStreamArn, Table.LatestStreamLabel], [undefined, undefined, undefined]);
    });

    it("the description of the table names its stream, also after it was disabled", async () => {
        const TableName = await api.table();
        const { TableDescription } = await api.ok("UpdateTable", { TableName, ...streamOf("OLD_IMAGE") });
        assert.equal(TableDescription.TableStatus, "UPDATING");
        const { Table } = await api.ok("DescribeTable", { TableName });
        assert.deepEqual(Table.StreamSpecification, { StreamEnabled: true, StreamViewType: "OLD_IMAGE" });
        assert.match(Table.LatestStreamLabel, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/);
        assert.equal(Table.LatestStreamArn, `${Table.TableArn}/stream/${Table.LatestStreamLabel}`);
        assert.equal(TableDescription.LatestStreamArn, Table.LatestStreamArn);

        await api.ok("UpdateTable", { TableName, StreamSpecification: { StreamEnabled: false } });
        const after = (await api.ok("DescribeTable", { TableName })).Table;
        assert.equal(after.StreamSpecification, undefined);
        assert.equal(after.LatestStreamArn, Table.LatestStreamArn);
        assert.equal((await described(Table.LatestStreamArn)).StreamStatus, "DISABLED");

        await api.ok("UpdateTable", { TableName, BillingMode: "PAY_PER_REQUEST", ...streamOf("NEW_IMAGE") });
        assert.notEqual(await latestArn(TableName), Table.LatestStreamArn);
    });
});

describe("ListStreams, DescribeStream, GetShardIterator and GetRecords, working", () => {
    it("an event has the shape of the service's", async () => {
        const stream = await streamed("NEW_AND_OLD_IMAGES", "pk S, sk N");
        const item = (n) => ({ pk: { S: "a" }, sk: { N: "1" }, n: { N: n }, tags: { SS: ["x", "y"] } });
        await api.ok("PutItem", { TableName: stream.TableName, Item: item("1") });
        await api.ok("PutItem", { TableName: stream.TableName, Item: item("2") });
        await api.ok("DeleteItem", { TableName: stream.TableName, Key: { pk: { S: "a" }, sk: { N: "1" } } });
        const events = await records(stream);
        assert.deepEqual(events.map(({ eventName }) => eventName), ["INSERT", "MODIFY", "REMOVE"]);
        const [, event] = events;
        const { eventID, dynamodb: { ApproximateCreationDateTime, SequenceNumber, ...change }, ...rest } = event;
        assert.match(eventID, /^[0-9a-f]{32}$/);
        assert.ok(Number.isInteger(ApproximateCreationDateTime) && ApproximateCreationDateTime > 1.7e9 && ApproximateCreationDateTime < 3e9);
        assert.match(SequenceNumber, /^[1-9]\d{20,39}$/);
        assert.deepEqual(rest, { eventName: "MODIFY", eventVersion: "1.1", eventSource: "aws:dynamodb", awsRegion: api.region });
        assert.deepEqual(change, {
            Keys: { pk: { S: "a" }, sk: { N: "1" } },
            NewImage: item("2"), OldImage: item("1"),
            SizeBytes: 7 + 2 * (7 + 1 + 2 + 4 + 2), StreamViewType: "NEW_AND_OLD_IMAGES",
        });
        assert.deepEqual(Object.keys(events[0].dynamodb).includes("OldImage"), false);
        assert.deepEqual(Object.keys(events[2].dynamodb).includes("NewImage"), false);
        assert.equal(new Set(events.map((each) => each.eventID)).size, 3);
        assert.deepEqual((await records(stream)).map((each) => each.eventID), events.map((each) => each.eventID));
    });

    for (const [view, shown] of [["KEYS_ONLY", []], ["NEW_IMAGE", ["NewImage"]], ["OLD_IMAGE", ["OldImage"]], ["NEW_AND_OLD_IMAGES", ["NewImage", "OldImage"]]])
        it(`a ${view} stream shows ${shown.join(" and ") || "keys"}`, async () => {
            const stream = await streamed(view);
            await put(stream.TableName, "a", { x: { S: "1" } });
            await put(stream.TableName, "a", { x: { S: "2" } });
            const { dynamodb } = (await records(stream))[1];
            assert.deepEqual(Object.keys(dynamodb).filter((name) => name.endsWith("Image")), shown);
            assert.deepEqual(dynamodb.Keys, { pk: { S: "a" } });
        });

    it("the size of a record is that of the guide's example", async () => {
        const TableName = await api.table("Id N", { ...ONE_SHARD, ...streamOf("NEW_AND_OLD_IMAGES") });
        const StreamArn = await latestArn(TableName);
        const [{ ShardId }] = await shardsOf(StreamArn);
        const Key = { Id: { N: "101" } };
        await api.ok("PutItem", { TableName, Item: { ...Key, Message: { S: "New item!" } } });
        await api.ok("PutItem", { TableName, Item: { ...Key, Message: { S: "This item has changed" } } });
        await api.ok("DeleteItem", { TableName, Key });
        assert.deepEqual((await records({ StreamArn, ShardId })).map(({ dynamodb }) => dynamodb.SizeBytes), [26, 59, 38]);
    });

    it("a write that changes nothing has no record, and every operation that changes has one", async () => {
        const stream = await streamed("NEW_IMAGE");
        const { TableName } = stream;
        const Key = { pk: { S: "a" } };
        await put(TableName, "a", { m: { M: { x: { N: "1" }, y: { N: "2" } } } });
        await put(TableName, "a", { m: { M: { y: { N: "2.0" }, x: { N: "1" } } } });
        await api.ok("UpdateItem", { TableName, Key, UpdateExpression: "SET m.x = :one", ExpressionAttributeValues: { ":one": { N: "1" } } });
        await api.ok("UpdateItem", { TableName, Key, UpdateExpression: "REMOVE never" });
        await api.ok("DeleteItem", { TableName, Key: { pk: { S: "never" } } });
        assert.equal((await api.call("PutItem", { TableName, Item: Key, ConditionExpression: "attribute_not_exists(pk)" })).status, 400);
        await api.ok("UpdateItem", { TableName, Key: { pk: { S: "b" } } });
        await api.ok("BatchWriteItem", { RequestItems: { [TableName]: [{ PutRequest: { Item: { pk: { S: "c" } } } }, { DeleteRequest: { Key } }, { DeleteRequest: { Key: { pk: { S: "never" } } } }] } });
        const told = (await records(stream)).map(({ eventName, dynamodb }) => `${eventName} ${dynamodb.Keys.pk.S}`);
        assert.deepEqual(told.slice(0, 2), ["INSERT a", "INSERT b"]);
        assert.deepEqual(told.slice(2).sort(), ["INSERT c", "REMOVE a"]);
    });

    it("iterators of places begin where they say", async () => {
        const stream = await streamed("KEYS_ONLY");
        for (const pk of ["a", "b", "c"])
            await put(stream.TableName, pk);
        const all = await records(stream);
        const names = async (...place) => (await records(stream, ...place)).map(({ dynamodb }) => dynamodb.Keys.pk.S);
        const second = all[1].dynamodb.SequenceNumber;
        assert.deepEqual(await names("TRIM_HORIZON"), ["a", "b", "c"]);
        assert.deepEqual(await names("AT_SEQUENCE_NUMBER", second), ["b", "c"]);
        assert.deepEqual(await names("AFTER_SEQUENCE_NUMBER", second), ["c"]);
        assert.deepEqual(await names("LATEST"), []);
        const latest = await iterator(stream, "LATEST");
        await put(stream.TableName, "d");
        const { Records, NextShardIterator } = await api.ok("GetRecords", { ShardIterator: latest });
        assert.deepEqual(Records.map(({ dynamodb }) => dynamodb.Keys.pk.S), ["d"]);
        assert.equal((await api.ok("GetRecords", { ShardIterator: NextShardIterator })).Records.length, 0);
    });

    it("an iterator of a time begins with the first record of that time or later, if any", async () => {
        const stream = await streamed("KEYS_ONLY");
        await advance(1000);
        await put(stream.TableName, "a");
        const [{ dynamodb: { ApproximateCreationDateTime: shown } }] = await records(stream);
        await advance(2000);
        for (const pk of ["b", "c"])
            await put(stream.TableName, pk);
        await advance(1500);
        const from = async (time) => (await records(stream, "AT_TIMESTAMP", undefined, time)).map(({ dynamodb }) => dynamodb.Keys.pk.S);
        /* The first record is told by the second in which it was written. */
        for (const [time, expected] of [[0, "abc"], [shown - 60, "abc"], [shown, "abc"], [shown + 1, "bc"], [shown + 2, "bc"], [shown + 3, ""], [shown + 3.25, ""]])
            assert.equal((await from(time)).join(""), expected, `${time - shown} s behind the first record`);
    });

    it("sequence numbers grow, and lie in the shard's range", async () => {
        const stream = await streamed("KEYS_ONLY");
        for (let i = 0; i < 30; i++)
            await put(stream.TableName, `k${i}`);
        const numbers = (await records(stream)).map(({ dynamodb }) => BigInt(dynamodb.SequenceNumber));
        await api.ok("UpdateTable", { TableName: stream.TableName, StreamSpecification: { StreamEnabled: false } });
        const [{ SequenceNumberRange: range }] = await shardsOf(stream.StreamArn);
        const bounded = [BigInt(range.StartingSequenceNumber), ...numbers, BigInt(range.EndingSequenceNumber)];
        assert.ok(bounded.every((number, i) => i === 0 || number > bounded[i - 1]), bounded.join(" "));
    });

    it("records come in pages of a limit, up to the end of a closed shard", async () => {
        const stream = await streamed("NEW_IMAGE");
        for (let i = 0; i < 7; i++)
            await put(stream.TableName, `k${i}`);
        await api.ok("UpdateTable", { TableName: stream.TableName, StreamSpecification: { StreamEnabled: false } });
        await put(stream.TableName, "later");
        const pages = [];
        for (let ShardIterator = await iterator(stream); ShardIterator;) {
            const page = await api.ok("GetRecords", { ShardIterator, Limit: 3 });
            pages.push(page.Records.length);
            assert.ok(!("NextShardIterator" in page) || typeof page.NextShardIterator === "string");
            ShardIterator = page.NextShardIterator;
        }
        assert.deepEqual(pages, [3, 3, 1]);
    });

    it("a thousand records are a page, and so is a megabyte", async () => {
        const many = await streamed("KEYS_ONLY");
        for (let i = 0; i < 1010; i += 10)
            await Promise.all(Array.from({ length: 10 }, (_, j) => put(many.TableName, `k${i + j}`)));
        assert.equal((await records(many)).length, 1000);
        const large = await streamed("NEW_IMAGE");
        for (let i = 0; i < 8; i++)
            await put(large.TableName, `k${i}`, { x: { S: "x".repeat(200_000) } });
        assert.equal((await records(large)).length, 5);
    });

    it("a stream is described with its table, keys and shards", async () => {
        const TableName = await api.table("pk S, sk B", streamOf("KEYS_ONLY"));
        const StreamArn = await latestArn(TableName);
        const { CreationRequestDateTime, Shards, ...rest } = await described(StreamArn);
        assert.deepEqual(rest, {
            StreamArn, StreamLabel: StreamArn.split("/stream/")[1], StreamStatus: "ENABLED", StreamViewType: "KEYS_ONLY", TableName,
            KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "sk", KeyType: "RANGE" }],
        });
        assert.equal(typeof CreationRequestDateTime, "number");
        assert.equal(Shards.length, 4); /* of a new table on demand */
        for (const shard of Shards) {
            assert.match(shard.ShardId, /^shardId-\d{20}-[0-9a-f]{8}$/);
            assert.match(shard.SequenceNumberRange.StartingSequenceNumber, /^\d{21,40}$/);
            assert.deepEqual(Object.keys(shard), ["ShardId", "SequenceNumberRange"]);
        }
        const ids = Shards.map(({ ShardId }) => ShardId);
        assert.equal(new Set(ids).size, 4);

        const paged = [];
        let more = {};
        do {
            const page = await described(StreamArn, { Limit: 3, ...more });
            paged.push(...page.Shards.map(({ ShardId }) => ShardId));
            more = { ExclusiveStartShardId: page.LastEvaluatedShardId };
        } while (more.ExclusiveStartShardId);
        assert.deepEqual(paged, ids);
        assert.deepEqual((await described(StreamArn, { ShardFilter: { Type: "CHILD_SHARDS", ShardId: ids[0] } })).Shards, []);
    });

    it("the records of a table stand in the shards of their items", async () => {
        const TableName = await api.table("pk S", streamOf("KEYS_ONLY"));
        const StreamArn = await latestArn(TableName);
        const names = Array.from({ length: 200 }, (_, i) => `k${i}`);
        for (const name of names)
            await put(TableName, name);
        for (const name of names)
            await put(TableName, name, { again: { BOOL: true } });
        const found = [];
        for (const { ShardId } of await shardsOf(StreamArn)) {
            const told = (await records({ StreamArn, ShardId })).map(({ eventName, dynamodb }) => `${dynamodb.Keys.pk.S} ${eventName}`);
            assert.ok(told.length > 0);
            for (const line of told.filter((each) => each.endsWith("INSERT")))
                assert.ok(told.indexOf(line) < told.indexOf(line.replace("INSERT", "MODIFY")), line);
            found.push(...told);
        }
        assert.deepEqual(found.sort(), names.flatMap((name) => [`${name} INSERT`, `${name} MODIFY`]).sort());
    });

    it("streams are listed by table and in pages, those of deleted tables too", async () => {
        const TableName = await api.table("pk S", streamOf("KEYS_ONLY"));
        const first = await latestArn(TableName);
        await api.ok("DeleteTable", { TableName });
        await api.table("pk S", { TableName, ...streamOf("NEW_IMAGE") });
        const second = await latestArn(TableName);
        const { Streams } = await api.ok("ListStreams", { TableName });
        assert.deepEqual(Streams, [first, second].map((StreamArn) => ({ StreamArn, TableName, StreamLabel: StreamArn.split("/stream/")[1] })));
        assert.deepEqual((await api.ok("ListStreams", { TableName: `${TableName}-missing` })), { Streams: [] });

        const page = await api.ok("ListStreams", { TableName, Limit: 1 });
        assert.deepEqual([page.Streams[0].StreamArn, page.LastEvaluatedStreamArn], [first, first]);
        const rest = await api.ok("ListStreams", { TableName, Limit: 1, ExclusiveStartStreamArn: first });
        assert.deepEqual([rest.Streams[0].StreamArn, rest.LastEvaluatedStreamArn], [second, undefined]);
        const all = (await api.ok("ListStreams", {})).Streams.map(({ StreamArn }) => StreamArn);
        assert.ok(all.includes(first) && all.includes(second) && all.includes(known.StreamArn));
    });

    it("the SDK reads it all", async () => {
        const { TableName, StreamArn } = await streamed("NEW_IMAGE");
        await put(TableName, "a");
        const streams = makeClient(api.url, {}, DynamoDBStreamsClient);
        const listed = await streams.send(new ListStreamsCommand({ TableName }));
        assert.equal(listed.Streams[0].StreamArn, StreamArn);
        const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
        assert.ok(StreamDescription.CreationRequestDateTime instanceof Date);
        const { ShardIterator } = await streams.send(new GetShardIteratorCommand({ StreamArn, ShardId: StreamDescription.Shards[0].ShardId, ShardIteratorType: "TRIM_HORIZON" }));
        const { Records } = await streams.send(new GetRecordsCommand({ ShardIterator }));
        assert.deepEqual(Records[0].dynamodb.NewImage, { pk: { S: "a" } });
        assert.ok(Records[0].dynamodb.ApproximateCreationDateTime instanceof Date);
        streams.destroy();
    });
});

describe("streams as days go by", { skip: !isOwnServer && "the clock is ours" }, async () => {
    it("records go after a day, and what pointed to them says so", async () => {
        const stream = await streamed("KEYS_ONLY");
        await put(stream.TableName, "old");
        const [{ dynamodb: { SequenceNumber } }] = await records(stream);
        await advance(DAY_MS - 60_000);
        await put(stream.TableName, "young");
        const ShardIterator = await iterator(stream);
        await advance(60_000);
        const text = "The operation attempted to read past the oldest stream record in a shard.";
        await until(async () => (await api.call("GetRecords", { ShardIterator })).status === 400);
        expectError(await api.call("GetRecords", { ShardIterator }), "TrimmedDataAccessException", text);
        expectError(await api.call("GetShardIterator", { StreamArn: stream.StreamArn, ShardId: stream.ShardId, ShardIteratorType: "AT_SEQUENCE_NUMBER", SequenceNumber }),
            "TrimmedDataAccessException", text);
        assert.deepEqual((await records(stream)).map(({ dynamodb }) => dynamodb.Keys.pk.S), ["young"]);
    });

    it("a stream of a deleted table is read for a day", async () => {
        const stream = await streamed("KEYS_ONLY");
        await put(stream.TableName, "a");
        await api.ok("DeleteTable", { TableName: stream.TableName });
        assert.equal((await described(stream.StreamArn)).StreamStatus, "DISABLED");
        await advance(DAY_MS - 1000);
        assert.equal((await records(stream)).length, 1);
        await advance(1000);
        await until(async () => (await api.call("DescribeStream", { StreamArn: stream.StreamArn })).status === 400);
        assert.deepEqual(await api.ok("ListStreams", { TableName: stream.TableName }), { Streams: [] });
    });

    it("streams are ENABLING and DISABLING for as long as tables are on their way", async () => {
        const slow = await openEndpoint({ clock: "manual", transitionDelayMs: 1000 });
        const status = async (StreamArn) => (await slow.ok("DescribeStream", { StreamArn })).StreamDescription.StreamStatus;
        const TableName = slow.tableName();
        const { TableDescription } = await slow.ok("CreateTable", {
            TableName, AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }], KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
            BillingMode: "PAY_PER_REQUEST", ...streamOf("KEYS_ONLY"),
        });
        const StreamArn = TableDescription.LatestStreamArn;
        assert.equal(await status(StreamArn), "ENABLING");
        await advance(1000, slow);
        assert.equal(await status(StreamArn), "ENABLED");
        await slow.ok("PutItem", { TableName, Item: { pk: { S: "a" } } });
        await slow.ok("UpdateTable", { TableName, StreamSpecification: { StreamEnabled: false } });
        assert.equal(await status(StreamArn), "DISABLING");
        await advance(1000, slow);
        assert.equal(await status(StreamArn), "DISABLED");
        await slow.ok("UpdateTable", { TableName, ...streamOf("KEYS_ONLY") });
        await advance(1000, slow);
        const second = (await slow.ok("DescribeTable", { TableName })).Table.LatestStreamArn;
        await slow.ok("DeleteTable", { TableName });
        assert.equal(await status(second), "DISABLING");
        await advance(1000, slow);
        assert.equal(await status(second), "DISABLED");
    });
});

describe("--partitions", { skip: !isOwnServer && "an option of our own" }, async () => {
    const server = isOwnServer && (await openEndpoint({ partitions: 7 }));

    it("says how many shards the streams of new tables have", async () => {
        const TableName = await server.table("pk S", streamOf("KEYS_ONLY"));
        const { Table } = await server.ok("DescribeTable", { TableName });
        assert.equal((await server.ok("DescribeStream", { StreamArn: Table.LatestStreamArn })).StreamDescription.Shards.length, 7);
    });
});
