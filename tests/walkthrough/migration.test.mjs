/* The commands of docs/migration.md, taken from the page and run in turn. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { awsDynamodb, awsEnvironment, run } from "../support/aws.mjs";
import { binary, repository, startServer } from "../support/server.mjs";

const page = readFileSync(join(repository, "docs/migration.md"), "utf8");
const blocks = [...page.matchAll(/```(sh|output)\n(.*?)```/gs)].map(([, kind, text]) => ({ kind, text }));
const HERE = "http://127.0.0.1:8000";
const THERE = "http://127.0.0.1:8001";

describe("docs/migration.md", async () => {
    const directory = mkdtempSync(join(tmpdir(), "stator-migration-"));
    const here = await startServer({ inMemory: true, s3Root: join(directory, "s3") });
    const there = await startServer({ inMemory: true });
    after(async () => {
        rmSync(directory, { recursive: true, force: true });
        await here.dispose();
        await there.dispose();
    });

    /* What an export of the service and DynamoDB Local would have left. */
    const data = join(directory, "s3/my-bucket/exports/AWSDynamoDB/01693685827463-2d8752fd/data");
    mkdirSync(data, { recursive: true });
    const orders = ["a", "b", "c"].map((id) => ({ Id: { S: id }, Customer: { S: `customer ${id}` }, Lines: { L: [{ N: "1" }] } }));
    writeFileSync(join(data, "gmsq3l3a7ixlypzzyqm2eyhk2i.json.gz"), gzipSync(orders.map((Item) => `${JSON.stringify({ Item })}\n`).join("")));
    writeFileSync(join(directory, "orders.json"), JSON.stringify({
        TableName: "Orders",
        AttributeDefinitions: [{ AttributeName: "Id", AttributeType: "S" }, { AttributeName: "Customer", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "Id", KeyType: "HASH" }],
        BillingMode: "PAY_PER_REQUEST",
        GlobalSecondaryIndexes: [{ IndexName: "ByCustomer", KeySchema: [{ AttributeName: "Customer", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } }],
    }));
    const source = awsDynamodb(there.url);
    await source.ok("create-table", "--table-name", "Carts", "--billing-mode", "PAY_PER_REQUEST", "--attribute-definitions", "AttributeName=Id,AttributeType=N", "--key-schema", "AttributeName=Id,KeyType=HASH");
    for (const id of [1, 2])
        await source.ok("put-item", "--table-name", "Carts", "--item", JSON.stringify({ Id: { N: String(id) }, Owner: { S: "é\n" } }));

    /* Each block begins where the one before has ended: they are one script. */
    it("its commands print what is shown, in order", async () => {
        const script = blocks.filter(({ kind }) => kind === "sh").map(({ text }) => text).join("\n")
            .replaceAll(HERE, here.url).replaceAll(THERE, there.url).replaceAll("--port 8000", `--port ${here.port}`);
        writeFileSync(join(directory, "script.sh"), `set -e\ncd ${directory}\nstator() { ${binary} "$@"; }\n${script}`);
        const { code, output, errors } = await run("/bin/bash", [join(directory, "script.sh")], awsEnvironment);
        assert.deepEqual([code, output], [0, blocks.filter(({ kind }) => kind === "output").map(({ text }) => text).join("")], errors);
    });

    it("the tables have the items", async () => {
        const target = awsDynamodb(here.url);
        const scan = async (table, ...more) => (await target.ok("scan", "--table-name", table, ...more)).Items;
        const sorted = (items) => items.sort((a, b) => (JSON.stringify(a.Id) < JSON.stringify(b.Id) ? -1 : 1));
        assert.deepEqual(sorted(await scan("Orders")), orders);
        assert.equal((await scan("Orders", "--index-name", "ByCustomer")).length, 3);
        assert.deepEqual(sorted(await scan("Carts")), [{ Id: { N: "1" }, Owner: { S: "é\n" } }, { Id: { N: "2" }, Owner: { S: "é\n" } }]);
    });
});
