/* CreateTable. Source: service model; error texts captured from the service; the control plane measured on the service. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CreateTableCommand, waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import {
    broken, enumOf, expectError, lengthAtLeast, lengthAtMost, PATTERN, refuses, refusesWrongTypes, validationErrors, valueAtLeast,
} from "../support/expect.mjs";

const api = await openEndpoint();
const INVALID = "One or more parameter values were invalid: ";

const given = () => ({
    TableName: api.tableName(),
    AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 2 },
});

describe("CreateTable, malformed", () => {
    refusesWrongTypes(api, "CreateTable", {
        TableName: "String",
        AttributeDefinitions: "List",
        KeySchema: "List",
        BillingMode: "String",
        ProvisionedThroughput: ["Structure", "ProvisionedThroughput"],
        SSESpecification: ["Structure", "SSESpecification"],
        Tags: "List",
        TableClass: "String",
        DeletionProtectionEnabled: "Boolean",
        OnDemandThroughput: ["Structure", "OnDemandThroughput"],
        WarmThroughput: ["Structure", "WarmThroughput"],
    });
    refusesWrongTypes(api, "CreateTable", { "a tag": ["Element", "Tag"] }, (_, value) => ({ Tags: [value] }));
    refusesWrongTypes(api, "CreateTable", { AttributeName: "String", AttributeType: "String" }, (member, value) => ({ AttributeDefinitions: [{ [member]: value }] }));
    refusesWrongTypes(api, "CreateTable", { AttributeName: "String", KeyType: "String" }, (member, value) => ({ KeySchema: [{ [member]: value }] }));
    refusesWrongTypes(api, "CreateTable", { "a definition": ["Element", "AttributeDefinition"] }, (_, value) => ({ AttributeDefinitions: [value] }));
    refusesWrongTypes(api, "CreateTable", { "a key": ["Element", "KeySchemaElement"] }, (_, value) => ({ KeySchema: [value] }));
    refusesWrongTypes(api, "CreateTable", { ReadCapacityUnits: "Long", WriteCapacityUnits: "Long" }, (member, value) => ({ ProvisionedThroughput: { [member]: value } }));
});

describe("CreateTable, invalid", () => {
    const definitions = (...names) => names.map((AttributeName) => ({ AttributeName, AttributeType: "S" }));
    const keys = (...names) => names.map((AttributeName, index) => ({ AttributeName, KeyType: index ? "RANGE" : "HASH" }));
    const changed = (changes) => () => ({ ...given(), ...changes });
    const nulls = (...paths) => new RegExp(paths.map((path) => `Value null at '${path}' failed to satisfy constraint: Member must not be null`).join("; "));
    refuses(api, "CreateTable", "ValidationException", [
        ["nothing at all", {}, /^The parameter 'TableName' is required but was not present in the request$|Value null at 'tableName'/],
        ["no definitions", changed({ AttributeDefinitions: undefined }), nulls("attributeDefinitions")],
        ["no key schema", changed({ KeySchema: undefined }), nulls("keySchema")],
        ["an empty key schema", changed({ KeySchema: [] }), validationErrors(broken("[]", "keySchema", lengthAtLeast(1)))],
        ["a table name of two characters", changed({ TableName: "ab" }), /Value 'ab' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 3/],
        ["a table name of 256 characters", changed({ TableName: "a".repeat(256) }), /at 'tableName' failed to satisfy constraint: Member must have length less than or equal to (255|1024)/],
        ["a table name with a bad character", changed({ TableName: "abc;" }), validationErrors(broken("abc;", "tableName", PATTERN))],
        ["a BillingMode of another name", changed({ BillingMode: "FREE" }), validationErrors(broken("FREE", "billingMode", enumOf("PROVISIONED", "PAY_PER_REQUEST")))],
        ["an AttributeType of another name", changed({ AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "BOOL" }] }),
            validationErrors(broken("BOOL", "attributeDefinitions.1.member.attributeType", enumOf("B", "N", "S")))],
        ["a KeyType of another name", changed({ KeySchema: [{ AttributeName: "pk", KeyType: "SORT" }] }),
            validationErrors(broken("SORT", "keySchema.1.member.keyType", enumOf("HASH", "RANGE")))],
        ["an empty definition", changed({ AttributeDefinitions: [{}] }), nulls("attributeDefinitions.1.member.attributeType", "attributeDefinitions.1.member.attributeName")],
        ["a definition without a type", changed({ AttributeDefinitions: [{ AttributeName: "pk" }] }), nulls("attributeDefinitions.1.member.attributeType")],
        ["a key without a name", changed({ KeySchema: [{ KeyType: "HASH" }] }), nulls("keySchema.1.member.attributeName")],
        ["an empty attribute name", changed({ AttributeDefinitions: definitions("") }), /at 'attributeDefinitions.1.member.attributeName' failed to satisfy constraint: Member must have length greater than or equal to 1/],
        ["an attribute name of 256 bytes", changed({ KeySchema: keys("a".repeat(256)) }), new RegExp(lengthAtMost(255))],
        ["three keys", changed({ KeySchema: keys("pk", "b", "c"), AttributeDefinitions: definitions("pk", "b", "c") }), /at 'keySchema' failed to satisfy constraint: Member must have length less than or equal to 2/],
        ["0 units", changed({ ProvisionedThroughput: { ReadCapacityUnits: 0, WriteCapacityUnits: 1 } }), validationErrors(broken("0", "provisionedThroughput.readCapacityUnits", valueAtLeast(1)))],
        ["0 and 0 units, writes named first", changed({ ProvisionedThroughput: { ReadCapacityUnits: 0, WriteCapacityUnits: 0 } }), validationErrors(
            broken("0", "provisionedThroughput.writeCapacityUnits", valueAtLeast(1)), broken("0", "provisionedThroughput.readCapacityUnits", valueAtLeast(1)))],
        ["one of the two units", changed({ ProvisionedThroughput: { ReadCapacityUnits: 1 } }), nulls("provisionedThroughput.writeCapacityUnits")],
        ["too many units", changed({ ProvisionedThroughput: { ReadCapacityUnits: 1_000_000_000_001, WriteCapacityUnits: 1 } }), "Given value 1000000000001 for ReadCapacityUnits is out of bounds"],
        ["no throughput", changed({ ProvisionedThroughput: undefined }), `${INVALID}ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED`],
        ["PROVISIONED without throughput", changed({ ProvisionedThroughput: undefined, BillingMode: "PROVISIONED" }),
            `${INVALID}ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED`],
        ["PAY_PER_REQUEST with throughput", changed({ BillingMode: "PAY_PER_REQUEST" }), `${INVALID}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST`],
        ["a key that is not defined", changed({ AttributeDefinitions: definitions("other") }),
            /^(Invalid KeySchema: Some index key attribute have no definition|One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: \[pk\], AttributeDefinitions: \[other\])$/],
        ["no definition at all", changed({ AttributeDefinitions: [] }), /Some index key attribute/],
        ["a definition that is not used", changed({ AttributeDefinitions: definitions("pk", "unused") }),
            /^One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions$/],
        ["an attribute defined twice", changed({ AttributeDefinitions: definitions("pk", "pk") }), /./],
        ["a first key that is no HASH", changed({ KeySchema: [{ AttributeName: "pk", KeyType: "RANGE" }] }), "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"],
        ["a second key that is no RANGE", changed({ AttributeDefinitions: definitions("pk", "b"), KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "b", KeyType: "HASH" }] }),
            "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"],
        ["one attribute as both keys", changed({ AttributeDefinitions: definitions("pk", "b"), KeySchema: keys("pk", "pk") }), /Both the Hash Key and the Range Key element in the KeySchema have the same name$/],
        ["an unknown TableClass", changed({ TableClass: "GOLD" }), "Invalid table-class parameter provided. Please try again with a valid table-class value: [STANDARD, STANDARD_INFREQUENT_ACCESS]."],
        ["an SSEType of another name", changed({ SSESpecification: { Enabled: true, SSEType: "ROT13" } }), validationErrors(broken("ROT13", "sSESpecification.sSEType", enumOf("AES256", "KMS")))],
        ["SSEType AES256", changed({ SSESpecification: { Enabled: true, SSEType: "AES256" } }), `${INVALID}SSEType AES256 is not supported`],
        ["an SSEType without encryption", changed({ SSESpecification: { Enabled: false, SSEType: "KMS" } }), `${INVALID}SSEType can not be specified if Enabled is false`],
        ["a key without encryption", changed({ SSESpecification: { Enabled: false, KMSMasterKeyId: "alias/mine" } }), `${INVALID}KMSMasterKeyId can not be specified if Enabled is false`],
        ["a key without SSEType", changed({ SSESpecification: { Enabled: true, KMSMasterKeyId: "alias/mine" } }), `${INVALID}SSEType KMS is required if KMSMasterKeyId is specified`],
        ["ceilings of a provisioned table", changed({ OnDemandThroughput: { MaxWriteRequestUnits: 1 } }), `${INVALID}MaxWriteRequestUnits for OnDemandThroughput cannot be specified when table BillingMode is PROVISIONED.`],
        ["a ceiling of -1", changed({ BillingMode: "PAY_PER_REQUEST", ProvisionedThroughput: undefined, OnDemandThroughput: { MaxReadRequestUnits: -1 } }), `${INVALID}Requested MaxReadRequestUnits for OnDemandThroughput for table is outside of valid range`],
        ["warm throughput below the units", changed({ WarmThroughput: { WriteUnitsPerSecond: 1 } }), `${INVALID}Requested WriteUnitsPerSecond for WarmThroughput for table is lower than WriteCapacityUnits of ProvisionedThroughput`],
        ["warm throughput below what is given on demand", changed({ BillingMode: "PAY_PER_REQUEST", ProvisionedThroughput: undefined, WarmThroughput: { ReadUnitsPerSecond: 11_999 } }),
            /^One or more parameter values were invalid: Requested ReadUnitsPerSecond for WarmThroughput for table is lower than initial throughput for OnDemand\. See: https:\/\/docs\.aws\.amazon\.com\//],
        ["a tag with a bad key", changed({ Tags: [{ Key: "aws:a", Value: "" }] }), "Tag Key cannot be prefixed with aws:, Key: aws:a"],
        ["a tag twice", changed({ Tags: [{ Key: "a", Value: "" }, { Key: "a", Value: "" }] }), "Duplicate Tag Keys provided as input: Duplicate Tag Key found a"],
        ["more units than the quota", changed({ ProvisionedThroughput: { ReadCapacityUnits: 40_001, WriteCapacityUnits: 1 } }), /^The requested ReadCapacityUnits, 40001, is above the per table maximum/, "LimitExceededException"],
    ]);

    it("refuses a name that is taken", async () => {
        const table = await api.table();
        expectError(await api.call("CreateTable", { ...given(), TableName: table }), "ResourceInUseException", `Table already exists: ${table}`);
    });
});

describe("CreateTable, working", () => {
    it("answers with the description of a table being created", async () => {
        const request = given();
        api.willDelete(request.TableName);
        const before = Date.now() / 1000;
        const { TableDescription: table } = await api.ok("CreateTable", request);
        assert.ok(Math.abs(table.CreationDateTime - before) < 60, "CreationDateTime is in epoch seconds");
        assert.match(table.TableId, /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
        assert.match(table.TableArn, new RegExp(`^arn:aws:dynamodb:[a-z0-9-]+:\\d{12}:table/${request.TableName}$`));
        assert.deepEqual({ ...table, CreationDateTime: 0, TableId: "", TableArn: "", DeletionProtectionEnabled: undefined }, {
            AttributeDefinitions: request.AttributeDefinitions,
            TableName: request.TableName,
            KeySchema: request.KeySchema,
            TableStatus: "CREATING",
            CreationDateTime: 0,
            ProvisionedThroughput: { NumberOfDecreasesToday: 0, ReadCapacityUnits: 1, WriteCapacityUnits: 2 },
            TableSizeBytes: 0,
            ItemCount: 0,
            TableArn: "",
            TableId: "",
            DeletionProtectionEnabled: undefined,
        });
        assert.ok(!table.DeletionProtectionEnabled);
    });

    it("keeps key types and the sort key", async () => {
        for (const [hash, range] of [["S", "N"], ["N", "B"], ["B", "S"]]) {
            const name = await api.table(`a ${hash}, b ${range}`);
            const { Table } = await api.ok("DescribeTable", { TableName: name });
            assert.deepEqual(Table.KeySchema, [{ AttributeName: "a", KeyType: "HASH" }, { AttributeName: "b", KeyType: "RANGE" }]);
            const types = Object.fromEntries(Table.AttributeDefinitions.map((each) => [each.AttributeName, each.AttributeType]));
            assert.deepEqual(types, { a: hash, b: range });
        }
    });

    it("PAY_PER_REQUEST has a summary and no units", async () => {
        const name = await api.table();
        const { Table } = await api.ok("DescribeTable", { TableName: name });
        assert.equal(Table.BillingModeSummary.BillingMode, "PAY_PER_REQUEST");
        assert.deepEqual([Table.ProvisionedThroughput.ReadCapacityUnits, Table.ProvisionedThroughput.WriteCapacityUnits], [0, 0]);
    });

    describe("TableThroughputMode", () => {
        const keyed = () => ({ ...given(), BillingMode: undefined, ProvisionedThroughput: undefined });
        const units = { ReadCapacityUnits: 1, WriteCapacityUnits: 2 };
        const created = async (more) => {
            const request = { ...keyed(), ...more };
            api.willDelete(request.TableName);
            await api.ok("CreateTable", request);
            return (await api.ok("DescribeTable", { TableName: request.TableName })).Table;
        };

        it("is BillingMode by another name, and described beside it", async () => {
            const table = await created({ TableThroughputMode: "PAY_PER_REQUEST" });
            const { BillingMode, ...since } = table.BillingModeSummary;
            assert.equal(BillingMode, "PAY_PER_REQUEST");
            assert.deepEqual(table.TableThroughputModeSummary, { TableThroughputMode: "PAY_PER_REQUEST", ...since });
        });

        it("gives way to BillingMode, and is in neither description of a table that was always provisioned", async () => {
            const table = await created({ TableThroughputMode: "PAY_PER_REQUEST", BillingMode: "PROVISIONED", ProvisionedThroughput: units });
            assert.equal(table.ProvisionedThroughput.WriteCapacityUnits, 2);
            assert.deepEqual([table.BillingModeSummary, table.TableThroughputModeSummary], [undefined, undefined]);
        });

        refuses(api, "CreateTable", "ValidationException", [
            ["units beside PAY_PER_REQUEST by that name, in the words of the older one", { ...keyed(), TableThroughputMode: "PAY_PER_REQUEST", ProvisionedThroughput: units },
                "One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"],
            ["two unknown modes at once", { ...keyed(), BillingMode: "A", TableThroughputMode: "B" },
                validationErrors(broken("A", "billingMode", enumOf("PROVISIONED", "PAY_PER_REQUEST")), broken("B", "tableThroughputMode", enumOf("PROVISIONED", "PAY_PER_REQUEST")))],
        ]);
    });

    it("takes the names a table may have", async () => {
        for (const TableName of ["a.b", "A_-", `${api.tableName()}${"x".repeat(255)}`.slice(0, 255)]) {
            if (!isOwnServer && TableName.length === 3)
                continue; /* The names are someone's there. */
            api.willDelete(TableName);
            assert.equal((await api.ok("CreateTable", { ...given(), TableName })).TableDescription.TableName, TableName);
        }
    });

    it("works through the SDK and its waiter", async () => {
        const request = given();
        api.willDelete(request.TableName);
        const { TableDescription } = await api.client.send(new CreateTableCommand(request));
        assert.ok(TableDescription.CreationDateTime instanceof Date);
        const { state } = await waitUntilTableExists({ client: api.client, maxWaitTime: 60, minDelay: 1, maxDelay: 2 }, { TableName: request.TableName });
        assert.equal(state, "SUCCESS");
    });

    it("of many creators of one name exactly one wins", async () => {
        const request = given();
        api.willDelete(request.TableName);
        const answers = await Promise.all(Array.from({ length: 10 }, () => api.call("CreateTable", request)));
        assert.equal(answers.filter(({ status }) => status === 200).length, 1);
        for (const answer of answers.filter(({ status }) => status !== 200))
            expectError(answer, "ResourceInUseException", `Table already exists: ${request.TableName}`);
    });

    it("tells the key of an encryption by the id of a key", async () => {
        for (const SSESpecification of [{ Enabled: true }, { Enabled: true, SSEType: "KMS", KMSMasterKeyId: "alias/aws/dynamodb" }]) {
            const { Table } = await api.ok("DescribeTable", { TableName: await api.table("pk S", { SSESpecification }) });
            assert.match(Table.SSEDescription.KMSMasterKeyArn, /^arn:aws:kms:[^:]+:\d{12}:key\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
        }
    });

    it("tells of a table that is made no time of its billing mode, and of warm throughput that it rises", async () => {
        const request = { ...given(), BillingMode: "PAY_PER_REQUEST", ProvisionedThroughput: undefined, WarmThroughput: { ReadUnitsPerSecond: 12_001 } };
        api.willDelete(request.TableName);
        const { TableDescription } = await api.ok("CreateTable", request);
        assert.deepEqual(TableDescription.BillingModeSummary, { BillingMode: "PAY_PER_REQUEST" });
        assert.deepEqual(TableDescription.WarmThroughput, { ReadUnitsPerSecond: 12_001, WriteUnitsPerSecond: 4000, Status: "UPDATING" });
    });

    it("takes the settings that UpdateTable changes", async () => {
        const request = { ...given(), BillingMode: "PAY_PER_REQUEST", ProvisionedThroughput: undefined };
        const { TableDescription: created } = await api.ok("CreateTable", {
            ...request,
            TableClass: "STANDARD_INFREQUENT_ACCESS",
            DeletionProtectionEnabled: false,
            OnDemandThroughput: { MaxReadRequestUnits: 10 },
            WarmThroughput: { ReadUnitsPerSecond: 12_001 },
        });
        assert.deepEqual(created.BillingModeSummary, { BillingMode: "PAY_PER_REQUEST" });
        assert.equal(created.WarmThroughput.Status, "UPDATING");
        const { Table } = await api.ok("DescribeTable", { TableName: request.TableName });
        assert.equal(Table.TableClassSummary.TableClass, "STANDARD_INFREQUENT_ACCESS");
        assert.equal(Table.DeletionProtectionEnabled, false);
        assert.equal(Table.OnDemandThroughput.MaxReadRequestUnits, 10);
        assert.deepEqual([Table.WarmThroughput.ReadUnitsPerSecond, Table.WarmThroughput.WriteUnitsPerSecond], [12_001, 4000]);
    });

    it("takes ceilings and warm throughput without a member", async () => {
        const name = await api.table("pk S", { OnDemandThroughput: {}, WarmThroughput: {} });
        const { Table } = await api.ok("DescribeTable", { TableName: name });
        assert.equal(Table.OnDemandThroughput, undefined);
        assert.equal(Table.WarmThroughput.ReadUnitsPerSecond, 12_000);
    });
});
