/*
 * A writer with items of its own, one request after the other: so what they were after each of its
 * requests is a plain list, and every restored table must show them as they were after one of those.
 *
 *   writer.steps      [{ changes: Map of name -> item as text or null, isWhole }], as they were sent
 *   writer.answered   so many of them were answered
 *
 * Items with the attribute `until` expire: from then on one may be there or not, until a look at the
 * table has shown that it is gone.
 */
import { textOf } from "../model/value.mjs";

const PLAIN_ITEMS = 12;
const EXPIRING_ITEMS = 4; /* the last ones */
const PARTS = 3;
const TEXT_BYTES_MAX = 900;
const EXPIRES_SECONDS_MAX = 7200;
const SEVERAL_MAX = 6;

export class Writer {
    #random;
    #label;
    #values = 0;
    #now = new Map(); /* name -> item, as of the last step */
    steps = [];
    answered = 0;

    constructor(random, number) {
        this.#random = random;
        this.#label = `writer-${number}`;
    }

    owns(item) {
        return item.pk.S.startsWith(`${this.#label}/`);
    }

    /* One request. False: no answer came. */
    async write(lane, TableName, nowMs) {
        const make = this.#random.weighted([[this.#put, 30], [this.#update, 25], [this.#remove, 15], [this.#batch, 15], [this.#transact, 15]]);
        const { operation, body, changes, isWhole = true } = make.call(this, TableName, nowMs);
        this.#begin(changes, isWhole);
        const answer = await lane.call(operation, body);
        if (answer === null)
            return false;
        if (answer.status !== 200 || Object.keys(answer.json.UnprocessedItems ?? {}).length > 0)
            throw new Error(`${operation} ${JSON.stringify(body)} was answered ${JSON.stringify(answer)}`);
        this.answered = this.steps.length;
        return true;
    }

    /* With nothing under way: what a look at the table has found becomes what is known of it. */
    learn(found) {
        if (this.answered < this.steps.length)
            this.#settle(found);
        const gone = [...this.#now].filter(([name, item]) => item.until && !found.has(name));
        if (gone.length > 0)
            this.#begin(new Map(gone.map(([name]) => [name, null])), false);
        this.answered = this.steps.length;
    }

    /*
     * Whether the items are as they were after one of the steps from `low` to `high`, at a time;
     * null, or in words why not.
     */
    violation(found, { low, high }, atMs) {
        const state = new Map();
        const last = Math.min(high, this.steps.length);
        let why;
        this.steps.slice(0, low).forEach((step) => apply(state, step.changes));
        for (let count = low; count <= last; count++) {
            const next = this.steps[count];
            const halves = next && !next.isWhole && count < last ? next.changes : new Map();
            const wrong = differenceOf(state, halves, found, atMs);
            if (!wrong)
                return null;
            why ??= wrong;
            if (next)
                apply(state, next.changes);
        }
        return `${this.#label} after one of its requests ${low} to ${high}: ${why}`;
    }

    /* ---- a request without an answer ---- */

    /* It was done, or not; of a batch, any part of it. */
    #settle(found) {
        const before = new Map();
        const step = this.steps.pop();
        this.steps.forEach(({ changes }) => apply(before, changes));
        const isSeen = ([name, text]) => (found.get(name) ?? null) === text;
        const done = [...step.changes].filter(([name, text]) => isSeen([name, text]) || (isExpiring(text) && !found.has(name)));
        const isHalf = step.isWhole && done.length < step.changes.size;
        const seen = done.find(([name, text]) => text !== null && isSeen([name, text]));
        if (isHalf && seen)
            throw new Error(`${seen[0]} of a transaction of ${this.#label} stands, but not all of it`);
        const changes = new Map(isHalf ? [] : done);
        this.#now = new Map();
        for (const [name, text] of before)
            if (text !== null)
                this.#now.set(name, JSON.parse(text));
        this.#begin(changes, step.isWhole);
    }

