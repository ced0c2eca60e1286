/*
 * Files of point-in-time recovery that somebody removed or damaged: the oldest, one in between, the
 * newest. The server says so, offers only moments that it can restore, and goes on.
 */
import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { expectError } from "../support/expect.mjs";
import { exchange } from "../support/http.mjs";
import { runStator } from "../support/server.mjs";
import { until } from "../support/until.mjs";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const directories = [];
after(() => directories.forEach((each) => rmSync(each, { recursive: true, force: true })));

/* A table with a base, and a segment for each of some hours: { api, TableName, times, files, ... } */
async function scene({ hours = 4 } = {}) {
    const backupDir = directories[directories.push(mkdtempSync(join(tmpdir(), "stator-lost-"))) - 1];
    let api = await openEndpoint({ clock: "manual", backupDir });
    const { server } = api;
    const clock = async (method, body) => JSON.parse((await exchange(api, { method, path: "/_stator/clock", body: body && JSON.stringify(body) })).text).EpochMilliseconds / 1000;
    const files = (ending) => readdirSync(backupDir).filter((name) => name.endsWith(ending)).map((name) => join(backupDir, name));
    const put = (n) => api.ok("PutItem", { TableName, Item: { pk: { S: "a" }, n: { N: String(n) } } });
    const TableName = await api.table();
    await put(0);
    await api.ok("UpdateContinuousBackups", { TableName, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } });
    await until(() => files(".base").length === 1, "the base is not made");
    const times = [await clock("GET")];
    const advance = (seconds) => clock("PUT", { AdvanceMilliseconds: seconds * 1000 });
    const work = async (n) => {
        const before = files(".segment").length;
        await advance(1);
        await put(n);
        times.push(await clock("GET"));
        await advance(HOUR);
        await until(() => files(".segment").length > before, "no segment is sealed");
    };
    for (let n = 1; n <= hours; n++)
        await work(n);
    const described = async () => (await api.ok("DescribeContinuousBackups", { TableName })).ContinuousBackupsDescription.PointInTimeRecoveryDescription;
    const restore = (RestoreDateTime, TargetTableName = api.tableName()) => api.call("RestoreTableToPointInTime", { SourceTableName: TableName, TargetTableName, RestoreDateTime });
    return {
        TableName, times, files, advance, work, restore, server,
        get api() {
            return api;
        },
        earliest: async () => (await described()).EarliestRestorableDateTime,
        restored: async (time) => {
            const name = api.tableName();
            const { status, text } = await restore(time, name);
            assert.equal(status, 200, text);
            await api.untilActive(name);
            return Number((await api.ok("Scan", { TableName: name })).Items[0].n.N);
        },
        /* With the server stopped; what check said then. */
        whileStopped: async (change) => {
            const now = await clock("GET");
            await server.stop();
            change();
            const checked = await runStator(["check", "--backup-dir", backupDir, server.directory]);
            await server.start();
            api = new api.constructor(server.url);
            await clock("PUT", { EpochMilliseconds: now * 1000 });
            return checked;
        },
        byAge: (ending) => files(ending).sort(),
    };
}

const skip = (!isOwnServer && "files are removed") || (process.env.STATOR_TEST_FLAGS?.includes("--in-memory") && "the data is in memory");

