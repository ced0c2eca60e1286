/* stator import: files into a table of a running server; what it says when that is not possible. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { exchange } from "../support/http.mjs";
import { runStator } from "../support/server.mjs";

describe("stator import", { skip: !isOwnServer && "it speaks plain HTTP" }, async () => {
    const directory = mkdtempSync(join(tmpdir(), "stator-import-"));
    after(() => rmSync(directory, { recursive: true, force: true }));
    const api = isOwnServer && (await openEndpoint({ faults: true, inMemory: true }));
    let folders = 0;
    const folderOf = (files) => {
        const folder = join(directory, String(++folders));
        mkdirSync(folder);
        for (const [name, content] of Object.entries(files))
            writeFileSync(join(folder, name), content);
        return folder;
    };
    const run = (folder, table, ...more) => runStator(["import", folder, table, "--port", String(api.port), ...more]);
    const lines = (...items) => items.map((Item) => JSON.stringify({ Item }) + "\n").join("");
    const count = async (TableName) => (await api.ok("Scan", { TableName, Select: "COUNT" })).Count;

    it("puts the items of all files, whatever their formats, the last one of a key", async () => {
        const table = await api.table("pk S");
        const many = Array.from({ length: 130 }, (_, i) => ({ pk: { S: `item ${i % 100}` }, n: { N: String(i) } }));
        const folder = folderOf({ "a.json.gz": gzipSync(lines(...many)), "b.ion": '{Item:{pk:"ion"}}', "c.csv": "pk,other\ncsv,1\n" });
        const { code, output } = await run(folder, table);
        assert.deepEqual([code, output], [0, `${table}: 132 items put from 3 files, 0 errors\n`]);
        assert.equal(await count(table), 102);
        assert.equal((await api.ok("GetItem", { TableName: table, Key: { pk: { S: "item 3" } } })).Item.n.N, "103");
    });

    it("items that are none are told by file and line, and the others are put", async () => {
        const table = await api.table("pk S");
        const folder = folderOf({
            a: lines({ pk: { S: "good" } }, { other: { S: "no key" } }, { pk: { S: "good too" } }, { pk: { S: "" } }),
            b: `${lines({ pk: { S: "before" } })}no JSON\n${lines({ pk: { S: "behind" } })}`,
        });
        const { code, errors, output } = await run(folder, table);
        assert.deepEqual([code, output], [1, `${table}: 3 items put from 2 files, 3 errors\n`]);
        assert.match(errors, /^stator import: a: line 2: .*Missing the key pk in the item/m);
        assert.match(errors, /^stator import: a: line 4: /m);
        assert.match(errors, /^stator import: b: line 2: it is not JSON/m);
        assert.equal(await count(table), 3);
    });

    it("an item that only the server can refuse is found among its batch", async () => {
        const table = await api.table("pk S", {
            AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }, { AttributeName: "g", AttributeType: "S" }],
            GlobalSecondaryIndexes: [{ IndexName: "byG", KeySchema: [{ AttributeName: "g", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } }],
        });
        const { code, errors } = await run(folderOf({ a: lines({ pk: { S: "1" } }, { pk: { S: "2" }, g: { N: "5" } }, { pk: { S: "3" } }) }), table);
        assert.equal(code, 1);
        assert.match(errors, /a: line 2: .*g/);
        assert.equal(await count(table), 2);
    });

    it("what comes back unprocessed or throttled is sent again", async () => {
        const table = await api.table("pk S");
        const rules = [
            { Fault: "PartialBatch", Operation: "BatchWriteItem", Processed: 3, Count: 4 },
            { Fault: "ProvisionedThroughputExceeded", Operation: "BatchWriteItem", Count: 2 },
            { Fault: "InternalServerError", Operation: "BatchWriteItem", Count: 1 },
        ];
        const set = await exchange(api, { method: "PUT", path: "/_stator/faults", body: JSON.stringify({ Faults: rules }) });
        assert.equal(set.status, 200, set.text);
        const { code, output, errors } = await run(folderOf({ a: lines(...Array.from({ length: 60 }, (_, i) => ({ pk: { S: String(i) } }))) }), table);
        assert.deepEqual([code, output], [0, `${table}: 60 items put from 1 files, 0 errors\n`], errors);
        assert.equal(await count(table), 60);
    });

    it("says how to make a table that is not there", async () => {
        const { code, errors } = await run(folderOf({ a: "" }), "NoSuchTable");
        assert.equal(code, 1);
        assert.match(errors, /there is no table NoSuchTable .*\naws dynamodb create-table .*--table-name NoSuchTable/);
    });

    it("refuses what it cannot begin with", async () => {
        const table = await api.table("pk S");
        for (const [words, status, said] of [
            [[join(directory, "nothing"), table], 2, /nothing cannot be read/],
            [[folderOf({}), table], 2, /no files/],
            [[directory], 2, /DIR TABLE/],
            [[directory, table, "--delimiter", "ab"], 2, /one character/],
            [[directory, table, "--port", "1"], 1, /127\.0\.0\.1:1|127\.0\.0\.1 port 1|port 1/],
        ]) {
            const ended = await runStator(["import", ...words, ...(words.includes("--port") ? [] : ["--port", String(api.port)])]);
            assert.equal(ended.code, status, ended.errors);
            assert.match(ended.errors, said);
        }
    });
});
