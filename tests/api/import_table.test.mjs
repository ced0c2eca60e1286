/*
 * ImportTable, DescribeImport, ListImports.
 * Source: service model; Developer Guide, "Import from Amazon S3"; imports measured on the service.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { DescribeImportCommand, ImportTableCommand, ListImportsCommand } from "@aws-sdk/client-dynamodb";
import { Endpoint, isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { broken, enumOf, expectError, lengthAtLeast, lengthAtMost, NOT_NULL, PATTERN, refuses, refusesWrongTypes, validationErrors, valueAtMost } from "../support/expect.mjs";
import { runStator, startServer } from "../support/server.mjs";
import { until } from "../support/until.mjs";

const root = mkdtempSync(join(tmpdir(), "stator-s3-"));
after(() => rmSync(root, { recursive: true, force: true }));
const api = await openEndpoint(isOwnServer ? { s3Root: root } : {});

let bucketCount = 0;
/* A bucket with these objects; its name. */
function bucketOf(objects) {
    const bucket = `bucket-${++bucketCount}`;
    mkdirSync(join(root, bucket));
    for (const [key, content] of Object.entries(objects)) {
        mkdirSync(dirname(join(root, bucket, key)), { recursive: true });
        writeFileSync(join(root, bucket, key), content);
    }
    return bucket;
}

/* A frame of zstd with its content as it is. Source: RFC 8878. */
function zstdOf(text) {
    const content = Buffer.from(text);
    const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0, 0, 0, 0]);
    head.writeUInt32LE(content.length, 5);
    head.writeUIntLE((content.length << 3) | 1, 9, 3);
    return Buffer.concat([head, content]);
}

const lines = (...items) => items.map((Item) => JSON.stringify({ Item }) + "\n").join("");
const parameters = (TableName, more = {}) => ({
    TableName,
    AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    BillingMode: "PAY_PER_REQUEST",
    ...more,
});
let tokenCount = 0;
const request = (S3Bucket, TableName, more = {}, table = {}) => ({
    ClientToken: `token-${process.pid}-${++tokenCount}`,
    S3BucketSource: { S3Bucket },
    InputFormat: "DYNAMODB_JSON",
    TableCreationParameters: parameters(TableName, table),
    ...more,
});
const describeImport = async (ImportArn, of = api) => (await of.ok("DescribeImport", { ImportArn })).ImportTableDescription;
const untilEnded = (ImportArn, of = api) => until(async () => {
    const description = await describeImport(ImportArn, of);
    return description.ImportStatus !== "IN_PROGRESS" && description;
}, "the import does not end");
/* Begin an import and wait for its end. */
async function importTable(S3Bucket, more = {}, table = {}) {
    const TableName = api.tableName();
    api.willDelete(TableName);
    const { ImportTableDescription } = await api.ok("ImportTable", request(S3Bucket, TableName, more, table));
    return { TableName, ...(await untilEnded(ImportTableDescription.ImportArn)) };
}
const itemsOf = async (TableName, more = {}) => (await api.ok("Scan", { TableName, ...more })).Items;
const byKey = (items) => items.sort((a, b) => (a.pk.S < b.pk.S ? -1 : 1));
const countsOf = ({ ImportStatus, ProcessedItemCount, ImportedItemCount, ErrorCount }) => [ImportStatus, ProcessedItemCount, ImportedItemCount, ErrorCount];

const missing = api.tableName();
const arnOf = (table, id = "01700000000000-0123abcd") => `arn:aws:dynamodb:us-east-1:000000000000:table/${table}/import/${id}`;
const patternOf = (pattern) => `Member must satisfy regular expression pattern: ${pattern}`;

describe("ImportTable, DescribeImport and ListImports, malformed", () => {
    refusesWrongTypes(api, "ImportTable", { ClientToken: "String", InputFormat: "String", InputCompressionType: "String" });
    refusesWrongTypes(api, "DescribeImport", { ImportArn: "String" });
    refusesWrongTypes(api, "ListImports", { TableArn: "String", PageSize: "Integer", NextToken: "String" });
});

