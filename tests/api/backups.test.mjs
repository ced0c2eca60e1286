/*
 * CreateBackup, DescribeBackup, ListBackups, DeleteBackup, RestoreTableFromBackup.
 * Source: service model; Developer Guide, "Backup and restore"; the control plane measured on the
 * service.
 */
import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { CreateBackupCommand, DescribeBackupCommand, ListBackupsCommand } from "@aws-sdk/client-dynamodb";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { broken, expectError, lengthAtLeast, NOT_NULL, PATTERN, refuses, refusesWrongTypes, validationErrors } from "../support/expect.mjs";
import { runStator } from "../support/server.mjs";

const backupDir = mkdtempSync(join(tmpdir(), "stator-backups-"));
const api = await openEndpoint(isOwnServer ? { backupDir } : {});
after(() => rmSync(backupDir, { recursive: true, force: true }));

const missing = api.tableName();

const noArn = (table) => `arn:aws:dynamodb:us-east-1:000000000000:table/${table}/backup/01700000000000-0123abcd`;

const untilIs = async (look, wanted) => {
    for (let tries = 0; tries < 3000; tries++) {
        if ((await look()) === wanted)
            return;
        await pause(10);
    }
    assert.equal(await look(), wanted);
};
const describeBackup = async (BackupArn) => (await api.ok("DescribeBackup", { BackupArn })).BackupDescription;
const backUp = async (TableName, BackupName = "backup") => {
    const { BackupDetails } = await api.ok("CreateBackup", { TableName, BackupName });
    await untilIs(async () => (await describeBackup(BackupDetails.BackupArn)).BackupDetails.BackupStatus, "AVAILABLE");
    return BackupDetails.BackupArn;
};
const restore = async (BackupArn, more = {}) => {
    const TargetTableName = api.tableName();
    api.willDelete(TargetTableName);
    await api.ok("RestoreTableFromBackup", { BackupArn, TargetTableName, ...more });
    await api.untilActive(TargetTableName);
    return TargetTableName;
};
const itemsOf = async (TableName, more = {}) => {
    const items = [];
    for (let ExclusiveStartKey; ; ) {
        const page = await api.ok("Scan", { TableName, ExclusiveStartKey, ...more });
        items.push(...page.Items.map((item) => JSON.stringify(Object.entries(item).sort())));
        if (!(ExclusiveStartKey = page.LastEvaluatedKey))
            return items.sort();
    }
};
const put = (TableName, pk, more = {}) => api.ok("PutItem", { TableName, Item: { pk: { S: pk }, ...more } });

describe("CreateBackup, DescribeBackup, ListBackups, DeleteBackup and RestoreTableFromBackup, malformed", () => {
    refusesWrongTypes(api, "CreateBackup", { TableName: "String", BackupName: "String" });
    refusesWrongTypes(api, "DescribeBackup", { BackupArn: "String" });
    refusesWrongTypes(api, "DeleteBackup", { BackupArn: "String" });
    refusesWrongTypes(api, "ListBackups", { TableName: "String", Limit: "Integer", ExclusiveStartBackupArn: "String", BackupType: "String" });
    refusesWrongTypes(api, "RestoreTableFromBackup", { TargetTableName: "String", BackupArn: "String" });
});

