/*
 * Planted faults: for each safeguard a named test that passes, and that fails when the safeguard
 * is switched off. A test that does not notice its fault proves nothing.
 *
 *   make planted        builds the server that can be weakened (src/base/fault.h) and runs this
 *   node tests/crash/planted.mjs [--binary build/planted/stator] [--seed N]
 */
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "./client.mjs";
import { buildLibrary, Disk } from "./disk.mjs";
import { Load, makeItem, TABLE, wireKey } from "./load.mjs";
import { demandNoProblem, options, randomSeed, Results } from "./program.mjs";
import { Random } from "./random.mjs";

const RACE_MS = 1500; /* without a fault */
const RACE_MS_MAX = 20_000; /* until the fault shows */

const { binary, seed } = options({ binary: "build/planted/stator", seed: randomSeed() });
console.log(`planted faults: seed ${seed}`);
buildLibrary();

/* What a test throws when its claim does not hold; anything else it throws is a broken test. */
class Violation extends Error {}

/* The fault's name, the claim that must notice it, the test. Every later safeguard adds its row. */
const rows = [
    ["sync", "an acknowledged write survives a power cut", acknowledgedSurvives],
    ["key-lock", "one of several writers of a value wins", oneWriterWins],
    ["overlay", "a writer sees a row that is queued and not yet durable", writerSeesQueued],
    ["reply-wait", "a failed condition is answered when what it saw is durable", replyWaits],
    ["index-row", "every item stands in its indexes", indexesFollow],
    ["stale-index-row", "an item that moves leaves its old place in an index", indexesFollow],
    ["expiry-row", "every item that is to expire has the row by which it is found", expiryIsFound],
    ["gate", "a write between description and submit sees an index that is added", indexIsSeen],
];

const results = new Results();
for (const [fault, claim, test] of rows) {
    await results.check(claim, () => test());
    await results.check(`"${claim}" notices the planted fault "${fault}"`, async () => {
        const caught = await test(fault).then(() => null, (error) => error);
        if (!(caught instanceof Violation))
            throw caught ?? new Error("the test passed all the same");
        console.log(`${fault}: caught: ${caught.message.split("\n")[0]}`);
    });
}
for (const fault of ["index-row", "stale-index-row"])
    await results.check(`check --repair mends what the planted fault "${fault}" has done`, () => repairMends(fault));
results.finish();

function demand(holds, message) {
    if (!holds)
        throw new Violation(message);
}

/* The table is made before the fault is there. */
async function bootWithTable(fault, flags = {}) {
    const disk = new Disk("planted");
    const first = await disk.boot({}, {}, { binary });
    const maker = new Client(first.server.port);
    await maker.createTable(TABLE);
    maker.close();
    await first.stop();
    const machine = await disk.boot(flags, { seed }, { plant: fault, binary });
    return { disk, machine, client: new Client(machine.server.port) };
}

async function acknowledgedSurvives(fault) {
    const { disk, machine, client } = await bootWithTable(fault);
    for (let sk = 1; sk <= 50; sk++)
        await client.ok("PutItem", { TableName: TABLE, Item: makeItem({ pk: "a", sk }, `t${sk}`, 100) });
    client.close();
    await machine.cut();

    const after = await disk.boot({}, {}, { binary });
    const reader = new Client(after.server.port);
    const { json } = await reader.call("Scan", { TableName: TABLE });
    reader.close();
    await after.kill();
    demand(json.Count === 50, `${json.Count} items of 50 are there`);
}

async function oneWriterWins(fault) {
    const { machine, client } = await bootWithTable(fault, { threads: 4 });
    client.close();
    const load = new Load(new Random(seed), { lanes: 32, large: false, tables: false, countersOnly: true });
    const running = load.run(machine.server.port);
    const until = performance.now() + (fault ? RACE_MS_MAX : RACE_MS);
    while (performance.now() < until && load.history.problems.length === 0)
        await pause(20);
    load.stop();
    await running;
    await machine.kill();
    const lost = load.history.problems.find((problem) => problem.includes("an update is lost"));
    demand(!lost, lost);
    demandNoProblem(load.history, "under load");
}

