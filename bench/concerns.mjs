/* Figures of one kind each: beside scans, with more threads or less cache, at start, in memory. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { kill, residentMegabytes, startOnCore, stop, wrk } from "./processes.mjs";
import { bar, call, createTable, directory, items, load, openStator, record, seconds, stator } from "./session.mjs";

const MEMORY_MB = 1024; /* --memory-mb by default */

/* Four connections that scan the whole table through a filter nothing passes. */
export function besideScans(server) {
    const alone = wrk(server, { OPERATION: "get", KEYS: items, seconds });
    const scans = spawn("taskset", ["-c", "0", "wrk", "-t1", "-c4", `-d${seconds + 2}s`, "--timeout", "30s", "-s",
        new URL("load.lua", import.meta.url).pathname, `http://127.0.0.1:${server.port}`], {
        env: { ...process.env, OPERATION: "filtered-scan", KEYS: String(items) }, stdio: "ignore",
    });
    const beside = wrk(server, { OPERATION: "get", KEYS: items, seconds });
    scans.kill();
    record("GetItem beside four Scans", beside);
    bar("GetItem beside four filtered Scans: p99 of alone, times", beside.p99_us / alone.p99_us, "at most", 4);
}

/* Page after page through a table; the most memory the server had meanwhile. */
async function scanWhole(server, TableName) {
    let ExclusiveStartKey;
    let most = 0;
    let pages = 0;
    do {
        const page = await call(server, "Scan", { TableName, ExclusiveStartKey });
        ExclusiveStartKey = page.LastEvaluatedKey;
        pages++;
        most = Math.max(most, residentMegabytes(server.pid));
    } while (ExclusiveStartKey);
    return { most, pages };
}

/*
 * A table of about a gigabyte (a tenth of that for a smaller bench), scanned twice: the first Scan
 * fills the block cache, which has a bound of its own; what a Scan adds shows in the second.
 */
export async function memoryOfScan(server) {
    await createTable(server, "Gigabyte");
    load(server, { TABLE: "Gigabyte", BYTES: 4000 }, Math.floor(items / 4));
    await scanWhole(server, "Gigabyte");
    const before = residentMegabytes(server.pid);
    const { most, pages } = await scanWhole(server, "Gigabyte");
    bar(`a Scan of ${pages} pages once the cache is full: memory it adds, MB`, most - before, "at most", 64);
    bar("memory beside that Scan, MB", most, "at most", MEMORY_MB);
}

/* Servers of other options on the same items; the bar of two threads waits for GetItem with one. */
export async function withOtherOptions(data) {
    /* The items take about 400 MB in memory: twice what 256 MB leave for caches. */
    let server = await openStator(data, "--memory-mb", "320");
    record("GetItem, twice the cache", wrk(server, { OPERATION: "get", KEYS: items, seconds: 2 * seconds }));
    await stop(server);
    server = await startOnCore("0,1", [stator, "serve", "--port", "0", "--threads", "2", "--data", data]);
    load(server, { OPERATION: "get", TABLE: "Bench" }, items); /* fills the cache */
    record("GetItem, two threads", wrk(server, { OPERATION: "get", KEYS: items, seconds }));
    await stop(server);
}

export async function starts() {
    const started = async (data) => {
        const before = performance.now();
        const server = await openStator(data);
        return { server, milliseconds: performance.now() - before };
    };
    const data = join(directory, "starts");
    const empty = await started(data);
    const idle = residentMegabytes(empty.server.pid);
    await createTable(empty.server, "Bench");
    let recovery = 0;
    let { server } = empty;
    for (let kills = 0; kills < 3; kills++) { /* a log is full at some moment or other */
        wrk(server, { OPERATION: "put", KEYS: items, seconds: seconds + kills });
        await kill(server);
        const again = await started(data);
        recovery = Math.max(recovery, again.milliseconds);
        server = again.server;
    }
    await stop(server);
    bar("ready on an empty directory, ms", empty.milliseconds, "at most", 100);
    bar("ready after a kill, the longest of three, ms", recovery, "at most", 1500);
    bar("memory of an idle server, MB", idle, "at most", 30);
}
