/*
 * UpdateContinuousBackups, DescribeContinuousBackups, RestoreTableToPointInTime.
 * Source: service model; Developer Guide, "Point-in-time backups"; the control plane measured on the
 * service.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { DescribeContinuousBackupsCommand, UpdateContinuousBackupsCommand } from "@aws-sdk/client-dynamodb";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { broken, expectError, NOT_NULL, refuses, refusesWrongTypes, validationErrors, valueAtLeast, valueAtMost } from "../support/expect.mjs";
import { exchange } from "../support/http.mjs";
import { untilIs } from "../support/until.mjs";

const directories = [];
const directory = () => directories[directories.push(mkdtempSync(join(tmpdir(), "stator-backups-"))) - 1];
after(() => directories.forEach((each) => rmSync(each, { recursive: true, force: true })));
const api = await openEndpoint(isOwnServer ? { backupDir: directory() } : {});

const missing = api.tableName();
const specification = (PointInTimeRecoveryEnabled, RecoveryPeriodInDays) => ({ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled, RecoveryPeriodInDays } });
const HOUR = 3600;

describe("UpdateContinuousBackups, DescribeContinuousBackups and RestoreTableToPointInTime, malformed", () => {
    refusesWrongTypes(api, "UpdateContinuousBackups", { TableName: "String", PointInTimeRecoverySpecification: ["Structure", "PointInTimeRecoverySpecification"] });
    refusesWrongTypes(api, "DescribeContinuousBackups", { TableName: "String" });
    refusesWrongTypes(api, "RestoreTableToPointInTime", { SourceTableName: "String", TargetTableName: "String", UseLatestRestorableTime: "Boolean" });
});

describe("UpdateContinuousBackups and DescribeContinuousBackups, invalid", async () => {
    const TableName = await api.table();
    refuses(api, "UpdateContinuousBackups", "ValidationException", [
        ["nothing at all", {}, validationErrors(broken(null, "tableName", NOT_NULL), broken(null, "pointInTimeRecoverySpecification", NOT_NULL))],
        ["no day", { TableName, ...specification(true, 0) }, validationErrors(broken(0, "pointInTimeRecoverySpecification.recoveryPeriodInDays", valueAtLeast(1)))],
        ["36 days", { TableName, ...specification(true, 36) }, validationErrors(broken(36, "pointInTimeRecoverySpecification.recoveryPeriodInDays", valueAtMost(35)))],
        ["a period of what is off", { TableName, ...specification(false, 3) }, "Invalid Request: Cannot specify RecoveryPeriodInDays when disabling point-in-time recovery."],
        ["a table that is not there", { TableName: missing, ...specification(true) }, `Table not found: ${missing}`, "TableNotFoundException"],
    ]);
    refuses(api, "DescribeContinuousBackups", "ValidationException", [
        ["no table name", {}, validationErrors(broken(null, "tableName", NOT_NULL))],
        ["a table that is not there", { TableName: missing }, `Table not found: ${missing}`, "TableNotFoundException"],
    ]);
});

describe("RestoreTableToPointInTime, invalid", async () => {
    const SourceTableName = await api.table();
    const SourceTableArn = (await api.ok("DescribeTable", { TableName: SourceTableName })).Table.TableArn;
    const TargetTableName = api.tableName();
    const ONE_OF = "Invalid Request: Either one of RestoreDateTime or UseLatestRestorableTime must be specified, but not both";
    refuses(api, "RestoreTableToPointInTime", "ValidationException", [
        ["nothing at all", {}, validationErrors(broken(null, "targetTableName", NOT_NULL))],
        ["no time", { SourceTableName, TargetTableName }, ONE_OF],
        ["two times", { SourceTableName, TargetTableName, UseLatestRestorableTime: true, RestoreDateTime: 1 }, "Invalid Request: Both RestoreDateTime and UseLatestRestorableTime cannot be set for point-in-time restore request. Please specify either RestoreDateTime time or UseLatestRestorableTime"],
        ["the latest time, declined", { SourceTableName, TargetTableName, UseLatestRestorableTime: false }, ONE_OF],
        ["a name and an ARN", { SourceTableName, SourceTableArn, TargetTableName, UseLatestRestorableTime: true }, "One or more parameter values were invalid: Must provide exactly one of: sourceTableArn, sourceTableName"],
        ["no table", { TargetTableName, UseLatestRestorableTime: true }, "The parameter 'TableName' is required but was not present in the request"],
        ["a name as an ARN", { SourceTableArn: SourceTableName, TargetTableName, UseLatestRestorableTime: true }, "One or more parameter values were invalid: sourceTableArn is not a valid ARN"],
        ["an ARN of another account", { SourceTableArn: SourceTableArn.replace("000000000000", "999999999999"), TargetTableName, UseLatestRestorableTime: true }, "This action is only supported by accounts that match the resource owner’s account."],
        ["an ARN of another region without a key for the copy", { SourceTableArn: SourceTableArn.replace("us-east-1", "eu-west-1"), TargetTableName, UseLatestRestorableTime: true }, "Invalid Request: sseSpecificationOverride must be provided for cross-region restores"],
        ["an ARN of another region, where there is no such table", { SourceTableArn: SourceTableArn.replace("us-east-1", "eu-west-1"), TargetTableName, UseLatestRestorableTime: true, SSESpecificationOverride: { Enabled: true } }, /^Table not found: /, "TableNotFoundException"],
        ["a table without recovery", { SourceTableName, TargetTableName, UseLatestRestorableTime: true }, /./, "PointInTimeRecoveryUnavailableException"],
        ["a table that is not there", { SourceTableName: missing, TargetTableName, UseLatestRestorableTime: true }, `Table not found: ${missing}`, "TableNotFoundException"],
    ]);
    it("refuses a time outside of the period, and a name that is in use", async () => {
        await api.ok("UpdateContinuousBackups", { TableName: SourceTableName, ...specification(true) });
        for (const RestoreDateTime of [1, Date.now() / 1000 + HOUR])
            expectError(await api.call("RestoreTableToPointInTime", { SourceTableName, TargetTableName, RestoreDateTime }), "InvalidRestoreTimeException", /^RestoreDateTime '[^']*Z' must be within EarliestRestorableDateTime '([^']*Z)' and LatestRestorableDateTime '\1'$/);
        expectError(await api.call("RestoreTableToPointInTime", { SourceTableName, TargetTableName: SourceTableName, RestoreDateTime: 0 }), "InvalidRestoreTimeException", /^RestoreDateTime '1970-01-01T00:00:00Z' /);
        expectError(await api.call("RestoreTableToPointInTime", { SourceTableName, TargetTableName: SourceTableName, UseLatestRestorableTime: true }), "TableAlreadyExistsException", `Table already exists: ${SourceTableName}`);
    });
});

describe("UpdateContinuousBackups and DescribeContinuousBackups, working", () => {
    it("are understood by the SDK", async () => {
        const TableName = await api.table();
        const look = async () => (await api.client.send(new DescribeContinuousBackupsCommand({ TableName }))).ContinuousBackupsDescription;
        assert.deepEqual(await look(), { ContinuousBackupsStatus: "ENABLED", PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: "DISABLED" } });
        await api.client.send(new UpdateContinuousBackupsCommand({ TableName, ...specification(true, 7) }));
        const { PointInTimeRecoveryStatus, RecoveryPeriodInDays, EarliestRestorableDateTime, LatestRestorableDateTime } = (await look()).PointInTimeRecoveryDescription;
        assert.deepEqual([PointInTimeRecoveryStatus, RecoveryPeriodInDays], ["ENABLED", 7]);
        assert.ok(EarliestRestorableDateTime <= LatestRestorableDateTime);
        await api.client.send(new UpdateContinuousBackupsCommand({ TableName, ...specification(false) }));
        assert.equal((await look()).PointInTimeRecoveryDescription.PointInTimeRecoveryStatus, "DISABLED");
    });
});

describe("RestoreTableToPointInTime, working", { skip: !isOwnServer && "the clock is moved" }, async () => {
    const backupDir = isOwnServer && directory();
    const moved = isOwnServer && (await openEndpoint({ clock: "manual", backupDir }));
    const stator = async (method, body) => JSON.parse((await exchange(moved, { method, path: "/_stator/clock", body: body && JSON.stringify(body) })).text);
    const now = async () => (await stator("GET")).EpochMilliseconds / 1000;
    const advance = (seconds) => stator("PUT", { AdvanceMilliseconds: seconds * 1000 });
    const put = (TableName, pk, n) => moved.ok("PutItem", { TableName, Item: { pk: { S: pk }, n: { N: String(n) } } });
    const contents = async (TableName) => Object.fromEntries((await moved.ok("Scan", { TableName })).Items.map(({ pk, n }) => [pk.S, Number(n.N)]).sort());
    const files = (ending) => readdirSync(backupDir).filter((name) => name.endsWith(ending));
    const restore = async (SourceTableName, RestoreDateTime) => {
        const TargetTableName = moved.tableName();
        await moved.ok("RestoreTableToPointInTime", { SourceTableName, TargetTableName, ...(RestoreDateTime ? { RestoreDateTime } : { UseLatestRestorableTime: true }) });
        await moved.untilActive(TargetTableName);
        return contents(TargetTableName);
    };
    const recovered = async (days) => {
        const TableName = await moved.table();
        await moved.ok("UpdateContinuousBackups", { TableName, ...specification(true, days) });
        return TableName;
    };

    it("a table is as it was at every second, also of days ago", async () => {
        const TableName = await moved.table();
        await put(TableName, "before", 0);
        await moved.ok("UpdateContinuousBackups", { TableName, ...specification(true) });
        const moments = [[await now(), await contents(TableName)]];
        let seed = 7;
        const random = (bound) => (seed = (seed * 1103515245 + 12345) % 2 ** 31) % bound;
        for (let i = 0; i < 60; i++) {
            await advance([1, 1, 1, HOUR, 30 * HOUR][random(5)]);
            const pk = `p${random(6)}`;
            if (random(4) === 0)
                await moved.ok("DeleteItem", { TableName, Key: { pk: { S: pk } } });
            else
                await put(TableName, pk, i);
            moments.push([await now(), await contents(TableName)]);
        }
        await advance(HOUR);
        const horizon = (await now()) - 35 * 24 * HOUR;
        for (const [time, wanted] of moments.filter(([time], i) => i % 7 === 0 && time > horizon))
            assert.deepEqual(await restore(TableName, time), wanted, `at ${time}`);
        assert.deepEqual(await restore(TableName), moments.at(-1)[1]);
    });

    it("changes older than a day are in segments, and none is lost", async () => {
        const TableName = await recovered();
        await put(TableName, "a", 1);
        const first = await now();
        await advance(26 * HOUR);
        await put(TableName, "a", 2);
        await advance(26 * HOUR);
        await untilIs(async () => files(".segment").length > 0, true);
        assert.deepEqual(await restore(TableName, first), { a: 1 });
    });

    it("what lies before the period is gone", async () => {
        const TableName = await recovered(1);
        const begun = await now();
        await put(TableName, "a", 1);
        await advance(30 * HOUR);
        const { EarliestRestorableDateTime } = (await moved.ok("DescribeContinuousBackups", { TableName })).ContinuousBackupsDescription.PointInTimeRecoveryDescription;
        assert.equal(Math.round(EarliestRestorableDateTime), Math.round(begun + 6 * HOUR));
        expectError(await moved.call("RestoreTableToPointInTime", { SourceTableName: TableName, TargetTableName: moved.tableName(), RestoreDateTime: begun }), "InvalidRestoreTimeException", /./);
    });

    it("a moment that becomes too old while it is asked for is refused as such, or the table is as it was then", async () => {
        const TableName = await recovered(1);
        const written = [];
        for (let n = 1; n <= 32; n++) {
            await put(TableName, "a", n);
            written.push({ atMs: Math.round((await now()) * 1000), n });
            await advance(9 * HOUR);
            if (n % 4 !== 0)
                continue;
            const { EarliestRestorableDateTime } = (await moved.ok("DescribeContinuousBackups", { TableName })).ContinuousBackupsDescription.PointInTimeRecoveryDescription;
            const RestoreDateTime = Math.ceil(EarliestRestorableDateTime);
            const TargetTableName = moved.tableName();
            moved.willDelete(TargetTableName);
            const [answer] = await Promise.all([moved.call("RestoreTableToPointInTime", { SourceTableName: TableName, TargetTableName, RestoreDateTime }), advance(30 * HOUR)]);
            if (answer.status !== 200) {
                expectError(answer, "InvalidRestoreTimeException", /./);
                continue;
            }
            await moved.untilActive(TargetTableName);
            assert.deepEqual(await contents(TargetTableName), { a: written.findLast(({ atMs }) => atMs <= RestoreDateTime * 1000).n });
        }
    });

    it("off and on again begins anew", async () => {
        const TableName = await recovered();
        await put(TableName, "a", 1);
        await advance(HOUR);
        await moved.ok("UpdateContinuousBackups", { TableName, ...specification(false) });
        await put(TableName, "a", 2);
        await moved.ok("UpdateContinuousBackups", { TableName, ...specification(true) });
        const { EarliestRestorableDateTime } = (await moved.ok("DescribeContinuousBackups", { TableName })).ContinuousBackupsDescription.PointInTimeRecoveryDescription;
        assert.equal(EarliestRestorableDateTime, await now());
        assert.deepEqual(await restore(TableName), { a: 2 });
    });

    it("goes on where it was after a kill", async () => {
        if (process.env.STATOR_TEST_FLAGS?.includes("--in-memory"))
            return; /* whose data goes with the process */
        const own = await openEndpoint({ clock: "manual", backupDir: directory() });
        const TableName = await own.table();
        const write = (api, n) => api.ok("PutItem", { TableName, Item: { pk: { S: "a" }, n: { N: String(n) } } });
        const earliest = async (api) => (await api.ok("DescribeContinuousBackups", { TableName })).ContinuousBackupsDescription.PointInTimeRecoveryDescription.EarliestRestorableDateTime;
        await own.ok("UpdateContinuousBackups", { TableName, ...specification(true) });
        await write(own, 1);
        const begun = await earliest(own);
        await own.server.kill();
        await own.server.start();
        const again = new own.constructor(own.server.url);
        await write(again, 2); /* later: the clock began anew */
        assert.equal(await earliest(again), begun);
        const TargetTableName = again.tableName();
        await again.ok("RestoreTableToPointInTime", { SourceTableName: TableName, TargetTableName, UseLatestRestorableTime: true });
        await again.untilActive(TargetTableName);
        assert.deepEqual((await again.ok("Scan", { TableName: TargetTableName })).Items.map(({ n }) => n.N), ["1"]);
    });

    it("a table that is deleted leaves a system backup for 35 days", async () => {
        const TableName = await recovered();
        for (let i = 0; i < 30; i++)
            await put(TableName, `p${i}`, i);
        const wanted = await contents(TableName);
        await moved.ok("DeleteTable", { TableName });
        const list = async (BackupType = "SYSTEM") => (await moved.ok("ListBackups", { TableName, BackupType })).BackupSummaries;
        await untilIs(async () => (await list())[0]?.BackupStatus, "AVAILABLE");
        const [{ BackupName, BackupArn, BackupType, BackupExpiryDateTime }] = await list();
        assert.deepEqual([(await list("ALL")).length, (await list("USER")).length, (await moved.ok("ListBackups", { TableName })).BackupSummaries.length], [1, 0, 0]);
        assert.deepEqual([BackupName, BackupType], [`${TableName}$DeletedTableBackup`, "SYSTEM"]);
        assert.equal(Math.round(BackupExpiryDateTime - (await now())), 35 * 24 * HOUR);
        expectError(await moved.call("DeleteBackup", { BackupArn }), "ValidationException",
            `Invalid Request: User is not allowed to delete the system backup with arn ${BackupArn}. It will automatically expire on ${new Date(BackupExpiryDateTime * 1000).toISOString().replace(/\.\d+/, "")}`);
        const TargetTableName = moved.tableName();
        await moved.ok("RestoreTableFromBackup", { BackupArn, TargetTableName });
        await moved.untilActive(TargetTableName);
        assert.deepEqual(await contents(TargetTableName), wanted);
        await advance(36 * 24 * HOUR);
        await untilIs(async () => (await list()).length, 0);
    });
});
