/*
 * The bank test: transfers between accounts, and in every snapshot the same total, with kills.
 *
 *   node tests/check/bank.mjs [--requests 20000] [--kills 4] [--seed N]
 */
import { startServer } from "../support/server.mjs";
import { options, randomSeed, Results, workingFolder } from "../crash/program.mjs";
import { Random } from "../crash/random.mjs";
import { Accounts } from "./accounts.mjs";

const { requests, kills, seed } = options({ requests: 20_000, kills: 4, seed: randomSeed() });
console.log(`bank: seed ${seed}`);
const random = new Random(seed);
const results = new Results();
const accounts = new Accounts(random);
const pieceRequests = Math.ceil(requests / (kills + 1));
const directory = workingFolder("bank");

let server = await start();
await accounts.open(server.port, { create: true });
for (let piece = 0; piece <= kills && results.failed === 0; piece++)
    await results.check(`the total of seed ${seed} stays, ${piece} kills`, async () => {
        const work = accounts.run(pieceRequests);
        if (piece < kills) {
            await accounts.answers(random.between(pieceRequests / 10, pieceRequests * 0.9));
            await server.kill();
            await work;
            server = await start();
            await accounts.open(server.port);
        } else {
            await work;
        }
        await accounts.look();
        if (accounts.problems.length > 0)
            throw new Error(accounts.problems.slice(0, 5).join("\n"));
    });
accounts.close();
await server.dispose();
const { moved, refused, snapshots, unanswered } = accounts.counts;
console.log(`${moved} transfers and updates, ${refused} refused, ${snapshots} snapshots, ${unanswered} not answered, ${kills} kills`);
results.finish();

function start() {
    return startServer({ sync: random.pick(["always", "interval", "never"]), threads: random.between(1, 4) }, { directory });
}
