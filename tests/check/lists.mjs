/*
 * Clients that append to lists and read them, in transactions and one by one, and the record of
 * what each was told: a history for serializability.mjs.
 *
 *   const lists = new Lists(random, { lanes: 48 });
 *   await lists.open(port, { create: true });
 *   await lists.run(3000);          so many transactions, or until the server is killed
 *   await lists.replay();           what was not answered and has a token goes again
 *   await lists.readAll();          so that every order is known
 *   lists.takeHistory();            since the last call; later ones are of other lists
 *
 * A list is an attribute l of an item of its own, in one of two tables; few are in use at once, and
 * one that has grown long is left behind for another.
 */
import { setTimeout as pause } from "node:timers/promises";
import { Lane } from "../support/lane.mjs";

const TABLES = ["Lists-0", "Lists-1"];
const KEYS_IN_USE = 8;
const VALUES_MAX = 40; /* appended to one list, about */
const READ_AT_ONCE = 20;

export class Lists {
    #random;
    #laneCount;
    #lanes = [];
    #keys = []; /* { name, table, seen: the longest list that anyone was told, tries } in use */
    #past = []; /* those left behind in this history */
    #names = 0;
    #values = 0;
    #tokens = 0;
    #clock = 0;
    #left = 0;
    #history = [];
    #unanswered = []; /* { transaction, body } with a token */
    counts = { committed: 0, aborted: 0, unknown: 0, replayed: 0 };
    unexpected = [];

    constructor(random, { lanes = 48 } = {}) {
        this.#random = random;
        this.#laneCount = lanes;
        this.#renewKeys();
    }

    async open(port, { create = false } = {}) {
        this.close();
        this.#lanes = await Promise.all(Array.from({ length: this.#laneCount }, () => Lane.open(port)));
        for (const TableName of create ? TABLES : [])
            await createTable(this.#lanes[0], TableName);
    }

    close() {
        for (const lane of this.#lanes)
            lane.close();
    }

    async run(count) {
        this.#left = count;
        await Promise.all(this.#lanes.map(async (lane) => {
            while (this.#left-- > 0 && !lane.ended)
                await this.#perform(lane, this.#random.weighted(CHOICES)(this));
        }));
    }

    /* Until so many more were answered. */
    async answers(count) {
        const answered = () => this.counts.committed + this.counts.aborted;
        for (const wanted = answered() + count; answered() < wanted && !this.#lanes[0].ended;)
            await pause(1);
    }

    /* With nobody else at work: the answer settles what took effect. */
    async replay() {
        for (const each of this.#unanswered.splice(0)) {
            const answer = await this.#lanes[0].call("TransactWriteItems", each.body);
            this.counts.replayed++;
            if (answer?.status !== 200 && !isCancellation(answer))
                this.#unexpect("the replay of TransactWriteItems", each.body, answer);
            each.transaction.outcome = answer?.status === 200 ? "committed" : "aborted";
            each.transaction.ended = ++this.#clock;
        }
    }

    async readAll() {
        const keys = [...this.#past, ...this.#keys];
        for (let first = 0; first < keys.length; first += READ_AT_ONCE)
            await this.#perform(this.#lanes[0], readOfMany(keys.slice(first, first + READ_AT_ONCE)));
    }

    takeHistory() {
        const history = this.#history;
        this.#history = [];
        this.#past = [];
        this.#renewKeys();
        return history;
    }

    /* `request`: { operation, body, parts, tell }; tell gives what each part was told. */
    async #perform(lane, { operation, body, steps, tell, again = false }) {
        const transaction = { what: operation, began: ++this.#clock, ended: undefined, outcome: "unknown", steps };
        this.#history.push(transaction);
        const answer = await lane.call(operation, body);
        if (answer === null) {
            this.counts.unknown++;
            if (body.ClientRequestToken)
                this.#unanswered.push({ transaction, body });
            return;
        }
        transaction.ended = ++this.#clock;
        transaction.outcome = answer.status === 200 ? "committed" : "aborted";
        this.counts[transaction.outcome]++;
        const told = answer.status === 200 ? (tell?.(answer.json) ?? []) : refusalOf(answer, steps);
        if (told === null) {
            this.#unexpect(operation, body, answer);
            return;
        }
        if (answer.status === 200)
            transaction.steps = [...steps, ...told];
        else if (told.length > 0)
            this.#history.push({ ...transaction, what: `${operation}, refused`, outcome: "committed", steps: told });
        for (const { key, read } of told)
            this.#see(key, read);
        if (again && answer.status === 200)
            await this.#sendAgain(lane, operation, body);
    }

    /* A token that was answered: the same request changes nothing and is answered the same. */
    async #sendAgain(lane, operation, body) {
        const answer = await lane.call(operation, body);
        if (answer === null)
            return;
        this.counts.replayed++;
        if (answer.status !== 200)
            this.#unexpect(`${operation} sent again`, body, answer);
    }

    #unexpect(operation, body, answer) {
        this.unexpected.push(`${operation} ${JSON.stringify(body)} was answered ${JSON.stringify(answer)}`);
    }

    /* ---- lists ---- */

    #renewKeys() {
        this.#keys = Array.from({ length: KEYS_IN_USE }, () => this.#newKey());
    }

