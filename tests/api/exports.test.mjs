/*
 * ExportTableToPointInTime, DescribeExport, ListExports: refusals, and every file of what is exported.
 * Source: service model; Developer Guide, "DynamoDB table export output format"; the control plane
 * measured on the service.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { DescribeExportCommand, ExportTableToPointInTimeCommand, ListExportsCommand } from "@aws-sdk/client-dynamodb";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { broken, expectError, NOT_NULL, enumOf, refuses, refusesWrongTypes, validationErrors, valueAtLeast, valueAtMost } from "../support/expect.mjs";
import { exchange } from "../support/http.mjs";
import { until } from "../support/until.mjs";

const HOUR = 3600;
const MINUTE = 60;
const directories = [];
const directory = () => directories[directories.push(mkdtempSync(join(tmpdir(), "stator-exports-"))) - 1];
after(() => directories.forEach((each) => rmSync(each, { recursive: true, force: true })));

const s3Root = directory();
mkdirSync(join(s3Root, "bucket"));
const api = await openEndpoint(isOwnServer ? { backupDir: directory(), s3Root } : {});

const recover = (endpoint, TableName) => endpoint.ok("UpdateContinuousBackups", { TableName, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } });
const arnOf = async (endpoint, TableName) => (await endpoint.ok("DescribeTable", { TableName })).Table.TableArn;
const recovered = async (endpoint, keys) => {
    const TableName = await endpoint.table(keys);
    await recover(endpoint, TableName);
    return { TableName, TableArn: await arnOf(endpoint, TableName) };
};
const describeExport = async (endpoint, ExportArn) => (await endpoint.ok("DescribeExport", { ExportArn })).ExportDescription;
const ended = (endpoint, ExportArn) => until(async () => {
    const description = await describeExport(endpoint, ExportArn);
    return description.ExportStatus !== "IN_PROGRESS" && description;
}, `${ExportArn} does not end`);
const begin = async (endpoint, request) => (await endpoint.ok("ExportTableToPointInTime", { S3Bucket: "bucket", ...request })).ExportDescription;
const exported = async (endpoint, request) => ended(endpoint, (await begin(endpoint, request)).ExportArn);

/* Everything that a manifest leads to, each sum held against its file. */
function readExport(root, { S3Bucket, ExportManifest }) {
    const at = (key) => join(root, S3Bucket, key);
    const md5 = (bytes) => createHash("md5").update(bytes).digest();
    const checked = (key) => {
        const bytes = readFileSync(at(key));
        assert.equal(readFileSync(at(key.replace(/json$/, "md5")), "utf8"), md5(bytes).toString("base64"));
        return bytes.toString();
    };
    const summary = JSON.parse(checked(ExportManifest));
    const files = checked(summary.manifestFilesS3Key).split("\n").slice(0, -1).map((line) => JSON.parse(line));
    const lines = files.flatMap(({ itemCount, md5Checksum, etag, dataFileS3Key }) => {
        const bytes = readFileSync(at(dataFileS3Key));
        assert.equal(md5Checksum, md5(bytes).toString("base64"));
        assert.equal(etag, md5(md5(bytes)).toString("hex") + "-1");
        const found = gunzipSync(bytes).toString().split("\n").slice(0, -1);
        assert.equal(itemCount, found.length);
        return found;
    });
    assert.equal(summary.itemCount, lines.length);
    return { summary, files, lines };
}
const itemsOf = (lines) => lines.map((line) => JSON.parse(line).Item);
const sorted = (items) => items.map((item) => JSON.stringify(item)).sort();

describe("ExportTableToPointInTime, DescribeExport and ListExports, malformed", () => {
    refusesWrongTypes(api, "ExportTableToPointInTime", { TableArn: "String", S3Bucket: "String", ClientToken: "String", ExportFormat: "String", IncrementalExportSpecification: ["Structure", "IncrementalExportSpecification"] });
    refusesWrongTypes(api, "DescribeExport", { ExportArn: "String" });
    refusesWrongTypes(api, "ListExports", { TableArn: "String", MaxResults: "Integer" });
});

