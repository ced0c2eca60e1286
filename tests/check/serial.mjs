/*
 * Strict serializability of a real server: transactions and single operations of many clients, with
 * kills.
 *
 *   node tests/check/serial.mjs [--transactions 24000] [--kills 4] [--seed N]
 *
 * The history comes in pieces with lists of their own. A piece ends with all clients at rest, or
 * with kill -9 in the middle of everything; a new server on the same directory then answers what
 * was left open, and everything is read once more.
 */
import { startServer } from "../support/server.mjs";
import { options, randomSeed, Results, workingFolder } from "../crash/program.mjs";
import { Random } from "../crash/random.mjs";
import { Lists } from "./lists.mjs";
import { violationOf } from "./serializability.mjs";

const PIECE_TRANSACTIONS = 2000;

const { transactions, kills, seed } = options({ transactions: 24_000, kills: 4, seed: randomSeed() });
console.log(`serial: seed ${seed}`);
const random = new Random(seed);
const results = new Results();
const lists = new Lists(random);
const directory = workingFolder("serial");
const pieces = Math.max(kills + 1, Math.ceil(transactions / PIECE_TRANSACTIONS));
const killAfter = new Set(Array.from({ length: kills }, (_, i) => Math.floor(((i + 1) * pieces) / (kills + 1))));

let server = await start();
await lists.open(server.port, { create: true });
for (let piece = 1; piece <= pieces && results.failed === 0; piece++)
    await results.check(`piece ${piece} of seed ${seed} is strictly serializable`, async () => {
        const work = lists.run(PIECE_TRANSACTIONS);
        if (killAfter.has(piece)) {
            await lists.answers(random.between(PIECE_TRANSACTIONS / 10, PIECE_TRANSACTIONS * 0.9));
            await server.kill();
            await work;
            server = await start();
            await lists.open(server.port);
            await lists.replay();
        } else {
            await work;
        }
        await lists.readAll();
        if (lists.unexpected.length > 0)
            throw new Error(lists.unexpected[0]);
        const violation = violationOf(lists.takeHistory());
        if (violation)
            throw new Error(`${violation.name}: ${violation.text}`);
    });
lists.close();
await server.dispose();
const { committed, aborted, unknown, replayed } = lists.counts;
console.log(`${committed} committed, ${aborted} aborted, ${unknown} not answered, ${replayed} sent again, ${kills} kills`);
results.finish();

function start() {
    return startServer({ sync: random.pick(["always", "interval", "never"]), threads: random.between(1, 4) }, { directory });
}