    #newKey() {
        const number = ++this.#names;
        return { name: `list ${number}`, table: TABLES[number % TABLES.length], seen: [], tries: 0 };
    }

    #see(name, read) {
        const key = this.#keys.find((each) => each.name === name);
        if (key && read.length >= key.seen.length)
            key.seen = read;
    }

    /* So many different lists in use, at most. */
    pick(most) {
        const wanted = this.#random.between(1, most);
        return [...new Set(Array.from({ length: wanted }, () => this.#random.pick(this.#keys)))];
    }

    value(key) {
        if (++key.tries >= VALUES_MAX && this.#keys.includes(key)) {
            this.#past.push(key);
            this.#keys[this.#keys.indexOf(key)] = this.#newKey();
        }
        return ++this.#values;
    }

    token() {
        return `token ${++this.#tokens}`;
    }

    chance(percent) {
        return this.#random.chance(percent);
    }

    pickOne(list) {
        return this.#random.pick(list);
    }
}

/* Each gives { operation, body, steps, tell }: the steps known beforehand, and those an answer tells. */
const CHOICES = [[writeMany, 40], [readMany, 25], [appendOne, 15], [replaceOne, 5], [readOne, 15]];

const keyOf = (key) => ({ pk: { S: key.name } });
const valuesOf = (item) => (item?.l?.L ?? []).map(({ N }) => Number(N));
const listOf = (values) => ({ L: values.map((value) => ({ N: String(value) })) });
const readOf = (key, item) => ({ key: key.name, read: valuesOf(item) });

/* The list is as long as was last seen; a step, and the members of a request. */
function lengthCondition(key) {
    const length = key.seen.length;
    return {
        step: { key: key.name, length },
        members: length === 0
            ? { ConditionExpression: "attribute_not_exists(l)" }
            : { ConditionExpression: "size(l) = :length", ExpressionAttributeValues: { ":length": { N: String(length) } } },
    };
}

/* An append as members of UpdateItem, conditional or not; with its steps. */
function append(lists, key, conditionPercent) {
    const condition = lists.chance(conditionPercent) ? lengthCondition(key) : null;
    const value = lists.value(key);
    return {
        steps: [...(condition ? [condition.step] : []), { key: key.name, append: value }],
        members: {
            TableName: key.table, Key: keyOf(key), ...condition?.members,
            UpdateExpression: "SET l = list_append(if_not_exists(l, :none), :new)",
            ExpressionAttributeValues: { ...condition?.members.ExpressionAttributeValues, ":none": { L: [] }, ":new": listOf([value]) },
        },
    };
}

/* The same as a put of the whole list, if it is still the one last seen. */
function replace(lists, key) {
    const { seen } = key;
    const value = lists.value(key);
    return {
        steps: [{ key: key.name, length: seen.length }, { key: key.name, append: value }],
        members: {
            TableName: key.table, Item: { ...keyOf(key), l: listOf([...seen, value]) },
            ...(seen.length === 0
                ? { ConditionExpression: "attribute_not_exists(l)" }
                : { ConditionExpression: "l = :seen", ExpressionAttributeValues: { ":seen": listOf(seen) } }),
        },
    };
}

const TELLS_FAILURE = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" };

function writeMany(lists) {
    const keys = lists.pick(4);
    const checks = lists.chance(50) ? lists.pick(2).filter((key) => !keys.includes(key)) : [];
    const steps = [];
    const actions = [];
    for (const key of checks) {
        const condition = lengthCondition(key);
        steps.push(condition.step);
        actions.push({ ConditionCheck: { TableName: key.table, Key: keyOf(key), ...condition.members, ...TELLS_FAILURE } });
    }
    for (const key of keys) {
        const isPut = lists.chance(10);
        const part = isPut ? replace(lists, key) : append(lists, key, 15);
        steps.push(...part.steps);
        actions.push({ [isPut ? "Put" : "Update"]: { ...part.members, ...TELLS_FAILURE } });
    }
    const token = lists.chance(50) ? lists.token() : undefined;
    return {
        operation: "TransactWriteItems",
        body: { TransactItems: actions, ClientRequestToken: token },
        steps,
        again: token !== undefined && lists.chance(20),
    };
}

function readMany(lists) {
    return readOfMany(lists.pick(6));
}

function readOfMany(keys) {
    return {
        operation: "TransactGetItems",
        body: { TransactItems: keys.map((key) => ({ Get: { TableName: key.table, Key: keyOf(key) } })) },
        steps: [],
        tell: ({ Responses }) => keys.map((key, index) => readOf(key, Responses[index].Item)),
    };
}

/* What it returns shows the list before or after its own append. */
function appendOne(lists) {
    const [key] = lists.pick(1);
    const { steps, members } = append(lists, key, 30);
    const returned = lists.pickOne(["NONE", "ALL_NEW", "ALL_OLD", "UPDATED_NEW"]);
    const value = steps.at(-1).append;
    return {
        operation: "UpdateItem",
        body: { ...members, ...TELLS_FAILURE, ReturnValues: returned },
        steps,
        tell({ Attributes }) {
            if (returned === "NONE")
                return [];
            const read = readOf(key, Attributes);
            return [returned === "ALL_OLD" ? { ...read, read: [...read.read, value] } : read];
        },
    };
}

function replaceOne(lists) {
    const [key] = lists.pick(1);
    const { steps, members } = replace(lists, key);
    return { operation: "PutItem", body: { ...members, ...TELLS_FAILURE }, steps };
}

function readOne(lists) {
    const [key] = lists.pick(1);
    return lists.chance(80)
        ? {
            operation: "GetItem",
            body: { TableName: key.table, Key: keyOf(key), ConsistentRead: true },
            steps: [],
            tell: ({ Item }) => [readOf(key, Item)],
        }
        : {
            operation: "Query",
            body: { TableName: key.table, KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": { S: key.name } }, ConsistentRead: true },
            steps: [],
            tell: ({ Items }) => [readOf(key, Items[0])],
        };
}

/* ---- refusals ---- */

const CODES = ["None", "ConditionalCheckFailed", "TransactionConflict"];

function isCancellation(answer) {
    return answer?.json?.__type?.endsWith("#TransactionCanceledException") &&
        answer.json.CancellationReasons.every(({ Code }) => CODES.includes(Code));
}

/* The lists on which conditions failed, which were all seen at once; null: no answer to expect. */
function refusalOf(answer, steps) {
    const type = answer.json?.__type?.split("#")[1];
    if (type === "ConditionalCheckFailedException")
        return [{ key: steps[0].key, read: valuesOf(answer.json.Item) }];
    if (type === "TransactionConflictException")
        return [];
    if (!isCancellation(answer))
        return null;
    const keys = [...new Set(steps.map(({ key }) => key))]; /* one action each, in order */
    return answer.json.CancellationReasons.flatMap(({ Code, Item }, index) =>
        Code === "ConditionalCheckFailed" ? [{ key: keys[index], read: valuesOf(Item) }] : []);
}

async function createTable(lane, TableName) {
    await lane.ok("CreateTable", {
        TableName,
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        BillingMode: "PAY_PER_REQUEST",
    });
    while ((await lane.ok("DescribeTable", { TableName })).Table.TableStatus !== "ACTIVE");
}