describe("CreateBackup, DescribeBackup, ListBackups, DeleteBackup and RestoreTableFromBackup, invalid", async () => {
    refuses(api, "CreateBackup", "ValidationException", [
        ["nothing at all", {}, validationErrors(broken(null, "tableName", NOT_NULL), broken(null, "backupName", NOT_NULL))],
        ["a short name", { TableName: missing, BackupName: "ab" }, validationErrors(broken("ab", "backupName", lengthAtLeast(3)))],
        ["a name with a blank", { TableName: missing, BackupName: "a name" }, validationErrors(broken("a name", "backupName", PATTERN))],
        ["a table that is not there", { TableName: missing, BackupName: "backup" }, `Table not found: ${missing}`, "TableNotFoundException"],
    ]);
    for (const operation of ["DescribeBackup", "DeleteBackup"])
        refuses(api, operation, "ValidationException", [
            ["nothing at all", {}, validationErrors(broken(null, "backupArn", NOT_NULL))],
            ["a short ARN", { BackupArn: "arn" }, validationErrors(broken("arn", "backupArn", lengthAtLeast(37)))],
            ["a backup that is not there", { BackupArn: noArn(missing) }, `Backup not found: ${noArn(missing)}`, "BackupNotFoundException"],
            ["an ARN of something else", { BackupArn: "arn:aws:dynamodb:us-east-1:000000000000:table/something" }, /^Backup not found: /, "BackupNotFoundException"],
        ]);
    refuses(api, "RestoreTableFromBackup", "ValidationException", [
        ["nothing at all", {}, validationErrors(broken(null, "backupArn", NOT_NULL), broken(null, "targetTableName", NOT_NULL))],
        ["a backup that is not there", { TargetTableName: missing, BackupArn: noArn(missing) }, `Backup not found: ${noArn(missing)}`, "BackupNotFoundException"],
    ]);

    it("a name that is in use, overrides that do not fit", async () => {
        const TableName = await api.table();
        const BackupArn = await backUp(TableName);
        expectError(await api.call("RestoreTableFromBackup", { BackupArn, TargetTableName: TableName }), "TableAlreadyExistsException", `Table already exists: ${TableName}`);
        const index = { IndexName: "byOther", KeySchema: [{ AttributeName: "other", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } };
        expectError(await api.call("RestoreTableFromBackup", { BackupArn, TargetTableName: missing, GlobalSecondaryIndexOverride: [index] }), "ValidationException",
            "Invalid Request: Index byOther does not match a secondary index that existed in the source table and cannot be created during the restore operation");
        expectError(await api.call("RestoreTableFromBackup", { BackupArn, TargetTableName: missing, BillingModeOverride: "PROVISIONED" }), "ValidationException", /must both be specified when BillingMode is PROVISIONED/);
        expectError(await api.call("DescribeTable", { TableName: missing }), "ResourceNotFoundException", /./);
    });
});

describe("CreateBackup, DescribeBackup, ListBackups, DeleteBackup and RestoreTableFromBackup, working", () => {
    it("are understood by the SDK", async () => {
        const TableName = await api.table();
        await put(TableName, "a", { n: { N: "1" } });
        const { BackupDetails: made } = await api.client.send(new CreateBackupCommand({ TableName, BackupName: "my-backup" }));
        assert.match(made.BackupArn, new RegExp(`:table/${TableName}/backup/\\d{13,14}-[0-9a-f]{8}$`));
        assert.equal(made.BackupType, "USER");
        assert.ok(made.BackupCreationDateTime instanceof Date);
        await untilIs(async () => (await describeBackup(made.BackupArn)).BackupDetails.BackupStatus, "AVAILABLE");
        const { BackupDescription } = await api.client.send(new DescribeBackupCommand({ BackupArn: made.BackupArn }));
        assert.equal(BackupDescription.SourceTableDetails.TableName, TableName);
        assert.equal(BackupDescription.SourceTableDetails.ItemCount, 1);
        assert.deepEqual(BackupDescription.SourceTableDetails.KeySchema, [{ AttributeName: "pk", KeyType: "HASH" }]);
        const { BackupSummaries } = await api.client.send(new ListBackupsCommand({ TableName }));
        assert.deepEqual(BackupSummaries.map((each) => [each.BackupName, each.BackupArn, each.BackupStatus]), [["my-backup", made.BackupArn, "AVAILABLE"]]);
    });

    it("a restored table has the items of the moment, its indexes and settings, and says where it came from", async () => {
        const TableName = await api.table("pk S, sk N", {
            AttributeDefinitions: [["pk", "S"], ["sk", "N"], ["g", "S"], ["l", "S"]].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
            GlobalSecondaryIndexes: [{ IndexName: "global", KeySchema: [{ AttributeName: "g", KeyType: "HASH" }], Projection: { ProjectionType: "KEYS_ONLY" } }],
            LocalSecondaryIndexes: [{ IndexName: "local", KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "l", KeyType: "RANGE" }], Projection: { ProjectionType: "ALL" } }],
            Tags: [{ Key: "k", Value: "v" }],
        });
        for (let i = 0; i < 50; i++)
            await put(TableName, `p${i % 7}`, { sk: { N: String(i) }, g: { S: `g${i % 3}` }, l: { S: `l${i}` } });
        const before = await itemsOf(TableName);
        const { BackupDetails: { BackupArn } } = await api.ok("CreateBackup", { TableName, BackupName: "backup" });
        for (let i = 0; i < 50; i += 2)
            await api.ok("DeleteItem", { TableName, Key: { pk: { S: `p${i % 7}` }, sk: { N: String(i) } } });
        await put(TableName, "later", { sk: { N: "1" } });
        await untilIs(async () => (await describeBackup(BackupArn)).BackupDetails.BackupStatus, "AVAILABLE");
        const target = await restore(BackupArn);
        assert.deepEqual(await itemsOf(target), before);
        assert.equal((await itemsOf(target, { IndexName: "global" })).length, 50);
        assert.equal((await itemsOf(target, { IndexName: "local" })).length, 50);
        const { Table } = await api.ok("DescribeTable", { TableName: target });
        assert.equal(Table.ItemCount, 50);
        assert.equal(Table.RestoreSummary.SourceBackupArn, BackupArn);
        assert.equal(Table.RestoreSummary.RestoreInProgress, false);
        assert.match(Table.RestoreSummary.SourceTableArn, new RegExp(`:table/${TableName}$`));
        assert.deepEqual((await api.ok("ListTagsOfResource", { ResourceArn: Table.TableArn })).Tags ?? [], []);
        const without = await restore(BackupArn, { GlobalSecondaryIndexOverride: [], BillingModeOverride: "PROVISIONED", ProvisionedThroughputOverride: { ReadCapacityUnits: 3, WriteCapacityUnits: 4 } });
        const { Table: other } = await api.ok("DescribeTable", { TableName: without });
        assert.equal(other.GlobalSecondaryIndexes, undefined);
        assert.equal(other.LocalSecondaryIndexes.length, 1);
        assert.equal(other.ProvisionedThroughput.WriteCapacityUnits, 4);
        assert.deepEqual(await itemsOf(without), before);
    });

    it("a backup outlives its table, and goes when it is deleted", async () => {
        const TableName = await api.table();
        await put(TableName, "a");
        const BackupArn = await backUp(TableName);
        await api.ok("DeleteTable", { TableName });
        await api.untilGone(TableName);
        assert.equal((await itemsOf(await restore(BackupArn))).length, 1);
        assert.equal((await api.ok("DeleteBackup", { BackupArn })).BackupDescription.BackupDetails.BackupStatus, "DELETED");
        expectError(await api.call("DescribeBackup", { BackupArn }), "BackupNotFoundException", /./);
    });

    it("the cut is exact while others write: what was acknowledged before is in, what was sent after is not, transactions are whole", async () => {
        const TableName = await api.table();
        const LANES = 8;
        const sent = Array(LANES).fill(0);
        const acknowledged = Array(LANES).fill(0);
        let running = true;
        const write = async (lane) => {
            while (running) {
                const n = { N: String(++sent[lane]) };
                await api.ok("TransactWriteItems", { TransactItems: ["left", "right"].map((side) => ({ Put: { TableName, Item: { pk: { S: `${side}${lane}` }, n } } })) });
                acknowledged[lane] = sent[lane];
            }
        };
        for (let i = 0; i < 1000; i += 25) /* so that the scan takes its time */
            await api.ok("BatchWriteItem", { RequestItems: { [TableName]: Array.from({ length: 25 }, (_, j) => ({ PutRequest: { Item: { pk: { S: `fill${i + j}` }, text: { S: "x".repeat(2000) } } } })) } });
        const lanes = sent.map((_, lane) => write(lane));
        const cuts = [];
        for (let i = 0; i < 4; i++) {
            await pause(30);
            const before = [...acknowledged];
            const { BackupDetails: { BackupArn } } = await api.ok("CreateBackup", { TableName, BackupName: `cut${i}` });
            cuts.push({ BackupArn, before, after: [...sent] });
        }
        for (const { BackupArn } of cuts)
            await untilIs(async () => (await describeBackup(BackupArn)).BackupDetails.BackupStatus, "AVAILABLE");
        running = false;
        await Promise.all(lanes);
        for (const { BackupArn, before, after: limit } of cuts) {
            const target = await restore(BackupArn);
            assert.equal((await api.ok("DescribeTable", { TableName: target })).Table.ItemCount, 1000 + 2 * before.length);
            for (let lane = 0; lane < LANES; lane++) {
                const [left, right] = await Promise.all(["left", "right"].map(async (side) => Number((await api.ok("GetItem", { TableName: target, Key: { pk: { S: `${side}${lane}` } } })).Item.n.N)));
                assert.equal(left, right);
                assert.ok(before[lane] <= left && left <= limit[lane], `${before[lane]} <= ${left} <= ${limit[lane]}`);
            }
        }
    });

    it("lists page by page, by time and by type", async () => {
        const TableName = await api.table();
        const arns = [];
        for (const name of ["one", "two", "three"])
            arns.push(await backUp(TableName, name));
        const listed = async (more) => (await api.ok("ListBackups", { TableName, ...more })).BackupSummaries.map((each) => each.BackupArn);
        assert.deepEqual((await listed()).sort(), [...arns].sort());
        const found = [];
        for (let ExclusiveStartBackupArn; ; ) {
            const page = await api.ok("ListBackups", { TableName, Limit: 1, ExclusiveStartBackupArn });
            found.push(...page.BackupSummaries.map((each) => each.BackupArn));
            if (!(ExclusiveStartBackupArn = page.LastEvaluatedBackupArn))
                break;
        }
        assert.deepEqual(found.sort(), [...arns].sort());
        assert.deepEqual(await listed({ BackupType: "SYSTEM" }), []);
        assert.deepEqual(await listed({ BackupType: "ALL", TimeRangeLowerBound: Date.now() / 1000 + 3600 }), []);
        assert.equal((await listed({ TimeRangeUpperBound: Date.now() / 1000 + 3600 })).length, 3);
    });
});