describe("ExportTableToPointInTime, invalid", async () => {
    const { TableName, TableArn } = await recovered(api);
    const without = await arnOf(api, await api.table());
    const S3Bucket = "bucket";
    const PATTERN = "Member must satisfy regular expression pattern: ";
    const now = Math.ceil(Date.now() / 1000);
    await pause(now * 1000 - Date.now() + 1); /* the table is older than this second */
    const ofSpan = (rule, time) => `Incremental export period ${rule} : ${new Date(time * 1000).toISOString().replace(".000", "")}`;
    const span = (ExportFromTime, ExportToTime) => ({ ExportType: "INCREMENTAL_EXPORT", IncrementalExportSpecification: { ExportFromTime, ExportToTime } });
    refuses(api, "ExportTableToPointInTime", "ValidationException", [
        ["nothing at all", {}, validationErrors(broken(null, "tableArn", NOT_NULL), broken(null, "s3Bucket", NOT_NULL))],
        ["a bucket with a slash", { TableArn, S3Bucket: "a/b" }, validationErrors(broken("a/b", "s3Bucket", PATTERN + "^[a-z0-9A-Z]+[\\.\\-\\w]*[a-z0-9A-Z]+$"))],
        ["the folder above", { TableArn, S3Bucket: ".." }, validationErrors(broken("..", "s3Bucket", PATTERN + "^[a-z0-9A-Z]+[\\.\\-\\w]*[a-z0-9A-Z]+$"))],
        ["a token with a dollar", { TableArn, S3Bucket, ClientToken: "a$" }, validationErrors(broken("a$", "clientToken", PATTERN + "^[^\\$]+$"))],
        ["an owner that is no account", { TableArn, S3Bucket, S3BucketOwner: "me" }, validationErrors(broken("me", "s3BucketOwner", PATTERN + "[0-9]{12}"))],
        ["an unknown format", { TableArn, S3Bucket, ExportFormat: "XML" }, validationErrors(broken("XML", "exportFormat", enumOf("DYNAMODB_JSON", "ION")))],
        ["an unknown type", { TableArn, S3Bucket, ExportType: "HALF" }, validationErrors(broken("HALF", "exportType", enumOf("FULL_EXPORT", "INCREMENTAL_EXPORT")))],
        ["an unknown view", { TableArn, S3Bucket, ...span(1, 2), IncrementalExportSpecification: { ExportViewType: "KEYS" } }, validationErrors(broken("KEYS", "incrementalExportSpecification.exportViewType", enumOf("NEW_IMAGE", "NEW_AND_OLD_IMAGES")))],
        ["an incremental export of no span", { TableArn, S3Bucket, ExportType: "INCREMENTAL_EXPORT" }, "Invalid Request: Incremental Export Specification expected when export type is set as Incremental Export"],
        ["a span that begins at no time", { TableArn, S3Bucket, ...span(undefined, now) }, "Invalid Request: ExportFromTime must be provided in IncrementalExportSpecification"],
        ["a span and no type", { TableArn, S3Bucket, IncrementalExportSpecification: { ExportFromTime: 1 } }, "Invalid Request: Export Type expected to be Incremental Export when incremental export specification is provided"],
        ["a full export of a span", { TableArn, S3Bucket, ...span(1, 2), ExportType: "FULL_EXPORT" }, "Invalid Request: When Export Type is Full Export , Incremental Export Specification should not be provided"],
        ["a key without a kind of encryption", { TableArn, S3Bucket, S3SseKmsKeyId: "alias/aws/s3" }, "Invalid Request: KMS Key Id is not supported for this encryption type"],
        ["a key for encryption without keys", { TableArn, S3Bucket, S3SseKmsKeyId: "alias/aws/s3", S3SseAlgorithm: "AES256" }, "Invalid Request: KMS Key Id is not supported for this encryption type"],
        ["a name in place of an ARN", { TableArn: TableName, S3Bucket }, "One or more parameter values were invalid: tableArn is not a valid ARN"],
        ["the ARN of an index", { TableArn: `${TableArn}/index/some`, S3Bucket }, "Invalid Request: Table ARN is invalid."],
        ["another account's table", { TableArn: TableArn.replace("000000000000", "999999999999"), S3Bucket }, "Access is denied", "AccessDeniedException"],
        ["another region's table", { TableArn: TableArn.replace("us-east-1", "eu-west-1"), S3Bucket }, `Table not found: ${TableArn.replace("us-east-1", "eu-west-1")}`, "TableNotFoundException"],
        ["a time and a span", { TableArn, S3Bucket, ...span(1, 2), ExportTime: 1 }, /ExportTime/],
        ["a prefix that leads out", { TableArn, S3Bucket, S3Prefix: "../elsewhere" }, /S3Prefix/],
        ["a prefix that begins with a slash", { TableArn, S3Bucket, S3Prefix: "/etc" }, /S3Prefix/],
        ["a table that is not there", { TableArn: `${TableArn}x`, S3Bucket }, `Table not found: ${TableArn}x`, "TableNotFoundException"],
        ["a table without recovery", { TableArn: without, S3Bucket }, /Point in time recovery is not enabled/, "PointInTimeRecoveryUnavailableException"],
        ["a span before there was a table without recovery", { TableArn: without, S3Bucket, ...span(now - HOUR, now - HOUR / 2) }, ofSpan("from time cannot be less than the table creation time", now - HOUR), "InvalidExportTimeException"],
        ["a time before there was a table", { TableArn, S3Bucket, ExportTime: now - HOUR }, "Export Time is invalid", "InvalidExportTimeException"],
        ["a time to come", { TableArn, S3Bucket, ExportTime: now + HOUR }, "Export Time is invalid", "InvalidExportTimeException"],
        ["a span before there was a table", { TableArn, S3Bucket, ...span(now - 25 * HOUR, now) }, ofSpan("from time cannot be less than the table creation time", now - 25 * HOUR), "InvalidExportTimeException"],
        ["a span that ends in time to come", { TableArn, S3Bucket, ...span(now, now + HOUR) }, ofSpan("to time cannot be greater than the current time", now + HOUR), "InvalidExportTimeException"],
        ["a span that ends now", { TableArn, S3Bucket, ...span(now) }, "Difference between export period from time and export period to time is less than 15 minutes", "InvalidExportTimeException"],
        ["a span that ends before it begins", { TableArn, S3Bucket, ...span(now, now - 1) }, "Difference between export period from time and export period to time is less than 15 minutes", "InvalidExportTimeException"],
    ]);

    it("takes a token once, and again in the same words", async () => {
        const ClientToken = `token-${TableName}`;
        const { ExportArn } = await begin(api, { TableArn, ClientToken });
        assert.equal((await begin(api, { TableArn, ClientToken })).ExportArn, ExportArn);
        for (const other of [{ S3Bucket: "other" }, { ExportFormat: "ION" }, { S3Prefix: "p" }, { S3SseAlgorithm: "AES256" }, { S3BucketOwner: "000000000000" }, { TableArn: without }])
            expectError(await api.call("ExportTableToPointInTime", { TableArn, S3Bucket, ClientToken, ...other }), "ExportConflictException", "Export conflict: Duplicate request detected with conflicting parameters");
        await ended(api, ExportArn);
        assert.equal((await begin(api, { TableArn, ClientToken })).ExportArn, ExportArn);
    });

    it("fails where there is no such bucket", { skip: !isOwnServer && "its own folders" }, async () => {
        symlinkSync("/tmp", join(s3Root, "link"));
        for (const missing of ["nowhere", "link"]) {
            const { ExportStatus, FailureCode, FailureMessage, EndTime, ItemCount, ExportManifest } = await exported(api, { TableArn, S3Bucket: missing });
            assert.deepEqual([ExportStatus, FailureCode, FailureMessage], ["FAILED", "S3NoSuchBucket", "The specified bucket does not exist"]);
            assert.ok(EndTime > 0 && ItemCount === undefined && ExportManifest === undefined);
        }
    });

    it("fails where it may not write", { skip: (!isOwnServer || process.getuid() === 0) && "root may write anywhere" }, async () => {
        mkdirSync(join(s3Root, "closed"), { mode: 0o555 });
        assert.equal((await exported(api, { TableArn, S3Bucket: "closed" })).FailureCode, "S3AccessDenied");
        chmodSync(join(s3Root, "closed"), 0o755);
    });

    it("fails where a link leads out of the bucket", { skip: !isOwnServer && "its own folders" }, async () => {
        const outside = directory();
        symlinkSync(outside, join(s3Root, "bucket", "out"));
        assert.equal((await exported(api, { TableArn, S3Prefix: "out" })).ExportStatus, "FAILED");
        assert.deepEqual(readdirSync(outside), []);
    });

    it("is refused by a server without a directory of buckets", { skip: !isOwnServer && "its own options" }, async () => {
        const other = await openEndpoint({ backupDir: directory() });
        const table = await recovered(other);
        expectError(await other.call("ExportTableToPointInTime", { TableArn: table.TableArn, S3Bucket }), "ValidationException", /--s3-root/);
    });
});

