/* A wave of items that expire at one moment, and what clients notice of it. */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { median, stop, wrk } from "./processes.mjs";
import { call, createTable, directory, items, load, openStator, record, rounds, seconds } from "./session.mjs";

const AHEAD_S = 100_000; /* of the standing clock; loading does not take that long */
const WORK = ["get", "put"];
const NAMES = { get: "GetItem beside a wave of expiry", put: "PutItem beside a wave of expiry" };

/* Returns bars, as measureConcerns. */
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
    const p99 = { alone: {}, beside: {} };
    const measure = (when, seed) => {
        for (const OPERATION of WORK) {
            const result = wrk(server, { OPERATION, KEYS: keys, seconds, SEED: seed });
            (p99[when][OPERATION] ??= []).push(result.p99_us);
            if (when === "beside")
                record(NAMES[OPERATION], result);
        }
    };
    const left = async () => (await call(server, "DescribeTable", { TableName: "Expiring" })).Table.ItemCount;
    for (let round = 0; round < rounds; round++)
        measure("alone", round);
    await fetch(clock, { method: "PUT", body: JSON.stringify({ AdvanceMilliseconds: (AHEAD_S + 60) * 1000 }) });
    const begun = performance.now();
    for (let round = 0; round < rounds && (await left()) > items / 20; round++)
        measure("beside", round);
    while ((await left()) > 0)
        await pause(100);
    const taken = (performance.now() - begun) / 1000;
    await stop(server);
    const times = (operation) => median(p99.beside[operation]) / median(p99.alone[operation]);
    return [
        [`${items} items that expire at once: gone in one sweep, s`, taken, "at most", 120],
        ["GetItem beside that: p99 of alone, times", times("get"), "at most", 2.5],
        ["PutItem beside that: p99 of alone, times", times("put"), "at most", 2.5],
    ];
}
