/* Clients that do not read, and clients that hardly write. */
import assert from "node:assert/strict";
import net from "node:net";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { makeItem } from "../crash/load.mjs";
import { exchange, requestBytes, signedHeaders } from "../support/http.mjs";
import { strain, TABLE, until } from "./observe.mjs";

const MEMORY_MB = 1024; /* the default */

function connect(port) {
    const socket = net.connect({ port, host: "127.0.0.1" });
    socket.on("error", () => {});
    socket.pause();
    return new Promise((settle) => socket.once("connect", () => settle(socket)));
}

test("1,000 clients that never read their 1 MB pages: others are served, memory is bounded and returns", async () => {
    const strained = await strain({ memoryMb: MEMORY_MB });
    for (let sk = 1; sk <= 4; sk++)
        await strained.client.ok("PutItem", { TableName: TABLE, Item: makeItem({ pk: "large", sk }, "large", 300_000) });
    await strained.serve();
    const before = strained.usage();

    const body = JSON.stringify({ TableName: TABLE });
    const headers = { "content-type": "application/x-amz-json-1.0", ...signedHeaders(strained.endpoint, "DynamoDB_20120810.Scan", body) };
    const scan = requestBytes(strained.endpoint, { headers, body });
    const page = await exchange(strained.endpoint, { headers, body });
    assert.ok(page.status === 200 && page.body.length > 1024 * 1024, `${page.status}, ${page.body.length} bytes`);
    const sockets = [];
    const { served, peak_mb } = await strained.others(async () => {
        for (let i = 0; i < 1000; i++) {
            sockets.push(await connect(strained.server.port));
            sockets.at(-1).write(scan);
        }
        await pause(4000);
    });
    console.log(`1,000 clients that do not read: ${before.memory_mb} MB before, at most ${peak_mb} MB with them; others were served ${served} times`);
    assert.ok(peak_mb < before.memory_mb + MEMORY_MB + 128, `${peak_mb} MB`);
    for (const socket of sockets)
        socket.destroy();
    await strained.returnsTo(before, 128);
    await strained.stop();
});

test("bodies sent a byte a second: others are served, and the slow are cut off", async () => {
    const strained = await strain();
    await strained.serve();
    const before = strained.usage();
    const body = JSON.stringify({ TableName: TABLE, Item: makeItem({ pk: "slow", sk: 1 }, "slow", 1000) });
    const headers = { "content-type": "application/x-amz-json-1.0", ...signedHeaders(strained.endpoint, "DynamoDB_20120810.PutItem", body) };
    const bytes = requestBytes(strained.endpoint, { headers, body });
    const sockets = await Promise.all(Array.from({ length: 200 }, () => connect(strained.server.port)));
    const closed = new Set();
    for (const socket of sockets) {
        socket.resume();
        socket.on("close", () => closed.add(socket));
        /* Some are slow from the first byte on, some within the head, some within the body. */
        socket.sent = [1, 80, bytes.length - body.length + 10][sockets.indexOf(socket) % 3];
        socket.write(bytes.subarray(0, socket.sent));
    }
    const { served } = await strained.others(async () => {
        for (let second = 0; second < 8; second++) {
            await pause(1000);
            for (const socket of sockets)
                if (!closed.has(socket))
                    socket.write(bytes.subarray(socket.sent, ++socket.sent));
        }
    });
    console.log(`200 clients sent a byte a second; ${closed.size} were cut off within 8 s; others were served ${served} times`);
    if (process.env.STATOR_SOAK)
        await until(async () => {
            for (const socket of sockets)
                if (!closed.has(socket) && socket.sent < bytes.length - 1)
                    socket.write(bytes.subarray(socket.sent, ++socket.sent));
            await pause(1000);
            return closed.size === sockets.length;
        }, () => `${sockets.length - closed.size} slow clients are still connected`, 180_000);
    for (const socket of sockets)
        socket.destroy();
    await strained.returnsTo(before);
    await strained.stop();
});
