/*
 * Restore drills: a table is written to, backed up, killed and restored at random moments, and every
 * restored table is what the table was at its moment. Meanwhile partitions are split, by most of the
 * servers. After each round `stator check` and `stator verify-backup` say the same of the directory.
 *
 *   node tests/drills/check.mjs [--lives 2] [--rounds 4] [--actions 40] [--seed N]
 */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { options, randomSeed, Results, workingFolder } from "../crash/program.mjs";
import { Random } from "../crash/random.mjs";
import { runStator, startServer } from "../support/server.mjs";
import { Life } from "./life.mjs";

const { lives, rounds, actions, seed } = options({ lives: 2, rounds: 4, actions: 40, seed: randomSeed() });
console.log(`drills: seed ${seed}`);
const DAY_MS = 24 * 3600 * 1000;
const PARTITION_KB = [24, 40, 80, 160]; /* the tables have some thousand */
const random = new Random(seed);
const results = new Results();
const directory = workingFolder("drills");
const totals = { kills: 0, splits: 0 };
let clockMs = Date.now() + DAY_MS; /* no server of this run begins with a later time */

let server = await start();
for (let number = 1; number <= lives && results.failed === 0; number++) {
    const life = new Life(random, `Drilled-${number}`, clockMs);
    await life.open(server.port, { create: true });
    for (let round = 1; round <= rounds && results.failed === 0; round++)
        await results.check(`table ${number}, round ${round} of seed ${seed}: every restored table is as the table was`, () => playRound(life));
    if (results.failed === 0)
        await results.check(`table ${number} of seed ${seed}: what it leaves is as it was`, async () => demandNone(await life.end()));
    life.close();
    clockMs = life.clockMs + 2 * DAY_MS;
    for (const [name, count] of Object.entries(life.counts))
        totals[name] = (totals[name] ?? 0) + count;
}
countSplits();
await server.dispose();
await results.check(`partitions were split meanwhile, with seed ${seed}`, () => {
    if (totals.splits === 0)
        throw new Error("none was");
});
console.log(Object.entries(totals).map(([name, count]) => `${count} ${name}`).join(", "));
results.finish();

async function playRound(life) {
    const work = life.run(actions);
    if (random.chance(60)) {
        await Promise.race([work, pause(random.between(50, 40 * actions))]);
        await server.kill();
        totals.kills++;
        await work;
    } else {
        await work;
        await server.stop();
    }
    countSplits();
    await demandWhole("check", directory);
    server = await start();
    await life.open(server.port);
    demandNone(await life.compare());
    await demandWhole("verify-backup", join(directory, "backups"));
}

async function demandWhole(command, path) {
    const { code, output, errors } = await runStator([command, path]);
    if (code !== 0)
        throw new Error(`stator ${command} ended with ${code}:\n${output}${errors}`);
}

function demandNone(violation) {
    if (violation)
        throw new Error(`${violation}\n${server.log().split("\n").filter((line) => /level=(warn|error)/.test(line)).slice(-20).join("\n")}`);
}

function countSplits() {
    totals.splits += server.log().match(/event=partition_split /g)?.length ?? 0;
}

function start() {
    const splitting = random.chance(80) ? { partitionKb: random.pick(PARTITION_KB) } : {};
    return startServer({ clock: "manual", ttlSweepS: 1, sync: random.pick(["always", "interval", "never"]), threads: random.between(1, 4), ...splitting }, { directory });
}
