/*
 * Clients at work, and the check of what is left of their work.
 *
 * A lane is one client with keys of its own and one call under way; all lanes share counters that
 * they raise through conditions. One more lane makes and deletes tables. Every value is unique, and
 * an item's body follows from its token, so that an item that is half there shows.
 */
import { setTimeout as pause } from "node:timers/promises";
import { Client, tableDefinition, Unanswered } from "./client.mjs";
import { ABSENT, History } from "./history.mjs";

export const TABLE = "Crash";
const COUNTERS = 3;
const RAISES_OF_A_COUNTER = 150; /* then a fresh one takes its place */
const LARGE_EVERY = 10; /* few keys have large items, so that the whole stays small */
const COMING_TABLES = ["Coming-1", "Coming-2"];

/* What lanes write goes through here; the token of every item says who wrote it and when. */
export class Load {
    history = new History();
    heavy = false; /* mostly large items: tables are flushed and compacted every second or so */
    #random;
    #options;
    #stopped = false;
    #tokens = 0;
    #counterEpoch = 0;
    #raises = 0;
    #coming = COMING_TABLES.map((name) => new ComingTable(name, this.history));

    /*
     * lanes        clients at once
     * keysOfALane  and how many keys each has
     * large        also items of up to 390 KB
     * tables       also make and delete tables
     * countersOnly nothing but counters
     * patient      answers of 500 are taken as "perhaps", not as faults
     */
    constructor(random, options = {}) {
        this.#random = random;
        this.#options = { lanes: 8, keysOfALane: 30, large: true, tables: true, countersOnly: false, patient: false, ...options };
    }

    stop() {
        this.#stopped = true;
    }

