/* GET /_stator/partitions and `stator heat`: where rows lie, what is hot, who may see it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { networkInterfaces } from "node:os";
import { describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { exchange } from "../support/http.mjs";
import { binary, runStator } from "../support/server.mjs";

const skip = !isOwnServer && "a page of our own";
const ITEMS = 10_000;
const PARTITIONS = 16;
const SPREAD_MAX = 1.3;
const outside = Object.values(networkInterfaces()).flat().find((each) => each.family === "IPv4" && !each.internal)?.address;

const get = (api, query = "", more = {}) => exchange(api, { method: "GET", path: `/_stator/partitions${query}`, ...more });
const heat = (api, ...words) => runStator(["heat", ...words, "--port", `${api.port}`]);

async function read(api, query) {
    const { status, headers, text } = await get(api, query);
    assert.equal(status, 200, text);
    assert.equal(headers["content-type"], "application/json");
    return JSON.parse(text);
}

async function fill(api, TableName, keys) {
    const puts = keys.map((pk) => ({ PutRequest: { Item: { pk: { S: pk } } } }));
    for (let i = 0; i < puts.length; i += 25) {
        const { UnprocessedItems } = await api.ok("BatchWriteItem", { RequestItems: { [TableName]: puts.slice(i, i + 25) } });
        assert.deepEqual(UnprocessedItems, {});
    }
}

const partitionsOf = ({ partitions, indexes }) => [partitions, ...indexes.map((index) => index.partitions)].flat();

/* The one table of the page, once all sizes are exact: soon after a start, or when writes rest. */
async function readExact(api, TableName) {
    for (let wait_ms = 10; wait_ms < 20_000; wait_ms *= 2) {
        const { tables } = await read(api, `?table=${TableName}`);
        assert.equal(tables.length, 1);
        if (partitionsOf(tables[0]).every(({ is_estimated }) => !is_estimated))
            return tables[0];
        await pause(wait_ms);
    }
    throw new Error(`the sizes of ${TableName} stay estimated`);
}

const sum = (partitions, member) => partitions.reduce((total, partition) => total + partition[member], 0);

