/*
 * A Stator server under test: started on a free port, stopped, killed, started again.
 *
 *   const server = await startServer({ sync: "never", threads: 2 });
 *   ... server.port, server.url, server.directory, server.pid, server.log() ...
 *   const before = server.written;  how much it has written; server.log(before) is what came since
 *   await server.stop();            SIGTERM; fails unless it exits 0
 *   await server.kill();            SIGKILL
 *   await server.start();           again, on the same directory and a new port
 *   await server.dispose();         kill if running, remove the directory if it was ours
 *
 * Options are the flags of `stator serve` in camel case: inMemory, syncIntervalMs, and so on.
 * STATOR_BINARY names another binary than build/stator; STATOR_TEST_FLAGS adds flags to every
 * server ("--in-memory").
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = resolve(fileURLToPath(import.meta.url), "../../..");
export const binary = resolve(process.env.STATOR_BINARY ?? join(repository, "build/stator"));

const READY_MS_MAX = 60_000; /* sanitizers and a loaded machine included */
const STOP_MS_MAX = 30_000;
const LOG_BYTES_MAX = 4 * 1024 * 1024;

/*
 * `options`: flags. `extra`:
 *   directory    data directory to use and keep; else a temporary one that dispose removes
 *   environment  added to this process's
 *   launcher     words before the binary: ["prlimit", "--nofile=64"]
 *   binary       instead of build/stator
 */
export async function startServer(options = {}, extra = {}) {
    const server = new Server(options, extra);
    await server.start();
    return server;
}

/* Run the binary to its end: `stator check DIR`, refusals at start. */
export function runStator(words, { environment = {}, binary: path = binary } = {}) {
    const child = spawn(path, words, { env: environmentOf(environment), stdio: ["ignore", "pipe", "pipe"] });
    alive.add(child);
    return new Promise((settle, reject) => {
        let output = "";
        let errors = "";
        child.stdout.on("data", (bytes) => (output += bytes));
        child.stderr.on("data", (bytes) => (errors += bytes));
        child.on("error", reject);
        child.on("close", (code, signal) => {
            alive.delete(child);
            settle({ code, signal, output, errors });
        });
    });
}

class Server {
    #log = ""; /* the end of what it wrote */
    #options;
    #extra;
    #child = null;
    #ownsDirectory;

    constructor(options, extra) {
        this.#options = options;
        this.#extra = extra;
        this.#ownsDirectory = !extra.directory;
        this.directory = extra.directory ?? mkdtempSync(join(tmpdir(), "stator-test-"));
        this.port = null;
        this.written = 0; /* characters of the log since the first start, those forgotten too */
        this.exit = null; /* a promise of { code, signal } */
    }

    get pid() {
        return this.#child?.pid;
    }

    get url() {
        return `http://127.0.0.1:${this.port}`;
    }

    /* What it wrote to standard output and standard error since the first start, or since `from`, an
       earlier value of `written`; of a great deal the end. */
    log(from = 0) {
        return this.#log.slice(Math.max(0, this.#log.length - (this.written - from)));
    }

    /* `changes`: options that differ from the last start. */
    async start(changes = {}) {
        this.#options = { ...this.#options, ...changes };
        const [command, ...words] = [
            ...(this.#extra.launcher ?? []),
            this.#extra.binary ?? binary,
            "serve",
            ...flagsOf(this.#options, this.directory),
        ];
        const child = spawn(command, words, {
            env: environmentOf(this.#extra.environment),
            stdio: ["ignore", "pipe", "pipe"],
        });
        this.#child = child;
        alive.add(child);
        this.exit = new Promise((settle) =>
            child.on("close", (code, signal) => {
                alive.delete(child);
                settle({ code, signal });
            }),
        );
        this.port = await this.#ready(child);
    }

    /* The ready line names the port. */
    #ready(child) {
        return new Promise((settle, reject) => {
            let text = "";
            const fail = (why) => {
                clearTimeout(timer);
                child.kill("SIGKILL");
                reject(new Error(`${why}:\n${text}`));
            };
            const timer = setTimeout(() => fail("the server did not get ready"), READY_MS_MAX);
            const read = (bytes) => {
                const said = String(bytes);
                this.written += said.length;
                this.#log = (this.#log + said).slice(-LOG_BYTES_MAX);
                if (text === null)
                    return;
                text += said;
                const line = text.split("\n").slice(0, -1).find((each) => each.includes("event=ready"));
                if (!line)
                    return;
                clearTimeout(timer);
                text = null;
                settle(Number(/\bport=(\d+)/.exec(line)[1]));
            };
            child.stdout.on("data", read);
            child.stderr.on("data", read);
            child.on("error", (error) => fail(String(error)));
            child.on("close", (code, signal) => text !== null && fail(`the server ended (${code ?? signal})`));
        });
    }

    signal(name) {
        this.#child.kill(name);
    }

    async stop() {
        this.signal("SIGTERM");
        const timer = setTimeout(() => this.signal("SIGKILL"), STOP_MS_MAX);
        const { code, signal } = await this.exit;
        clearTimeout(timer);
        if (code !== 0)
            throw new Error(`the server ended with ${code ?? signal} on SIGTERM:\n${this.#log}`);
    }

    async kill() {
        this.signal("SIGKILL");
        return this.exit;
    }

    async dispose() {
        if (alive.has(this.#child))
            await this.kill();
        if (this.#ownsDirectory)
            rmSync(this.directory, { recursive: true, force: true });
    }
}

function flagsOf(options, directory) {
    const all = { port: 0, ...options };
    const extraFlags = (process.env.STATOR_TEST_FLAGS ?? "").split(" ").filter(Boolean);
    const inMemory = all.inMemory || extraFlags.includes("--in-memory");
    const flags = inMemory ? [] : ["--data", directory];
    for (const [name, value] of Object.entries(all)) {
        const flag = "--" + name.replace(/[A-Z]/g, (letter) => "-" + letter.toLowerCase());
        if (value === true)
            flags.push(flag);
        else if (value !== false && value !== undefined)
            flags.push(flag, String(value));
    }
    return [...flags, ...extraFlags.filter((flag) => !flags.includes(flag))];
}

/* The developer's own STATOR_... settings must not reach a server under test. */
function environmentOf(added = {}) {
    const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("STATOR_"));
    return { ...Object.fromEntries(kept), ...added };
}

/* Nothing that was started here outlives the test process. */
const alive = new Set();
process.on("exit", () => alive.forEach((child) => child.kill("SIGKILL")));
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(name, () => process.exit(1));
