/*
 * Random updates of random documents against a small, slow model: every action changes a copy of
 * the item, one after the other, where it stands in the tree. Set STATOR_TEST_SEED to repeat.
 */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { it } from "node:test";
import { Random } from "../crash/random.mjs";
import { openEndpoint } from "../support/endpoint.mjs";

const seed = Number(process.env.STATOR_TEST_SEED ?? randomInt(2 ** 31));
const ROUNDS = 600;

const random = new Random(seed);
const below = (count) => random.below(count);
const pick = (list) => random.pick(list);
const chance = (percent) => random.chance(percent);

const NAMES = ["a", "b", "c", "d", "zz"];
const MEMBERS = ["", "x", "y", "z", "zz"];
const subset = () => MEMBERS.filter(() => chance(40));

function randomValue(levels) {
    const kind = below(levels > 0 ? 8 : 4);
    if (kind >= 6)
        return { M: Object.fromEntries(NAMES.filter(() => chance(50)).map((name) => [name, randomValue(levels - 1)])) };
    if (kind >= 4)
        return { L: Array.from({ length: below(4) }, () => randomValue(levels - 1)) };
    const members = subset();
    return kind === 0 && members.length > 0 ? { SS: members } : kind === 1 ? { S: pick(MEMBERS) } : { N: String(below(19) - 9) };
}

/* Mostly along what is there, and sometimes a step beyond it. */
function randomPath(item) {
    const path = [pick(NAMES)];
    for (let value = item[path[0]]; chance(65); value = find(item, path)) {
        if (value?.L && chance(95))
            path.push(below(value.L.length + 2));
        else if (value?.M && chance(95))
            path.push(pick(NAMES));
        else if (chance(5))
            path.push(chance(50) ? below(3) : pick(NAMES));
        else
            break;
    }
    return path;
}

const textOf = (path) => path.map((step, index) => (typeof step === "number" ? `[${step}]` : index ? `.${step}` : step)).join("");

/* No path begins another, and none takes for a list what another takes for a map. */
function agree(one, two) {
    for (let i = 0; i < one.length && i < two.length; i++)
        if (one[i] !== two[i])
            return typeof one[i] === typeof two[i];
    return false;
}

function find(item, path) {
    let value = { M: item };
    for (const step of path)
        value = typeof step === "number" ? value?.L?.[step] : value?.M?.[step];
    return value;
}

class Refused extends Error {}

function evaluate(term, item) {
    if (term.value)
        return term.value;
    if (term.path)
        return find(item, term.path) ?? refuse("does not exist in the item");
    const [left, right] = term.operands;
    if (term.call === "if_not_exists")
        return find(item, left.path) ?? evaluate(right, item);
    const a = evaluate(left, item);
    const b = evaluate(right, item);
    if (term.call === "list_append")
        return a.L && b.L ? { L: [...a.L, ...b.L] } : refuse("incorrect data type");
    return a.N && b.N ? { N: String(Number(a.N) + (term.call === "+" ? 1 : -1) * Number(b.N)) } : refuse("incorrect data type");
}

function refuse(text) {
    throw new Refused(text);
}

function outcome({ clause, path, term }, item) {
    if (clause === "SET")
        return evaluate(term, item);
    const found = find(item, path);
    if (clause === "REMOVE")
        return undefined;
    if (!found)
        return clause === "ADD" ? term.value : undefined;
    const [type] = Object.keys(term.value);
    if (!found[type])
        refuse("incorrect data type");
    if (type === "N")
        return { N: String(Number(found.N) + Number(term.value.N)) };
    const rest = clause === "ADD" ? MEMBERS.filter((member) => found.SS.includes(member) || term.value.SS.includes(member))
        : found.SS.filter((member) => !term.value.SS.includes(member));
    return rest.length > 0 ? { SS: rest } : undefined;
}

const REMOVED = Symbol("removed");

/* Elements taken away leave a mark until all actions are done, so that indexes stay what they were. */
function place(item, path, value) {
    const holder = path.length > 1 ? find(item, path.slice(0, -1)) : { M: item };
    const last = path.at(-1);
    if (typeof last === "number") {
        if (!holder?.L)
            refuse("invalid for update");
        if (last < holder.L.length)
            holder.L[last] = value ?? REMOVED;
        else if (value)
            (holder.appended ??= []).push([last, value]);
    } else {
        if (!holder?.M)
            refuse("invalid for update");
        if (value)
            holder.M[last] = value;
        else
            delete holder.M[last];
    }
}

