/* Faults that an application rehearses: what PUT /_stator/faults makes requests meet. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
    BatchGetItemCommand, BatchWriteItemCommand, GetItemCommand, PutItemCommand, TransactWriteItemsCommand, UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { isOwnServer, makeClient, openEndpoint } from "../support/endpoint.mjs";
import { exchange } from "../support/http.mjs";

const skip = !isOwnServer && "a page of our own";
const PATH = "/_stator/faults";
const LATENCY_MS = 1500; /* longer than a busy machine takes over five reads */

const page = (api, method, body, headers = {}) => exchange(api, { method, path: PATH, body, headers });

/* The rules are now these; what the page shows of them. */
async function rehearse(api, ...rules) {
    const { status, text } = await page(api, "PUT", JSON.stringify({ Faults: rules }));
    assert.equal(status, 200, text);
    return JSON.parse(text).Faults;
}

const shown = async (api) => JSON.parse((await page(api, "GET")).text).Faults;
const met = async (api) => (await shown(api)).map(({ Met }) => Met);
const key = (name) => ({ pk: { S: name } });
const typeOf = ({ json }) => json.__type?.split("#")[1];

describe("/_stator/faults", { skip }, async () => {
    const api = isOwnServer && (await openEndpoint({ faults: true }));
    const table = isOwnServer && (await api.table());
    const put = (TableName = table, name = "a") => api.call("PutItem", { TableName, Item: key(name) });
    const get = (name) => api.call("GetItem", { TableName: table, Key: key(name), ConsistentRead: true });

    it("shows the rules, what passed and what met them; DELETE clears them", async () => {
        const [rule] = await rehearse(api, { Fault: "TransactionConflict", Operation: "PutItem", Table: table, Skip: 1, Count: 2 });
        const expected = { Fault: "TransactionConflict", Operation: "PutItem", Table: table, Skip: 1, Count: 2, Skipped: 0, Met: 0 };
        assert.deepEqual(rule, expected);
        const statuses = [];
        for (let i = 0; i < 4; i++)
            statuses.push((await put()).status);
        assert.deepEqual(statuses, [200, 400, 400, 200]);
        assert.deepEqual(await shown(api), [{ ...expected, Skipped: 1, Met: 2 }]);
        assert.deepEqual(JSON.parse((await page(api, "DELETE")).text), { Faults: [] });
        assert.deepEqual(await shown(api), []);
    });

    it("another operation and another table do not meet it", async () => {
        const other = await api.table();
        await rehearse(api, { Fault: "TransactionConflict", Operation: "PutItem", Table: table });
        assert.equal((await put(other)).status, 200);
        assert.equal((await get("a")).status, 200);
        assert.deepEqual(await met(api), [0]);
        assert.equal(typeOf(await put()), "TransactionConflictException");
    });

    it("a table named by its ARN meets it too", async () => {
        const { Table } = await api.ok("DescribeTable", { TableName: table });
        await rehearse(api, { Fault: "TransactionConflict", Table: table });
        assert.equal(typeOf(await put(Table.TableArn)), "TransactionConflictException");
    });

    it("a request meets the first rule that is not spent", async () => {
        await rehearse(api,
            { Fault: "TransactionConflict", Table: table },
            { Fault: "Throttling", Table: table },
            { Fault: "InternalServerError", Table: table });
        const types = [];
        for (let i = 0; i < 4; i++)
            types.push(typeOf(await put()));
        assert.deepEqual(types, ["TransactionConflictException", "ThrottlingException", "InternalServerError", undefined]);
    });

    for (const [Fault, status, type, member, text] of [
        ["TransactionConflict", 400, "com.amazonaws.dynamodb.v20120810#TransactionConflictException", "message", /^Transaction is ongoing for the item$/],
        ["ProvisionedThroughputExceeded", 400, "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException", "message",
            /^The level of configured provisioned throughput for the table was exceeded\. Consider increasing your provisioning level with the UpdateTable API\.$/],
        ["Throttling", 400, "com.amazon.coral.availability#ThrottlingException", "message", /^Throughput exceeds the current capacity of your table or index\. /],
        ["InternalServerError", 500, "com.amazonaws.dynamodb.v20120810#InternalServerError", "message", /rehearsed/],
    ])
        it(`${Fault} is answered as the service does, and nothing is written`, async () => {
            await rehearse(api, { Fault });
            const answer = await put(table, Fault);
            assert.deepEqual([answer.status, answer.json.__type], [status, type]);
            assert.match(answer.json[member], text);
            assert.deepEqual((await get(Fault)).json, {});
        });

    it("an error of the server may come after the request took effect", async () => {
        await rehearse(api, { Fault: "InternalServerError", Applied: true });
        assert.equal((await put(table, "applied")).status, 500);
        assert.deepEqual((await get("applied")).json, { Item: key("applied") });
        await rehearse(api, { Fault: "InternalServerError", Applied: true });
        const refused = await api.call("PutItem", { TableName: table, Item: {} });
        assert.equal(typeOf(refused), "ValidationException", "a request that fails says why");
    });

    it("an operation that cannot meet a fault runs", async () => {
        await rehearse(api, { Fault: "TransactionConflict" }, { Fault: "ProvisionedThroughputExceeded" }, { Fault: "PartialBatch" });
        assert.equal((await api.call("ListTables", {})).status, 200);
        assert.equal(typeOf(await get("a")), "ProvisionedThroughputExceededException");
        assert.deepEqual(await met(api), [0, 1, 0]);
        await rehearse(api, { Fault: "Throttling", Operation: "ListTables" });
        assert.equal((await api.call("ListTables", {})).json.message, "Rate exceeded");
    });

    it("what is no request of the API meets none", async () => {
        await rehearse(api, { Fault: "InternalServerError", Count: 5 });
        assert.equal(typeOf(await api.call("NoSuchThing", {})), "UnknownOperationException");
        assert.equal(typeOf(await api.call("PutItem", "{")), "SerializationException");
        assert.equal(typeOf(await api.call("PutItem", {}, { authorization: undefined })), "MissingAuthenticationTokenException");
        assert.deepEqual(await met(api), [0]);
        await page(api, "DELETE");
    });

    it("many at once: as many meet it as it says", async () => {
        await rehearse(api, { Fault: "TransactionConflict", Skip: 7, Count: 13 });
        const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => put(table, `${i}`)));
        assert.equal(answers.filter(({ status }) => status === 400).length, 13);
        assert.deepEqual((await shown(api)).map(({ Skipped, Met }) => [Skipped, Met]), [[7, 13]]);
    });

    describe("transactions", () => {
        const action = (TableName, name) => ({ Put: { TableName, Item: key(name) } });
        const cancelled = (codes) => `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes.join(", ")}]`;
        const conflict = { Code: "TransactionConflict", Message: "Transaction is ongoing for the item" };

        it("the reason stands at the first action on the rule's table", async () => {
            await rehearse(api, { Fault: "TransactionConflict", Table: table, Count: 2 });
            for (const [operation, actions] of [
                ["TransactWriteItems", [action("elsewhere", "a"), action(table, "b"), action(table, "c")]],
                ["TransactGetItems", [{ Get: { TableName: "elsewhere", Key: key("a") } }, { Get: { TableName: table, Key: key("b") } }, { Get: { TableName: table, Key: key("c") } }]],
            ]) {
                const { status, json } = await api.call(operation, { TransactItems: actions });
                assert.equal(status, 400);
                assert.deepEqual(json, {
                    __type: "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
                    Message: cancelled(["None", "TransactionConflict", "None"]),
                    CancellationReasons: [{ Code: "None" }, conflict, { Code: "None" }],
                });
            }
        });

        it("without a table it stands at the first action", async () => {
            await rehearse(api, { Fault: "TransactionConflict", Operation: "TransactWriteItems" });
            await assert.rejects(api.client.send(new TransactWriteItemsCommand({ TransactItems: [action(table, "x"), action(table, "y")] })), {
                name: "TransactionCanceledException",
                CancellationReasons: [conflict, { Code: "None" }],
            });
            assert.deepEqual((await get("x")).json, {});
        });

        it("a transaction without actions has no place for it", async () => {
            await rehearse(api, { Fault: "TransactionConflict", Operation: "TransactWriteItems" });
            await api.call("TransactWriteItems", { TransactItems: [] });
            await api.call("TransactWriteItems", {});
            assert.deepEqual(await met(api), [0]);
        });
    });

    it("statements meet it by the table that they name", async () => {
        await rehearse(api, { Fault: "TransactionConflict", Table: table, Count: 2 });
        const insert = (name, at) => ({ Statement: `INSERT INTO "${name}" VALUE {'pk': 'stated ${at}'}` });
        assert.equal(typeOf(await api.call("ExecuteStatement", insert("elsewhere", 1))), "ResourceNotFoundException");
        assert.equal(typeOf(await api.call("ExecuteStatement", insert(table, 1))), "TransactionConflictException");
        const { json } = await api.call("ExecuteTransaction", { TransactStatements: [insert("elsewhere", 1), insert(table, 2)] });
        assert.deepEqual(json.CancellationReasons.map(({ Code }) => Code), ["None", "TransactionConflict"]);
        assert.deepEqual((await api.ok("ExecuteStatement", { Statement: `SELECT * FROM "${table}" WHERE pk IN ['stated 1', 'stated 2']` })).Items, []);
    });

    describe("batches", () => {
        const names = ["p", "q", "r", "s", "t"];

        it("the first items are read, the others come back as they were asked for", async () => {
            await rehearse(api, { Fault: "PartialBatch", Operation: "BatchGetItem", Processed: 2 });
            for (const name of names)
                await put(table, name);
            const request = { RequestItems: { [table]: { Keys: names.map(key), ConsistentRead: true } } };
            const first = await api.ok("BatchGetItem", request);
            assert.deepEqual(first.Responses[table], [key("p"), key("q")]);
            assert.deepEqual(first.UnprocessedKeys, { [table]: { Keys: ["r", "s", "t"].map(key), ConsistentRead: true } });
            const rest = await api.ok("BatchGetItem", { RequestItems: first.UnprocessedKeys });
            assert.deepEqual([rest.Responses[table], rest.UnprocessedKeys], [["r", "s", "t"].map(key), {}]);
        });

        it("items that are not there count as read", async () => {
            await rehearse(api, { Fault: "PartialBatch", Operation: "BatchGetItem", Processed: 2 });
            const Keys = ["nobody 1", "nobody 2", "p"].map(key);
            const { Responses, UnprocessedKeys } = await api.ok("BatchGetItem", { RequestItems: { [table]: { Keys } } });
            assert.deepEqual([Responses[table], UnprocessedKeys[table].Keys], [[], [key("p")]]);
        });

        it("the first requests are written, the others come back", async () => {
            await rehearse(api, { Fault: "PartialBatch", Table: table, Count: 2, Processed: 2 });
            let left = { [table]: names.map((name) => ({ DeleteRequest: { Key: key(name) } })) };
            const counts = [];
            while (left[table]) {
                left = (await api.client.send(new BatchWriteItemCommand({ RequestItems: left }))).UnprocessedItems;
                counts.push(left[table]?.length ?? 0);
            }
            assert.deepEqual(counts, [3, 1, 0]);
            const { Responses } = await api.client.send(new BatchGetItemCommand({ RequestItems: { [table]: { Keys: names.map(key) } } }));
            assert.deepEqual(Responses[table], []);
        });
    });

    describe("the SDK", () => {
        it("tries again after throttling and errors of the server, until it succeeds", async () => {
            for (const Fault of ["ProvisionedThroughputExceeded", "Throttling", "InternalServerError"]) {
                await rehearse(api, { Fault, Operation: "PutItem", Count: 2 });
                const client = makeClient(api.url, { maxAttempts: 3 });
                const { $metadata } = await client.send(new PutItemCommand({ TableName: table, Item: key(`retried ${Fault}`) }));
                assert.equal($metadata.attempts, 3, Fault);
                client.destroy();
                assert.deepEqual(await met(api), [2]);
            }
        });

        it("an increment that took effect and was answered 500 is counted twice", async () => {
            await rehearse(api, { Fault: "InternalServerError", Operation: "UpdateItem", Applied: true });
            const client = makeClient(api.url, { maxAttempts: 2 });
            const { Attributes } = await client.send(new UpdateItemCommand({
                TableName: table, Key: key("counter"), UpdateExpression: "ADD n :one",
                ExpressionAttributeValues: { ":one": { N: "1" } }, ReturnValues: "ALL_NEW",
            }));
            client.destroy();
            assert.equal(Attributes.n.N, "2");
        });
    });

    describe("bad rules", () => {
        const rules = (...list) => JSON.stringify({ Faults: list });
        const conflict = { Fault: "TransactionConflict" };
        for (const [claim, body, sentence] of [
            ["nothing", "", /^PUT takes \{"Faults": \[ \.\.\. \]\} and nothing else\.\n$/],
            ["half an object", '{"Faults":[', /^PUT takes/],
            ["an array", "[]", /^PUT takes/],
            ["no member", "{}", /^PUT takes/],
            ["another member", '{"Rules":[]}', /^PUT takes/],
            ["a second member", '{"Faults":[],"More":1}', /^PUT takes/],
            ["no array", '{"Faults":{}}', /^Faults takes an array\.\n$/],
            ["no object", rules(1), /^Faults takes objects\./],
            ["an empty rule", rules({}), /^Each fault needs the member Fault\./],
            ["an unknown fault", rules({ Fault: "Flood" }), /^Fault is TransactionConflict, .* or PartialBatch, not "Flood"\./],
            ["a fault that is no text", rules({ Fault: 1 }), /^Fault takes a text\./],
            ["an unknown member", rules({ ...conflict, Times: 1 }), /^A fault has no member "Times", but Fault, /],
            ["a member twice", '{"Faults":[{"Fault":"Throttling","Count":1,"Count":2}]}', /^Count stands twice/],
            ["an unknown operation", rules({ ...conflict, Operation: "Put" }), /^There is no operation "Put"\./],
            ["an operation that cannot conflict", rules({ ...conflict, Operation: "Query" }), /^Query cannot meet the fault TransactionConflict\./],
            ["a batch that is none", rules({ Fault: "PartialBatch", Operation: "PutItem" }), /^PutItem cannot meet the fault PartialBatch\./],
            ["an empty table", rules({ ...conflict, Table: "" }), /^Table takes a table's name\./],
            ["a long table", rules({ ...conflict, Table: "x".repeat(256) }), /^Table takes/],
            ["no count", rules({ ...conflict, Count: 0 }), /^Count takes a whole number from 1 to 1000000\./],
            ["half a count", '{"Faults":[{"Fault":"Throttling","Count":1.5}]}', /^Count takes a whole number/],
            ["a count below nothing", '{"Faults":[{"Fault":"Throttling","Count":-1}]}', /^Count takes/],
            ["an exponent", '{"Faults":[{"Fault":"Throttling","Count":1e2}]}', /^Count takes/],
            ["a huge count", rules({ ...conflict, Count: 1_000_001 }), /^Count takes/],
            ["a count of 30 digits", '{"Faults":[{"Fault":"Throttling","Count":100000000000000000000000000000}]}', /^Count takes/],
            ["a count as text", rules({ ...conflict, Count: "1" }), /^Count takes/],
            ["latency without a time", rules({ Fault: "Latency" }), /^The fault Latency needs Milliseconds\./],
            ["too long a latency", rules({ Fault: "Latency", Milliseconds: 600_001 }), /^Milliseconds takes a whole number from 1 to 600000\./],
            ["a time without latency", rules({ ...conflict, Milliseconds: 1 }), /^Milliseconds belongs to the fault Latency alone\./],
            ["a part of no batch", rules({ ...conflict, Processed: 1 }), /^Processed belongs to the fault PartialBatch alone\./],
            ["a batch of which nothing is processed", rules({ Fault: "PartialBatch", Processed: 0 }), /^Processed takes a whole number from 1 to 99\./],
            ["a conflict that took effect", rules({ ...conflict, Applied: true }), /^Applied belongs to the fault InternalServerError alone\./],
            ["no boolean", rules({ Fault: "InternalServerError", Applied: 1 }), /^Applied takes true or false\./],
            ["too many", rules(...Array(65).fill(conflict)), /^Faults takes 64 rules at most\./],
            ["a bad rule after a good one", rules(conflict, {}), /^Each fault needs/],
        ])
            it(`${claim}: refused, and the rules before stay`, async () => {
                await rehearse(api, { Fault: "Throttling", Table: "no-such-table" });
                const { status, text } = await page(api, "PUT", body);
                assert.equal(status, 400, text);
                assert.match(text, sentence);
                assert.deepEqual((await shown(api)).map(({ Table }) => Table), ["no-such-table"]);
            });

        it("64 rules are taken; POST is not", async () => {
            assert.equal((await rehearse(api, ...Array(64).fill(conflict))).length, 64);
            assert.equal((await page(api, "POST", "{}")).status, 405);
            await page(api, "DELETE");
        });
    });
});

