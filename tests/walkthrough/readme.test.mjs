/* README.md: its console blocks, its list of operations and its options are held to the server. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { Endpoint } from "../support/endpoint.mjs";
import { readModel } from "../support/model.mjs";
import { runStator, startServer } from "../support/server.mjs";
import { runConsole } from "./console.mjs";

describe("README.md", async () => {
    const server = await startServer();
    after(() => server.dispose());

    const readme = await runConsole("README.md", server);

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
