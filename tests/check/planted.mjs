/*
 * The checks can fail: with each safeguard of src/base/fault.h that they rest on switched off, they
 * find a violation.
 *
 *   make all VARIANT=planted
 *   node tests/check/planted.mjs [--binary build/planted/stator] [--seed N]
 */
import { setTimeout as pause } from "node:timers/promises";
import { startServer } from "../support/server.mjs";
import { options, randomSeed, Results, workingFolder } from "../crash/program.mjs";
import { Random } from "../crash/random.mjs";
import { Accounts } from "./accounts.mjs";
import { Course } from "./course.mjs";
import { randomTable } from "./index_model.mjs";
import { Indexed } from "./indexed.mjs";
import { Lists } from "./lists.mjs";
import { violationOf } from "./serializability.mjs";
import { Throttled } from "./throttled.mjs";

const PIECE_OPERATIONS = 800;
const INDEXED_WRITES = 250;
const THROTTLED_REQUESTS = 500;
const PIECES_SOUND = 7;
const PIECES_MAX = 80; /* until the fault shows */
const STANDSTILL_MS = 6000; /* without an answer for so long nothing will come any more */

const { binary, seed } = options({ binary: "build/planted/stator", seed: randomSeed() });
console.log(`check with planted faults: seed ${seed}`);

const sum = (counts) => Object.values(counts).reduce((total, count) => total + count);

/* Each does pieces of work on a new server, of its options, and gives the first violation of a piece, or null. */
const linearizability = (random) => {
    const course = new Course(random);
    return {
        open: (port) => course.open(port, { create: true }),
        close: () => course.close(),
        answered: () => course.answered,
        async piece() {
            await course.run(PIECE_OPERATIONS);
            return course.violation();
        },
    };
};

const serializability = (random) => {
    const lists = new Lists(random);
    return {
        open: (port) => lists.open(port, { create: true }),
        close: () => lists.close(),
        answered: () => sum(lists.counts),
        async piece() {
            await lists.run(PIECE_OPERATIONS);
            await lists.readAll();
            const violation = violationOf(lists.takeHistory());
            return lists.unexpected[0] ?? (violation && `${violation.name}: ${violation.text}`);
        },
    };
};

const bank = (random) => {
    const accounts = new Accounts(random);
    return {
        open: (port) => accounts.open(port, { create: true }),
        close: () => accounts.close(),
        answered: () => sum(accounts.counts),
        async piece() {
            await accounts.run(PIECE_OPERATIONS);
            return accounts.problems[0] ?? null;
        },
    };
};

const indexes = (random) => {
    const indexed = new Indexed(random, randomTable(random, "Indexed", { globals: 3 }));
    return {
        open: (port) => indexed.open(port, { create: true }),
        close: () => indexed.close(),
        answered: () => sum(indexed.counts),
        async piece() {
            await indexed.run(INDEXED_WRITES);
            return indexed.problem();
        },
    };
};

const throttling = (random) => {
    const throttled = new Throttled(random);
    return {
        open: (port) => throttled.open(port, { create: true }),
        close: () => throttled.close(),
        answered: () => sum(throttled.counts),
        async piece() {
            await throttled.run(THROTTLED_REQUESTS);
            return throttled.problem;
        },
    };
};
throttling.options = { throughput: "enforce", clock: "manual", partitions: 1 };

/* What must notice the fault; the claim of the check that holds without it. */
const CHECKS = [
    [linearizability, "the history of each item is linearizable", ["key-lock", "overlay", "reply-wait"]],
    [serializability, "the history of transactions is strictly serializable", ["lock-order", "split-batch", "snapshot"]],
    [bank, "every snapshot of the bank has the same total", ["split-batch", "snapshot"]],
    [indexes, "every index holds what the items imply", ["index-row", "stale-index-row", "gate"]],
    [throttling, "what is throttled is what the model throttles", ["burst-depth", "refused-charge", "partition-limit"]],
];

const results = new Results();
for (const [make, claim, faults] of CHECKS) {
    await results.check(`without a fault ${claim}`, async () => {
        const violation = await violationWith(make, undefined, PIECES_SOUND);
        if (violation)
            throw new Error(violation);
    });
    for (const fault of faults)
        await results.check(`"${claim}" notices the planted fault "${fault}"`, async () => {
            const violation = await violationWith(make, fault, PIECES_MAX);
            if (!violation)
                throw new Error("every piece was sound all the same");
            console.log(`${fault}: ${violation.split("\n").slice(0, 3).join(" ").slice(0, 240)}`);
        });
}
results.finish();

/* The first violation within so many pieces; null when there is none. */
async function violationWith(make, fault, pieces) {
    const environment = fault ? { STATOR_PLANT: fault } : {};
    const server = await startServer({ threads: 4, ...make.options }, { directory: workingFolder("check-planted"), binary, environment });
    const work = make(new Random(seed));
    try {
        await work.open(server.port);
        const stuck = standstill(work);
        for (let piece = 0; piece < pieces; piece++) {
            const violation = await Promise.race([work.piece(), stuck]);
            if (violation)
                return violation;
        }
        return null;
    } finally {
        work.close();
        await server.dispose();
    }
}

/* When nothing was answered for a while, in words. */
async function standstill(work) {
    for (let before = -1; before !== work.answered(); ) {
        before = work.answered();
        await pause(STANDSTILL_MS, null, { ref: false });
    }
    return "nothing moves any more";
}
