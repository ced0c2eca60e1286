/*
 * Memory stays flat over many requests: reads, writes, updates, queries and scans over the same
 * items, in turns. In the first half the caches fill; what the server holds then is what it may
 * hold at the end, but for what the allocator does not give back: 3 bytes a request are a leak.
 *
 *   node tests/soak/memory.mjs [--requests 10000000]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { residentMegabytes, wrk } from "../../bench/processes.mjs";
import { rawClient } from "../support/raw_client.mjs";
import { startServer } from "../support/server.mjs";

const wanted = Number(process.argv[process.argv.indexOf("--requests") + 1] ?? 10_000_000) || 10_000_000;
const KEYS = 100_000;
const GROWTH_MEGABYTES_MAX = 16;
const turns = [
    { OPERATION: "put", seconds: 4 },
    { OPERATION: "get", seconds: 6 },
    { OPERATION: "update", seconds: 4 },
    { OPERATION: "scan", seconds: 1, connections: 4 },
    { OPERATION: "filtered-scan", seconds: 1, connections: 4 },
];

const directory = mkdtempSync(join(tmpdir(), "stator-memory-"));
const server = await startServer({ sync: "never" }, { directory });
await rawClient(server).call("CreateTable", {
    TableName: "Bench",
    AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    BillingMode: "PAY_PER_REQUEST",
});
let requests = 0;
let settled = 0; /* megabytes, at most, in the first half */
let most = 0;
for (let turn = 0; requests < wanted; turn++) {
    const result = wrk(server, { KEYS, SEED: turn + 1, ...turns[turn % turns.length] });
    requests += result.requests;
    const megabytes = residentMegabytes(server.pid);
    if (requests < wanted / 2)
        settled = Math.max(settled, megabytes);
    most = Math.max(most, megabytes);
    console.log(`${requests} requests, ${megabytes.toFixed(0)} MB after ${turns[turn % turns.length].OPERATION}`);
}
await server.stop();
rmSync(directory, { recursive: true });
const flat = most <= settled + GROWTH_MEGABYTES_MAX;
console.log(`${settled.toFixed(0)} MB at first, at most ${most.toFixed(0)} MB over ${requests} requests`);
console.log(flat ? "1 passed, 0 failed" : "0 passed, 1 failed");
process.exit(flat ? 0 : 1);
