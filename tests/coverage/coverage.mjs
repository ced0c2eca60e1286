/*
 * Branch coverage of what must never go wrong: committing, recovering and the codecs. The unit
 * tests, the engine contract and the injected failures must take at least BRANCHES_PERCENT_MIN of the branches of these
 * files together, and FILE_PERCENT_MIN of each.
 *
 * Left out is what no test could take, and nothing else: lines of assert_that, assert_slow and
 * unreachable; of a switch the way past all its cases, which leads to unreachable; lines that ask
 * fault_planted, a constant here (make planted is the test of both its answers); exceptions.
 *
 * Usage: coverage.mjs BUILD [--lines]. --lines names every line with a branch not taken.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const BRANCHES_PERCENT_MIN = 95;
const FILE_PERCENT_MIN = 75; /* of ten branches in a small file three can be a processor we do not have */
const FOLDERS = ["src/store", "src/store/rocks", "src/item"];
const FILES = ["src/db/write.c", "src/db/write_rows.c", "src/db/write_charge.c", "src/db/locks.c", "src/db/rows.c", "src/db/table/table_row.c"];

const repository = resolve(fileURLToPath(import.meta.url), "../../..");
const [build, detail] = process.argv.slice(2);

function sources() {
    const found = FOLDERS.flatMap((folder) =>
        readdirSync(join(repository, folder))
            .filter((name) => name.endsWith(".c"))
            .map((name) => `${folder}/${name}`),
    );
    return [...found, ...FILES];
}

function forgetCounts() {
    for (const entry of readdirSync(join(repository, build), { recursive: true }))
        if (entry.endsWith(".gcda"))
            rmSync(join(repository, build, entry));
}

function run(name, program, words = []) {
    const { status, stdout } = spawnSync(program, words, {
        cwd: repository,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
        maxBuffer: 1 << 28,
        env: { ...process.env, STATOR_INJECT_BINARY: `${build}/tests/inject/stator` },
    });
    const said = /^\d+ passed, \d+ failed$/m.exec(stdout);
    if (status !== 0 || !said)
        throw new Error(`${name} failed:\n${stdout.slice(-4000)}`);
    console.log(`${said[0].padEnd(28)} ${name}`);
}

const NOT_COUNTED = /\b(assert_that|assert_slow|unreachable|fault_planted)\(/;

/* Lines of statements with one of these, up to their semicolon. */
function linesNotCounted(text) {
    const lines = new Set();
    let open = false;
    for (const [index, line] of text.split("\n").entries()) {
        open ||= NOT_COUNTED.test(line);
        if (open)
            lines.add(index + 1);
        if (/[;{]$/.test(line.trimEnd()) || !open)
            open = false;
    }
    return lines;
}

/* Line number -> [taken, all] of each line with branches. A line of a macro or inline function may
   come several times: a branch counts as taken when it was in any of them. */
function branchesOf(file) {
    const object = join(repository, build, file.replace(/\.c$/, ".o"));
    const json = JSON.parse(execFileSync("gcov", ["--json-format", "--stdout", "-b", object], { cwd: repository, encoding: "utf8", maxBuffer: 1 << 28 }));
    const text = readFileSync(join(repository, file), "utf8");
    const notCounted = linesNotCounted(text);
    const source = text.split("\n");
    const lines = new Map();
    for (const { line_number: number, branches } of json.files.find((each) => each.file === file)?.lines ?? []) {
        if (notCounted.has(number))
            continue;
        const counted = branches.filter((branch) => !branch.throw).map((branch) => branch.count > 0);
        if (/^\s*switch \(/.test(source[number - 1]) && counted.includes(false))
            counted.splice(counted.indexOf(false), 1);
        if (counted.length === 0)
            continue;
        const before = lines.get(number) ?? [];
        lines.set(number, counted.map((taken, index) => taken || (before[index] ?? false)));
    }
    return lines;
}

forgetCounts();
run("unit tests", join(repository, build, "tests/unit/run"));
run("engine contract", join(repository, build, "tests/store/run"));
run("injected failures", process.execPath, ["tests/inject/inject.mjs", "0"]);

let taken = 0;
let all = 0;
const short = [];
for (const file of sources()) {
    const lines = branchesOf(file);
    const branches = [...lines.values()].flat();
    const count = branches.filter(Boolean).length;
    taken += count;
    all += branches.length;
    const percent = branches.length ? (100 * count) / branches.length : 100;
    if (percent < FILE_PERCENT_MIN)
        short.push(file);
    console.log(`${percent.toFixed(1).padStart(6)} %  ${String(count).padStart(4)} of ${String(branches.length).padStart(4)}  ${file}`);
    if (detail === "--lines")
        for (const [number, line] of lines)
            if (line.includes(false))
                console.log(`            ${file}:${number}: ${readFileSync(join(repository, file), "utf8").split("\n")[number - 1].trim()}`);
}
const percent = (100 * taken) / all;
console.log(`${percent.toFixed(1).padStart(6)} %  ${taken} of ${all} branches, ${BRANCHES_PERCENT_MIN} % wanted`);
for (const file of short)
    console.log(`FAILED ${file}: below ${FILE_PERCENT_MIN} %`);
const failed = short.length + (percent < BRANCHES_PERCENT_MIN ? 1 : 0);
console.log(`${sources().length - short.length + (percent < BRANCHES_PERCENT_MIN ? 0 : 1)} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