describe("DescribeExport and ListExports, invalid", async () => {
    const TableArn = await arnOf(api, await api.table());
    const exportArn = `${TableArn}/export/01700000000000-0123abcd`;
    refuses(api, "DescribeExport", "ValidationException", [
        ["no ARN", {}, validationErrors(broken(null, "exportArn", NOT_NULL))],
        ["the ARN of a table", { ExportArn: TableArn }, "Invalid Export ARN"],
        ["the ARN of an import", { ExportArn: exportArn.replace("export", "import") }, "Invalid Export ARN"],
        ["no ARN at all", { ExportArn: "x".repeat(40) }, "Invalid Export ARN"],
        ["an export that is not there", { ExportArn: exportArn }, `Export not found: Export not found: ${exportArn}`, "ExportNotFoundException"],
        ["what is no id", { ExportArn: `${TableArn}/export/0` }, `Export not found: Export not found: ${TableArn}/export/0`, "ExportNotFoundException"],
        ["another account's", { ExportArn: exportArn.replace("000000000000", "999999999999") }, "Access is denied", "AccessDeniedException"],
        ["another account's table", { ExportArn: TableArn.replace("000000000000", "999999999999") }, "Access is denied", "AccessDeniedException"],
        ["another region's", { ExportArn: exportArn.replace("us-east-1", "eu-west-1") }, "Export not found: Invalid export arn", "ExportNotFoundException"],
    ]);
    refuses(api, "ListExports", "ValidationException", [
        ["no results", { MaxResults: 0 }, validationErrors(broken(0, "maxResults", valueAtLeast(1)))],
        ["26 results", { MaxResults: 26 }, validationErrors(broken(26, "maxResults", valueAtMost(25)))],
        ["a token of its own", { NextToken: "mine" }, "Invalid Request: Provided nextToken is invalid: mine"],
    ]);
});