describe("backups on the disk", { skip: !isOwnServer && "the files are looked at" }, async () => {
    it("a backup that was asked for is made by the next process, and one that is there is found", async () => {
        if (process.env.STATOR_TEST_FLAGS?.includes("--in-memory"))
            return; /* whose data goes with the process */
        const own = await openEndpoint({ transitionDelayMs: 0 });
        const TableName = await own.table();
        for (let i = 0; i < 200; i++)
            await own.ok("PutItem", { TableName, Item: { pk: { S: `p${i}` } } });
        const { BackupDetails: { BackupArn } } = await own.ok("CreateBackup", { TableName, BackupName: "backup" });
        await own.server.kill();
        await own.server.start();
        const again = new own.constructor(own.server.url);
        const status = async () => (await again.ok("DescribeBackup", { BackupArn })).BackupDescription.BackupDetails.BackupStatus;
        await untilIs(status, "AVAILABLE");
        const TargetTableName = again.tableName();
        await again.ok("RestoreTableFromBackup", { BackupArn, TargetTableName });
        await own.server.kill(); /* in the middle, or thereabouts */
        await own.server.start();
        const third = new own.constructor(own.server.url);
        await third.untilActive(TargetTableName);
        assert.equal((await third.ok("Scan", { TableName: TargetTableName, Select: "COUNT" })).Count, 200);
        await own.server.stop();
        const { code, output } = await runStator(["check", own.server.directory]);
        assert.equal(code, 0, output);
        const folder = join(own.server.directory, "backups");
        const proved = await runStator(["verify-backup", folder]);
        assert.equal(proved.code, 0, proved.output + proved.errors);
        assert.match(proved.output, /items=200 /);
        assert.match(own.server.log(), /event=backups_beside_data/);
    });

    it("a damaged one is refused with its file and offset, and nothing is restored", async () => {
        const TableName = await api.table();
        for (let i = 0; i < 20; i++)
            await put(TableName, `p${i}`);
        const BackupArn = await backUp(TableName);
        const file = join(backupDir, readdirSync(backupDir).find((name) => BackupArn.endsWith(name.replace(".backup", ""))));
        const bytes = readFileSync(file);
        const TargetTableName = api.tableName();
        const refused = async () => {
            const { status, json } = await api.call("RestoreTableFromBackup", { BackupArn, TargetTableName });
            assert.equal(status, 500);
            assert.match(json.message, new RegExp(`${file} is damaged at offset \\d+`));
            expectError(await api.call("DescribeTable", { TableName: TargetTableName }), "ResourceNotFoundException", /./);
            const { code, output, errors } = await runStator(["verify-backup", file]);
            assert.notEqual(code, 0);
            assert.match(output + errors, /is damaged at offset \d+/);
        };
        for (const offset of [0, 12, 40, bytes.length >> 1, bytes.length - 1]) {
            const damaged = Buffer.from(bytes);
            damaged[offset] ^= 0x10;
            writeFileSync(file, damaged);
            await refused();
        }
        writeFileSync(file, bytes.subarray(0, bytes.length - 20));
        await refused();
        writeFileSync(file, bytes);
        appendFileSync(file, "x");
        await refused();
        writeFileSync(file, bytes);
        assert.equal((await itemsOf(await restore(BackupArn))).length, 20);
        await api.ok("DeleteBackup", { BackupArn });
        assert.equal(existsSync(file), false);
    });
});
