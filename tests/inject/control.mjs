/* The file shared with faults.c in a server under test: arms one failing call, counts all calls. */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/* In the order of enum kind. */
export const kinds = ["none", "memory", "read", "write", "short write", "sync", "open", "rename", "removal"];

const ARMED = 0; /* positions of 4-byte words */
const COUNTDOWN = 1;
const FAILED = 2;
const CALLS = 3;
const WORDS = CALLS + kinds.length;

export class Control {
    #folder = mkdtempSync(join(tmpdir(), "stator-inject-"));
    #file;

    constructor() {
        this.path = join(this.#folder, "control");
        writeFileSync(this.path, Buffer.alloc(WORDS * 4));
        this.#file = openSync(this.path, "r+");
    }

    /* The n-th call of that kind from now fails. */
    arm(kind, n) {
        this.#write(ARMED, 0);
        this.#write(FAILED, 0);
        this.#write(COUNTDOWN, n);
        this.#write(ARMED, kinds.indexOf(kind));
    }

    /* Whether a call has failed since arm. */
    disarm() {
        this.#write(ARMED, 0);
        return this.#read(FAILED) > 0;
    }

    /* Calls so far, by kind. */
    calls() {
        return Object.fromEntries(kinds.map((kind, index) => [kind, this.#read(CALLS + index)]));
    }

    close() {
        closeSync(this.#file);
        rmSync(this.#folder, { recursive: true });
    }

    #write(word, value) {
        const bytes = Buffer.alloc(4);
        bytes.writeInt32LE(value);
        writeSync(this.#file, bytes, 0, 4, word * 4);
    }

    #read(word) {
        const bytes = Buffer.alloc(4);
        readSync(this.#file, bytes, 0, 4, word * 4);
        return bytes.readUInt32LE();
    }
}
