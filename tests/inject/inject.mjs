/*
 * Every operation, with one call failing in the midst of it: memory, a read, a write (whole or
 * half), a sync, an open, a rename, a removal; the first such call, the second, and so on. So are
 * start and stop.
 *
 * What must hold each time: the client gets an answer of the service or a closed connection; the
 * server goes on, or ends with its own exit code and the line that says why, never by a signal, a
 * sanitizer or an assertion; what was acknowledged is there afterwards, and what was not is there
 * whole or not at all; the table's counters are exact; the server that lives stops without a leak.
 * In the end check finds nothing wrong, with the change log of the table that was written to either.
 *
 * Usage: inject.mjs [SECONDS [NAME [KIND [N]]]]. So long, in an order that a printed seed fixes
 * (STATOR_TEST_SEED); 0 runs every case. NAME, KIND and N name some of them: start write 18.
 */
import { resolve } from "node:path";
import { Random } from "../crash/random.mjs";
import { Endpoint } from "../support/endpoint.mjs";
import { repository, runStator, startServer } from "../support/server.mjs";
import { Archives } from "./archives.mjs";
import { Control, kinds } from "./control.mjs";

/*
 * RocksDB as Debian builds it has its own assertions on, and ends the process when a write fails
 * while it opens a store. Nothing is served by then, so nothing is acknowledged; the next start
 * must find everything.
 */
const ENDED_BY_ROCKSDB = /^stator: \.\/.*rocksdb::.*Assertion/m;

const EXITS = { 70: "event=disk_failed", 71: "event=out_of_memory" };
const FAILURE_STATUSES = [500, 503];
const START_CASES_MAX = 400; /* of one kind; a start has thousands of reads when there is much to recover */
const KEYS = 12;
const TABLE = "injected";
const COLD_TABLE = "cold"; /* more than a write buffer holds, so that RocksDB reads it from files */
const COLD_ITEMS = 72;
const COLD_TEXT = "x".repeat(390_000);

const [seconds_text = "40", ...wanted] = process.argv.slice(2);
const seconds = Number(seconds_text);
const seed = Number(process.env.STATOR_TEST_SEED ?? Date.now() % 1e9);
const random = new Random(seed);
const control = new Control();
const binary = resolve(repository, process.env.STATOR_INJECT_BINARY ?? "build/asan/tests/inject/stator");

/* Key -> the values that may stand there, as JSON; null: no item. One, once a read has settled it. */
const model = new Map();
let serial = 0;
let endpoint;
let server;

function connect() {
    endpoint?.client.destroy();
    endpoint = new Endpoint(server.url);
}

async function restart() {
    await server.start();
    connect();
}

async function restartIf(wanted) {
    if (!wanted)
        return;
    await server.kill();
    await restart();
}

/* ---- the operations ---- */

const key = (name) => ({ pk: { S: name } });
const anyKey = () => `key-${random.below(KEYS)}`;
const newItem = (name) => ({ pk: { S: name }, value: { N: String(++serial) }, text: { S: "x".repeat(random.below(3000)) } });
const settled = (name) => model.get(name)?.[0] ?? null;

/*
 * Each makes a request: { operation, body }, and for writes `changes`, the items then by name:
 * all of them stand afterwards, or none. With a token it may be sent again.
 */
