/* The library alone: what it loses at a cut and what it keeps, under small programs. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { buildLibrary, environmentOf } from "./disk.mjs";
import { workingFolder } from "./program.mjs";

buildLibrary();
const working = workingFolder("powercut");
let disks = 0;

/* Run `program` on a disk with the synced file "old" ("0123456789"); power fails at its end. */
function runAndCut(program, plan = {}) {
    const folder = join(working, String(++disks));
    mkdirSync(folder);
    writeFileSync(join(folder, "old"), "0123456789");
    const result = spawnSync(process.execPath, ["-e", `const fs = require("node:fs"); process.chdir(${JSON.stringify(folder)});
        const syncDirectory = (path = ".") => { const fd = fs.openSync(path); fs.fsyncSync(fd); fs.closeSync(fd); };
        ${program}`], { env: { ...process.env, ...environmentOf(folder, { at_exit: 1, ...plan }) }, encoding: "utf8" });
    const read = (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), "latin1") : null);
    return { ...result, folder, read };
}

const open = `const fd = fs.openSync("new", "w");`;
const cases = [
    ["what was not synced is lost", `const fd = fs.openSync("old", "a"); fs.writeSync(fd, "abc");`, { old: "0123456789" }],
    ["what was synced stays", `const fd = fs.openSync("old", "a"); fs.writeSync(fd, "abc"); fs.fdatasyncSync(fd);`, { old: "0123456789abc" }],
    ["only what came after the sync is lost",
        `const fd = fs.openSync("old", "a"); fs.writeSync(fd, "abc"); fs.fsyncSync(fd); fs.writeSync(fd, "def");`, { old: "0123456789abc" }],
    ["overwritten bytes come back", `const fd = fs.openSync("old", "r+"); fs.writeSync(fd, "abc", 2);`, { old: "0123456789" }],
    ["a truncated file comes back", `fs.truncateSync("old", 3);`, { old: "0123456789" }],
    ["a file emptied at opening comes back", `fs.openSync("old", "w");`, { old: "0123456789" }],
    ["a synced file whose directory was not synced is gone", `${open} fs.writeSync(fd, "abc"); fs.fsyncSync(fd);`, { new: null }],
    ["a file whose directory alone was synced is empty", `${open} fs.writeSync(fd, "abc"); syncDirectory();`, { new: "" }],
    ["a file with both synced stays", `${open} fs.writeSync(fd, "abc"); fs.fsyncSync(fd); syncDirectory();`, { new: "abc" }],
    ["a rename is undone", `fs.renameSync("old", "young");`, { old: "0123456789", young: null }],
    ["a replaced file comes back",
        `${open} fs.writeSync(fd, "abc"); fs.fsyncSync(fd); syncDirectory(); fs.renameSync("new", "old");`, { old: "0123456789", new: "abc" }],
    ["a synced rename stays", `fs.renameSync("old", "young"); syncDirectory();`, { old: null, young: "0123456789" }],
    ["an unlinked file comes back", `fs.unlinkSync("old");`, { old: "0123456789" }],
    ["a synced unlink stays", `fs.unlinkSync("old"); syncDirectory();`, { old: null }],
    ["a made directory is gone with all in it",
        `fs.mkdirSync("d"); const fd = fs.openSync("d/x", "w"); fs.writeSync(fd, "x"); fs.fsyncSync(fd); syncDirectory("d");`, { d: null }],
    ["a closed file's bytes are lost all the same", `${open} syncDirectory(); fs.writeSync(fd, "abc"); fs.closeSync(fd);`, { new: "" }],
];

for (const [claim, program, expected] of cases)
    test(claim, () => {
        const disk = runAndCut(program);
        assert.match(disk.stderr, /powercut: cut why=exit/);
        for (const [name, text] of Object.entries(expected))
            assert.equal(name === "d" ? (existsSync(join(disk.folder, name)) ? "there" : null) : disk.read(name), text);
    });

test("tearing keeps every possible first part of what was written", () => {
    const kept = new Set();
    for (let seed = 1; seed <= 24; seed++)
        kept.add(runAndCut(`const fd = fs.openSync("old", "a"); fs.writeSync(fd, "abc");`, { tear: "prefix", seed }).read("old"));
    for (const text of kept)
        assert.ok("0123456789abc".startsWith(text) && text.length >= 10, text);
    assert.ok(kept.size >= 3, [...kept].join(" "));
});

test("the same seed tears the same way", () => {
    const program = `const fd = fs.openSync("old", "a"); for (let i = 0; i < 50; i++) fs.writeSync(fd, "abcdefgh");`;
    const plan = { tear: "prefix", seed: 99 };
    assert.equal(runAndCut(program, plan).read("old"), runAndCut(program, plan).read("old"));
});

test("zeroed sectors leave what was synced alone", () => {
    const disk = runAndCut(`const fd = fs.openSync("old", "a"); fs.writeSync(fd, "x".repeat(8192));`, { tear: "sectors", seed: 5 });
    const text = disk.read("old");
    assert.equal(text.slice(0, 10), "0123456789");
    assert.match(text.slice(10), /\0/);
    assert.match(text.slice(10), /x/);
});

test("power fails at the call that was named", () => {
    const disk = runAndCut(`const fd = fs.openSync("old", "a"); for (const each of "abc") { fs.writeSync(fd, each); fs.fsyncSync(fd); }`, { cut: "sync:3" });
    assert.match(disk.stderr, /why=sync/);
    assert.equal(disk.read("old"), "0123456789ab");
});

test("the call that was named fails, and only that", () => {
    const program = `const fd = fs.openSync("old", "a");
        for (const each of "abc") try { fs.writeSync(fd, each); } catch (error) { console.log(error.code); }
        fs.fsyncSync(fd);`;
    const disk = runAndCut(program, { fail: "write:2:ENOSPC:old" });
    assert.equal(disk.stdout, "ENOSPC\n");
    assert.equal(disk.read("old"), "0123456789ac");
});

test("after a failed sync nothing more of the file becomes durable", () => {
    const program = `const fd = fs.openSync("old", "a"); fs.writeSync(fd, "a");
        try { fs.fsyncSync(fd); } catch (error) { console.log(error.code); }
        fs.fsyncSync(fd);`;
    const disk = runAndCut(program, { fail: "sync:1:EIO" });
    assert.equal(disk.stdout, "EIO\n");
    assert.equal(disk.read("old"), "0123456789");
});

test("nothing outside the folder is touched", () => {
    const disk = runAndCut(`fs.writeFileSync("../outside-" + process.pid, "abc"); console.log(process.pid);`);
    assert.ok(readdirSync(working).includes(`outside-${disk.stdout.trim()}`));
});
