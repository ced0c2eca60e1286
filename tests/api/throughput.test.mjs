/* --throughput: what is throttled, in whose words, what comes back of batches, and that it passes. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { isOwnServer, makeClient, openEndpoint } from "../support/endpoint.mjs";
import { expectError } from "../support/expect.mjs";
import { exchange } from "../support/http.mjs";
import { until } from "../support/until.mjs";

const skip = !isOwnServer && "it moves the clock";

const TABLE_TEXT = "The level of configured provisioned throughput for the table was exceeded. "
    + "Consider increasing your provisioning level with the UpdateTable API.";
const INDEX_TEXT = "The level of configured provisioned throughput for one or more global secondary indexes of the table was exceeded. "
    + "Consider increasing your provisioning level for the under-provisioned global secondary indexes with the UpdateTable API.";
const ON_DEMAND_TEXT = "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly. "
    + "If exceptions persist, check if you have a hot key: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html";
const ON_DEMAND_INDEX_TEXT = "Throughput exceeds the current capacity for one or more global secondary indexes. DynamoDB is automatically scaling your index so please try again shortly.";

const arn = (table, index) => `arn:aws:dynamodb:us-east-1:000000000000:table/${table}${index ? `/index/${index}` : ""}`;
const units = (ReadCapacityUnits, WriteCapacityUnits) => ({ ReadCapacityUnits, WriteCapacityUnits });
const provisioned = (reads, writes) => ({ BillingMode: "PROVISIONED", ProvisionedThroughput: units(reads, writes) });
const indexed = (ProvisionedThroughput, OnDemandThroughput) => ({
    AttributeDefinitions: ["pk", "a"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
    GlobalSecondaryIndexes: [{
        IndexName: "byA",
        KeySchema: [{ AttributeName: "a", KeyType: "HASH" }],
        Projection: { ProjectionType: "ALL" },
        ProvisionedThroughput,
        OnDemandThroughput,
    }],
});
const key = (name) => ({ pk: { S: String(name) } });
/* One that costs so many units to write. */
const large = (name, writeUnits) => ({ ...key(name), fill: { S: "x".repeat(writeUnits * 1024 - 20) } });
const numbered = (count) => Array.from({ length: count }, (_, i) => key(i));

async function open(options) {
    const api = await openEndpoint({ throughput: "enforce", clock: "manual", ...options });
    api.pass = async (milliseconds) => {
        const { status } = await exchange(api, { method: "PUT", path: "/_stator/clock", body: JSON.stringify({ AdvanceMilliseconds: milliseconds }) });
        assert.equal(status, 200);
    };
    return api;
}

/* How many of the requests come through before one does not; that answer. */
async function untilRefused(api, operation, input, most = 100) {
    for (let count = 0; count <= most; count++) {
        const answer = await api.call(operation, typeof input === "function" ? input(count) : input);
        if (answer.status !== 200)
            return { count, answer };
    }
    throw new Error(`${operation} was never refused`);
}