describe("ExportTableToPointInTime, DescribeExport and ListExports, working", { skip: !isOwnServer && "its files are read" }, async () => {
    const kinds = {
        s: { S: "é\n\"" }, n: { N: "-12.5" }, b: { B: "AQID" }, ss: { SS: ["a", "b"] }, ns: { NS: ["1", "2"] }, bs: { BS: ["AQ=="] },
        t: { BOOL: true }, z: { NULL: true }, l: { L: [{ S: "x" }, { N: "1" }] }, m: { M: { "a b": { S: "" }, in: { M: {} } } },
    };

    it("exports every item in the layout of the service", async () => {
        const { TableName, TableArn } = await recovered(api, "pk S, sk N");
        const wanted = Array.from({ length: 300 }, (_, i) => ({ pk: { S: `p${i % 40}` }, sk: { N: String(i) }, ...kinds }));
        for (const Item of wanted)
            await api.ok("PutItem", { TableName, Item });
        const { ExportDescription: begun } = await api.client.send(new ExportTableToPointInTimeCommand({ TableArn, S3Bucket: "bucket", S3Prefix: "year/month" }));
        assert.match(begun.ExportArn, new RegExp(`^${TableArn}/export/\\d{14}-[0-9a-f]{8}$`));
        assert.deepEqual([begun.ExportStatus, begun.ExportFormat, begun.ExportType], ["IN_PROGRESS", "DYNAMODB_JSON", undefined]);
        await ended(api, begun.ExportArn);
        const { ExportDescription: done } = await api.client.send(new DescribeExportCommand({ ExportArn: begun.ExportArn }));
        assert.deepEqual([done.ExportStatus, done.ItemCount, done.ClientToken, done.S3SseAlgorithm], ["COMPLETED", 300, begun.ClientToken, "AES256"]);
        assert.ok(done.EndTime >= done.StartTime);
        const id = begun.ExportArn.split("/").at(-1);
        assert.equal(done.ExportManifest, `year/month/AWSDynamoDB/${id}/manifest-summary.json`);
        const { summary, files, lines } = readExport(s3Root, done);
        assert.deepEqual(sorted(itemsOf(lines)), sorted(wanted.map((item) => Object.fromEntries(Object.entries(item).sort()))));
        assert.equal(files.length, 4, "one for each partition");
        for (const { dataFileS3Key } of files)
            assert.match(dataFileS3Key, new RegExp(`^year/month/AWSDynamoDB/${id}/data/[a-z0-9]{26}\\.json\\.gz$`));
        assert.deepEqual(readdirSync(join(s3Root, "bucket/year/month/AWSDynamoDB", id)).sort(), ["_started", "data", "manifest-files.json", "manifest-files.md5", "manifest-summary.json", "manifest-summary.md5"]);
        assert.equal(readdirSync(join(s3Root, "bucket/year/month/AWSDynamoDB", id, "data")).length, 4);
        assert.deepEqual([summary.version, summary.exportArn, summary.tableArn, summary.s3Bucket, summary.s3Prefix, summary.outputFormat, summary.billedSizeBytes], ["2020-06-30", begun.ExportArn, TableArn, "bucket", "year/month", "DYNAMODB_JSON", done.BilledSizeBytes]);
    });

    it("exports Ion", async () => {
        const { TableName, TableArn } = await recovered(api);
        await api.ok("PutItem", { TableName, Item: { pk: { S: "a" }, ...kinds } });
        const done = await exported(api, { TableArn, ExportFormat: "ION", ExportType: "FULL_EXPORT" });
        assert.deepEqual([done.ExportFormat, done.ExportType], ["ION", "FULL_EXPORT"]);
        const { files, lines } = readExport(s3Root, done);
        assert.ok(files.every(({ dataFileS3Key }) => dataFileS3Key.endsWith(".ion.gz")));
        assert.deepEqual(lines, ["$ion_1_0 {Item:{b:{{AQID}},bs:$dynamodb_BS::[{{AQ==}}],l:[\"x\",1.],m:{'a b':\"\",in:{}},n:-12.5,ns:$dynamodb_NS::[1.,2.],pk:\"a\",s:\"é\\x0a\\\"\",ss:$dynamodb_SS::[\"a\",\"b\"],t:true,z:null}}"]);
    });

    for (const ExportFormat of ["DYNAMODB_JSON", "ION"])
        it(`an export as ${ExportFormat} is the same table again when it is imported`, async () => {
            const { TableName, TableArn } = await recovered(api, "pk S, sk N");
            const wanted = Array.from({ length: 120 }, (_, i) => ({ ...kinds, pk: { S: `p${i % 7}` }, sk: { N: String(i) } }));
            for (const Item of wanted)
                await api.ok("PutItem", { TableName, Item });
            const { ExportManifest } = await exported(api, { TableArn, ExportFormat, S3Prefix: "again" });
            const again = api.tableName();
            const { ImportArn } = (await api.ok("ImportTable", {
                ClientToken: again,
                S3BucketSource: { S3Bucket: "bucket", S3KeyPrefix: ExportManifest.replace("manifest-summary.json", "data/") },
                InputFormat: ExportFormat, InputCompressionType: "GZIP",
                TableCreationParameters: {
                    TableName: again, BillingMode: "PAY_PER_REQUEST",
                    AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }, { AttributeName: "sk", AttributeType: "N" }],
                    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "sk", KeyType: "RANGE" }],
                },
            })).ImportTableDescription;
            const look = async () => (await api.ok("DescribeImport", { ImportArn })).ImportTableDescription;
            for (let tries = 0; tries < 3000 && (await look()).ImportStatus === "IN_PROGRESS"; tries++)
                await pause(10);
            const { ImportStatus, ImportedItemCount, ErrorCount } = await look();
            assert.deepEqual([ImportStatus, ImportedItemCount, ErrorCount ?? 0], ["COMPLETED", 120, 0]);
            const scan = async (name) => sorted((await api.ok("Scan", { TableName: name })).Items);
            assert.deepEqual(await scan(again), await scan(TableName));
            await api.ok("DeleteTable", { TableName: again });
        });

    it("an empty table has empty files", async () => {
        const { TableArn } = await recovered(api);
        const { files, lines } = readExport(s3Root, await exported(api, { TableArn }));
        assert.deepEqual([files.length, lines], [4, []]);
    });

    it("ListExports has them in the reverse order of their ARNs, page by page", async () => {
        const { TableArn } = await recovered(api);
        const arns = [];
        for (let i = 0; i < 5; i++)
            arns.push((await exported(api, { TableArn, S3Bucket: "nowhere" })).ExportArn);
        const listed = [];
        let NextToken;
        do {
            const page = await api.client.send(new ListExportsCommand({ TableArn, MaxResults: 2, NextToken }));
            assert.ok(page.ExportSummaries.length <= 2);
            listed.push(...page.ExportSummaries);
            NextToken = page.NextToken;
        } while (NextToken);
        assert.deepEqual(listed, arns.sort().reverse().map((ExportArn) => ({ ExportArn, ExportStatus: "FAILED", ExportType: "FULL_EXPORT" })));
        for (let i = 0; i < 6; i++)
            await exported(api, { TableArn, S3Bucket: "nowhere" });
        const short = await api.ok("ListExports", { TableArn });
        assert.deepEqual([short.ExportSummaries.length, typeof short.NextToken], [10, "string"]);
        const all = (await api.ok("ListExports", { MaxResults: 25 })).ExportSummaries.map(({ ExportArn }) => ExportArn);
        assert.deepEqual(all, [...all].sort().reverse());
    });

    it("an export of a table that is deleted goes on", async () => {
        const { TableName, TableArn } = await recovered(api);
        await api.ok("PutItem", { TableName, Item: { pk: { S: "a" } } });
        const { ExportArn } = await begin(api, { TableArn });
        await api.ok("DeleteTable", { TableName });
        const done = await ended(api, ExportArn);
        assert.deepEqual([done.ExportStatus, done.ItemCount, done.DestinationType], ["COMPLETED", 1, "S3"]);
    });

    it("a table that is gone has no exports, nor has the next one of its name; what is known of them stays", async () => {
        const { TableName, TableArn } = await recovered(api);
        const ClientToken = `gone-${TableName}`;
        const { ExportArn } = await exported(api, { TableArn, ClientToken });
        const listed = async () => (await api.ok("ListExports", { TableArn })).ExportSummaries.map((each) => each.ExportArn);
        assert.deepEqual(await listed(), [ExportArn]);
        await api.ok("DeleteTable", { TableName });
        await api.untilGone(TableName);
        assert.deepEqual(await listed(), []);
        expectError(await api.call("ExportTableToPointInTime", { TableArn, S3Bucket: "bucket", ClientToken }), "TableNotFoundException", `Table not found: ${TableArn}`);
        await api.ok("CreateTable", { TableName, BillingMode: "PAY_PER_REQUEST", AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }], KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }] });
        await api.untilActive(TableName);
        assert.deepEqual(await listed(), []);
        assert.equal((await describeExport(api, ExportArn)).ExportStatus, "COMPLETED");
        await api.ok("DeleteTable", { TableName });
    });
});

