/* What the measurements share: where things are, API calls, loading, and samples by name. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { rawClient } from "../tests/support/raw_client.mjs";
import { printBar, printRow } from "./table.mjs";
import { median, startOnCore, wrk } from "./processes.mjs";

const root = resolve(fileURLToPath(import.meta.url), "../..");
const build = resolve(root, process.env.BUILD ?? "build");
export const stator = join(build, "stator");
export const ceilings = join(build, "bench/ceilings");
export const dynalite = join(root, "bench/node_modules/.bin/dynalite");
export const items = Number(process.env.BENCH_ITEMS ?? 1_000_000);
export const seconds = Number(process.env.BENCH_SECONDS ?? 3);
export const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
export const directory = mkdtempSync(join(tmpdir(), "stator-bench-"));

const samples = new Map(); /* name -> results, one a round */
const bars = [];

/* Printed as they come, so that a run that is stopped has told what it measured. */
export function record(name, result) {
    printRow(name, result);
    if (!samples.has(name))
        samples.set(name, []);
    samples.get(name).push(result);
}

export function measured() {
    return [...samples.keys()];
}

/* `sense` is "at most" or "at least"; printed as it comes, and once more at the end. */
export function bar(what, value, sense, wanted) {
    bars.push({ what, value, sense, wanted });
    printBar(bars.at(-1));
}

export function allBars() {
    return bars;
}

export function figure(name, field) {
    return median(samples.get(name).map((result) => result[field]));
}

export function openStator(data, ...options) {
    return startOnCore(1, [stator, "serve", "--port", "0", "--threads", "1", "--data", data, ...options]);
}

export function call(process, operation, body) {
    return rawClient(process).call(operation, body);
}

/* With a partition key pk, and a numeric sort key sk if wanted. */
export async function createTable(process, name, sorted = false, more = {}) {
    const keys = [["pk", "S", "HASH"], ...(sorted ? [["sk", "N", "RANGE"]] : [])];
    await call(process, "CreateTable", {
        TableName: name,
        AttributeDefinitions: keys.map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
        KeySchema: keys.map(([AttributeName, , KeyType]) => ({ AttributeName, KeyType })),
        BillingMode: "PAY_PER_REQUEST",
        ...more,
    });
    for (;;) {
        const { Table } = await call(process, "DescribeTable", { TableName: name });
        if (Table.TableStatus === "ACTIVE")
            return;
        await new Promise((settle) => setTimeout(settle, 100));
    }
}

/*
 * Every key once, in order, as fast as it goes. What is in flight when the last reply comes may not
 * have arrived: so many more are sent.
 */
export function load(process, settings, count) {
    const IN_FLIGHT = 64;
    const result = wrk(process, { OPERATION: "put", FIRST: 0, COUNT: count + IN_FLIGHT, ...settings, seconds: 600 /* at most */ });
    if (result.refused > 0)
        throw new Error(`${result.refused} puts were refused while loading`);
}
