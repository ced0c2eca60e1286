/* What is exported and then imported is the table that it was, in both formats, all types and sizes included. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { runStator } from "../support/server.mjs";
import { until } from "../support/until.mjs";

describe("an export that is imported", { skip: !isOwnServer && "the files are on this machine" }, async () => {
    const directory = mkdtempSync(join(tmpdir(), "stator-exchange-"));
    mkdirSync(join(directory, "s3/bucket"), { recursive: true });
    after(() => rmSync(directory, { recursive: true, force: true }));
    const api = isOwnServer && (await openEndpoint({ s3Root: join(directory, "s3"), backupDir: join(directory, "backups") }));

    const items = [
        { strings: { S: "quote\" backslash\\ newline\n tab\t zażółć 日本語 🦑 '''" }, empty: { S: "" }, long: { S: "x".repeat(100_000) } },
        { zero: { N: "0" }, digits: { N: "12345678901234567890123456789012345678" }, small: { N: "0.000000000000000001" }, negative: { N: "-17.5" }, large: { N: "9.9999999999999999999999999999999999999E+125" }, tiny: { N: "1E-130" } },
        { bytes: { B: Buffer.from([0, 1, 254, 255]).toString("base64") }, none: { B: "" } },
        { yes: { BOOL: true }, no: { BOOL: false }, nothing: { NULL: true } },
        { ss: { SS: ["", "a", "b\n"] }, ns: { NS: ["-2", "1", "3.5"] }, bs: { BS: ["AA==", "AQ=="] } },
        { list: { L: [{ S: "s" }, { N: "1" }, { L: [] }, { M: {} }, { NULL: true }] }, map: { M: { a: { M: { b: { L: [{ M: { "odd name": { S: "deep" } } }] } } } } } },
        { Size: { S: "reserved" }, "a.b": { S: "dotted" }, "with'quote": { S: "q" }, 'with"quotes': { S: "q" }, ["n".repeat(255)]: { S: "long name" }, 日本: { S: "other letters" }, null: { S: "a word of Ion" }, Item: { M: { Item: { S: "nested" } } } },
    ].map((item, i) => ({ pk: { S: `p${i % 3}` }, sk: { N: String(i) }, ...item }));

    const scan = async (TableName) => {
        const all = [];
        for (let ExclusiveStartKey; ; ) {
            const page = await api.ok("Scan", { TableName, ExclusiveStartKey });
            all.push(...page.Items);
            ExclusiveStartKey = page.LastEvaluatedKey;
            if (!ExclusiveStartKey)
                return all.sort((a, b) => Number(a.sk.N) - Number(b.sk.N));
        }
    };
    const keys = {
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }, { AttributeName: "sk", AttributeType: "N" }],
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "sk", KeyType: "RANGE" }],
        BillingMode: "PAY_PER_REQUEST",
    };

    const source = api && (await api.table("pk S, sk N"));
    if (api) {
        await api.ok("UpdateContinuousBackups", { TableName: source, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } });
        for (const Item of items)
            await api.ok("PutItem", { TableName: source, Item });
    }
    for (const format of ["DYNAMODB_JSON", "ION"])
        it(`in ${format} is the table that it was, by ImportTable and by stator import`, async () => {
            const { Table } = await api.ok("DescribeTable", { TableName: source });
            const { ExportDescription } = await api.ok("ExportTableToPointInTime", { TableArn: Table.TableArn, S3Bucket: "bucket", S3Prefix: format, ExportFormat: format, ClientToken: format });
            const done = await until(async () => {
                const { ExportDescription: now } = await api.ok("DescribeExport", { ExportArn: ExportDescription.ExportArn });
                return now.ExportStatus !== "IN_PROGRESS" && now;
            });
            assert.equal(done.ExportStatus, "COMPLETED", done.FailureMessage);
            const folder = done.ExportManifest.replace("manifest-summary.json", "");
            const TableName = api.tableName();
            const { ImportTableDescription } = await api.ok("ImportTable", {
                ClientToken: `${format}-import`, S3BucketSource: { S3Bucket: "bucket", S3KeyPrefix: `${folder}data/` }, InputFormat: format, InputCompressionType: "GZIP",
                TableCreationParameters: { TableName, ...keys },
            });
            const imported = await until(async () => {
                const { ImportTableDescription: now } = await api.ok("DescribeImport", { ImportArn: ImportTableDescription.ImportArn });
                return now.ImportStatus !== "IN_PROGRESS" && now;
            });
            assert.deepEqual([imported.ImportStatus, imported.ImportedItemCount, imported.FailureMessage], ["COMPLETED", items.length, undefined]);
            const expected = await scan(source);
            assert.equal(expected.length, items.length);
            assert.deepEqual(await scan(TableName), expected);

            const put = await api.table("pk S, sk N");
            const { code, output, errors } = await runStator(["import", join(directory, "s3/bucket", folder), put, "--port", String(api.port)]);
            assert.deepEqual([code, output], [0, `${put}: ${items.length} items put from ${output.match(/from (\d+)/)?.[1]} files, 0 errors\n`], errors);
            assert.deepEqual(await scan(put), expected);
        });
});
