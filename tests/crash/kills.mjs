/*
 * Kills: clients at work, kill -9 at random moments, and every acknowledged write is there.
 *
 *   node tests/crash/kills.mjs [--kills 12] [--seed N]
 *
 * One data directory goes through all kills. After each, `stator check` proves the directory and a
 * new server must show what the clients were told; some starts are killed before they are done.
 */
import { spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { binary, runStator, startServer } from "../support/server.mjs";
import { Client } from "./client.mjs";
import { ComingIndex } from "./coming_index.mjs";
import { Load, TABLE } from "./load.mjs";
import { demandNoProblem, options, randomSeed, Results, workingFolder } from "./program.mjs";
import { Random } from "./random.mjs";

const { kills, seed } = options({ kills: 12, seed: randomSeed() });
console.log(`kills: seed ${seed}`);
const random = new Random(seed);
const results = new Results();
const directory = workingFolder("kills");
const load = new Load(random);
const index = new ComingIndex(random);

async function start(changes = {}) {
    return startServer({ sync: random.pick(["always", "interval", "never"]), threads: random.between(1, 3), partitionKb: random.pick([undefined, 20]), ...changes }, { directory });
}

async function demandCheckPasses() {
    const { code, output, errors } = await runStator(["check", directory]);
    if (code !== 0)
        throw new Error(`stator check ended with ${code}:\n${output}${errors}`);
}

/* A start that is killed while it recovers. */
async function killStart() {
    const child = spawn(binary, ["serve", "--port", "0", "--data", directory], { stdio: "ignore" });
    const ended = new Promise((settle) => child.on("close", settle));
    await pause(random.below(60));
    child.kill("SIGKILL");
    await ended;
}

let server = await start();
const client = new Client(server.port);
await client.createTable(TABLE);
client.close();
await index.prepare(server.port);

for (let kill = 1; kill <= kills && results.failed === 0; kill++)
    await results.check(`kill ${kill} of seed ${seed} loses nothing`, async () => {
        const clients = Promise.all([load.run(server.port), index.run(server.port)]);
        await pause(random.between(50, 1200));
        await server.kill();
        await clients;
        demandNoProblem(load.history, "under load");
        await demandCheckPasses();
        if (random.chance(20))
            await killStart();
        server = await start();
        const count = await load.verify(server.port);
        demandNoProblem(load.history, "after the kill");
        console.log(`kill ${kill}: ${load.history.acknowledged} writes acknowledged so far, ${count} items, ${index.built} indexes built`);
    });

if (results.failed === 0)
    await results.check("after all kills the server ends in order and its directory is whole", async () => {
        await server.stop();
        await demandCheckPasses();
    });
await server.dispose();
results.finish();
