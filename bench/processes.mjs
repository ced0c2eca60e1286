/* Processes under measure: pinned to a core, their CPU time and memory read from /proc. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const TICKS_PER_SECOND = Number(execFileSync("getconf", ["CLK_TCK"]));

/* Start `words` on a core; resolves when a line of its output names a port. */
export function startOnCore(core, words, environment = {}) {
    const child = spawn("taskset", ["-c", String(core), ...words], {
        env: { ...process.env, ...environment },
        stdio: ["ignore", "pipe", "pipe"],
    });
    return new Promise((settle, reject) => {
        let output = "";
        const read = (bytes) => {
            output += bytes;
            const found = /event=ready.*port=(\d+)|at:? http:\/\/[^:]*:(\d+)/.exec(output);
            if (found)
                settle({ child, pid: child.pid, port: Number(found[1] ?? found[2]) });
        };
        child.stdout.on("data", read);
        child.stderr.on("data", read);
        child.on("error", reject);
        setTimeout(() => reject(new Error(`${words[0]} is not ready: ${output}`)), 30_000).unref();
        child.on("exit", (code) => reject(new Error(`${words[0]} ended with ${code}: ${output}`)));
    });
}

/* A port nobody has just now, for servers that cannot pick one. */
export function freePort() {
    return new Promise((settle) => {
        const server = createServer().listen(0, "127.0.0.1", () => {
            const { port } = server.address();
            server.close(() => settle(port));
        });
    });
}

export function stop(process) {
    if (process.child.exitCode !== null)
        return Promise.resolve();
    return new Promise((settle) => {
        process.child.removeAllListeners("exit");
        process.child.on("exit", settle);
        process.child.kill("SIGTERM");
    });
}

export function kill(process) {
    return new Promise((settle) => {
        process.child.removeAllListeners("exit");
        process.child.on("exit", settle);
        process.child.kill("SIGKILL");
    });
}

/* Seconds of CPU, all threads. */
export function cpuSeconds(pid) {
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1].split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/* Until it has next to nothing left to do in the background, such as compaction; not for ever. */
export async function settle(process) {
    const LOOKS = 100, LOOK_MS = 300, IDLE_SECONDS = 0.03;
    for (let look = 0; look < LOOKS; look++) {
        const before = cpuSeconds(process.pid);
        await pause(LOOK_MS);
        if (cpuSeconds(process.pid) - before <= IDLE_SECONDS)
            return;
    }
}

export function residentMegabytes(pid) {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))[1]) / 1024;
}

/* One run of wrk on core 0 against a process; what it printed as numbers, and the CPU it cost. */
export function wrk(process, settings) {
    const { seconds, connections = 64, ...environment } = settings;
    const before = cpuSeconds(process.pid);
    const run = spawnSync("taskset", ["-c", "0", "wrk", "-t1", `-c${connections}`, `-d${seconds}s`,
        "--timeout", "30s", "-s", new URL("load.lua", import.meta.url).pathname,
        `http://127.0.0.1:${process.port}`], {
        env: { ...globalThis.process.env, ...stringsOf(environment) }, encoding: "utf8",
    });
    const result = numbersOf(run.stdout, "RESULT");
    if (!result || result.broken > 0)
        throw new Error(`wrk failed: ${run.stdout}${run.stderr}`);
    return {
        ...result,
        rate: result.requests / result.seconds,
        cpuMicroseconds: ((cpuSeconds(process.pid) - before) * 1e6) / result.requests,
        megabytes: residentMegabytes(process.pid),
    };
}

function stringsOf(environment) {
    return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)]));
}

/* "RESULT a=1 b=2" or "a=1 b=2" as an object. */
export function numbersOf(text, word = "") {
    const line = text.split("\n").find((candidate) => candidate.startsWith(word) && candidate.includes("="));
    if (!line)
        return null;
    return Object.fromEntries([...line.matchAll(/(\w+)=([\d.]+)/g)].map((found) => [found[1], Number(found[2])]));
}

/* A program that prints its figures and ends. */
export function measure(core, words) {
    const run = spawnSync("taskset", ["-c", String(core), ...words], { encoding: "utf8" });
    const figures = numbersOf(run.stdout);
    if (run.status !== 0 || !figures)
        throw new Error(`${words.join(" ")} failed: ${run.stdout}${run.stderr}`);
    return figures;
}

export function median(numbers) {
    const sorted = [...numbers].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
}
