/* stator export: a table of a running server in files, and its refusals. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { isOwnServer, openEndpoint } from "../support/endpoint.mjs";
import { runStator } from "../support/server.mjs";

describe("stator export", { skip: !isOwnServer && "the command has no TLS" }, async () => {
    const root = mkdtempSync(join(tmpdir(), "stator-export-"));
    after(() => rmSync(root, { recursive: true, force: true }));
    const api = isOwnServer && (await openEndpoint());
    const TableName = isOwnServer && (await api.table("pk S, sk N"));
    const wanted = Array.from({ length: 700 }, (_, i) => ({ filler: { S: "x".repeat(3000) }, pk: { S: `p${i % 50}` }, sk: { N: String(i) } }));
    if (isOwnServer)
        for (let i = 0; i < wanted.length; i += 25)
            await api.ok("BatchWriteItem", { RequestItems: { [TableName]: wanted.slice(i, i + 25).map((Item) => ({ PutRequest: { Item } })) } });
    const run = (...words) => runStator(["export", ...words, "--port", String(api.port)]);

    /* Every line of every file of the export in a folder, its sums held against the manifest. */
    const linesOf = (folder) => {
        const [id] = readdirSync(join(folder, "AWSDynamoDB"));
        const own = join(folder, "AWSDynamoDB", id);
        const summary = JSON.parse(readFileSync(join(own, "manifest-summary.json"), "utf8"));
        const files = readFileSync(join(own, "manifest-files.json"), "utf8").trim().split("\n").map((line) => JSON.parse(line));
        const lines = files.flatMap(({ dataFileS3Key, md5Checksum, itemCount }) => {
            const bytes = readFileSync(join(folder, dataFileS3Key));
            assert.equal(createHash("md5").update(bytes).digest("base64"), md5Checksum);
            const found = gunzipSync(bytes).toString().split("\n").slice(0, -1);
            assert.equal(found.length, itemCount);
            return found;
        });
        assert.equal(summary.itemCount, lines.length);
        return { summary, files, lines };
    };

    it("writes every item once, in as many files as there are segments", async () => {
        const folder = join(root, "json");
        const { code, output, errors } = await run(TableName, folder, "--segments", "3");
        assert.equal(code, 0, errors);
        assert.match(output, /^items=700 bytes=\d+ files=3 manifest=AWSDynamoDB\/\d{14}-[0-9a-f]{8}\/manifest-summary\.json\n$/);
        assert.match(errors, /^items=700 of_about=700 /m);
        const { summary, files, lines } = linesOf(folder);
        assert.deepEqual(lines.sort(), wanted.map((Item) => JSON.stringify({ Item })).sort());
        assert.equal(files.length, 3);
        assert.ok(summary.tableArn.endsWith(`/${TableName}`));
    });

    it("writes Ion", async () => {
        const folder = join(root, "ion");
        const { code, errors } = await run(TableName, folder, "--format", "ion");
        assert.equal(code, 0, errors);
        const { summary, lines } = linesOf(folder);
        assert.equal(summary.outputFormat, "ION");
        assert.deepEqual(lines.sort(), wanted.map(({ filler, pk, sk }) => `$ion_1_0 {Item:{filler:"${filler.S}",pk:"${pk.S}",sk:${sk.N === "0" ? "0." : sk.N.replace(/^(\d*?[1-9])(0*)$/, (_, digits, zeros) => (zeros ? `${digits}d${zeros.length}` : `${digits}.`))}}}`).sort());
    });

    for (const folder of ["json", "ion"])
        it(`what it wrote as ${folder} is the same table again when it is imported`, async () => {
            const again = await api.table("pk S, sk N");
            const { code, errors } = await runStator(["import", join(root, folder), again, "--port", String(api.port)]);
            assert.equal(code, 0, errors);
            const items = [];
            let ExclusiveStartKey;
            do {
                const page = await api.ok("Scan", { TableName: again, ExclusiveStartKey });
                items.push(...page.Items);
                ExclusiveStartKey = page.LastEvaluatedKey;
            } while (ExclusiveStartKey);
            assert.deepEqual(items.map((Item) => JSON.stringify(Item)).sort(), wanted.map((Item) => JSON.stringify(Item)).sort());
        });

    it("refuses a folder with something in it, and leaves that alone", async () => {
        const folder = join(root, "json");
        const before = readdirSync(folder, { recursive: true });
        const { code, errors } = await run(TableName, folder);
        assert.equal(code, 2);
        assert.match(errors, /is not empty/);
        assert.deepEqual(readdirSync(folder, { recursive: true }), before);
    });

    it("says what is wrong with a table, a server, its words", async () => {
        const missing = await run("missing", join(root, "missing"));
        assert.equal(missing.code, 1);
        assert.match(missing.errors, /ResourceNotFoundException/);
        const words = await runStator(["export", TableName]);
        assert.equal(words.code, 2);
        const nowhere = await runStator(["export", TableName, "/proc/nowhere", "--port", String(api.port)]);
        assert.equal(nowhere.code, 1);
        assert.match(nowhere.errors, /cannot make \/proc\/nowhere/);
    });
});
