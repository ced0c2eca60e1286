/*
 * A disk that is really full: a small file system in memory, mounted for the test. Where mounting
 * is not permitted this is skipped; tests/crash/failures.mjs asks the same with invented answers.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { statfsSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { Client } from "../crash/client.mjs";
import { keyName, wireKey } from "../crash/load.mjs";
import { workingFolder } from "../crash/program.mjs";
import { runStator, startServer } from "../support/server.mjs";
import { TABLE, until } from "./observe.mjs";

const DISK_MB = 420;
const FLAGS = { diskReserveMb: 32 };

const folder = workingFolder("full-disk");
const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_MB}m`, "none", folder]).status === 0;
after(async () => {
    await server?.dispose();
    if (mounted)
        spawnSync("umount", ["-l", folder]);
});
const directory = join(folder, "data");
const ballast = join(folder, "ballast");
const acknowledged = new Map();
let server;
let client;

/* Noise, because what can be compressed would not fill the disk. */
async function put(key, size) {
    const noise = randomBytes(size);
    const answer = await client.call("PutItem", { TableName: TABLE, Item: { ...wireKey(key), noise: { B: noise.toString("base64") } } });
    if (answer.status === 200)
        acknowledged.set(keyName(key), digest(noise));
    return answer;
}

function digest(bytes) {
    return createHash("sha256").update(bytes).digest("hex");
}

async function demandAll() {
    const items = await client.scan(TABLE);
    assert.equal(items.length, acknowledged.size);
    for (const item of items)
        assert.equal(digest(Buffer.from(item.noise.B, "base64")), acknowledged.get(keyName({ pk: item.pk.S, sk: item.sk.N })));
}

async function startHere() {
    server = await startServer(FLAGS, { directory });
    client = new Client(server.port);
}

test("a disk that fills up refuses writes, serves reads and loses nothing", { skip: !mounted && "mounting is not permitted" }, async (context) => {
    await startHere();
    await client.createTable(TABLE);

    await context.test("writing until it is full: refused with 500, reads are served", async () => {
        let refusal;
        for (let sk = 0; !refusal && sk < 500; sk++) {
            const answers = await Promise.all([0, 1, 2, 3].map((part) => put({ pk: `p${part}`, sk }, 350_000)));
            refusal = answers.find(({ status }) => status !== 200);
        }
        assert.equal(refusal?.status, 500, refusal?.text);
        assert.match(server.log(), /writes_refused/);
        await demandAll();
        console.log(`the disk took ${acknowledged.size} items of up to 350 KB`);
    });

    await context.test("another program takes the rest: nothing changes", async () => {
        spawnSync("dd", ["if=/dev/zero", `of=${ballast}`, "bs=1M"]);
        const refusal = await put({ pk: "more", sk: 1 }, 100);
        assert.equal(refusal.status, 500);
        await demandAll();
    });

    await context.test("once space returns writes are taken again", async () => {
        resize(2048);
        await until(writesAreTaken, "writes are taken");
        await demandAll();
    });

    await context.test("a start on a full disk serves reads and refuses writes", async () => {
        client.close();
        await server.kill();
        resize(usedMb() + 4);
        await startHere();
        assert.equal((await put({ pk: "more", sk: 2 }, 100)).status, 500);
        await demandAll();
    });

    await context.test("after that a start with space takes writes, and all is whole", async () => {
        client.close();
        await server.stop();
        resize(2048);
        await startHere();
        await until(writesAreTaken, "writes are taken");
        await demandAll();
        client.close();
        await server.stop();
        const { code, output, errors } = await runStator(["check", directory]);
        assert.equal(code, 0, output + errors);
    });
});

async function writesAreTaken() {
    return (await put({ pk: "more", sk: 3 }, 100)).status === 200;
}

function resize(mb) {
    assert.equal(spawnSync("mount", ["-o", `remount,size=${mb}m`, folder]).status, 0);
}

function usedMb() {
    const { blocks, bfree, bsize } = statfsSync(folder);
    return Math.ceil(((blocks - bfree) * bsize) / 1024 / 1024);
}
