/* The server as a process: many tables, a second server, an orderly end under load. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Client, tableDefinition } from "../crash/client.mjs";
import { Load, TABLE as LOAD_TABLE } from "../crash/load.mjs";
import { workingFolder } from "../crash/program.mjs";
import { Random } from "../crash/random.mjs";
import { runStator } from "../support/server.mjs";
import { start, strain } from "./observe.mjs";

const START_MS_MAX = 2000;
const STOP_MS_MAX = 10_000;

test("2,500 tables: the server starts within 2 s and lists them all", async () => {
    const directory = workingFolder("tables");
    let server = await start({}, { directory });
    let client = new Client(server.port);
    for (let from = 0; from < 2500; from += 50)
        await Promise.all(Array.from({ length: 50 }, (_, i) => client.ok("CreateTable", tableDefinition(`Table-${from + i}`))));
    client.close();
    for (const end of ["stop", "kill"]) {
        await server[end]();
        const started = performance.now();
        server = await start({}, { directory });
        const took_ms = performance.now() - started;
        console.log(`start with 2,500 tables after a ${end}: ${Math.round(took_ms)} ms`);
        assert.ok(took_ms < START_MS_MAX, `${took_ms} ms`);
    }
    client = new Client(server.port);
    let count = 0;
    let from;
    do {
        const page = await client.ok("ListTables", from ? { ExclusiveStartTableName: from } : {});
        count += page.TableNames.length;
        from = page.LastEvaluatedTableName;
    } while (from);
    assert.equal(count, 2500);
    client.close();
    await server.stop();
});

test("a second server on the same directory is refused with a sentence, and so is check", async () => {
    const strained = await strain();
    const second = await runStator(["serve", "--port", "0", "--data", strained.server.directory]);
    assert.notEqual(second.code, 0);
    assert.match(second.errors, new RegExp(`${strained.server.directory}.*in use|in use.*${strained.server.directory}`, "s"));
    const check = await runStator(["check", strained.server.directory]);
    assert.notEqual(check.code, 0);
    assert.match(check.output + check.errors, /in use/);
    await strained.serve();
    await strained.stop();
});

test("SIGTERM under load: it ends in order within 10 s, and every acknowledged write is there", async () => {
    const directory = workingFolder("sigterm");
    const load = new Load(new Random(1), { patient: true });
    for (let round = 0; round < 3; round++) {
        const server = await start({}, { directory });
        const client = new Client(server.port);
        if (round === 0)
            await client.createTable(LOAD_TABLE);
        else
            await load.verify(server.port);
        client.close();
        const running = load.run(server.port);
        await pause(300 + 200 * round);
        const started = performance.now();
        await server.stop();
        assert.ok(performance.now() - started < STOP_MS_MAX, `${performance.now() - started} ms`);
        load.stop();
        await running;
        assert.deepEqual(load.history.problems, []);
    }
    const check = await runStator(["check", directory]);
    assert.equal(check.code, 0, check.output + check.errors);
    const server = await start({}, { directory });
    await load.verify(server.port);
    assert.deepEqual(load.history.problems, []);
    await server.stop();
});

test("SIGINT and SIGHUP end it as SIGTERM does, and one that ignores SIGHUP goes on", async () => {
    for (const signal of ["SIGINT", "SIGHUP"]) {
        const { server } = await strain();
        server.signal(signal);
        assert.deepEqual(await server.exit, { code: 0, signal: null });
        assert.match(server.log(), /event=stopping signal=\d+[^]*event=stopped/);
    }
    const ignoring = await strain({}, { launcher: ["nohup"] });
    ignoring.server.signal("SIGHUP");
    await ignoring.serve();
    await ignoring.stop();
    assert.match(ignoring.server.log(), /event=stopping signal=15/);
});

test("SIGTERM with clients that neither read nor finish writing: it still ends within 10 s", async () => {
    const strained = await strain();
    const { connect } = await import("node:net");
    const sockets = Array.from({ length: 50 }, () => connect(strained.server.port, "127.0.0.1").on("error", () => {}));
    for (const socket of sockets)
        socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{");
    await strained.serve();
    strained.client.close();
    const started = performance.now();
    strained.server.signal("SIGTERM");
    const { code, signal } = await strained.server.exit;
    assert.ok(performance.now() - started < STOP_MS_MAX + 3000, `${performance.now() - started} ms`);
    assert.equal(signal, null);
    assert.equal(code, 0, strained.server.log());
    for (const socket of sockets)
        socket.destroy();
});
