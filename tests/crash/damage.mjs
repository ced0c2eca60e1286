/*
 * Damage: one flipped bit or one zeroed block somewhere in a stopped directory. The server then
 * serves every acknowledged item, or refuses with the name of the damaged file: to start, or to
 * answer a read. It never loses an item silently and never serves a wrong one.
 *
 *   node tests/crash/damage.mjs [--times 300] [--seed N]
 *
 * Two directories are damaged in turn, one left by kill -9 and one by an orderly stop; each holds
 * table files, a live log and all the small files, and the kinds of files take turns too.
 */
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { startServer } from "../support/server.mjs";
import { Client } from "./client.mjs";
import { itemProblem, keyName, makeItem, TABLE, wireKey } from "./load.mjs";
import { options, randomSeed, Results, workingFolder } from "./program.mjs";
import { Random } from "./random.mjs";

const ITEMS = 1500;
const ROUNDS = 3; /* each ends in a flush */
const WAYS = ["bit", "bit", "block-512", "block-4096"];

const { times, seed } = options({ times: 300, seed: randomSeed() });
console.log(`damage: seed ${seed}`);
const random = new Random(seed);
const results = new Results();
const folder = workingFolder("damage");
const tally = {};

const originals = [await makeOriginal("killed"), await makeOriginal("stopped")];
await results.check("a lost item and a wrong one would be noticed", noticeFaults);
for (let time = 1; time <= times && results.failed < 5; time++) {
    const original = originals[time % originals.length];
    const files = filesByKind(original.directory);
    const kinds = [...files.keys()].sort();
    const file = random.pick(files.get(kinds[time % kinds.length]));
    const way = random.pick(WAYS);
    await results.check(`damage ${time} of seed ${seed} (${way} in ${file}, ${original.name}) loses nothing silently`, async () => {
        const directory = join(folder, "copy");
        rmSync(directory, { recursive: true, force: true });
        cpSync(original.directory, directory, { recursive: true });
        const place = damage(join(directory, file), way);
        const outcome = await serveOrRefuse(directory, file, place, original.acknowledged);
        const kind = kindOf(file);
        tally[kind] ??= {};
        tally[kind][outcome] = (tally[kind][outcome] ?? 0) + 1;
    });
}
for (const [kind, outcomes] of Object.entries(tally))
    console.log(`${kind}: ${Object.entries(outcomes).map(([outcome, count]) => `${outcome} ${count}`).join(", ")}`);
results.finish();

/*
 * Rounds of small items, each pushed into table files by large ones, then a round that stays in
 * the log. Some items of earlier rounds are overwritten and some deleted, so that an old row or a
 * lost deletion would show.
 */
async function makeOriginal(name) {
    const directory = join(folder, name);
    const server = await startServer({}, { directory });
    const client = new Client(server.port);
    await client.createTable(TABLE);
    const acknowledged = new Map();
    let tokens = 0;
    const put = async (key, size) => {
        const token = `${name}#${++tokens}`;
        await client.ok("PutItem", { TableName: TABLE, Item: makeItem(key, token, size) });
        acknowledged.set(keyName(key), token);
    };
    for (let round = 0; round <= ROUNDS; round++) {
        const first = round * 300;
        for (let from = first; from < first + ITEMS / (ROUNDS + 1) + 150; from += 25)
            await Promise.all(Array.from({ length: 25 }, (_, i) => put({ pk: `p${(from + i) % 40}`, sk: from + i }, 40 + ((from + i) % 300))));
        for (let sk = first; sk < first + 100; sk += 7) {
            const key = { pk: `p${sk % 40}`, sk };
            await client.ok("DeleteItem", { TableName: TABLE, Key: wireKey(key) });
            acknowledged.delete(keyName(key));
        }
        if (round < ROUNDS)
            await flush(directory, (i) => put({ pk: "large", sk: i % 4 }, 380_000));
    }
    client.close();
    await (name === "killed" ? server.kill() : server.stop());
    return { name, directory, acknowledged };
}

/* What no damage may do silently, done through the front door. */
async function noticeFaults() {
    const directory = join(folder, "faults");
    cpSync(originals[0].directory, directory, { recursive: true });
    const server = await startServer({}, { directory });
    const client = new Client(server.port);
    const { acknowledged } = originals[0];
    const [name] = acknowledged.keys();
    const [pk, sk] = name.split("|");
    const faults = [
        [/is lost, silently/, "DeleteItem", { Key: wireKey({ pk, sk }) }],
        [/ is other instead of /, "PutItem", { Item: makeItem({ pk, sk }, "other", 10) }],
    ];
    for (const [pattern, operation, input] of faults) {
        await client.ok(operation, { TableName: TABLE, ...input });
        const problem = await readAll(client, acknowledged).then(() => "nothing was noticed", (error) => error.message);
        if (!pattern.test(problem))
            throw new Error(problem);
    }
    client.close();
    await server.dispose();
}

