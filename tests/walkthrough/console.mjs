/*
 * A document cannot lie: its console blocks are run, line by line and all in one shell, as the
 * reader has it, and what they print is compared with what it says they print.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { awsEnvironment, run } from "../support/aws.mjs";
import { repository } from "../support/server.mjs";

const DEFAULT_ENDPOINT = "127.0.0.1:8000";
const END = "---- end of the output";

/* A command goes on in the next line after a backslash, and until its quotes are closed. */
const goesOn = (command) => command.endsWith("\\") || command.split("'").length % 2 === 0;

/* [{ command, output }] of the lines after "$ ", to the next one. */
function stepsOf(block) {
    const steps = [];
    let continued = false;
    for (const line of block.split("\n")) {
        if (continued)
            steps.at(-1).command += `\n${line}`;
        else if (line.startsWith("$ "))
            steps.push({ command: line.slice(2), output: "" });
        else
            steps.at(-1).output += `${line}\n`;
        continued = goesOn(steps.at(-1).command) && (continued || line.startsWith("$ "));
    }
    return steps;
}

/* The text of the document, whose blocks have run; call it inside describe. */
export async function runConsole(path, server) {
    const document = readFileSync(join(repository, path), "utf8");
    const blocks = [...document.matchAll(/^```console\n(.*?)\n```$/gms)].map(([, block]) => stepsOf(block));

    it("shows at least one walk-through", () => assert.ok(blocks.length > 0));

    const steps = blocks.flat();
    const script = steps.map(({ command }) => `${command}\necho "${END}"\n`).join("").replaceAll(DEFAULT_ENDPOINT, `127.0.0.1:${server.port}`);
    const { output } = await run("/bin/bash", ["-c", `shopt -s expand_aliases\nexec 2>&1\neval "$1"`, "bash", script], awsEnvironment);
    const outputs = output.split(`${END}\n`);
    steps.forEach(({ command, output: expected }, index) =>
        it(command.split("\n")[0], () => assert.equal(outputs[index], expected)));
    return document;
}
