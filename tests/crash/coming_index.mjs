/*
 * A table whose global index comes and goes while its items change: kills fall into its builds.
 * `stator check` says afterwards whether the index holds what the items imply, as far as it is.
 */
import { setTimeout as pause } from "node:timers/promises";
import { Client, Unanswered } from "./client.mjs";

const TABLE = "Filled";
const INDEX = "coming";
const ITEMS = 12_000; /* a build has dozens of pages */
const WRITERS = 3;

export class ComingIndex {
    #random;
    built = 0;

    constructor(random) {
        this.#random = random;
    }

    async prepare(port) {
        const client = new Client(port);
        await client.ok("CreateTable", {
            TableName: TABLE,
            AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
            KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
            BillingMode: "PAY_PER_REQUEST",
        });
        for (let first = 0; first < ITEMS; first += 25)
            await client.ok("BatchWriteItem", {
                RequestItems: { [TABLE]: Array.from({ length: 25 }, (_, i) => ({ PutRequest: { Item: this.#item(first + i) } })) },
            });
        client.close();
    }

    /* Some items are in no index: without the key, or with one of another type. */
    #item(number) {
        const group = this.#random.weighted([[{ S: `group-${this.#random.below(50)}` }, 8], [{ N: "1" }, 1], [null, 1]]);
        return { pk: { S: `item-${number}` }, ...(group && { group }) };
    }

    /* Until the server no longer answers. */
    async run(port) {
        const client = new Client(port);
        const lanes = [this.#lane(() => this.#changeIndex(client))];
        for (let writer = 0; writer < WRITERS; writer++)
            lanes.push(this.#lane(() => this.#write(client)));
        await Promise.all(lanes);
        client.close();
    }

    async #lane(step) {
        try {
            for (;;)
                await step();
        } catch (error) {
            if (!(error instanceof Unanswered))
                throw error;
        }
    }

    async #write(client) {
        const number = this.#random.below(ITEMS);
        const { status, type, text } = this.#random.chance(20)
            ? await client.call("DeleteItem", { TableName: TABLE, Key: { pk: { S: `item-${number}` } } })
            : await client.call("PutItem", { TableName: TABLE, Item: this.#item(number) });
        if (status !== 200 && type !== "ValidationException") /* of an item whose key the index refuses */
            throw new Error(text);
    }

    async #changeIndex(client) {
        const { Table } = await client.ok("DescribeTable", { TableName: TABLE });
        const index = Table.GlobalSecondaryIndexes?.[0];
        const waits = index?.IndexStatus === "CREATING" && !this.#random.chance(5);
        if (waits || index?.IndexStatus === "DELETING") /* a kill may leave it going for a while */
            return pause(5);
        if (index?.IndexStatus === "ACTIVE")
            this.built++;
        const change = index
            ? { Delete: { IndexName: INDEX } }
            : { Create: { IndexName: INDEX, KeySchema: [{ AttributeName: "group", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } } };
        await client.ok("UpdateTable", {
            TableName: TABLE,
            AttributeDefinitions: [{ AttributeName: "group", AttributeType: "S" }],
            GlobalSecondaryIndexUpdates: [change],
        });
    }
}
