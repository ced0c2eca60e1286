/*
 * A disk that fails: the n-th write, sync or rename answers EIO or ENOSPC, at the start or under
 * load. The server may end with a line that says why, or refuse what it cannot do; whatever it
 * acknowledged is there after the power cut that follows. And a disk that is full: writes are
 * refused, reads are served, and when space returns so do writes.
 *
 *   node tests/crash/failures.mjs [--failures 16] [--seed N]
 */
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "./client.mjs";
import { buildLibrary, Disk } from "./disk.mjs";
import { Load, makeItem, TABLE, wireKey } from "./load.mjs";
import { demandNoProblem, options, randomSeed, Results } from "./program.mjs";
import { Random } from "./random.mjs";

const KINDS = ["write", "sync", "rename", "write", "sync"];

const { failures, seed } = options({ failures: 16, seed: randomSeed() });
console.log(`failures: seed ${seed}`);
buildLibrary();
const results = new Results();

await surviveFailures();
await refuseWhenFull();
results.finish();

async function surviveFailures() {
    const random = new Random(seed);
    const disk = new Disk("failures");
    const load = new Load(random, { patient: true });
    await prepareTable(disk);
    for (let i = 1; i <= failures && results.failed === 0; i++) {
        const fail = failureAt(random, i);
        await results.check(`failure ${i} (${fail}) of seed ${seed} loses nothing`, async () => {
            const plan = { seed: random.below(1 << 30), tear: random.pick(["drop", "prefix"]), fail, at_exit: 1 };
            load.heavy = fail.endsWith(".sst");
            const machine = await disk.boot({ threads: 2 }, plan).catch((error) => demandReason(fail, error.message));
            const log = machine && (await workUntilFailure(machine, load));
            if (log && /why=(exit|abort)/.test(log))
                demandReason(fail, log);
            demandNoProblem(load.history, "under load");
            await verifyAfter(disk, load);
            console.log(`failure ${i}: ${fail}: ${machine ? (/why=(\w+)/.exec(log)?.[1] ?? "killed") : "refused to start"}`);
        });
    }
}

function failureAt(random, i) {
    const kind = KINDS[i % KINDS.length];
    const number = kind === "rename" ? random.between(1, 3) : random.chance(30) ? random.between(1, 12) : random.between(20, 300);
    const suffix = kind !== "rename" && random.chance(25) ? ":.sst" : "";
    return `${kind}:${suffix ? random.between(1, 3) : number}${random.pick(["", "+"])}:${random.pick(["EIO", "EIO", "ENOSPC"])}${suffix}`;
}

/*
 * What the server said before it ended must name the failure, the way an operator needs it.
 * Debian's RocksDB is built with assertions and aborts by itself after some failed writes: its
 * own line has to do then.
 */
function demandReason(fail, text) {
    const lines = text.split("\n").filter((line) => !line.startsWith("powercut:"));
    if (!lines.some((line) => /Input\/output error|No space left|I\/O error|IO error|rocksdb::.*Assertion/i.test(line)))
        throw new Error(`the server ended after ${fail} and does not say why:\n${text.slice(-3000)}`);
    return null;
}

async function workUntilFailure(machine, load) {
    const clients = load.run(machine.server.port);
    await Promise.race([machine.server.exit, pause(1200)]);
    load.stop();
    await machine.cut();
    await clients;
    return machine.server.log();
}

async function verifyAfter(disk, load) {
    const { code, output, errors } = await disk.check();
    if (code !== 0)
        throw new Error(`stator check ended with ${code}:\n${output}${errors}`);
    const machine = await disk.boot({});
    await load.verify(machine.server.port);
    await machine.stop();
    demandNoProblem(load.history, "after the failure");
}

async function prepareTable(disk) {
    const machine = await disk.boot({});
    const client = new Client(machine.server.port);
    await client.createTable(TABLE);
    client.close();
    await machine.stop();
}

async function refuseWhenFull() {
    const disk = new Disk("full");
    await prepareTable(disk);
    const key = (sk) => ({ pk: "full", sk });
    const put = (client, sk) => client.call("PutItem", { TableName: TABLE, Item: makeItem(key(sk), `t${sk}`, 100) });
    const get = (client, sk) => client.call("GetItem", { TableName: TABLE, Key: wireKey(key(sk)) });
    let machine = await disk.boot({});
    let client = new Client(machine.server.port);

    await results.check("a disk below its reserve: writes are refused with 500, reads are served", async () => {
        expect(await put(client, 1), 200);
        await machine.tell("free 1000000");
        await until(async () => (await put(client, 9)).status === 500, "a write is refused");
        expect(await put(client, 2), 500);
        expect(await client.call("DeleteItem", { TableName: TABLE, Key: wireKey(key(1)) }), 500);
        const read = await get(client, 1);
        expect(read, 200);
        if (read.json.Item?.token.S !== "t1")
            throw new Error("the item is not served");
    });

    await results.check("when space returns, writes are taken again", async () => {
        await machine.tell("free off");
        await until(async () => (await put(client, 3)).status === 200, "a write is taken");
        if ((await get(client, 2)).json.Item)
            throw new Error("a refused write happened");
    });
    client.close();
    await machine.stop();

    await results.check("a start on a full disk serves reads, and writes once space returns", async () => {
        machine = await disk.boot({}, { free: 1_000_000 });
        client = new Client(machine.server.port);
        if ((await get(client, 3)).json.Item?.token.S !== "t3")
            throw new Error("the item is not served");
        expect(await put(client, 4), 500);
        client.close();
        await machine.tell("free off");
        await until(async () => {
            client = new Client(machine.server.port);
            return (await put(client, 4).catch(() => client.close()))?.status === 200;
        }, "a write is taken by the same process");
        client.close();
        await machine.stop();
    });
}

function expect(answer, status) {
    if (answer.status !== status)
        throw new Error(`answered ${answer.status} instead of ${status}: ${answer.text.slice(0, 300)}`);
}

/* The reserve is looked at now and then: ask for up to ten seconds. */
async function until(holds, claim) {
    for (let i = 0; i < 200; i++) {
        if (await holds())
            return;
        await pause(50);
    }
    throw new Error(`it did not become true that ${claim}`);
}