    /* Until stop() or until the server no longer answers. */
    async run(port) {
        this.#stopped = false;
        const client = new Client(port);
        const lanes = [];
        for (let lane = 0; lane < this.#options.lanes; lane++)
            lanes.push(this.#lane(client, () => this.#step(client, lane)));
        if (this.#options.tables)
            lanes.push(this.#lane(client, () => this.#changeTables(client)));
        await Promise.all(lanes);
        client.close();
    }

    async #lane(client, step) {
        try {
            while (!this.#stopped)
                await step();
        } catch (error) {
            if (!(error instanceof Unanswered))
                throw error;
        }
    }

    async #step(client, lane) {
        if (this.#options.countersOnly || this.#random.chance(25))
            return this.#raise(client);
        const any = this.#random.below(this.#options.keysOfALane);
        const number = this.heavy ? any - (any % LARGE_EVERY) : any;
        const key = { pk: `lane-${lane}-${number % 7}`, sk: number };
        const action = this.#random.weighted([["put", 55], ["delete", 12], ["ifSame", 12], ["ifOther", 8], ["get", 13]]);
        return this.#actions[action](client, key);
    }

    #actions = {
        put: (client, key) => this.#write(client, key, this.#token(key), {}),
        delete: (client, key) => this.#write(client, key, ABSENT, {}),
        ifSame: (client, key) => this.#write(client, key, this.#token(key), conditionOn(this.history.stateOf(keyName(key)))),
        ifOther: (client, key) => this.#write(client, key, this.#token(key), conditionOn("another"), false),
        get: async (client, key) => {
            const { json } = this.#expect(await client.call("GetItem", { TableName: TABLE, Key: wireKey(key), ConsistentRead: true }));
            if (json)
                this.history.read(keyName(key), json.Item ? this.#whole(json.Item) : ABSENT);
        },
    };

    /* Every condition here is about a key that nobody else writes, so its outcome is known. */
    async #write(client, key, token, condition, holds = true) {
        const name = keyName(key);
        this.history.began(name, token);
        const answer =
            token === ABSENT
                ? await client.call("DeleteItem", { TableName: TABLE, Key: wireKey(key), ...condition })
                : await client.call("PutItem", { TableName: TABLE, Item: this.#item(key, token), ...condition });
        if (answer.type === "ConditionalCheckFailedException") {
            this.history.refused(name, token);
            if (holds)
                this.history.problem(`${name}: a condition on its own last write failed`);
        } else if (this.#expect(answer).json) {
            if (!holds)
                this.history.problem(`${name}: a condition that does not hold was passed`);
            this.history.succeeded(name, token);
        }
    }

    async #raise(client) {
        const counter = { pk: `counter-${this.#counterEpoch}-${this.#random.below(COUNTERS)}`, sk: 0 };
        const name = keyName(counter);
        const knownBefore = this.history.knownOf(name);
        const read = this.#expect(await client.call("GetItem", { TableName: TABLE, Key: wireKey(counter), ConsistentRead: true }));
        if (!read.json)
            return;
        const n = Number(read.json.Item?.n.N ?? 0);
        this.history.saw(name, n, read.json.Item?.token.S, knownBefore);

        const token = this.#token(counter);
        this.history.beganRaise(name, n + 1, token);
        const answer = await client.call("PutItem", {
            TableName: TABLE,
            Item: { ...wireKey(counter), n: { N: String(n + 1) }, token: { S: token } },
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
            ...(n === 0
                ? { ConditionExpression: "attribute_not_exists(pk)" }
                : { ConditionExpression: "n = :n", ExpressionAttributeValues: { ":n": { N: String(n) } } }),
        });
        if (answer.type === "ConditionalCheckFailedException") {
            this.history.notRaised(name, n + 1, token);
            if (answer.json.Item)
                this.history.saw(name, Number(answer.json.Item.n.N), answer.json.Item.token.S, n);
            else
                this.history.problem(`${name}: the failed condition did not give the item`);
        } else if (this.#expect(answer).json) {
            this.history.raised(name, n + 1, token);
            if (++this.#raises % RAISES_OF_A_COUNTER === 0)
                this.#counterEpoch++;
        }
    }

    async #changeTables(client) {
        await pause(10); /* a few tables a second are a load already */
        await this.#random.pick(this.#coming).change(client, this.#random, (answer) => this.#expect(answer));
    }

    /* An answer that is neither success nor a failed condition is a fault, unless we are patient. */
    #expect(answer) {
        if (answer.status === 200)
            return answer;
        if (!(this.#options.patient && answer.status === 500))
            this.history.problem(`answered ${answer.status} ${answer.text.slice(0, 300)}`);
        return {};
    }

    #token({ pk, sk }) {
        return `${pk}/${sk}#${++this.#tokens}`;
    }

    #item(key, token) {
        const size = this.heavy ? 390_000 : this.#random.weighted([[100, 700], [4000, 250], [30_000, 40], [390_000, 8]]);
        const large = this.#options.large && key.sk % LARGE_EVERY === 0;
        return makeItem(key, token, this.#random.between(0, large ? size : Math.min(size, 2000)));
    }

    #whole(item) {
        const problem = itemProblem(item);
        if (problem)
            this.history.problem(problem);
        return item.token?.S;
    }

    /* Compare all that is there with all that was told, by Scan, by count and, for some, by GetItem. */
    async verify(port, { exactCount = true } = {}) {
        const client = new Client(port);
        try {
            const found = new Map();
            const counters = new Map();
            const items = await client.scan(TABLE);
            for (const item of items) {
                const name = keyName({ pk: item.pk.S, sk: Number(item.sk.N) });
                if (found.has(name) || counters.has(name))
                    this.history.problem(`${name} was scanned twice`);
                if (item.n)
                    counters.set(name, { n: Number(item.n.N), token: item.token.S });
                else
                    found.set(name, this.#whole(item));
            }
            this.history.settle(found, counters);
            for (const table of this.#coming)
                await table.settle(client);
            await this.#verifyPoints(client);
            const { Table } = await client.ok("DescribeTable", { TableName: TABLE });
            if (exactCount && Table.ItemCount !== items.length)
                this.history.problem(`ItemCount is ${Table.ItemCount}, and ${items.length} items are there`);
            return items.length;
        } finally {
            client.close();
        }
    }

    async #verifyPoints(client) {
        const names = this.history.keys();
        for (let i = 0; i < 20 && names.length > 0; i++) {
            const [pk, sk] = this.#random.pick(names).split("|");
            const { Item } = await client.ok("GetItem", { TableName: TABLE, Key: wireKey({ pk, sk }) , ConsistentRead: true });
            this.history.read(`${pk}|${sk}`, Item ? this.#whole(Item) : ABSENT);
        }
    }
}

/*
 * A table that comes and goes. Like a key it has an acknowledged state and perhaps an open change;
 * its items are a history of their own, which ends with the table.
 */
class ComingTable {
    #name;
    #history;
    #exists = false;
    #open = false; /* a creation or deletion is under way */
    #items = new Map(); /* sk -> token; open writes too */
    #acknowledged = new Map();

    constructor(name, history) {
        this.#name = name;
        this.#history = history;
    }

    async change(client, random, expect) {
        if (!this.#exists)
            return this.#create(client, expect);
        if (random.chance(15))
            return this.#delete(client, expect);
        const key = { pk: `item-${random.below(3)}`, sk: random.below(50) };
        const token = `${this.#name}/${random.below(1_000_000_000)}`;
        this.#items.set(keyName(key), [...(this.#items.get(keyName(key)) ?? []), token]);
        const answer = await client.call("PutItem", { TableName: this.#name, Item: makeItem(key, token, 200) });
        if (expect(answer).json)
            this.#acknowledged.set(keyName(key), token);
    }

    async #create(client, expect) {
        this.#open = true;
        if (!expect(await client.call("CreateTable", tableDefinition(this.#name))).json)
            return;
        this.#exists = true;
        this.#open = false;
        await client.untilActive(this.#name);
        const items = await client.scan(this.#name);
        if (items.length > 0)
            this.#history.problem(`${this.#name} was just created and has ${items.length} items`);
    }

    async #delete(client, expect) {
        this.#open = true;
        if (!expect(await client.call("DeleteTable", { TableName: this.#name })).json)
            return;
        this.#becameAbsent();
        await this.#untilGone(client);
    }

    #becameAbsent() {
        this.#exists = false;
        this.#open = false;
        this.#items.clear();
        this.#acknowledged.clear();
    }

    async #untilGone(client) {
        for (;;) {
            const answer = await client.call("DescribeTable", { TableName: this.#name });
            if (answer.type === "ResourceNotFoundException")
                return;
            await pause(5);
        }
    }

    async settle(client) {
        let answer = await client.call("DescribeTable", { TableName: this.#name });
        if (answer.json.Table?.TableStatus === "DELETING") {
            await this.#untilGone(client);
            answer = { status: 400 };
        }
        const there = answer.status === 200;
        if (there !== this.#exists && !this.#open)
            this.#history.problem(`${this.#name} ${there ? "is there again" : "is gone"}`);
        if (!there)
            return this.#becameAbsent();
        await client.untilActive(this.#name);
        this.#exists = true;
        this.#open = false;
        await this.#settleItems(client);
    }

    async #settleItems(client) {
        const found = new Map();
        for (const item of await client.scan(this.#name)) {
            const problem = itemProblem(item);
            if (problem)
                this.#history.problem(`${this.#name}: ${problem}`);
            const name = keyName({ pk: item.pk.S, sk: item.sk.N });
            found.set(name, item.token.S);
            if (!this.#items.get(name)?.includes(item.token.S))
                this.#history.problem(`${this.#name}: ${name} holds ${item.token.S}, which nobody wrote`);
        }
        for (const [name, token] of this.#acknowledged) {
            const written = this.#items.get(name);
            if (!found.has(name) || written.indexOf(found.get(name)) < written.indexOf(token))
                this.#history.problem(`${this.#name}: ${name} holds ${found.get(name)}; acknowledged was ${token}`);
        }
        this.#acknowledged = found;
    }
}

export function keyName({ pk, sk }) {
    return `${pk}|${sk}`;
}

export function wireKey({ pk, sk }) {
    return { pk: { S: pk }, sk: { N: String(sk) } };
}

export function makeItem(key, token, size) {
    return { ...wireKey(key), token: { S: token }, size: { N: String(size) }, body: { S: bodyOf(token, size) } };
}

/* A sentence when the item is not the whole of what one writer wrote. */
export function itemProblem(item) {
    const { pk, sk, token, size, body } = item;
    if (!token || !size || !body || body.S !== bodyOf(token.S, Number(size.N)))
        return `the item ${pk?.S}|${sk?.N} is not whole`;
    return null;
}

function bodyOf(token, size) {
    const piece = `${token}~`;
    return piece.repeat(Math.ceil(size / piece.length)).slice(0, size);
}

function conditionOn(token) {
    if (token === ABSENT)
        return { ConditionExpression: "attribute_not_exists(pk)" };
    return {
        ConditionExpression: "#token = :token",
        ExpressionAttributeNames: { "#token": "token" },
        ExpressionAttributeValues: { ":token": { S: token } },
    };
}
