/* The programs of docs/clients.md, taken from the page and run against a server. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { awsEnvironment, run } from "../support/aws.mjs";
import { repository, startServer } from "../support/server.mjs";

const page = readFileSync(join(repository, "docs/clients.md"), "utf8");
const PLACE = "http://127.0.0.1:8000";

/* The programs bring their keys, or need none. */
const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_DEFAULT_REGION, ...environment } = awsEnvironment;

/* How each is run; Debian's own aws and boto3, the tests' own SDK for JavaScript. */
const programs = {
    sh: ["ships.sh", "/bin/bash", ["-e"]],
    js: ["ships.mjs", process.execPath, []],
    python: ["ships.py", "/usr/bin/python3", []],
};

/* The first block of the language, and the output shown after it. */
function block(language) {
    const found = new RegExp(`\`\`\`${language}\n(.*?)\`\`\`\n+\`\`\`output\n(.*?)\`\`\``, "s").exec(page);
    assert.ok(found, `docs/clients.md has no program in ${language} with its output`);
    return { program: found[1], output: found[2] };
}

describe("docs/clients.md", async () => {
    const server = await startServer();
    const directory = mkdtempSync(join(tmpdir(), "stator-clients-"));
    symlinkSync(join(repository, "tests/node_modules"), join(directory, "node_modules"));
    after(async () => {
        rmSync(directory, { recursive: true, force: true });
        await server.dispose();
    });

    for (const [language, [file, command, words]] of Object.entries(programs))
        it(`the program in ${language} prints what is shown`, async () => {
            const { program, output } = block(language);
            assert.ok(program.includes(PLACE));
            writeFileSync(join(directory, file), program.replaceAll(PLACE, server.url));
            const result = await run(command, [...words, join(directory, file)], environment);
            assert.deepEqual([result.code, result.output], [0, output], result.errors);
        });

    it("every program does the same and names the same place", () => {
        for (const language of [...Object.keys(programs), "java", "go", "rust"]) {
            const [, program] = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s").exec(page) ?? [];
            for (const part of [PLACE, "us-east-1", "Pequod"])
                assert.ok(program?.toLowerCase().replaceAll("_", "-").includes(part.toLowerCase()), `${language}: ${part}`);
        }
    });
});
