/*
 * Clients that write items of a table with indexes, while indexes come and go, and the comparison
 * of every index with what the items imply.
 *
 *   const indexed = new Indexed(random, table);       of index_model.mjs
 *   await indexed.open(port, { create: true });
 *   await indexed.run(2000);                          so many writes, or until the server is killed
 *   await indexed.problem();                          with nobody at work: what is wrong, or null
 *
 * A lane writes keys of its own, so that what they hold is known; what was not answered has
 * happened or not, and the items that are there decide.
 */
import { setTimeout as pause } from "node:timers/promises";
import { History } from "../crash/history.mjs";
import { textOf } from "../model/value.mjs";
import { Lane } from "../support/lane.mjs";
import {
    createIndexRequest, createTableRequest, deleteIndexRequest, difference, entriesOf, hasMisfit, isInPartition, isSorted, partitionsOf,
    randomGlobal, randomItem, randomUpdate,
} from "./index_model.mjs";

const KEYS_OF_A_LANE = 16;
const GLOBALS_MAX = 20;
const QUERIES_OF_AN_INDEX = 4;
const CHANGE_MS_MAX = 60_000; /* until an index is there, or gone */

export class Indexed {
    #random;
    #table;
    #laneCount;
    #lanes = [];
    #left = 0;
    #items = new Map(); /* name of the key -> item, as far as its lane knows */
    #history = new History();
    #changes = 0;
    counts = { written: 0, refused: 0, added: 0, dropped: 0, compared: 0 };

    constructor(random, table, { lanes = 8 } = {}) {
        this.#random = random;
        this.#table = table;
        this.#laneCount = lanes;
    }

    async open(port, { create = false } = {}) {
        this.close();
        this.#lanes = await Promise.all(Array.from({ length: this.#laneCount + 1 }, () => Lane.open(port)));
        if (create)
            await this.#free.ok("CreateTable", createTableRequest(this.#table));
        await this.#settled();
    }

    close() {
        for (const lane of this.#lanes)
            lane.close();
    }

    /* The lane that has no keys: it changes indexes and compares. */
    get #free() {
        return this.#lanes[this.#laneCount];
    }

    async run(count) {
        this.#left = count;
        const writers = this.#lanes.slice(0, this.#laneCount).map(async (lane, number) => {
            while (this.#left-- > 0 && !lane.ended)
                await this.#write(lane, number);
        });
        await Promise.all([...writers, this.#changeIndexes()]);
    }

    /* ---- writes ---- */

    async #write(lane, number) {
        const write = this.#random.weighted([[this.#put, 35], [this.#update, 35], [this.#remove, 10], [this.#batch, 10], [this.#transact, 10]]);
        const { operation, body, items } = write.call(this, number);
        for (const [key, item] of items)
            this.#history.began(key, item && textOf(item));
        const answer = await lane.call(operation, body);
        if (answer === null)
            return;
        if (answer.status !== 200) {
            this.#refuse(operation, body, answer, items);
            return;
        }
        if (Object.keys(answer.json.UnprocessedItems ?? {}).length > 0)
            this.#history.problem(`${operation} left items over`);
        this.counts.written += items.length;
        for (const [key, item] of items) {
            this.#history.succeeded(key, item && textOf(item));
            this.#items.set(key, item);
        }
    }

