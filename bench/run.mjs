/*
 * make bench: one table from one run, and reached or missed for each figure.
 *
 * Load (wrk, one thread) on core 0; the server (--threads 1) and all it is compared with on core 1.
 * A million items of 300 bytes, uniform random keys, the server reopened after the load. Each round
 * measures everything once, in turn. The caches of all are warm: each item is read once first,
 * unmeasured. Every figure is printed as it comes; the table at the end shows medians.
 *
 * BENCH_ITEMS, BENCH_SECONDS, BENCH_ROUNDS make it smaller. PEERS="name=http://host:port …" adds
 * servers that already run and accept the same requests.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { besideScans, memoryOfScan, starts, withOtherOptions } from "./concerns.mjs";
import { measureExpiry } from "./expiry.mjs";
import { freePort, measure, startOnCore, stop, wrk } from "./processes.mjs";
import {
    allBars, bar, ceilings, createTable, directory, dynalite, figure, items, load, measured, openStator, record, rounds,
    seconds,
} from "./session.mjs";
import { loadShapes, measureShapes, measureStreams } from "./shapes.mjs";
import { measureIndexes } from "./indexes.mjs";
import { printBars, printHead, printRow } from "./table.mjs";

const peerItems = Math.min(items, 50_000); /* dynalite keeps them in memory and loads slowly */
const data = join(directory, "data");

async function prepare() {
    console.log(`Loading ${items} items.`);
    const loading = await openStator(data, "--sync", "never");
    await createTable(loading, "Bench");
    load(loading, { TABLE: "Bench" }, items);
    await loadShapes(loading);
    await stop(loading);
    printHead();
    await starts();
    await withOtherOptions(data);
    const server = await openStator(data);
    const http = await startOnCore(1, [ceilings, "http"]);
    const peer = await startOnCore(1, [dynalite, "--host", "127.0.0.1", "--port", String(await freePort()), "--createTableMs", "0"]);
    await createTable(peer, "Bench");
    load(peer, { TABLE: "Bench" }, peerItems);
    load(server, { OPERATION: "get", TABLE: "Bench" }, items);
    return { server, http, peer };
}

function measureRound({ server, http, peer }, round) {
    const common = { seconds, KEYS: items, SEED: round + 1 };
    record("HTTP ceiling", wrk(http, { OPERATION: "constant", ...common }));
    record("GetItem", wrk(server, { OPERATION: "get", ...common }));
    record("dynalite GetItem", wrk(peer, { OPERATION: "get", ...common, KEYS: peerItems }));
    record("storage ceiling", measure(1, [ceilings, "storage", join(directory, "storage"), "64", String(seconds)]));
    record("storage ceiling, empty store", measure(1, [ceilings, "empty", join(directory, `empty-${round}`), String(seconds)]));
    record("PutItem", wrk(server, { OPERATION: "put", ...common }));
    record("UpdateItem", wrk(server, { OPERATION: "update", ...common }));
    record("TransactWriteItems of 4 puts", wrk(server, { OPERATION: "transact", ...common }));
    record("UpdateItem of one counter", wrk(server, { OPERATION: "update", ...common, KEYS: 1 }));
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

function barsOfRounds() {
    const times = (name, other, field) => figure(name, field) / figure(other, field);
    bar("GetItem: CPU of the HTTP ceiling, times", times("GetItem", "HTTP ceiling", "cpuMicroseconds"), "at most", 1.6);
    bar("GetItem: rate of dynalite, times", times("GetItem", "dynalite GetItem", "rate"), "at least", 7);
    bar("GetItem with two threads on shared cores: CPU of one thread's, times", times("GetItem, two threads", "GetItem", "cpuMicroseconds"), "at most", 1.1);
    bar("PutItem: rate of the storage ceiling, times", times("PutItem", "storage ceiling", "rate"), "at least", 0.5);
    bar("PutItem: rate of dynalite in memory, times", times("PutItem", "dynalite PutItem", "rate"), "at least", 3);
    bar("UpdateItem of one counter from 64 clients: rate of PutItem, times", times("UpdateItem of one counter", "PutItem", "rate"), "at least", 0.5);
    bar("TransactWriteItems of 4 puts: items, times PutItem", 4 * times("TransactWriteItems of 4 puts", "PutItem", "rate"), "at least", 0.6);
    bar("PutItem on one connection: p50 in us", figure("PutItem, one connection", "p50_us"), "at most", 1.5 * figure("disk", "p50_us") + 60);
}

function barsOfStreams() {
    const times = (name, other, field) => figure(name, field) / figure(other, field);
    bar("PutItem with a stream of both images: CPU of PutItem, times", times("PutItem, with a stream", "PutItem, without a stream", "cpuMicroseconds"), "at most", 1.5);
    bar("GetRecords of 20: records, times the items of Query", times("GetRecords of 20", "Query of 20 items", "rate"), "at least", 0.4);
}

function report() {
    console.log("\nMedians:");
    printHead();
    const fields = ["rate", "p50_us", "p99_us", "cpuMicroseconds", "megabytes"];
    for (const name of measured())
        printRow(name, Object.fromEntries(fields.map((field) => [field, figure(name, field)])));
    return printBars(allBars());
}

let missed = 1;
const running = await prepare();
try {
    besideScans(running.server);
    for (let round = 0; round < rounds; round++) {
        console.log(`Round ${round + 1} of ${rounds}.`);
        measureRound(running, round);
    }
    barsOfRounds();
    measureShapes(running.server);
    await measureStreams(running.server);
    barsOfStreams();
    await measureIndexes(running.server);
    await memoryOfScan(running.server);
    await measureExpiry();
    missed = report();
} finally {
    await Promise.all(Object.values(running).map(stop));
    rmSync(directory, { recursive: true });
}
process.exit(missed === 0 ? 0 : 1);