const operations = {
    putItem() {
        const name = anyKey();
        const item = newItem(name);
        return { operation: "PutItem", body: { TableName: TABLE, Item: item, ReturnValues: "ALL_OLD" }, changes: { [name]: item } };
    },
    putItemIfAbsent() {
        const name = anyKey();
        const item = newItem(name);
        const body = { TableName: TABLE, Item: item, ConditionExpression: "attribute_not_exists(pk)" };
        return { operation: "PutItem", body, changes: settled(name) === null ? { [name]: item } : {} };
    },
    deleteItem() {
        const name = anyKey();
        return { operation: "DeleteItem", body: { TableName: TABLE, Key: key(name), ReturnValues: "ALL_OLD" }, changes: { [name]: null } };
    },
    updateItem() {
        const name = anyKey();
        const before = JSON.parse(settled(name) ?? "null") ?? key(name);
        const value = { N: String(++serial) };
        const body = { TableName: TABLE, Key: key(name), UpdateExpression: "SET #v = :v REMOVE #t", ReturnValues: "ALL_NEW" };
        body.ExpressionAttributeNames = { "#v": "value", "#t": "text" };
        body.ExpressionAttributeValues = { ":v": value };
        const after = { ...before, value };
        delete after.text;
        return { operation: "UpdateItem", body, changes: { [name]: after } };
    },
    getItem: () => ({ operation: "GetItem", body: { TableName: TABLE, Key: key(anyKey()), ConsistentRead: true } }),
    query: () => ({
        operation: "Query",
        body: { TableName: TABLE, KeyConditionExpression: "pk = :k", ExpressionAttributeValues: { ":k": { S: anyKey() } } },
    }),
    scan: () => ({
        operation: "Scan",
        body: { TableName: TABLE, FilterExpression: "contains(#t, :x)", ExpressionAttributeNames: { "#t": "text" }, ExpressionAttributeValues: { ":x": { S: "xx" } } },
    }),
    putLargeItem() {
        const name = anyKey();
        const item = { ...newItem(name), list: { L: Array.from({ length: 2000 }, (_, i) => ({ M: { name: { S: `member ${i}` } } })) } };
        return { operation: "PutItem", body: { TableName: TABLE, Item: item }, changes: { [name]: item } };
    },
    transactWriteItems: () => transaction("attribute_not_exists(nothing)"),
    transactWriteItemsCancelled: () => ({ ...transaction("attribute_exists(nothing)"), changes: {} }),
    transactGetItems: () => ({ operation: "TransactGetItems", body: { TransactItems: someKeys(3).map((name) => ({ Get: { TableName: TABLE, Key: key(name) } })) } }),
    getColdItem: () => ({
        operation: "GetItem",
        body: { TableName: COLD_TABLE, Key: key(`cold-${random.below(COLD_ITEMS)}`) },
        afterRestart: true,
    }),
    scanCold: () => ({ operation: "Scan", body: { TableName: COLD_TABLE, Limit: 2 }, afterRestart: true }),
    describeTable: () => ({ operation: "DescribeTable", body: { TableName: TABLE } }),
    listTables: () => ({ operation: "ListTables", body: {} }),
    createTable: () => ({ operation: "CreateTable", body: tableBody(`other-${++serial}`) }),
    async deleteTable() {
        const name = `other-${++serial}`;
        await endpoint.ok("CreateTable", { ...tableBody(name), ...stream });
        return { operation: "DeleteTable", body: { TableName: name } };
    },
    async enableStream() {
        const name = `other-${++serial}`;
        await endpoint.ok("CreateTable", tableBody(name));
        return { operation: "UpdateTable", body: { TableName: name, ...stream } };
    },
    async disableStream() {
        const name = `other-${++serial}`;
        await endpoint.ok("CreateTable", { ...tableBody(name), ...stream });
        return { operation: "UpdateTable", body: { TableName: name, StreamSpecification: { StreamEnabled: false } } };
    },
    async getRecords() {
        const { Table: { LatestStreamArn: StreamArn } } = await endpoint.ok("DescribeTable", { TableName: TABLE });
        const { StreamDescription: { Shards } } = await endpoint.ok("DescribeStream", { StreamArn });
        const { ShardIterator } = await endpoint.ok("GetShardIterator", { StreamArn, ShardId: random.pick(Shards).ShardId, ShardIteratorType: "TRIM_HORIZON" });
        return { operation: "GetRecords", body: { ShardIterator } };
    },
    listStreams: () => ({ operation: "ListStreams", body: {} }),
};

