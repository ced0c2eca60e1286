/*
 * Write tests/formats/N: a small data directory of the format that this build writes, and what is
 * in it. Run once when a format is first released, then kept for ever:
 *
 *   node tests/formats/make.mjs 1
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contents, imported, split, tables, timeToLive } from "./contents.mjs";
import { startServer } from "../support/server.mjs";
import { rawClient } from "../support/raw_client.mjs";

const folder = new URL(`${process.argv[2]}/`, import.meta.url).pathname;
const [directory, s3Root, backupDir] = ["data", "buckets", "backups"].map((name) => mkdtempSync(join(tmpdir(), `stator-format-${name}-`)));

/* Killed and started again in the middle: the rows come to lie in several logs. */
const server = await startServer({ region: "eu-west-1", account: "123456789012", partitionKb: 8, s3Root, backupDir }, { directory });
const call = (operation, input) => rawClient(server).call(operation, input);
for (const table of tables)
    await call("CreateTable", table);
for (const [TableName, AttributeName] of Object.entries(timeToLive))
    await call("UpdateTimeToLive", { TableName, TimeToLiveSpecification: { Enabled: true, AttributeName } });
for (const [index, { TableName, Item }] of contents.entries()) {
    if (index === Math.floor(contents.length / 2)) {
        await server.kill();
        await server.start();
    }
    await call("PutItem", { TableName, Item });
}
await call("DeleteTable", { TableName: "Deleted" });
await exportAndImport();
await shardsAreMoreThan(4);
await server.kill();
rmSync(folder, { recursive: true, force: true });
cpSync(directory, join(folder, "data"), {
    recursive: true,
    filter: (path) => !/\/(LOG(\.old.*)?|LOCK)$/.test(path), /* RocksDB's diary: not data */
});
writeFileSync(join(folder, "contents.json"), `${JSON.stringify([...contents, ...imported], null, 1)}\n`);
for (const path of [directory, s3Root, backupDir])
    rmSync(path, { recursive: true });

async function until(holds, what) {
    for (let round = 0; round < 600; round++) {
        if (await holds())
            return;
        await new Promise((settle) => setTimeout(settle, 100));
    }
    throw new Error(`not within a minute: ${what}`);
}

/* Leaves the rows of an export and of an import; recovery is switched off again, its files are not kept. */
async function exportAndImport() {
    const recovery = (PointInTimeRecoveryEnabled) => call("UpdateContinuousBackups", {
        TableName: imported[0].from, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled },
    });
    mkdirSync(join(s3Root, "bucket"));
    const { Table } = await call("DescribeTable", { TableName: imported[0].from });
    await recovery(true);
    let ExportArn;
    await until(async () => {
        const answer = await call("ExportTableToPointInTime", { TableArn: Table.TableArn, S3Bucket: "bucket" }).catch(() => null);
        ExportArn = answer?.ExportDescription?.ExportArn;
        return ExportArn;
    }, "an export begins");
    const describe = async () => (await call("DescribeExport", { ExportArn })).ExportDescription;
    await until(async () => (await describe()).ExportStatus === "COMPLETED", "it ends");
    const S3KeyPrefix = `AWSDynamoDB/${ExportArn.split("/").at(-1)}/data/`;
    const { ImportTableDescription: { ImportArn } } = await call("ImportTable", {
        ClientToken: "kept", S3BucketSource: { S3Bucket: "bucket", S3KeyPrefix }, InputFormat: "DYNAMODB_JSON", InputCompressionType: "GZIP",
        TableCreationParameters: { TableName: "Imported", AttributeDefinitions: Table.AttributeDefinitions, KeySchema: Table.KeySchema, BillingMode: "PAY_PER_REQUEST" },
    });
    await until(async () => (await call("DescribeImport", { ImportArn })).ImportTableDescription.ImportStatus === "COMPLETED", "the import ends");
    await recovery(false);
}

async function shardsAreMoreThan(count) {
    await call("UpdateContributorInsights", { TableName: split, ContributorInsightsAction: "ENABLE" });
    const { Table } = await call("DescribeTable", { TableName: split });
    await until(async () => {
        const { StreamDescription } = await call("DescribeStream", { StreamArn: Table.LatestStreamArn });
        return StreamDescription.Shards.length > count;
    }, `${split} splits`);
}