    #begin(changes, isWhole) {
        this.steps.push({ changes, isWhole });
        for (const [name, text] of changes)
            if (text === null)
                this.#now.delete(name);
            else
                this.#now.set(name, JSON.parse(text));
    }

    /* ---- requests ---- */

    #key(number) {
        return { pk: { S: `${this.#label}/${number % PARTS}` }, sk: { N: String(number) } };
    }

    #item(number, nowMs) {
        const item = {
            ...this.#key(number),
            n: { N: String(++this.#values) },
            text: { S: "x".repeat(this.#random.between(0, TEXT_BYTES_MAX)) },
        };
        for (const attribute of ["g", "l"])
            if (this.#random.chance(80))
                item[attribute] = { S: `${attribute}${this.#random.below(6)}` };
        if (number >= PLAIN_ITEMS)
            item.until = { N: String(Math.floor(nowMs / 1000) + this.#random.between(1, EXPIRES_SECONDS_MAX)) };
        return item;
    }

    #any() {
        return this.#random.below(PLAIN_ITEMS + EXPIRING_ITEMS);
    }

    #several() {
        return [...new Set(Array.from({ length: this.#random.between(2, SEVERAL_MAX) }, () => this.#any()))];
    }

    #put(TableName, nowMs) {
        const Item = this.#item(this.#any(), nowMs);
        return { operation: "PutItem", body: { TableName, Item }, changes: new Map([changeTo(Item)]) };
    }

    #update(TableName) {
        const Key = this.#key(this.#random.below(PLAIN_ITEMS));
        const n = { N: String(++this.#values) };
        const g = { S: `g${this.#random.below(6)}` };
        const body = { TableName, Key, UpdateExpression: "SET n = :n, g = :g REMOVE l", ExpressionAttributeValues: { ":n": n, ":g": g } };
        const { l, ...before } = this.#now.get(nameOf(Key)) ?? Key;
        return { operation: "UpdateItem", body, changes: new Map([changeTo({ ...before, n, g })]) };
    }

    #remove(TableName) {
        const Key = this.#key(this.#any());
        return { operation: "DeleteItem", body: { TableName, Key }, changes: new Map([[nameOf(Key), null]]) };
    }

    #batch(TableName, nowMs) {
        const changes = new Map();
        const requests = this.#several().map((number) => {
            const Item = this.#item(number, nowMs);
            const puts = this.#random.chance(70);
            changes.set(nameOf(Item), puts ? textOf(Item) : null);
            return puts ? { PutRequest: { Item } } : { DeleteRequest: { Key: this.#key(number) } };
        });
        return { operation: "BatchWriteItem", body: { RequestItems: { [TableName]: requests } }, changes, isWhole: false };
    }

    #transact(TableName, nowMs) {
        const changes = new Map();
        const TransactItems = this.#several().map((number) => {
            const Item = this.#item(number, nowMs);
            const puts = this.#random.chance(70);
            changes.set(nameOf(Item), puts ? textOf(Item) : null);
            return puts ? { Put: { TableName, Item } } : { Delete: { TableName, Key: this.#key(number) } };
        });
        return { operation: "TransactWriteItems", body: { TransactItems }, changes };
    }
}

export const nameOf = ({ pk, sk }) => `${pk.S} ${sk.N}`;

const changeTo = (item) => [nameOf(item), textOf(item)];
const isExpiring = (text) => text !== null && JSON.parse(text).until !== undefined;

function apply(state, changes) {
    for (const [name, text] of changes)
        state.set(name, text);
}

function isExpired(text, atMs) {
    return isExpiring(text) && Number(JSON.parse(text).until.N) * 1000 <= atMs;
}

/* `halves`: changes that may be there or not, each for itself. */
function differenceOf(state, halves, found, atMs) {
    for (const name of new Set([...state.keys(), ...halves.keys(), ...found.keys()])) {
        const text = found.get(name) ?? null;
        const allowed = [...new Set([state.get(name) ?? null, halves.has(name) ? halves.get(name) : state.get(name) ?? null])];
        const mayBeGone = text === null && allowed.some((each) => isExpired(each, atMs));
        if (!allowed.includes(text) && !mayBeGone)
            return `${name} is ${shorten(text)} and not ${allowed.map(shorten).join(" or ")}`;
    }
    return null;
}

const shorten = (text) => String(text).replace(/x{9,}/, "x…");
