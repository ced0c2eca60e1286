/*
 * Random requests, most of them valid, some with one thing wrong.
 *
 *   const generator = new Generator(random, table, model);
 *   generator.request()            { operation, body }
 *   generator.learn(answer)        remembers a LastEvaluatedKey to go on from
 *
 * Few names, keys and values, so that requests meet: often they speak of what an item really holds.
 */
import { canonicalItem, itemBytes, typeOf } from "./value.mjs";
import { hasLegacy, legacyRequest } from "./generate_legacy.mjs";
import { spoil } from "./spoil.mjs";
import { Tokens, transactItems } from "./generate_transact.mjs";
import { Writing } from "./writing.mjs";

const SPOILED_PERCENT = 15;
const LEGACY_PERCENT = 12;

export const NAMES = ["alpha", "beta", "gamma", "delta", "name", "dotted.one", "é", "_x"];
const STRINGS = ["", "a", "ab", "abc", "b", "é", "日本", "😀", "a longer string with blanks"];
const NUMBERS = [
    "0", "1", "-1", "2", "3", "10", "100", "3.14", "0.5", "1e3", "-0", "007", "1.50", "-12.75", "1E-3", ".5", "12345.678",
    "123456789012345678901234567890", "99999999999999999999999999999999999999", "1e-130", "9.9e125", "-1e-100", "+4",
];
const BLOBS = ["", "AA==", "AAE=", "/w==", "YWI=", "YWJj"];

export const KEYS = {
    S: ["a", "ab", "b", "é", "日本", "z z"],
    N: ["-10", "-1.5", "0", "1", "2", "1e1", "10.5", "1e20"],
    B: ["AA==", "AAE=", "/w==", "YWI=", "gA=="],
};

export class Generator {
    table;
    #model;
    #startKeys = [];
    #tokens;

    constructor(random, table, model) {
        this.random = random;
        this.table = table;
        this.#tokens = new Tokens(random, table.name);
        this.#model = model;
    }

