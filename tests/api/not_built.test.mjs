/* What is not built yet is refused by name, never ignored. These tests go as the parts arrive. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { expectError } from "../support/expect.mjs";

describe("not built yet", { skip: !isOwnServer && "the service has it all" }, async () => {
    const api = isOwnServer && (await openEndpoint());
    const table = isOwnServer && (await api.table());

    const createTable = () => ({
        TableName: api.tableName(),
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        BillingMode: "PAY_PER_REQUEST",
    });
    const parameters = {
        CreateTable: [createTable, {
            ResourcePolicy: "{}",
            GlobalTableSourceArn: "arn:aws:dynamodb:us-east-1:000000000000:table/other",
            GlobalTableSettingsReplicationMode: "ENABLED",
            VectorIndexes: [{ IndexName: "vectors" }],
        }],
        UpdateTable: [() => ({ TableName: table, DeletionProtectionEnabled: false }), {
            ReplicaUpdates: [{ Create: { RegionName: "eu-west-1" } }],
            MultiRegionConsistency: "STRONG",
            GlobalTableWitnessUpdates: [{ Create: { RegionName: "eu-west-1" } }],
            GlobalTableSettingsReplicationMode: "ENABLED",
            VectorIndexUpdates: [{ Delete: { IndexName: "vectors" } }],
            DisassociationProtectionEnabled: false,
        }],
        RestoreTableFromBackup: [() => ({ TargetTableName: "target", BackupArn: "arn:aws:dynamodb:us-east-1:000000000000:table/t/backup/1700000000000-0123abcd" }), { VectorIndexOverride: [{ IndexName: "vectors" }] }],
        RestoreTableToPointInTime: [() => ({ TargetTableName: "target", SourceTableName: "source", UseLatestRestorableTime: true }), { VectorIndexOverride: [{ IndexName: "vectors" }] }],
        ExportTableToPointInTime: [() => ({ TableArn: `arn:aws:dynamodb:us-east-1:000000000000:table/${table}`, S3Bucket: "bucket" }), { FilterSpecification: { FilterExpression: "attribute_exists(pk)" } }],
    };
    for (const [operation, [given, members]] of Object.entries(parameters))
        for (const [member, value] of Object.entries(members))
            it(`${operation} refuses ${member}`, async () => {
                const body = { ...given(), [member]: value };
                const answer = await api.call(operation, body);
                expectError(answer, "ValidationException", new RegExp(member));
                if (operation === "CreateTable")
                    expectError(await api.call("DescribeTable", { TableName: body.TableName }), "ResourceNotFoundException", /./);
            });

    it("a parameter that is null is not given", async () => {
        assert.equal((await api.call("ListTagsOfResource", { ResourceArn: "arn:aws:dynamodb:us-east-1:000000000000:table/" + table, NextToken: null })).status, 200);
    });

    for (const operation of ["PutResourcePolicy", "StartBulkPutItems", "DescribeBulkOperation", "ListBulkOperations", "CancelBulkOperation"])
        it(`${operation} is refused by name`, async () => {
            expectError(await api.call(operation, { TableName: table }), "UnknownOperationException", new RegExp(operation));
        });
});