    /* Only an item that an index cannot place is refused. */
    #refuse(operation, body, answer, items) {
        this.counts.refused++;
        for (const [key, item] of items)
            this.#history.refused(key, item && textOf(item));
        const isValidation = /#(ValidationException|TransactionCanceledException)$/.test(answer.json?.__type);
        if (!isValidation || !items.some(([, item]) => item && hasMisfit(item)))
            this.#history.problem(`${operation} ${JSON.stringify(body)} was answered ${JSON.stringify(answer)}`);
    }

    /* Keys of one lane, each once. */
    #keys(number, most) {
        const places = new Set(Array.from({ length: this.#random.between(1, most) }, () => this.#random.below(KEYS_OF_A_LANE)));
        return [...places].map((place) => {
            const key = { pk: { S: this.#table.keys.length > 1 ? `pk ${place % 3}` : `pk ${number} ${place}` } };
            if (this.#table.keys.length > 1)
                key.sk = { N: String(number * KEYS_OF_A_LANE + place) };
            return key;
        });
    }

    #item(key) {
        return randomItem(this.#random, key, this.#table);
    }

    #put(number) {
        const [key] = this.#keys(number, 1);
        const item = this.#item(key);
        return { operation: "PutItem", body: { TableName: this.#table.name, Item: item }, items: [[textOf(key), item]] };
    }

    #remove(number) {
        const [key] = this.#keys(number, 1);
        return { operation: "DeleteItem", body: { TableName: this.#table.name, Key: key }, items: [[textOf(key), null]] };
    }

    #update(number) {
        const [key] = this.#keys(number, 1);
        const update = randomUpdate(this.#random, this.#items.get(textOf(key)), key);
        if (!update)
            return this.#put(number);
        return {
            operation: "UpdateItem",
            body: { TableName: this.#table.name, Key: key, ...update.members },
            items: [[textOf(key), update.item]],
        };
    }

    #batch(number) {
        const items = this.#keys(number, 6).map((key) => [key, this.#random.chance(75) ? this.#item(key) : null]);
        const requests = items.map(([key, item]) => (item ? { PutRequest: { Item: item } } : { DeleteRequest: { Key: key } }));
        return {
            operation: "BatchWriteItem",
            body: { RequestItems: { [this.#table.name]: requests } },
            items: items.map(([key, item]) => [textOf(key), item]),
        };
    }

    #transact(number) {
        const TableName = this.#table.name;
        const items = [];
        const actions = this.#keys(number, 5).map((key) => {
            const update = this.#random.chance(40) && randomUpdate(this.#random, this.#items.get(textOf(key)), key);
            const item = update ? update.item : this.#random.chance(70) ? this.#item(key) : null;
            items.push([textOf(key), item]);
            if (update)
                return { Update: { TableName, Key: key, ...update.members } };
            return item ? { Put: { TableName, Item: item } } : { Delete: { TableName, Key: key } };
        });
        return { operation: "TransactWriteItems", body: { TransactItems: actions }, items };
    }

    /* ---- indexes that come and go ---- */

    async #changeIndexes() {
        while (this.#left > 0 && !this.#free.ended) {
            const { globals } = this.#table;
            const adds = globals.length === 0 || (globals.length < GLOBALS_MAX && this.#random.chance(60));
            const index = adds ? randomGlobal(this.#random, this.#table, `added-${++this.#changes}`) : this.#random.pick(globals);
            const answer = await this.#free.call("UpdateTable", adds ? createIndexRequest(this.#table, index) : deleteIndexRequest(this.#table, index));
            if (answer && answer.status !== 200)
                this.#history.problem(`UpdateTable of ${JSON.stringify(index)} was answered ${JSON.stringify(answer)}`);
            if (answer?.status !== 200)
                break;
            this.counts[adds ? "added" : "dropped"]++;
            if (adds && this.#random.chance(30))
                await this.#dropAtOnce(index);
            await this.#settled();
        }
    }

    /* While it is built, or just after. */
    async #dropAtOnce(index) {
        const answer = await this.#free.call("UpdateTable", deleteIndexRequest(this.#table, index));
        const isBusy = answer?.json.__type?.endsWith("#ResourceInUseException");
        if (answer?.status === 200)
            this.counts.dropped++;
        else if (answer && !isBusy)
            this.#history.problem(`UpdateTable that drops ${index.name} was answered ${JSON.stringify(answer)}`);
    }

    /* Until the table and all its indexes are ACTIVE; what indexes there are is then so. */
    async #settled() {
        for (const end = Date.now() + CHANGE_MS_MAX; !this.#free.ended; await pause(2)) {
            const answer = await this.#free.call("DescribeTable", { TableName: this.#table.name });
            if (answer === null)
                return;
            const { TableStatus, GlobalSecondaryIndexes = [] } = answer.json.Table;
            if (TableStatus === "ACTIVE" && GlobalSecondaryIndexes.every(({ IndexStatus }) => IndexStatus === "ACTIVE")) {
                this.#table.globals = GlobalSecondaryIndexes.map(indexOf);
                return;
            }
            if (Date.now() > end)
                throw new Error(`the table stays ${TableStatus}: ${JSON.stringify(GlobalSecondaryIndexes.filter(({ IndexStatus }) => IndexStatus !== "ACTIVE"))}`);
        }
    }

    /* ---- comparing ---- */

    async problem() {
        const items = await this.#pages("Scan", { TableName: this.#table.name, ConsistentRead: true });
        this.#learn(items);
        const problems = this.#history.problems.splice(0);
        for (const index of [...this.#table.locals, ...this.#table.globals])
            problems.push(...(await this.#compare(index, entriesOf(this.#table, index, items))));
        return problems.length > 0 ? `${problems.length} problems\n${problems.slice(0, 10).join("\n")}` : null;
    }

    /* What is there is what was acknowledged, or open. */
    #learn(items) {
        const found = new Map(items.map((item) => [textOf(Object.fromEntries(this.#table.keys.map(([name]) => [name, item[name]]))), item]));
        this.#history.settle(new Map([...found].map(([key, item]) => [key, textOf(item)])));
        this.#items = found;
    }

    async #compare(index, expected) {
        const problems = [];
        const read = { TableName: this.#table.name, IndexName: index.name };
        const tell = (how, { missing, surplus }) => {
            if (missing.length + surplus.length > 0)
                problems.push(`${how} of ${JSON.stringify(index)} lacks ${missing.slice(0, 3).join(", ") || "nothing"} and has ${surplus.slice(0, 3).join(", ") || "nothing"} too much`);
        };
        tell("a Scan", difference(expected, await this.#pages("Scan", read)));
        for (const values of partitionsOf(index, expected).slice(0, QUERIES_OF_AN_INDEX)) {
            const forward = this.#random.chance(50);
            const found = await this.#pages("Query", { ...read, ...conditionOn(index, values), ScanIndexForward: forward });
            tell(`a Query for ${textOf(values)}`, difference(expected.filter((entry) => isInPartition(index, values, entry)), found));
            if (!isSorted(index, found, forward))
                problems.push(`a Query of ${JSON.stringify(index)} for ${textOf(values)} is not sorted: ${found.map(textOf).join(" ")}`);
        }
        this.counts.compared++;
        return problems;
    }

    async #pages(operation, body) {
        const Limit = this.#random.chance(50) ? this.#random.between(1, 20) : undefined;
        const items = [];
        let from;
        do {
            const page = await this.#free.ok(operation, { ...body, Limit, ExclusiveStartKey: from });
            items.push(...page.Items);
            from = page.LastEvaluatedKey;
        } while (from);
        return items;
    }
}

function conditionOn(index, values) {
    return {
        KeyConditionExpression: index.hash.map((_, at) => `#${at} = :${at}`).join(" AND "),
        ExpressionAttributeNames: Object.fromEntries(index.hash.map((attribute, at) => [`#${at}`, attribute])),
        ExpressionAttributeValues: Object.fromEntries(values.map((value, at) => [`:${at}`, value])),
    };
}

/* As index_model.mjs has it, from a description. */
function indexOf({ IndexName, KeySchema, Projection }) {
    const attributes = (type) => KeySchema.filter(({ KeyType }) => KeyType === type).map(({ AttributeName }) => AttributeName);
    return {
        name: IndexName, hash: attributes("HASH"), range: attributes("RANGE"),
        projection: Projection.ProjectionType, others: Projection.NonKeyAttributes ?? [],
    };
}
