/*
 * A bank: clients move money among accounts in transactions, and nobody ever sees another total.
 *
 *   const accounts = new Accounts(random, { lanes: 32 });
 *   await accounts.open(port, { create: true });
 *   await accounts.run(2000);       so many requests, or until the server is killed
 *   await accounts.look();          one more snapshot
 *   accounts.problems               snapshots with another total, answers that none should get
 *
 * Accounts are items of two tables, with the member balance. They are debited and credited, closed
 * (deleted, the money going elsewhere) and opened again (put), and touched by single updates that
 * leave the balance alone. What was not answered has happened as a whole or not at all.
 */
import { setTimeout as pause } from "node:timers/promises";
import { Lane } from "../support/lane.mjs";

const TABLES = ["Bank-0", "Bank-1"];
const ACCOUNTS = 16;
const OPENING_BALANCE = 100;
const TOTAL = ACCOUNTS * OPENING_BALANCE;

export class Accounts {
    #random;
    #laneCount;
    #lanes = [];
    #left = 0;
    #balances = new Array(ACCOUNTS).fill(OPENING_BALANCE); /* as last seen; undefined: closed */
    problems = [];
    counts = { moved: 0, refused: 0, snapshots: 0, unanswered: 0 };

    constructor(random, { lanes = 32 } = {}) {
        this.#random = random;
        this.#laneCount = lanes;
    }

    async open(port, { create = false } = {}) {
        this.close();
        this.#lanes = await Promise.all(Array.from({ length: this.#laneCount }, () => Lane.open(port)));
        if (!create)
            return;
        const [lane] = this.#lanes;
        for (const TableName of TABLES)
            await createTable(lane, TableName);
        await lane.ok("TransactWriteItems", { TransactItems: this.#all().map((account) => ({ Put: opened(account, OPENING_BALANCE) })) });
    }

    close() {
        for (const lane of this.#lanes)
            lane.close();
    }

    async run(count) {
        this.#left = count;
        await Promise.all(this.#lanes.map(async (lane) => {
            while (this.#left-- > 0 && !lane.ended)
                await this.#random.weighted(CHOICES)(this, lane);
        }));
    }

    /* Until so many more were answered. */
    async answers(count) {
        const answered = () => this.counts.moved + this.counts.refused + this.counts.snapshots;
        for (const wanted = answered() + count; answered() < wanted && !this.#lanes[0].ended;)
            await pause(1);
    }

    async look(lane = this.#lanes[0]) {
        const accounts = this.#all();
        const answer = await lane.call("TransactGetItems", { TransactItems: accounts.map((account) => ({ Get: placeOf(account) })) });
        if (answer === null || !this.#isExpected("TransactGetItems", answer))
            return;
        this.counts.snapshots++;
        const balances = answer.json.Responses.map(({ Item }) => (Item?.balance ? Number(Item.balance.N) : undefined));
        const total = balances.reduce((sum, balance) => sum + (balance ?? 0), 0);
        if (total !== TOTAL)
            this.problems.push(`a snapshot holds ${total} instead of ${TOTAL}: ${balances.map((balance) => balance ?? "closed").join(" ")}`);
        if (balances.some((balance) => balance < 0))
            this.problems.push(`an account is overdrawn: ${balances.join(" ")}`);
        this.#balances = balances;
    }

    /* A transaction, or one update; refusals by its conditions are part of the play. */
    async perform(lane, operation, body) {
        const answer = await lane.call(operation, body);
        if (answer === null)
            this.counts.unanswered++;
        else if (this.#isExpected(operation, answer, true))
            this.counts.moved++;
        else
            this.counts.refused++;
    }

    #isExpected(operation, answer, mayFailConditions = false) {
        if (answer.status === 200)
            return true;
        const codes = answer.json?.CancellationReasons?.map(({ Code }) => Code) ?? [answer.json?.__type?.split("#")[1]];
        const allowed = ["None", "TransactionConflict", "TransactionConflictException", ...(mayFailConditions ? ["ConditionalCheckFailed"] : [])];
        if (!codes.every((code) => allowed.includes(code)))
            this.problems.push(`${operation} was answered ${JSON.stringify(answer)}`);
        return false;
    }

    #all() {
        return Array.from({ length: ACCOUNTS }, (_, account) => account);
    }

    /* So many different accounts. */
    some(count) {
        const left = this.#all();
        return Array.from({ length: count }, () => left.splice(this.#random.below(left.length), 1)[0]);
    }

    balance(account) {
        return this.#balances[account];
    }

    amount(most) {
        return this.#random.between(1, most);
    }

    chance(percent) {
        return this.#random.chance(percent);
    }
}

const CHOICES = [[transfer, 40], [closeOne, 10], [openOne, 10], [touch, 10], [snapshot, 30]];

const placeOf = (account) => ({ TableName: TABLES[account % TABLES.length], Key: { pk: { S: `account ${account}` } } });
const number = (value) => ({ N: String(value) });

const opened = (account, balance) => {
    const { TableName, Key } = placeOf(account);
    return { TableName, Item: { ...Key, balance: number(balance) } };
};

const debit = (account, amount) => ({
    Update: {
        ...placeOf(account),
        UpdateExpression: "SET balance = balance - :amount",
        ConditionExpression: "balance >= :amount",
        ExpressionAttributeValues: { ":amount": number(amount) },
    },
});

const credit = (account, amount) => ({
    Update: {
        ...placeOf(account),
        UpdateExpression: "ADD balance :amount",
        ConditionExpression: "attribute_exists(balance)",
        ExpressionAttributeValues: { ":amount": number(amount) },
    },
});

const write = (actions) => ({ TransactItems: actions });

/* From one account to one or two others, in any order of the actions. */
function transfer(bank, lane) {
    const [from, ...to] = bank.some(bank.chance(30) ? 3 : 2);
    const amount = bank.amount(20);
    const actions = [debit(from, amount * to.length), ...to.map((each) => credit(each, amount))];
    const bystander = bank.chance(20) ? bank.some(ACCOUNTS).find((account) => account !== from && !to.includes(account)) : undefined;
    if (bystander !== undefined)
        actions.push({ ConditionCheck: { ...placeOf(bystander), ConditionExpression: "attribute_exists(balance)" } });
    return bank.perform(lane, "TransactWriteItems", write(bank.chance(50) ? actions : actions.reverse()));
}

/* The account as it was last seen goes, all its money elsewhere. */
function closeOne(bank, lane) {
    const [account, heir] = bank.some(2);
    const balance = bank.balance(account);
    if (balance === undefined)
        return snapshot(bank, lane);
    const removal = {
        Delete: { ...placeOf(account), ConditionExpression: "balance = :seen", ExpressionAttributeValues: { ":seen": number(balance) } },
    };
    return bank.perform(lane, "TransactWriteItems", write(balance > 0 ? [removal, credit(heir, balance)] : [removal]));
}

function openOne(bank, lane) {
    const [account, founder] = bank.some(2);
    const amount = bank.amount(20);
    const addition = { Put: { ...opened(account, amount), ConditionExpression: "attribute_not_exists(balance)" } };
    return bank.perform(lane, "TransactWriteItems", write([addition, debit(founder, amount)]));
}

function touch(bank, lane) {
    const [account] = bank.some(1);
    return bank.perform(lane, "UpdateItem", {
        ...placeOf(account),
        UpdateExpression: "ADD touched :one",
        ExpressionAttributeValues: { ":one": number(1) },
    });
}

function snapshot(bank, lane) {
    return bank.look(lane);
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
