/*
 * The drills can fail: with each safeguard of src/base/fault.h that archives rest on switched off,
 * they find a table that was restored wrongly.
 *
 *   make all VARIANT=planted
 *   node tests/drills/planted.mjs [--binary build/planted/stator] [--seed N]
 */
import { options, randomSeed, Results, workingFolder } from "../crash/program.mjs";
import { Random } from "../crash/random.mjs";
import { startServer } from "../support/server.mjs";
import { Life } from "./life.mjs";

const FAULTS = ["segment-record", "segment-end", "backup-cut", "restore-cut", "log-floor", "sealed-part"];
const PARTITION_KB = 40; /* so that some are split in each piece */
const PIECE_ACTIONS = 40;
/* What a log may lose after a day has to be within the period still, or nobody asks for it. */
const LASTING = { days: [7, 35], leapHoursMax: 60 };
const PIECES_SOUND = 2;
const PIECES_MAX = 60; /* until the fault shows */

const { binary, seed } = options({ binary: "build/planted/stator", seed: randomSeed() });
console.log(`drills with planted faults: seed ${seed}`);
const results = new Results();

await results.check("without a fault every restored table is as the table was", async () => {
    const violation = await violationWith(undefined, PIECES_SOUND);
    if (violation)
        throw new Error(violation);
});
for (const fault of FAULTS)
    await results.check(`a drill notices the planted fault "${fault}"`, async () => {
        const violation = await violationWith(fault, PIECES_MAX);
        if (!violation)
            throw new Error("every table was right all the same");
        console.log(`${fault}: ${violation.split("\n")[0]}`);
    });
results.finish();

/* The first violation within so many pieces; null when there is none. */
async function violationWith(fault, pieces) {
    const environment = fault ? { STATOR_PLANT: fault } : {};
    const server = await startServer({ clock: "manual", threads: 4, partitionKb: PARTITION_KB }, { directory: workingFolder("drills-planted"), binary, environment });
    const life = new Life(new Random(seed), "Drilled", Date.now(), LASTING);
    try {
        await life.open(server.port, { create: true });
        for (let piece = 0; piece < pieces; piece++) {
            await life.run(PIECE_ACTIONS);
            const violation = await life.compare();
            if (violation)
                return violation;
        }
        return null;
    } finally {
        life.close();
        await server.dispose();
    }
}