const archives = new Archives({
    table: TABLE,
    server: () => server,
    endpoint: () => endpoint,
    items: () => JSON.stringify([...model.values()].map(([item]) => item).filter((item) => item !== null).sort()),
    canonical: (item) => canonical(item),
    claim,
    binary: resolve(repository, "build/stator"),
});

const stream = { StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" } };
const someKeys = (count) => shuffle(Array.from({ length: KEYS }, (_, i) => `key-${i}`)).slice(0, count);

/* A put, an update that counts and a delete, if the condition holds for one more item. */
function transaction(ConditionExpression) {
    const [put, counted, removed, checked] = someKeys(4);
    const item = newItem(put);
    const before = JSON.parse(settled(counted) ?? "null") ?? key(counted);
    const after = { ...before, counter: { N: String(Number(before.counter?.N ?? 0) + 1) } };
    const TransactItems = [
        { Put: { TableName: TABLE, Item: item } },
        { Update: { TableName: TABLE, Key: key(counted), UpdateExpression: "ADD #c :one", ExpressionAttributeNames: { "#c": "counter" }, ExpressionAttributeValues: { ":one": { N: "1" } } } },
        { Delete: { TableName: TABLE, Key: key(removed) } },
        { ConditionCheck: { TableName: TABLE, Key: key(checked), ConditionExpression } },
    ];
    return {
        operation: "TransactWriteItems",
        body: { TransactItems, ClientRequestToken: `token-${seed}-${++serial}` },
        changes: { [put]: item, [counted]: after, [removed]: null },
    };
}

function tableBody(TableName) {
    return {
        TableName,
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        BillingMode: "PAY_PER_REQUEST",
    };
}

/* ---- what must hold ---- */

class Broken extends Error {}

function claim(holds, text) {
    if (!holds)
        throw new Broken(text);
}

/* Members in any order. */
const canonical = (item) => (item ? JSON.stringify(Object.fromEntries(Object.entries(item).sort())) : null);

function checkExit({ code, signal }, log) {
    claim(signal === null && EXITS[code], `the server ended with ${code ?? signal}\n${log}`);
    claim(log.includes(EXITS[code]), `it ended with ${code} without a line ${EXITS[code]}\n${log}`);
}

/* Whether the server still answers; if not, how it ended is checked. */
async function lives(logBefore) {
    for (;;) {
        try {
            const { status } = await endpoint.call("ListTables", { Limit: 1 });
            if (status === 200)
                return true;
        } catch {
            /* It is ending. */
        }
        const exit = await Promise.race([server.exit, new Promise((settle) => setTimeout(settle, 200))]);
        if (exit) {
            checkExit(exit, server.log(logBefore));
            return false;
        }
    }
}

async function checkKey(name) {
    const { Item } = await endpoint.ok("GetItem", { TableName: TABLE, Key: key(name), ConsistentRead: true });
    const found = canonical(Item);
    const allowed = model.get(name) ?? [null];
    claim(allowed.includes(found), `${name} holds ${found?.slice(0, 200)}, not ${allowed.map((each) => each?.slice(0, 200)).join(" or ")}`);
    model.set(name, [found]);
}

async function checkEverything() {
    for (let i = 0; i < KEYS; i++)
        await checkKey(`key-${i}`);
    const items = (await endpoint.ok("Scan", { TableName: TABLE })).Items;
    const expected = [...model.values()].filter(([item]) => item !== null).length;
    claim(items.length === expected, `a Scan finds ${items.length} items, not ${expected}`);
    const { Table } = await endpoint.ok("DescribeTable", { TableName: TABLE });
    claim(Table.ItemCount === expected, `the table counts ${Table.ItemCount} items, not ${expected}`);
    for (const name of (await endpoint.ok("ListTables", {})).TableNames.filter((each) => each.startsWith("other-"))) {
        await endpoint.ok("PutItem", { TableName: name, Item: key("a") });
        await endpoint.ok("DeleteTable", { TableName: name });
    }
}

/* ---- the cases ---- */

async function send({ operation, body }) {
    try {
        return await endpoint.call(operation, body);
    } catch (error) {
        if (error?.name === "AssertionError")
            throw error;
        return null;
    }
}

/* All of the changes or none, whatever each key may hold. */
async function checkChanges(names, before, after) {
    for (const name of names)
        await checkKey(name);
    const found = names.map(settled);
    const isWhole = [before, after].some((all) => all.every((item, i) => item === found[i]));
    claim(isWhole, `half of it stands: ${names.map((name, i) => `${name} ${found[i]?.slice(0, 100)}`).join(", ")}`);
}

async function runOperation(make, kind, n) {
    const request = await make();
    const logBefore = server.written;
    await restartIf(request.afterRestart);
    const names = Object.keys(request.changes ?? {});
    const before = names.map(settled);
    const after = names.map((name) => canonical(request.changes[name]));
    names.forEach((name, i) => model.set(name, [before[i], after[i]]));
    control.arm(kind, n);
    const answer = await send(request);
    await request.settle?.();
    const struck = control.disarm();
    if (answer?.status === 200)
        names.forEach((name, i) => model.set(name, [after[i]]));
    if (answer)
        claim([200, 400, ...(struck ? FAILURE_STATUSES : [])].includes(answer.status), `${request.operation} answered ${answer.status} ${answer.text}`);
    else
        claim(struck, `${request.operation} was not answered, and nothing had failed`);
    if (request.afterRestart && answer?.status === 200)
        claim(request.operation === "Scan" || answer.json.Item.text.S.length === COLD_TEXT.length, "a cold item came back changed");
    if (!(await lives(logBefore))) {
        await restart();
        await checkChanges(names, before, after);
        await checkEverything();
    }
    await checkChanges(names, before, after);
    await request.prove?.(answer);
    if (request.body.ClientRequestToken && names.length > 0) {
        await endpoint.ok(request.operation, request.body);
        names.forEach((name, i) => model.set(name, [after[i]]));
        await checkChanges(names, after, after);
    }
    return struck;
}

/* The server is down before and up afterwards. */
async function runStart(kind, n) {
    const logBefore = server.written;
    control.arm(kind, n);
    let started = true;
    try {
        await restart();
    } catch {
        started = false;
        const { code, signal } = await server.exit;
        const log = server.log(logBefore);
        claim((signal === null && code > 0) || ENDED_BY_ROCKSDB.test(log), `a start ended with ${code ?? signal}\n${log}`);
        claim(/^(stator: |.*level=error )/m.test(log), `a start that failed with ${code} said nothing: ${log}`);
    }
    const struck = control.disarm();
    if (started && (await lives(logBefore))) {
        await checkEverything();
    } else {
        await restart();
        await checkEverything();
    }
    return struck;
}

async function runStop(kind, n) {
    const logBefore = server.written;
    control.arm(kind, n);
    server.signal("SIGTERM");
    const exit = await server.exit;
    const struck = control.disarm();
    if (exit.code !== 0)
        checkExit(exit, server.log(logBefore));
    await restart();
    await checkEverything();
    return struck;
}

/* ---- counting and running ---- */

/* How many calls of each kind something makes, which is how many cases it gives. */
async function count(run) {
    const before = control.calls();
    await run();
    const after = control.calls();
    return Object.fromEntries(kinds.slice(1).map((kind) => [kind, after[kind] - before[kind]]));
}

async function planCases() {
    const cases = [];
    const add = (name, counts, run) => {
        for (const [kind, calls] of Object.entries(counts))
            for (let n = 1; n <= Math.min(calls, START_CASES_MAX); n++)
                if (wanted.every((word, index) => word === String([name, kind, n][index])))
                    cases.push({ name, kind, n, run: () => run(kind, n) });
    };
    for (const [name, make] of Object.entries({ ...operations, ...archives.operations })) {
        const request = await make();
        await restartIf(request.afterRestart);
        const run = async () => {
            const answer = await endpoint.call(request.operation, request.body);
            await request.settle?.();
            return answer;
        };
        let answer;
        add(name, await count(async () => (answer = await run())), (kind, n) => runOperation(make, kind, n));
        await request.prove?.(answer);
        for (const [name, item] of Object.entries(request.changes ?? {}))
            model.set(name, [canonical(item)]);
    }
    add("stop", await count(() => server.stop()), runStop);
    add("start", await count(restart), async (kind, n) => {
        await (random.chance(50) ? server.kill() : server.stop());
        return runStart(kind, n);
    });
    return cases;
}

/* A call that failed in the background of the case before, whose log begins at `logBefore`, can end
   the server only now: then the case runs again. Null: none failed there. */
async function runAfter(logBefore, run) {
    try {
        return await run();
    } catch (error) {
        control.disarm();
        const exit = logBefore !== null && (await Promise.race([server.exit, new Promise((settle) => setTimeout(settle, 200))]));
        if (!exit)
            throw error;
        checkExit(exit, server.log(logBefore));
        await restart();
        await checkEverything();
        return run();
    }
}

function shuffle(list) {
    for (let i = list.length - 1; i > 0; i--) {
        const j = random.below(i + 1);
        [list[i], list[j]] = [list[j], list[i]];
    }
    return list;
}

console.log(`seed ${seed}`);
server = await startServer({ threads: 1 }, { binary, environment: { STATOR_INJECT: control.path } });
connect();
await endpoint.ok("CreateTable", { ...tableBody(TABLE), ...stream });
await endpoint.ok("CreateTable", tableBody(COLD_TABLE));
for (const name of someKeys(KEYS / 2)) {
    const item = newItem(name);
    await endpoint.ok("PutItem", { TableName: TABLE, Item: item });
    model.set(name, [canonical(item)]);
}
await archives.open();
for (let i = 0; i < COLD_ITEMS; i++)
    await endpoint.ok("PutItem", { TableName: COLD_TABLE, Item: { ...key(`cold-${i}`), text: { S: COLD_TEXT } } });
const cases = shuffle(await planCases());
const until = seconds > 0 ? Date.now() + seconds * 1000 : Infinity;
const struckBy = Object.fromEntries(kinds.slice(1).map((kind) => [kind, 0]));
let passed = 0;
let failed = 0;
let struckSince = null;
for (const { name, kind, n, run } of cases) {
    if (Date.now() > until)
        break;
    const logBefore = server.written;
    try {
        const struck = await runAfter(struckSince, run);
        struckSince = struck ? logBefore : null;
        struckBy[kind] += struck;
        passed++;
    } catch (error) {
        failed++;
        struckSince = null;
        console.log(`FAILED ${name}, ${kind} ${n}: ${error instanceof Broken ? error.message : error.stack}`);
        control.disarm();
        if (failed > 5)
            break;
        await server.kill();
        await restart();
        for (let i = 0; i < KEYS; i++)
            model.set(`key-${i}`, [canonical((await endpoint.ok("GetItem", { TableName: TABLE, Key: key(`key-${i}`) })).Item)]);
    }
}
try {
    await server.stop(); /* also that nothing leaked */
    const { code, output } = await runStator(["check", server.directory], { binary: resolve(repository, "build/stator") });
    claim(code === 0 && / records=[1-9]/.test(output), `check says: ${output}`);
    passed++;
} catch (error) {
    failed++;
    console.log(`FAILED to stop clean and whole: ${error.message}`);
}
console.log(`${passed - 1} of ${cases.length} cases; calls that failed: ${Object.entries(struckBy).map(([kind, number]) => `${kind} ${number}`).join(", ")}`);
endpoint.client.destroy();
await server.dispose();
control.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
