/* UpdateTable. Source: service model; the control plane measured on the service; Developer Guide, throughput. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { broken, enumOf, expectError, NOT_NULL, PATTERN, refuses, refusesWrongTypes, validationErrors, valueAtLeast } from "../support/expect.mjs";

const api = await openEndpoint();
const INVALID = "One or more parameter values were invalid: ";
const units = (ReadCapacityUnits, WriteCapacityUnits) => ({ ProvisionedThroughput: { ReadCapacityUnits, WriteCapacityUnits } });
const provisioned = (read = 5, write = 5) => api.table("pk S", { BillingMode: "PROVISIONED", ...units(read, write) });
const describeTable = async (TableName) => (await api.ok("DescribeTable", { TableName })).Table;

async function update(TableName, changes) {
    const { TableDescription } = await api.ok("UpdateTable", { TableName, ...changes });
    await api.untilActive(TableName);
    return TableDescription;
}

describe("UpdateTable, malformed", () => {
    refusesWrongTypes(api, "UpdateTable", {
        TableName: "String",
        AttributeDefinitions: "List",
        BillingMode: "String",
        ProvisionedThroughput: ["Structure", "ProvisionedThroughput"],
        SSESpecification: ["Structure", "SSESpecification"],
        TableClass: "String",
        DeletionProtectionEnabled: "Boolean",
        OnDemandThroughput: ["Structure", "OnDemandThroughput"],
        WarmThroughput: ["Structure", "WarmThroughput"],
    });
    refusesWrongTypes(api, "UpdateTable", { ReadCapacityUnits: "Long", WriteCapacityUnits: "Long" }, (member, value) => ({ ProvisionedThroughput: { [member]: value } }));
    refusesWrongTypes(api, "UpdateTable", { Enabled: "Boolean", SSEType: "String", KMSMasterKeyId: "String" }, (member, value) => ({ SSESpecification: { [member]: value } }));
    refusesWrongTypes(api, "UpdateTable", { MaxReadRequestUnits: "Long", MaxWriteRequestUnits: "Long" }, (member, value) => ({ OnDemandThroughput: { [member]: value } }));
    refusesWrongTypes(api, "UpdateTable", { ReadUnitsPerSecond: "Long", WriteUnitsPerSecond: "Long" }, (member, value) => ({ WarmThroughput: { [member]: value } }));
});

const fixed = await provisioned();
const onDemand = await api.table("pk S");

describe("UpdateTable, invalid", () => {
    const missing = api.tableName();
    const of = (TableName, changes) => ({ TableName, ...changes });
    const alone = (what) => `${INVALID}${what} must be the only operation in the request`;
    const protection = { DeletionProtectionEnabled: true };
    const encryption = { SSESpecification: { Enabled: true } };
    const neither = `${INVALID}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST`;
    refuses(api, "UpdateTable", "ValidationException", [
        ["no table name", protection, /^The parameter 'TableName' is required but was not present in the request$|Value null at 'tableName'/],
        ["a table name with a bad character", of("a;b", protection), validationErrors(broken("a;b", "tableName", PATTERN))],
        ["nothing to change", of(fixed, {}), /^At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, .*DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass is required$/],
        ["only definitions", of(fixed, { AttributeDefinitions: [{ AttributeName: "a", AttributeType: "S" }] }), /^At least one of /],
        ["an unknown BillingMode", of(fixed, { BillingMode: "FREE" }), validationErrors(broken("FREE", "billingMode", enumOf("PROVISIONED", "PAY_PER_REQUEST")))],
        ["one of the two units", of(fixed, { ProvisionedThroughput: { ReadCapacityUnits: 1 } }), validationErrors(broken(null, "provisionedThroughput.writeCapacityUnits", NOT_NULL))],
        ["0 and 0 units", of(fixed, units(0, 0)), validationErrors(
            broken("0", "provisionedThroughput.writeCapacityUnits", valueAtLeast(1)), broken("0", "provisionedThroughput.readCapacityUnits", valueAtLeast(1)))],
        ["too many units", of(fixed, units(1_000_000_000_001, 1)), "Given value 1000000000001 for ReadCapacityUnits is out of bounds"],
        ["more units than the quota", of(fixed, units(1, 40_001)), /^The requested WriteCapacityUnits, 40001, is above the per table maximum/, "LimitExceededException"],
        ["a ceiling above the quota", of(onDemand, { OnDemandThroughput: { MaxWriteRequestUnits: 40_001 } }), /^Subscriber limit exceeded: Requested MaxWriteRequestUnits for OnDemandThroughput for table exceeds TableMaxWriteCapacityUnits of the account in region /, "LimitExceededException"],
        ["warm throughput above the quota", of(onDemand, { WarmThroughput: { ReadUnitsPerSecond: 40_001 } }), /^Subscriber limit exceeded: Requested ReadUnitsPerSecond for WarmThroughput for table exceeds TableMaxReadCapacityUnits of /, "LimitExceededException"],
        ["the same units", of(fixed, units(5, 5)), /^The provisioned throughput for the table will not change\. The requested value equals the current value\. /],
        ["PROVISIONED without units", of(onDemand, { BillingMode: "PROVISIONED" }), `${INVALID}ProvisionedThroughput must be specified when BillingMode is PROVISIONED`],
        ["PAY_PER_REQUEST with units", of(fixed, { BillingMode: "PAY_PER_REQUEST", ...units(1, 1) }), `${INVALID}ProvisionedThroughput cannot be specified when BillingMode is PAY_PER_REQUEST`],
        ["units for a table on demand", of(onDemand, units(1, 1)), neither],
        ["encryption beside anything", of(fixed, { ...encryption, ...protection, TableClass: "STANDARD" }), alone("Server-Side Encryption modification")],
        ["a class beside anything", of(fixed, { ...protection, TableClass: "STANDARD" }), alone("TableClass modification")],
        ["protection beside anything", of(fixed, { ...protection, ...units(1, 1) }), alone("DeletionProtection modification")],
        ["warm throughput beside anything", of(onDemand, { WarmThroughput: { ReadUnitsPerSecond: 13000 }, BillingMode: "PAY_PER_REQUEST" }), alone("WarmThroughput")],
        ["ceilings beside units", of(fixed, { OnDemandThroughput: { MaxReadRequestUnits: 1 }, ...units(1, 1) }), `${INVALID}OnDemandThroughput can only be combined with BillingMode in an UpdateTable request`],
        ["ceilings of a provisioned table", of(fixed, { OnDemandThroughput: { MaxReadRequestUnits: 0 } }), `${INVALID}MaxReadRequestUnits for OnDemandThroughput cannot be specified when the table BillingMode is PROVISIONED`],
        ["a ceiling of 0", of(onDemand, { OnDemandThroughput: { MaxReadRequestUnits: 0 } }), `${INVALID}Requested MaxReadRequestUnits for OnDemandThroughput for table is outside of valid range`],
        ["a ceiling of -2", of(onDemand, { OnDemandThroughput: { MaxWriteRequestUnits: -2 } }), `${INVALID}Requested MaxWriteRequestUnits for OnDemandThroughput for table is outside of valid range`],
        ["warm throughput that is lower", of(onDemand, { WarmThroughput: { ReadUnitsPerSecond: 11_999 } }),
            `${INVALID}Requested ReadUnitsPerSecond for WarmThroughput for table is lower than current WarmThroughput, decreasing WarmThroughput is not supported`],
        ["an unknown class", of(fixed, { TableClass: "GOLD" }), "Invalid table-class parameter provided. Please try again with a valid table-class value: [STANDARD, STANDARD_INFREQUENT_ACCESS]."],
        ["encryption as it is", of(fixed, { SSESpecification: { Enabled: false } }), /Table is already encrypted by default/],
        ["an SSEType without encryption", of(fixed, { SSESpecification: { Enabled: false, SSEType: "KMS" } }), `${INVALID}SSEType can not be specified if Enabled is false`],
        ["a table that is not there", of(missing, protection), `Requested resource not found: Table: ${missing} not found`, "ResourceNotFoundException"],
    ]);
});

describe("UpdateTable, working", () => {
    it("changes throughput, and counts decreases", async () => {
        const name = await provisioned(10, 10);
        const reply = await update(name, units(20, 5));
        assert.equal(reply.TableStatus, "UPDATING");
        const { LastIncreaseDateTime, LastDecreaseDateTime, ...shown } = reply.ProvisionedThroughput;
        assert.ok(LastIncreaseDateTime && LastDecreaseDateTime);
        assert.deepEqual(shown, { NumberOfDecreasesToday: 0, ReadCapacityUnits: 10, WriteCapacityUnits: 10 });
        const { ProvisionedThroughput: now, BillingModeSummary } = await describeTable(name);
        assert.deepEqual([now.ReadCapacityUnits, now.WriteCapacityUnits, now.NumberOfDecreasesToday], [20, 5, 1]);
        assert.ok(now.LastIncreaseDateTime && now.LastDecreaseDateTime);
        assert.equal(BillingModeSummary, undefined);
    });

    it("refuses the fifth decrease of a day", async () => {
        const name = await provisioned(10, 10);
        for (const read of [9, 8, 7, 6])
            await update(name, units(read, 10));
        expectError(await api.call("UpdateTable", { TableName: name, ...units(5, 10) }), "LimitExceededException",
            /^Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day\. .* Number of decreases today: 4\. Last decrease at \w+, \w+ \d+, \d{4} at \d+:\d\d:\d\d [AP]M Coordinated Universal Time\. Next decrease can be made at /);
        assert.equal((await describeTable(name)).ProvisionedThroughput.ReadCapacityUnits, 6);
    });

    it("switches the billing mode there and back", async () => {
        const name = await provisioned(5, 5);
        const reply = await update(name, { BillingMode: "PAY_PER_REQUEST", OnDemandThroughput: { MaxReadRequestUnits: 100 } });
        assert.deepEqual(reply.BillingModeSummary, { BillingMode: "PAY_PER_REQUEST" });
        assert.equal(reply.ProvisionedThroughput.ReadCapacityUnits, 0);
        let table = await describeTable(name);
        assert.equal(table.BillingModeSummary.BillingMode, "PAY_PER_REQUEST");
        assert.ok(table.BillingModeSummary.LastUpdateToPayPerRequestDateTime);
        assert.equal(table.ProvisionedThroughput.ReadCapacityUnits, 0);
        assert.deepEqual(table.OnDemandThroughput.MaxReadRequestUnits, 100);
        await update(name, { TableThroughputMode: "PROVISIONED", ...units(1, 2) });
        table = await describeTable(name);
        assert.equal(table.TableThroughputModeSummary.TableThroughputMode, "PROVISIONED");
        assert.equal(table.BillingModeSummary.BillingMode, "PROVISIONED");
        assert.equal(table.ProvisionedThroughput.WriteCapacityUnits, 2);
        assert.equal(table.OnDemandThroughput, undefined);
        assert.deepEqual([table.WarmThroughput.ReadUnitsPerSecond, table.WarmThroughput.WriteUnitsPerSecond], [12000, 4000]);
    });

    it("passes over ceilings and warm throughput without a member beside something else", async () => {
        const name = await api.table("pk S");
        await update(name, { WarmThroughput: {}, OnDemandThroughput: {}, DeletionProtectionEnabled: false });
        expectError(await api.call("UpdateTable", { TableName: name, WarmThroughput: {} }), "ValidationException", /WarmThroughput/);
    });

    it("takes the same billing mode again", async () => {
        const name = await api.table("pk S");
        assert.equal((await update(name, { BillingMode: "PAY_PER_REQUEST" })).TableStatus, "UPDATING");
    });

    it("raises warm throughput and removes ceilings", async () => {
        const name = await api.table("pk S");
        const raised = (await update(name, { WarmThroughput: { ReadUnitsPerSecond: 13_000 } })).WarmThroughput;
        assert.deepEqual(raised, { ReadUnitsPerSecond: 12_000, WriteUnitsPerSecond: 4000, Status: "UPDATING" });
        const { WarmThroughput: warm } = await describeTable(name);
        assert.deepEqual([warm.ReadUnitsPerSecond, warm.WriteUnitsPerSecond], [13_000, 4000]);
        await update(name, { OnDemandThroughput: { MaxReadRequestUnits: 5, MaxWriteRequestUnits: 6 } });
        const reply = await update(name, { OnDemandThroughput: { MaxReadRequestUnits: -1 } });
        assert.equal(reply.OnDemandThroughput.MaxReadRequestUnits, -1);
    });

    it("changes the class", async () => {
        const name = await api.table("pk S");
        await update(name, { TableClass: "STANDARD_INFREQUENT_ACCESS" });
        assert.equal((await describeTable(name)).TableClassSummary.TableClass, "STANDARD_INFREQUENT_ACCESS");
    });

    it("protects a table from deletion", async () => {
        const name = await api.table("pk S");
        assert.equal((await update(name, { DeletionProtectionEnabled: true })).DeletionProtectionEnabled, true);
        expectError(await api.call("DeleteTable", { TableName: name }), "ValidationException",
            "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.");
        expectError(await api.call("UpdateTable", { TableName: name, DeletionProtectionEnabled: false }), "ThrottlingException",
            new RegExp(`^Deletion protection setting for table ${name} modified within the previous 15000 milliseconds\\. Please try again after [\\d-]+T[\\d:.]+Z$`));
    });

    it("lets go of a table that was made protected", async () => {
        const name = await api.table("pk S", { DeletionProtectionEnabled: true });
        await update(name, { DeletionProtectionEnabled: false });
        await api.ok("DeleteTable", { TableName: name });
    });

    it("encrypts with a key of the account, and back", { skip: !isOwnServer && "the key is made up" }, async () => {
        const name = await api.table("pk S");
        await update(name, { SSESpecification: { Enabled: true, SSEType: "KMS", KMSMasterKeyId: "alias/mine" } });
        const { SSEDescription } = await describeTable(name);
        assert.equal(SSEDescription.Status, "ENABLED");
        assert.match(SSEDescription.KMSMasterKeyArn, /^arn:aws:kms:.*:key\/[0-9a-f-]{36}$/);
        await update(name, { SSESpecification: { Enabled: false } });
        assert.equal((await describeTable(name)).SSEDescription, undefined);
    });

    it("encrypts anew with the key it has, unless that is named by its ARN", { skip: !isOwnServer && "the key is made up" }, async () => {
        const name = await api.table("pk S", { SSESpecification: { SSEType: "KMS" } });
        const { KMSMasterKeyArn } = (await describeTable(name)).SSEDescription;
        await update(name, { SSESpecification: { Enabled: true } });
        await update(name, { SSESpecification: { SSEType: "KMS" } });
        assert.equal((await describeTable(name)).SSEDescription.KMSMasterKeyArn, KMSMasterKeyArn);
        expectError(await api.call("UpdateTable", { TableName: name, SSESpecification: { Enabled: true, SSEType: "KMS", KMSMasterKeyId: KMSMasterKeyArn } }), "ValidationException",
            `${INVALID}Table is already encrypted with given KMSMasterKeyId. Use KMSMasterKeyId parameter if you want to change Master Key`);
    });

    it("takes an ARN for the table, and keeps its data", async () => {
        const name = await provisioned(5, 5);
        await api.ok("PutItem", { TableName: name, Item: { pk: { S: "a" } } });
        const { TableArn } = await describeTable(name);
        await api.ok("UpdateTable", { TableName: TableArn, ...units(6, 6) });
        await api.untilActive(name);
        assert.deepEqual(await api.ok("GetItem", { TableName: name, Key: { pk: { S: "a" } } }), { Item: { pk: { S: "a" } } });
    });
});
