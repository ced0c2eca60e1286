/*
 * The check can fail: with each safeguard of src/base/fault.h that linearizability rests on
 * switched off, it finds a violation.
 *
 *   make all VARIANT=planted
 *   node tests/check/planted.mjs [--binary build/planted/stator] [--seed N]
 */
import { startServer } from "../support/server.mjs";
import { options, randomSeed, Results, workingFolder } from "../crash/program.mjs";
import { Random } from "../crash/random.mjs";
import { Course } from "./course.mjs";

const FAULTS = ["key-lock", "overlay", "reply-wait"];
const PIECE_OPERATIONS = 2000;
const PIECES_SOUND = 3;
const PIECES_MAX = 40; /* until the fault shows */

const { binary, seed } = options({ binary: "build/planted/stator", seed: randomSeed() });
console.log(`check with planted faults: seed ${seed}`);
const results = new Results();

await results.check("without a fault the history is linearizable", async () => {
    const violation = await violationWith(undefined, PIECES_SOUND);
    if (violation)
        throw new Error(violation);
});
for (const fault of FAULTS)
    await results.check(`the check notices the planted fault "${fault}"`, async () => {
        const violation = await violationWith(fault, PIECES_MAX);
        if (!violation)
            throw new Error("every piece was linearizable all the same");
        console.log(`${fault}: ${violation.split("\n")[0]}`);
    });
results.finish();

/* The first violation within so many pieces; null when there is none. */
async function violationWith(fault, pieces) {
    const environment = fault ? { STATOR_PLANT: fault } : {};
    const server = await startServer({ threads: 4 }, { directory: workingFolder("check-planted"), binary, environment });
    const course = new Course(new Random(seed));
    try {
        await course.open(server.port, { create: true });
        for (let piece = 0; piece < pieces; piece++) {
            await course.run(PIECE_OPERATIONS);
            const violation = course.violation();
            if (violation)
                return violation;
        }
        return null;
    } finally {
        course.close();
        await server.dispose();
    }
}
