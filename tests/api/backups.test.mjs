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
import { broken, enumOf, expectError, lengthAtLeast, NOT_NULL, PATTERN, refuses, refusesWrongTypes, validationErrors, valueAtMost } from "../support/expect.mjs";
import { exchange } from "../support/http.mjs";
import { runStator } from "../support/server.mjs";
import { untilIs } from "../support/until.mjs";

const backupDir = mkdtempSync(join(tmpdir(), "stator-backups-"));
const api = await openEndpoint(isOwnServer ? { backupDir } : {});
after(() => rmSync(backupDir, { recursive: true, force: true }));

const missing = api.tableName();

const noArn = (table) => `arn:aws:dynamodb:us-east-1:000000000000:table/${table}/backup/01700000000000-0123abcd`;

const wrongArns = [
    ["the ARN of a table", { BackupArn: noArn(missing).replace(/\/backup.*/, "") }, "Invalid Backup ARN"],
    ["the ARN of an export", { BackupArn: noArn(missing).replace("backup", "export") }, "Invalid Backup ARN"],
    ["no ARN", { BackupArn: "x".repeat(48) }, "Invalid Backup ARN"],
    ["a region that there is not", { BackupArn: noArn(missing).replace("us-east-1", "xx-none-1") }, "Invalid Request: BackupArn is not valid"],
    ["another partition", { BackupArn: noArn(missing).replace("arn:aws:", "arn:aws-cn:") }, "Invalid Request: BackupArn is not valid"],
    ["another service", { BackupArn: noArn(missing).replace(":dynamodb:", ":s3:") }, "Invalid Request: BackupArn is not valid"],
    ["no region", { BackupArn: noArn(missing).replace("us-east-1", "") }, "Access is denied", "AccessDeniedException"],
    ["another account", { BackupArn: noArn(missing).replace("000000000000", "999999999999") }, "Access is denied", "AccessDeniedException"],
];

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
            ...wrongArns,
        ]);
    refuses(api, "ListBackups", "ValidationException", [
        ...wrongArns.map(([claim, { BackupArn }, ...refused]) => [claim, { ExclusiveStartBackupArn: BackupArn }, ...refused]),
        ["a cursor of another region", { ExclusiveStartBackupArn: noArn(missing).replace("us-east-1", "eu-west-1") }, "Invalid Request: The supplied ExclusiveStartBackupArn does not match the region"],
        ["more than a hundred", { Limit: 101 }, validationErrors(broken(101, "limit", valueAtMost(100)))],
        ["a type that is none", { BackupType: "user" }, validationErrors(broken("user", "backupType", enumOf("USER", "SYSTEM", "AWS_BACKUP", "ALL")))],
        ["a range that ends before it begins", { TimeRangeLowerBound: 2, TimeRangeUpperBound: 1 }, "One or more parameter values were invalid: Time range lower bound must be less than or equal to upper bound"],
    ]);
    refuses(api, "RestoreTableFromBackup", "ValidationException", [
        ...wrongArns.map(([claim, { BackupArn }, ...refused]) => [claim, { TargetTableName: missing, BackupArn }, ...refused]),
        ["a backup of another region without a key for the copy", { TargetTableName: missing, BackupArn: noArn(missing).replace("us-east-1", "eu-west-1") }, "Invalid Request: sseSpecificationOverride must be provided for cross-region restores"],
        ["a backup of another region, where there is none", { TargetTableName: missing, BackupArn: noArn(missing).replace("us-east-1", "eu-west-1"), SSESpecificationOverride: { Enabled: true } }, /^Backup not found: /, "BackupNotFoundException"],
        ["nothing at all", {}, validationErrors(broken(null, "backupArn", NOT_NULL), broken(null, "targetTableName", NOT_NULL))],
        ["no name of a key", { TargetTableName: missing, BackupArn: noArn(missing), SSESpecificationOverride: { Enabled: true, KMSMasterKeyId: "" } }, validationErrors(broken("", "sSESpecificationOverride.kMSMasterKeyId", lengthAtLeast(1)))],
        ["a backup that is not there", { TargetTableName: missing, BackupArn: noArn(missing) }, `Backup not found: ${noArn(missing)}`, "BackupNotFoundException"],
    ]);

    it("a name that is in use, overrides that do not fit", async () => {
        const TableName = await api.table();
        const BackupArn = await backUp(TableName);
        expectError(await api.call("RestoreTableFromBackup", { BackupArn, TargetTableName: TableName }), "TableAlreadyExistsException", `Table already exists: ${TableName}`);
        const index = { IndexName: "byOther", KeySchema: [{ AttributeName: "other", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } };
        expectError(await api.call("RestoreTableFromBackup", { BackupArn, TargetTableName: missing, GlobalSecondaryIndexOverride: [index] }), "ValidationException",
            "Invalid Request: Index byOther does not match a secondary index that existed in the source table and cannot be created during the restore operation");
        const units = { ReadCapacityUnits: 1, WriteCapacityUnits: 1 };
        for (const [overrides, reason] of [
            [{ BillingModeOverride: "PROVISIONED" }, "Must override ProvisionedThroughput if BillingMode is overridden to PROVISIONED"],
            [{ ProvisionedThroughputOverride: units }, "Cannot override ProvisionedThroughput unless BillingMode is PROVISIONED"],
            [{ BillingModeOverride: "PAY_PER_REQUEST", ProvisionedThroughputOverride: units }, "Cannot override ProvisionedThroughput if BillingMode is overridden to PAY_PER_REQUEST"],
            [{ BillingModeOverride: "PROVISIONED", ProvisionedThroughputOverride: units, OnDemandThroughputOverride: { MaxReadRequestUnits: 5 } }, "Cannot override MaxReadRequestUnits for OnDemandThroughput unless BillingModeOverride is PAY_PER_REQUEST"],
            [{ BillingModeOverride: "PROVISIONED", ProvisionedThroughputOverride: units, OnDemandThroughputOverride: { MaxWriteRequestUnits: 5 } }, "Cannot override MaxWriteRequestUnits for OnDemandThroughput unless BillingModeOverride is PAY_PER_REQUEST"],
        ])
            expectError(await api.call("RestoreTableFromBackup", { BackupArn, TargetTableName: missing, ...overrides }), "ValidationException", `Invalid Request: ${reason}`);
        for (const [name, units] of [["MaxReadRequestUnits", 0], ["MaxWriteRequestUnits", -1]])
            expectError(await api.call("RestoreTableFromBackup", { BackupArn, TargetTableName: missing, OnDemandThroughputOverride: { [name]: units } }), "ValidationException", `Invalid Request: Requested ${name} for OnDemandThroughput is outside of valid range`);
        expectError(await api.call("DescribeTable", { TableName: missing }), "ResourceNotFoundException", /./);
    });
});