describe("ImportTable, DescribeImport and ListImports, invalid", () => {
    const csv = (options) => request("some-bucket", missing, { InputFormat: "CSV", InputFormatOptions: { Csv: options } });
    const from = (source) => request("some-bucket", missing, { S3BucketSource: source });
    const into = (table) => request("some-bucket", missing, {}, table);
    refuses(api, "ImportTable", "ValidationException", [
        ["nothing at all", {}, validationErrors(broken(null, "clientToken", NOT_NULL), broken(null, "s3BucketSource", NOT_NULL), broken(null, "inputFormat", NOT_NULL), broken(null, "tableCreationParameters", NOT_NULL))],
        ["a token with a dollar", { ...from({ S3Bucket: "ab" }), ClientToken: "a$b" }, validationErrors(broken("a$b", "clientToken", patternOf("^[^\\$]+$")))],
        ["an empty token", { ...from({ S3Bucket: "ab" }), ClientToken: "" }, validationErrors(broken("", "clientToken", patternOf("^[^\\$]+$")))],
        ["no bucket", from({}), validationErrors(broken(null, "s3BucketSource.s3Bucket", NOT_NULL))],
        ["a bucket that leads upwards", from({ S3Bucket: ".." }), validationErrors(broken("..", "s3BucketSource.s3Bucket", patternOf("^[a-z0-9A-Z]+[\\.\\-\\w]*[a-z0-9A-Z]+$")))],
        ["a bucket with a slash", from({ S3Bucket: "a/b" }), validationErrors(broken("a/b", "s3BucketSource.s3Bucket", patternOf("^[a-z0-9A-Z]+[\\.\\-\\w]*[a-z0-9A-Z]+$")))],
        ["a long bucket", from({ S3Bucket: "x".repeat(256) }), validationErrors(broken("x".repeat(256), "s3BucketSource.s3Bucket", lengthAtMost(255)))],
        ["a long prefix", from({ S3Bucket: "ab", S3KeyPrefix: "x".repeat(1025) }), validationErrors(broken("x".repeat(1025), "s3BucketSource.s3KeyPrefix", lengthAtMost(1024)))],
        ["an owner that is no account", from({ S3Bucket: "ab", S3BucketOwner: "me" }), validationErrors(broken("me", "s3BucketSource.s3BucketOwner", patternOf("[0-9]{12}")))],
        ["a format that there is not", request("ab", missing, { InputFormat: "XML" }), validationErrors(broken("XML", "inputFormat", enumOf("DYNAMODB_JSON", "ION", "CSV")))],
        ["a compression that there is not", request("ab", missing, { InputCompressionType: "BZIP2" }), validationErrors(broken("BZIP2", "inputCompressionType", enumOf("ZSTD", "NONE", "GZIP")))],
        ["a delimiter that is none", csv({ Delimiter: "x" }), validationErrors(broken("x", "inputFormatOptions.csv.delimiter", patternOf("[,;:|\\t ]")))],
        ["a header with a quote", csv({ HeaderList: ["pk", 'a"b'] }), /inputFormatOptions\.csv\.headerList/],
        ["a header that names a column twice", csv({ HeaderList: ["pk", "a", "a"] }), /names a column twice: a/],
        ["options of CSV with another format", { ...csv({ Delimiter: ";" }), InputFormat: "DYNAMODB_JSON" }, "Invalid Request: Unsupported InputFormatOptions for the given input format: DYNAMODB_JSON."],
        ["a name that is none", into({ TableName: "no name!" }), validationErrors(broken("no name!", "tableCreationParameters.tableName", PATTERN))],
        ["definitions that do not cover the keys", into({ AttributeDefinitions: [{ AttributeName: "other", AttributeType: "S" }] }), /AttributeDefinitions|KeySchema/],
        ["provisioned throughput that is not said", into({ BillingMode: "PROVISIONED" }), "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"],
        ["an index that is to be warmed up", into({ GlobalSecondaryIndexes: [{ IndexName: "byPk", KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" }, WarmThroughput: { ReadUnitsPerSecond: 12000, WriteUnitsPerSecond: 4000 } }] }), "WarmThroughput is not supported on Global Secondary Indexes via ImportTable"],
        ["a vector index", into({ VectorIndexes: [{ IndexName: "vectors" }] }), /VectorIndexes/],
    ]);
    refuses(api, "DescribeImport", "ValidationException", [
        ["nothing at all", {}, validationErrors(broken(null, "importArn", NOT_NULL))],
        ["a short ARN", { ImportArn: "arn" }, validationErrors(broken("arn", "importArn", lengthAtLeast(37)))],
        ["the ARN of an export", { ImportArn: arnOf(missing).replace("import", "export") }, "Invalid Import ARN"],
        ["another account's", { ImportArn: arnOf(missing).replace("000000000000", "999999999999") }, "Access is denied", "AccessDeniedException"],
        ["another account's table", { ImportArn: "arn:aws:dynamodb:us-east-1:999999999999:table/something-or-other" }, "Access is denied", "AccessDeniedException"],
        ["another region's", { ImportArn: arnOf(missing).replace("us-east-1", "eu-west-1") }, /^Import not found: /, "ImportNotFoundException"],
        ["an ARN of a table whose name is too short", { ImportArn: arnOf("x") }, "Invalid Import ARN"],
        ["an ARN of something else", { ImportArn: "arn:aws:dynamodb:us-east-1:000000000000:table/something-or-other" }, "Invalid Import ARN"],
        ["an import that is not there", { ImportArn: arnOf(missing) }, /^Import not found: /, "ImportNotFoundException"],
    ]);
    refuses(api, "ListImports", "ValidationException", [
        ["a page that is too large", { PageSize: 26 }, validationErrors(broken("26", "pageSize", valueAtMost(25)))],
        ["a token that is none", { NextToken: "0".repeat(112) }, `Invalid Request: Provided nextToken is invalid: ${"0".repeat(112)}`],
        ["a token that is too short", { NextToken: "0".repeat(96) }, validationErrors(broken("0".repeat(96), "nextToken", lengthAtLeast(112)))],
    ]);

    it("a name that is in use", async () => {
        const TableName = await api.table();
        expectError(await api.call("ImportTable", request("some-bucket", TableName)), "ResourceInUseException", `Table already exists: ${TableName}`);
    });

    it("a server without a directory for buckets says so", { skip: !isOwnServer }, async () => {
        const server = await startServer({ inMemory: true });
        const bare = new Endpoint(server.url, server);
        expectError(await bare.call("ImportTable", request("some-bucket", missing)), "ValidationException", /--s3-root/);
        await bare.close();
    });
});

describe("ImportTable, DescribeImport and ListImports, working", { skip: !isOwnServer && "the files are on this machine" }, () => {
    it("are understood by the SDK, from the first answer to the end", async () => {
        const TableName = api.tableName();
        api.willDelete(TableName);
        const bucket = bucketOf({ "in/1.json": lines({ pk: { S: "a" }, g: { S: "x" }, n: { N: "1" } }, { pk: { S: "b" } }), "out/2.json": "no JSON" });
        const indexes = {
            AttributeDefinitions: [{ AttributeName: "g", AttributeType: "S" }, { AttributeName: "pk", AttributeType: "S" }],
            GlobalSecondaryIndexes: [{ IndexName: "byG", KeySchema: [{ AttributeName: "g", KeyType: "HASH" }], Projection: { ProjectionType: "KEYS_ONLY" } }],
        };
        const source = { S3Bucket: bucket, S3KeyPrefix: "in/", S3BucketOwner: "000000000000" };
        const { ImportTableDescription: begun } = await api.client.send(new ImportTableCommand(request(bucket, TableName, { S3BucketSource: source }, indexes)));
        assert.match(begun.ImportArn, new RegExp(`:table/${TableName}/import/\\d{14}-[0-9a-f]{8}$`));
        assert.equal(begun.ImportStatus, "IN_PROGRESS");
        assert.deepEqual(begun.S3BucketSource, source);
        assert.deepEqual(begun.TableCreationParameters, parameters(TableName, indexes));
        assert.deepEqual(countsOf(begun), ["IN_PROGRESS", 0, 0, 0]);
        assert.ok(!("EndTime" in begun) && !("ProcessedSizeBytes" in begun) && !("FailureCode" in begun));
        await untilEnded(begun.ImportArn);
        const { ImportTableDescription: ended } = await api.client.send(new DescribeImportCommand({ ImportArn: begun.ImportArn }));
        assert.deepEqual(countsOf(ended), ["COMPLETED", 2, 2, 0]);
        assert.ok(ended.EndTime >= ended.StartTime);
        for (const same of ["ImportArn", "TableArn", "TableId", "ClientToken", "S3BucketSource", "InputFormat", "InputCompressionType", "TableCreationParameters", "StartTime"])
            assert.deepEqual(ended[same], begun[same], same);
        const { Table } = await api.ok("DescribeTable", { TableName });
        assert.deepEqual([Table.TableStatus, Table.TableId, Table.ItemCount, Table.GlobalSecondaryIndexes[0].ItemCount], ["ACTIVE", begun.TableId, 2, 1]);
        assert.deepEqual(byKey(await itemsOf(TableName)), [{ pk: { S: "a" }, g: { S: "x" }, n: { N: "1" } }, { pk: { S: "b" } }]);
        assert.deepEqual(await itemsOf(TableName, { IndexName: "byG" }), [{ pk: { S: "a" }, g: { S: "x" } }]);
        const { ImportSummaryList } = await api.client.send(new ListImportsCommand({ TableArn: begun.TableArn }));
        assert.deepEqual(ImportSummaryList.map((each) => [each.ImportArn, each.ImportStatus, each.TableArn, each.InputFormat, Object.keys(each).length]), [[begun.ImportArn, "COMPLETED", begun.TableArn, "DYNAMODB_JSON", 7]]);
    });

    it("an export as the service lays it out is an import: its data folder is the prefix", async () => {
        const folder = "AWSDynamoDB/01693685827463-2d8752fd";
        const items = [
            { pk: { S: "103" }, Authors: { SS: ["Author1", "Author2"] }, Dimensions: { S: "8.5 x 11.0 x 1.5" }, ISBN: { S: "333-3333333333" }, InPublication: { BOOL: false }, PageCount: { N: "600" }, Nothing: { NULL: true } },
            { pk: { S: "104" }, Cover: { B: "aGVsbG8=" }, Prices: { NS: ["1.5", "20"] }, Tags: { L: [{ S: "a" }, { M: { b: { N: "1" } } }] }, Scans: { BS: ["YQ=="] } },
        ];
        const bucket = bucketOf({
            [`${folder}/_started`]: "",
            [`${folder}/manifest-summary.json`]: JSON.stringify({ version: "2020-06-30", outputFormat: "DYNAMODB_JSON", itemCount: 2 }),
            [`${folder}/manifest-summary.md5`]: "8xVxkmVgBeMR3GB9ODZ0rg==",
            [`${folder}/manifest-files.json`]: `${JSON.stringify({ itemCount: 2, dataFileS3Key: `${folder}/data/asdl123asdas.json.gz` })}\n`,
            [`${folder}/data/asdl123asdas.json.gz`]: gzipSync(lines(items[0])),
            [`${folder}/data/asdl123asdat.json.gz`]: gzipSync(lines(items[1])),
        });
        const imported = await importTable(bucket, { S3BucketSource: { S3Bucket: bucket, S3KeyPrefix: `${folder}/data/` }, InputCompressionType: "GZIP" });
        assert.deepEqual(countsOf(imported), ["COMPLETED", 2, 2, 0]);
        assert.deepEqual(byKey(await itemsOf(imported.TableName)), items);
    });

    it("compressed files say as many bytes as the plain ones", async () => {
        const text = lines({ pk: { S: "a" } }, { pk: { S: "b" }, long: { S: "x".repeat(1000) } });
        const expected = byKey([{ pk: { S: "a" } }, { pk: { S: "b" }, long: { S: "x".repeat(1000) } }]);
        for (const [InputCompressionType, content] of [["NONE", text], ["GZIP", gzipSync(text)], ["ZSTD", zstdOf(text)]]) {
            const imported = await importTable(bucketOf({ "any name": content, empty: "" }), { InputCompressionType });
            assert.deepEqual([...countsOf(imported), imported.ProcessedSizeBytes], ["COMPLETED", 2, 2, 0, Buffer.byteLength(text)], InputCompressionType);
            assert.deepEqual(byKey(await itemsOf(imported.TableName)), expected);
        }
    });

    it("columns of CSV are strings, those of keys have the types of their definitions", async () => {
        const table = {
            AttributeDefinitions: [["pk", "S"], ["sk", "N"], ["blob", "B"]].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
            KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "sk", KeyType: "RANGE" }],
            GlobalSecondaryIndexes: [{ IndexName: "byBlob", KeySchema: [{ AttributeName: "blob", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } }],
        };
        const items = [{ pk: { S: "a" }, sk: { N: "1" }, blob: { B: "YQ==" }, value: { S: '"123", twice' } }, { pk: { S: "b" }, sk: { N: "2" }, value: { S: "5" } }];
        const comma = await importTable(bucketOf({ "a.csv": 'pk,sk,blob,value\na,1,YQ==,"""123"", twice"\nb,2.0,,5\n' }), { InputFormat: "CSV" }, table);
        assert.deepEqual(byKey(await itemsOf(comma.TableName)), items);
        assert.equal((await itemsOf(comma.TableName, { IndexName: "byBlob" })).length, 1);
        const options = { Csv: { Delimiter: ";", HeaderList: ["pk", "sk", "blob", "value"] } };
        const own = await importTable(bucketOf({ "a.csv": 'a;1;YQ==;"""123"", twice"\r\n', "b.csv": "b;2;;5" }), { InputFormat: "CSV", InputFormatOptions: options }, table);
        assert.deepEqual(own.InputFormatOptions, options);
        assert.deepEqual(byKey(await itemsOf(own.TableName)), items);
    });

    it("values of Ion are those of an export in Ion", async () => {
        const ion = `$ion_1_0 {Item:{pk:"a",Authors:$dynamodb_SS::["x","y"],Ids:$dynamodb_NS::[1.,25d-1],Raw:$dynamodb_BS::[{{YQ==}}],Price:103.,Big:6d2,Cover:{{aGVsbG8=}},Sold:true,Nothing:null,List:["x",1.5,{k:"v"}],Map:{a:{b:"c"}}}}\n`;
        const imported = await importTable(bucketOf({ "a.ion": ion }), { InputFormat: "ION" });
        assert.deepEqual(countsOf(imported), ["COMPLETED", 1, 1, 0]);
        assert.deepEqual(await itemsOf(imported.TableName), [{
            pk: { S: "a" }, Authors: { SS: ["x", "y"] }, Ids: { NS: ["1", "2.5"] }, Raw: { BS: ["YQ=="] }, Price: { N: "103" }, Big: { N: "600" }, Cover: { B: "aGVsbG8=" },
            Sold: { BOOL: true }, Nothing: { NULL: true }, List: { L: [{ S: "x" }, { N: "1.5" }, { M: { k: { S: "v" } } }] }, Map: { M: { a: { M: { b: { S: "c" } } } } },
        }]);
    });

    it("what is no item is counted and told by file and line, and everything else is there", async () => {
        const good = lines({ pk: { S: "good" }, v: { S: "kept" } });
        const imported = await importTable(bucketOf({
            "0": `${good}\n   \n`,
            "1": `${good}{"NotAnItem":{"pk":{"S":"x"}}}\n${lines({ pk: { S: "behind" } })}`,
            "2": '{"Item": ',
            "3": lines({ other: { S: "x" } }, { pk: { S: "after a bad key" } }),
            "4": lines({ pk: { N: "1" } }),
            "5": lines({ pk: { S: "x" }, n: { N: "secret" } }),
            "6": lines({ pk: { S: "x" }, large: { S: "x".repeat(410_000) } }),
            "7": lines({ pk: { S: "x" }, a: { Z: "unknown" } }),
        }));
        assert.deepEqual(countsOf(imported), ["FAILED", 10, 3, 7]);
        assert.equal(imported.FailureCode, "ItemValidationError");
        assert.match(imported.FailureMessage, /^Some of the items failed validation checks: 7 errors.* 1: line 2: it has no object Item$/);
        assert.deepEqual(byKey(await itemsOf(imported.TableName)), byKey([{ pk: { S: "good" }, v: { S: "kept" } }, { pk: { S: "after a bad key" } }]));
        assert.equal((await api.ok("DescribeTable", { TableName: imported.TableName })).Table.TableStatus, "ACTIVE");
        const log = api.server.log().split("\n").filter((line) => line.includes("event=import_error") && line.includes(imported.TableName));
        assert.deepEqual(log.map((line) => /object=(.) line=(\d+)/.exec(line).slice(1).join(":")).sort(), ["1:2", "2:1", "3:1", "4:1", "5:1", "6:1", "7:1"]);
        assert.ok(!log.join("\n").includes("secret"));
    });

    it("a damaged file ends where it is damaged, and the others are read", async () => {
        const many = gzipSync(lines(...Array.from({ length: 2000 }, (_, i) => ({ pk: { S: `many-${i}-${Math.sin(i)}` } }))));
        const imported = await importTable(bucketOf({ "a.json.gz": many.subarray(0, many.length >> 1), "b.json.gz": gzipSync(lines({ pk: { S: "b" } })) }), { InputCompressionType: "GZIP" });
        assert.deepEqual([imported.ImportStatus, imported.ErrorCount], ["FAILED", 1]);
        assert.match(imported.FailureMessage, /a\.json\.gz: byte \d+ of the file: it is no whole gzip file/);
        assert.ok(imported.ImportedItemCount > 100 && imported.ImportedItemCount < 2001);
        const { Table } = await api.ok("DescribeTable", { TableName: imported.TableName });
        assert.equal(Table.ItemCount, imported.ImportedItemCount);
        assert.ok((await api.ok("GetItem", { TableName: imported.TableName, Key: { pk: { S: "b" } } })).Item);
    });

    it("of items with one key one remains, and all are counted", async () => {
        const imported = await importTable(bucketOf({ a: lines({ pk: { S: "a" }, n: { N: "1" } }, { pk: { S: "a" }, n: { N: "2" } }, { pk: { S: "b" } }) }));
        assert.deepEqual(countsOf(imported), ["COMPLETED", 3, 3, 0]);
        assert.equal((await itemsOf(imported.TableName)).length, 2);
    });

    it("a bucket that is not there fails the import, and leaves no table", async () => {
        const imported = await importTable("no-such-bucket");
        assert.deepEqual([imported.FailureCode, imported.FailureMessage], ["S3NoSuchBucket", "The specified bucket does not exist"]);
        assert.deepEqual([...countsOf(imported), imported.ProcessedSizeBytes], ["FAILED", 0, 0, 0, 0]);
        expectError(await api.call("DescribeTable", { TableName: imported.TableName }), "ResourceNotFoundException", /./);
    });

    it("a bucket that is another account's fails the import, and leaves no table", async () => {
        const bucket = bucketOf({ a: lines({ pk: { S: "a" } }) });
        const of = (S3BucketOwner) => importTable(bucket, { S3BucketSource: { S3Bucket: bucket, S3BucketOwner } });
        assert.deepEqual(countsOf(await of("000000000000")), ["COMPLETED", 1, 1, 0]);
        const imported = await of("999999999999");
        assert.deepEqual([imported.FailureCode, ...countsOf(imported)], ["S3AccessDenied", "FAILED", 0, 0, 0]);
        assert.match(imported.FailureMessage, /Access Denied/);
        expectError(await api.call("DescribeTable", { TableName: imported.TableName }), "ResourceNotFoundException", /./);
    });

    it("a prefix without objects is an empty table", async () => {
        const imported = await importTable(bucketOf({ "a/b": "x" }), { S3BucketSource: { S3Bucket: `bucket-${bucketCount + 1 - 1}`, S3KeyPrefix: "../" } });
        assert.deepEqual([...countsOf(imported), imported.ProcessedSizeBytes], ["COMPLETED", 0, 0, 0, 0]);
        assert.deepEqual(await itemsOf(imported.TableName), []);
    });

    it("links lead nowhere", async () => {
        const secret = bucketOf({ hidden: lines({ pk: { S: "hidden" } }) });
        const bucket = bucketOf({ a: lines({ pk: { S: "a" } }) });
        symlinkSync(join(root, secret, "hidden"), join(root, bucket, "file"));
        symlinkSync(join(root, secret), join(root, bucket, "folder"));
        symlinkSync(join(root, secret), join(root, "aliased"));
        assert.deepEqual(await itemsOf((await importTable(bucket)).TableName), [{ pk: { S: "a" } }]);
        assert.equal((await importTable("aliased")).FailureCode, "S3NoSuchBucket");
    });

    it("a client token begins one import, whatever else is said with it; another table is a conflict", async () => {
        const TableName = api.tableName();
        api.willDelete(TableName);
        const bucket = bucketOf({ a: lines(...Array.from({ length: 20_000 }, (_, i) => ({ pk: { S: String(i) } }))) });
        const body = request(bucket, TableName);
        const { ImportTableDescription: first } = await api.ok("ImportTable", body);
        const replay = async (more) => (await api.ok("ImportTable", { ...body, ...more })).ImportTableDescription;
        assert.equal((await replay({})).ImportArn, first.ImportArn);
        const other = await replay({ InputFormat: "CSV", S3BucketSource: { S3Bucket: "other-bucket" } });
        assert.deepEqual([other.ImportArn, other.InputFormat, other.S3BucketSource], [first.ImportArn, "DYNAMODB_JSON", { S3BucketOwner: "000000000000", S3Bucket: bucket }]);
        expectError(await api.call("ImportTable", { ...body, TableCreationParameters: parameters(missing) }), "ImportConflictException", "Import conflict: Duplicate request detected with conflicting parameters");
        expectError(await api.call("DeleteTable", { TableName }), "ResourceInUseException", /being created/);
        await untilEnded(first.ImportArn);
        expectError(await api.call("ImportTable", body), "ResourceInUseException", `Table already exists: ${TableName}`);
    });

    it("a list has every import once, the newest first, page by page", async () => {
        const bucket = bucketOf({ a: lines({ pk: { S: "a" } }) });
        const made = [];
        for (let i = 0; i < 3; i++)
            made.unshift((await importTable(bucket)).ImportArn);
        const all = [];
        for (let NextToken; ; ) {
            const page = await api.ok("ListImports", { PageSize: 2, NextToken });
            assert.ok(page.ImportSummaryList.length <= 2);
            all.push(...page.ImportSummaryList.map((each) => each.ImportArn));
            NextToken = page.NextToken;
            if (!NextToken)
                break;
            assert.match(NextToken, /^([0-9a-f]{16}){7}$/);
        }
        assert.equal(new Set(all).size, all.length);
        assert.equal((await api.ok("ListImports", {})).ImportSummaryList.length, Math.min(10, all.length));
        assert.deepEqual(all.slice(0, 3).sort(), [...made].sort());
    });
});

const inMemory = (process.env.STATOR_TEST_FLAGS ?? "").includes("--in-memory");
describe("an import that is killed", { skip: (!isOwnServer && "no process to kill") || (inMemory && "nothing outlives the process") }, () => {
    it("goes on in the next process, counts every item once, and the directory is whole", async () => {
        const COUNT = 60_000;
        const files = {};
        for (let file = 0; file < 3; file++)
            files[`${file}.json.gz`] = gzipSync(lines(...Array.from({ length: COUNT / 3 }, (_, i) => ({ pk: { S: `${file}-${i}` }, g: { S: `g${i % 10}` } }))) + (file === 0 ? '{"Item":{"none":{"S":"x"}}}\n' : ""));
        const bucket = bucketOf(files);
        const server = await startServer({ s3Root: root, sync: "never" });
        const own = new Endpoint(server.url, server);
        const table = { AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }, { AttributeName: "g", AttributeType: "S" }], GlobalSecondaryIndexes: [{ IndexName: "byG", KeySchema: [{ AttributeName: "g", KeyType: "HASH" }], Projection: { ProjectionType: "KEYS_ONLY" } }] };
        const { ImportTableDescription } = await own.ok("ImportTable", request(bucket, "killed", { InputCompressionType: "GZIP" }, table));
        const itemCount = async (of) => (await of.ok("DescribeTable", { TableName: "killed" })).Table.ItemCount;
        let reached = own;
        for (const wanted of [2_000, 25_000]) {
            while ((await itemCount(reached)) < wanted)
                await pause(5);
            assert.equal((await describeImport(ImportTableDescription.ImportArn, reached)).ImportStatus, "IN_PROGRESS");
            expectError(await reached.call("Scan", { TableName: "killed" }), "ResourceNotFoundException", /./);
            await server.kill();
            await server.start();
            reached = new Endpoint(server.url, server);
        }
        const ended = await untilEnded(ImportTableDescription.ImportArn, reached);
        assert.deepEqual(countsOf(ended), ["FAILED", COUNT + 1, COUNT, 1]);
        assert.equal(await itemCount(reached), COUNT);
        await server.stop();
        const { code, output } = await runStator(["check", server.directory]);
        assert.equal(code, 0, output);
        await server.dispose();
    });
});