    request() {
        const operation = this.random.weighted([
            ["PutItem", 24], ["UpdateItem", 30], ["DeleteItem", 8], ["GetItem", 10], ["Query", 14], ["Scan", 6], ["BatchGetItem", 4], ["BatchWriteItem", 4], ["TransactWriteItems", 8], ["TransactGetItems", 4],
        ]);
        const isLegacy = this.random.chance(LEGACY_PERCENT) && hasLegacy(operation);
        const body = isLegacy ? legacyRequest(this, operation) : this[operation](new Writing(this.random));
        if (this.random.chance(30))
            body.ReturnConsumedCapacity = this.random.pick(["NONE", "TOTAL", "INDEXES"]);
        if (!isLegacy && this.random.chance(SPOILED_PERCENT))
            spoil(this.random, operation, body, this.table);
        if (operation === "TransactWriteItems")
            return { operation, body: this.#tokens.apply(body) };
        return { operation, body };
    }

    learn({ json }) {
        if (json.LastEvaluatedKey)
            this.#startKeys = [json.LastEvaluatedKey, ...this.#startKeys.slice(0, 3)];
    }

    /* ---- operations ---- */

    PutItem(writing) {
        const item = this.table.large && this.random.chance(4) ? this.#itemAtTheLimit() : this.item();
        const body = { TableName: this.table.name, Item: item };
        if (this.random.chance(30))
            body.ReturnValues = this.random.pick(["NONE", "ALL_OLD", "ALL_OLD"]);
        return this.#conditional(writing, body, item);
    }

    DeleteItem(writing) {
        const key = this.key();
        const body = { TableName: this.table.name, Key: key };
        if (this.random.chance(40))
            body.ReturnValues = this.random.pick(["NONE", "ALL_OLD", "ALL_OLD"]);
        return this.#conditional(writing, body, key);
    }

    UpdateItem(writing) {
        const key = this.key();
        const body = { TableName: this.table.name, Key: key };
        if (this.random.chance(95))
            body.UpdateExpression = this.#updateText(writing, this.itemOf(key) ?? (this.random.chance(10) ? this.sample() : key));
        if (this.random.chance(70))
            body.ReturnValues = this.random.pick(["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"]);
        return this.#conditional(writing, body, key, 25);
    }

    GetItem(writing) {
        return writing.finish({ TableName: this.table.name, Key: this.key(), ...this.#reading(writing, 50) });
    }

    Query(writing) {
        const sample = this.sample();
        const key = this.random.chance(70) ? this.keyOf(sample) : this.key();
        const body = { TableName: this.table.name, KeyConditionExpression: this.#keyConditionText(writing, key), ...this.paging() };
        if (this.random.chance(40))
            body.ScanIndexForward = this.random.chance(30);
        if (this.random.chance(40))
            body.FilterExpression = this.#conditionText(writing, this.withoutKey(sample));
        if (body.ExclusiveStartKey && this.random.chance(80))
            body.ExclusiveStartKey = { ...body.ExclusiveStartKey, [this.table.keys[0][0]]: key[this.table.keys[0][0]] };
        return writing.finish({ ...body, ...this.#reading(writing, 30, body.Select === undefined) });
    }

    Scan(writing) {
        const body = { TableName: this.table.name, ...this.paging() };
        if (this.random.chance(50))
            body.FilterExpression = this.#conditionText(writing, this.sample());
        return writing.finish({ ...body, ...this.#reading(writing, 30, body.Select === undefined) });
    }

    BatchGetItem() {
        return this.#batch(() => {
            const writing = new Writing(this.random);
            const keys = distinct(Array.from({ length: this.random.between(1, 8) }, () => this.key()));
            return writing.finish({ Keys: keys, ...this.#reading(writing, 40) });
        });
    }

    BatchWriteItem() {
        return this.#batch(() => {
            const items = distinct(Array.from({ length: this.random.between(1, 8) }, () => this.item()), (item) => this.keyOf(item));
            return items.map((item) => (this.random.chance(70) ? { PutRequest: { Item: item } } : { DeleteRequest: { Key: this.keyOf(item) } }));
        });
    }

    TransactWriteItems() {
        return { TransactItems: transactItems(this) };
    }

    TransactGetItems() {
        const keys = Array.from({ length: this.random.between(1, 5) }, () => this.key());
        return {
            TransactItems: (this.random.chance(3) ? keys : distinct(keys)).map((Key) => {
                const writing = new Writing(this.random);
                return { Get: writing.finish({ TableName: this.anyTable(), Key, ...(this.random.chance(30) && { ProjectionExpression: this.#projectionText(writing) }) }) };
            }),
        };
    }

    anyTable() {
        return this.random.chance(75) ? this.table.name : this.table.other;
    }

    /* Sometimes of two tables. */
    #batch(block) {
        return { RequestItems: { [this.table.name]: block(), ...(this.random.chance(25) && { [this.table.other]: block() }) } };
    }

    /* ---- parts of requests ---- */

    #conditional(writing, body, about, percent = 40) {
        if (this.random.chance(percent)) {
            body.ConditionExpression = this.#conditionText(writing, this.itemOf(about) ?? this.sample());
            if (this.random.chance(50))
                body.ReturnValuesOnConditionCheckFailure = this.random.pick(["NONE", "ALL_OLD"]);
        }
        return writing.finish(body);
    }

    #reading(writing, percent, mayProject = true) {
        return {
            ...(this.random.chance(50) && { ConsistentRead: this.random.chance(70) }),
            ...(mayProject && this.random.chance(percent) && { ProjectionExpression: this.#projectionText(writing) }),
        };
    }

    paging() {
        return {
            ...(this.random.chance(50) && { Limit: this.random.between(1, 6) }),
            ...(this.random.chance(15) && { Select: this.random.pick(["COUNT", "ALL_ATTRIBUTES"]) }),
            ...(this.random.chance(30) && { ExclusiveStartKey: this.#startKeys.length > 0 && this.random.chance(60) ? this.random.pick(this.#startKeys) : this.key() }),
        };
    }

    #projectionText(writing) {
        const sample = this.sample();
        const tops = this.random.shuffled([...this.table.keys.map(([name]) => name), ...NAMES]).slice(0, this.random.between(1, 4));
        const paths = tops.flatMap((top) => this.#pathsUnder(top, sample));
        return paths.map((path) => writing.path(path)).join(writing.separator(","));
    }

    /* One path, or two elements of one list or map, which may not overlap. */
    #pathsUnder(top, sample) {
        const value = sample[top];
        if (value?.L?.length > 1 && this.random.chance(50))
            return [[top, 1], [top, 0]];
        if (value?.M && Object.keys(value.M).length > 1 && this.random.chance(50))
            return Object.keys(value.M).slice(0, 2).map((name) => [top, name]);
        return [this.#descend([top], value)];
    }

    #descend(path, value) {
        while (value && this.random.chance(60)) {
            const part = value.L ? this.random.below(value.L.length + 1) : value.M ? this.random.pick([...Object.keys(value.M), "x"]) : null;
            if (part === null)
                break;
            path = [...path, part];
            value = (value.L ?? value.M)[part];
        }
        /* No path leads into a key: that refusal has tests of its own (tests/api). */
        const isKey = this.table.keys.some(([name]) => name === path[0]);
        return !isKey && this.random.chance(3) ? [...path, this.random.pick(["x", 0])] : path;
    }

    /* ---- conditions ---- */

    #conditionText(writing, sample, depth = 0) {
        if (depth < 3 && this.random.chance(depth === 0 ? 35 : 25)) {
            const inner = () => this.#conditionText(writing, sample, depth + 1);
            const form = this.random.pick(["AND", "OR", "NOT", "()"]);
            if (form === "NOT")
                return `${writing.word("NOT")} ${inner()}`;
            return form === "()" ? `(${inner()})` : `${inner()} ${writing.word(form)} ${inner()}`;
        }
        return this.#predicateText(writing, sample);
    }

    #predicateText(writing, sample) {
        const { random } = this;
        const top = random.chance(80) && Object.keys(sample).length > 0 ? random.pick(Object.keys(sample)) : random.pick(NAMES);
        const path = this.#descend([top], sample[top]);
        const there = valueUnder(sample, path);
        const left = random.chance(4) ? `(${writing.path(path)})` : writing.path(path);
        const like = () => writing.value(there && random.chance(60) ? this.near(there) : this.value(2));
        const ordered = () => writing.value(this.#orderedValue(there));
        switch (random.weighted([["=", 22], ["<", 22], ["BETWEEN", 8], ["IN", 8], ["exists", 16], ["type", 6], ["begins", 8], ["contains", 10], ["size", 8], ["paths", 4]])) {
            case "=":
                return random.chance(85) ? `${left}${writing.sign(random.pick(["=", "<>"]))}${like()}` : `${like()}${writing.sign("=")}${left}`;
            case "<":
                return `${left}${writing.sign(random.pick(["<", "<=", ">", ">="]))}${random.chance(95) ? ordered() : like()}`;
            case "BETWEEN": {
                const bounds = this.bounds(there);
                return `${left} ${writing.word("BETWEEN")} ${writing.value(bounds[0])} ${writing.word("AND")} ${writing.value(bounds[1])}`;
            }
            case "IN":
                return `${left} ${writing.word("IN")} (${Array.from({ length: random.between(1, 4) }, like).join(writing.separator(","))})`;
            case "exists":
                return `${random.pick(["attribute_exists", "attribute_not_exists"])} (${left})`;
            case "type":
                return `attribute_type(${left}, ${writing.value({ S: random.pick(["S", "N", "B", "SS", "NS", "BS", "L", "M", "BOOL", "NULL"]) })})`;
            case "begins":
                return `begins_with(${left}${writing.separator(",")}${writing.value(there?.B !== undefined ? { B: random.pick(BLOBS) } : { S: random.pick(STRINGS) })})`;
            case "contains":
                return `contains (${left}, ${writing.value(this.#memberOf(there))})`;
            case "size":
                return `size(${left})${writing.sign(random.pick(["=", "<", ">=", "<>"]))}${writing.value({ N: String(random.below(5)) })}`;
            default: {
                const other = random.pick(NAMES.filter((name) => name !== top));
                return `${left}${writing.sign(random.pick(["=", "<>", "<", ">="]))}${writing.path([other])}`;
            }
        }
    }

    #orderedValue(there) {
        return there && ["S", "N", "B"].includes(typeOf(there)) && this.random.chance(70) ? this.near(there) : this.scalar();
    }

    bounds(there) {
        const type = there && ["S", "N", "B"].includes(typeOf(there)) ? typeOf(there) : this.random.pick(["S", "N", "B"]);
        const sorted = { S: ["", "a", "ab", "b", "z"], N: ["-1e10", "-1", "0", "1.0", "99"], B: ["", "AA==", "YWI=", "/w=="] }[type];
        const [low, high] = [this.random.below(sorted.length), this.random.below(sorted.length)].sort();
        return this.random.chance(3) ? [{ [type]: sorted[high] }, { [type]: sorted[low] }] : [{ [type]: sorted[low] }, { [type]: sorted[high] }];
    }

    #memberOf(there) {
        const type = there ? typeOf(there) : "S";
        if (this.random.chance(40) || !there)
            return this.value(2);
        if (type === "L")
            return there.L.length > 0 ? this.random.pick(there.L) : this.scalar();
        if (["SS", "NS", "BS"].includes(type))
            return { [type[0]]: this.random.pick(there[type]) };
        return type === "S" ? { S: this.random.pick(STRINGS) } : type === "B" ? { B: this.random.pick(BLOBS) } : this.scalar();
    }

    /* The value itself, or one of its type. */
    near(value) {
        const type = typeOf(value);
        if (this.random.chance(50) || !["S", "N", "B"].includes(type))
            return value;
        return { [type]: this.random.pick({ S: STRINGS, N: NUMBERS, B: BLOBS }[type]) };
    }

    #keyConditionText(writing, key) {
        const { random } = this;
        const [[hash], range] = this.table.keys;
        const value = () => writing.value(key[hash]);
        const partition = random.chance(90) ? `${writing.path([hash])}${writing.sign("=")}${value()}` : `${value()} = ${writing.path([hash])}`;
        if (!range || random.chance(35))
            return writing.grouped(partition);
        const [name, type] = range;
        const left = writing.path([name]);
        const bound = () => writing.value(random.chance(60) ? key[name] : { [type]: random.pick(KEYS[type]) });
        const form = random.pick(["=", "<", "<=", ">", ">=", "BETWEEN", ...(type === "N" ? [] : ["begins_with"])]);
        const rangeText = {
            BETWEEN: () => {
                const [low, high] = this.keyBounds(type);
                return `${left} ${writing.word("BETWEEN")} ${writing.value(low)} ${writing.word("AND")} ${writing.value(high)}`;
            },
            begins_with: () => `begins_with(${left}, ${bound()})`,
        }[form]?.() ?? `${left}${writing.sign(form)}${bound()}`;
        const clauses = random.shuffled([partition, rangeText]).map((text) => writing.grouped(text));
        return clauses.join(` ${writing.word("AND")} `);
    }

    keyBounds(type) {
        const sorted = { S: ["a", "ab", "b", "z z"], N: ["-10", "-1.5", "1", "10", "1e20"], B: ["AA==", "AAE=", "YWI=", "gA==", "/w=="] }[type];
        const [low, high] = [this.random.below(sorted.length), this.random.below(sorted.length)].sort();
        return [{ [type]: sorted[low] }, { [type]: sorted[high] }];
    }

    /* ---- updates ---- */

    #updateText(writing, item) {
        const tops = this.random.shuffled(NAMES);
        const present = new Set(Object.keys(item));
        tops.sort((a, b) => present.has(b) - present.has(a));
        const clauses = this.random.shuffled(["SET", "SET", "REMOVE", "ADD", "DELETE"]).slice(0, this.random.weighted([[1, 60], [2, 30], [3, 10]]));
        const texts = [...new Set(clauses)].map((clause) => {
            const actions = Array.from({ length: this.random.weighted([[1, 65], [2, 25], [3, 10]]) }, () => {
                const top = tops.length > 0 && this.random.chance(60) ? tops.shift() : tops.pop();
                return top === undefined ? null : this.#actionTexts(writing, clause, top, item);
            });
            const wanted = actions.filter(Boolean).flat();
            return wanted.length > 0 ? `${writing.word(clause)} ${wanted.join(writing.separator(","))}` : "";
        });
        const text = texts.filter(Boolean).join(" ");
        return text || `REMOVE ${writing.path(["alpha"])}`;
    }

    #actionTexts(writing, clause, top, item) {
        const value = item[top];
        const { random } = this;
        if (clause === "ADD") {
            const type = value && ["N", "SS", "NS", "BS"].includes(typeOf(value)) && random.chance(80) ? typeOf(value) : random.pick(["N", "SS", "NS", "BS"]);
            return [`${writing.path([top])} ${writing.value(this.valueOfType(type))}`];
        }
        if (clause === "DELETE") {
            const type = value && ["SS", "NS", "BS"].includes(typeOf(value)) && random.chance(90) ? typeOf(value) : random.pick(["SS", "NS", "BS"]);
            return [`${writing.path([top])} ${writing.value(value?.[type] && random.chance(30) ? value : this.valueOfType(type))}`];
        }
        const paths = random.chance(30) ? this.#pathsUnder(top, item) : [this.#descend([top], value)];
        if (clause === "REMOVE")
            return paths.map((path) => writing.path(path));
        return paths.map((path) => `${writing.path(path)}${writing.sign("=")}${this.#setText(writing, path, item)}`);
    }

    #setText(writing, path, item) {
        const { random } = this;
        const numeric = () => writing.value({ N: random.pick(["1", "-1", "0.5", "10", "1e3"]) });
        const numbers = Object.keys(item).filter((name) => item[name].N !== undefined);
        const lists = Object.keys(item).filter((name) => item[name].L !== undefined);
        const some = (names) => (names.length > 0 && random.chance(85) ? random.pick(names) : random.pick(NAMES));
        const form = random.weighted([["value", 50], ["path", 8], ["sum", 18], ["default", 14], ["append", 10]]);
        const lacksOperand = (form === "sum" && numbers.length === 0) || (form === "append" && lists.length === 0);
        switch (lacksOperand && random.chance(85) ? "default" : form) {
            case "path":
                return writing.path([some(Object.keys(item))]);
            case "sum": {
                const terms = random.shuffled([writing.path([some(numbers)]), numeric()]);
                return random.chance(20) ? `(${terms.join(writing.sign(random.pick(["+", "-"])))})` : terms.join(writing.sign(random.pick(["+", "-"])));
            }
            case "default": {
                const missing = random.chance(50) ? path : [random.pick(NAMES)];
                const text = `if_not_exists(${writing.path(missing)}, ${random.chance(50) ? numeric() : writing.value(this.value(1))})`;
                return random.chance(20) ? `${text} + ${numeric()}` : text;
            }
            case "append":
                return `list_append(${random.shuffled([writing.path([some(lists)]), writing.value(this.valueOfType("L"))]).join(", ")})`;
            default:
                return writing.value(this.value());
        }
    }

    /* ---- items ---- */

    key() {
        return Object.fromEntries(this.table.keys.map(([name, type]) => [name, { [type]: this.random.pick(KEYS[type]) }]));
    }

    item() {
        const names = this.random.shuffled(NAMES).slice(0, this.random.below(6));
        const item = { ...this.key(), ...Object.fromEntries(names.map((name) => [name, this.value()])) };
        if (this.table.padding && this.random.chance(40))
            item.padding = { S: "x".repeat(this.random.between(...this.table.padding)) };
        return item;
    }

    /* An item of the greatest size, or one byte more. */
    #itemAtTheLimit() {
        const item = { ...this.item(), padding: { S: "" } };
        const wanted = 409_600 + (this.random.chance(50) ? 1 : 0);
        item.padding = { S: "x".repeat(wanted - itemBytes(canonicalItem(item))) };
        return item;
    }

    value(depth = 3) {
        const types = ["S", "S", "N", "N", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", ...(depth > 0 ? ["L", "L", "M", "M"] : [])];
        return this.valueOfType(this.random.pick(types), depth);
    }

    scalar() {
        return this.valueOfType(this.random.pick(["S", "N", "B"]));
    }

    valueOfType(type, depth = 2) {
        const { random } = this;
        switch (type) {
            case "S":
                return { S: random.pick(STRINGS) };
            case "N":
                return { N: random.pick(NUMBERS) };
            case "B":
                return { B: random.pick(BLOBS) };
            case "BOOL":
                return { BOOL: random.chance(50) };
            case "NULL":
                return { NULL: true };
            case "SS":
                return { SS: random.shuffled(STRINGS).slice(0, random.between(1, 3)) };
            case "NS":
                return { NS: random.shuffled(NUMBERS.filter((text) => !["-0", ".5"].includes(text))).slice(0, random.between(1, 3)) };
            case "BS":
                return { BS: random.shuffled(BLOBS).slice(0, random.between(1, 3)) };
            case "L":
                return { L: Array.from({ length: random.below(4) }, () => this.value(depth - 1)) };
            default: {
                const names = random.shuffled(["x", "y", "alpha", "dotted.one"]).slice(0, random.below(4));
                return { M: Object.fromEntries(names.map((name) => [name, this.value(depth - 1)])) };
            }
        }
    }

    /* ---- what is there ---- */

    sample() {
        const items = this.#model.itemsOf(this.table.name);
        return items.length > 0 ? this.random.pick(items) : this.item();
    }

    itemOf(item) {
        return this.#model.itemOf(this.table.name, this.keyOf(item));
    }

    keyOf(item) {
        return Object.fromEntries(this.table.keys.map(([name]) => [name, item[name]]));
    }

    withoutKey(item) {
        return Object.fromEntries(Object.entries(item).filter(([name]) => !this.table.keys.some(([key]) => key === name)));
    }
}

function valueUnder(item, path) {
    return path.reduce((value, part) => (value?.L ?? value?.M)?.[part], { M: item });
}

/* With different keys, as the store compares them. */
export function distinct(items, keyOf = (item) => item) {
    const seen = new Set();
    return items.filter((item) => {
        const name = JSON.stringify(canonicalItem(keyOf(item)));
        return !seen.has(name) && seen.add(name);
    });
}
