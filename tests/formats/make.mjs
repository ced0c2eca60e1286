/*
 * Write tests/formats/N: a small data directory of the format that this build writes, and what is
 * in it. Run once when a format is first released, then kept for ever:
 *
 *   node tests/formats/make.mjs 1
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contents, tables, timeToLive } from "./contents.mjs";
import { startServer } from "../support/server.mjs";
import { rawClient } from "../support/raw_client.mjs";

const folder = new URL(`${process.argv[2]}/`, import.meta.url).pathname;
const directory = mkdtempSync(join(tmpdir(), "stator-format-"));

/* Killed and started again in the middle: the rows come to lie in several logs. */
const server = await startServer({ region: "eu-west-1", account: "123456789012" }, { directory });
for (const table of tables)
    await rawClient(server).call("CreateTable", table);
for (const [TableName, AttributeName] of Object.entries(timeToLive))
    await rawClient(server).call("UpdateTimeToLive", { TableName, TimeToLiveSpecification: { Enabled: true, AttributeName } });
for (const [index, { TableName, Item }] of contents.entries()) {
    if (index === Math.floor(contents.length / 2)) {
        await server.kill();
        await server.start();
    }
    await rawClient(server).call("PutItem", { TableName, Item });
}
await rawClient(server).call("DeleteTable", { TableName: "Deleted" });
await server.kill();
rmSync(folder, { recursive: true, force: true });
cpSync(directory, join(folder, "data"), {
    recursive: true,
    filter: (path) => !/\/(LOG(\.old.*)?|LOCK)$/.test(path), /* RocksDB's diary: not data */
});
writeFileSync(join(folder, "contents.json"), `${JSON.stringify(contents, null, 1)}\n`);
rmSync(directory, { recursive: true });