describe("archives that are lost", { skip }, () => {
    it("a segment in between: check tells, no earlier moment is offered, a new base is made", async () => {
        const at = await scene();
        assert.equal(Math.round(await at.earliest()), Math.round(at.times[0]));
        const second = at.byAge(".segment")[1];
        const { code, output } = await at.whileStopped(() => rmSync(second));
        assert.notEqual(code, 0);
        assert.match(output, new RegExp(`point-in-time recovery of table ${at.TableName}: an archive before \\S+\\.segment is missing`));
        await until(() => at.files(".base").length === 2, "no new base is made");
        assert.match(at.server.log(), /level=error event=archive_gap table=\S+ reason="an archive before/);
        assert.ok((await at.earliest()) > at.times[4]);
        expectError(await at.restore(at.times[3]), "InvalidRestoreTimeException", /./);
        await at.work(5);
        assert.equal(await at.restored(at.times[5]), 5);
    });

    it("the newest segment, while the log still has its changes: it is written anew", async () => {
        const at = await scene();
        const newest = at.byAge(".segment").at(-1);
        const { code, output } = await at.whileStopped(() => rmSync(newest));
        assert.equal(code, 0, output);
        assert.equal(Math.round(await at.earliest()), Math.round(at.times[0]));
        for (const n of [4, 3, 0])
            assert.equal(await at.restored(at.times[n]), n);
    });

    it("the newest segment, when the log has its changes no more: check tells, and a new base is made", async () => {
        const at = await scene();
        const newest = at.byAge(".segment").at(-1);
        await at.advance(30 * HOUR);
        const isTrimmed = async () => {
            await pause(300); /* the housekeeper has its turns */
            return (await at.whileStopped(() => {})).output.includes(" records=0 ");
        };
        await until(isTrimmed, "the log is not trimmed", 20);
        const { code, output } = await at.whileStopped(() => rmSync(newest));
        assert.notEqual(code, 0);
        assert.match(output, /the last archives are missing: changes are lost/);
        await until(() => at.files(".base").length === 2, "no new base is made");
        const from = await at.earliest();
        assert.ok(from > at.times[4]);
        await at.advance(10 * MINUTE);
        assert.equal(await at.restored(Math.ceil(from)), 4);
    });

    it("the only base: check tells, and a new one is made", async () => {
        const at = await scene();
        const { code, output } = await at.whileStopped(() => rmSync(at.byAge(".base")[0]));
        assert.notEqual(code, 0);
        assert.match(output, /the base that \S+\.segment belongs to is missing/);
        await until(() => at.files(".base").length === 1, "no new base is made");
        assert.ok((await at.earliest()) > at.times[4]);
    });

    it("under the running server: it is told within a minute, and what is put back is found by the next one", async () => {
        const at = await scene();
        const second = at.byAge(".segment")[1];
        renameSync(second, `${second}.away`);
        await at.advance(2 * MINUTE);
        await until(() => /event=archive_missing/.test(at.server.log()), "nobody notices");
        assert.match(at.server.log(), new RegExp(`level=error event=archive_missing table=${at.TableName} file=\\d+-[0-9a-f]+\\.segment`));
        await until(async () => (await at.earliest()) > at.times[4], "what is lost is offered");
        const { code, output } = await at.whileStopped(() => renameSync(`${second}.away`, second));
        assert.equal(code, 0, output);
        assert.equal(Math.round(await at.earliest()), Math.round(at.times[0]));
        for (const n of [2, 3])
            assert.equal(await at.restored(at.times[n]), n);
    });

    it("a file that is put back beside what was written in its place harms nothing", async () => {
        const at = await scene();
        const lost = at.byAge(".segment").slice(-2);
        await at.whileStopped(() => lost.forEach((file) => renameSync(file, `${file}.away`)));
        await at.work(5);
        for (const file of lost) {
            const { code, output } = await at.whileStopped(() => renameSync(`${file}.away`, file));
            assert.equal(code, 0, output);
            for (const n of [2, 3, 4, 5])
                assert.equal(await at.restored(at.times[n]), n);
        }
    });
});

describe("archives that are damaged", { skip }, () => {
    const flip = (file, place) => {
        const bytes = readFileSync(file);
        bytes[Math.floor(bytes.length * place)] ^= 0x10;
        writeFileSync(file, bytes);
    };

    it("a restore is refused with file and place, check and verify-backup tell, no such moment is offered any more", async () => {
        for (const ending of [".base", ".segment"]) {
            const at = await scene();
            const file = at.byAge(ending).at(-1);
            const copy = `${file}.copy`;
            copyFileSync(file, copy);
            flip(file, 0.9);
            const name = at.api.tableName();
            const { status, json } = await at.restore(at.times[4], name);
            assert.equal(status, 500);
            assert.match(json.message, new RegExp(`${file} is damaged at offset \\d+`));
            expectError(await at.api.call("DescribeTable", { TableName: name }), "ResourceNotFoundException", /./);
            assert.match(at.server.log(), new RegExp(`level=error event=archive_unreadable reason="the archive ${file} is damaged at offset \\d+`));
            if (ending === ".base")
                await until(async () => (await at.earliest()) > at.times[4], "what is lost is offered");
            const proved = await runStator(["verify-backup", file]);
            assert.notEqual(proved.code, 0);
            assert.match(proved.output, /is damaged at offset \d+/);
            const { code, output } = await at.whileStopped(() => {});
            assert.notEqual(code, 0);
            assert.match(output, new RegExp(`the archive ${file} is damaged at offset \\d+`));
            await at.whileStopped(() => renameSync(copy, file));
            assert.equal(await at.restored(at.times[4]), 4);
        }
    });

    it("one whose head is damaged is passed over by a start", async () => {
        const at = await scene();
        const second = at.byAge(".segment")[1];
        await at.whileStopped(() => flip(second, 0.1));
        assert.match(at.server.log(), new RegExp(`level=error event=archive_unreadable reason="the archive ${second} is damaged`));
        await until(async () => (await at.earliest()) > at.times[4], "what is lost is offered");
        assert.ok(existsSync(second));
    });
});
