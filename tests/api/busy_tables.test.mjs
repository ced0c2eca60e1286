/*
 * What a table that is busy takes, and what it shows meanwhile. Every rule and text was measured
 * on the service, one call beside one change that was under way.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { expectError } from "../support/expect.mjs";
import { exchange } from "../support/http.mjs";

const DELAY_MS = 5000;
const IN_USE = "Attempt to change a resource which is still in use: ";
const byGk = { IndexName: "ByGk", KeySchema: [{ AttributeName: "gk", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } };
const units = (read) => ({ ProvisionedThroughput: { ReadCapacityUnits: read, WriteCapacityUnits: read } });
const provisioned = (read) => ({ BillingMode: "PROVISIONED", ...units(read) });
const onDemand = { BillingMode: "PAY_PER_REQUEST" };
const stream = { StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" } };
const noStream = { StreamSpecification: { StreamEnabled: false } };
const infrequent = { TableClass: "STANDARD_INFREQUENT_ACCESS" };
const standard = { TableClass: "STANDARD" };
const ceilings = { OnDemandThroughput: { MaxReadRequestUnits: 100 } };
const warm = { WarmThroughput: { ReadUnitsPerSecond: 13_000, WriteUnitsPerSecond: 5000 } };
const protect = { DeletionProtectionEnabled: true };
const encrypt = { SSESpecification: { Enabled: true, SSEType: "KMS" } };
const index = { AttributeDefinitions: [{ AttributeName: "gk", AttributeType: "S" }], GlobalSecondaryIndexUpdates: [{ Create: byGk }] };
const noIndex = { GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: "ByGk" } }] };

describe("busy tables", { skip: !isOwnServer && "a clock of our own" }, async () => {
    const backupDir = mkdtempSync(join(tmpdir(), "stator-busy-"));
    after(() => rmSync(backupDir, { recursive: true, force: true }));
    const api = isOwnServer && (await openEndpoint({ transitionDelayMs: DELAY_MS, clock: "manual", backupDir }));
    const advance = (AdvanceMilliseconds) => exchange(api, { method: "PUT", path: "/_stator/clock", body: JSON.stringify({ AdvanceMilliseconds }) });
    const described = async (TableName) => (await api.ok("DescribeTable", { TableName })).Table;
    const update = async (TableName, change) => (await api.ok("UpdateTable", { TableName, ...change })).TableDescription;

    const newTable = async (more = {}) => {
        const TableName = api.tableName();
        await api.ok("CreateTable", { TableName, ...onDemand, AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }], KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }], ...more });
        await advance(DELAY_MS);
        return TableName;
    };

    /* What a table is made and brought to do, then what it refuses beside that, and what it takes. */
    const iops = (table) => `Table IOPS are currently being updated. Table: ${table}`;
    const streaming = (what, operation) => (table, label) => `${what} Table: ${table} Stream: ${label} Operation: ${operation}`;
    const classing = (what) => (table) => `${what} Table: ${table} TableClassUpdateInProgress: STANDARD_INFREQUENT_ACCESS`;
    const unsaid = (table) => `Table: ${table} is in the process of being updated.`;
    const jobs = [
        {
            job: "throughput", made: provisioned(5), change: units(6),
            refused: [
                [units(7), iops],
                [onDemand, iops],
                [stream, (table) => `Can't enable or disable stream while table IOPS are being updated. Table: ${table}`],
                [{ ...index, GlobalSecondaryIndexUpdates: [{ Create: { ...byGk, ...units(1) } }] }, (table) => `Can't create or delete indexes while table IOPS are being updated. Table: ${table}`],
                ["DeleteTable", unsaid],
            ],
            taken: [protect, encrypt, warm],
        },
        {
            job: "the switch to provisioned units", change: provisioned(5),
            refused: [
                [provisioned(6), iops],
                [ceilings, () => "OnDemandThroughput cannot be updated while BillingMode update is in progress"],
                [stream, (table) => `Can't enable or disable stream while table IOPS are being updated. Table: ${table}`],
                ["DeleteTable", unsaid],
            ],
            taken: [protect, encrypt, warm],
        },
        {
            job: "the switch to on demand", made: provisioned(5), change: onDemand,
            refused: [[provisioned(6), iops], [onDemand, iops], ["DeleteTable", unsaid]],
            taken: [protect, encrypt, warm],
        },
        {
            job: "a stream that comes", change: stream,
            refused: [
                [provisioned(5), streaming("Can't change table IOPS when stream status is being updated.", "ENABLE")],
                [infrequent, streaming("Can't update table class when stream status is being updated.", "ENABLE")],
                [stream, streaming("A stream status change is currently in progress.", "ENABLE")],
                [noStream, streaming("A stream status change is currently in progress.", "ENABLE")],
                [index, streaming("Can't create or delete an index when stream status is being updated.", "ENABLE")],
                [ceilings, () => "OnDemandThroughput cannot be updated while stream status update is in progress"],
                ["DeleteTable", () => "Cannot delete table while stream is being enabled/disabled."],
            ],
            taken: [protect, encrypt, warm, onDemand],
        },
        {
            job: "a stream that goes", made: stream, change: noStream,
            refused: [
                [provisioned(5), streaming("Can't change table IOPS when stream status is being updated.", "DISABLE")],
                [stream, streaming("A stream status change is currently in progress.", "DISABLE")],
                ["DeleteTable", () => "Cannot delete table while stream is being enabled/disabled."],
            ],
            taken: [protect, encrypt, warm],
        },
        {
            job: "a class", change: infrequent,
            refused: [
                [infrequent, classing("Can't update table class when a table class update is in progress.")],
                [standard, classing("Can't update table class when a table class update is in progress.")],
                [stream, classing("Can't change stream status when a table class update is in progress.")],
                [index, classing("Can't create or delete an index when a table class update is in progress.")],
                [ceilings, () => "OnDemandThroughput cannot be updated while TableClass update is in progress. TableClassUpdateInProgress: STANDARD_INFREQUENT_ACCESS"],
                ["DeleteTable", unsaid],
            ],
            taken: [protect, encrypt, warm],
        },
        {
            job: "an index that goes", made: { AttributeDefinitions: ["pk", "gk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })), GlobalSecondaryIndexes: [byGk] }, change: noIndex,
            refused: [
                [provisioned(5), (table) => `Can't change table IOPS when an index is being deleted. Table: ${table} Indexes: [ByGk]`],
                [ceilings, () => "OnDemandThroughput cannot be updated while index deletion is in progress for indexes: [ByGk]"],
                ["DeleteTable", () => "Cannot delete table while indexes are being created, updated, or deleted."],
            ],
            taken: [protect, encrypt, onDemand],
        },
        {
            job: "an index that comes", change: index,
            refused: [
                [provisioned(5), (table) => `Can't change table IOPS when an index is being created. Table: ${table} Indexes: [ByGk]`],
                [ceilings, () => "OnDemandThroughput cannot be updated while index creation is in progress for indexes: [ByGk]"],
                [stream, () => "Can't change stream status when an index is being created"],
                ["DeleteTable", () => "Cannot delete table while indexes are being created, updated, or deleted."],
            ],
            taken: [protect, encrypt],
        },
    ];
    for (const { job, made, change, refused, taken } of jobs)
        it(`beside ${job}`, async () => {
            const TableName = await newTable(made);
            assert.equal((await update(TableName, change)).TableStatus, "UPDATING");
            const label = (await described(TableName)).LatestStreamLabel;
            for (const [wish, text] of refused) {
                const failed = wish === "DeleteTable" ? await api.call(wish, { TableName }) : await api.call("UpdateTable", { TableName, ...wish });
                expectError(failed, "ResourceInUseException", IN_USE + text(TableName, label));
            }
            for (const wish of taken) {
                const status = (await update(TableName, wish)).TableStatus;
                assert.equal(status, wish === encrypt ? "ACTIVE" : "UPDATING", JSON.stringify(wish));
                assert.equal((await described(TableName)).TableStatus, "UPDATING");
            }
            for (const [operation, body] of [["UpdateTimeToLive", { TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true } }], ["UpdateContinuousBackups", { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }], ["UpdateContributorInsights", { ContributorInsightsAction: "ENABLE" }], ["CreateBackup", { BackupName: "meanwhile" }]])
                await api.ok(operation, { TableName, ...body });
            await api.ok("TagResource", { ResourceArn: (await described(TableName)).TableArn, Tags: [{ Key: "a", Value: "b" }] });
        });

    it("beside encryption and warm throughput everything but the end of the table goes on", async () => {
        for (const busy of [encrypt, warm]) {
            const TableName = await newTable();
            assert.equal((await update(TableName, busy)).TableStatus, "ACTIVE");
            expectError(await api.call("DeleteTable", { TableName }), "ResourceInUseException", IN_USE + unsaid(TableName));
            for (const wish of [ceilings, protect, stream])
                await api.ok("UpdateTable", { TableName, ...wish });
        }
    });

    it("throughput shows when the table, or the index, is ACTIVE again, and what is warm when it is warm", async () => {
        const made = { AttributeDefinitions: ["pk", "gk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })), GlobalSecondaryIndexes: [{ ...byGk, ...units(5) }] };
        const TableName = await newTable({ ...provisioned(5), ...made });
        const shownOf = ({ GlobalSecondaryIndexes: [index], ...table }) => [table, index].map(({ ProvisionedThroughput, WarmThroughput }) => [ProvisionedThroughput.ReadCapacityUnits, WarmThroughput?.ReadUnitsPerSecond, WarmThroughput?.Status]);
        const shown = async () => shownOf(await described(TableName));
        const indexed = (change) => ({ GlobalSecondaryIndexUpdates: [{ Update: { IndexName: "ByGk", ...change } }] });
        for (const [change, before, after] of [
            [units(6), [[5, 6, "ACTIVE"], [5, 5, "ACTIVE"]], [[6, 6, "ACTIVE"], [5, 5, "ACTIVE"]]],
            [indexed(units(7)), [[6, 6, "ACTIVE"], [5, 7, "ACTIVE"]], [[6, 6, "ACTIVE"], [7, 7, "ACTIVE"]]],
            [warm, [[6, 6, "UPDATING"], [7, 7, "ACTIVE"]], [[6, 13_000, "ACTIVE"], [7, 7, "ACTIVE"]]],
            [indexed(warm), [[6, 13_000, "ACTIVE"], [7, 7, "UPDATING"]], [[6, 13_000, "ACTIVE"], [7, 13_000, "ACTIVE"]]],
        ]) {
            const replied = shownOf(await update(TableName, change)).map(([read]) => read);
            assert.deepEqual(replied, before.map(([read]) => read));
            await advance(DELAY_MS - 1);
            assert.deepEqual(await shown(), before);
            await advance(1);
            assert.deepEqual(await shown(), after);
            await advance(1); /* a reply shows the moment before it */
        }

        await api.ok("UpdateTable", { TableName, ...onDemand });
        assert.deepEqual((await shown()).map(([read]) => read), [0, 0], "a switch shows at once");
        await advance(DELAY_MS);
        const both = [{ ReadUnitsPerSecond: 14_000 }, { ReadUnitsPerSecond: 15_000 }];
        for (const WarmThroughput of both) {
            assert.equal((await update(TableName, { WarmThroughput })).WarmThroughput.ReadUnitsPerSecond, 13_000);
            await advance(DELAY_MS / 2);
        }
        assert.deepEqual((await shown())[0], [0, 13_000, "UPDATING"]);
        await advance(DELAY_MS);
        assert.deepEqual((await shown())[0], [0, 15_000, "ACTIVE"], "of two the second");
    });

    it("a class shows when the table is ACTIVE again", async () => {
        const TableName = await newTable();
        const shown = async () => (await described(TableName)).TableClassSummary;
        const begun = (await update(TableName, infrequent)).TableClassSummary;
        await advance(DELAY_MS - 1);
        const meanwhile = await shown();
        await advance(1);
        const first = await shown();
        assert.deepEqual([begun, meanwhile, first.TableClass], [undefined, undefined, "STANDARD_INFREQUENT_ACCESS"]);

        assert.deepEqual((await update(TableName, standard)).TableClassSummary, first);
        await advance(DELAY_MS - 1);
        assert.deepEqual(await shown(), first);
        await advance(1);
        const second = await shown();
        assert.equal(second.TableClass, "STANDARD");
        assert.ok(second.LastUpdateDateTime > first.LastUpdateDateTime);
    });

    it("encryption shows the key that was, then the key that comes, then that it is through", async () => {
        const TableName = await newTable();
        const key = (id) => `arn:aws:kms:us-east-1:000000000000:key/${id}`;
        const keyed = (id) => ({ SSESpecification: { Enabled: true, SSEType: "KMS", KMSMasterKeyId: key(id) } });
        const updating = { Status: "UPDATING" };
        const of = (Status, id) => ({ Status, SSEType: "KMS", KMSMasterKeyArn: key(id) });
        for (const [change, before, after, end] of [
            [keyed("a"), updating, of("UPDATING", "a"), of("ENABLED", "a")],
            [keyed("b"), of("UPDATING", "a"), of("UPDATING", "b"), of("ENABLED", "b")],
            [{ SSESpecification: { Enabled: false } }, of("UPDATING", "b"), updating, undefined],
        ]) {
            const seen = [(await update(TableName, change)).SSEDescription];
            for (const ms of [0, DELAY_MS * 2 / 5 - 1, 1, DELAY_MS * 3 / 5 - 1, 1]) {
                await advance(ms);
                seen.push((await described(TableName)).SSEDescription);
            }
            assert.deepEqual(seen, [before, before, before, after, after, end]);
        }
    });
});
