/*
 * One counter, 64 clients that raise it by UpdateItem, and kill -9: no raise is lost, none counts
 * twice, and after every kill the counter is exactly what its clients made it.
 *
 *   node tests/crash/counter.mjs [--kills 3] [--load_ms 1200] [--seed N]
 *
 * Each raise adds one to the counter and, in the same update, one to the client's own share. The
 * counter is the sum of the shares; a share is what its client was told or, after a kill, one more.
 * The rate beside that of PutItem on distinct keys is printed here; bench/run.mjs has the bar.
 */
import { setTimeout as pause } from "node:timers/promises";
import { Lane } from "../support/lane.mjs";
import { startServer } from "../support/server.mjs";
import { options, randomSeed, Results, workingFolder } from "./program.mjs";
import { Random } from "./random.mjs";

const CLIENTS = 64;
const TABLE = "Counter";
const Key = { pk: { S: "counter" } };

const { kills, load_ms, seed } = options({ kills: 3, load_ms: 1200, seed: randomSeed() });
console.log(`counter: seed ${seed}`);
const random = new Random(seed);
const results = new Results();
const shares = Array.from({ length: CLIENTS }, () => ({ told: 0, open: false }));
const told = new Set(); /* every value of the counter that a client was given */

/* All clients call `step(lane, client)` until `over` is set or the server is gone; calls a second. */
async function load(port, over, step) {
    const lanes = await Promise.all(shares.map(() => Lane.open(port)));
    const started = performance.now();
    let answered = 0;
    await Promise.all(lanes.map(async (lane, client) => {
        while (!over.set && (await step(lane, client)))
            answered++;
    }));
    lanes.forEach((lane) => lane.close());
    return (answered * 1000) / (performance.now() - started);
}

/* False: no answer came, so whether the raise counts will show. */
async function raise(lane, client) {
    shares[client].open = true;
    const answer = await lane.call("UpdateItem", {
        TableName: TABLE,
        Key,
        UpdateExpression: `ADD n :one, share${client} :one`,
        ExpressionAttributeValues: { ":one": { N: "1" } },
        ReturnValues: "UPDATED_NEW",
    });
    if (!answer)
        return false;
    if (answer.status !== 200)
        throw new Error(`UpdateItem was answered ${JSON.stringify(answer)}`);
    const { n, [`share${client}`]: share } = answer.json.Attributes;
    if (told.has(n.N))
        throw new Error(`two clients were told that they raised the counter to ${n.N}`);
    told.add(n.N);
    shares[client].open = false;
    if (Number(share.N) !== ++shares[client].told)
        throw new Error(`client ${client} was told ${share.N} after ${shares[client].told - 1} raises`);
    return true;
}

let puts = 0;
async function put(lane) {
    const answer = await lane.call("PutItem", { TableName: TABLE, Item: { pk: { S: `key-${puts++}` }, n: { N: "1" } } });
    return answer?.status === 200;
}

/* The item is what the clients were told, and for raises without an answer one more at most. */
async function verify(port) {
    const lane = await Lane.open(port);
    const { Item = {} } = await lane.ok("GetItem", { TableName: TABLE, Key, ConsistentRead: true });
    lane.close();
    let sum = 0;
    shares.forEach((share, client) => {
        const stored = Number(Item[`share${client}`]?.N ?? 0);
        if (stored !== share.told && !(share.open && stored === share.told + 1))
            throw new Error(`client ${client} was told ${share.told} raises and finds ${stored}`);
        shares[client] = { told: stored, open: false };
        sum += stored;
    });
    if (Number(Item.n?.N ?? 0) !== sum)
        throw new Error(`the counter is ${Item.n?.N} and its shares are ${sum}`);
    return sum;
}

const directory = workingFolder("counter");
let server = await startServer({ threads: 2 }, { directory });
const maker = await Lane.open(server.port);
await maker.ok("CreateTable", {
    TableName: TABLE,
    AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    BillingMode: "PAY_PER_REQUEST",
});
maker.close();

await results.check("no raise is lost", async () => {
    const during = async (step) => {
        const over = { set: false };
        const running = load(server.port, over, step);
        await pause(load_ms);
        over.set = true;
        return running;
    };
    const raises = await during(raise);
    const other = await during(put);
    const count = await verify(server.port);
    console.log(`${raises.toFixed(0)} raises/s of one counter, ${(raises / other).toFixed(2)} times the PutItem of distinct keys; ${count} raises`);
});

for (let kill = 1; kill <= kills && results.failed === 0; kill++)
    await results.check(`the counter is exact after kill ${kill} of seed ${seed}`, async () => {
        const running = load(server.port, { set: false }, raise);
        await pause(random.between(50, load_ms));
        await server.kill();
        await running;
        server = await startServer({ threads: random.between(1, 3) }, { directory });
        console.log(`kill ${kill}: ${await verify(server.port)} raises`);
    });

await server.dispose();
results.finish();
