/*
 * README.md cannot lie: its console blocks are run, line by line, against a server of their own,
 * and what they print is compared with what it says they print.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { awsEnvironment, run } from "../support/aws.mjs";
import { Endpoint } from "../support/endpoint.mjs";
import { readModel } from "../support/model.mjs";
import { repository, runStator, startServer } from "../support/server.mjs";

const DEFAULT_ENDPOINT = "127.0.0.1:8000";
const END = "---- end of the output";

/* [{ command, output }] of the lines after "$ ", to the next one. */
function stepsOf(block) {
    const steps = [];
    let continued = false;
    for (const line of block.split("\n")) {
        if (line.startsWith("$ "))
            steps.push({ command: line.slice(2), output: "" });
        else if (continued)
            steps.at(-1).command += `\n${line}`;
        else
            steps.at(-1).output += `${line}\n`;
        continued = line.endsWith("\\") && (line.startsWith("$ ") || continued);
    }
    return steps;
}

const readme = readFileSync(join(repository, "README.md"), "utf8");
const blocks = [...readme.matchAll(/^```console\n(.*?)\n```$/gms)].map(([, block]) => block);

describe("README.md", async () => {
    const server = await startServer();
    after(() => server.dispose());

    it("shows at least one walk-through", () => assert.ok(blocks.length > 0));

    /* All blocks in one shell, as the reader has it. */
    const steps = blocks.flatMap(stepsOf);
    const script = steps.map(({ command }) => `${command}\necho "${END}"\n`).join("").replaceAll(DEFAULT_ENDPOINT, `127.0.0.1:${server.port}`);
    const { output } = await run("/bin/bash", ["-c", `shopt -s expand_aliases\nexec 2>&1\neval "$1"`, "bash", script], awsEnvironment);
    const outputs = output.split(`${END}\n`);
    steps.forEach(({ command, output: expected }, index) =>
        it(command.split("\n")[0], () => assert.equal(outputs[index], expected)));

    it("lists the operations that are there, all of them", async () => {
        const endpoint = new Endpoint(server.url);
        const listed = /^There: (.*?)\n\n/ms.exec(readme)[1].match(/[A-Z]\w+/g);
        for (const operation of Object.keys(readModel("dynamodb").operations)) {
            const { json } = await endpoint.call(operation);
            const refused = json.__type?.endsWith("#UnknownOperationException") ?? false;
            assert.equal(listed.includes(operation), !refused, operation);
        }
        await endpoint.close();
    });

    it("names options with their defaults as the server does", async () => {
        const { output } = await runStator(["serve", "--help"]);
        const rows = [...readme.matchAll(/^\| (`--.*?) \| (.*?) \|/gm)];
        assert.ok(rows.length > 3);
        for (const [, names, defaults] of rows) {
            const options = [...names.matchAll(/--([a-z-]+)/g)].map(([, name]) => name);
            const values = [...defaults.matchAll(/`(.*?)`/g)].map(([, value]) => value);
            options.forEach((option, index) => {
                const line = output.split("\n").find((each) => each.trim().startsWith(`--${option} `));
                assert.ok(line?.includes(values[index] === undefined ? "[" : `[${values[index]}]`), `--${option}: ${line}`);
            });
        }
    });
});
