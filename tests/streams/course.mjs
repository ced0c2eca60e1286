/* A table with a stream, those who write and the one who reads, across servers on one directory. */
import { Lane } from "../support/lane.mjs";
import { Consumer } from "./consumer.mjs";
import { Load, TABLE } from "./load.mjs";
import { violationOf } from "./verify.mjs";

export class Course {
    #random;
    #load;
    #consumer = null;
    #port;

    constructor(random, options) {
        this.#random = random;
        this.#load = new Load(random, options);
    }

    get recordCount() {
        return this.#consumer.shards.reduce((sum, { records }) => sum + records.length, 0);
    }

    /* How many shards were split: each has two children that name it. */
    get splitCount() {
        return new Set(this.#consumer.shards.filter(({ parent }) => parent).map(({ parent }) => parent)).size;
    }

    get answered() {
        return [...this.#load.sent.values(), ...this.#load.removed].filter(({ answered }) => answered).length;
    }

    async open(port, { create = false } = {}) {
        this.#port = port;
        if (create)
            this.#consumer = new Consumer(await createTable(port), this.#random);
        await this.#consumer.open(port);
        await this.#load.open(port);
    }

    /* So many writes, read while they happen. Ends early when the server goes away. */
    async run(count) {
        let writing = true;
        const reading = (async () => {
            while (writing && (await this.#consumer.round()) !== null);
        })();
        await this.#load.run(count);
        writing = false;
        await reading;
    }

    /* With nobody at work: read the rest, and say what is wrong; null: nothing is. */
    async violation() {
        while ((await this.#consumer.round()) > 0);
        return violationOf(this.#consumer.shards, this.#load, await readItems(this.#port));
    }

    close() {
        this.#load.close();
        this.#consumer?.close();
    }
}

async function createTable(port) {
    const lane = await Lane.open(port);
    const { TableDescription } = await lane.ok("CreateTable", {
        TableName: TABLE,
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        BillingMode: "PAY_PER_REQUEST",
        StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
    });
    lane.close();
    return TableDescription.LatestStreamArn;
}

async function readItems(port) {
    const lane = await Lane.open(port);
    const items = new Map();
    let ExclusiveStartKey;
    do {
        const { Items, LastEvaluatedKey } = await lane.ok("Scan", { TableName: TABLE, ConsistentRead: true, ExclusiveStartKey });
        Items.forEach((item) => items.set(item.pk.S, item));
        ExclusiveStartKey = LastEvaluatedKey;
    } while (ExclusiveStartKey);
    lane.close();
    return items;
}