function settle(value) {
    if (value.L) {
        const appended = (value.appended ?? []).sort(([one], [two]) => one - two).map(([, element]) => element);
        return { L: [...value.L, ...appended].filter((element) => element !== REMOVED).map(settle) };
    }
    if (value.M)
        return { M: Object.fromEntries(Object.entries(value.M).map(([name, member]) => [name, settle(member)])) };
    return value;
}

function apply(item, actions) {
    const outcomes = actions.map((action) => outcome(action, item));
    const after = structuredClone(item);
    actions.forEach(({ path }, index) => place(after, path, structuredClone(outcomes[index])));
    return settle({ M: after }).M;
}

/* A value of the type that stands there, or of any type. */
function fittingValue(item, path) {
    const found = find(item, path);
    const members = subset();
    if (found?.SS && members.length > 0 && chance(90))
        return { SS: members };
    return { N: String(below(9)) };
}

function randomTerm(item) {
    const path = randomPath(item);
    const found = find(item, path);
    if (chance(50))
        return { value: randomValue(1) };
    if (chance(40))
        return { path };
    if (chance(40) || !(found?.N || found?.L))
        return { call: "if_not_exists", operands: [{ path }, { value: randomValue(1) }] };
    const operands = [{ path }, found.N ? { value: { N: String(below(9)) } } : { value: { L: [randomValue(0)] } }];
    return { call: found.N ? pick(["+", "-"]) : "list_append", operands: chance(50) ? operands : operands.reverse() };
}

function randomActions(item) {
    const actions = [];
    for (let left = 1 + below(4); left > 0; left--) {
        const path = randomPath(item);
        const clause = pick(["SET", "SET", "SET", "REMOVE", "REMOVE", "ADD", "DELETE"]);
        const term = clause === "SET" ? randomTerm(item) : clause === "REMOVE" ? undefined : { value: fittingValue(item, path) };
        const isGood = clause !== "DELETE" || term.value.SS;
        if (isGood && actions.every((other) => agree(path, other.path)))
            actions.push({ clause, path, term });
    }
    return actions;
}

function writeExpression(actions) {
    const values = {};
    const write = (term) => {
        if (term.value) {
            const name = `:v${Object.keys(values).length}`;
            values[name] = term.value;
            return name;
        }
        if (term.path)
            return textOf(term.path);
        const [left, right] = term.operands.map(write);
        return term.call.length === 1 ? `${left} ${term.call} ${right}` : `${term.call}(${left}, ${right})`;
    };
    const clauses = ["DELETE", "SET", "ADD", "REMOVE"].map((clause) => {
        const written = actions.filter((action) => action.clause === clause)
            .map(({ path, term }) => `${textOf(path)}${clause === "SET" ? " = " : " "}${term ? write(term) : ""}`);
        return written.length > 0 ? `${clause} ${written.join(", ")}` : "";
    });
    return { UpdateExpression: clauses.join(" "), ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }) };
}

const api = await openEndpoint();
const table = await api.table("pk S");

it(`random updates do what the model does (seed ${seed})`, async () => {
    const key = { pk: { S: "model" } };
    let accepted = 0;
    for (let round = 0; round < ROUNDS; round++) {
        const item = { ...key, ...Object.fromEntries(NAMES.filter(() => chance(80)).map((name) => [name, randomValue(3)])) };
        const actions = randomActions(item);
        if (actions.length === 0)
            continue;
        await api.ok("PutItem", { TableName: table, Item: item });
        const request = { TableName: table, Key: key, ...writeExpression(actions), ReturnValues: "ALL_NEW" };
        const { json } = await api.call("UpdateItem", request);
        const told = `round ${round}: ${JSON.stringify(request)} on ${JSON.stringify(item)} answered ${JSON.stringify(json)}`;
        try {
            assert.deepEqual(json.Attributes, apply(item, actions), told);
            accepted++;
        } catch (failure) {
            if (!(failure instanceof Refused))
                throw failure;
            assert.match(json.message ?? "", /does not exist in the item$|incorrect data type$|invalid for update$/, told);
        }
    }
    assert.ok(accepted > ROUNDS / 3, `only ${accepted} of ${ROUNDS} were accepted`);
});
