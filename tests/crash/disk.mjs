/*
 * A server on a disk that can lose power: powercut/ under it, steered from here.
 *
 *   const disk = new Disk("name");
 *   const machine = await disk.boot({ sync: "always" }, { tear: "prefix", seed: 7 });
 *   ... machine.server.port ...
 *   await machine.cut();             power fails; what was not synced is gone
 *   await machine.tell("hold .log"); any other command of powercut/control.c
 */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { repository, runStator, startServer } from "../support/server.mjs";
import { workingFolder } from "./program.mjs";

export const library = join(repository, "build/tests/powercut.so");

export function buildLibrary() {
    mkdirSync(join(repository, "build/tests"), { recursive: true });
    const flags = "-std=gnu17 -D_GNU_SOURCE -I. -Wall -Wextra -Wshadow -Werror -O2 -g -fPIC -shared -pthread".split(" ");
    const sources = ["disk", "calls", "names", "control"].map((name) => `tests/crash/powercut/${name}.c`);
    execFileSync("gcc", [...flags, "-o", library, ...sources, "-ldl"], { cwd: repository, stdio: "inherit" });
}

/* Environment variables for a process on the disk; `plan` as in powercut/powercut.h, in lower case. */
export function environmentOf(folder, plan) {
    const names = Object.entries(plan).map(([name, value]) => [`POWERCUT_${name.toUpperCase()}`, String(value)]);
    return { LD_PRELOAD: library, POWERCUT_DIR: folder, ...Object.fromEntries(names) };
}

export class Disk {
    /* The data directory itself is made by the server, so that its name must be synced too. */
    constructor(name) {
        this.folder = join(workingFolder(name), "disk");
        mkdirSync(this.folder);
        this.directory = join(this.folder, "data");
        this.boots = 0;
    }

    /* Fails as startServer does; a cut during the start is such a failure. */
    async boot(options, plan = {}, { plant, binary } = {}) {
        const control = `${this.folder}.control-${++this.boots}`;
        const boot = `${this.folder}.boot`;
        writeFileSync(boot, `${randomUUID()}\n`);
        const environment = {
            ...environmentOf(this.folder, { control, boot, ...plan }),
            ...(plant && { STATOR_PLANT: plant }),
        };
        const server = await startServer(options, { directory: this.directory, environment, binary });
        return new Machine(server, control);
    }

    check(...words) {
        return runStator(["check", ...words, this.directory]);
    }

    erase() {
        rmSync(this.folder, { recursive: true, force: true });
        mkdirSync(this.folder);
    }
}

class Machine {
    #control;
    #connection;

    constructor(server, control) {
        this.server = server;
        this.#control = control;
    }

    async cut() {
        await this.tell("cut").catch(() => {});
        return this.server.exit;
    }

    /* The answer's counts: { calls, writes, syncs, renames, waiting }. */
    async tell(command) {
        this.#connection ??= await open(this.#control);
        const connection = this.#connection;
        return new Promise((settle, reject) => {
            connection.removeAllListeners();
            connection.on("data", (text) =>
                settle(Object.fromEntries([...String(text).matchAll(/(\w+)=(\d+)/g)].map(([, name, value]) => [name, Number(value)]))),
            );
            connection.on("error", reject);
            connection.on("close", () => reject(new Error("the machine is off")));
            connection.write(`${command}\n`);
        });
    }

    async stop() {
        await this.server.stop();
    }

    async kill() {
        await this.server.kill();
    }
}

function open(path) {
    return new Promise((settle, reject) => {
        const connection = net.connect(path, () => settle(connection));
        connection.on("error", reject);
    });
}
