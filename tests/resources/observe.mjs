/*
 * A server under strain: what it uses, and whether others are served meanwhile.
 *
 *   const strained = await strain({ memoryMb: 256 });     a server with the table "Things"
 *   await strained.others(() => …)       runs it, and all the while others put and get
 *   strained.memoryMb(); strained.descriptors();
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "../crash/client.mjs";
import { makeItem, wireKey } from "../crash/load.mjs";
import { startServer } from "../support/server.mjs";

export const TABLE = "Things";
const SERVED_MS_MAX = 5000; /* an answer to somebody else, whatever goes on */

/* Gone when the tests are over, however they end. */
export async function start(options = {}, extra = {}) {
    const server = await startServer(options, extra);
    after(() => server.dispose());
    return server;
}

export async function strain(options = {}, extra = {}) {
    const server = await start(options, extra);
    const strained = new Strained(server);
    await strained.client.createTable(TABLE);
    return strained;
}

export class Strained {
    constructor(server) {
        this.server = server;
        this.client = new Client(server.port);
        after(() => this.client.close());
    }

    get endpoint() {
        return { host: "127.0.0.1", port: this.server.port };
    }

    memoryMb() {
        const status = readFileSync(`/proc/${this.server.pid}/status`, "latin1");
        return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024);
    }

    descriptors() {
        return readdirSync(`/proc/${this.server.pid}/fd`).length;
    }

    /* The CPU seconds it has used. */
    cpuSeconds() {
        const fields = readFileSync(`/proc/${this.server.pid}/stat`, "latin1").split(") ")[1].split(" ");
        return (Number(fields[11]) + Number(fields[12])) / 100;
    }

    /* One write and one read by somebody else, each in time. */
    async serve(client = this.client) {
        const key = { pk: "other", sk: Math.floor(performance.now()) };
        const started = performance.now();
        await client.ok("PutItem", { TableName: TABLE, Item: makeItem(key, "other", 200) });
        const { Item } = await client.ok("GetItem", { TableName: TABLE, Key: wireKey(key), ConsistentRead: true });
        assert.equal(Item.token.S, "other");
        const took_ms = performance.now() - started;
        assert.ok(took_ms < SERVED_MS_MAX, `others waited ${Math.round(took_ms)} ms`);
    }

    /* `strain` runs while others are served over and over; how often they were, and the memory's peak. */
    async others(strain) {
        let running = true;
        let served = 0;
        let peak_mb = this.memoryMb();
        const serving = (async () => {
            while (running) {
                await this.serve();
                served++;
                peak_mb = Math.max(peak_mb, this.memoryMb());
                await pause(5);
            }
        })();
        try {
            await Promise.race([strain(), serving.then(() => assert.fail("others stopped being served"))]);
        } finally {
            running = false;
            await serving;
        }
        assert.ok(served > 0);
        return { served, peak_mb };
    }

    /* Memory and descriptors go back to about what they were: { memory_mb, descriptors }. */
    async returnsTo(before, slack_mb = 48) {
        await until(() => this.descriptors() <= before.descriptors + 8, () => `${this.descriptors()} descriptors are open, ${before.descriptors} were`);
        await until(() => this.memoryMb() <= before.memory_mb + slack_mb, () => `${this.memoryMb()} MB are held, ${before.memory_mb} were`);
    }

    usage() {
        return { memory_mb: this.memoryMb(), descriptors: this.descriptors() };
    }

    async stop() {
        this.client.close();
        await this.server.stop();
    }
}

export async function until(holds, why, ms = 15_000) {
    const deadline = performance.now() + ms;
    while (!(await holds())) {
        if (performance.now() > deadline)
            assert.fail(typeof why === "function" ? why() : why);
        await pause(50);
    }
}

/* The largest number of connections both sides may hold, of the 10,000 wanted. */
export function connectionsPossible(wanted) {
    const limits = readFileSync("/proc/self/limits", "latin1");
    const hard = Number(/Max open files\s+\d+\s+(\d+)/.exec(limits)[1]);
    return Math.min(wanted, hard - 500);
}