describe("throughput that is enforced", { skip }, async () => {
    const api = isOwnServer && (await open({ partitions: 1 }));
    const operations = {
        PutItem: ["Write", (TableName) => ({ TableName, Item: key("a") })],
        UpdateItem: ["Write", (TableName) => ({ TableName, Key: key("a") })],
        DeleteItem: ["Write", (TableName) => ({ TableName, Key: key("a") })],
        "a PutItem whose condition fails": ["Write", (TableName) => ({ TableName, Item: key("a"), ConditionExpression: "attribute_exists(pk)" })],
        GetItem: ["Read", (TableName) => ({ TableName, Key: key("a"), ConsistentRead: true })],
        Query: ["Read", (TableName) => ({ TableName, ConsistentRead: true, KeyConditionExpression: "pk = :p", ExpressionAttributeValues: { ":p": { S: "a" } } })],
        Scan: ["Read", (TableName) => ({ TableName, ConsistentRead: true })],
        "ExecuteStatement that reads": ["Read", (table) => ({ ConsistentRead: true, Statement: `SELECT * FROM "${table}" WHERE pk = 'a'` })],
        "ExecuteStatement that writes": ["Write", (table) => ({ Statement: `DELETE FROM "${table}" WHERE pk = 'a'` })],
    };
    for (const [claim, [kind, input]] of Object.entries(operations))
        it(`refuses ${claim} beyond what is provisioned until time has passed`, async () => {
            const table = await api.table("pk S", provisioned(5, 5));
            const operation = claim.split(" ").find((word) => /^(Execute|Put|Get|Update|Delete|Query|Scan)/.test(word));
            const refused = async (wanted) => {
                for (let i = 0; i < wanted; i++)
                    assert.ok((await api.call(operation, input(table))).json?.__type?.includes("Throughput") !== true, `request ${i} of ${wanted}`);
                const answer = await api.call(operation, input(table));
                expectError(answer, "ProvisionedThroughputExceededException", TABLE_TEXT);
                assert.deepEqual(answer.json.ThrottlingReasons, [{ reason: `Table${kind}ProvisionedThroughputExceeded`, resource: arn(table) }]);
            };
            await refused(5);
            await api.pass(1000);
            await refused(5);
            await api.pass(10_000);
            await refused(50);
        });

    it("keeps five minutes of what was not used, and no more", async () => {
        const table = await api.table("pk S", provisioned(5, 1));
        await api.pass(3600_000);
        const put = (i) => ({ TableName: table, Item: large(i, 10) });
        const { count } = await untilRefused(api, "PutItem", put);
        assert.equal(count, 30);
    });

    it("refuses what one partition does not take, on demand too", async () => {
        const table = await api.table();
        const { count, answer } = await untilRefused(api, "PutItem", (i) => ({ TableName: table, Item: large(i, 100) }));
        assert.equal(count, 10);
        expectError(answer, "ThrottlingException", ON_DEMAND_TEXT);
        assert.deepEqual(answer.json.throttlingReasons, [{ reason: "TableWriteKeyRangeThroughputExceeded", resource: arn(table) }]);
        await assert.rejects(api.client.send(new PutItemCommand({ TableName: table, Item: key("a") })), {
            name: "ThrottlingException",
            throttlingReasons: [{ reason: "TableWriteKeyRangeThroughputExceeded", resource: arn(table) }],
        });
    });

    it("refuses what is above a ceiling", async () => {
        const table = await api.table("pk S", { OnDemandThroughput: { MaxReadRequestUnits: 3, MaxWriteRequestUnits: 2 } });
        const { count, answer } = await untilRefused(api, "PutItem", { TableName: table, Item: key("a") });
        assert.equal(count, 2);
        expectError(answer, "ThrottlingException", ON_DEMAND_TEXT);
        assert.equal(answer.json.throttlingReasons[0].reason, "TableWriteMaxOnDemandThroughputExceeded");
    });

    it("refuses a write that an index cannot follow, and charges nothing for it", async () => {
        const table = await api.table("pk S", { ...provisioned(10, 10), ...indexed(units(10, 3)) });
        const put = (i) => ({ TableName: table, Item: { ...key(i), a: { S: "same" } } });
        const { count, answer } = await untilRefused(api, "PutItem", put);
        assert.equal(count, 3);
        expectError(answer, "ProvisionedThroughputExceededException", INDEX_TEXT);
        assert.deepEqual(answer.json.ThrottlingReasons, [{ reason: "IndexWriteProvisionedThroughputExceeded", resource: arn(table, "byA") }]);
        assert.equal((await api.ok("Scan", { TableName: table, Select: "COUNT" })).Count, 3);
        const rest = await untilRefused(api, "PutItem", { TableName: table, Item: key("not in the index") });
        assert.equal(rest.count, 7);
        const reads = await untilRefused(api, "Query", {
            TableName: table, IndexName: "byA", KeyConditionExpression: "a = :a", ExpressionAttributeValues: { ":a": { S: "same" } },
        });
        assert.equal(reads.count, 20);
        assert.equal(reads.answer.json.ThrottlingReasons[0].reason, "IndexReadProvisionedThroughputExceeded");
        await api.ok("GetItem", { TableName: table, Key: key(0) });
    });

    it("says of an index on demand that it is being scaled", async () => {
        const table = await api.table("pk S", indexed(undefined, { MaxWriteRequestUnits: 1 }));
        const { count, answer } = await untilRefused(api, "PutItem", (i) => ({ TableName: table, Item: { ...key(i), a: { S: "x" } } }));
        assert.equal(count, 1);
        expectError(answer, "ThrottlingException", ON_DEMAND_INDEX_TEXT);
        assert.deepEqual(answer.json.throttlingReasons, [{ reason: "IndexWriteMaxOnDemandThroughputExceeded", resource: arn(table, "byA") }]);
    });

    it("writes of a batch what it can, hands the rest back, and refuses one of which nothing can be done", async () => {
        const table = await api.table("pk S", provisioned(5, 4));
        const other = await api.table("pk S");
        const batch = (items, more = {}) => ({
            ReturnConsumedCapacity: "TOTAL",
            RequestItems: { [table]: items.map((Item) => ({ PutRequest: { Item } })), ...more },
        });
        const first = await api.ok("BatchWriteItem", batch(numbered(10), { [other]: [{ DeleteRequest: { Key: key("x") } }] }));
        assert.deepEqual(first.UnprocessedItems, { [table]: numbered(10).slice(4).map((Item) => ({ PutRequest: { Item } })) });
        assert.deepEqual(first.ConsumedCapacity.map(({ CapacityUnits }) => CapacityUnits).sort(), [1, 4]);
        const second = await api.call("BatchWriteItem", batch(numbered(10).slice(4)));
        expectError(second, "ProvisionedThroughputExceededException", TABLE_TEXT);
        assert.equal(second.json.ThrottlingReasons[0].reason, "TableWriteProvisionedThroughputExceeded");
        await api.pass(10_000);
        assert.deepEqual((await api.ok("BatchWriteItem", { RequestItems: first.UnprocessedItems })).UnprocessedItems, {});
        assert.equal((await api.ok("Scan", { TableName: table, Select: "COUNT" })).Count, 10);
    });

    it("reads of a batch what it can, hands the rest back, and refuses one of which nothing can be done", async () => {
        const table = await api.table("pk S", provisioned(4, 100));
        for (let i = 0; i < 10; i++)
            await api.ok("PutItem", { TableName: table, Item: key(i) });
        const batch = (Keys) => ({ RequestItems: { [table]: { Keys, ConsistentRead: true } } });
        const first = await api.ok("BatchGetItem", batch(numbered(10)));
        assert.equal(first.Responses[table].length, 4);
        assert.deepEqual(first.UnprocessedKeys, { [table]: { Keys: numbered(10).slice(4), ConsistentRead: true } });
        expectError(await api.call("BatchGetItem", batch(numbered(10))), "ProvisionedThroughputExceededException", TABLE_TEXT);
        await api.pass(10_000);
        const second = await api.ok("BatchGetItem", { RequestItems: first.UnprocessedKeys });
        assert.deepEqual(second.UnprocessedKeys, {});
        assert.equal(second.Responses[table].length, 6);
    });

    it("tells of each statement of a batch whether it was throttled", async () => {
        const table = await api.table("pk S", provisioned(5, 2));
        const Statements = numbered(3).map(({ pk }) => ({ Statement: `INSERT INTO "${table}" VALUE {'pk': '${pk.S}'}` }));
        const { Responses } = await api.ok("BatchExecuteStatement", { Statements });
        assert.deepEqual(Responses.map(({ Error: error }) => error?.Code), [undefined, undefined, "ProvisionedThroughputExceeded"]);
        assert.equal(Responses[2].Error.Message, TABLE_TEXT);
    });

    it("cancels a transaction that is over, for reasons, and charges nothing for it", async () => {
        const table = await api.table("pk S", provisioned(5, 5));
        const other = await api.table("pk S", provisioned(5, 5));
        const put = (TableName, name) => ({ Put: { TableName, Item: key(name) } });
        const refused = await api.call("TransactWriteItems", { TransactItems: [...[1, 2, 3, 4].map((i) => put(table, i)), put(other, 1)] });
        expectError({ ...refused, json: { ...refused.json, message: refused.json.Message } }, "TransactionCanceledException",
            "Transaction cancelled, please refer cancellation reasons for specific reasons [None, None, None, ProvisionedThroughputExceeded, None]");
        assert.deepEqual(refused.json.CancellationReasons[3], { Code: "ProvisionedThroughputExceeded", Message: TABLE_TEXT });
        assert.equal((await api.ok("Scan", { TableName: table, Select: "COUNT" })).Count, 0);
        await api.ok("TransactWriteItems", { TransactItems: [1, 2, 3].map((i) => put(table, i)) });
        await api.pass(60_000);
        const get = (TableName, name) => ({ Get: { TableName, Key: key(name) } });
        const { answer } = await untilRefused(api, "TransactGetItems", { TransactItems: [get(table, 1), get(other, 1)] }, 400);
        assert.match(answer.json.Message, /specific reasons \[.*ProvisionedThroughputExceeded.*\]$/);
    });

    it("lets throughput be lowered four times a day, then once an hour, and again the next day", async () => {
        const table = await api.table("pk S", provisioned(100, 100));
        let writes = 100;
        const lower = () => api.call("UpdateTable", { TableName: table, ProvisionedThroughput: units(100, --writes) });
        await api.pass(24 * 3600_000 - ((await api.ok("DescribeTable", { TableName: table })).Table.CreationDateTime * 1000) % (24 * 3600_000));
        for (let i = 0; i < 4; i++)
            assert.equal((await lower()).status, 200);
        const refused = async () => expectError(await lower(), "LimitExceededException", /^Subscriber limit exceeded: .* Number of decreases today: [45]\. /);
        await refused();
        await api.pass(3599_000);
        await refused();
        await api.pass(1000);
        assert.equal((await lower()).status, 200);
        await refused();
        await api.pass(24 * 3600_000);
        for (let i = 0; i < 4; i++)
            assert.equal((await lower()).status, 200);
        await refused();
    });

    it("gives what UpdateTable has raised at once", async () => {
        const table = await api.table("pk S", provisioned(5, 1));
        await untilRefused(api, "PutItem", { TableName: table, Item: key("a") });
        await api.ok("UpdateTable", { TableName: table, ProvisionedThroughput: units(5, 50) });
        await api.pass(1000);
        assert.equal((await untilRefused(api, "PutItem", { TableName: table, Item: key("a") })).count, 50);
    });
});

