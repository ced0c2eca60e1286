/*
 * Power cuts: clients at work, the power fails, and every acknowledged write is there.
 *
 *   node tests/crash/powercut.mjs [--cuts 40] [--seed N] [--tear mixed|drop|prefix|sectors]
 *
 * One data directory goes through all cuts: some come at the n-th call of a kind, some in the
 * middle of a start, some at a random moment. Then the same with `--sync never`, where the test
 * must find losses: a test that finds none there would find none anywhere.
 */
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "./client.mjs";
import { buildLibrary, Disk } from "./disk.mjs";
import { Load, TABLE } from "./load.mjs";
import { demandNoProblem, options, randomSeed, Results } from "./program.mjs";
import { Random } from "./random.mjs";

const { cuts, seed, tear } = options({ cuts: 40, seed: randomSeed(), tear: "mixed" });
console.log(`power cuts: seed ${seed}`);
buildLibrary();
const results = new Results();

await surviveFirstStarts();
await surviveCuts();
await noticeLosses();
results.finish();

/* A first start that is cut anywhere leaves a directory that the next start takes. */
async function surviveFirstStarts() {
    const random = new Random(seed);
    for (let i = 0; i < Math.ceil(cuts / 5); i++) {
        const call = random.between(1, 60);
        await results.check(`a first start cut at call ${call} of seed ${seed} can be repeated`, async () => {
            const disk = new Disk("powercut-first");
            const machine = await bootOrCut(disk, { seed: seed + i, tear: random.pick(["drop", "prefix"]), cut: `any:${call}` });
            await machine?.cut();
            await prepareTable(disk);
            await demandCheckPasses(disk);
        });
    }
}

async function surviveCuts() {
    const random = new Random(seed);
    const disk = new Disk("powercut");
    const load = new Load(random);
    await prepareTable(disk);
    for (let cut = 1; cut <= cuts && results.failed === 0; cut++)
        await results.check(`cut ${cut} of seed ${seed} loses nothing`, async () => {
            const when = random.weighted([["start", 25], ["call", 35], ["later", 40]]);
            const plan = { tear: tear === "mixed" ? random.pick(["drop", "prefix"]) : tear, seed: random.below(1 << 30), ...cutAt(random, when) };
            load.heavy = random.chance(30) || plan.cut?.endsWith(".sst");
            const machine = await bootOrCut(disk, plan);
            if (machine) {
                await work(machine, load, when === "call" ? 2000 : random.between(20, 700));
                demandNoProblem(load.history, "under load");
            }
            await demandCheckPasses(disk);
            console.log(`cut ${cut}: ${when} ${plan.tear} ${plan.cut ?? ""}, ${load.history.acknowledged} writes acknowledged so far`);
        });
    if (results.failed === 0)
        await results.check("after all cuts everything acknowledged is there", async () => {
            const machine = await disk.boot({});
            await load.verify(machine.server.port);
            demandNoProblem(load.history, "at the end");
            await machine.stop();
            await demandCheckPasses(disk);
        });
}

/* The table is made and the server stopped in order. */
async function prepareTable(disk) {
    const machine = await disk.boot({});
    const client = new Client(machine.server.port);
    await client.createTable(TABLE);
    client.close();
    await machine.stop();
}

function cutAt(random, when) {
    if (when === "start")
        return { cut: `any:${random.between(1, 80)}` };
    if (when === "call")
        return { cut: random.pick([`sync:${random.between(5, 300)}`, `write:${random.between(10, 900)}`, `any:${random.between(50, 1500)}`, "sync:1:.sst", "write:2:.sst", "sync:2:.sst", "rename:2", "sync:2:data"]) };
    return {};
}

/* A machine that is up; null when the cut came during its start. */
async function bootOrCut(disk, plan) {
    try {
        return await disk.boot({ threads: 2 }, plan);
    } catch (error) {
        if (/powercut: cut/.test(error.message))
            return null;
        throw error;
    }
}

/* Verify what the last cut left, then work until the power fails. */
async function work(machine, load, ms) {
    try {
        await load.verify(machine.server.port);
        demandNoProblem(load.history, "after the cut");
    } catch (error) {
        if (!/powercut: cut/.test(machine.server.log()))
            throw error;
        return; /* the cut came first */
    }
    const clients = load.run(machine.server.port);
    await Promise.race([machine.server.exit, pause(ms)]);
    await machine.cut();
    await clients;
}

async function demandCheckPasses(disk) {
    const { code, output, errors } = await disk.check();
    if (code !== 0)
        throw new Error(`stator check ended with ${code}:\n${output}${errors}`);
}

async function noticeLosses() {
    await results.check("with --sync never the same test reports lost items", async () => {
        for (let attempt = 1; attempt <= 3; attempt++) {
            const disk = new Disk("powercut-never");
            const random = new Random(seed + attempt);
            const load = new Load(random, { tables: false });
            await prepareTable(disk);
            const machine = await disk.boot({ sync: "never" }, { seed: seed + attempt, tear: "drop" });
            await work(machine, load, 700);
            demandNoProblem(load.history, "under load");
            const problems = await problemsAfter(disk, load);
            if (problems.length > 0)
                return console.log(`--sync never: ${problems.length} losses noticed, such as: ${problems[0]}`);
        }
        throw new Error("no loss was noticed");
    });
}

async function problemsAfter(disk, load) {
    const machine = await disk.boot({});
    await load.verify(machine.server.port);
    await machine.kill();
    return load.history.problems;
}
