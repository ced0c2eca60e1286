/*
 * A consumer under load, restarts and kills: every acknowledged change stands once in the stream, in
 * order; images chain; the last equals the item. Then `stator check` says the same of the directory.
 *
 *   node tests/streams/check.mjs [--writes 20000] [--kills 6] [--split-kb 0] [--seed N]
 *
 * With --split-kb partitions of so many kilobytes are split all the while, and there are so many
 * items that this happens hundreds of times; check then comes after every piece.
 */
import { setTimeout as pause } from "node:timers/promises";
import { options, randomSeed, Results, workingFolder } from "../crash/program.mjs";
import { Random } from "../crash/random.mjs";
import { runStator, startServer } from "../support/server.mjs";
import { Course } from "./course.mjs";

const { writes, kills, "split-kb": splitKb, seed } = options({ writes: 20_000, kills: 6, "split-kb": 0, seed: randomSeed() });
const SPLITTING_ITEMS = 6000;
const SPLITS_MIN = 50; /* a quick machine is through before so many: it goes on writing */
const PIECES_MORE_MAX = 40;
console.log(`streams: seed ${seed}${splitKb ? `, partitions of ${splitKb} KB` : ""}`);
const random = new Random(seed);
const results = new Results();
const course = new Course(random, splitKb ? { items: SPLITTING_ITEMS } : {});
const directory = workingFolder("streams");
const pieces = 2 * kills + 1; /* one that ends with everybody at rest after each that is cut off */

let server = await start();
await course.open(server.port, { create: true });
for (let piece = 1; piece <= pieces && results.failed === 0; piece++)
    await results.check(`piece ${piece} of seed ${seed} stands in the stream as it was acknowledged`, async () => {
        const work = course.run(Math.ceil(writes / pieces));
        if (piece % 2 === 0) {
            await Promise.race([work, pause(random.between(20, 200))]);
            await server.kill();
        }
        await work;
        if (piece % 2 === 1 && random.chance(50))
            await server.stop();
        else if (piece % 2 === 1)
            await server.kill();
        if (splitKb)
            await checkDirectory();
        server = await start();
        await course.open(server.port);
        await demandNone();
    });
if (splitKb)
    await results.check("partitions were split while the consumer read", async () => {
        for (let more = 0; course.splitCount < SPLITS_MIN && more < PIECES_MORE_MAX; more++) {
            await course.run(Math.ceil(writes / pieces));
            await demandNone();
        }
        if (course.splitCount < SPLITS_MIN)
            throw new Error(`only ${course.splitCount} shards have a parent that was read to its end`);
    });
course.close();
await server.stop();
await results.check(`check finds nothing wrong with the directory of seed ${seed}`, async () => {
    await checkDirectory();
});
console.log(`${course.answered} writes answered, ${course.recordCount} records read, ${course.splitCount} splits, ${kills} kills`);
results.finish();

async function demandNone() {
    const violation = await course.violation();
    if (violation)
        throw new Error(violation);
}

async function checkDirectory() {
    const { code, output } = await runStator(["check", directory]);
    if (code !== 0 || !/ records=[1-9]/.test(output))
        throw new Error(output);
}

function start() {
    const splitting = splitKb ? { partitionKb: splitKb } : {};
    return startServer({ sync: random.pick(["always", "interval", "never"]), threads: random.between(1, 4), ...splitting }, { directory });
}
