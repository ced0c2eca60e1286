/*
 * Random tables with indexes, random items, and what an index must hold because of the items.
 *
 * A table is { name, keys: [[attribute, type], ...], locals, globals, padding }; padding bytes make
 * its items so large that an index is built page by page. An index is
 * { name, hash: [attribute, ...], range: [attribute, ...], projection, others: [attribute, ...] }.
 * Every attribute has one type, by which indexes know it; items often lack it and now and then
 * hold something else there.
 */
import { compare, textOf, typeOf } from "../model/value.mjs";

const TYPES = { pk: "S", sk: "N", a: "S", b: "S", c: "N", d: "N", e: "B", f: "S", g: "N" };
const PLAIN = ["a", "b", "c", "d", "e", "f", "g"];
const CARRIED = ["x", "y", "z"]; /* in no key */
const PARTS_MAX = 4; /* of a global index's hash key, and of its range key */
const PADDING_BYTES = 6000;
const PADDED_INDEXES_MAX = 4;
const WRONG_PERCENT = 3;
const SHOWN_CHARACTERS = 400;

/* ---- tables ---- */

/* With so many global indexes, or any number. */
export function randomTable(random, name, { globals = random.weighted([[0, 1], [random.between(1, 6), 6], [20, 1]]) } = {}) {
    const hasRange = random.chance(75);
    const table = { name, keys: hasRange ? [["pk", "S"], ["sk", "N"]] : [["pk", "S"]], locals: [], globals: [], padding: 0 };
    for (let i = hasRange ? random.between(0, 5) : 0; i > 0; i--)
        table.locals.push({ name: `local-${i}`, hash: ["pk"], range: [random.pick(PLAIN)], ...randomProjection(random) });
    for (let i = globals; i > 0; i--)
        table.globals.push(randomGlobal(random, table, `global-${i}`));
    if (table.locals.length + table.globals.length <= PADDED_INDEXES_MAX)
        table.padding = PADDING_BYTES;
    return table;
}

export function randomGlobal(random, table, name) {
    const left = [...PLAIN, ...table.keys.map(([attribute]) => attribute)];
    const take = (count) => Array.from({ length: count }, () => left.splice(random.below(left.length), 1)[0]);
    return {
        name,
        hash: take(random.weighted([[1, 6], [random.between(2, PARTS_MAX), 4]])),
        range: take(random.weighted([[0, 3], [1, 4], [random.between(2, PARTS_MAX), 3]])),
        ...randomProjection(random),
    };
}

function randomProjection(random) {
    const projection = random.pick(["ALL", "KEYS_ONLY", "INCLUDE"]);
    return { projection, others: projection === "INCLUDE" ? CARRIED.filter(() => random.chance(50)).concat("w") : [] };
}

/* ---- as requests name them ---- */

export function createTableRequest(table) {
    const members = {
        TableName: table.name,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: definitionsOf([...table.keys.map(([name]) => name), ...[...table.locals, ...table.globals].flatMap(keyAttributes)]),
        KeySchema: schemaOf([table.keys[0][0]], table.keys.slice(1).map(([name]) => name)),
    };
    if (table.locals.length > 0)
        members.LocalSecondaryIndexes = table.locals.map(indexRequest);
    if (table.globals.length > 0)
        members.GlobalSecondaryIndexes = table.globals.map(indexRequest);
    return members;
}

export function createIndexRequest(table, index) {
    return {
        TableName: table.name,
        AttributeDefinitions: definitionsOf(keyAttributes(index)),
        GlobalSecondaryIndexUpdates: [{ Create: indexRequest(index) }],
    };
}

export function deleteIndexRequest(table, index) {
    return { TableName: table.name, GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: index.name } }] };
}

function indexRequest(index) {
    return {
        IndexName: index.name,
        KeySchema: schemaOf(index.hash, index.range),
        Projection: { ProjectionType: index.projection, ...(index.projection === "INCLUDE" && { NonKeyAttributes: index.others }) },
    };
}

const schemaOf = (hash, range) => [
    ...hash.map((AttributeName) => ({ AttributeName, KeyType: "HASH" })),
    ...range.map((AttributeName) => ({ AttributeName, KeyType: "RANGE" })),
];

const definitionsOf = (names) => [...new Set(names)].map((AttributeName) => ({ AttributeName, AttributeType: TYPES[AttributeName] }));

