/*
 * A data directory of every released format opens with all its items, survives kills while it is
 * opened (and upgraded), and passes stator check.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { binary, runStator, startServer } from "../support/server.mjs";
import { rawClient } from "../support/raw_client.mjs";

const KILLS = 8;
const here = new URL(".", import.meta.url).pathname;
const FORMAT = Number(/The format number of a directory is (\d+)/.exec(
    readFileSync(new URL("../../docs/formats.md", import.meta.url), "utf8"))[1]);
const formats = readdirSync(here).filter((name) => /^\d+$/.test(name));

function copyOf(format) {
    const directory = mkdtempSync(join(tmpdir(), "stator-format-"));
    cpSync(join(here, format, "data"), directory, { recursive: true });
    return directory;
}

/* Every file and its bytes, but RocksDB's diary. */
const filesOf = (directory) =>
    readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !/^LO(G.*|CK)$/.test(entry.name))
        .map((entry) => {
            const path = join(entry.parentPath ?? entry.path, entry.name);
            return [path, createHash("sha256").update(readFileSync(path)).digest("hex")];
        })
        .sort();

const sorted = (value) => JSON.stringify(value, (_, inner) =>
    inner && typeof inner === "object" && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner);

async function demandContents(directory, wanted) {
    const server = await startServer({}, { directory });
    const { call } = rawClient(server);
    const names = [...new Set(wanted.map(({ TableName }) => TableName))].filter((name) => name !== "Deleted").sort();
    for (const name of names) {
        const { Items } = await call("Scan", { TableName: name, ConsistentRead: true });
        const expected = wanted.filter(({ TableName }) => TableName === name).map(({ Item }) => canonical(Item));
        assert.deepEqual(Items.map(sorted).sort(), expected.map(sorted).sort());
    }
    assert.deepEqual((await call("ListTables", {})).TableNames, names);
    if (names.includes("Expiring"))
        assert.equal((await call("DescribeTimeToLive", { TableName: "Expiring" })).TimeToLiveDescription.AttributeName, "expires");
    if (names.includes("Imported"))
        await demandHistory(call, wanted);
    assert.equal((await call("Scan", { TableName: "Indexed", IndexName: "ByLocal" })).Count, 3);
    assert.equal((await call("Scan", { TableName: "Indexed", IndexName: "ByGlobal" })).Count, 2);
    const { Table } = await call("DescribeTable", { TableName: "Strings" });
    assert.equal(Table.TableArn, "arn:aws:dynamodb:eu-west-1:123456789012:table/Strings");
    await server.stop();
}

/* What outlives the day of a stream's records and the 90 days of exports and imports. */
async function demandHistory(call, wanted) {
    assert.equal((await call("DescribeContributorInsights", { TableName: "Split" })).ContributorInsightsStatus, "ENABLED");
    const { Table } = await call("DescribeTable", { TableName: "Split" });
    assert.equal(Table.ItemCount, wanted.filter(({ TableName }) => TableName === "Split").length);
    const { StreamDescription: { Shards } } = await call("DescribeStream", { StreamArn: Table.LatestStreamArn });
    const open = Shards.filter(({ SequenceNumberRange }) => !SequenceNumberRange.EndingSequenceNumber);
    assert.ok(open.length > 4, "its partitions have split");
}

/* As it comes back: numbers spelled out. */
function canonical(item) {
    return JSON.parse(JSON.stringify(item), (name, value) =>
        name === "N" && /e/.test(value) ? spelledOut(value) : value);
}

function spelledOut(text) {
    const [, sign, whole, fraction = "", power] = /^(-?)(\d+)(?:\.(\d+))?e(-?\d+)$/.exec(text);
    const digits = whole + fraction;
    const point = whole.length + Number(power);
    const plain = point <= 0 ? `0.${"0".repeat(-point)}${digits}` : digits.slice(0, point).padEnd(point, "0");
    return sign + plain;
}

/* Start and kill at once, a little later each time. */
function startAndKill(directory, milliseconds) {
    return new Promise((settle) => {
        const child = spawn(binary, ["serve", "--port", "0", "--data", directory], { stdio: "ignore" });
        child.on("close", settle);
        setTimeout(() => child.kill("SIGKILL"), milliseconds);
    });
}

for (const format of formats)
    describe(`format ${format}`, () => {
        const wanted = JSON.parse(readFileSync(join(here, format, "contents.json"), "utf8"));

        it("opens with everything in it and passes the check", async () => {
            const directory = copyOf(format);
            await demandContents(directory, wanted);
            const { code, output, errors } = await runStator(["check", directory]);
            assert.equal(code, 0, output + errors);
            rmSync(directory, { recursive: true });
        });

        it("is checked as it is, and upgraded once by the first start", async () => {
            const directory = copyOf(format);
            const before = filesOf(directory);
            const { code, output, errors } = await runStator(["check", directory]);
            assert.equal(code, 0, output + errors);
            assert.deepEqual(filesOf(directory), before);
            const server = await startServer({}, { directory });
            await server.kill();
            await server.start();
            await server.stop();
            const upgrades = server.log().match(/event=format_upgraded .*/g) ?? [];
            assert.deepEqual(upgrades, format < FORMAT ? [`event=format_upgraded from=${format} to=${FORMAT}`] : []);
            rmSync(directory, { recursive: true });
        });

        it("survives kills while it is opened", async () => {
            const directory = copyOf(format);
            for (let kill = 0; kill < KILLS; kill++)
                await startAndKill(directory, 3 * kill);
            await demandContents(directory, wanted);
            const { code, output, errors } = await runStator(["check", directory]);
            assert.equal(code, 0, output + errors);
            rmSync(directory, { recursive: true });
        });
    });

it("there is a kept directory for each format number", () => assert.ok(formats.length >= 1));
