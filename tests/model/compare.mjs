/*
 * The model test: random requests to a server and to the model, and the same answers from both.
 *
 *   node tests/model/compare.mjs [--operations 50000] [--lives 1] [--partition-kb 0] [--seed N] [--table NAME]
 *
 * Several tables at once, each with a connection of its own and one request at a time, so that a
 * table's requests and answers depend on the seed alone. After a difference, which is printed with
 * the request and both answers, the table begins again under another name; so it does for each of
 * its lives, over which the operations are spread.
 *
 * With --partition-kb partitions of so many kilobytes are split while requests come, and `stator
 * check` has nothing to say afterwards.
 */
import { options, randomSeed, Results } from "../crash/program.mjs";
import { Random as BasicRandom } from "../crash/random.mjs";
import { Lane } from "../support/lane.mjs";
import { runStator, startServer } from "../support/server.mjs";
import { alike } from "./alike.mjs";
import { Generator, KEYS } from "./generate.mjs";
import { Model } from "./model.mjs";
import { canonicalItem, itemBytes, textOf } from "./value.mjs";

const DIFFERENCES_MAX = 5; /* of one table */
const SHOWN_CHARACTERS = 3000;
const WHOLE_EVERY = 500; /* requests, and after the last of a life */
const SPLITS_A_LIFE_MIN = 10; /* of all tables together */

const TABLES = [
    { name: "Strings", keys: [["pk", "S"]] },
    { name: "StringsAndNumbers", keys: [["pk", "S"], ["sk", "N"]] },
    { name: "StringsAndStrings", keys: [["pk", "S"], ["sk", "S"]] },
    { name: "NumbersAndBinary", keys: [["pk", "N"], ["sk", "B"]] },
    { name: "BinaryAndStrings", keys: [["pk", "B"], ["sk", "S"]] },
    { name: "Large", keys: [["pk", "S"], ["sk", "N"]], large: true, padding: [20_000, 120_000], share: 0.05 },
];
/* Of items where partitions are small: so that a few are more than one takes. */
const SPLITTING_PADDING = [200, 1200];

class Random extends BasicRandom {
    shuffled(list) {
        const left = [...list];
        return list.map(() => left.splice(this.below(left.length), 1)[0]);
    }
}

const { operations, lives, "partition-kb": partitionKb, seed, table: only } =
    options({ operations: 50_000, lives: 1, "partition-kb": 0, seed: randomSeed(), table: "" });
console.log(`model: seed ${seed}${partitionKb ? `, partitions of ${partitionKb} KB` : ""}`);
const results = new Results();
const server = await startServer({ sync: "interval", ...(partitionKb && { partitionKb }) });
const tally = new Map();
const chosen = TABLES.filter(({ name }) => !only || name === only);
const shares = chosen.reduce((sum, { share = 1 }) => sum + share, 0);
await Promise.all(chosen.map((table) => runTable(table, Math.ceil((operations * (table.share ?? 1)) / shares))));
await server.stop();
if (partitionKb)
    await demandSplits();
await server.dispose();
console.log([...tally].sort().map(([kind, count]) => `${kind} ${count}`).join(", "));
results.finish();

async function runTable(definition, count) {
    const random = new Random((seed + TABLES.indexOf(definition) * 7919) >>> 0);
    const lane = await Lane.open(server.port);
    const lasting = Math.ceil(count / lives);
    let left = count;
    for (let life = 1; left > 0 && life < lives + DIFFERENCES_MAX; life++) {
        const end = Math.max(0, left - lasting);
        const name = `${definition.name}.${life}`;
        const table = { ...(partitionKb && { padding: SPLITTING_PADDING }), ...definition, name, other: `${name}.other` };
        await results.check(`seed ${seed}, ${name}: the server answers as the model does`, async () => {
            const model = await begin(lane, table);
            const generator = new Generator(random, table, model);
            while (left > end) {
                left--;
                generator.learn(await answerAlike(lane, model, generator.request(), table));
                if (left === end || left % WHOLE_EVERY === 0)
                    await demandSameWhole(lane, model, table, random.between(1, 8));
            }
        });
    }
    lane.close();
}

