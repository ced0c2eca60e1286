/*
 * The long forms of tests, for hours when nobody waits: `make soak`.
 * Each line is a program of `make test` with larger numbers; the seeds are new every time.
 */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const nodeTest = "node --test --test-reporter=./tests/support/reporter.mjs";
const parts = [
    ["kills", "node tests/crash/kills.mjs --kills 200"],
    ["kills, sanitized", "STATOR_BINARY=build/asan/stator node tests/crash/kills.mjs --kills 50"],
    ["counter", "node tests/crash/counter.mjs --kills 100"],
    ["power cuts", "node tests/crash/powercut.mjs --cuts 400"],
    ["power cuts, sectors lost", "node tests/crash/powercut.mjs --cuts 200 --tear sectors"],
    ["failures", "node tests/crash/failures.mjs --failures 200"],
    ["damage", "node tests/crash/damage.mjs --times 3000"],
    ["large", "node tests/crash/large.mjs --rounds 40"],
    ["linearizability", "node tests/check/check.mjs --operations 1000000 --kills 40"],
    ["linearizability, sanitized", "STATOR_BINARY=build/asan/stator node tests/check/check.mjs --operations 200000 --kills 10"],
    ["serializability", "node tests/check/serial.mjs --transactions 400000 --kills 40"],
    ["serializability, sanitized", "STATOR_BINARY=build/asan/stator node tests/check/serial.mjs --transactions 40000 --kills 10"],
    ["bank", "node tests/check/bank.mjs --requests 200000 --kills 30"],
    ["indexes", "node tests/check/indexes.mjs --tables 60 --rounds 5 --writes 4000"],
    ["indexes, sanitized", "STATOR_BINARY=build/asan/stator node tests/check/indexes.mjs --tables 12"],
    ["streams", "node tests/streams/check.mjs --writes 400000 --kills 60"],
    ...[1, 2, 3, 4].map((seed) => [`streams-split-${seed}`, `node tests/streams/check.mjs --split-kb 1 --writes 40000 --kills 8 --seed ${seed}`]),
    ["restore drills", "node tests/drills/check.mjs --lives 20 --rounds 10 --actions 80"],
    ["restore drills, sanitized", "STATOR_BINARY=build/asan/stator node tests/drills/check.mjs --lives 4"],
    ["model", "node tests/model/compare.mjs --operations 3000000"],
    ["model, across splits", "node tests/model/compare.mjs --operations 1000000 --lives 100 --partition-kb 1"],
    ["model, across splits, sanitized", "STATOR_BINARY=build/asan/stator node tests/model/compare.mjs --operations 100000 --lives 20 --partition-kb 1"],
    ["model, sanitized and in memory", "STATOR_BINARY=build/asan/stator STATOR_TEST_FLAGS=--in-memory node tests/model/compare.mjs --operations 300000"],
    ["memory over ten million requests", "node tests/soak/memory.mjs"],
    ["injected failures, every case", "make -s inject SECONDS=0"],
    ["fuzz", "make -s fuzz SECONDS=600"],
    ["branch coverage", "make -s coverage"],
    ["resources", `STATOR_SOAK=1 ${nodeTest} tests/resources/*.test.mjs`],
];

const cwd = resolve(fileURLToPath(import.meta.url), "../../..");
const lines = [];
let failed = 0;
for (const [name, command] of parts) {
    console.log(`\n== ${name}`);
    const started = performance.now();
    const { status } = spawnSync("bash", ["-c", command], { cwd, stdio: "inherit" });
    if (status !== 0)
        failed++;
    lines.push(`${((performance.now() - started) / 1000).toFixed(0).padStart(7)} s  ${name}: ${status === 0 ? "passed" : "FAILED"}`);
}
console.log(`\n${lines.join("\n")}\n`);
console.log(`${parts.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