describe("a table on demand that has grown", { skip }, async () => {
    const api = isOwnServer && (await open());
    const ITEM_UNITS = 400;
    const SECONDS = 56; /* with a transaction each, within one minute */
    const partitions = async (table) => {
        const { text } = await exchange(api, { method: "GET", path: `/_stator/partitions?table=${table}` });
        return JSON.parse(text).tables[0].partitions;
    };
    const warm = async (table) => (await api.ok("DescribeTable", { TableName: table })).Table.WarmThroughput;
    /* A key in each of the partitions, by trying. */
    const spread = async (table) => {
        const keys = new Map();
        for (let name = 0; keys.size < 4; name++) {
            await api.ok("PutItem", { TableName: table, Item: key(name) });
            await until(async () => (await partitions(table)).every(({ is_estimated }) => !is_estimated));
            const place = (await partitions(table)).findIndex(({ items }, i) => items > (keys.has(i) ? 1 : 0));
            if (keys.has(place))
                await api.ok("DeleteItem", { TableName: table, Key: key(name) });
            else
                keys.set(place, key(name));
        }
        return [...keys.values()];
    };

    it("shows it, keeps it through a restart, and gets the partitions that it needs", async () => {
        const table = await api.table();
        const keys = await spread(table);
        assert.deepEqual(await warm(table), { ReadUnitsPerSecond: 12000, WriteUnitsPerSecond: 4000, Status: "ACTIVE" });
        await api.pass(2000);
        for (const { pk } of keys)
            await api.ok("PutItem", { TableName: table, Item: large(pk.S, ITEM_UNITS) });
        /* A transaction is charged twice: 800 units of each partition. */
        const TransactItems = keys.map((Key) => ({
            Update: { TableName: table, Key, UpdateExpression: "SET n = :n", ExpressionAttributeValues: { ":n": { N: "1" } } },
        }));
        for (let second = 0; second < SECONDS; second++) {
            await api.pass(1000);
            await api.ok("TransactWriteItems", { TransactItems });
        }
        await api.pass(31 * 60_000);
        await until(async () => (await warm(table)).WriteUnitsPerSecond > 4000);
        const grown = await warm(table);
        const mean = (keys.length * ITEM_UNITS * (1 + 2 * SECONDS)) / 60;
        assert.ok(Math.abs(grown.WriteUnitsPerSecond - 2 * mean) < 0.05 * 2 * mean, `${grown.WriteUnitsPerSecond} of ${2 * mean}`);
        assert.deepEqual([grown.ReadUnitsPerSecond, grown.Status], [12000, "ACTIVE"]);
        const wanted = Math.ceil(grown.WriteUnitsPerSecond / 1000);
        await until(async () => (await partitions(table)).length === wanted);
        if (process.env.STATOR_TEST_FLAGS?.includes("--in-memory"))
            return;
        await api.server.kill();
        await api.server.start();
        api.port = api.server.port;
        assert.deepEqual(await warm(table), grown);
        assert.equal((await partitions(table)).length, wanted);
    });
});

