/* Other shapes of requests and items, shown without a bar. */
import { join } from "node:path";
import { measure, wrk } from "./processes.mjs";
import { call, ceilings, createTable, directory, items, load, record, rounds, seconds } from "./session.mjs";

const partitions = Math.max(50, Math.floor(items / 50)); /* of 20 items each */
const middling = Math.max(100, Math.floor(items / 20)); /* items of 4 KB */
const large = 200; /* of nearly 400 KB */
const streamed = Math.max(1000, Math.floor(items / 20)); /* with a stream, and as many without */

export async function loadShapes(server) {
    await createTable(server, "Sorted", true);
    await createTable(server, "Middling");
    await createTable(server, "Large");
    await createTable(server, "Streamed", false, { StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" } });
    await createTable(server, "Plain");
    load(server, { TABLE: "Streamed" }, streamed);
    load(server, { TABLE: "Plain" }, streamed);
    load(server, { OPERATION: "sorted", TABLE: "Sorted" }, partitions * 20);
    load(server, { TABLE: "Middling", BYTES: 4000 }, middling);
    load(server, { TABLE: "Large", BYTES: 390_000, seconds: 1, connections: 4 }, large);
}

/* PutItem into a table with a stream, as into one without; then its records, as Query reads items. */
export async function measureStreams(server) {
    for (let round = 0; round < rounds; round++) {
        record("PutItem, without a stream", wrk(server, { OPERATION: "put", TABLE: "Plain", KEYS: streamed, seconds }));
        record("PutItem, with a stream", wrk(server, { OPERATION: "put", TABLE: "Streamed", KEYS: streamed, seconds }));
    }
    const { Table: { LatestStreamArn: StreamArn } } = await call(server, "DescribeTable", { TableName: "Streamed" });
    const { StreamDescription } = await call(server, "DescribeStream", { StreamArn });
    const { ShardIterator } = await call(server, "GetShardIterator", { StreamArn, ShardId: StreamDescription.Shards[0].ShardId, ShardIteratorType: "TRIM_HORIZON" });
    record("GetRecords of 20", wrk(server, { OPERATION: "records", ITERATOR: ShardIterator, seconds }));
}

export function measureShapes(server) {
    const show = (name, settings) => record(name, wrk(server, { seconds, ...settings }));
    show("Query of 20 items", { OPERATION: "query", TABLE: "Sorted", KEYS: partitions });
    show("Scan of 1,000 items", { OPERATION: "scan", TABLE: "Bench", KEYS: items, connections: 8 });
    show("GetItem, 4 KB", { OPERATION: "get", TABLE: "Middling", KEYS: middling });
    show("PutItem, 4 KB", { OPERATION: "put", TABLE: "Middling", KEYS: middling, BYTES: 4000 });
    show("GetItem, 400 KB", { OPERATION: "get", TABLE: "Large", KEYS: large });
    show("PutItem, 400 KB", { OPERATION: "put", TABLE: "Large", KEYS: large, BYTES: 390_000, connections: 8 });
    for (const rows of [1, 16, 128, 1024])
        record(`storage, ${rows} rows a change`, measure(1, [ceilings, "batch", join(directory, `batch-${rows}`), String(rows), String(seconds)]));
}
