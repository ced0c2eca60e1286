/* A history as it is made and checked, piece by piece, across servers on one data directory. */
import { Lane } from "../support/lane.mjs";
import { ABSENT } from "./item.mjs";
import { follow } from "./linearizability.mjs";
import { Load, TABLE } from "./load.mjs";

export class Course {
    #load;
    #states = new Map(); /* item -> the states that it may be in */

    constructor(random, options) {
        this.#load = new Load(random, options);
    }

    get answered() {
        return this.#load.answered;
    }

    get unanswered() {
        return this.#load.unanswered;
    }

    async open(port, { create = false } = {}) {
        this.#load.close();
        if (create)
            await createTable(port);
        await this.#load.open(port);
    }

    run(count) {
        return this.#load.run(count);
    }

    readAll() {
        return this.#load.readAll();
    }

    close() {
        this.#load.close();
    }

    /*
     * With nobody at work: why the piece that ends here is not linearizable; null when it is.
     * Throws when the server gave answers that no history accounts for.
     */
    violation() {
        if (this.#load.unexpected.length > 0)
            throw new Error(this.#load.unexpected[0]);
        for (const [item, operations] of this.#load.takeOperations()) {
            const { states, violation } = follow(this.#states.get(item) ?? [ABSENT], operations);
            if (violation)
                return `${item}: ${violation}`;
            this.#states.set(item, states);
        }
        return null;
    }
}

async function createTable(port) {
    const lane = await Lane.open(port);
    await lane.ok("CreateTable", {
        TableName: TABLE,
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        BillingMode: "PAY_PER_REQUEST",
    });
    while ((await lane.ok("DescribeTable", { TableName: TABLE })).Table.TableStatus !== "ACTIVE");
    lane.close();
}
