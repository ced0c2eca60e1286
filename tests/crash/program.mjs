/*
 * What the crash programs share: options from the command line, a working folder, and the lines
 * "FAILED …" and "N passed, N failed".
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/* --name value for each name of `defaults`, whose type the value takes. */
export function options(defaults) {
    const chosen = { ...defaults };
    const words = process.argv.slice(2);
    for (let i = 0; i < words.length; i += 2) {
        const name = words[i].replace(/^--/, "");
        if (!(name in defaults) || words[i + 1] === undefined) {
            console.error(`Usage: ${Object.entries(defaults).map(([each, value]) => `[--${each} ${value}]`).join(" ")}`);
            process.exit(2);
        }
        chosen[name] = typeof defaults[name] === "number" ? Number(words[i + 1]) : words[i + 1];
    }
    return chosen;
}

export function randomSeed() {
    return (Date.now() ^ (process.pid << 16)) >>> 0;
}

export class Results {
    passed = 0;
    failed = 0;

    /* `run` passes when it throws nothing. */
    async check(claim, run) {
        try {
            await run();
            this.passed++;
        } catch (error) {
            this.failed++;
            console.log(`FAILED ${claim}`);
            console.log(String(error.stack ?? error).slice(0, 6000).replace(/^/gm, "    "));
        }
    }

    /* The end of the program. */
    finish() {
        console.log(`${this.passed} passed, ${this.failed} failed`);
        process.exit(this.failed === 0 ? 0 : 1);
    }
}

const folders = [];
process.on("exit", () => {
    for (const folder of process.env.STATOR_KEEP ? [] : folders)
        rmSync(folder, { recursive: true, force: true });
});

/* A folder that is gone when the program ends, unless STATOR_KEEP is set. */
export function workingFolder(name) {
    const folder = mkdtempSync(join(tmpdir(), `stator-${name}-`));
    folders.push(folder);
    return folder;
}

/* Throws when clients saw or found anything wrong. */
export function demandNoProblem(history, context) {
    const problems = history.problems.splice(0);
    if (problems.length > 0)
        throw new Error(`${context}: ${problems.length} problems\n${problems.slice(0, 20).join("\n")}`);
}
