/* A wave of items that expire at one moment, and what clients notice of it. */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { median, settle, stop, wrk } from "./processes.mjs";
import { bar, call, createTable, directory, items, load, openStator, record } from "./session.mjs";

const AHEAD_S = 100_000; /* of the standing clock; loading does not take that long */
const WORK = ["get", "put"];
const NAMES = { get: "GetItem", put: "PutItem" };
const ROUNDS = 5; /* all within the wave */
const SECONDS = 2;

export async function measureExpiry() {
    const server = await openStator(join(directory, "expiry"), "--clock", "manual", "--ttl-sweep-s", "60");
    const clock = `http://127.0.0.1:${server.port}/_stator/clock`;
    const now = Math.floor((await (await fetch(clock)).json()).EpochMilliseconds / 1000);
    for (const name of ["Bench", "Expiring"])
        await createTable(server, name);
    await call(server, "UpdateTimeToLive", { TableName: "Expiring", TimeToLiveSpecification: { Enabled: true, AttributeName: "expires" } });
    const keys = Math.floor(items / 10);
    load(server, { TABLE: "Bench" }, keys);
    load(server, { TABLE: "Expiring", EXPIRES: now + AHEAD_S }, items);
    await settle(server);
    const p99 = { without: {}, beside: {} };
    const measure = (when, round) => {
        for (const OPERATION of WORK) {
            const result = wrk(server, { OPERATION, KEYS: keys, seconds: SECONDS, SEED: round });
            (p99[when][OPERATION] ??= []).push(result.p99_us);
            record(`${NAMES[OPERATION]} ${when} a wave of expiry`, result);
        }
    };
    const left = async () => (await call(server, "DescribeTable", { TableName: "Expiring" })).Table.ItemCount;
    for (let round = 0; round < ROUNDS; round++)
        measure("without", round);
    await fetch(clock, { method: "PUT", body: JSON.stringify({ AdvanceMilliseconds: (AHEAD_S + 60) * 1000 }) });
    const begun = performance.now();
    for (let round = 0; round < ROUNDS && (await left()) > items / 20; round++)
        measure("beside", round);
    while ((await left()) > 0)
        await pause(100);
    const taken = (performance.now() - begun) / 1000;
    await stop(server);
    const times = (operation) => median(p99.beside[operation]) / median(p99.without[operation]);
    bar(`${items} items that expire at once: gone in one sweep, s`, taken, "at most", 120);
    bar("GetItem beside that: p99 of alone, times", times("get"), "at most", 2.5);
    bar("PutItem beside that: p99 of alone, times", times("put"), "at most", 2.5);
}
