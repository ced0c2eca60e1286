/* UpdateTable, GlobalSecondaryIndexUpdates. Source: service model; the control plane measured on the service. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { broken, expectError, NOT_NULL, refuses, refusesWrongTypes, validationErrors, valueAtLeast } from "../support/expect.mjs";
import { exchange } from "../support/http.mjs";

const api = await openEndpoint();
const INVALID = "One or more parameter values were invalid: ";
const IN_USE = "Attempt to change a resource which is still in use: ";
const ONE = "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table";
const units = (ReadCapacityUnits, WriteCapacityUnits) => ({ ProvisionedThroughput: { ReadCapacityUnits, WriteCapacityUnits } });
const key = (...names) => ({ KeySchema: names.map((AttributeName, i) => ({ AttributeName, KeyType: i ? "RANGE" : "HASH" })) });
const define = (...columns) => ({ AttributeDefinitions: columns.map((column) => ({ AttributeName: column.split(" ")[0], AttributeType: column.split(" ")[1] })) });
const ALL = { Projection: { ProjectionType: "ALL" } };
const index = (IndexName, ...keys) => ({ IndexName, ...key(...keys), ...ALL });
const updates = (...list) => ({ GlobalSecondaryIndexUpdates: list });
const create = (name, ...keys) => ({ Create: index(name, ...keys) });
const remove = (IndexName) => ({ Delete: { IndexName } });
const describeTable = async (TableName, at = api) => (await at.ok("DescribeTable", { TableName })).Table;
const globals = async (TableName, at = api) => (await describeTable(TableName, at)).GlobalSecondaryIndexes ?? [];

const withIndexes = (more = {}) => api.table("pk S", {
    ...define("pk S", "g S", "h S"), GlobalSecondaryIndexes: [index("by-g", "g"), index("by-h", "h")], ...more,
});

/* Until every index is ACTIVE, or gone. */
async function untilQuiet(TableName, at = api) {
    for (let wait_ms = 10; wait_ms < 1_000_000; wait_ms *= 2) {
        const table = await describeTable(TableName, at);
        if (table.TableStatus === "ACTIVE" && (table.GlobalSecondaryIndexes ?? []).every(({ IndexStatus }) => IndexStatus === "ACTIVE"))
            return table;
        await pause(wait_ms);
    }
    throw new Error(`${TableName} is not quiet`);
}

async function update(TableName, changes, at = api) {
    const { TableDescription } = await at.ok("UpdateTable", { TableName, ...changes });
    await untilQuiet(TableName, at);
    return TableDescription;
}

const query = (TableName, IndexName, name, value) => api.call("Query", {
    TableName, IndexName, KeyConditionExpression: "#k = :v", ExpressionAttributeNames: { "#k": name }, ExpressionAttributeValues: { ":v": value },
});

describe("UpdateTable of indexes, malformed", () => {
    const inside = (action) => (member, value) => updates({ [action]: { [member]: value } });
    refusesWrongTypes(api, "UpdateTable", { GlobalSecondaryIndexUpdates: "List" });
    for (const [action, shape] of [["Create", "CreateGlobalSecondaryIndexAction"], ["Update", "UpdateGlobalSecondaryIndexAction"], ["Delete", "DeleteGlobalSecondaryIndexAction"]])
        refusesWrongTypes(api, "UpdateTable", { [action]: ["Structure", shape] }, (member, value) => updates({ [member]: value }));
    refusesWrongTypes(api, "UpdateTable", { IndexName: "String", KeySchema: "List", Projection: ["Structure", "Projection"], OnDemandThroughput: ["Structure", "OnDemandThroughput"] }, inside("Create"));
    refusesWrongTypes(api, "UpdateTable", { IndexName: "String", ProvisionedThroughput: ["Structure", "ProvisionedThroughput"], WarmThroughput: ["Structure", "WarmThroughput"] }, inside("Update"));
    refusesWrongTypes(api, "UpdateTable", { IndexName: "String" }, inside("Delete"));
});

const onDemand = await withIndexes();
const provisioned = await api.table("pk S, sk S", {
    ...define("pk S", "sk S", "g S"), BillingMode: "PROVISIONED", ...units(5, 5),
    GlobalSecondaryIndexes: [{ ...index("by-g", "g"), ...units(2, 2) }],
    LocalSecondaryIndexes: [index("local", "pk", "g")],
});