describe("GET /_stator/partitions", { skip }, async () => {
    const api = isOwnServer && (await openEndpoint({ partitions: PARTITIONS }));

    it("random keys spread evenly", async () => {
        const TableName = await api.table();
        await fill(api, TableName, Array.from({ length: ITEMS }, () => randomUUID()));
        const { table, partitions, indexes } = await readExact(api, TableName);
        assert.deepEqual([table, partitions.length, indexes], [TableName, PARTITIONS, []]);
        assert.equal(sum(partitions, "items"), ITEMS);
        assert.equal(sum(partitions, "write_units"), ITEMS);
        assert.equal(sum(partitions, "bytes"), ITEMS * (2 + 36));
        for (const partition of partitions) {
            assert.ok(partition.items < SPREAD_MAX * ITEMS / PARTITIONS, JSON.stringify(partition));
            assert.deepEqual(partition.hot_keys, []);
        }
    });

    it("has the members it is known by, in ranges without a gap, indexes likewise", async () => {
        const TableName = await api.table("pk S, sk S", {
            AttributeDefinitions: ["pk", "sk", "gk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
            GlobalSecondaryIndexes: [{ IndexName: "ByGk", KeySchema: [{ AttributeName: "gk", KeyType: "HASH" }], Projection: { ProjectionType: "KEYS_ONLY" } }],
        });
        await api.ok("PutItem", { TableName, Item: { pk: { S: "a\u0000\u001b\"" }, sk: { S: "b" }, gk: { S: "c" } } });
        const place = await readExact(api, TableName);
        assert.deepEqual(Object.keys(place), ["table", "partitions", "indexes"]);
        assert.deepEqual(place.indexes.map(({ index }) => index), ["ByGk"]);
        const members = ["id", "hash_from", "hash_to", "bytes", "items", "is_estimated", "read_units", "write_units", "throttled", "would_throttle", "scanned_items", "returned_items", "hot_keys"];
        for (const [partitions, more, texts] of [
            [place.partitions, ["hot_items"], [["a\u0000\u001b\""], ["a\u0000\u001b\" | b"]]],
            [place.indexes[0].partitions, [], [["c"]]],
        ]) {
            assert.equal(partitions.length, PARTITIONS);
            let next = 0n;
            for (const partition of partitions) {
                assert.deepEqual(Object.keys(partition), [...members, ...more]);
                assert.match(partition.hash_from + partition.hash_to, /^[0-9a-f]{32}$/);
                assert.equal(BigInt(`0x${partition.hash_from}`), next);
                next = BigInt(`0x${partition.hash_to}`) + 1n;
            }
            assert.equal(next, 1n << 64n);
            const busy = partitions.filter(({ write_units }) => write_units > 0);
            assert.deepEqual(busy.map(({ items, hot_keys, hot_items = [] }) => [items, ...[hot_keys, hot_items].slice(0, texts.length).map((keys) => keys.map(({ key }) => key))]), [[1, ...texts]]);
            assert.deepEqual(busy[0].hot_keys[0], { key: texts[0][0], share: 1, write_share: 1 });
        }
    });

    it("knows sizes exactly again soon after a new start", { skip: (process.env.STATOR_TEST_FLAGS ?? "").includes("--in-memory") && "no disk" }, async () => {
        const own = await openEndpoint({ partitions: 4 });
        const TableName = await own.table("pk S, sk S", {
            AttributeDefinitions: ["pk", "sk", "l", "g"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
            LocalSecondaryIndexes: [{ IndexName: "ByL", KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "l", KeyType: "RANGE" }], Projection: { ProjectionType: "KEYS_ONLY" } }],
            GlobalSecondaryIndexes: [{ IndexName: "ByG", KeySchema: [{ AttributeName: "g", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } }],
        });
        const empty = await own.table();
        for (let i = 0; i < 300; i++)
            await own.ok("PutItem", { TableName, Item: { pk: { S: `${i % 50}` }, sk: { S: `${i}` }, l: { S: "l" }, ...(i % 3 === 0 && { g: { S: `${i}` } }) } });
        const sizes = (place) => partitionsOf(place).map(({ id, bytes, items }) => [id, bytes, items]);
        const before = await readExact(own, TableName);
        await own.server.stop();
        await own.server.start();
        own.port = own.server.port;
        const after = await readExact(own, TableName);
        assert.deepEqual(sizes(after), sizes(before));
        assert.deepEqual([sum(after.partitions, "items"), sum(after.indexes[0].partitions, "items")], [300, 100]);
        assert.deepEqual(sizes(await readExact(own, empty)).map(([, bytes, items]) => [bytes, items]), Array(4).fill([0, 0]));
        const { output } = await heat(own, TableName);
        assert.match(output, new RegExp(`^${TableName}: 4 partitions`));
        assert.doesNotMatch(output, /~/);
    });

    it("goes on where a page ended", async () => {
        const crowded = await openEndpoint({ inMemory: true });
        const names = Array.from({ length: 60 }, (_, i) => `table-${`${i}`.padStart(2, "0")}`);
        for (const TableName of names)
            await crowded.ok("CreateTable", { TableName, BillingMode: "PAY_PER_REQUEST", KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }], AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }] });
        const first = await read(crowded, "");
        assert.deepEqual([first.tables.length, first.next], [50, "table-49"]);
        const second = await read(crowded, `?after=${first.next}`);
        assert.deepEqual([...first.tables, ...second.tables].map(({ table }) => table), names);
        assert.equal(second.next, undefined);
    });

    it("answers while requests go on, and they while it is made", async () => {
        const TableName = await api.table();
        let done = false;
        const pages = (async () => {
            let count = 0;
            for (; !done; count++)
                await read(api, `?table=${TableName}`);
            return count;
        })();
        await Promise.all(Array.from({ length: 8 }, async (_, lane) => {
            for (let i = 0; i < 100; i++)
                await api.ok("PutItem", { TableName, Item: { pk: { S: `${lane}-${i}` } } });
        }));
        done = true;
        assert.ok((await pages) > 0);
        assert.equal(sum((await readExact(api, TableName)).partitions, "items"), 800);
    });

    it("hostile queries find nothing and break nothing", async () => {
        for (const query of ["?table=", "?table=nobody", "?after=zzz", "?after=%00%ff", "?table=..%2f..%2fetc", "?&&&=&table", `?table=${"a".repeat(8000)}`, "?table=a&table=b", "?after=\u007f"]) {
            const { status, text } = await get(api, query);
            assert.ok(status === 200 || status === 400, `${query}: ${status} ${text}`);
            if (status === 200)
                assert.ok(Array.isArray(JSON.parse(text).tables));
        }
        for (const method of ["PUT", "POST", "DELETE"])
            assert.equal((await exchange(api, { method, path: "/_stator/partitions", body: "{}" })).status, 404);
        assert.equal((await exchange(api, { method: "HEAD", path: "/_stator/partitions" })).body.length, 0);
        assert.deepEqual((await api.ok("ListTables", { Limit: 1 })).TableNames.length, 1);
    });

    it("is for this machine, unless it was opened", { skip: !outside && "this machine has no other address" }, async () => {
        const statuses = async (options) => {
            const server = await openEndpoint({ host: "0.0.0.0", clock: "manual", ...options });
            const paths = ["/_stator/partitions", "/metrics", "/_stator/clock"];
            return Promise.all(paths.map(async (path) => (await exchange({ host: outside, port: server.port }, { method: "GET", path })).status));
        };
        assert.deepEqual(await statuses({}), [403, 403, 403]);
        assert.deepEqual(await statuses({ adminOpen: true }), [200, 200, 403]);
    });
});

