/*
 * Throttling against a model of it: a provisioned table of one partition, on a manual clock, is
 * asked for random amounts at random times, and each answer must be the one that the buckets of the
 * table and of its partition give.
 *
 *   const throttled = new Throttled(random);
 *   await throttled.open(port, { create: true });     --throughput enforce --clock manual --partitions 1
 *   await throttled.run(1000);                        so many requests, each followed by some time
 *   throttled.problem                                 the first wrong answer; null: all were right
 */
import { Lane } from "../support/lane.mjs";

const TableName = "Throttled";
const KEYS = 6;
const KB_MAX = 100;
const BURST_S = 300;
/* A burst of so few is still more than a partition takes in a second, so that either may refuse. */
const UNITS_MIN = 10;
const UNITS_MAX = 20;
const PAUSES_MS = [1, 50, 1000, 5000, 10_000];
const REST_MS = [300_000, 3_600_000];
/* Behind a rest so many requests come without a pause: more than a partition takes in a second. */
const RUSH_REQUESTS = 40;
const KINDS = {
    Read: { operation: "GetItem", partitionUnits: 3000, kbOfUnit: 4 },
    Write: { operation: "PutItem", partitionUnits: 1000, kbOfUnit: 1 },
};

/*
 * It fills by so many units a second, holds so many seconds' share, and begins with one. In
 * thousandths of a unit, so that it is exact.
 */
class Bucket {
    constructor(units, depthS) {
        this.units = units;
        this.most = units * depthS * 1000;
        this.left = units * 1000;
    }

    pass(milliseconds) {
        this.left = Math.min(this.most, this.left + this.units * milliseconds);
    }

    take(units) {
        this.left -= units * 1000;
    }
}

export class Throttled {
    #random;
    #port;
    #lane;
    #sizes = new Array(KEYS).fill(0); /* in KB; 0: it is not there */
    #buckets = {};
    #rush = 0; /* requests still to come without a pause */
    counts = { served: 0, refused: 0 };
    problem = null;

    constructor(random) {
        this.#random = random;
    }

    async open(port, { create = false } = {}) {
        this.#port = port;
        this.#lane = await Lane.open(port);
        if (!create)
            return;
        const units = { Read: this.#random.between(1, UNITS_MAX), Write: this.#random.between(UNITS_MIN, UNITS_MAX) };
        await this.#lane.ok("CreateTable", {
            TableName,
            AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
            KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
            BillingMode: "PROVISIONED",
            ProvisionedThroughput: { ReadCapacityUnits: units.Read, WriteCapacityUnits: units.Write },
        });
        for (const [kind, { partitionUnits }] of Object.entries(KINDS))
            this.#buckets[kind] = { table: new Bucket(units[kind], BURST_S), partition: new Bucket(partitionUnits, 1) };
    }

    close() {
        this.#lane?.close();
    }

    async run(count) {
        for (let i = 0; i < count && !this.problem; i++) {
            await this.#ask(this.#random.chance(70) ? "Write" : "Read");
            if (this.#rush > 0)
                this.#rush--;
            else if (this.#random.chance(50))
                await this.#wait();
        }
    }

    async #ask(kind) {
        const { operation, kbOfUnit } = KINDS[kind];
        const { table, partition } = this.#buckets[kind];
        const number = this.#random.below(KEYS);
        const key = { pk: { S: `${number}` } };
        const kb = kind === "Write" ? this.#random.between(1, KB_MAX) : this.#sizes[number];
        const charged = kind === "Write" ? Math.max(kb, this.#sizes[number]) : Math.max(kb, 1);
        const wanted = partition.left <= 0 ? `Table${kind}KeyRangeThroughputExceeded`
            : table.left <= 0 ? `Table${kind}ProvisionedThroughputExceeded` : "served";
        const { status, json } = await this.#lane.call(operation, kind === "Write"
            ? { TableName, Item: { ...key, fill: { S: "x".repeat(kb * 1024 - 20) } } }
            : { TableName, Key: key, ConsistentRead: true });
        const got = status === 200 ? "served" : json.ThrottlingReasons?.[0].reason ?? JSON.stringify(json);
        if (got !== wanted) {
            this.problem = `${operation} of ${kb} KB was answered "${got}", not "${wanted}", with ${table.left / 1000} units left of the table and ${partition.left / 1000} of the partition`;
            return;
        }
        this.counts[got === "served" ? "served" : "refused"]++;
        if (got !== "served")
            return;
        const units = Math.ceil(charged / kbOfUnit);
        table.take(units);
        partition.take(units);
        if (kind === "Write")
            this.#sizes[number] = kb;
    }

    async #wait() {
        const rests = this.#random.chance(4);
        await this.#pass(this.#random.pick(rests ? REST_MS : PAUSES_MS));
        if (rests)
            this.#rush = RUSH_REQUESTS;
    }

    async #pass(milliseconds) {
        const answer = await fetch(`http://127.0.0.1:${this.#port}/_stator/clock`, { method: "PUT", body: JSON.stringify({ AdvanceMilliseconds: milliseconds }) });
        if (answer.status !== 200)
            throw new Error(`the clock was answered ${answer.status} ${await answer.text()}`);
        for (const { table, partition } of Object.values(this.#buckets)) {
            table.pass(milliseconds);
            partition.pass(milliseconds);
        }
    }
}