describe("UpdateTable of indexes, invalid", () => {
    const of = (TableName, ...parts) => Object.assign({ TableName }, ...parts);
    const path = (rest) => `globalSecondaryIndexUpdates.1.member.${rest}`;
    const c = define("c S");
    const fresh = create("by-c", "c");
    const redefined = (before, after) => `${INVALID}Attributes cannot be redefined. Please check that your attribute has the same type as previously defined. Existing schema: Schema:[SchemaElement: key{${before}}] New schema: Schema:[SchemaElement: key{${after}}]`;
    refuses(api, "UpdateTable", "ValidationException", [
        ["no name", of(onDemand, updates({ Delete: {} })), validationErrors(broken(null, path("delete.indexName"), NOT_NULL))],
        ["an index without keys and projection", of(onDemand, updates({ Create: { IndexName: "by-c" } })), /2 validation errors detected: .*create\.projection.*create\.keySchema/],
        ["0 units", of(provisioned, updates({ Update: { IndexName: "by-g", ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 0 } } })),
            validationErrors(broken("0", path("update.provisionedThroughput.writeCapacityUnits"), valueAtLeast(1)))],
        ["an empty list alone", of(onDemand, updates()), /^At least one of /],
        ["an empty list beside something", of(onDemand, updates(), { DeletionProtectionEnabled: false }), `${INVALID}List of GlobalSecondaryIndexUpdates is empty`],
        ["an element without an action", of(onDemand, updates({})), `${INVALID}One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null`],
        ["an element with two actions", of(onDemand, c, updates({ ...fresh, ...remove("by-g") })), `${INVALID}Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object`],
        ["two actions on one index", of(onDemand, define("g S"), updates(remove("by-g"), create("by-g", "g"))), `${INVALID}Only one global secondary index update per index is allowed simultaneously. Index: by-g`],
        ["an update of nothing for an index that is not there", of(provisioned, updates({ Update: { IndexName: "by-z" } })), /^Requested resource not found: Index by-z for table /, "ResourceNotFoundException"],
        ["more units than an index has", of(provisioned, updates({ Update: { IndexName: "by-g", ...units(40_001, 1) } })), /^The requested ReadCapacityUnits for index by-g, 40001, is above the per index maximum for the account in [\w-]+\. Per table maximum: 40000\. Refer to /, "LimitExceededException"],
        ["a ceiling above the quota", of(onDemand, updates({ Update: { IndexName: "by-g", OnDemandThroughput: { MaxReadRequestUnits: 40_001 } } })), /^Subscriber limit exceeded: Requested MaxReadRequestUnits for OnDemandThroughput for index : by-g exceeds TableMaxReadCapacityUnits of the account in region /, "LimitExceededException"],
        ["warm throughput above the quota", of(onDemand, updates({ Update: { IndexName: "by-g", WarmThroughput: { WriteUnitsPerSecond: 40_001 } } })), /^Subscriber limit exceeded: Requested WriteUnitsPerSecond for WarmThroughput for index by-g exceeds TableMaxWriteCapacityUnits of /, "LimitExceededException"],
        ["an update of nothing on demand", of(onDemand, updates({ Update: { IndexName: "by-g", OnDemandThroughput: {} } })), /^One or more parameter values were invalid: The only Updates for index: by-g when TableThroughputMode is PAY_PER_REQUEST can be to OnDemandThroughput, WarmThroughput$/],
        ["warm throughput without a member", of(provisioned, updates({ Update: { IndexName: "by-g", WarmThroughput: {} } })), `${INVALID}WarmThroughput must have at least one of ReadUnitsPerSecond or WriteUnitsPerSecond specified for index: by-g`],
        ["an update of nothing", of(provisioned, updates({ Update: { IndexName: "by-g" } })), /is required for index: by-g$/],
        ["no definitions", of(onDemand, updates(fresh)), `${INVALID}AttributeDefinitions is not specified for index: by-c`],
        ["an undefined key", of(onDemand, define("d S"), updates(fresh)), `${INVALID}Some index key attributes are not defined in AttributeDefinitions. Keys: [c], AttributeDefinitions: [d]`],
        ["a sort key first", of(onDemand, c, updates({ Create: { ...index("by-c", "c"), KeySchema: [{ AttributeName: "c", KeyType: "RANGE" }] } })), "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"],
        ["an unknown projection", of(onDemand, c, updates({ Create: { ...index("by-c", "c"), Projection: {} } })), `${INVALID}Unknown ProjectionType: null`],
        ["another type for the table's key", of(onDemand, define("pk N"), updates(create("by-pk", "pk"))), redefined("pk:S:HASH", "pk:N:HASH")],
        ["another type for an index's key", of(onDemand, define("c S", "g N"), updates({ Create: index("by-c", "c", "g") })), redefined("g:S:HASH", "g:N:RANGE")],
        ["an index of that name", of(onDemand, updates(create("by-g", "x"))), "Attempting to create an index which already exists"],
        ["the name of a local index", of(provisioned, define("g S"), updates({ Create: { ...index("local", "g"), ...units(1, 1) } })), "Attempting to create an index which already exists"],
        ["units on demand", of(onDemand, updates({ Update: { IndexName: "by-g", ...units(1, 1) } })),
            `${INVALID}The only Updates for index: by-g when TableThroughputMode is PAY_PER_REQUEST can be to OnDemandThroughput, WarmThroughput`],
        ["no units when provisioned", of(provisioned, c, updates(fresh)), `${INVALID}Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: by-c`],
        ["the same units", of(provisioned, updates({ Update: { IndexName: "by-g", ...units(2, 2) } })),
            /^The provisioned throughput for the index by-g will not change\. The requested value equals the current value\. Current ReadCapacityUnits provisioned for index by-g: 2\. Requested ReadCapacityUnits: 2\./],
        ["ceilings when provisioned", of(provisioned, updates({ Update: { IndexName: "by-g", OnDemandThroughput: { MaxReadRequestUnits: 5 } } })), /index : by-g cannot be specified when the table BillingMode is PROVISIONED$/],
        ["a ceiling of 0", of(onDemand, updates({ Update: { IndexName: "by-g", OnDemandThroughput: { MaxReadRequestUnits: 0 } } })), /for index : by-g is outside of valid range$/],
        ["warm throughput that is lower", of(onDemand, updates({ Update: { IndexName: "by-g", WarmThroughput: { ReadUnitsPerSecond: 100 } } })),
            `${INVALID}Requested ReadUnitsPerSecond for WarmThroughput for index by-g is lower than current WarmThroughput, decreasing WarmThroughput is not supported`],
        ["to delete a local index", of(provisioned, updates(remove("local"))), "Cannot delete an index that is not a GlobalSecondaryIndex: local"],
        ["to update a local index", of(provisioned, updates({ Update: { IndexName: "local", ...units(1, 1) } })), "Cannot update an index that is not a GlobalSecondaryIndex: local"],
        ["an unknown index", of(onDemand, updates(remove("by-x"))), `Requested resource not found: Index by-x for table ${onDemand}`, "ResourceNotFoundException"],
        ["two new indexes", of(onDemand, define("c S", "d S"), updates(fresh, create("by-d", "d"))), ONE, "LimitExceededException"],
        ["a new one for an old one", of(onDemand, c, updates(fresh, remove("by-g"))), ONE, "LimitExceededException"],
        ["units of table and index together with a new one", of(provisioned, c, updates(fresh), units(6, 6)), `${INVALID}You cannot create or delete index while updating table IOPS`],
        ["a new index beside warm throughput", of(onDemand, c, updates(fresh), { WarmThroughput: { ReadUnitsPerSecond: 13_000 } }), `${INVALID}Create global secondary index cannot be specified when updating WarmThroughput`],
        ["a new index beside protection", of(onDemand, c, updates(fresh), { DeletionProtectionEnabled: true }), `${INVALID}DeletionProtection modification must be the only operation in the request`],
        ["ceilings of the table beside it", of(onDemand, c, updates(fresh), { OnDemandThroughput: { MaxReadRequestUnits: 5 } }), `${INVALID}OnDemandThroughput can only be combined with BillingMode in an UpdateTable request`],
        ["to become PROVISIONED without units for an index", of(onDemand, { BillingMode: "PROVISIONED" }, units(1, 1), updates({ Update: { IndexName: "by-g", ...units(1, 1) } })),
            `${INVALID}ProvisionedThroughput must be specified for index: by-h`],
    ]);

    it("refuses the 21st index, and applies nothing of a refused call", async () => {
        const columns = Array.from({ length: 20 }, (_, i) => `k${i}`);
        const table = await api.table("pk S", {
            ...define("pk S", ...columns.map((name) => `${name} S`)), GlobalSecondaryIndexes: columns.map((name) => index(`by-${name}`, name)),
        });
        expectError(await api.call("UpdateTable", { TableName: table, ...c, ...updates(fresh) }), "LimitExceededException",
            "Subscriber limit exceeded: Number of global secondary indexes exceeds per-table limit of 20");
        assert.equal((await globals(table)).length, 20);
        const two = updates({ Update: { IndexName: "by-k0", OnDemandThroughput: { MaxReadRequestUnits: 7 } } }, { Update: { IndexName: "by-x", OnDemandThroughput: { MaxReadRequestUnits: 7 } } });
        expectError(await api.call("UpdateTable", { TableName: table, ...two }), "ResourceNotFoundException", /Index by-x for table/);
        assert.ok((await globals(table)).every(({ OnDemandThroughput }) => OnDemandThroughput === undefined));
    });
});