/* Large writes until one more table file is there. */
async function flush(directory, putLarge) {
    const count = () => [...filesByKind(directory).get(".sst") ?? []].length;
    const before = count();
    for (let i = 0; count() === before; i++) {
        if (i > 2000)
            throw new Error("no table file was written");
        await putLarge(i);
    }
}

/* Kinds: "log", "sst", "MANIFEST", …; empty files cannot be damaged. */
function filesByKind(directory) {
    const kinds = new Map();
    for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath ?? entry.path, entry.name);
        if (!entry.isFile() || statSync(path, { throwIfNoEntry: false })?.size === 0)
            continue;
        const kind = kindOf(path);
        if (kind !== "LOG") /* RocksDB's diary, which nothing reads */
            kinds.set(kind, [...(kinds.get(kind) ?? []), relative(directory, path)]);
    }
    return kinds;
}

function kindOf(path) {
    const name = path.split("/").at(-1);
    return /(\.[a-z]+)$/.exec(name)?.[1] ?? /^[A-Za-z]+/.exec(name)[0];
}

function damage(path, way) {
    const bytes = readFileSync(path);
    const at = random.below(bytes.length);
    if (way === "bit") {
        bytes[at] ^= 1 << random.below(8);
        writeFileSync(path, bytes);
        return `bit at byte ${at} of ${bytes.length}`;
    }
    const size = Number(way.split("-")[1]);
    const start = at - (at % size);
    bytes.fill(0, start, Math.min(start + size, bytes.length));
    writeFileSync(path, bytes);
    return `bytes ${start} to ${start + size} of ${bytes.length}`;
}

/* What became of it, in a word; throws when something was lost or wrong without the file's name. */
async function serveOrRefuse(directory, file, place, acknowledged) {
    const name = file.split("/").at(-1);
    let server;
    try {
        server = await startServer({ threads: 1 }, { directory });
    } catch (error) {
        demandName(name, error.message, `refused to start after damage to ${place}`);
        return "refused to start";
    }
    const client = new Client(server.port);
    try {
        const answered = await readAll(client, acknowledged);
        if (!answered) {
            await server.kill();
            demandName(name, server.log(), `refused a read after damage to ${place}`);
        }
        return answered ? "served" : "refused reads";
    } catch (error) {
        throw new Error(`${place}: ${error.message}\n${server.log()}`);
    } finally {
        client.close();
        await server.dispose();
    }
}

function demandName(name, text, what) {
    if (!text.includes(name))
        throw new Error(`${what}, without the name ${name}:\n${text.slice(0, 3000)}`);
}

/*
 * True: every item is as it was acknowledged and nothing else is there. False: something was
 * refused with a 500; what was served all the same is right.
 */
async function readAll(client, acknowledged) {
    const read = new Map();
    let from;
    do {
        const page = await client.call("Scan", { TableName: TABLE, ConsistentRead: true, ...(from && { ExclusiveStartKey: from }) });
        if (page.status === 500)
            return readPoints(client, acknowledged);
        if (page.status !== 200)
            throw new Error(`Scan answered ${page.status} ${page.text.slice(0, 300)}`);
        for (const item of page.json.Items)
            read.set(checkedName(item, acknowledged), true);
        from = page.json.LastEvaluatedKey;
    } while (from);
    for (const key of acknowledged.keys())
        if (!read.has(key))
            throw new Error(`${key} is lost, silently`);
    return true;
}

/* With a damaged page in the way of Scan, item by item. */
async function readPoints(client, acknowledged) {
    await Promise.all([...acknowledged.keys()].map(async (name) => {
        const [pk, sk] = name.split("|");
        const { status, json, text } = await client.call("GetItem", { TableName: TABLE, Key: wireKey({ pk, sk }), ConsistentRead: true });
        if (status === 500)
            return;
        if (status !== 200)
            throw new Error(`GetItem answered ${status} ${text.slice(0, 300)}`);
        if (!json.Item)
            throw new Error(`${name} is lost, silently`);
        checkedName(json.Item, acknowledged);
    }));
    return false;
}

function checkedName(item, acknowledged) {
    const problem = itemProblem(item);
    if (problem)
        throw new Error(problem);
    const name = keyName({ pk: item.pk.S, sk: item.sk.N });
    if (acknowledged.get(name) !== item.token.S)
        throw new Error(`${name} is ${item.token.S} instead of ${acknowledged.get(name)}`);
    return name;
}