describe("latency", { skip }, async () => {
    const api = isOwnServer && (await openEndpoint({ faults: true, threads: 1 }));
    const table = isOwnServer && (await api.table());
    const read = { TableName: table, Key: key("a") };

    it("the request waits, others on its loop do not", async () => {
        await rehearse(api, { Fault: "Latency", Operation: "GetItem", Milliseconds: LATENCY_MS });
        const began = performance.now();
        let isDone = false;
        const slow = api.ok("GetItem", read).then(() => (isDone = true));
        while ((await met(api))[0] === 0);
        for (let i = 0; i < 5; i++)
            await api.ok("GetItem", read);
        assert.equal(isDone, false);
        await slow;
        assert.ok(performance.now() - began >= LATENCY_MS - 1);
    });

    it("on a manual clock it waits for the clock", async () => {
        const manual = await openEndpoint({ faults: true, clock: "manual", threads: 1 });
        const TableName = await manual.table();
        const move = (ms) => exchange(manual, { method: "PUT", path: "/_stator/clock", body: JSON.stringify({ AdvanceMilliseconds: ms }) });
        await rehearse(manual, { Fault: "Latency", Operation: "PutItem", Milliseconds: 60_000 });
        let isDone = false;
        const slow = manual.client.send(new PutItemCommand({ TableName, Item: key("a") })).then(() => (isDone = true));
        while ((await met(manual))[0] === 0);
        await move(59_999);
        const { Item } = await manual.client.send(new GetItemCommand({ TableName, Key: key("a") }));
        assert.deepEqual([isDone, Item], [false, undefined], "it has not run yet");
        await move(1);
        await slow;
    });

    it("a client that stops waiting, then a server that ends: nothing is left hanging", async () => {
        const ending = await openEndpoint({ faults: true });
        const TableName = await ending.table();
        await rehearse(ending, { Fault: "Latency", Operation: "PutItem", Milliseconds: 600_000, Count: 20 });
        const impatient = new AbortController();
        const writes = Array.from({ length: 20 }, (_, i) =>
            ending.client.send(new PutItemCommand({ TableName, Item: key(`${i}`) }), { abortSignal: i < 5 ? impatient.signal : undefined }).then(() => "answered", () => "gave up"));
        while ((await met(ending))[0] < 20);
        impatient.abort();
        await Promise.all(writes.slice(0, 5));
        const began = performance.now();
        await ending.server.stop();
        assert.ok(performance.now() - began < 8_000, "the requests that waited ran at once");
        assert.deepEqual((await Promise.all(writes)).sort(), [...Array(15).fill("answered"), ...Array(5).fill("gave up")]);
    });
});

describe("where there is no rehearsal", { skip }, async () => {
    it("without --faults there is no such page", async () => {
        const plain = await openEndpoint();
        for (const method of ["GET", "PUT", "DELETE"])
            assert.equal((await page(plain, method, '{"Faults":[]}')).status, 404, method);
    });

    it("other names than those of this machine are refused", async () => {
        const open = await openEndpoint({ faults: true, host: "0.0.0.0" });
        assert.equal((await page(open, "GET")).status, 200);
        assert.equal((await page(open, "PUT", '{"Faults":[]}', { host: "rebound.example" })).status, 403);
    });
});
