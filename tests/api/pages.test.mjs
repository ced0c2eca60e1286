/* What the server answers besides the API: health, readiness, the clock; and what it logs. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { networkInterfaces } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { exchange } from "../support/http.mjs";

const LOG_MS_MAX = 20_000;
const inMemory = (process.env.STATOR_TEST_FLAGS ?? "").includes("--in-memory");
const skip = !isOwnServer && "pages and logs of our own";

const get = (api, path, headers = {}) => exchange(api, { method: "GET", path, headers });

/* The log's line that matches: it is on its way when the reply arrives. */
async function logged(api, pattern) {
    for (const end = Date.now() + LOG_MS_MAX; Date.now() < end; await pause(5)) {
        const line = api.server.log().split("\n").slice(0, -1).find((each) => pattern.test(each));
        if (line)
            return Object.fromEntries([...line.matchAll(/(\w+)=("[^"]*"|\S+)/g)].map((match) => [match[1], match[2]]));
    }
    throw new Error(`nothing like ${pattern} in the log:\n${api.server.log()}`);
}

describe("health and readiness", { skip }, async () => {
    const api = isOwnServer && (await openEndpoint());

    it("/healthz says alive, /readyz ready", async () => {
        for (const [path, sentence] of [["/healthz", /^alive\n$/], ["/readyz", /^ready: .*\n$/]]) {
            const { status, headers, text } = await get(api, path);
            assert.deepEqual([status, headers["content-type"]], [200, "text/plain; charset=utf-8"]);
            assert.match(text, sentence);
        }
    });

    it("HEAD has no body, POST and other paths are no pages", async () => {
        const { status, headers, body } = await exchange(api, { method: "HEAD", path: "/readyz" });
        assert.deepEqual([status, body.length], [200, 0]);
        assert.notEqual(headers["content-length"], "0");
        for (const [method, path] of [["PUT", "/healthz"], ["GET", "/healthz/"], ["GET", "/readyz2"], ["GET", "/health"]])
            assert.equal((await exchange(api, { method, path })).status, 404, `${method} ${path}`);
    });

    it("below the disk reserve /readyz is 503, and reads go on", { skip: inMemory && "no disk" }, async () => {
        const full = await openEndpoint({ diskReserveMb: 1024 * 1024 });
        const { status, text } = await get(full, "/readyz");
        assert.equal(status, 503, text);
        assert.match(text, /^not ready: writes are refused/);
        assert.equal((await get(full, "/healthz")).status, 200);
        assert.deepEqual(await full.ok("ListTables", {}), { TableNames: [] });
    });
});

describe("/_stator/", { skip }, async () => {
    const api = isOwnServer && (await openEndpoint({ clock: "manual", transitionDelayMs: 1000 }));
    const put = (body, more = {}) => exchange(api, { method: "PUT", path: "/_stator/clock", body: JSON.stringify(body), ...more });
    const clock = async () => JSON.parse((await get(api, "/_stator/clock")).text).EpochMilliseconds;

    it("the clock stands until it is moved", async () => {
        const before = await clock();
        assert.equal(await clock(), before);
        const moved = await put({ AdvanceMilliseconds: 1500 });
        assert.deepEqual([moved.status, moved.headers["content-type"]], [200, "application/json"]);
        assert.deepEqual(JSON.parse(moved.text), { EpochMilliseconds: before + 1500 });
        assert.equal(await clock(), before + 1500);
        await put({ AdvanceMilliseconds: -500 });
        assert.equal(await clock(), before + 1000);
        await put({ EpochMilliseconds: before + 7_000 });
        assert.equal(await clock(), before + 7_000);
    });

    it("what waits for a time sees it come", async () => {
        const TableName = api.tableName();
        await api.ok("CreateTable", {
            TableName,
            AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
            KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
            BillingMode: "PAY_PER_REQUEST",
        });
        const status = async () => (await api.ok("DescribeTable", { TableName })).Table.TableStatus;
        await put({ AdvanceMilliseconds: 999 });
        assert.equal(await status(), "CREATING");
        await put({ AdvanceMilliseconds: 1 });
        assert.equal(await status(), "ACTIVE");
    });

    it("two who advance the clock at once both do", async () => {
        const before = await clock();
        await Promise.all(Array.from({ length: 20 }, () => put({ AdvanceMilliseconds: 3 })));
        assert.equal(await clock(), before + 60);
    });

    it("what is no move is refused and moves nothing", async () => {
        const before = await clock();
        for (const body of [
            "", "{", "[]", "1", "null", "{}", '{"EpochMilliseconds":null}', '{"EpochMilliseconds":"1"}',
            '{"EpochMilliseconds":1.5}', '{"EpochMilliseconds":1e3}', '{"EpochMilliseconds":-1}',
            '{"EpochMilliseconds":253402300800000}', '{"EpochMilliseconds":99999999999999999999}',
            '{"AdvanceMilliseconds":-253402300799999}', '{"AdvanceMilliseconds":253402300799999}',
            '{"EpochMilliseconds":1,"AdvanceMilliseconds":1}', '{"Epoch":1}',
        ]) {
            const { status, text } = await put(null, { body });
            assert.equal(status, 400, body);
            assert.match(text, /^PUT takes/);
        }
        assert.equal((await exchange(api, { method: "DELETE", path: "/_stator/clock" })).status, 405);
        assert.equal(await clock(), before);
    });

    it("there is no other page, and no clock without --clock manual", async () => {
        for (const path of ["/_stator/", "/_stator/clock/", "/_stator/fault", "/_stator/faults"])
            assert.equal((await get(api, path)).status, 404, path);
        const real = await openEndpoint();
        assert.equal((await get(real, "/_stator/clock")).status, 404);
        assert.equal((await exchange(real, { method: "PUT", path: "/_stator/clock", body: '{"AdvanceMilliseconds":1}' })).status, 404);
    });

    it("other machines and other names are refused", async () => {
        const open = await openEndpoint({ clock: "manual", host: "0.0.0.0" });
        assert.equal((await get(open, "/_stator/clock")).status, 200);
        for (const host of ["rebound.example", "127.0.0.1.rebound.example", "0.0.0.0", "10.0.0.1"])
            assert.equal((await get(open, "/_stator/clock", { host })).status, 403, host);
        const outside = Object.values(networkInterfaces()).flat().find((each) => each.family === "IPv4" && !each.internal);
        if (outside) {
            const far = { host: outside.address, port: open.port };
            assert.equal((await get(far, "/_stator/clock")).status, 403);
            assert.equal((await get(far, "/_stator/clock", { host: "localhost" })).status, 403);
            assert.equal((await get(far, "/healthz")).status, 200);
        }
    });
});

describe("the log", { skip }, async () => {
    it("a slow request says what its time went to", async () => {
        const api = await openEndpoint({ slowRequestMs: 0 });
        const table = await api.table();
        const { headers } = await api.call("PutItem", { TableName: table, Item: { pk: { S: "a" } } });
        const line = await logged(api, new RegExp(`event=slow_request .*request=${headers["x-amzn-requestid"]}`));
        const parts = ["run_us", "worker_us", "commit_us", "room_us"].map((name) => Number(line[name]));
        assert.deepEqual([line.level, line.operation, line.table, line.status, line.runs], ["warn", "PutItem", table, "200", "1"]);
        assert.equal(parts.reduce((sum, part) => sum + part), Number(line.total_us), "the parts are the whole");
        assert.ok(Number(line.commit_us) > 0);
        const created = await logged(api, /event=slow_request operation=CreateTable/);
        assert.ok(Number(created.worker_us) > 0 && Number(created.runs) >= 2, "it ran on a worker");
    });

    it("a slow failure has its status, and only names as its table", async () => {
        const api = await openEndpoint({ slowRequestMs: 0 });
        for (const [TableName, shown] of [["nobody", "nobody"], ["a level=error event=ready", undefined], ["", undefined], ["x".repeat(256), undefined]]) {
            const { headers } = await api.call("GetItem", { TableName, Key: { pk: { S: "a" } } });
            const line = await logged(api, new RegExp(`event=slow_request .*request=${headers["x-amzn-requestid"]}`));
            assert.deepEqual([line.operation, line.status, line.table], ["GetItem", "400", shown]);
        }
    });

    it("a quick request has no line, at debug one with its request id", async () => {
        const api = await openEndpoint({ slowRequestMs: 3_600_000, logLevel: "debug" });
        const { headers } = await api.call("ListTables", {});
        const line = await logged(api, new RegExp(`event=request .*request=${headers["x-amzn-requestid"]}`));
        assert.deepEqual([line.level, line.operation, line.status], ["debug", "ListTables", "200"]);
        const refused = await api.call("NoSuchThing", {});
        assert.equal((await logged(api, new RegExp(`event=request .*request=${refused.headers["x-amzn-requestid"]}`))).operation, "none");
        assert.ok(!api.server.log().includes("event=slow_request"));
    });

    it("nothing is logged per request by default", async () => {
        const api = await openEndpoint({ slowRequestMs: 3_600_000 });
        await api.ok("ListTables", {});
        await api.server.stop();
        assert.ok(!/event=(request|slow_request)/.test(api.server.log()));
    });
});
