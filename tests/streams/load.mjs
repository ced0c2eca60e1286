/*
 * Writes whose records can be told apart: every item that is put or updated gets a value of its own,
 * and what a client was told of each write is kept.
 *
 *   load.sent      value -> { pk, answered }            of puts and updates
 *   load.removed   [{ pk, value, answered }]            of deletes: the value of what was removed
 */
import { Lane } from "../support/lane.mjs";

export const TABLE = "Streamed";

export class Load {
    #random;
    #laneCount;
    #lanes = [];
    #items;
    #values = 0;
    sent = new Map();
    removed = [];

    constructor(random, { lanes = 24, items = 60 } = {}) {
        this.#random = random;
        this.#laneCount = lanes;
        this.#items = Array.from({ length: items }, (_, i) => `item ${i}`);
    }

    async open(port) {
        this.close();
        this.#lanes = await Promise.all(Array.from({ length: this.#laneCount }, () => Lane.open(port)));
    }

    close() {
        this.#lanes.forEach((lane) => lane.close());
    }

    async run(count) {
        let left = count;
        await Promise.all(this.#lanes.map(async (lane) => {
            while (left-- > 0 && !lane.ended)
                await this.#random.weighted([[this.#put, 30], [this.#update, 30], [this.#remove, 20], [this.#batch, 10], [this.#transact, 10]]).call(this, lane);
        }));
    }

    #value(pk) {
        const value = `v${++this.#values}`;
        this.sent.set(value, { pk, answered: false });
        return value;
    }

    #item(pk) {
        return { pk: { S: pk }, v: { S: this.#value(pk) }, filler: { S: "x".repeat(this.#random.between(0, 300)) } };
    }

    #several() {
        return [...new Set(Array.from({ length: 6 }, () => this.#random.pick(this.#items)))];
    }

    async #put(lane) {
        const Item = this.#item(this.#random.pick(this.#items));
        if (await this.#done(lane, "PutItem", { TableName: TABLE, Item }))
            this.sent.get(Item.v.S).answered = true;
    }

    async #update(lane) {
        const pk = this.#random.pick(this.#items);
        const value = this.#value(pk);
        if (await this.#done(lane, "UpdateItem", { TableName: TABLE, Key: { pk: { S: pk } }, UpdateExpression: "SET v = :v", ExpressionAttributeValues: { ":v": { S: value } } }))
            this.sent.get(value).answered = true;
    }

    async #remove(lane) {
        const pk = this.#random.pick(this.#items);
        const deletion = { pk, value: null, answered: false };
        this.removed.push(deletion);
        const json = await this.#done(lane, "DeleteItem", { TableName: TABLE, Key: { pk: { S: pk } }, ReturnValues: "ALL_OLD" });
        if (json)
            Object.assign(deletion, { value: json.Attributes?.v.S ?? null, answered: true });
    }

    async #batch(lane) {
        const items = this.#several().map((pk) => this.#item(pk));
        const json = await this.#done(lane, "BatchWriteItem", { RequestItems: { [TABLE]: items.map((Item) => ({ PutRequest: { Item } })) } });
        const left = new Set((json?.UnprocessedItems[TABLE] ?? []).map(({ PutRequest }) => PutRequest.Item.v.S));
        for (const { v } of json ? items : [])
            this.sent.get(v.S).answered = !left.has(v.S);
    }

    /* Null when it was cancelled because of another: then it has changed nothing. */
    async #transact(lane) {
        const items = this.#several().map((pk) => this.#item(pk));
        if (await this.#done(lane, "TransactWriteItems", { TransactItems: items.map((Item) => ({ Put: { TableName: TABLE, Item } })) }))
            items.forEach(({ v }) => (this.sent.get(v.S).answered = true));
    }

    async #done(lane, operation, body) {
        const answer = await lane.call(operation, body);
        if (answer !== null && answer.status !== 200 && !/TransactionCanceled|TransactionConflict/.test(answer.json?.__type))
            throw new Error(`${operation} ${JSON.stringify(body)} was answered ${JSON.stringify(answer)}`);
        return answer?.status === 200 ? answer.json : null;
    }
}
