/* docs/modelling.md: its console blocks are run, and show every data type. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { startServer } from "../support/server.mjs";
import { runConsole } from "./console.mjs";

describe("docs/modelling.md", async () => {
    const server = await startServer();
    after(() => server.dispose());

    const page = await runConsole("docs/modelling.md", server);

    it("shows every data type", () => {
        for (const type of ["S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"])
            assert.match(page, new RegExp(`\\{"${type}": `), type);
    });
});
