/* Many connections, leaving ones, and none left. */
import assert from "node:assert/strict";
import net from "node:net";
import { test } from "node:test";
import { makeItem } from "../crash/load.mjs";
import { Client } from "../crash/client.mjs";
import { requestBytes, signedHeaders } from "../support/http.mjs";
import { connectionsPossible, strain, TABLE, until } from "./observe.mjs";

function connect(port) {
    const socket = net.connect({ port, host: "127.0.0.1" });
    socket.on("error", () => {});
    return new Promise((settle) => {
        socket.once("connect", () => settle(socket));
        socket.once("close", () => settle(null));
    });
}

/* Some at a time: the kernel's queue of half-open connections is finite. */
async function connectMany(port, count) {
    const sockets = [];
    while (sockets.length < count)
        sockets.push(...(await Promise.all(Array.from({ length: Math.min(200, count - sockets.length) }, () => connect(port)))));
    return sockets;
}

function callBytes(endpoint, operation, input) {
    const body = JSON.stringify(input);
    const headers = { "content-type": "application/x-amz-json-1.0", ...signedHeaders(endpoint, `DynamoDB_20120810.${operation}`, body) };
    return requestBytes(endpoint, { headers, body });
}

test("10,000 idle connections: others are served, and memory returns", async () => {
    const strained = await strain({ memoryMb: 512 });
    await strained.serve();
    const before = strained.usage();
    const count = connectionsPossible(10_000);
    let sockets;
    const { peak_mb } = await strained.others(async () => {
        sockets = await connectMany(strained.server.port, count);
    });
    assert.equal(sockets.filter((socket) => socket && !socket.destroyed).length, count);
    await until(() => strained.descriptors() >= count, "the server holds all of them");
    for (let i = 0; i < 20; i++)
        await strained.serve();
    console.log(`${count} idle connections: ${before.memory_mb} MB before, ${peak_mb} MB with them`);
    assert.ok(peak_mb < before.memory_mb + 200, `${peak_mb} MB`);
    for (const socket of sockets)
        socket.destroy();
    await strained.returnsTo(before);
    await strained.stop();
});

test("idle connections that have been used: memory is that of idle ones", async () => {
    const strained = await strain({ memoryMb: 256 });
    await strained.serve();
    const before = strained.usage();
    const bytes = callBytes(strained.endpoint, "ListTables", { padding: undefined, Limit: 1 });
    const sockets = await connectMany(strained.server.port, 2000);
    await Promise.all(sockets.map((socket) => new Promise((settle) => {
        socket.once("data", settle);
        socket.write(bytes);
    })));
    await strained.serve();
    console.log(`2,000 used connections: ${before.memory_mb} MB before, ${strained.memoryMb()} MB with them`);
    assert.ok(strained.memoryMb() < before.memory_mb + 100);
    for (const socket of sockets)
        socket.destroy();
    await strained.returnsTo(before);
    await strained.stop();
});

test("descriptors exhausted: those connected are served, and new ones once there is room", async () => {
    const strained = await strain({}, { launcher: ["prlimit", "--nofile=128:128"] });
    await strained.serve();
    const before = strained.usage();
    const sockets = await connectMany(strained.server.port, 300);
    const cpuBefore = strained.cpuSeconds();
    for (let i = 0; i < 20; i++)
        await strained.serve(); /* on the connection it had */
    await new Promise((settle) => setTimeout(settle, 1000));
    const spent = strained.cpuSeconds() - cpuBefore;
    assert.ok(spent < 0.8, `it spun: ${spent} s of CPU in a second`);
    for (const socket of sockets)
        socket?.destroy();
    await strained.returnsTo(before);
    const another = new Client(strained.server.port);
    await strained.serve(another);
    another.close();
    await strained.stop();
});

test("more connections than --connections-max: the further ones are closed, the others served", async () => {
    const strained = await strain({ connectionsMax: 50 });
    await strained.serve();
    const sockets = await connectMany(strained.server.port, 120);
    await until(() => sockets.filter((socket) => socket?.destroyed || socket?.readableEnded || !socket).length >= 60, "the further ones are closed");
    await strained.serve();
    for (const socket of sockets)
        socket?.destroy();
    const another = new Client(strained.server.port);
    await until(() => strained.serve(another).then(() => true, () => false), "a new client is served");
    another.close();
    await strained.stop();
});

test("clients that leave amid a request: others are served, and memory returns", async () => {
    const strained = await strain();
    await strained.serve();
    const before = strained.usage();
    const bytes = callBytes(strained.endpoint, "PutItem", { TableName: TABLE, Item: makeItem({ pk: "gone", sk: 1 }, "gone", 300_000) });
    const { served } = await strained.others(async () => {
        for (let i = 0; i < 400; i++) {
            const socket = await connect(strained.server.port);
            const size = Math.floor((bytes.length * (i % 40)) / 40);
            await new Promise((settle) => socket.write(bytes.subarray(0, size), settle));
            socket[i % 2 ? "destroy" : "resetAndDestroy"]();
        }
    });
    console.log(`400 clients left amid a request; others were served ${served} times`);
    await strained.returnsTo(before);
    await strained.stop();
});

test("clients that leave amid a reply: others are served, and memory returns", async () => {
    const strained = await strain();
    for (let sk = 1; sk <= 4; sk++)
        await strained.client.ok("PutItem", { TableName: TABLE, Item: makeItem({ pk: "large", sk }, "large", 350_000) });
    await strained.serve();
    const before = strained.usage();
    const scan = callBytes(strained.endpoint, "Scan", { TableName: TABLE });
    const put = callBytes(strained.endpoint, "PutItem", { TableName: TABLE, Item: makeItem({ pk: "gone", sk: 2 }, "gone", 100) });
    const { served } = await strained.others(async () => {
        for (let i = 0; i < 400; i++) {
            const socket = await connect(strained.server.port);
            await new Promise((settle) => socket.write(i % 4 ? scan : put, settle));
            if (i % 3)
                await new Promise((settle) => socket.once("data", settle));
            socket[i % 2 ? "destroy" : "resetAndDestroy"]();
        }
    });
    console.log(`400 clients left amid a reply; others were served ${served} times`);
    await strained.returnsTo(before, 96);
    await strained.stop();
});