describe("throughput that is observed", { skip }, async () => {
    const api = isOwnServer && (await open({ throughput: "observe" }));
    it("throttles nothing", async () => {
        const table = await api.table("pk S", provisioned(1, 1));
        for (let i = 0; i < 20; i++) {
            await api.ok("PutItem", { TableName: table, Item: key(i) });
            await api.ok("GetItem", { TableName: table, Key: key(i), ConsistentRead: true });
        }
    });
});

describe("a client that is throttled", { skip }, async () => {
    const api = isOwnServer && (await openEndpoint({ throughput: "enforce" }));
    it("comes through in the end by the retries of the SDK", async () => {
        const table = await api.table("pk S", provisioned(20, 20));
        const client = makeClient(api.url, { maxAttempts: 12 });
        const send = async (i) => {
            const put = await client.send(new PutItemCommand({ TableName: table, Item: key(i) }));
            const get = await client.send(new GetItemCommand({ TableName: table, Key: key(i), ConsistentRead: true }));
            return { item: get.Item, attempts: put.$metadata.attempts + get.$metadata.attempts };
        };
        const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => send(i)));
        assert.ok(answers.every(({ item }, i) => item.pk.S === String(i)));
        assert.ok(answers.some(({ attempts }) => attempts > 2), "some were throttled");
        client.destroy();
    });
});
