/*
 * Per-item linearizability of a real server under contention, with kills.
 *
 *   node tests/check/check.mjs [--operations 100000] [--kills 6] [--seed N]
 *
 * The history comes in pieces. A piece ends with all clients at rest, or with kill -9 in the
 * middle of everything; a new server on the same directory then begins the next one. Each piece
 * is checked before the next begins, and carries over what each item may hold.
 */
import { setTimeout as pause } from "node:timers/promises";
import { startServer } from "../support/server.mjs";
import { options, randomSeed, Results, workingFolder } from "../crash/program.mjs";
import { Random } from "../crash/random.mjs";
import { Course } from "./course.mjs";

const PIECE_OPERATIONS = 4000;

const { operations, kills, seed } = options({ operations: 100_000, kills: 6, seed: randomSeed() });
console.log(`check: seed ${seed}`);
const random = new Random(seed);
const results = new Results();
const course = new Course(random);
const directory = workingFolder("check");
const pieces = Math.max(kills + 1, Math.ceil(operations / PIECE_OPERATIONS));
const killAfter = new Set(Array.from({ length: kills }, (_, i) => Math.floor(((i + 1) * pieces) / (kills + 1))));

let server = await start();
await course.open(server.port, { create: true });
for (let piece = 1; piece <= pieces && results.failed === 0; piece++)
    await results.check(`piece ${piece} of seed ${seed} is linearizable`, async () => {
        const work = course.run(PIECE_OPERATIONS);
        if (killAfter.has(piece)) {
            await Promise.race([work, pause(random.between(20, 150))]);
            await server.kill();
            await work;
            server = await start();
            await course.open(server.port);
            await course.readAll();
        } else {
            await work;
        }
        const violation = course.violation();
        if (violation)
            throw new Error(violation);
    });
await server.dispose();
console.log(`${course.answered} operations answered, ${course.unanswered} not, ${kills} kills`);
results.finish();

function start() {
    return startServer({ sync: random.pick(["always", "interval", "never"]), threads: random.between(1, 4) }, { directory });
}
