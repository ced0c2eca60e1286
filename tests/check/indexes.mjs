/*
 * Every index holds what the items imply: random tables and writes, indexes that come and go
 * meanwhile, and kills.
 *
 *   node tests/check/indexes.mjs [--tables 3] [--rounds 3] [--writes 600] [--seed N]
 *
 * Each table goes through rounds of writes. A round ends with all clients at rest, and the server
 * stops in order, or with kill -9 in the middle of everything. `stator check` then proves the
 * directory, and a new server's indexes are read through Scan and Query.
 */
import { setTimeout as pause } from "node:timers/promises";
import { runStator, startServer } from "../support/server.mjs";
import { options, randomSeed, Results, workingFolder } from "../crash/program.mjs";
import { Random } from "../crash/random.mjs";
import { Indexed } from "./indexed.mjs";
import { randomTable } from "./index_model.mjs";

const { tables, rounds, writes, seed } = options({ tables: 3, rounds: 3, writes: 600, seed: randomSeed() });
console.log(`indexes: seed ${seed}`);
const random = new Random(seed);
const results = new Results();
const directory = workingFolder("indexes");
const totals = { written: 0, refused: 0, added: 0, dropped: 0, compared: 0 };

let server = await start();
for (let number = 1; number <= tables && results.failed === 0; number++) {
    const table = randomTable(random, `Indexed-${number}`, number === 1 ? { globals: 20 } : {});
    const indexed = new Indexed(random, table);
    await indexed.open(server.port, { create: true });
    for (let round = 1; round <= rounds && results.failed === 0; round++)
        await results.check(`table ${number}, round ${round} of seed ${seed}: every index holds what the items imply`, () => playRound(indexed));
    indexed.close();
    for (const name of Object.keys(totals))
        totals[name] += indexed.counts[name];
}
await server.dispose();
console.log(Object.entries(totals).map(([name, count]) => `${count} ${name}`).join(", "));
results.finish();

async function playRound(indexed) {
    const work = indexed.run(writes);
    if (random.chance(50)) {
        await Promise.race([work, pause(random.between(50, 1000))]);
        await server.kill();
        await work;
    } else {
        await work;
        await demandWhole(indexed);
        await server.stop();
    }
    const { code, output, errors } = await runStator(["check", directory]);
    if (code !== 0)
        throw new Error(`stator check ended with ${code}:\n${output}${errors}`);
    server = await start();
    await indexed.open(server.port);
    await demandWhole(indexed);
}

async function demandWhole(indexed) {
    const problem = await indexed.problem();
    if (problem)
        throw new Error(problem);
}

function start() {
    return startServer({ partitionKb: random.pick([undefined, 4]), sync: random.pick(["always", "interval", "never"]), threads: random.between(1, 4) }, { directory });
}