async function demandSplits() {
    const splits = server.log().split("event=partition_split").length - 1;
    await results.check(`seed ${seed}: partitions were split while requests came`, async () => {
        if (splits < lives * SPLITS_A_LIFE_MIN)
            throw new Error(`there were only ${splits} splits`);
    });
    await results.check(`seed ${seed}: check finds nothing wrong`, async () => {
        const { code, output } = await runStator(["check", server.directory]);
        if (code !== 0)
            throw new Error(output);
    });
    console.log(`${splits} splits`);
}

/* The tables, empty, on both sides; the order of their partitions comes from a first Scan. */
async function begin(lane, table) {
    const model = new Model();
    for (const name of [table.name, table.other]) {
        model.addTable({ name, keys: table.keys });
        await createTable(lane, name, table.keys);
        model.learnPartitions(name, await partitionsOf(lane, name, table.keys));
    }
    return model;
}

async function createTable(lane, TableName, keys) {
    await lane.ok("CreateTable", {
        TableName,
        AttributeDefinitions: keys.map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
        KeySchema: keys.map(([AttributeName], index) => ({ AttributeName, KeyType: index ? "RANGE" : "HASH" })),
        BillingMode: "PAY_PER_REQUEST",
    });
    while ((await lane.ok("DescribeTable", { TableName })).Table.TableStatus !== "ACTIVE");
}

/* All partition keys, in the order of a Scan. */
async function partitionsOf(lane, TableName, [[hash, type], range]) {
    const items = KEYS[type].map((value) => ({ [hash]: { [type]: value }, ...(range && { [range[0]]: { [range[1]]: KEYS[range[1]][0] } }) }));
    for (const Item of items)
        await lane.ok("PutItem", { TableName, Item });
    const { Items } = await lane.ok("Scan", { TableName, ConsistentRead: true });
    for (const Key of items)
        await lane.ok("DeleteItem", { TableName, Key });
    return Items.map((item) => item[hash]);
}

async function answerAlike(lane, model, { operation, body }, table) {
    const before = itemNamedBy(model, body, table);
    const expected = model.call(operation, body);
    const answer = await lane.call(operation, body);
    const kind = `${operation} ${answer?.json?.__type?.split("#").at(-1) ?? answer?.status}`;
    tally.set(kind, (tally.get(kind) ?? 0) + 1);
    if (!alike(expected, answer))
        throw new Error([
            `${operation} ${shown(body)}`,
            `on      ${shown(before)}`,
            `server: ${shown(answer)}`,
            `model:  ${shown(expected)}`,
        ].join("\n"));
    return expected;
}

/* What the request is about, for the reader of a difference. */
function itemNamedBy(model, { Key, Item }, table) {
    try {
        return model.itemOf(table.name, Object.fromEntries(table.keys.map(([name]) => [name, (Key ?? Item)[name]])));
    } catch {
        return undefined;
    }
}

function shown(value) {
    const text = typeof value === "string" ? value : JSON.stringify(value, (_, part) => (part instanceof RegExp ? String(part) : part));
    return (text ?? "nothing").replace(/x{200,}/g, (all) => `<${all.length} x>`).slice(0, SHOWN_CHARACTERS);
}

/* The segments of a Scan are the table, each item once; its counts are those of the model. */
async function demandSameWhole(lane, model, { name: TableName }, TotalSegments) {
    const scanned = [];
    for (let Segment = 0; Segment < TotalSegments; Segment++) {
        let ExclusiveStartKey;
        do {
            const page = await lane.ok("Scan", { TableName, Segment, TotalSegments, ExclusiveStartKey, Limit: 7, ConsistentRead: true });
            scanned.push(...page.Items);
            ExclusiveStartKey = page.LastEvaluatedKey;
        } while (ExclusiveStartKey);
    }
    const items = model.itemsOf(TableName);
    const texts = (list) => list.map((item) => textOf(canonicalItem(item))).sort();
    if (texts(scanned).join() !== texts(items).join())
        throw new Error(`${TotalSegments} segments of a Scan gave ${shown(scanned)}\nthe model has ${shown(items)}`);
    const { Table } = await lane.ok("DescribeTable", { TableName });
    const bytes = items.reduce((sum, item) => sum + itemBytes(item), 0);
    if (Table.ItemCount !== items.length || Table.TableSizeBytes !== bytes)
        throw new Error(`the server counts ${Table.ItemCount} items of ${Table.TableSizeBytes} bytes, the model ${items.length} of ${bytes}`);
}
