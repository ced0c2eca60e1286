/* docs/compatibility.md names a file of tests for each operation that is built: its three parts are there. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { repository } from "../support/server.mjs";

const read = (path) => readFileSync(join(repository, path), "utf8");
const built = [...read("docs/compatibility.md").matchAll(/^\| (\w+) \| built \| (\w+) \|$/gm)];

describe("tests of operations", () => {
    it("there are operations", () => assert.ok(built.length > 10));

    /* describe("GetItem, malformed", ...); one may stand for several: "TagResource and UntagResource, working". */
    for (const [, operation, file] of built)
        for (const part of ["malformed", "invalid", "working"])
            it(`${operation}, ${part}`, () => {
                const titles = [...read(`tests/api/${file}.test.mjs`).matchAll(/^describe\("(.*?)"/gm)].map(([, title]) => title);
                assert.ok(titles.some((title) => title.split(/\W+/).includes(operation) && title.includes(`, ${part}`)), `tests/api/${file}.test.mjs: ${titles.join("; ")}`);
            });
});
