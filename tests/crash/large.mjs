/*
 * More data than one table file holds: levels of several files, read while they are flushed and
 * compacted, and with the first block of each file damaged in turn. A reader that meets a block it
 * may not or cannot read at the edge between two files must not take it for the end of the data
 * (RocksDB before 8.6.3 does so where it looks for range deletions).
 *
 *   node tests/crash/large.mjs [--rounds 6]
 */
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startServer } from "../support/server.mjs";
import { Client } from "./client.mjs";
import { keyName, TABLE, wireKey } from "./load.mjs";
import { options, Results, workingFolder } from "./program.mjs";

const NOISE_BYTES = 350_000; /* noise cannot be compressed, so files fill up */
const ITEMS_A_ROUND = 60;

const { rounds } = options({ rounds: 6 });
const results = new Results();
const folder = workingFolder("large");
const directory = join(folder, "data");
const acknowledged = new Map(); /* key -> digest */

const server = await startServer({}, { directory });
const client = new Client(server.port);
await client.createTable(TABLE);
for (let round = 0; round < rounds; round++)
    await results.check(`a scan amid flushes and compactions, round ${round + 1}, shows every item`, async () => {
        for (let sk = round * ITEMS_A_ROUND; sk < (round + 1) * ITEMS_A_ROUND; sk += 4)
            await Promise.all([0, 1, 2, 3].map((part) => put({ pk: `p${part}`, sk: sk + part })));
        demandAll(await client.scan(TABLE));
    });
client.close();
await server.stop();

const tables = readdirSync(join(directory), { recursive: true }).filter((name) => name.endsWith(".sst"));
for (const table of tables)
    await results.check(`a damaged first block of ${table} loses nothing silently`, () => damageFirstBlock(table));
results.finish();

async function put(key) {
    const noise = randomBytes(NOISE_BYTES);
    await client.ok("PutItem", { TableName: TABLE, Item: { ...wireKey(key), noise: { B: noise.toString("base64") } } });
    acknowledged.set(keyName(key), digest(noise));
}

function digest(bytes) {
    return createHash("sha256").update(bytes).digest("hex");
}

function demandAll(items) {
    const missing = new Set(acknowledged.keys());
    for (const item of items) {
        const name = keyName({ pk: item.pk.S, sk: item.sk.N });
        if (digest(Buffer.from(item.noise.B, "base64")) !== acknowledged.get(name))
            throw new Error(`${name} is not as it was written`);
        missing.delete(name);
    }
    if (missing.size > 0)
        throw new Error(`${missing.size} of ${acknowledged.size} items are missing, such as ${[...missing].slice(0, 5)}`);
}

async function damageFirstBlock(table) {
    const copy = join(folder, "copy");
    rmSync(copy, { recursive: true, force: true });
    execFileSync("cp", ["-a", directory, copy]);
    const path = join(copy, table);
    const bytes = readFileSync(path);
    bytes[20] ^= 1;
    writeFileSync(path, bytes);

    const name = table.split("/").at(-1);
    let damaged;
    try {
        damaged = await startServer({}, { directory: copy });
    } catch (error) {
        return demandName(name, error.message);
    }
    const reader = new Client(damaged.port);
    try {
        demandAll(await reader.scan(TABLE));
    } catch (error) {
        if (!/answered 500/.test(error.message))
            throw error;
        await damaged.kill();
        demandName(name, damaged.log());
    } finally {
        reader.close();
        await damaged.dispose();
    }
}

function demandName(name, text) {
    if (!text.includes(name))
        throw new Error(`refused without the name ${name}:\n${text.slice(0, 3000)}`);
}