describe("CreateBackup, DescribeBackup, ListBackups, DeleteBackup and RestoreTableFromBackup, working", () => {
    it("are understood by the SDK", async () => {
        const TableName = await api.table();
        await put(TableName, "a", { n: { N: "1" } });
        const { BackupDetails: made } = await api.client.send(new CreateBackupCommand({ TableName, BackupName: "my-backup" }));
        assert.match(made.BackupArn, new RegExp(`:table/${TableName}/backup/\\d{14}-[0-9a-f]{8}$`));
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

    it("a restored table has the items of the moment, its indexes and settings", async () => {
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
        assert.equal(Table.RestoreSummary, undefined);
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

    it("a table may be deleted as soon as its backup is asked for", async () => {
        const TableName = await api.table();
        await put(TableName, "a");
        const { BackupDetails: { BackupArn } } = await api.ok("CreateBackup", { TableName, BackupName: "backup" });
        await api.ok("DeleteTable", { TableName });
        await untilIs(async () => (await describeBackup(BackupArn)).BackupDetails.BackupStatus, "AVAILABLE");
        assert.equal((await itemsOf(await restore(BackupArn))).length, 1);
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
        const { BackupSummaries } = await api.ok("ListBackups", { TableName });
        const [first, , last] = BackupSummaries.map((each) => each.BackupCreationDateTime);
        assert.ok((await listed({ TimeRangeLowerBound: first })).length === 3, "the lower bound is in");
        assert.ok(!(await listed({ TimeRangeUpperBound: last })).includes(BackupSummaries[2].BackupArn), "the upper bound is out");
        assert.deepEqual(await listed({ ExclusiveStartBackupArn: BackupSummaries[2].BackupArn.replace(/.{8}$/, "ffffffff") }), [], "a cursor need not be there");
        assert.equal((await api.ok("ListBackups", { TableName, Limit: 3 })).LastEvaluatedBackupArn, undefined);
    });

    it("the region of an ARN is not looked at, and is repeated", async () => {
        const elsewhere = (await backUp(await api.table())).replace("us-east-1", "eu-central-1");
        assert.equal((await describeBackup(elsewhere)).BackupDetails.BackupArn, elsewhere);
        assert.equal((await api.ok("DeleteBackup", { BackupArn: elsewhere })).BackupDescription.BackupDetails.BackupArn, elsewhere);
        expectError(await api.call("DescribeBackup", { BackupArn: elsewhere }), "BackupNotFoundException", `Backup not found: ${elsewhere.replace("eu-central-1", "us-east-1")}`);
    });

    it("an index is restored under another name, with units of its own", async () => {
        const keys = [{ AttributeName: "g", KeyType: "HASH" }];
        const TableName = await api.table("pk S", {
            AttributeDefinitions: ["pk", "g"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
            GlobalSecondaryIndexes: [{ IndexName: "old", KeySchema: keys, Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["x", "y"] }, OnDemandThroughput: { MaxReadRequestUnits: 9 } }],
        });
        await put(TableName, "a", { g: { S: "g" }, x: { S: "x" } });
        const BackupArn = await backUp(TableName);
        const TargetTableName = missing;
        const index = (more) => ({ GlobalSecondaryIndexOverride: [{ IndexName: "new", KeySchema: keys, Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["y", "x"] }, ...more }] });
        const units = { ReadCapacityUnits: 1, WriteCapacityUnits: 1 };
        const provisioned = { BillingModeOverride: "PROVISIONED", ProvisionedThroughputOverride: units };
        for (const [overrides, reason] of [
            [index({ Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["x"] } }), "Index new does not match a secondary index that existed in the source table and cannot be created during the restore operation"],
            [{ ...provisioned, ...index() }, "Must specify provisioned throughput for index new"],
            [index({ ProvisionedThroughput: units }), "Cannot override ProvisionedThroughput unless BillingMode is PROVISIONED for index new"],
            [{ BillingModeOverride: "PAY_PER_REQUEST", ...index({ ProvisionedThroughput: units }) }, "Cannot override ProvisionedThroughput if BillingMode is overridden to PAY_PER_REQUEST for index new"],
        ])
            expectError(await api.call("RestoreTableFromBackup", { BackupArn, TargetTableName, ...overrides }), "ValidationException", `Invalid Request: ${reason}`);
        const target = await restore(BackupArn, { ...provisioned, ...index({ ProvisionedThroughput: { ReadCapacityUnits: 2, WriteCapacityUnits: 3 } }) });
        const [restored] = (await api.ok("DescribeTable", { TableName: target })).Table.GlobalSecondaryIndexes;
        assert.deepEqual([restored.IndexName, restored.ProvisionedThroughput.WriteCapacityUnits, restored.OnDemandThroughput], ["new", 3, undefined]);
        assert.equal((await itemsOf(target, { IndexName: "new" })).length, 1);
    });
});

describe("a table that is being restored", { skip: !isOwnServer && "the clock is moved" }, async () => {
    const DELAY_MS = 5000;
    const moved = isOwnServer && (await openEndpoint({ clock: "manual", transitionDelayMs: DELAY_MS, backupDir: mkdtempSync(join(backupDir, "moved-")) }));
    const advance = (milliseconds) => exchange(moved, { method: "PUT", path: "/_stator/clock", body: JSON.stringify({ AdvanceMilliseconds: milliseconds }) });
    const create = async (TableName, more) => {
        await moved.ok("CreateTable", { TableName, BillingMode: "PAY_PER_REQUEST", AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }], KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }], ...more });
        await advance(DELAY_MS);
    };
    const available = async (TableName) => {
        const { BackupDetails: { BackupArn } } = await moved.ok("CreateBackup", { TableName, BackupName: "backup" });
        await untilIs(async () => (await moved.ok("DescribeBackup", { BackupArn })).BackupDescription.BackupDetails.BackupStatus, "AVAILABLE");
        return BackupArn;
    };
    const global = (name) => ({ IndexName: name, KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } });

    it("is described and nothing else; its backup feeds no other; afterwards nothing tells", async () => {
        const [source, target] = [moved.tableName(), moved.tableName()];
        await create(source, { GlobalSecondaryIndexes: [global("index")] });
        const BackupArn = await available(source);
        const { TableDescription } = await moved.ok("RestoreTableFromBackup", { BackupArn, TargetTableName: target });
        assert.deepEqual([TableDescription.TableStatus, TableDescription.RestoreSummary.SourceBackupArn, TableDescription.RestoreSummary.RestoreInProgress], ["CREATING", BackupArn, true]);
        assert.match(TableDescription.RestoreSummary.SourceTableArn, new RegExp(`:table/${source}$`));
        const described = (await moved.ok("DescribeTable", { TableName: target })).Table;
        assert.equal(described.GlobalSecondaryIndexes[0].IndexStatus, undefined);
        const notThere = `Requested resource not found: Table: ${target} not found`;
        for (const [operation, request] of [
            ["UpdateTable", { DeletionProtectionEnabled: true }],
            ["UpdateTimeToLive", { TimeToLiveSpecification: { Enabled: true, AttributeName: "x" } }],
            ["DescribeTimeToLive", {}],
            ["DescribeContributorInsights", {}],
        ])
            expectError(await moved.call(operation, { TableName: target, ...request }), "ResourceNotFoundException", notThere);
        for (const [operation, request] of [["TagResource", { Tags: [{ Key: "k", Value: "v" }] }], ["ListTagsOfResource", {}]])
            expectError(await moved.call(operation, { ResourceArn: TableDescription.TableArn, ...request }), "ResourceNotFoundException", /not found/);
        for (const [operation, request] of [
            ["CreateBackup", { BackupName: "backup" }],
            ["DescribeContinuousBackups", {}],
            ["UpdateContinuousBackups", { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }],
        ])
            expectError(await moved.call(operation, { TableName: target, ...request }), "TableNotFoundException", `Table not found: ${target}`);
        expectError(await moved.call("RestoreTableFromBackup", { BackupArn, TargetTableName: target }), "TableInUseException", `Table: ${target} is already being restored from backup: ${BackupArn}`);
        expectError(await moved.call("RestoreTableFromBackup", { BackupArn, TargetTableName: moved.tableName() }), "BackupInUseException", `Backup is being used to restore another table: ${BackupArn}`);
        expectError(await moved.call("DeleteBackup", { BackupArn }), "BackupInUseException", `Backup is being used to restore table: ${BackupArn}`);
        expectError(await moved.call("CreateTable", { TableName: target, BillingMode: "PAY_PER_REQUEST", AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }], KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }] }), "ResourceInUseException", `Table is being used: ${target}`);
        expectError(await moved.call("DeleteTable", { TableName: target }), "ResourceInUseException", /Table is being created/);
        await advance(DELAY_MS);
        await untilIs(async () => (await moved.ok("DescribeTable", { TableName: target })).Table.TableStatus, "ACTIVE");
        assert.equal((await moved.ok("DescribeTable", { TableName: target })).Table.RestoreSummary, undefined);
        await moved.ok("DescribeTimeToLive", { TableName: target });
        await moved.ok("DeleteBackup", { BackupArn });
    });

    it("a table on its way out is unknown to backups, and its name is taken", async () => {
        const [source, leaving] = [moved.tableName(), moved.tableName()];
        await create(source);
        await create(leaving);
        const BackupArn = await available(source);
        await moved.ok("DeleteTable", { TableName: leaving });
        for (const [operation, request] of [["CreateBackup", { BackupName: "backup" }], ["UpdateContinuousBackups", { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }]])
            expectError(await moved.call(operation, { TableName: leaving, ...request }), "TableNotFoundException", `Table not found: ${leaving}`);
        expectError(await moved.call("RestoreTableFromBackup", { BackupArn, TargetTableName: leaving }), "TableAlreadyExistsException", `Table already exists: ${leaving}`);
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
