/*
 * Clients at work on few items, and the record of what each was told.
 *
 *   const load = new Load(random, { lanes: 64 });
 *   await load.open(port);
 *   await load.run(5000);           so many operations, or until the server is killed
 *   load.takeOperations()           item -> operations since the last call, as in item.mjs
 *   load.close();
 *
 * Some items are contested by increments and conditional writes that say what they replaced;
 * blind writes go to the others, which seldom have two writers at once. Values are unique.
 */
import { Lane } from "../support/lane.mjs";
import { ABSENT, stateAfter, stateOf } from "./item.mjs";

export const TABLE = "Checked";

export class Load {
    #random;
    #laneCount;
    #lanes = [];
    #items; /* { name, contested, operations, seen: the last state that anyone was told } */
    #clock = 0;
    #values = 0;
    #left = 0;
    answered = 0;
    unanswered = 0;
    unexpected = []; /* answers that no operation should get */

    constructor(random, { lanes = 64, contested = 2, others = 150 } = {}) {
        this.#random = random;
        this.#laneCount = lanes;
        this.#items = Array.from({ length: contested + others }, (_, i) => ({
            name: `item ${i}`, contested: i < contested, operations: [], seen: ABSENT,
        }));
    }

    async open(port) {
        this.#lanes = await Promise.all(Array.from({ length: this.#laneCount }, () => Lane.open(port)));
    }

    close() {
        for (const lane of this.#lanes)
            lane.close();
    }

    async run(count) {
        this.#left = count;
        await Promise.all(this.#lanes.map((lane) => this.#work(lane)));
    }

    takeOperations() {
        const taken = new Map();
        for (const item of this.#items) {
            taken.set(item.name, item.operations);
            item.operations = [];
        }
        return taken;
    }

    /* One read of every item: what few clients ask for is looked at too. */
    async readAll() {
        let next = 0;
        await Promise.all(this.#lanes.map(async (lane) => {
            while (next < this.#items.length && !lane.ended)
                await this.#perform(lane, readOf(this.#items[next++]));
        }));
    }

    async #work(lane) {
        while (this.#left-- > 0 && !lane.ended)
            await this.#perform(lane, this.#random.weighted(CHOICES)(this));
    }

    async #perform(lane, { request, body, operations, tell }) {
        for (const operation of operations) {
            operation.began = ++this.#clock;
            operation.outcome = null;
            operation.item.operations.push(operation);
        }
        const answer = await lane.call(request, body);
        if (answer === null) {
            this.unanswered += operations.length;
            return;
        }
        if (answer.status !== 200 && !answer.json?.__type?.endsWith("#ConditionalCheckFailedException")) {
            this.unexpected.push(`${request} ${JSON.stringify(body)} was answered ${answer.status} ${JSON.stringify(answer.json)}`);
            return;
        }
        tell(answer);
        for (const operation of operations) {
            operation.ended = ++this.#clock;
            operation.item.seen = stateAfter(operation, operation.item.seen);
        }
        this.answered += operations.length;
    }

    /* ---- what the choices are made of ---- */

    item() {
        return this.#random.chance(30) ? this.#random.pick(this.#items.filter(({ contested }) => contested)) : this.#random.pick(this.#items);
    }

    items(most) {
        const wanted = this.#random.between(1, most);
        return [...new Set(Array.from({ length: wanted }, () => this.item()))];
    }

    uncontested(most) {
        return this.items(most).filter(({ contested }) => !contested);
    }

    value() {
        return `v${++this.#values}`;
    }

    /* On contested items every write tells what it replaced; on others most do. */
    tells(item) {
        return item.contested || this.#random.chance(80);
    }

    /* Often what was last seen, so that many conditions hold. */
    condition(item) {
        if (this.#random.chance(25))
            return undefined;
        if (item.seen === ABSENT || this.#random.chance(10))
            return { absent: true };
        const [value, count] = item.seen.split("|");
        return value !== "" && this.#random.chance(60) ? { value } : { count };
    }

    oneIn(times) {
        return this.#random.below(times) === 0;
    }
}

/* Each gives { request, body, operations, tell }; tell fills in the outcomes from the answer. */
const CHOICES = [[put, 22], [remove, 6], [add, 30], [read, 30], [readMany, 4], [writeMany, 8]];

/* The outcome of a read without a result: it is always explained. */
const TOLD_NOTHING = { done: true };

const keyOf = (item) => ({ pk: { S: item.name } });
const itemOf = (operation) => ({ ...keyOf(operation.item), v: { S: operation.value }, n: { N: "0" } });

function put(load) {
    const item = load.item();
    const operation = { item, action: "put", value: load.value(), condition: load.condition(item) };
    return replacing("PutItem", load, operation, { Item: itemOf(operation) });
}

function remove(load) {
    const item = load.item();
    const operation = { item, action: "delete", condition: load.condition(item) };
    return replacing("DeleteItem", load, operation, { Key: keyOf(item) });
}

function replacing(request, load, operation, body) {
    const tells = load.tells(operation.item);
    return {
        request,
        body: { TableName: TABLE, ...body, ...conditionMembers(operation.condition), ...(tells && { ReturnValues: "ALL_OLD" }) },
        operations: [operation],
        tell: (answer) => (operation.outcome = refusal(answer) ?? { done: true, ...(tells && { before: stateOf(answer.json.Attributes) }) }),
    };
}

function add(load) {
    const item = load.item();
    const value = load.oneIn(3) ? load.value() : undefined;
    const operation = { item, action: "add", value, condition: load.condition(item) };
    const tellsBefore = load.oneIn(4);
    const conditional = conditionMembers(operation.condition);
    const values = { ...conditional.ExpressionAttributeValues, ":one": { N: "1" }, ...(value && { ":new": { S: value } }) };
    return {
        request: "UpdateItem",
        body: {
            TableName: TABLE, Key: keyOf(item), ...conditional,
            UpdateExpression: value ? "SET v = :new ADD n :one" : "ADD n :one",
            ExpressionAttributeValues: values,
            ReturnValues: tellsBefore ? "ALL_OLD" : "ALL_NEW",
        },
        operations: [operation],
        tell(answer) {
            const told = stateOf(answer.json.Attributes);
            operation.outcome = refusal(answer) ?? { done: true, ...(tellsBefore ? { before: told } : { after: told }) };
        },
    };
}

function read(load) {
    return load.oneIn(6) ? queryOf(load.item()) : readOf(load.item());
}

function readOf(item) {
    const operation = { item, action: "read" };
    return {
        request: "GetItem",
        body: { TableName: TABLE, Key: keyOf(item), ConsistentRead: true },
        operations: [operation],
        tell: (answer) => (operation.outcome = { done: true, before: stateOf(answer.json.Item) }),
    };
}

function queryOf(item) {
    const operation = { item, action: "read" };
    return {
        request: "Query",
        body: { TableName: TABLE, KeyConditionExpression: "pk = :p", ExpressionAttributeValues: { ":p": { S: item.name } }, ConsistentRead: true },
        operations: [operation],
        tell: (answer) => (operation.outcome = { done: true, before: stateOf(answer.json.Items[0]) }),
    };
}

/* Each item of a batch is an operation of its own; what was not processed has not happened. */
function readMany(load) {
    const operations = load.items(6).map((item) => ({ item, action: "read" }));
    return {
        request: "BatchGetItem",
        body: { RequestItems: { [TABLE]: { Keys: operations.map(({ item }) => keyOf(item)), ConsistentRead: true } } },
        operations,
        tell(answer) {
            const left = new Set((answer.json.UnprocessedKeys[TABLE]?.Keys ?? []).map((key) => key.pk.S));
            const found = new Map(answer.json.Responses[TABLE].map((item) => [item.pk.S, item]));
            for (const operation of operations)
                operation.outcome = left.has(operation.item.name) ? TOLD_NOTHING : { done: true, before: stateOf(found.get(operation.item.name)) };
        },
    };
}

function writeMany(load) {
    const items = load.uncontested(6);
    if (items.length === 0)
        return add(load);
    const operations = items.map((item) => (load.oneIn(4) ? { item, action: "delete" } : { item, action: "put", value: load.value() }));
    const requests = operations.map((operation) =>
        operation.action === "put" ? { PutRequest: { Item: itemOf(operation) } } : { DeleteRequest: { Key: keyOf(operation.item) } });
    return {
        request: "BatchWriteItem",
        body: { RequestItems: { [TABLE]: requests } },
        operations,
        tell(answer) {
            const left = (answer.json.UnprocessedItems[TABLE] ?? []).map((each) => (each.PutRequest?.Item ?? each.DeleteRequest.Key).pk.S);
            for (const operation of operations)
                if (left.includes(operation.item.name))
                    Object.assign(operation, { action: "read", outcome: TOLD_NOTHING });
                else
                    operation.outcome = { done: true };
        },
    };
}

function refusal({ status, json }) {
    return status === 200 ? null : { done: false, before: stateOf(json.Item) };
}

function conditionMembers(condition) {
    if (!condition)
        return {};
    const failure = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" };
    if (condition.absent)
        return { ConditionExpression: "attribute_not_exists(pk)", ...failure };
    return condition.value !== undefined
        ? { ConditionExpression: "v = :seen", ExpressionAttributeValues: { ":seen": { S: condition.value } }, ...failure }
        : { ConditionExpression: "n = :seen", ExpressionAttributeValues: { ":seen": { N: condition.count } }, ...failure };
}