describe("UpdateTable of indexes, working", () => {
    it("adds an index that answers for the items that were there and those that came after", async () => {
        const table = await api.table("pk S");
        const item = (pk, more) => ({ pk: { S: pk }, ...more });
        for (let i = 0; i < 30; i++)
            await api.ok("PutItem", { TableName: table, Item: item(`p${i}`, { g: { S: `g${i % 3}` }, n: { N: String(i) } }) });
        await api.ok("PutItem", { TableName: table, Item: item("mistyped", { g: { N: "1" } }) });
        await api.ok("PutItem", { TableName: table, Item: item("without", {}) });
        const reply = await update(table, { ...define("g S", "n N"), ...updates({ Create: { IndexName: "by-g", ...key("g", "n"), Projection: { ProjectionType: "KEYS_ONLY" } } }) });
        assert.equal(reply.TableStatus, "UPDATING");
        const [added] = reply.GlobalSecondaryIndexes;
        assert.deepEqual([added.IndexName, added.IndexStatus, added.Backfilling, added.ItemCount], ["by-g", "CREATING", false, 0]);
        assert.deepEqual(reply.AttributeDefinitions.map(({ AttributeName }) => AttributeName), ["g", "n", "pk"]);

        const [built] = await globals(table);
        assert.deepEqual([built.IndexStatus, built.Backfilling, built.WarmThroughput.Status], ["ACTIVE", undefined, "ACTIVE"]);
        if (isOwnServer)
            assert.equal(built.ItemCount, 30);
        await api.ok("PutItem", { TableName: table, Item: item("p0", { g: { S: "g1" }, n: { N: "-1" } }) });
        await api.ok("DeleteItem", { TableName: table, Key: item("p1") });
        const { json } = await query(table, "by-g", "g", { S: "g1" });
        assert.deepEqual(json.Items.map(({ pk }) => pk.S), ["p0", "p4", "p7", "p10", "p13", "p16", "p19", "p22", "p25", "p28"]);
        assert.deepEqual(json.Items[0], { pk: { S: "p0" }, g: { S: "g1" }, n: { N: "-1" } });
        expectError(await api.call("PutItem", { TableName: table, Item: item("x", { g: { N: "1" } }) }), "ValidationException",
            `${INVALID}Type mismatch for Index Key g Expected: S Actual: N IndexName: by-g`);
    });

    it("takes an index away, with the definitions that only it used, and the name is free again", async () => {
        const table = await withIndexes();
        await api.ok("PutItem", { TableName: table, Item: { pk: { S: "a" }, g: { S: "x" }, h: { S: "y" } } });
        const reply = await update(table, updates(remove("by-g")));
        assert.equal(reply.TableStatus, "UPDATING");
        assert.deepEqual(reply.GlobalSecondaryIndexes.map(({ IndexName, IndexStatus }) => [IndexName, IndexStatus]), [["by-g", "DELETING"], ["by-h", "ACTIVE"]]);
        const left = await describeTable(table);
        assert.deepEqual(left.GlobalSecondaryIndexes.map(({ IndexName }) => IndexName), ["by-h"]);
        assert.deepEqual(left.AttributeDefinitions.map(({ AttributeName }) => AttributeName), ["h", "pk"]);
        expectError(await query(table, "by-g", "g", { S: "x" }), "ValidationException", "The table does not have the specified index: by-g");
        await api.ok("PutItem", { TableName: table, Item: { pk: { S: "b" }, g: { N: "1" }, h: { S: "y" } } });
        await update(table, { ...define("g N"), ...updates(create("by-g", "g")) });
        assert.equal((await query(table, "by-g", "g", { N: "1" })).json.Count, 1);
        assert.equal((await query(table, "by-h", "h", { S: "y" })).json.Count, 2);
        await update(table, updates(remove("by-g")));
        await update(table, updates(remove("by-h")));
        assert.equal((await describeTable(table)).GlobalSecondaryIndexes, undefined);
        await api.ok("DeleteTable", { TableName: table });
    });

    it("deletes the index of a protected table", async () => {
        const table = await withIndexes({ DeletionProtectionEnabled: true });
        await update(table, updates(remove("by-g")));
        assert.deepEqual((await globals(table)).map(({ IndexName }) => IndexName), ["by-h"]);
        await api.ok("UpdateTable", { TableName: table, DeletionProtectionEnabled: false });
    });

    it("changes throughput of an index, several in a call, and counts decreases by index", async () => {
        const table = await api.table("pk S", {
            ...define("pk S", "g S", "h S"), BillingMode: "PROVISIONED", ...units(5, 5),
            GlobalSecondaryIndexes: [{ ...index("by-g", "g"), ...units(9, 9) }, { ...index("by-h", "h"), ...units(9, 9) }],
        });
        const set = (name, read, write) => ({ Update: { IndexName: name, ...units(read, write) } });
        const reply = await update(table, updates(set("by-g", 10, 9), set("by-h", 8, 9)));
        assert.equal(reply.TableStatus, "ACTIVE");
        assert.deepEqual(reply.GlobalSecondaryIndexes.map((one) => [one.IndexStatus, one.ProvisionedThroughput.ReadCapacityUnits]), [["UPDATING", 9], ["UPDATING", 9]]);
        const [g, h] = await globals(table);
        assert.deepEqual([g.ProvisionedThroughput.ReadCapacityUnits, g.ProvisionedThroughput.NumberOfDecreasesToday, g.WarmThroughput.ReadUnitsPerSecond], [10, 0, 10]);
        assert.ok(g.ProvisionedThroughput.LastIncreaseDateTime);
        assert.deepEqual([h.ProvisionedThroughput.ReadCapacityUnits, h.ProvisionedThroughput.NumberOfDecreasesToday, h.WarmThroughput.ReadUnitsPerSecond], [8, 1, 9]);
        for (const read of [7, 6, 5])
            await update(table, updates(set("by-h", read, 9)));
        expectError(await api.call("UpdateTable", { TableName: table, ...updates(set("by-h", 4, 9)) }), "LimitExceededException", /Number of decreases today: 4\./);
        await update(table, updates(set("by-g", 1, 1)));
    });

    it("sets and removes ceilings, and raises warm throughput", async () => {
        const table = await withIndexes();
        const change = (more) => update(table, updates({ Update: { IndexName: "by-g", ...more } }));
        assert.equal((await change({ OnDemandThroughput: { MaxReadRequestUnits: 5, MaxWriteRequestUnits: 6 } })).TableStatus, "ACTIVE");
        assert.deepEqual((await globals(table))[0].OnDemandThroughput, { MaxReadRequestUnits: 5, MaxWriteRequestUnits: 6 });
        const reply = await change({ OnDemandThroughput: { MaxReadRequestUnits: -1 } });
        assert.equal(reply.GlobalSecondaryIndexes[0].OnDemandThroughput.MaxReadRequestUnits, -1);
        assert.deepEqual((await globals(table))[0].OnDemandThroughput, { MaxWriteRequestUnits: 6 });
        await change({ WarmThroughput: { ReadUnitsPerSecond: 13_000 } });
        const { WarmThroughput: warm } = (await globals(table))[0];
        assert.deepEqual([warm.ReadUnitsPerSecond, warm.WriteUnitsPerSecond], [13_000, 4000]);
    });

    it("switches the billing mode with its indexes, beside a new one", async () => {
        const table = await withIndexes();
        const set = (name, read) => ({ Update: { IndexName: name, ...units(read, 1) } });
        await update(table, { BillingMode: "PROVISIONED", ...units(3, 3), ...updates(set("by-g", 4), set("by-h", 5)) });
        assert.deepEqual((await globals(table)).map((one) => one.ProvisionedThroughput.ReadCapacityUnits), [4, 5]);
        await update(table, { BillingMode: "PAY_PER_REQUEST", ...define("c S"), ...updates(create("by-c", "c")) });
        assert.deepEqual((await globals(table)).map((one) => [one.IndexName, one.ProvisionedThroughput.ReadCapacityUnits]), [["by-g", 0], ["by-h", 0], ["by-c", 0]]);
    });

    describe("on the way", { skip: !isOwnServer && "it needs a clock that is moved" }, async () => {
        const DELAY_MS = 60_000;
        const slow = isOwnServer && (await openEndpoint({ clock: "manual", transitionDelayMs: DELAY_MS }));
        const move = () => exchange(slow, { method: "PUT", path: "/_stator/clock", body: JSON.stringify({ AdvanceMilliseconds: DELAY_MS }) });
        const call = (operation, body) => slow.call(operation, body);
        const statuses = async (TableName) => {
            const { TableStatus, GlobalSecondaryIndexes = [] } = await describeTable(TableName, slow);
            return [TableStatus, ...GlobalSecondaryIndexes.map(({ IndexStatus, Backfilling }) => (Backfilling === undefined ? IndexStatus : `${IndexStatus} ${Backfilling}`))];
        };
        async function untilStatuses(table, wanted) {
            for (let wait_ms = 5; wait_ms < 20_000; wait_ms *= 2) {
                if (JSON.stringify(await statuses(table)) === JSON.stringify(wanted))
                    return;
                await pause(wait_ms);
            }
            assert.deepEqual(await statuses(table), wanted);
        }
        async function slowTable() {
            const name = slow.tableName();
            await slow.ok("CreateTable", { TableName: name, ...define("pk S"), ...key("pk"), BillingMode: "PAY_PER_REQUEST" });
            await move();
            return name;
        }
        const fresh = { ...define("c S"), ...updates(create("by-c", "c")) };
        const other = { ...define("d S"), ...updates(create("by-d", "d")) };
        const busy = `${IN_USE}Cannot delete table while indexes are being created, updated, or deleted.`;

        it("an index is allocated, backfilled, active, deleted, and each state refuses what it must", async () => {
            const table = await slowTable();
            const request = { TableName: table, IndexName: "by-c", KeyConditionExpression: "c = :v", ExpressionAttributeValues: { ":v": { S: "x" } } };
            const backfilling = "Cannot read from backfilling global secondary index: by-c";
            await slow.ok("PutItem", { TableName: table, Item: { pk: { S: "a" }, c: { S: "x" } } });
            await slow.ok("UpdateTable", { TableName: table, ...fresh });
            await untilStatuses(table, ["UPDATING", "CREATING false"]);
            expectError(await call("Query", request), "ValidationException", backfilling);
            expectError(await call("UpdateTable", { TableName: table, ...updates(remove("by-c")) }), "ResourceInUseException",
                `${IN_USE}Index creation is in resource allocation phase. Retry deletion during backfilling phase or when the index is active. Table: ${table} Index: by-c`);
            expectError(await call("UpdateTable", { TableName: table, ...other }), "LimitExceededException", ONE);
            expectError(await call("UpdateTable", { TableName: table, ...fresh }), "ResourceInUseException", `${IN_USE}Index is being created.  Table: ${table} Index: by-c`);
            expectError(await call("UpdateTable", { TableName: table, ...updates({ Update: { IndexName: "by-c", OnDemandThroughput: { MaxReadRequestUnits: 9 } } }) }),
                "ResourceInUseException", `${IN_USE}Index is being created but is not backfilling yet.  Table: ${table} Index: by-c`);
            expectError(await call("UpdateTable", { TableName: table, OnDemandThroughput: { MaxReadRequestUnits: 9 } }), "ResourceInUseException",
                `${IN_USE}OnDemandThroughput cannot be updated while index creation is in progress for indexes: [by-c]`);
            expectError(await call("UpdateTable", { TableName: table, StreamSpecification: { StreamEnabled: true, StreamViewType: "KEYS_ONLY" } }), "ResourceInUseException",
                `${IN_USE}Can't change stream status when an index is being created`);
            expectError(await call("DeleteTable", { TableName: table }), "ResourceInUseException", busy);
            await slow.ok("UpdateTable", { TableName: table, DeletionProtectionEnabled: false });
            await slow.ok("PutItem", { TableName: table, Item: { pk: { S: "b" }, c: { S: "x" } } });

            await move();
            await untilStatuses(table, ["ACTIVE", "CREATING true"]);
            expectError(await call("Query", request), "ValidationException", backfilling);
            expectError(await call("Scan", { TableName: table, IndexName: "by-c" }), "ValidationException", backfilling);
            expectError(await call("UpdateTable", { TableName: table, ...other }), "LimitExceededException", ONE);
            expectError(await call("DeleteTable", { TableName: table }), "ResourceInUseException", busy);
            await slow.ok("PutItem", { TableName: table, Item: { pk: { S: "c" }, c: { S: "x" } } });

            await move();
            await untilStatuses(table, ["ACTIVE", "ACTIVE"]);
            assert.equal((await slow.ok("Query", request)).Count, 3);

            await slow.ok("UpdateTable", { TableName: table, ...updates({ Update: { IndexName: "by-c", OnDemandThroughput: { MaxReadRequestUnits: 9 } } }) });
            await untilStatuses(table, ["ACTIVE", "UPDATING"]);
            expectError(await call("UpdateTable", { TableName: table, ...updates({ Update: { IndexName: "by-c", OnDemandThroughput: { MaxReadRequestUnits: 8 } } }) }),
                "ResourceInUseException", `${IN_USE}Index is being updated. Table: ${table} Index: by-c`);
            expectError(await call("DeleteTable", { TableName: table }), "ResourceInUseException", busy);
            await move();

            await slow.ok("UpdateTable", { TableName: table, ...updates(remove("by-c")) });
            await untilStatuses(table, ["UPDATING", "DELETING"]);
            expectError(await call("UpdateTable", { TableName: table, BillingMode: "PROVISIONED", ...units(1, 1) }), "ResourceInUseException",
                `${IN_USE}Can't change table IOPS when an index is being deleted. Table: ${table} Indexes: [by-c]`);
            expectError(await call("UpdateTable", { TableName: table, ...updates(remove("by-c")) }), "ResourceInUseException", `${IN_USE}Index is being deleted. Table: ${table} Index: by-c`);
            expectError(await call("Query", request), "ValidationException", "The table does not have the specified index: by-c");
            await move();
            await untilStatuses(table, ["ACTIVE"]);
            await slow.ok("DeleteTable", { TableName: table });
        });

        it("an index is deleted while it is backfilled", async () => {
            const table = await slowTable();
            await slow.ok("PutItem", { TableName: table, Item: { pk: { S: "a" }, c: { S: "x" } } });
            await slow.ok("UpdateTable", { TableName: table, ...fresh });
            await move();
            await slow.ok("UpdateTable", { TableName: table, ...updates(remove("by-c")) });
            await untilStatuses(table, ["UPDATING", "DELETING"]);
            await move();
            await untilStatuses(table, ["ACTIVE"]);
        });

        it("no index comes or goes while throughput changes", async () => {
            const name = slow.tableName();
            await slow.ok("CreateTable", { TableName: name, ...define("pk S"), ...key("pk"), BillingMode: "PROVISIONED", ...units(1, 1) });
            await move();
            await slow.ok("UpdateTable", { TableName: name, ...units(2, 2) });
            expectError(await call("UpdateTable", { TableName: name, ...define("c S"), ...updates({ Create: { ...index("by-c", "c"), ...units(1, 1) } }) }), "ResourceInUseException",
                `${IN_USE}Can't create or delete indexes while table IOPS are being updated. Table: ${name}`);
        });
    });
});
