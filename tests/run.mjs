/*
 * Run every part of the tests, or those named: `run.mjs api smoke`.
 *
 * A part is a command that prints `N passed, N failed` as its last such line and exits 0 only
 * if none failed. A part that crashes, hangs or says nothing counts as one failure more.
 */
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const PART_MINUTES_MAX = 12;
/* The SDK announces which Node it will want one day; not a matter of the tests. */
const QUIET = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };

/* name, command (run by bash in the repository's root) */
const nodeTest = "node --test --test-reporter=./tests/support/reporter.mjs";
const parts = [
    ["layers", "make -s layers"],
    ["unit", "make unit"],
    ["unit-sanitized", "make unit VARIANT=asan"],
    ["contract", "make contract"],
    ["contract-sanitized", "make contract VARIANT=asan"],
    ["fuzz", "make -s fuzz SECONDS=3"],
    ["inject", "make -s inject SECONDS=40"],
    ["api", `${nodeTest} tests/api/*.test.mjs`],
    ["api-sanitized-in-memory",
        `STATOR_BINARY=build/asan/stator STATOR_TEST_FLAGS=--in-memory ${nodeTest} tests/api/*.test.mjs`],
    ["walkthrough", `${nodeTest} tests/walkthrough/*.test.mjs`],
    ["smoke", "/usr/bin/python3 tests/smoke/boto3_smoke.py"],
    ["clients", `${nodeTest} tests/clients/*.test.mjs`],
    ["documents", `${nodeTest} tests/documents/*.test.mjs`],
    ["packaging", `${nodeTest} tests/packaging/*.test.mjs`],
    ["formats", `${nodeTest} tests/formats/*.test.mjs`],
    ["crash-tools", `${nodeTest} tests/crash/*.test.mjs`],
    ["kills", "node tests/crash/kills.mjs"],
    ["counter", "node tests/crash/counter.mjs"],
    ["powercuts", "node tests/crash/powercut.mjs"],
    ["failures", "node tests/crash/failures.mjs"],
    ["damage", "node tests/crash/damage.mjs"],
    ["large", "node tests/crash/large.mjs"],
    ["planted", "node tests/crash/planted.mjs"],
    ["models", `${nodeTest} tests/check/*.test.mjs tests/model/*.test.mjs`],
    ["linearizability", "node tests/check/check.mjs"],
    ["serializability", "node tests/check/serial.mjs"],
    ["bank", "node tests/check/bank.mjs"],
    ["indexes", "node tests/check/indexes.mjs"],
    ["checks-planted", "node tests/check/planted.mjs"],
    ["streams", "node tests/streams/check.mjs"],
    ["streams-split", "node tests/streams/check.mjs --split-kb 2 --writes 10000 --kills 3"],
    ["streams-planted", "node tests/streams/planted.mjs"],
    ["drills", "node tests/drills/check.mjs"],
    ["drills-planted", "node tests/drills/planted.mjs"],
    ["model", "node tests/model/compare.mjs"],
    ["model-split", "node tests/model/compare.mjs --operations 8000 --lives 3 --partition-kb 1"],
    ["resources", `${nodeTest} --test-concurrency=1 tests/resources/*.test.mjs`],
];

const names = process.argv.slice(2);
const unknown = names.filter((name) => !parts.some((part) => part[0] === name));
if (unknown.length > 0) {
    console.error(`There is no part "${unknown[0]}". The parts are: ${parts.map((part) => part[0]).join("; ")}.`);
    process.exit(2);
}

let passed = 0;
let failed = 0;
const lines = [];
for (const [name, command] of parts) {
    if (names.length > 0 && !names.includes(name))
        continue;
    console.log(`\n== ${name}`);
    const result = await runPart(command);
    passed += result.passed;
    failed += result.failed;
    lines.push(`${result.seconds.toFixed(1).padStart(7)} s  ${name}: ${result.passed} passed, ${result.failed} failed${result.note}`);
}
console.log(`\n${lines.join("\n")}\n`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);

/* In a process group of its own, so that what it leaves behind ends with it. */
async function runPart(command) {
    const started = performance.now();
    const child = spawn("bash", ["-c", command], {
        cwd: resolve(fileURLToPath(import.meta.url), "../.."),
        stdio: ["ignore", "pipe", "inherit"],
        detached: true,
        env: { ...process.env, ...QUIET },
    });
    let late = false;
    const timer = setTimeout(() => {
        late = true;
        endGroup(child.pid);
    }, PART_MINUTES_MAX * 60_000);
    let tail = "";
    child.stdout.on("data", (bytes) => {
        process.stdout.write(bytes);
        tail = (tail + bytes).slice(-100_000);
    });
    const drained = new Promise((settle) => child.stdout.on("close", settle));
    const code = await new Promise((settle) => child.on("exit", settle));
    clearTimeout(timer);
    endGroup(child.pid);
    await drained;

    const seconds = (performance.now() - started) / 1000;
    const said = [...tail.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1);
    const result = { seconds, passed: Number(said?.[1] ?? 0), failed: Number(said?.[2] ?? 0), note: "" };
    if (late || !said || (code !== 0 && result.failed === 0) || (code === 0 && result.passed === 0)) {
        result.failed++;
        result.note = late ? " (took too long)" : ` (ended with ${code}${said ? "" : ", no result"})`;
    }
    return result;
}

function endGroup(pid) {
    try {
        process.kill(-pid, "SIGKILL");
    } catch {
        /* It has ended already. */
    }
}