function keyAttributes(index) {
    return [...index.hash, ...index.range];
}

/* ---- items ---- */

/* Few values of each attribute, so that items share places in indexes, and move. */
function randomValue(random, attribute) {
    const type = random.chance(WRONG_PERCENT) ? random.pick(["S", "N", "BOOL", "empty"]) : (TYPES[attribute] ?? "S");
    const number = random.below(5);
    switch (type) {
        case "S":
            return { S: random.pick(["", "é", "value "]) + number };
        case "N":
            return { N: random.pick(["", "-", "10"]) + (number + 1) };
        case "B":
            return { B: Buffer.from([255 * random.below(2), number]).toString("base64") };
        case "BOOL":
            return { BOOL: number === 0 };
        default:
            return { S: "" };
    }
}

export function randomItem(random, key, { padding = 0 } = {}) {
    const item = { ...key };
    if (padding > 0 && random.chance(80))
        item.padding = { S: random.pick(["-", "="]).repeat(padding) };
    for (const attribute of [...PLAIN, ...CARRIED])
        if (random.chance(75))
            item[attribute] = randomValue(random, attribute);
    return item;
}

/* Some attributes set, some removed: { item, members of UpdateItem }; null: nothing to do. */
export function randomUpdate(random, item, key) {
    const changed = { ...key, ...item };
    const set = [];
    const remove = [];
    const values = {};
    for (const attribute of [...PLAIN, ...CARRIED])
        if (random.chance(20)) {
            changed[attribute] = values[`:${attribute}`] = randomValue(random, attribute);
            set.push(`${attribute} = :${attribute}`);
        } else if (random.chance(15)) {
            delete changed[attribute];
            remove.push(attribute);
        }
    if (set.length === 0)
        return null;
    return {
        item: changed,
        members: {
            UpdateExpression: `SET ${set.join(", ")}${remove.length > 0 ? ` REMOVE ${remove.join(", ")}` : ""}`,
            ExpressionAttributeValues: values,
        },
    };
}

/* A value by which no index can place an item: of another type, or empty. */
export function isMisfit(attribute, value) {
    return value !== undefined && (typeOf(value) !== TYPES[attribute] || value.S === "");
}

export const hasMisfit = (item) => PLAIN.some((attribute) => isMisfit(attribute, item[attribute]));

/* ---- what an index holds ---- */

/* The item as the index shows it; null when it stands there not. */
export function entryOf(table, index, item) {
    if (keyAttributes(index).some((attribute) => item[attribute] === undefined || isMisfit(attribute, item[attribute])))
        return null;
    if (index.projection === "ALL")
        return item;
    const shown = [...table.keys.map(([name]) => name), ...keyAttributes(index), ...index.others];
    return Object.fromEntries(Object.entries(item).filter(([attribute]) => shown.includes(attribute)));
}

export function entriesOf(table, index, items) {
    return items.map((item) => entryOf(table, index, item)).filter(Boolean);
}

/* The entries' values of the hash key, each once. */
export function partitionsOf(index, entries) {
    const partitions = new Map();
    for (const entry of entries) {
        const values = index.hash.map((attribute) => entry[attribute]);
        partitions.set(textOf(values), values);
    }
    return [...partitions.values()];
}

export function isInPartition(index, values, entry) {
    return index.hash.every((attribute, at) => textOf(entry[attribute]) === textOf(values[at]));
}

/* Whether entries of one partition stand in the order of their range key. */
export function isSorted(index, entries, forward) {
    return entries.every((entry, at) => {
        if (at === 0)
            return true;
        for (const attribute of index.range) {
            const order = compare(entries[at - 1][attribute], entry[attribute]);
            if (order !== 0)
                return order < 0 === forward;
        }
        return true;
    });
}

/* What one list has that the other lacks: { missing, surplus } of texts, each as often as it is so. */
export function difference(expected, found) {
    const counts = new Map();
    for (const each of expected)
        counts.set(textOf(each), (counts.get(textOf(each)) ?? 0) + 1);
    for (const each of found)
        counts.set(textOf(each), (counts.get(textOf(each)) ?? 0) - 1);
    return {
        missing: [...counts].filter(([, count]) => count > 0).map(([text]) => shortened(text)),
        surplus: [...counts].filter(([, count]) => count < 0).map(([text]) => shortened(text)),
    };
}

function shortened(text) {
    return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
}