describe("ExportTableToPointInTime at other times, working", { skip: !isOwnServer && "the clock is moved" }, async () => {
    const root = isOwnServer && directory();
    const moved = isOwnServer && (await openEndpoint({ clock: "manual", backupDir: directory(), s3Root: root }));
    if (isOwnServer)
        mkdirSync(join(root, "bucket"));
    const clock = async (method, body) => JSON.parse((await exchange(moved, { method, path: "/_stator/clock", body: body && JSON.stringify(body) })).text);
    const now = async () => (await clock("GET")).EpochMilliseconds / 1000;
    const advance = (seconds) => clock("PUT", { AdvanceMilliseconds: seconds * 1000 });
    const contents = async (TableName) => Object.fromEntries((await moved.ok("Scan", { TableName })).Items.map((item) => [item.pk.S, item]));
    let seed = 11;
    const random = (bound) => (seed = (seed * 1103515245 + 12345) % 2 ** 31) % bound;

    /* A history of writes: what stood in the table at each moment. */
    const history = async (TableName, steps, between) => {
        const moments = [[await now(), await contents(TableName)]];
        for (let i = 0; i < steps; i++) {
            await advance(between());
            const pk = { S: `p${random(12)}` };
            if (random(3) === 0)
                await moved.ok("DeleteItem", { TableName, Key: { pk } });
            else
                await moved.ok("PutItem", { TableName, Item: { pk, n: { N: String(i) } } });
            moments.push([await now(), await contents(TableName)]);
        }
        await advance(1);
        return moments;
    };

    it("exports the table as it was at each moment", async () => {
        const { TableName, TableArn } = await recovered(moved);
        const moments = await history(TableName, 40, () => [1, 1, 30 * MINUTE, 9 * HOUR][random(4)]);
        const tooNew = (await now()) - 1;
        expectError(await moved.call("ExportTableToPointInTime", { TableArn, S3Bucket: "bucket", ExportTime: tooNew }), "InvalidExportTimeException", "Point in Time Recovery is not available for specified export time");
        await advance(5 * MINUTE); /* by then the last of them can be had */
        for (const [ExportTime, wanted] of moments.filter((_, i) => i % 5 === 0)) {
            const { summary, lines } = readExport(root, await exported(moved, { TableArn, ExportTime }));
            assert.deepEqual(sorted(itemsOf(lines)), sorted(Object.values(wanted).map(({ n, pk }) => (n ? { n, pk } : { pk }))), `at ${ExportTime}`);
            assert.equal(summary.exportTime, new Date(ExportTime * 1000).toISOString());
        }
    });

    for (const ExportViewType of ["NEW_AND_OLD_IMAGES", "NEW_IMAGE", undefined])
        it(`exports what changed in a span, ${ExportViewType ?? "without a view"}`, async () => {
            const { TableName, TableArn } = await recovered(moved);
            const moments = await history(TableName, 40, () => 5 * MINUTE + random(20 * MINUTE));
            const at = (time) => moments.findLast(([moment]) => moment < time)?.[1] ?? {};
            for (const [i, j] of [[3, 12], [10, 30], [1, 39]]) {
                const [ExportFromTime, ExportToTime] = [moments[i][0], moments[j][0]];
                const done = await exported(moved, { TableArn, ExportType: "INCREMENTAL_EXPORT", IncrementalExportSpecification: { ExportFromTime, ExportToTime, ExportViewType } });
                assert.deepEqual(done.IncrementalExportSpecification, { ExportFromTime, ExportToTime, ExportViewType: ExportViewType ?? "NEW_AND_OLD_IMAGES" });
                const { summary, files, lines } = readExport(root, done);
                const [before, then] = [at(ExportFromTime), at(ExportToTime)];
                const lastChange = (pk) => {
                    const changed = moments.filter(([time], k) => k > 0 && time >= ExportFromTime && time < ExportToTime && JSON.stringify(moments[k - 1][1][pk]) !== JSON.stringify(moments[k][1][pk]));
                    return changed.at(-1)?.[0];
                };
                const wanted = [...new Set([...Object.keys(before), ...Object.keys(then)])].filter(lastChange).map((pk) => ({
                    Metadata: { WriteTimestampMicros: { N: String(Math.round(lastChange(pk) * 1000) * 1000) } },
                    Keys: { pk: { S: pk } },
                    ...(before[pk] && ExportViewType !== "NEW_IMAGE" && { OldImage: { n: before[pk].n, pk: { S: pk } } }),
                    ...(then[pk] && { NewImage: { n: then[pk].n, pk: { S: pk } } }),
                }));
                assert.ok(wanted.length > 0);
                assert.deepEqual(lines.slice().sort(), sorted(wanted));
                assert.ok(files.every(({ dataFileS3Key }) => /^AWSDynamoDB\/data\/[a-z0-9]{26}\.json\.gz$/.test(dataFileS3Key)));
                assert.deepEqual([summary.version, summary.exportType, summary.outputView], ["2023-08-01", "INCREMENTAL_EXPORT", ExportViewType ?? "NEW_AND_OLD_IMAGES"]);
            }
        });

    it("a token is forgotten after eight hours, an export after 90 days", async () => {
        const { TableArn } = await recovered(moved);
        const ClientToken = "again";
        const first = await exported(moved, { TableArn, ClientToken });
        await advance(8 * HOUR + 1);
        const second = await exported(moved, { TableArn, ClientToken });
        assert.notEqual(first.ExportArn, second.ExportArn);
        await advance(91 * 24 * HOUR);
        const { ExportArn } = await exported(moved, { TableArn });
        const list = async () => (await moved.ok("ListExports", { TableArn })).ExportSummaries.map((each) => each.ExportArn);
        for (let tries = 0; tries < 1000 && (await list()).length > 1; tries++)
            await pause(10);
        assert.deepEqual(await list(), [ExportArn]);
    });

    it("goes on after a kill, and ends whole", async () => {
        if (process.env.STATOR_TEST_FLAGS?.includes("--in-memory"))
            return; /* whose data goes with the process */
        const ownRoot = directory();
        mkdirSync(join(ownRoot, "bucket"));
        const own = await openEndpoint({ backupDir: directory(), s3Root: ownRoot });
        const { TableName, TableArn } = await recovered(own);
        const filler = "x".repeat(2000);
        const items = Array.from({ length: 2000 }, (_, i) => ({ filler: { S: filler + i }, pk: { S: `p${i}` } }));
        for (let i = 0; i < items.length; i += 25)
            await own.ok("BatchWriteItem", { RequestItems: { [TableName]: items.slice(i, i + 25).map((Item) => ({ PutRequest: { Item } })) } });
        const arns = [];
        for (let kill = 0; kill < 4; kill++) {
            const again = new own.constructor(own.server.url);
            arns.push((await begin(again, { TableArn, S3Prefix: `kill${kill}` })).ExportArn);
            const data = join(ownRoot, "bucket", `kill${kill}`, "AWSDynamoDB", arns.at(-1).split("/").at(-1), "data");
            const begun = Date.now();
            while (!existsSync(data) && Date.now() - begun < 5000 && kill > 0)
                await pause(1);
            await own.server.kill();
            await own.server.start();
        }
        const last = new own.constructor(own.server.url);
        for (const ExportArn of arns) {
            const { lines } = readExport(ownRoot, await ended(last, ExportArn));
            assert.deepEqual(sorted(itemsOf(lines)), sorted(items));
        }
        assert.deepEqual(readdirSync(ownRoot, { recursive: true }).filter((name) => name.endsWith(".tmp")), []);
    });
});
