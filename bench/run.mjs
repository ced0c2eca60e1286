/*
 * make bench: one table from one run, and reached or missed for each figure.
 *
 * Load (wrk, one thread) on core 0; the server (--threads 1) and all it is compared with on core 1.
 * A million items of 300 bytes, uniform random keys, the server reopened after the load. Each round
 * measures everything once, in turn; the table shows medians over the rounds.
 *
 * BENCH_ITEMS, BENCH_SECONDS, BENCH_ROUNDS make it smaller. PEERS="name=http://host:port …" adds
 * servers that already run and accept the same requests.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, measure, median, startOnCore, stop, wrk } from "./processes.mjs";
import { printBars, printTable } from "./table.mjs";

const root = resolve(fileURLToPath(import.meta.url), "../..");
const build = resolve(root, process.env.BUILD ?? "build");
const stator = join(build, "stator");
const ceilings = join(build, "bench/ceilings");
const dynalite = join(root, "bench/node_modules/.bin/dynalite");
const items = Number(process.env.BENCH_ITEMS ?? 1_000_000);
const seconds = Number(process.env.BENCH_SECONDS ?? 3);
const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
const peerItems = Math.min(items, 50_000); /* dynalite keeps them in memory and loads slowly */

const directory = mkdtempSync(join(tmpdir(), "stator-bench-"));
const samples = new Map(); /* name -> results, one a round */

function record(name, result) {
    if (!samples.has(name))
        samples.set(name, []);
    samples.get(name).push(result);
}

function figure(name, field) {
    return median(samples.get(name).map((result) => result[field]));
}

async function call(process, operation, body) {
    const response = await fetch(`http://127.0.0.1:${process.port}/`, {
        method: "POST",
        headers: {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": `DynamoDB_20120810.${operation}`,
            "X-Amz-Date": "20261122T120000Z",
            Authorization: "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/us-east-1/dynamodb/aws4_request, " +
                "SignedHeaders=host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
        },
        body: JSON.stringify(body),
    });
    const text = await response.text();
    if (response.status !== 200)
        throw new Error(`${operation}: ${text}`);
    return JSON.parse(text);
}

async function createTable(process, name) {
    await call(process, "CreateTable", {
        TableName: name,
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        BillingMode: "PAY_PER_REQUEST",
    });
    for (;;) {
        const { Table } = await call(process, "DescribeTable", { TableName: name });
        if (Table.TableStatus === "ACTIVE")
            return;
        await new Promise((settle) => setTimeout(settle, 100));
    }
}

/* Every key once, in order, as fast as it goes: wrk stops by time, so look how far it came. */
function load(process, table, count, bytes = 240) {
    let first = 0;
    while (first < count) {
        const result = wrk(process, { OPERATION: "put", TABLE: table, FIRST: first, BYTES: bytes, seconds: 5 });
        if (result.refused > 0)
            throw new Error(`${result.refused} puts were refused while loading`);
        first += result.requests - 64; /* those in flight at the end may not have arrived */
    }
}

function openStator(data, ...options) {
    return startOnCore(1, [stator, "serve", "--port", "0", "--threads", "1", "--data", data, "--log-level", "info", ...options]);
}

async function prepare() {
    console.log(`Loading ${items} items.`);
    const data = join(directory, "data");
    let server = await openStator(data, "--sync", "never");
    await createTable(server, "Bench");
    load(server, "Bench", items);
    await stop(server);
    const started = performance.now();
    server = await openStator(data);
    console.log(`Reopened in ${Math.round(performance.now() - started)} ms.`);
    const http = await startOnCore(1, [ceilings, "http"]);
    const peer = await startOnCore(1, [dynalite, "--host", "127.0.0.1", "--port", String(await freePort()), "--createTableMs", "0"]).catch((failure) => {
        throw new Error(`dynalite does not start: ${failure.message}`);
    });
    await createTable(peer, "Bench");
    load(peer, "Bench", peerItems);
    return { server, http, peer };
}

function measureRound({ server, http, peer }, round) {
    const common = { seconds, KEYS: items, SEED: round + 1 };
    record("HTTP ceiling", wrk(http, { OPERATION: "constant", ...common }));
    record("GetItem", wrk(server, { OPERATION: "get", ...common }));
    record("dynalite GetItem", wrk(peer, { OPERATION: "get", ...common, KEYS: peerItems }));
    record("storage ceiling", measure(1, [ceilings, "storage", join(directory, `storage-${round}`), "64", String(seconds)]));
    record("PutItem", wrk(server, { OPERATION: "put", ...common }));
    record("dynalite PutItem", wrk(peer, { OPERATION: "put", ...common, KEYS: peerItems }));
    record("disk", measure(1, [ceilings, "disk", directory, String(seconds)]));
    record("PutItem, one connection", wrk(server, { OPERATION: "put", ...common, connections: 1 }));
    for (const { name, port } of peers()) {
        record(`${name} GetItem`, wrk({ pid: process.pid, port }, { OPERATION: "get", ...common }));
        record(`${name} PutItem`, wrk({ pid: process.pid, port }, { OPERATION: "put", ...common }));
    }
}

function peers() {
    return (process.env.PEERS ?? "").split(/\s+/).filter(Boolean).map((entry) => {
        const [name, url] = entry.split("=");
        return { name, port: Number(new URL(url).port) };
    });
}

const running = await prepare();
let missed = 0;
try {
    for (let round = 0; round < rounds; round++) {
        console.log(`Round ${round + 1} of ${rounds}.`);
        measureRound(running, round);
    }
    missed = report();
} finally {
    await Promise.all([stop(running.server), stop(running.http), stop(running.peer)]);
    rmSync(directory, { recursive: true });
}
process.exit(missed === 0 ? 0 : 1);

function report() {
    printTable([...samples.keys()].map((name) => ({
        name,
        rate: figure(name, "rate"),
        p50: figure(name, "p50_us"),
        p99: figure(name, "p99_us"),
        cpu: figure(name, "cpuMicroseconds"),
        megabytes: figure(name, "megabytes"),
    })));
    const times = (name, other, field) => figure(name, field) / figure(other, field);
    return printBars([
        ["GetItem: CPU of the HTTP ceiling, times", times("GetItem", "HTTP ceiling", "cpuMicroseconds"), "at most", 1.6],
        ["GetItem: rate of dynalite, times", times("GetItem", "dynalite GetItem", "rate"), "at least", 7],
        ["PutItem: rate of the storage ceiling, times", times("PutItem", "storage ceiling", "rate"), "at least", 0.5],
        ["PutItem: rate of dynalite in memory, times", times("PutItem", "dynalite PutItem", "rate"), "at least", 3],
        ["PutItem on one connection: p50 in us", figure("PutItem, one connection", "p50_us"), "at most", 1.5 * figure("disk", "p50_us") + 60],
    ]);
}
