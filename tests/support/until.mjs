/*
 * Waiting for work in the background, which no clock of a test moves.
 *
 *   await until(() => files(".base").length === 1, "no base is made");
 *   await untilIs(async () => (await describe(arn)).BackupStatus, "AVAILABLE");
 */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

const LOOKS = 6000;
const BETWEEN_LOOKS_MS = 10;

/* The first thing seen that is not false or nothing. */
export async function until(look, complaint = "it does not come true", looks = LOOKS) {
    for (let i = 0; i < looks; i++) {
        const seen = await look();
        if (seen)
            return seen;
        await pause(BETWEEN_LOOKS_MS);
    }
    assert.fail(complaint);
}

export async function untilIs(look, wanted) {
    let seen = await look();
    for (let i = 0; i < LOOKS && seen !== wanted; i++) {
        await pause(BETWEEN_LOOKS_MS);
        seen = await look();
    }
    assert.equal(seen, wanted);
}
