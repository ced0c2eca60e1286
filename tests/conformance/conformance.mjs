/*
 * The public suite github.com/nubo-db/dynamodb-conformance against a server of our own.
 *
 *   make conformance SUITE=DIR      DIR: a checkout of it
 *
 * A line for each file: passed, failed, skipped. A skip counts as a failure. Only what belongs to
 * an operation or a parameter that docs/compatibility.md still lists as refused may fail: with the
 * row there goes the excuse.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { awsEnvironment, run } from "../support/aws.mjs";
import { repository, startServer } from "../support/server.mjs";

/* The suite's tests of tags take any other account for a foreign one, but this for its own. */
const ACCOUNT = "123456789012";

/* file and name of tests -> what they need: an operation, or an operation and its parameter */
const needs = [
];

const suite = resolve(process.argv[2] ?? "");
const runner = join(suite, "node_modules/vitest/vitest.mjs");
if (!process.argv[2] || !existsSync(runner)) {
    console.error("Usage: make conformance SUITE=DIR; DIR is a checkout of github.com/nubo-db/dynamodb-conformance after `npm ci`.");
    process.exit(2);
}

/* What docs/compatibility.md lists as refused: "ExecuteStatement", "UpdateTable ReplicaUpdates". */
function refused() {
    const page = readFileSync(join(repository, "docs/compatibility.md"), "utf8");
    const rows = [...page.matchAll(/^\| (\w+) \| ([\w.]+) \| \w+ \|$/gm)].map(([, operation, what]) => [operation, what]);
    return new Set(rows.filter(([, what]) => what !== "built").map(([operation, what]) => (what === "refused" ? operation : `${operation} ${what}`)));
}

/* What vitest reports, as [{ name, tests: [{ name, status, why }] }]. */
async function report(url) {
    const folder = mkdtempSync(join(tmpdir(), "stator-conformance-"));
    const file = join(folder, "report.json");
    const words = [runner, "run", "--root", suite, "--reporter=json", `--outputFile=${file}`];
    const { errors } = await run(process.execPath, words, { ...awsEnvironment, DYNAMODB_ENDPOINT: url });
    if (!existsSync(file)) {
        console.error(errors);
        process.exit(1);
    }
    const { testResults } = JSON.parse(readFileSync(file, "utf8"));
    rmSync(folder, { recursive: true });
    return testResults.map(({ name, message, status, assertionResults }) => ({
        name: relative(join(suite, "tests"), name),
        tests: assertionResults.length > 0
            ? assertionResults.map((test) => ({ name: test.fullName, status: test.status, why: test.failureMessages?.[0] ?? message }))
            : [{ name: "the file itself", status: status === "passed" ? "skipped" : status, why: message }],
    }));
}

const stillRefused = refused();
const excuseOf = (file, test) => needs.find(([pattern, what]) => pattern.test(`${file.name} ${test.name}`) && stillRefused.has(what))?.[1];

const server = await startServer({ inMemory: true, account: ACCOUNT });
const files = await report(server.url);
await server.dispose();

let passed = 0;
const failures = [];
const excused = new Map(); /* what is refused -> how many tests wait for it */
for (const file of files.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const count = { passed: 0, failed: 0, skipped: 0 };
    for (const test of file.tests) {
        count[test.status in count ? test.status : "skipped"]++;
        const excuse = excuseOf(file, test);
        if (test.status === "passed")
            passed++;
        else if (excuse)
            excused.set(excuse, (excused.get(excuse) ?? 0) + 1);
        else
            failures.push(`${file.name}: ${test.name} (${test.status})\n${(test.why ?? "").slice(0, 1500).replace(/^/gm, "    ")}`);
    }
    console.log(`${String(count.passed).padStart(4)} passed ${String(count.failed).padStart(4)} failed ${String(count.skipped).padStart(4)} skipped  ${file.name}`);
}

for (const failure of failures)
    console.log(`\nFAILED ${failure}`);
console.log("");
for (const [what, count] of excused)
    console.log(`${String(count).padStart(4)} tests wait for ${what}, which is refused`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length === 0 && passed > 0 ? 0 : 1);
