/*
 * The check of streams can fail: with each safeguard of src/base/fault.h that the change log rests on
 * switched off, it finds a violation.
 *
 *   make all VARIANT=planted
 *   node tests/streams/planted.mjs [--binary build/planted/stator] [--seed N]
 */
import { options, randomSeed, Results, workingFolder } from "../crash/program.mjs";
import { Random } from "../crash/random.mjs";
import { startServer } from "../support/server.mjs";
import { Course } from "./course.mjs";

const FAULTS = ["log-missing", "log-doubled", "log-stamp"];
const SPLIT_FAULTS = ["split-early", "gate"]; /* while partitions are split all the while */
const SPLITTING = { flags: { partitionKb: 2 }, load: { items: 6000 } };
const PIECE_WRITES = 500;
const PIECES_SOUND = 6;
const PIECES_MAX = 60; /* until the fault shows */

const { binary, seed } = options({ binary: "build/planted/stator", seed: randomSeed() });
console.log(`streams with planted faults: seed ${seed}`);
const results = new Results();

await results.check("without a fault every acknowledged change stands once and in order", async () => {
    const violation = await violationWith(undefined, PIECES_SOUND);
    if (violation)
        throw new Error(violation);
});
for (const fault of FAULTS)
    await results.check(`the check notices the planted fault "${fault}"`, async () => {
        const violation = await violationWith(fault, PIECES_MAX);
        if (!violation)
            throw new Error("every piece was right all the same");
        console.log(`${fault}: ${violation.split("\n")[0]}`);
    });
await results.check("without a fault it does so across splits too", async () => {
    const violation = await violationWith(undefined, PIECES_SOUND, SPLITTING);
    if (violation)
        throw new Error(violation);
});
for (const fault of SPLIT_FAULTS)
    await results.check(`the check notices the planted fault "${fault}" across splits`, async () => {
        const violation = await violationWith(fault, PIECES_MAX, SPLITTING);
        if (!violation)
            throw new Error("every piece was right all the same");
        console.log(`${fault}: ${violation.split("\n")[0]}`);
    });
results.finish();

/* The first violation within so many pieces; null when there is none. */
async function violationWith(fault, pieces, { flags = {}, load = {} } = {}) {
    const environment = fault ? { STATOR_PLANT: fault } : {};
    const server = await startServer({ threads: 4, ...flags }, { directory: workingFolder("streams-planted"), binary, environment });
    const course = new Course(new Random(seed), load);
    try {
        await course.open(server.port, { create: true });
        for (let piece = 0; piece < pieces; piece++) {
            await course.run(PIECE_WRITES);
            const violation = await course.violation();
            if (violation)
                return violation;
        }
        return null;
    } finally {
        course.close();
        await server.dispose();
    }
}
