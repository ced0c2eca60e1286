/*
 * Global indexes: what a row of theirs costs a write, a query by one, and a build beside and
 * without clients.
 */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { measure, median, settle, wrk } from "./processes.mjs";
import { bar, call, ceilings, createTable, directory, figure, items, load, record, rounds, seconds } from "./session.mjs";

const COUNTS = [0, 1, 3, 5];
const BUILD_ROWS = 256; /* of a page of a build */
const BUILDS = 5;

const indexName = (number) => `by-g${number}`;
const tableOf = (count) => `Indexed${count}`;
const define = (...names) => ({ AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: "S" })) });
const create = (number) => ({
    IndexName: indexName(number),
    KeySchema: [{ AttributeName: `g${number}`, KeyType: "HASH" }],
    Projection: { ProjectionType: "ALL" },
});

async function addIndex(server, TableName, number) {
    await call(server, "UpdateTable", { TableName, ...define(`g${number}`), GlobalSecondaryIndexUpdates: [{ Create: create(number) }] });
}

async function statusOf(server, TableName) {
    const { Table } = await call(server, "DescribeTable", { TableName });
    return Table.GlobalSecondaryIndexes?.at(-1)?.IndexStatus;
}

/* Milliseconds from its creation until the index can be read. */
async function build(server, TableName, number) {
    const before = performance.now();
    await addIndex(server, TableName, number);
    while ((await statusOf(server, TableName)) !== "ACTIVE")
        await pause(20);
    return performance.now() - before;
}

async function dropIndex(server, TableName, number) {
    await call(server, "UpdateTable", { TableName, GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: indexName(number) } }] });
}

export async function measureIndexes(server) {
    await costOfRows(server);
    await builds(server);
}

/* New items only, so that a put writes one row for each index and deletes none. */
async function costOfRows(server) {
    for (const count of COUNTS) {
        await createTable(server, tableOf(count));
        for (let number = 1; number <= count; number++)
            await build(server, tableOf(count), number);
    }
    let first = 0;
    for (let round = 0; round < rounds; round++) {
        for (const count of COUNTS)
            record(`PutItem of a new item, ${count} global indexes`, wrk(server, { OPERATION: "indexed", TABLE: tableOf(count), FIRST: first, seconds }));
        first += 1_000_000;
        for (const rows of [1, 6])
            record(`storage, 64 writers of ${rows} rows`, measure(1, [ceilings, "storage", join(directory, "storage"), "64", String(seconds), String(rows)]));
    }
    load(server, { OPERATION: "indexed", TABLE: tableOf(1) }, 20_000); /* 20 of each value */
    record("Query by a global index, 20 items", wrk(server, { OPERATION: "index-query", TABLE: tableOf(1), KEYS: 1000, seconds }));
    const put = (count) => figure(`PutItem of a new item, ${count} global indexes`, "cpuMicroseconds");
    const storage = (rows) => figure(`storage, 64 writers of ${rows} rows`, "cpu_us");
    const ofStorage = (storage(6) - storage(1)) / 5;
    bar("a row of a global index: CPU of a further row of the storage, times", (put(5) - put(0)) / 5 / ofStorage, "at most", 1.3);
}

/* As its rows stand in the store: with their headers and the names and lengths of attributes. */
async function bytesOfRow(server, TableName) {
    const { Table } = await call(server, "DescribeTable", { TableName });
    return Math.round(Table.TableSizeBytes / Table.ItemCount) + 45;
}

/*
 * Alone is when nothing is left to do of what came before: the load, and the drop of the index
 * before. The ceiling writes rows of the same size over a million that are there, as for PutItem: an
 * empty store has nothing to compact. It is shown beside, and no bar.
 */
async function builds(server) {
    const count = Math.floor(items / 2);
    await createTable(server, "Built");
    load(server, { OPERATION: "indexed", TABLE: "Built" }, count);
    const bytes = await bytesOfRow(server, "Built");
    const ceilingName = `storage, ${BUILD_ROWS} rows of an index a change`;
    const WRITERS = 2; /* as `ceilings batch` has */
    const p99 = [];
    for (let round = 0; round < BUILDS; round++) {
        record(`${ceilingName}, empty store`, measure(1, [ceilings, "batch", join(directory, `build-${round}`), String(BUILD_ROWS), String(seconds), String(bytes)]));
        record(ceilingName, measure(1, [ceilings, "storage", join(directory, "storage"), String(WRITERS), String(seconds), String(BUILD_ROWS), String(bytes)]));
        await settle(server);
        record("rows of a build alone", { rate: (count / (await build(server, "Built", 1))) * 1000 });
        await dropIndex(server, "Built", 1);
        await settle(server);
        const alone = wrk(server, { OPERATION: "indexed", TABLE: "Built", KEYS: count, seconds });
        await addIndex(server, "Built", 2);
        await pause(250); /* by then it has begun */
        const beside = wrk(server, { OPERATION: "indexed", TABLE: "Built", KEYS: count, seconds: 1 });
        if ((await statusOf(server, "Built")) !== "CREATING")
            console.log("The build ended before the load beside it: BENCH_ITEMS is too small.");
        record("PutItem without a build", alone);
        record("PutItem beside a build", beside);
        p99.push(beside.p99_us / alone.p99_us);
        while ((await statusOf(server, "Built")) !== "ACTIVE")
            await pause(20);
        await dropIndex(server, "Built", 2);
    }
    bar("a build alone: rate of the storage ceiling, times", figure("rows of a build alone", "rate") / figure(ceilingName, "rate"), "at least", 0.7);
    bar("PutItem beside a build: p99 of alone, times", median(p99), "at most", 2.5);
}