describe("stator heat", { skip }, async () => {
    const api = isOwnServer && (await openEndpoint({ partitions: 4 }));

    it("shows the hot key of a skewed load first", async () => {
        const TableName = await api.table();
        await fill(api, TableName, Array.from({ length: 500 }, (_, i) => `user${i}`));
        for (let i = 0; i < 400; i++)
            await api.ok("PutItem", { TableName, Item: { pk: { S: i % 4 === 3 ? "second" : "celebrity" } } });
        const { code, output, errors } = await heat(api, TableName);
        assert.deepEqual([code, errors], [0, ""]);
        assert.match(output, new RegExp(`^${TableName}: 4 partitions; `));
        assert.match(output, /^ {2}hottest: (\d+)% celebrity, (\d+)% second/m);
        const share = Number(/(\d+)% celebrity/.exec(output)[1]);
        assert.ok(share > 28 && share < 37, `${share}: it is a third`);
    });

    it("names what is wrong with scans that filter and with dates as keys", async () => {
        const TableName = await api.table();
        await fill(api, TableName, Array.from({ length: 300 }, (_, i) => `${i}`));
        for (let i = 0; i < 5; i++)
            await api.ok("Scan", { TableName, FilterExpression: "pk = :one", ExpressionAttributeValues: { ":one": { S: "1" } } });
        assert.match((await heat(api, TableName)).output, /note: scans with filters: 1500 items were read to return 5,/);
        const days = await api.table();
        for (let i = 0; i < 200; i++)
            await api.ok("PutItem", { TableName: days, Item: { pk: { S: `2026-11-${20 + (i % 2)}` } } });
        assert.match((await heat(api, days)).output, /note: dates as partition keys/);
    });

    it("prints no colours and no control characters where nobody looks", async () => {
        const TableName = await api.table();
        await api.ok("PutItem", { TableName, Item: { pk: { S: "\u001b]0;owned\u0007\u009b31m" } } });
        const { output } = await heat(api, TableName);
        assert.match(output, /100% \?]0;owned\?\?31m/);
        assert.doesNotMatch(output, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    });

    for (const [reason, words, code, sentence] of [
        ["no table", [], 2, /^stator: say it as stator heat TABLE;/],
        ["two tables", ["a", "b"], 2, /^stator: say it as stator heat TABLE;/],
        ["a table that is not there", ["nobody"], 2, /^stator: there is no table 'nobody'\n$/],
        ["a name that is none", ["a&b"], 2, /^stator: 'a&b' is no name of a table\n$/],
        ["a port that is none", ["Books", "--port", "0"], 2, /^stator: --port takes a whole number from 1 to 65535/],
    ])
        it(`refuses ${reason}`, async () => {
            const run = await runStator(["heat", ...(words.includes("--port") ? words : [...words, "--port", `${api.port}`])]);
            assert.equal(run.code, code);
            assert.match(run.errors, sentence);
        });

    it("says what to do when nobody listens, and exits with 1", async () => {
        const gone = await openEndpoint();
        await gone.server.stop();
        const { code, errors } = await heat(gone, "Books");
        assert.equal(code, 1);
        assert.match(errors, /^stator: cannot reach a server at 127\.0\.0\.1:\d+: Connection refused; is it running/);
    });

    it("--watch draws again and again", async () => {
        const TableName = await api.table();
        const child = spawn(binary, ["heat", TableName, "--port", `${api.port}`, "--watch", "--every-s", "1"]);
        let output = "";
        await new Promise((settle, reject) => {
            child.on("exit", () => reject(new Error(output)));
            child.stdout.on("data", (bytes) => {
                output += bytes;
                if (output.split(`${TableName}: 4 partitions`).length > 2)
                    settle();
            });
        });
        child.removeAllListeners("exit");
        child.kill();
    });
});

describe("stator plan", () => {
    it("answers 10 and explains the formula", async () => {
        const { code, output } = await runStator(["plan", "--gb", "100", "--rcu", "2000", "--wcu", "3000"]);
        assert.equal(code, 0);
        assert.match(output, /^10 partitions, the larger of\n {2}by size {8}100 GB \/ 10 GB = 10\.00, so 10\n {2}by throughput {2}2000 RCU \/ 3000 \+ 3000 WCU \/ 1000 = 3\.67, so 4\n/);
    });

    it("refuses what makes no sense", async () => {
        for (const [words, sentence] of [
            [[], /say what the table is to hold and take/],
            [["--gb", "-1"], /--gb takes a whole number/],
            [["--rcu", "1", "--read-requests", "1"], /say one kind/],
            [["--tb", "1"], /'--tb' is no option of stator plan/],
            [["100"], /'100' is no option of stator plan/],
        ]) {
            const { code, errors } = await runStator(["plan", ...words]);
            assert.equal(code, 2);
            assert.match(errors, sentence);
        }
    });
});