/* A put of `token`, under way until it is answered; `answer` is null until then. */
function beginPut(client, token) {
    const put = { answer: null };
    put.done = client
        .call("PutItem", {
            TableName: TABLE,
            Item: makeItem({ pk: "contested", sk: 1 }, token, 100),
            ConditionExpression: "attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        })
        .then((answer) => (put.answer = answer));
    return put;
}

/* The disk holds its syncs; a first writer has queued its row, a second one has been decided. */
async function twoWritersWhileSyncsAreHeld(fault) {
    const { machine, client } = await bootWithTable(fault, { threads: 1 });
    await machine.tell("hold .log");
    const first = beginPut(client, "first");
    while ((await machine.tell("state")).waiting === 0)
        await pause(1);
    const second = beginPut(client, "second");
    for (let i = 0; i < 50; i++) /* reads are served meanwhile, after what came before them */
        await client.ok("GetItem", { TableName: TABLE, Key: wireKey({ pk: "contested", sk: 1 }), ConsistentRead: true });
    return { machine, client, first, second };
}

async function writerSeesQueued(fault) {
    const { machine, client, first, second } = await twoWritersWhileSyncsAreHeld(fault);
    await machine.tell("release");
    await Promise.all([first.done, second.done]);
    client.close();
    await machine.kill();
    const wins = [first, second].filter(({ answer }) => answer.status === 200).length;
    demand(wins === 1, `${wins} writers created the item, which only one may`);
}

async function replyWaits(fault) {
    const { machine, client, first, second } = await twoWritersWhileSyncsAreHeld(fault);
    const early = [first, second].find(({ answer }) => answer !== null);
    await machine.tell("release");
    await Promise.all([first.done, second.done]);
    client.close();
    await machine.kill();
    demand(!early, `answered ${early?.answer.type || 200} before anything was durable`);
    demand(second.answer.json.Item?.token.S === "first", "the second writer was not shown the first one's item");
}

/* An item comes, moves within its indexes and another goes. */
async function writeIndexed(fault) {
    const disk = new Disk("planted");
    const machine = await disk.boot({}, { seed }, { plant: fault, binary });
    const client = new Client(machine.server.port);
    const projection = { Projection: { ProjectionType: "ALL" } };
    const keys = (hash, range) => ({
        KeySchema: [{ AttributeName: hash, KeyType: "HASH" }, { AttributeName: range, KeyType: "RANGE" }],
    });
    await client.ok("CreateTable", {
        TableName: TABLE,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: ["pk", "sk", "color"].map((name) => ({ AttributeName: name, AttributeType: "S" })),
        ...keys("pk", "sk"),
        LocalSecondaryIndexes: [{ IndexName: "local", ...keys("pk", "color"), ...projection }],
        GlobalSecondaryIndexes: [{ IndexName: "global", ...keys("color", "sk"), ...projection }],
    });
    await client.untilActive(TABLE);
    const item = (sk, color) => ({ pk: { S: "a" }, sk: { S: sk }, color: { S: color } });
    for (const [sk, color] of [["moves", "red"], ["goes", "red"], ["moves", "blue"]])
        await client.ok("PutItem", { TableName: TABLE, Item: item(sk, color) });
    await client.ok("DeleteItem", { TableName: TABLE, Key: { pk: { S: "a" }, sk: { S: "goes" } } });
    client.close();
    await machine.stop();
    return disk;
}

/* Check holds the rows against the items. */
async function indexesFollow(fault) {
    const disk = await writeIndexed(fault);
    const { code, output, errors } = await disk.check();
    demand(code === 0, `stator check ended with ${code}:\n${output}${errors}`);
}

async function expiryIsFound(fault) {
    const { disk, machine, client } = await bootWithTable(fault);
    await client.ok("UpdateTimeToLive", { TableName: TABLE, TimeToLiveSpecification: { Enabled: true, AttributeName: "expires" } });
    await client.ok("PutItem", { TableName: TABLE, Item: { ...makeItem({ pk: "a", sk: 1 }, "t1", 100), expires: { N: "9999999999" } } });
    client.close();
    await machine.stop();
    const { code, output, errors } = await disk.check();
    demand(code === 0, `stator check ended with ${code}:\n${output}${errors}`);
}

/* Puts on their way while indexes are added, one after the other: each is built, and holds every one of them. */
async function indexIsSeen(fault) {
    const disk = new Disk("planted");
    const machine = await disk.boot({ threads: 4 }, { seed }, { plant: fault, binary });
    const client = new Client(machine.server.port);
    const key = (AttributeName) => ({ KeySchema: [{ AttributeName, KeyType: "HASH" }] });
    const define = (...names) => ({ AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: "S" })) });
    await client.ok("CreateTable", { TableName: TABLE, BillingMode: "PAY_PER_REQUEST", ...define("pk"), ...key("pk") });
    let adding = true;
    let count = 0;
    const lanes = Array.from({ length: 16 }, async () => {
        while (adding)
            await client.ok("PutItem", { TableName: TABLE, Item: { pk: { S: `${count++}` }, color: { S: "red" } } });
    });
    for (const IndexName of ["added", "added-next", "added-last"]) {
        const before = count;
        while (count < before + lanes.length) /* each lane is in the middle of a put */
            await pause(1);
        const Create = { IndexName, ...key("color"), Projection: { ProjectionType: "ALL" } };
        await client.ok("UpdateTable", { TableName: TABLE, ...define("color"), GlobalSecondaryIndexUpdates: [{ Create }] });
        await client.untilActive(TABLE);
    }
    adding = false;
    await Promise.all(lanes);
    client.close();
    await machine.stop();
    const { code, output, errors } = await disk.check();
    demand(code === 0, `stator check ended with ${code}:\n${output}${errors}`);
}

async function repairMends(fault) {
    const disk = await writeIndexed(fault);
    demand((await disk.check()).code === 1, "check does not notice the damage");
    const repair = await disk.check("--repair");
    demand(repair.code === 0 && /^repaired: (index|row) /m.test(repair.output) && /^repaired=[1-9]\d* .* problems=0$/m.test(repair.output), `stator check --repair ended with ${repair.code}:\n${repair.output}${repair.errors}`);
    const { code, output, errors } = await disk.check();
    demand(code === 0, `stator check ended with ${code}:\n${output}${errors}`);
    const again = await disk.check("--repair");
    demand(/^repaired=0 /m.test(again.output), `a second repair has something to do:\n${again.output}`);

    const after = await disk.boot({}, {}, { binary });
    const client = new Client(after.server.port);
    for (const [color, count] of [["red", 0], ["blue", 1]]) {
        const found = await client.ok("Query", { TableName: TABLE, IndexName: "global", KeyConditionExpression: "color = :c", ExpressionAttributeValues: { ":c": { S: color } } });
        demand(found.Count === count, `${found.Count} items are ${color} instead of ${count}`);
    }
    client.close();
    await after.kill();
}
